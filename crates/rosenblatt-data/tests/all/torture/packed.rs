//! Gzip, whole and damaged, and files that are long or wide.

use std::io::Write as _;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::outcome;

fn packed(bytes: &[u8]) -> Vec<u8> {
    let mut packer = GzEncoder::new(Vec::new(), Compression::default());
    packer.write_all(bytes).unwrap();
    packer.finish().unwrap()
}

#[test]
fn gzip_is_read_whole_or_refused() {
    let table = b"a,b\n1,x\n2,y\n";
    let whole = packed(table);
    let read = "2 rows; a numbers: 1 2; b texts: x y";
    assert_eq!(outcome(&whole), read);
    let parts = [packed(&table[..8]), packed(&table[8..])].concat();
    assert_eq!(outcome(&parts), read, "members one after the other are one file");
    for cut in 2..whole.len() {
        let found = outcome(&whole[..cut]);
        assert!(found.starts_with("error: t: damaged or cut short"), "{cut}: {found}");
    }
    let trailing = outcome(&[&whole[..], b"garbage"].concat());
    assert!(trailing.starts_with("error: t: damaged or cut short"), "{trailing}");
    let mut corrupt = whole.clone();
    let checksum = corrupt.len() - 8;
    corrupt[checksum] ^= 1;
    assert!(outcome(&corrupt).starts_with("error: t: damaged or cut short"));
    assert_eq!(outcome(&packed(b"")), "error: t:1: is empty, expected a header line");
    assert_eq!(
        outcome(&packed(b"\xff\xfea\0\n\x001\0")),
        "1 rows; a numbers: 1; UTF-16 LE"
    );
}

#[test]
fn long_cells_and_wide_rows() {
    let long = "x".repeat(1 << 20);
    assert_eq!(
        outcome(format!("a,b\n{long},1\n\"{long}\n\",2\n").as_bytes()).len(),
        "2 rows; a texts:  \\n; b numbers: 1 2".len() + 2 * long.len() - 2,
        "white space at the end of a cell is not part of it"
    );
    let names: Vec<String> = (0..5000).map(|i| format!("c{i}")).collect();
    let wide = format!("{}\n{}1\n", names.join(","), "1,".repeat(4999));
    assert!(outcome(wide.as_bytes()).ends_with("; c4999 numbers: 1"));
    let ragged = format!("{}\n{}1\n", names.join(","), "1,".repeat(4998));
    assert!(outcome(ragged.as_bytes()).starts_with("error: t:2: 4999 cells, but the header has 5000"));
    let unclosed = format!("a\n\"{long}\n");
    assert!(outcome(unclosed.as_bytes()).starts_with("error: t:2:1: a quote opened here"));
}

/// Cells and line ends must not depend on where a buffer ends.
#[test]
fn the_edges_of_buffers_change_nothing() {
    for length in (1 << 16) - 8..(1 << 16) + 3 {
        let name = "n".repeat(length - 4);
        let found = outcome(format!("{name},b\r\n\"x\"\"y\",1\r\n").as_bytes());
        assert_eq!(found, format!("1 rows; {name} texts: x\\\"y; b numbers: 1"), "{length}");
    }
}
