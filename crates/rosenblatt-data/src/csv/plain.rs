//! The rows that nearly all files consist of, split at once.
//!
//! A row is plain if nothing in it needs a decision: cells are bare, or quoted from their first byte to their last
//! without a quote or a line end inside; it ends like the other rows. Everything else, damaged rows among it, is left to
//! [`super::records`], which goes byte by byte and knows what to say. Both split a plain row in the same way: a test there
//! reads damaged tables with and without this.

/// The first byte at which a bare cell may end: the delimiter, a line end, or NUL, which is refused.
///
/// Eight bytes at a time: `(x − 0x01…) & !x & 0x80…` has its lowest bit where the lowest byte of `x` is 0 (Mycroft's test).
pub(super) fn end_of_bare(text: &[u8], delimiter: u8) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    let zeros = |x: u64| x.wrapping_sub(ONES) & !x & (ONES << 7);
    let of_delimiter = ONES * u64::from(delimiter);
    let (words, rest) = text.as_chunks::<8>();
    for (i, word) in words.iter().enumerate() {
        let x = u64::from_le_bytes(*word);
        let lines = zeros(x ^ (ONES * u64::from(b'\n'))) | zeros(x ^ (ONES * u64::from(b'\r')));
        let found = zeros(x ^ of_delimiter) | lines | zeros(x);
        if found != 0 {
            return Some(8 * i + found.trailing_zeros() as usize / 8);
        }
    }
    let ends = |&byte: &u8| byte == delimiter || matches!(byte, b'\n' | b'\r' | 0);
    let in_rest = rest.iter().position(ends)?;
    Some(8 * words.len() + in_rest)
}

/// The end of a plain row.
pub(super) struct End {
    /// Number of its bytes, line end included.
    pub length: usize,
    /// Whether a carriage return is part of the line end.
    pub returned: bool,
    /// Whether a cell is quoted.
    pub quoted: bool,
}

/// Splits the first row of `chunk` if it is plain; `cells` are the first and last places of its cells.
pub(super) fn row(chunk: &[u8], delimiter: u8, line_end: u8, cells: &mut Vec<(usize, usize)>) -> Option<End> {
    let (mut at, mut quoted) = (0, false);
    loop {
        let rest = chunk.get(at..)?;
        let first = *rest.first()?;
        if first == b'"' {
            let inside = rest[1..]
                .iter()
                .position(|byte| matches!(byte, b'"' | b'\n' | b'\r' | 0))?;
            cells.push((at + 1, at + 1 + inside));
            if rest[1 + inside] != b'"' {
                return None;
            }
            at += inside + 2;
            quoted = true;
        } else {
            if first != delimiter && is_blank(first) && starts_with_quote(rest) {
                return None;
            }
            let length = end_of_bare(rest, delimiter)?;
            cells.push((at, at + length));
            at += length;
        }
        let end = |length, returned| End {
            length,
            returned,
            quoted,
        };
        match *chunk.get(at)? {
            byte if byte == delimiter => at += 1,
            byte if byte == line_end => return Some(end(at + 1, byte == b'\r')),
            b'\r' if *chunk.get(at + 1)? == line_end => return Some(end(at + 2, true)),
            _ => return None,
        }
    }
}

fn is_blank(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t')
}

/// Whether there is nothing but white space before a quote.
fn starts_with_quote(text: &[u8]) -> bool {
    text.iter().find(|&&byte| !is_blank(byte)) == Some(&b'"')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Option<(Vec<&str>, usize)> {
        let mut cells = Vec::new();
        let end = row(text.as_bytes(), b',', b'\n', &mut cells)?;
        Some((
            cells.iter().map(|&(start, end)| &text[start..end]).collect(),
            end.length,
        ))
    }

    #[test]
    fn plain_rows_are_split() {
        assert_eq!(split("1,x y,\r\nnext"), Some((vec!["1", "x y", ""], 8)));
        assert_eq!(split("\"a,b\",5\" pipe\n"), Some((vec!["a,b", "5\" pipe"], 14)));
        assert_eq!(split("\n"), Some((vec![""], 1)));
        assert_eq!(split(" a, \n"), Some((vec![" a", " "], 5)));
    }

    #[test]
    fn the_end_of_a_bare_cell_is_its_first_special_byte() {
        let plain: Vec<u8> = (1..=255).filter(|byte| !b",\n\r".contains(byte)).collect();
        for end in *b",\n\r\0" {
            for length in 0..plain.len() {
                let text = [&plain[..length], &[end], &plain[..9]].concat();
                assert_eq!(end_of_bare(&text, b','), Some(length));
                assert_eq!(end_of_bare(&text[..length], b','), None);
            }
        }
    }

    #[test]
    fn others_are_left_to_the_other_way() {
        for text in [
            "",
            "1,2",
            "1,\"2",
            "\"a\"\"b\"\n",
            "\"a\nb\"\n",
            "\"a\" ,1\n",
            " \"a\",1\n",
            "1\r2\n",
            "1\0\n",
            "\"a\"x\n",
            "1\r",
        ] {
            assert_eq!(split(text), None, "{text:?}");
        }
    }
}
