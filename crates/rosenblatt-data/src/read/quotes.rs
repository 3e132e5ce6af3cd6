//! What is wrong with a line of cells, if anything: broken quotes, stray line ends, NUL bytes.

/// Why a record is refused.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Fault {
    /// A NUL byte.
    Nul,
    /// A carriage return that does not end the line, where lines end in line feeds.
    CarriageReturn,
    /// A line feed outside quotes, where lines end in carriage returns.
    LineFeed,
    /// A character after a closing quote.
    AfterQuote(u8),
    /// A quote that is never closed.
    Unclosed,
}

/// What a look at the bytes of a record finds.
#[derive(Debug, PartialEq)]
pub(super) enum Checked {
    Fine,
    /// There is white space before a quote that opens a cell.
    BlanksBeforeQuotes,
    /// In a cell, counted from 1, so many lines below the first.
    Fault(Fault, usize, u64),
}

#[derive(Clone, Copy, PartialEq)]
enum At {
    /// Nothing but white space yet, from here on.
    Start(usize),
    Bare,
    /// Behind a carriage return: the line has to end here.
    Return,
    Quoted,
    /// Behind a quote in a quoted cell: it closes the cell, unless another one follows.
    Closing,
    /// Behind a closing quote and white space.
    Closed,
}

/// Looks at the bytes of one record with its line end, for what a lenient splitter would accept.
pub(super) fn check(record: &[u8], delimiter: u8, line_end: u8) -> Checked {
    let (mut at, mut cell, mut lines, mut opened) = (At::Start(0), 1, 0, 0);
    for (i, &byte) in record.iter().enumerate() {
        let fault = |fault| Checked::Fault(fault, cell, lines);
        let is_blank = matches!(byte, b' ' | b'\t');
        at = match (at, byte) {
            (_, 0) => return fault(Fault::Nul),
            (At::Quoted, b'"') => At::Closing,
            (At::Quoted, _) => at,
            (At::Closing, b'"') => At::Quoted,
            (_, byte) if byte == line_end => At::Start(i + 1),
            (_, b'\r') => At::Return,
            (At::Return, _) => return fault(Fault::CarriageReturn),
            (_, b'\n') => return fault(Fault::LineFeed),
            (_, byte) if byte == delimiter => {
                cell += 1;
                At::Start(i + 1)
            }
            (At::Start(from), b'"') if from < i => return Checked::BlanksBeforeQuotes,
            (At::Start(_), b'"') => {
                opened = lines;
                At::Quoted
            }
            (At::Start(_), _) if is_blank => at,
            (At::Closing | At::Closed, _) if is_blank => At::Closed,
            (At::Closing | At::Closed, byte) => return fault(Fault::AfterQuote(byte)),
            _ => At::Bare,
        };
        lines += u64::from(byte == line_end);
    }
    match at {
        At::Quoted => Checked::Fault(Fault::Unclosed, cell, opened),
        _ => Checked::Fine,
    }
}

/// The same record without white space before quotes that open cells.
pub(super) fn without_blanks(record: &[u8], delimiter: u8, line_end: u8) -> Vec<u8> {
    let mut kept = Vec::with_capacity(record.len());
    let mut at = At::Start(0);
    for &byte in record {
        at = match (at, byte) {
            (At::Quoted, b'"') => At::Closing,
            (At::Closing, b'"') => At::Quoted,
            (At::Quoted, _) => at,
            (_, byte) if byte == line_end || byte == delimiter => At::Start(kept.len() + 1),
            (At::Start(from), b'"') => {
                kept.truncate(from);
                At::Quoted
            }
            (At::Start(_), b' ' | b'\t') => at,
            _ => At::Bare,
        };
        kept.push(byte);
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blanks_before_quotes_are_left_out() {
        let without = |record: &str| String::from_utf8(without_blanks(record.as_bytes(), b',', b'\n')).unwrap();
        assert_eq!(without(" \"a\",  \"b, \"\"c\",d \"e\n"), "\"a\",\"b, \"\"c\",d \"e\n");
        assert_eq!(without("a, b ,\t\"c\nd\"\n"), "a, b ,\"c\nd\"\n");
    }

    #[test]
    fn records_as_they_are() {
        let fault = |fault, cell, line| Checked::Fault(fault, cell, line);
        for (record, expected) in [
            ("a,b\n", Checked::Fine),
            ("\"a\"\"b\",\"c\nd\" ,5\" pipe\r\n", Checked::Fine),
            ("1\r\r\n", Checked::Fine),
            ("a, \"x\"\n", Checked::BlanksBeforeQuotes),
            ("a\0\n", fault(Fault::Nul, 1, 0)),
            ("a,b\rc\n", fault(Fault::CarriageReturn, 2, 0)),
            ("\"a\nb\",\"c\"d\n", fault(Fault::AfterQuote(b'd'), 2, 1)),
            ("\"a\n\",\"b\nc\n", fault(Fault::Unclosed, 2, 1)),
        ] {
            assert_eq!(check(record.as_bytes(), b',', b'\n'), expected, "{record:?}");
        }
        assert_eq!(check(b"a\nb\r", b',', b'\r'), fault(Fault::LineFeed, 1, 0));
    }
}
