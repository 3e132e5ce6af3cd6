//! The first and the last lines of a file.

use rosenblatt_data::HeaderLine;
use rosenblatt_data::read::{Encoding, ReadOptions};

use super::*;

#[test]
fn lines_before_the_header_are_skipped_and_told() {
    for (before, kinds) in [
        ("# exported by labtool 2.1\n# units: m2,count\n", &["comments"][..]),
        ("House prices\n\n", &["skipped_lines"]),
        ("House prices,,,,\nOctober,2024,,,\n", &["skipped_lines"]),
        ("Report;2024\nby;us\n\n", &["skipped_lines"]),
        ("sep=,\n", &[]),
        ("\"sep=,\"\n", &[]),
        ("#\n", &["comments"]),
    ] {
        assert_eq!(assert_plain(before.to_owned() + &plain()), kinds, "{before:?}");
    }
}

#[test]
fn a_line_of_units_is_skipped_and_told() {
    for units in [
        "m2,count,,years,EUR",
        "m²,-,,a,EUR",
        "(m2),(count),(name),(years),(EUR)",
        "[m^2],n,text,yr,€",
    ] {
        let text = plain().replacen('\n', &format!("\n{units}\n"), 1);
        assert_eq!(assert_plain(text), ["units_row"], "{units}");
    }
    let first = plain().replacen('\n', "\n,,,,\n", 1);
    assert_eq!(read(first).unwrap().0.len(), ROWS + 1, "a row of missing cells is none");
}

#[test]
fn headers_in_the_middle_are_skipped_and_told() {
    for at in [1, 50, ROWS] {
        let mut lines: Vec<String> = plain().lines().map(str::to_owned).collect();
        lines.insert(at + 1, HEADER.to_owned());
        let text = lines.join("\n");
        assert_eq!(assert_plain(text), ["repeated_header"], "{at}");
    }
    let twice = format!("{}{}", plain(), plain());
    let (table, warnings) = read(twice).unwrap();
    assert_eq!(
        (table.len(), told(&warnings)[0].as_str()),
        (2 * ROWS, "skipped 1 line equal to the header, first line 122")
    );
}

#[test]
fn names_of_rows_are_a_column() {
    let text: String = plain()
        .lines()
        .enumerate()
        .map(|(i, line)| match i {
            0 => format!("{line}\n"),
            i => format!("r{i},{line}\n"),
        })
        .collect();
    let (table, warnings) = read(text).unwrap();
    assert_eq!(table.names().next(), Some("row_names"));
    assert_eq!(column(&table, "price"), column(&read(plain()).unwrap().0, "price"));
    assert_eq!(warnings[0].kind(), "row_names");
}

#[test]
fn delimiters_at_the_end_of_rows_and_marks_at_the_end_of_the_file() {
    let trailing: String = plain()
        .lines()
        .enumerate()
        .map(|(i, line)| format!("{line}{}\n", if i > 0 { "," } else { "" }))
        .collect();
    assert_eq!(assert_plain(trailing), ["trailing_delimiter"]);
    assert_eq!(assert_plain(plain() + "\u{1a}"), ["end_mark"]);
    assert_eq!(assert_plain(plain() + "\n\u{1a}\u{1a}"), ["end_mark"]);
}

#[test]
fn a_missing_header_is_told_and_can_be_said() {
    let rows = plain().split_once('\n').unwrap().1.to_owned();
    let (_folder, data) = prepared(&rows, |options| options.target = Some("Lyon".into()));
    let kinds: Vec<&str> = data.unwrap().warnings.iter().map(Warning::kind).collect();
    assert!(kinds.contains(&"numeric_column_name"), "{kinds:?}");
    let options = |names: &[&str]| TableOptions {
        read: ReadOptions {
            header: HeaderLine::None,
            names: names.iter().map(|&name| name.to_owned()).collect(),
            ..ReadOptions::default()
        },
        ..TableOptions::default()
    };
    let (table, _) = read_as(rows.clone(), &options(&[])).unwrap();
    assert_eq!((table.len(), table.names().last()), (ROWS, Some("column_5")));
    let names: Vec<&str> = HEADER.split(',').collect();
    let (table, _) = read_as(rows.clone(), &options(&names)).unwrap();
    assert_eq!(table.columns(), read(plain()).unwrap().0.columns());
    let error = read_as(rows, &options(&["a", "b"])).unwrap_err();
    assert!(
        error.to_string().contains("2 names given, but rows have 5 cells"),
        "{error}"
    );
}

#[test]
fn a_missing_header_with_equal_numbers_is_told() {
    let rows = "1,0,0,9\n2,5,0,7\n3,6,1,8\n";
    let error = read(rows.to_owned()).unwrap_err();
    let hint = error.hint_text().unwrap_or_default();
    assert!(
        hint.contains("if the line is a row, add `data.header = none`"),
        "{error}: {hint}"
    );
}

