//! Memory on disk.

use std::sync::Arc;

use rosenblatt_tensor::{DType, Layout, ScratchFile, Shape, Tensor};

#[test]
fn what_is_written_is_read_as_if_in_memory() {
    let mut file = ScratchFile::new().unwrap();
    let bytes = file.write(&[1u8, 2, 3]).unwrap();
    let numbers: Vec<f64> = (0..10_000).map(f64::from).collect();
    let all = file.write(&numbers[..4000]).unwrap();
    file.append(&numbers[4000..]).unwrap();
    assert_eq!((bytes, all.start), (0..3, 64));
    let mapped = file.map(all.start..all.start + 80_000).unwrap().within(100_000);
    let layout = Layout::contiguous(Shape::new(&[100, 100]).unwrap());
    let tensor = Tensor::from_foreign(Arc::new(mapped.clone()), DType::F64, layout).unwrap();
    for _ in 0..3 {
        assert_eq!(tensor.to_vec::<f64>().unwrap(), numbers);
        tensor.touch(80_000);
    }
    // Further bytes and pages that are dropped change nothing, nor does the end of the file.
    file.write(&[7u8; 9000]).unwrap();
    mapped.release();
    drop((file, mapped));
    assert_eq!(tensor.to_vec::<f64>().unwrap(), numbers);
}

#[test]
fn parts_that_are_not_there_are_refused_and_empty_ones_are_empty() {
    let mut file = ScratchFile::new().unwrap();
    let place = file.write::<i64>(&[]).unwrap();
    assert_eq!(file.map(place).unwrap().as_ref(), [0u8; 0]);
    file.write(&[1i64]).unwrap();
    assert!(file.map(0..9).is_err());
    #[expect(clippy::reversed_empty_ranges, reason = "such a part is refused")]
    let reversed = file.map(8..0);
    assert!(reversed.is_err());
}
