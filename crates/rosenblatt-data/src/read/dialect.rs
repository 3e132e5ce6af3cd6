//! What follows from a file itself: delimiter and line ends.

use super::PREFIX;

/// Delimiters in the order of preference.
const DELIMITERS: [u8; 4] = *b",\t;|";

/// How many lines are looked at.
const LINES: usize = 50;

/// The lines of the first bytes of a file, without one that is cut off.
pub(super) fn whole_lines(prefix: &[u8], line_end: u8) -> &[u8] {
    match prefix.len() < PREFIX {
        true => prefix,
        false => &prefix[..memchr::memrchr(line_end, prefix).map_or(0, |at| at + 1)],
    }
}

/// Whether this can be a delimiter.
pub(crate) fn is_delimiter(byte: u8) -> bool {
    byte == b'\t' || byte == b' ' || byte.is_ascii_punctuation() && byte != b'"'
}

/// How often each delimiter occurs in a line, outside quotes.
type Counts = [usize; DELIMITERS.len()];

/// The delimiter of a file that begins like this; comma if none of them occurs.
///
/// Of those in the first line with characters, the one that most of the next lines have as often as that line; then the most
/// frequent. If most lines have another number of it, the first line may be no header: then the one that most lines have equally
/// often.
pub(super) fn delimiter(prefix: &[u8]) -> u8 {
    let lines = counts(prefix);
    let Some(header) = lines.first() else { return b',' };
    let like = |i: usize, count: usize| lines.iter().filter(|line| line[i] == count).count();
    let of_header = |i: usize| (header[i] > 0).then(|| (like(i, header[i]), header[i], DELIMITERS.len() - i));
    let of_lines = |i: usize| {
        let last = lines.last().map_or(0, |line| line[i]);
        (last > 0).then(|| (like(i, last), last, DELIMITERS.len() - i))
    };
    let best = |score: &dyn Fn(usize) -> Option<(usize, usize, usize)>| {
        let scored = (0..DELIMITERS.len()).filter_map(|i| Some((score(i)?, i)));
        scored
            .max()
            .map(|((alike, ..), i)| (2 * alike > lines.len(), DELIMITERS[i]))
    };
    match (best(&of_header), best(&of_lines)) {
        (Some((true, of_header)), _) => of_header,
        (_, Some((true, of_lines))) => of_lines,
        (Some((_, of_header)), _) => of_header,
        (None, _) => b',',
    }
}

fn counts(prefix: &[u8]) -> Vec<Counts> {
    let (mut lines, mut line, mut empty) = (Vec::new(), Counts::default(), true);
    for (byte, outside) in with_quotes(prefix, &DELIMITERS) {
        if outside && matches!(byte, b'\n' | b'\r') {
            if !empty {
                lines.push(line);
            }
            (line, empty) = (Counts::default(), true);
            if lines.len() == LINES {
                return lines;
            }
            continue;
        }
        if let Some(i) = DELIMITERS.iter().position(|&d| d == byte && outside) {
            line[i] += 1;
        }
        empty &= byte.is_ascii_whitespace() && byte != b'\t';
    }
    if lines.is_empty() {
        lines.push(line); // A header without a line end, or longer than what is looked at.
    }
    lines
}

/// CR if lines end in it and never in LF, else LF.
pub(super) fn line_end(prefix: &[u8], delimiter: u8) -> u8 {
    let prefix = prefix.strip_suffix(b"\r").unwrap_or(prefix); // What follows it may lie beyond the prefix.
    let mut ends = with_quotes(prefix, std::slice::from_ref(&delimiter))
        .filter(|&(byte, outside)| outside && matches!(byte, b'\n' | b'\r'))
        .map(|(byte, _)| byte);
    if ends.next() == Some(b'\r') && ends.all(|byte| byte == b'\r') {
        b'\r'
    } else {
        b'\n'
    }
}

/// Where a byte is.
#[derive(Clone, Copy, PartialEq)]
enum At {
    /// At the beginning of a cell, perhaps behind white space.
    Start,
    Bare,
    Quoted,
    /// Behind a quote in a quoted cell: it closes the cell, unless another one follows.
    Closing,
}

/// Every byte, and whether it is outside quotes. A quote counts at the beginning of a cell only: `5" pipe` has none.
fn with_quotes(bytes: &[u8], delimiters: &[u8]) -> impl Iterator<Item = (u8, bool)> {
    let mut at = At::Start;
    bytes.iter().map(move |&byte| {
        at = match (at, byte) {
            (At::Start | At::Closing, b'"') => At::Quoted,
            (At::Quoted, b'"') => At::Closing,
            (At::Quoted, _) => At::Quoted,
            (_, b'\n' | b'\r') => At::Start,
            (_, byte) if delimiters.contains(&byte) => At::Start,
            (At::Start, b' ' | b'\t') => At::Start,
            _ => At::Bare,
        };
        (byte, !matches!(at, At::Quoted | At::Closing))
    })
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
            ("a|b\n1|2\n", b'|'),
            ("\"x;y;z\",b\n", b','),
            ("\r\n\n a;b\r\n", b';'),
            ("a;b\r1;2\r", b';'),
            ("alone\n", b','),
            ("", b','),
            ("\"a\nb\";c\n", b';'),
            ("5\" pipe;length;price\n", b';'),
            ("5\" pipe,\"a;b;c\"\n", b','),
            ("a;\"5\"\" pipe,long,wide\"\n", b';'),
            ("a; \"x,y,z\"\n", b';'),
            ("\"a;b", b','),
        ] {
            assert_eq!(delimiter(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn the_next_lines_decide_between_two() {
        for (text, expected) in [
            ("name;size, in cm, or m\nx;1\ny;2\n", b';'),
            ("name;of,size\nx,1\ny,2\n", b','),
            ("a;b,c;d\n1,5;2;3,5\n2,5;3;4,5\n", b';'),
        ] {
            assert_eq!(delimiter(text.as_bytes()), expected, "{text:?}");
        }
    }

    #[test]
    fn carriage_returns_end_lines_if_nothing_else_does() {
        for (text, expected) in [
            ("a\r1\r", b'\r'),
            ("a\r\n1\r\n", b'\n'),
            ("a\n1\r2", b'\n'),
            ("a\r\"x\ny\"\r", b'\r'),
            ("5\" pipe\r\"x\ny\"\r", b'\r'),
            ("a,5\" pipe\n\"x\r\"\n", b'\n'),
            ("a", b'\n'),
        ] {
            assert_eq!(line_end(text.as_bytes(), b','), expected, "{text:?}");
        }
    }
}