#[test]
fn names_listed_twice_can_be_replaced() {
    let text = plain().replacen("age", "size", 1);
    let error = read(text.clone()).unwrap_err();
    assert!(
        error
            .to_string()
            .starts_with("t.csv:1:4: column `size` is listed twice"),
        "{error}"
    );
    assert!(error.hint_text().unwrap().contains("data.names"));
    let options = TableOptions {
        read: ReadOptions {
            names: HEADER.split(',').map(str::to_owned).collect(),
            ..ReadOptions::default()
        },
        ..TableOptions::default()
    };
    let (table, _) = read_as(text, &options).unwrap();
    assert_eq!(table.columns(), read(plain()).unwrap().0.columns());
}

#[test]
fn other_encodings_are_read() {
    let accented = plain().replace("Lyon", "Lyön").replace("Oslo", "Øslo");
    let (expected, _) = read(accented.clone()).unwrap();
    let latin1: Vec<u8> = accented.chars().map(|c| c as u8).collect();
    let (found, warnings) = read(latin1.clone()).unwrap();
    assert_eq!(found.columns(), expected.columns());
    assert_eq!(told(&warnings), ["the file is not UTF-8: it is read as windows-1252"]);
    let named = |name: &str| TableOptions {
        read: ReadOptions {
            encoding: Encoding::named(name).ok(),
            ..ReadOptions::default()
        },
        ..TableOptions::default()
    };
    let (found, warnings) = read_as(latin1.clone(), &named("latin1")).unwrap();
    assert_eq!((found.columns(), warnings.len()), (expected.columns(), 0));
    let error = read_as(latin1, &named("utf-8")).unwrap_err();
    assert!(
        error.to_string().contains("not UTF-8 after 2 bytes of the cell"),
        "{error}"
    );
    // UTF-8, and then a byte that is not: damaged, not another encoding.
    let mut damaged = accented.into_bytes();
    damaged.extend(b"1,2,\xff,4,5\n");
    let error = read(damaged).unwrap_err();
    assert!(error.to_string().starts_with("t.csv:122:3: not UTF-8"), "{error}");
}

#[test]
fn odd_lines_name_what_helps() {
    let lines_before = format!("a,b\nc,d,e,f,g,h,i\n{}", plain());
    for (text, place, key) in [
        (
            lines_before,
            "t.csv:2: 7 cells, but the header has 2",
            "data.skip_lines",
        ),
        (
            plain() + "% end\n",
            "t.csv:122: 1 cell, but the header has 5",
            "data.comment",
        ),
    ] {
        let error = read(text).unwrap_err();
        assert_eq!(error.to_string(), place);
        assert!(error.hint_text().unwrap().contains(key), "{error:?}");
    }
    let skipping = TableOptions {
        read: ReadOptions {
            comment: Some(b'%'),
            ..ReadOptions::default()
        },
        ..TableOptions::default()
    };
    assert_eq!(read_as(plain() + "% end\n", &skipping).unwrap().0.len(), ROWS);
}

/// What is read is a table of tabs, whatever blanks its cells have.
#[test]
fn tabs_are_delimiters_and_empty_cells_between_them_are_cells() {
    let text = plain()
        .replace(',', "\t")
        .replace("Turku", "Bad Honnef")
        .replace("Oslo", "");
    let (table, _) = read(text).unwrap();
    assert_eq!(numbers(&table, "age"), numbers(&read(plain()).unwrap().0, "age"));
    assert_eq!(texts(&table, "city")[..3], ["Lyon", "Graz", ""]);
}

/// A delimiter that is not quoted shifts no column.
#[test]
fn a_cell_more_than_the_header_is_a_name_of_the_row_only_if_it_is_one() {
    for shifted in ["152.1,2,Oslo,3,24,0", "97.3,2,Oslo,3,24,5", "12.0,1,Lyon,7,9,5"] {
        let lines: String = (0..9).map(|_| format!("{shifted}\n")).collect();
        let error = read(format!("{HEADER}\n{lines}")).unwrap_err();
        assert!(
            error.to_string().starts_with("t.csv:2: 6 cells, but the header has 5"),
            "{error}"
        );
    }
}

#[test]
fn lines_are_counted_through_blank_lines_comments_and_blanks_before_quotes() {
    let text = "a,b\n\n# one\n\n1, \"x\"\n\n\n2, \"y\", 3\n";
    let options = TableOptions {
        read: ReadOptions {
            comment: Some(b'#'),
            ..ReadOptions::default()
        },
        ..TableOptions::default()
    };
    let error = read_as(text, &options).unwrap_err();
    assert!(error.to_string().starts_with("t.csv:8: 3 cells"), "{error}");
}

/// Rows of a table without a header are not lost because they are equal to its first one.
#[test]
fn rows_equal_to_a_first_row_that_is_no_header_stay() {
    let rows = "red,yes\nblue,no\nred,yes\nred,no\n".repeat(5);
    assert_eq!(read(rows).unwrap().0.len(), 19);
}

#[test]
fn names_of_groups_above_the_names_are_skipped() {
    let text = format!("house,,,,sale\n{}", plain());
    assert_eq!(assert_plain(text), ["skipped_lines"]);
}
