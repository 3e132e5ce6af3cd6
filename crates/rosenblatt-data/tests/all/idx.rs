//! IDX files: every type, every way to be wrong.
#![cfg(test)]

use crate::common;

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;
use rosenblatt_data::{Images, Input, idx};
use rosenblatt_tensor::{Error, ErrorKind, Tensor};
use rosenblatt_testkit::seeded_cases;

fn file(code: u8, shape: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, code, shape.len() as u8];
    shape.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut writer = GzEncoder::new(Vec::new(), Compression::default());
    writer.write_all(bytes).unwrap();
    writer.finish().unwrap()
}

fn read(bytes: &[u8]) -> Result<Tensor, Error> {
    idx::read(&Input::memory("x.idx", bytes.to_vec()))
}

#[test]
fn every_type_in_big_endian() {
    let big = |values: &[i32]| values.iter().flat_map(|v| v.to_be_bytes()).collect::<Vec<u8>>();
    assert_eq!(
        read(&file(8, &[2], &[1, 255])).unwrap().to_vec::<u8>().unwrap(),
        [1, 255]
    );
    assert_eq!(
        read(&file(9, &[2], &[1, 255])).unwrap().to_vec::<i64>().unwrap(),
        [1, -1]
    );
    assert_eq!(
        read(&file(0xb, &[2], &[1, 0, 255, 254]))
            .unwrap()
            .to_vec::<i64>()
            .unwrap(),
        [256, -2]
    );
    assert_eq!(
        read(&file(0xc, &[2], &big(&[70_000, -3])))
            .unwrap()
            .to_vec::<i64>()
            .unwrap(),
        [70_000, -3]
    );
    assert_eq!(
        read(&file(0xd, &[1], &1.5f32.to_be_bytes()))
            .unwrap()
            .to_vec::<f32>()
            .unwrap(),
        [1.5]
    );
    assert_eq!(
        read(&file(0xe, &[1], &(-0.1f64).to_be_bytes()))
            .unwrap()
            .to_vec::<f64>()
            .unwrap(),
        [-0.1]
    );
}

#[test]
fn packed_or_not_and_of_any_size() {
    for shape in [
        &[0u32][..],
        &[1],
        &[0, 28, 28],
        &[3, 0],
        &[2, 3, 4],
        &[1, 1, 1, 1, 1, 1, 1, 1],
    ] {
        let elements: Vec<u8> = (0..shape.iter().product::<u32>()).map(|i| i as u8).collect();
        let bytes = file(8, shape, &elements);
        for bytes in [bytes.clone(), packed(&bytes)] {
            let tensor = read(&bytes).unwrap();
            assert!(tensor.shape().iter().map(|&size| size as u32).eq(shape.iter().copied()));
            assert_eq!(tensor.to_vec::<u8>().unwrap(), elements);
        }
    }
}

#[test]
fn cut_and_overlong_files_are_refused() {
    let good = file(8, &[2, 3], &[1, 2, 3, 4, 5, 6]);
    for length in 0..good.len() {
        for bytes in [good[..length].to_vec(), packed(&good[..length])] {
            assert_eq!(read(&bytes).unwrap_err().kind(), ErrorKind::Data, "{length}");
        }
    }
    let mut longer = good.clone();
    longer.push(0);
    let expected = "x.idx: byte 12: the header asks for 6 bytes of elements, ";
    assert_eq!(
        read(&longer).unwrap_err().to_string(),
        format!("{expected}the file has 7")
    );
    assert_eq!(
        read(&packed(&longer)).unwrap_err().to_string(),
        format!("{expected}more follow")
    );
    assert_eq!(
        read(&good[..good.len() - 1]).unwrap_err().to_string(),
        format!("{expected}the file has 5")
    );
    let gz = packed(&good);
    for length in 2..gz.len() {
        assert_eq!(read(&gz[..length]).unwrap_err().kind(), ErrorKind::Data, "{length}");
    }
}

/// The header must not decide how much memory is asked for: these would be terabytes.
#[test]
fn a_header_beyond_the_file_is_refused_before_memory_is_asked_for() {
    let most = u32::MAX;
    for shape in [
        &[most][..],
        &[most, most],
        &[most; 8],
        &[1 << 20, 1 << 20],
        &[0, most, most, most, most],
    ] {
        for bytes in [file(0xe, shape, &[]), packed(&file(0xe, shape, &[0; 64]))] {
            assert_eq!(read(&bytes).unwrap_err().kind(), ErrorKind::Data, "{shape:?}");
        }
    }
    for (bytes, what) in [
        (file(8, &[1; 9], &[1]), "axes"),
        (file(8, &[], &[1]), "axes"),
        (file(7, &[1], &[1]), "element type"),
        (vec![1, 0, 8, 1, 0, 0, 0, 1, 1], "is not IDX"),
    ] {
        let error = read(&bytes).unwrap_err();
        assert!(error.to_string().contains(what), "{error}");
    }
}

#[test]
fn labels_are_whole_and_in_their_range() {
    let labels = |bytes: &[u8]| read(bytes).and_then(|tensor| idx::labels(&tensor));
    assert_eq!(labels(&file(8, &[3], &[0, 9, 1])).unwrap(), [0, 9, 1]);
    assert_eq!(labels(&file(9, &[1], &[3])).unwrap(), [3]);
    assert_eq!(
        labels(&file(9, &[2], &[3, 255])).unwrap_err().message(),
        "label -1 of row 2, expected 0 to 65535"
    );
    let wide = |label: i32| labels(&file(0xc, &[1], &label.to_be_bytes()));
    assert_eq!(wide(65_535).unwrap(), [65_535]);
    assert!(wide(65_536).unwrap_err().message().contains("65536 of row 1"));
    assert!(labels(&file(8, &[3, 1], &[0, 9, 1])).is_err());
    assert!(labels(&file(0xd, &[1], &1f32.to_be_bytes())).is_err());
}

#[test]
fn images_are_bytes_in_three_axes() {
    let images = |bytes: Vec<u8>| Images::read(&Input::memory("x.idx", bytes));
    assert_eq!(images(file(8, &[1, 2, 2], &[1, 2, 3, 4])).unwrap().len(), 1);
    assert!(images(file(8, &[4], &[1, 2, 3, 4])).is_err());
    assert!(images(file(9, &[1, 2, 2], &[1, 2, 3, 4])).is_err());
}

/// Flipped bits, cuts, insertions and foreign pieces: a tensor or an error, quickly, and nothing else.
#[test]
fn four_thousand_mutants_never_panic() {
    let plain = file(8, &[4, 5, 5], &[7; 100]);
    let originals = [
        plain.clone(),
        packed(&plain),
        file(0xc, &[6], &[1; 24]),
        packed(&file(0xe, &[2, 2], &[63; 32])),
    ];
    let (mut read_well, mut refused) = (0, 0);
    for seed in seeded_cases(40_000) {
        let bytes = common::mutant(&originals[seed as usize % originals.len()], seed);
        match read(&bytes) {
            Ok(tensor) => {
                assert!(tensor.elements() <= 1032 * bytes.len());
                read_well += 1;
            }
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Data, "{error:?}");
                refused += 1;
            }
        }
    }
    assert!(read_well > 0 && refused > 0, "{read_well} read, {refused} refused");
}
