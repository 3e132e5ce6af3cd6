//! The bytes of model files, changed and sealed again.

use serde_json::{Value, json};

/// A file with a right length and a right checksum around whatever is in it.
#[must_use]
pub fn sealed(header: &[u8], data: &[u8]) -> Vec<u8> {
    const BEFORE: &[u8] = br#"\"checksum\":\""#;
    let mut bytes = [&(header.len() as u64).to_le_bytes()[..], header, data].concat();
    let place = bytes.windows(BEFORE.len()).position(|window| window == BEFORE);
    if let Some(at) = place.map(|at| at + BEFORE.len()).filter(|at| at + 8 <= bytes.len()) {
        bytes[at..at + 8].copy_from_slice(b"00000000");
        let sum = format!("{:08x}", crc32c::crc32c(&bytes));
        bytes[at..at + 8].copy_from_slice(sum.as_bytes());
    }
    bytes
}

/// A model file taken apart.
pub struct ModelParts {
    /// The header: tensors by name.
    pub header: Value,
    /// The metadata of the file.
    pub document: Value,
    /// The numbers.
    pub data: Vec<u8>,
}

impl ModelParts {
    /// The parts of a sound file.
    ///
    /// # Panics
    /// If it is not one.
    #[must_use]
    #[expect(clippy::unwrap_used, reason = "tests give sound files")]
    pub fn of(bytes: &[u8]) -> Self {
        let length = u64::from_le_bytes(bytes[..8].try_into().unwrap()) as usize;
        let header: Value = serde_json::from_slice(&bytes[8..8 + length]).unwrap();
        let document = serde_json::from_str(header["__metadata__"]["rosenblatt"].as_str().unwrap()).unwrap();
        Self {
            header,
            document,
            data: bytes[8 + length..].to_vec(),
        }
    }

    /// The file whose header says `document`.
    #[must_use]
    pub fn with_document(&self, document: &str) -> Vec<u8> {
        let mut header = self.header.clone();
        header["__metadata__"]["rosenblatt"] = json!(document);
        sealed(header.to_string().as_bytes(), &self.data)
    }

    /// The file.
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        self.with_document(&self.document.to_string())
    }
}
