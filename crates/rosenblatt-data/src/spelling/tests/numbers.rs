use rosenblatt_testkit::fixture;

use super::decide_with;
use crate::spelling::{DecimalMark, NumberFormat, ThousandsMark, Verdict, is_out_of_range};

fn format(json: &str) -> NumberFormat {
    serde_json::from_str(json).unwrap()
}

/// Cells and values of the fixture, by format.
fn written() -> Vec<(NumberFormat, Vec<(String, f64)>)> {
    let cell = |cell: &serde_json::Value| (cell[0].as_str().unwrap().to_owned(), cell[1].as_f64().unwrap());
    let all = fixture("spelling.json.gz")["numbers"].clone();
    let formats = all.as_array().unwrap().iter();
    formats
        .map(|entry| {
            let cells = entry["cells"].as_array().unwrap().iter().map(cell).collect();
            (serde_json::from_value(entry["format"].clone()).unwrap(), cells)
        })
        .collect()
}

#[test]
fn numbers_mean_what_decimals_of_python_mean() {
    let mut count = 0;
    for (format, cells) in written() {
        for (text, expected) in cells {
            let found = format.read(&text).map(f64::to_bits);
            assert_eq!(found, Some(expected.to_bits()), "{text} in {format:?}");
            count += 1;
        }
    }
    assert!(count >= 200, "{count}");
}

#[test]
fn a_vote_finds_a_format_that_reads_them_all() {
    for (format, cells) in written() {
        let semicolons = format.decimal_mark == DecimalMark::Comma;
        let decision = decide_with(cells.iter().map(|(text, _)| text), semicolons);
        assert_eq!(decision.verdict, Verdict::Numbers, "{format:?}");
        assert_eq!((decision.numbers, decision.odd.count), (cells.len() as u64, 0));
        for (text, expected) in cells {
            assert_eq!(
                decision.format.read(&text),
                Some(expected),
                "{text} in {:?}",
                decision.format
            );
        }
    }
}

#[test]
fn what_the_usual_format_reads() {
    let usual = NumberFormat::default();
    for (text, value) in [
        ("0", 0.0),
        ("-0", -0.0),
        ("+7", 7.0),
        (".5", 0.5),
        ("5.", 5.0),
        ("-.5", -0.5),
        ("007", 7.0),
        ("1e5", 1e5),
        ("1E-5", 1e-5),
        ("2.5e+3", 2500.0),
        ("5.e3", 5000.0),
        ("\u{2212}3", -3.0),
        ("9007199254740993", 9007199254740992.0),
        ("1e-400", 0.0),
        (
            "9007199254740993.0000000000000000000000000000000001",
            9007199254740994.0,
        ),
        ("2.4703282292062327208e-324", 0.0),
        ("2.4703282292062327209e-324", 5e-324),
        ("1.7976931348623158079e308", f64::MAX),
        ("0.1000000000000000055511151231257827", 0.1),
        (" 12 ", 12.0),
        ("\u{a0}12\u{a0}", 12.0),
    ] {
        assert_eq!(usual.read(text).map(f64::to_bits), Some(f64::to_bits(value)), "{text}");
    }
    for text in [
        "",
        "-",
        "+",
        ".",
        "-.",
        "e5",
        "1e",
        "1e+",
        "--1",
        "+-1",
        "1,5",
        "1,234",
        "1 234",
        "1_000",
        "0x10",
        "12a",
        "1.2.3",
        "1..2",
        "inf",
        "-inf",
        "nan",
        "NaN",
        "infinity",
        "1e999",
        "-1e999",
        "\u{661}",
        "10-20",
        "2024-01-31",
        "31/12/2024",
        "12:30",
        "5%",
        "$5",
        "3 kg",
        "(5)",
        "A12",
        "1Story",
        "A/4 45380",
        ">50K",
        "<40",
        "~5",
        "5 5",
        "- 5",
        "1/2",
        "#5",
        "192.168.0.1",
        "\u{221e}",
        "5,",
        ",5",
    ] {
        assert_eq!(usual.read(text), None, "{text}");
    }
}

