//! The bytes of a file as UTF-8 without a byte order mark.

use std::io::{BufRead, Cursor, Read};

use rosenblatt_tensor::{Error, Result};

use super::Encoding;
use crate::places::read_error;

/// Takes the byte order mark away, and translates what is UTF-16 by its mark.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] if UTF-16 is damaged; whatever reading meets.
pub(super) fn utf8(mut source: Box<dyn BufRead>, name: &str) -> Result<(Box<dyn BufRead>, Encoding)> {
    let mut mark = Vec::new();
    source
        .by_ref()
        .take(3)
        .read_to_end(&mut mark)
        .map_err(|e| read_error(name, &e))?;
    let (skipped, encoding) = match mark[..] {
        [0xef, 0xbb, 0xbf] => (3, Encoding::Utf8Marked),
        [0xff, 0xfe, ..] => (2, Encoding::Utf16Le),
        [0xfe, 0xff, ..] => (2, Encoding::Utf16Be),
        _ => (0, Encoding::Utf8),
    };
    let mut rest = Cursor::new(mark[skipped..].to_vec()).chain(source);
    let unit = match encoding {
        Encoding::Utf8 | Encoding::Utf8Marked => return Ok((Box::new(rest), encoding)),
        Encoding::Utf16Le => u16::from_le_bytes,
        Encoding::Utf16Be => u16::from_be_bytes,
    };
    let mut bytes = Vec::new();
    rest.read_to_end(&mut bytes).map_err(|e| read_error(name, &e))?;
    let text = utf16(&bytes, unit).map_err(|e| e.within(name))?;
    Ok((Box::new(Cursor::new(text.into_bytes())), encoding))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String> {
    let (units, rest) = bytes.as_chunks::<2>();
    let damaged = |line: usize| {
        let error = Error::data(format!("damaged UTF-16 in line {line}"));
        error.hint("save the file as UTF-8")
    };
    let mut text = String::with_capacity(bytes.len() / 2);
    for character in char::decode_utf16(units.iter().map(|&pair| unit(pair))) {
        match character {
            Ok(character) => text.push(character),
            Err(_) => return Err(damaged(1 + text.matches('\n').count())),
        }
    }
    if rest.is_empty() {
        Ok(text)
    } else {
        Err(damaged(1 + text.matches('\n').count()))
    }
}
