//! What a file tells about itself in its first bytes: byte order mark and delimiter.

use rosenblatt_tensor::{Error, Result};

/// Delimiters in the order of preference.
const DELIMITERS: [u8; 3] = *b",\t;";

/// Bytes before the text that are not part of it.
///
/// # Errors
/// The mark belongs to UTF-16.
pub(super) fn mark_length(prefix: &[u8]) -> Result<usize> {
    match prefix {
        [0xef, 0xbb, 0xbf, ..] => Ok(3),
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] => Err(Error::data("the text is UTF-16").hint("save the file as UTF-8")),
        _ => Ok(0),
    }
}

/// The delimiter that stands most often in the first line that has characters, outside quotes; comma if none does.
pub(super) fn delimiter(prefix: &[u8]) -> u8 {
    let mut counts = [0usize; 3];
    let (mut quoted, mut empty) = (false, true);
    for &byte in prefix {
        match byte {
            b'"' => quoted = !quoted,
            b'\n' if !quoted && !empty => break,
            _ => {
                if let Some(i) = DELIMITERS.iter().position(|&d| d == byte && !quoted) {
                    counts[i] += 1;
                }
            }
        }
        empty &= byte.is_ascii_whitespace() && byte != b'\t';
    }
    let most = counts.iter().max().copied().unwrap_or(0);
    counts
        .iter()
        .position(|&count| count == most)
        .map_or(b',', |i| DELIMITERS[i])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_header_line_decides() {
        for (text, expected) in [
            ("a,b\n1;2;3", b','),
            ("a;b\n1,5;2,5", b';'),
            ("a\tb\tc,d\n", b'\t'),
            ("\"x;y;z\",b\n", b','),
            ("\r\n\n a;b\r\n", b';'),
            ("alone\n", b','),
            ("", b','),
            ("\"a\nb\";c\n", b';'),
        ] {
            assert_eq!(delimiter(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn marks() {
        assert_eq!(mark_length(b"\xef\xbb\xbfa,b").unwrap(), 3);
        assert_eq!(mark_length(b"a,b").unwrap(), 0);
        assert!(mark_length(b"\xff\xfea\0").is_err());
    }
}
