//! A table from any bytes; what is refused has file and place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rosenblatt_data::Input;
use rosenblatt_data::csv::{CsvOptions, read_with_findings};

fuzz_target!(|bytes: &[u8]| {
    let input = Input::memory("file", bytes.to_vec());
    match read_with_findings(&input, &CsvOptions::default()) {
        Ok((table, _)) => assert!(table.rows() <= bytes.len() || bytes.starts_with(&[0x1f, 0x8b])),
        Err(error) => assert!(error.to_string().starts_with("file:"), "{error}"),
    }
});