/// Texts in a format: the value by hand, or none.
#[test]
fn what_other_formats_read() {
    let none = f64::NAN;
    for (json, cells) in [
        (
            r#"{"thousands_mark":"comma"}"#,
            &[
                ("1,234.5", 1234.5),
                ("1234", 1234.0),
                ("1,23", none),
                ("12,34,567", 1234567.0),
                ("1,2345", none),
                ("0,123", none),
                ("1,234,56", none),
                ("1.234,5", none),
                ("1,,234", none),
                ("1 234", none),
                ("1,234e5", none),
                ("-1,234", -1234.0),
                ("+1,234", 1234.0),
            ][..],
        ),
        (
            r#"{"decimal_mark":"comma"}"#,
            &[
                ("1,5", 1.5),
                ("1,234", 1.234),
                ("1.5", none),
                (",5", 0.5),
                ("5,", none),
                ("1,5e3", 1500.0),
                ("1.234,5", none),
            ],
        ),
        (
            r#"{"decimal_mark":"comma","thousands_mark":"point"}"#,
            &[
                ("1.234,5", 1234.5),
                ("1.234", 1234.0),
                ("1.234.567", 1234567.0),
                ("1.5", none),
                ("0.123", none),
                ("1,5", 1.5),
                ("1.23.456", none),
            ],
        ),
        (
            r#"{"thousands_mark":"blank"}"#,
            &[
                ("1\u{a0}234", 1234.0),
                ("1\u{202f}234\u{2009}567.5", 1234567.5),
                ("1 23", none),
                ("1  234", none),
                ("+49 891 234", none),
                ("089 123 456", none),
            ],
        ),
        (
            r#"{"thousands_mark":"apostrophe"}"#,
            &[("1'234.5", 1234.5), ("1\u{2019}234", 1234.0)],
        ),
        (
            r#"{"prefix":"$","thousands_mark":"comma"}"#,
            &[
                ("$1,234.50", 1234.5),
                ("-$5", -5.0),
                ("$-5", -5.0),
                ("$ 5", 5.0),
                ("\u{2212}$\u{a0}5", -5.0),
                ("5", 5.0),
                ("$.50", 0.5),
                ("\u{20ac}5", none),
                ("5$", none),
                ("$", none),
                ("$5 kg", none),
                ("($5)", none),
            ],
        ),
        (
            r#"{"suffix":"%"}"#,
            &[
                ("86.8%", 86.8),
                ("86.8 %", 86.8),
                ("0", 0.0),
                ("5", none),
                ("-5%", -5.0),
                ("5%%", none),
                ("5\u{2030}", none),
            ],
        ),
        (
            r#"{"suffix":"kg"}"#,
            &[
                ("3 kg", 3.0),
                ("3kg", 3.0),
                ("3\u{a0}kg", 3.0),
                ("1e3 kg", 1000.0),
                ("3 g", none),
                ("3 Kg", none),
                ("3 lb", none),
            ],
        ),
        (
            r#"{"suffix":"years"}"#,
            &[("1 year", 1.0), ("2 years", 2.0), ("2 months", none)],
        ),
        (r#"{"suffix":"m²"}"#, &[("12 m²", 12.0), ("12m²", 12.0), ("12 m", none)]),
        (
            r#"{"parentheses":true,"prefix":"$","thousands_mark":"comma"}"#,
            &[
                ("(1,234)", -1234.0),
                ("($5)", -5.0),
                ("$(5)", -5.0),
                ("(-5)", none),
                ("(5", none),
                ("5)", none),
                ("()", none),
                ("(555) 123", none),
            ],
        ),
        (
            r#"{"suffix":"€","decimal_mark":"comma"}"#,
            &[("5,50 €", 5.5), ("5€", 5.0), ("5", 5.0)],
        ),
    ] {
        let format = format(json);
        for &(text, expected) in cells {
            let found = format.read(text);
            assert_eq!(found, (!expected.is_nan()).then_some(expected), "{text} in {json}");
        }
    }
}

#[test]
fn numbers_out_of_range() {
    for text in [
        "inf",
        "-inf",
        "+Infinity",
        "INF",
        "\u{221e}",
        "-\u{221e}",
        "1e999",
        "-1,5e400",
        "$1e999",
    ] {
        assert!(is_out_of_range(text), "{text}");
    }
    assert!(is_out_of_range(&"9".repeat(310)));
    for text in [
        "1e308",
        "0",
        "",
        "information",
        "infinite",
        "1e",
        "e999",
        "nan",
        "1e-999",
        "x1e999",
    ] {
        assert!(!is_out_of_range(text), "{text}");
    }
}

#[test]
fn formats_of_one_quantity() {
    let dollars = format(r#"{"prefix":"$","thousands_mark":"comma"}"#);
    let percent = format(r#"{"suffix":"%"}"#);
    let usual = NumberFormat::default();
    assert!(usual.has_unit_of(&format(r#"{"decimal_mark":"comma"}"#)));
    assert!(usual.has_unit_of(&dollars) && dollars.has_unit_of(&usual));
    assert!(!usual.has_unit_of(&percent) && !percent.has_unit_of(&usual) && !percent.has_unit_of(&dollars));
    assert!(!dollars.has_unit_of(&format(r#"{"prefix":"€"}"#)));
    assert!(format(r#"{"suffix":"year"}"#).has_unit_of(&format(r#"{"suffix":"years"}"#)));
}

#[test]
fn formats_are_plain_data() {
    assert_eq!(
        serde_json::to_string(&NumberFormat::default()).unwrap(),
        r#"{"decimal_mark":"point"}"#
    );
    let all = NumberFormat {
        decimal_mark: DecimalMark::Comma,
        thousands_mark: Some(ThousandsMark::Blank),
        prefix: "EUR".into(),
        suffix: "%".into(),
        parentheses: true,
    };
    let text = serde_json::to_string(&all).unwrap();
    assert_eq!(serde_json::from_str::<NumberFormat>(&text).unwrap(), all);
    assert!(serde_json::from_str::<NumberFormat>(r#"{"mark":1}"#).is_err());
}

#[test]
fn lists_of_units_are_sorted() {
    assert!(crate::spelling::units::lists_are_sorted());
}
