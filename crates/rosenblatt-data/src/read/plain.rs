//! Lines whose cells lie in them as they are: nothing has to be looked at byte by byte, and nothing is copied.

use memchr::{memchr, memchr_iter, memchr2};

use super::rows::Span;

/// Finds the cells of a line without its end, and says whether there are quotes.
///
/// None if there is anything unusual, which the general way has to look at: a quote that does not enclose a whole cell, a doubled
/// one, a NUL byte, a carriage return.
pub(super) fn cells(line: &[u8], delimiter: u8, cells: &mut Vec<Span>) -> Option<bool> {
    cells.clear();
    if memchr2(0, b'\r', line).is_some() {
        return None;
    }
    let (mut from, mut quoted) = (0, false);
    loop {
        let quote = memchr(b'"', &line[from..]).map(|at| from + at);
        let (bare, first) = (&line[from..quote.unwrap_or(line.len())], from);
        for at in memchr_iter(delimiter, bare) {
            cells.push(Span::new(from, first + at));
            from = first + at + 1;
        }
        let Some(quote) = quote else {
            cells.push(Span::new(from, line.len()));
            return Some(quoted);
        };
        quoted = true;
        let start = quote + 1;
        let end = start + memchr(b'"', &line[start..]).filter(|_| from == quote)?;
        cells.push(Span::new(start, end));
        match line.get(end + 1) {
            None => return Some(quoted),
            Some(&byte) if byte == delimiter => from = end + 2,
            Some(_) => return None,
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::read::quotes::{Checked, check};

    fn split(line: &str) -> Option<Vec<&str>> {
        let mut found = Vec::new();
        cells(line.as_bytes(), b',', &mut found)?;
        Some(
            found
                .iter()
                .map(|cell| &line[cell.start as usize..cell.end as usize])
                .collect(),
        )
    }

    #[test]
    fn lines_by_hand() {
        assert_eq!(split(""), Some(vec![""]));
        assert_eq!(split("a,,b,"), Some(vec!["a", "", "b", ""]));
        assert_eq!(split("\"a,b\",\"\",c,\"\""), Some(vec!["a,b", "", "c", ""]));
        assert_eq!(split("\"a\","), Some(vec!["a", ""]));
        for unusual in [
            "\"a",
            "a\"",
            "\"a\"b",
            "\"a\"\"b\"",
            " \"a\"",
            "a\0",
            "a\rb",
            "x\"a\",b",
        ] {
            assert_eq!(split(unusual), None, "{unusual:?}");
        }
    }

    proptest! {
        /// What is split is split as `csv-core` does it, and nothing is wrong with it.
        #[test]
        fn lines_as_in_general(line in "[a,\" \r\0]{0,12}") {
            if let Some(found) = split(&line) {
                let text = format!("{line}\n");
                prop_assert_eq!(check(text.as_bytes(), b',', b'\n'), Checked::Fine);
                let (mut bytes, mut ends) = ([0; 64], [0; 64]);
                let (_, _, _, count) = csv_core::Reader::new().read_record(text.as_bytes(), &mut bytes, &mut ends);
                let cell = |i: usize| &bytes[if i == 0 { 0 } else { ends[i - 1] }..ends[i]];
                let general: Vec<&[u8]> = (0..count).map(cell).collect();
                let found: Vec<&[u8]> = found.iter().map(|cell| cell.as_bytes()).collect();
                // An empty text has no records.
                prop_assert!(general == found || line.is_empty(), "{:?}", line);
            }
        }
    }
}
