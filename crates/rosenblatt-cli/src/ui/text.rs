//! Metrics and tables for people.

use rosenblatt_train::Metrics;
use rosenblatt_train::text::{number, one_line};

/// Width of all that is printed; only names and values of the user are longer.
pub(crate) const WIDTH: usize = 80;

/// Narrower columns cannot be read.
const NARROW: usize = 12;

/// `accuracy 0.9710, loss 0.0832`.
pub(crate) fn metrics(metrics: &Metrics) -> String {
    let (score, loss) = (metrics.score(), ("loss", metrics.loss()));
    let values = score
        .into_iter()
        .chain([loss])
        .map(|(name, value)| format!("{name} {}", number(value)));
    values.collect::<Vec<_>>().join(", ")
}

/// Rows of cells, `indent` before and two spaces between. If the table is wider than [`WIDTH`], its widest columns are
/// narrowed, and their cells are continued on further lines. Control characters of cells are escaped.
pub(crate) fn table(indent: usize, rows: &[impl AsRef<[String]>]) -> String {
    let shown = |row: &_| {
        AsRef::<[String]>::as_ref(row)
            .iter()
            .map(|cell| one_line(cell))
            .collect::<Vec<_>>()
    };
    let rows: Vec<Vec<String>> = rows.iter().map(shown).collect();
    lay_out(indent, &rows)
}

fn lay_out(indent: usize, rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let room = WIDTH.saturating_sub(indent + 2 * columns.saturating_sub(1));
    let largest = |size: fn(&str) -> usize| {
        let of = |column: usize| rows.iter().map(|row| size(&row[column])).max().unwrap_or(0);
        (0..columns).map(of).collect::<Vec<_>>()
    };
    let mut widths = largest(|cell| cell.chars().count());
    let words = largest(|cell| cell.split(' ').map(|word| word.chars().count()).max().unwrap_or(0));
    // Words are cut only where it does not fit otherwise.
    narrow(&mut widths, &words, room);
    narrow(&mut widths, &vec![NARROW; columns], room);
    let mut text = String::new();
    for row in rows {
        let cells = row.iter().zip(&widths).map(|(cell, &width)| lines(cell, width));
        let cells: Vec<Vec<String>> = cells.collect();
        for i in 0..cells.iter().map(Vec::len).max().unwrap_or(0) {
            let cell =
                |(lines, width): (&Vec<String>, &usize)| format!("{:<width$}", lines.get(i).map_or("", String::as_str));
            let line = cells.iter().zip(&widths).map(cell).collect::<Vec<_>>().join("  ");
            text += &format!("{:indent$}{}\n", "", line.trim_end());
        }
    }
    text
}

/// Takes from the widest columns until all fit `room`, or none is wider than its least width.
fn narrow(widths: &mut [usize], least: &[usize], room: usize) {
    while widths.iter().sum::<usize>() > room {
        let wide = widths.iter_mut().zip(least).filter(|(width, least)| **width > **least);
        let Some((widest, least)) = wide.max_by_key(|(width, _)| **width) else {
            return;
        };
        *widest = (*widest - 1).min(WIDTH).max(*least);
    }
}

/// Every line of a text, continued with two more spaces before it if it is longer than [`WIDTH`].
pub(crate) fn folded(text: &str) -> String {
    let fold = |line: &str| {
        let words = line.trim_start();
        // Names may begin with any number of spaces, and a format takes a width of at most 65,535.
        let indent = (line.len() - words.len()).min(WIDTH / 2);
        let mut parts = lines(words, WIDTH - indent - 2).into_iter();
        let first = format!("{:indent$}{}\n", "", parts.next().unwrap_or_default());
        parts.fold(first, |text, part| text + &format!("{:indent$}  {part}\n", ""))
    };
    text.lines().map(fold).collect()
}

/// A text in lines of at most `width` letters, cut between words where there are some.
fn lines(text: &str, width: usize) -> Vec<String> {
    let letters: Vec<char> = text.chars().collect();
    let (mut rest, mut lines) = (&letters[..], Vec::new());
    while rest.len() > width.max(1) {
        let space = rest[..=width]
            .iter()
            .rposition(|&letter| letter == ' ')
            .filter(|&at| at > 0);
        let (line, after) = rest.split_at(space.unwrap_or(width.max(1)));
        lines.push(line.iter().collect());
        rest = after.strip_prefix(&[' ']).unwrap_or(after);
    }
    lines.push(rest.iter().collect());
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_aligned_by_letters() {
        let row = |a: &str, b: &str| [a.to_owned(), b.to_owned()];
        assert_eq!(
            table(2, &[row("é", "1"), row("abc", "2"), row("x", "")]),
            "  é    1\n  abc  2\n  x\n"
        );
        let none: [[String; 2]; 0] = [];
        assert_eq!(table(2, &none), "");
    }

    #[test]
    fn names_of_any_length_fit_a_table() {
        for cell in [
            "x".repeat(66_000),
            " ".repeat(66_000),
            format!("a {}", "y".repeat(66_000)),
            "\u{e9}".repeat(70_000),
        ] {
            let rows = [vec![cell.clone(), cell, "1".to_owned()], vec!["a".to_owned(); 3]];
            assert!(table(2, &rows).lines().all(|line| line.chars().count() <= WIDTH));
        }
        let many = [vec!["z".repeat(70_000); 40]];
        let widest = table(2, &many).lines().map(|line| line.chars().count()).max();
        assert_eq!(widest, Some(2 + 40 * NARROW + 39 * 2));
    }

    #[test]
    fn wide_tables_and_lines_are_continued_between_words() {
        let words = |count: usize| vec!["word"; count].join(" ");
        let wide = table(
            2,
            &[
                ["a".to_owned(), words(30), words(20)],
                ["b".into(), "c".into(), "d".into()],
            ],
        );
        assert!(wide.lines().all(|line| line.chars().count() <= WIDTH), "{wide}");
        assert_eq!(wide.matches("word").count(), 50);
        assert!(wide.ends_with(&format!("\n  b  c{:38}d\n", "")), "{wide}");
        assert_eq!(lines("", 3), [""]);
        assert_eq!(lines("abcd ef", 3), ["abc", "d", "ef"]);
        let long = format!("  {}\nshort\n", words(20));
        let folded = folded(&long);
        assert!(folded.lines().all(|line| line.chars().count() <= WIDTH), "{folded}");
        let far = " ".repeat(1 << 17) + "word";
        assert_eq!(super::folded(&far), format!("{:40}word\n", ""));
        assert!(folded.starts_with("  word") && folded.contains("\n    word") && folded.ends_with("\nshort\n"));
    }
}
