//! A model from any bytes, with a right length and a right checksum around them, so that what follows is reached.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rosenblatt_train::Model;

/// What precedes the checksum, as JSON inside JSON.
const BEFORE: &[u8] = br#"\"checksum\":\""#;

fuzz_target!(|bytes: &[u8]| {
    let _ = Model::from_bytes(bytes);
    // What was read and written again is read and written as it is: numbers may have been longer than they need be.
    if let Ok(model) = Model::from_bytes(&sealed(bytes.to_vec()))
        && let Ok(written) = model.to_bytes()
    {
        let again = Model::from_bytes(&written).and_then(|model| model.to_bytes());
        assert!(again.as_ref() == Ok(&written), "{:?}", again.err());
    }
});

fn sealed(mut bytes: Vec<u8>) -> Vec<u8> {
    if let Some(at) = bytes.windows(BEFORE.len()).position(|window| window == BEFORE) {
        let at = at + BEFORE.len();
        if at + 8 <= bytes.len() {
            bytes[at..at + 8].copy_from_slice(b"00000000");
            let sum = format!("{:08x}", crc32c(&bytes));
            bytes[at..at + 8].copy_from_slice(sum.as_bytes());
        }
    }
    bytes
}

/// CRC-32C, bit by bit.
fn crc32c(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(u32::MAX, |sum, &byte| {
        (0..8).fold(sum ^ u32::from(byte), |sum, _| {
            (sum >> 1) ^ (0x82f6_3b78 & 0u32.wrapping_sub(sum & 1))
        })
    })
}
