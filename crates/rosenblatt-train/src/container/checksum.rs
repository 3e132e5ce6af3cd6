//! The checksum of a model file: CRC-32C of all of it, with its own eight digits as `0`.

use rosenblatt_tensor::{Error, Result};

use super::header_bytes;

/// The placeholder of the checksum while it is computed.
pub(super) const NO_CHECKSUM: &str = "00000000";
/// What precedes the checksum, as JSON inside JSON.
const BEFORE_CHECKSUM: &[u8] = br#"\"checksum\":\""#;

/// Where the digits are.
#[derive(Clone, Copy)]
pub(super) struct Place(usize);

impl Place {
    /// Their place in a file, by its header; `None` if they have none.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let header = header_bytes(bytes);
        let mut windows = header.windows(BEFORE_CHECKSUM.len());
        let at = windows.position(|window| window == BEFORE_CHECKSUM)? + BEFORE_CHECKSUM.len();
        (at + NO_CHECKSUM.len() <= header.len()).then_some(Self(8 + at))
    }

    fn digits(self) -> std::ops::Range<usize> {
        self.0..self.0 + NO_CHECKSUM.len()
    }

    /// The checksum of the first bytes of a file, which hold the digits.
    pub fn sum(self, bytes: &[u8]) -> u32 {
        let before = crc32c::crc32c_append(crc32c::crc32c(&bytes[..self.0]), NO_CHECKSUM.as_bytes());
        crc32c::crc32c_append(before, &bytes[self.digits().end..])
    }

    /// Refuses a file whose checksum is another one than its digits say.
    pub fn check(self, bytes: &[u8], sum: u32) -> Result<()> {
        if bytes[self.digits()] == *digits(sum).as_bytes() {
            return Ok(());
        }
        let error = Error::data("the checksum does not match: the file is damaged or cut short");
        Err(error.within(format!("byte {}", self.0)))
    }

    /// Writes the digits.
    pub fn seal(self, bytes: &mut [u8]) {
        let sum = digits(self.sum(bytes));
        bytes[self.digits()].copy_from_slice(sum.as_bytes());
    }
}

fn digits(sum: u32) -> String {
    format!("{sum:08x}")
}
