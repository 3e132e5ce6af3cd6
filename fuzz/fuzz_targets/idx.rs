//! A tensor from any bytes; what is refused has file and place.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rosenblatt_data::{Input, idx};

fuzz_target!(|bytes: &[u8]| {
    match idx::read(&Input::memory("file", bytes.to_vec())) {
        Ok(tensor) => assert!(tensor.elements() <= 1032 * bytes.len()),
        Err(error) => {
            let (message, is_other_format) = (error.to_string(), error.to_string().starts_with("file: this is "));
            assert!(is_other_format || message.starts_with("file: byte "), "{error}");
        }
    }
});
