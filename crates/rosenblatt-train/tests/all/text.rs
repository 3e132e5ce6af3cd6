//! Numbers and names as people read them.

use rosenblatt_train::text::{grouped, number, percent, printable, quoted, quoted_file, rounded};

#[test]
fn numbers_keep_their_meaning() {
    for (value, expected) in [
        (0.0, "0.0000"),
        (0.97, "0.9700"),
        (123.456, "123.4560"),
        (1e-5, "1.000e-5"),
        (-2.5e7, "-2.500e7"),
        (f64::NAN, "NaN"),
    ] {
        assert_eq!(number(value), expected);
    }
}

#[test]
fn three_digits_are_enough() {
    for (value, expected) in [
        (0.0, "0"),
        (-0.0, "0"),
        (2.1534, "2.15"),
        (-57.88, "-57.9"),
        (0.083_24, "0.0832"),
        (9.996, "10.0"),
        (999.6, "1000"),
        (1000.4, "1000"),
        (12_345.0, "12300"),
        (0.001, "0.00100"),
        (1e-5, "1.00e-5"),
        (2.5e12, "2.50e12"),
        (f64::INFINITY, "–"),
    ] {
        assert_eq!(rounded(value), expected, "{value}");
    }
    assert_eq!(
        [percent(0.8563), percent(1.0), percent(f64::NAN)],
        ["85.6 %", "100.0 %", "–"]
    );
}

#[test]
fn long_counts_are_grouped() {
    for (number, expected) in [
        (0, "0"),
        (999, "999"),
        (1_000, "1,000"),
        (10_000, "10,000"),
        (123_456, "123,456"),
        (u64::MAX, "18,446,744,073,709,551,615"),
    ] {
        assert_eq!(grouped(number), expected);
    }
}

#[test]
fn a_terminal_obeys_no_text() {
    let evil = "a\u{1b}[2J\r\0\u{9b}31m\tb\n";
    assert_eq!(printable(evil), "a\\u{1b}[2J\\r\\0\\u{9b}31m\tb\n");
    assert_eq!(printable("größe 身長 🌸 \\ '\""), "größe 身長 🌸 \\ '\"");
}

#[test]
fn a_file_is_no_flag() {
    for (name, expected) in [
        ("-x.csv", "./-x.csv"),
        ("-my x.csv", "'./-my x.csv'"),
        ("-", "-"),
        ("x.csv", "x.csv"),
    ] {
        assert_eq!(quoted_file(name), expected);
    }
}

#[test]
fn a_shell_reads_back_what_is_quoted() {
    for (word, expected) in [
        ("a/b.csv", "a/b.csv"),
        ("my data.csv", "'my data.csv'"),
        ("it's", r"'it'\''s'"),
        ("", "''"),
        ("-x", "-x"),
        ("a\nb c", r"$'a\nb c'"),
        ("it's\t\u{1b}\\", r"$'it\'s\u0009\u001b\\'"),
    ] {
        assert_eq!(quoted(word), expected);
    }
}
