use super::{decide, decide_with};
use crate::spelling::{
    DecimalMark, Decision, MissingMarkers, NameReason, NumberFormat, NumberVote, Reason, ThousandsMark, Verdict,
};

/// Many numbers, written by a function.
fn many(write: impl Fn(u32) -> String) -> Vec<String> {
    (0..100).map(|i| write(i * 37 + 1)).collect()
}

fn with(mut cells: Vec<String>, others: &[&str]) -> Vec<String> {
    for (i, other) in others.iter().enumerate() {
        cells.insert(7 * i + 3, (*other).to_owned());
    }
    cells
}

fn plain() -> Vec<String> {
    many(|i| format!("{}.5", i))
}

fn is_text(decision: &Decision) -> bool {
    matches!(decision.verdict, Verdict::Text(_))
}

#[test]
fn marks_of_a_column() {
    let comma = |cells: &[&str], semicolons| {
        let decision = decide_with(cells, semicolons);
        assert_eq!(
            (&decision.verdict, decision.odd.count),
            (&Verdict::Numbers, 0),
            "{cells:?}"
        );
        (decision.format.decimal_mark, decision.format.thousands_mark)
    };
    let (point, decimal_comma) = (DecimalMark::Point, DecimalMark::Comma);
    for (cells, semicolons, expected) in [
        (&["1", "2"][..], false, (point, None)),
        (&["1", "2"], true, (point, None)),
        (&["1.5", "2"], true, (point, None)),
        (&["1.234", "5.678"], false, (point, None)),
        (&["1.234", "5.678"], true, (point, None)),
        (&["1,234", "5,678"], false, (point, Some(ThousandsMark::Comma))),
        (&["1,234", "5,678"], true, (decimal_comma, None)),
        (&["1,234", "5,6"], false, (decimal_comma, None)),
        (&["1,234", "0,678"], false, (decimal_comma, None)),
        (&["1,234", "5.5"], true, (point, Some(ThousandsMark::Comma))),
        (
            &["1,234", "1.234,5"],
            false,
            (decimal_comma, Some(ThousandsMark::Point)),
        ),
        (
            &["1.234", "1.234.567"],
            false,
            (decimal_comma, Some(ThousandsMark::Point)),
        ),
        (&["1,234,567", "5"], true, (point, Some(ThousandsMark::Comma))),
        (&["1 234", "5"], false, (point, Some(ThousandsMark::Blank))),
        (&["1 234", "5"], true, (decimal_comma, Some(ThousandsMark::Blank))),
        (&["1 234,5", "5"], false, (decimal_comma, Some(ThousandsMark::Blank))),
        (&["1'234.5", "5"], true, (point, Some(ThousandsMark::Apostrophe))),
    ] {
        assert_eq!(comma(cells, semicolons), expected, "{cells:?} {semicolons}");
    }
}

#[test]
fn columns_of_numbers_with_odd_cells() {
    for others in [
        &["Total"][..],
        &["price"],
        &["<40", "<40", "<20", "<10", "<5", "<2"],
        &["twenty", "old", "a lot", "none so far", "many"],
        &["1-Feb", "2-Feb"],
        &["2,5"],
        &["10-20"],
        &["3 kg"],
        &["1.2.3"],
        &["0x10"],
    ] {
        let cells = with(plain(), others);
        let decision = decide(&cells);
        assert_eq!(decision.verdict, Verdict::Numbers, "{others:?}");
        assert_eq!(
            (decision.numbers, decision.odd.count),
            (100, others.len() as u64),
            "{others:?}"
        );
        let first = &decision.odd.first[0];
        assert_eq!((first.index, first.text.as_str()), (3, others[0]));
        assert_eq!(decision.format, NumberFormat::default());
    }
    let half = decide(
        with(plain(), &["below"; 14])
            .iter()
            .chain(&vec!["below".to_owned(); 60]),
    );
    assert_eq!(
        (half.verdict, half.odd.count, half.odd.first.len()),
        (Verdict::Numbers, 74, 1)
    );
    let few = decide(
        (0..200)
            .map(|i| (i % 6).to_string())
            .chain(["count".to_owned(), "rooms".to_owned()]),
    );
    assert_eq!((few.verdict, few.odd.count), (Verdict::Numbers, 2));
    let small = decide(["4.1", "5.2", "6", "7", "8", "9", "1", "2", "3", "11", "Total"]);
    assert_eq!(small.verdict, Verdict::Numbers);
}

#[test]
fn marks_of_missing_numbers_are_reported_apart() {
    let decision = decide(with(plain(), &["#DIV/0!", "unknown", "#REF!", "-", "NA", "None"]));
    assert_eq!(
        (decision.verdict, decision.numbers, decision.odd.count),
        (Verdict::Numbers, 100, 0)
    );
    assert_eq!(decision.marks.count, 3);
    assert_eq!(decision.marks.first[1].text, "unknown");
    let few = decide(["1", "2", "1", "2", "unknown", "unknown", "unknown"]);
    assert_eq!(few.verdict, Verdict::Numbers);
    assert_eq!(decide(["unknown", "-"]).verdict, Verdict::Text(None));
    assert_eq!(decide(["-", "None"]).verdict, Verdict::Text(None));
    assert_eq!(decide(["#REF!", "NA", ""]).verdict, Verdict::Missing);
    assert_eq!(decide(Vec::<String>::new()).verdict, Verdict::Missing);
}

/// No reason is given: one would not expect numbers.
#[test]
fn columns_of_names() {
    let text = |text: &str| text.to_owned();
    for cells in [
        vec![text(">50K"), text("<=50K")],
        vec![text("> 200 DM"), text("0 <= ... < 200 DM"), text("... < 100 DM")],
        vec![
            text("A/4 45380"),
            text("PC 17599"),
            text("113803"),
            text("SC/PARIS 2166"),
        ],
        vec![text("1Story"), text("2Story")],
        vec![text("1st"), text("2nd"), text("3rd")],
        vec![text("10-20"), text("20-30"), text("80+")],
        vec![text("S"), text("M"), text("L"), text("38"), text("40")],
        many(|i| format!("A{i}")),
        many(|i| format!("10.0.{}.{}", i % 7, i % 256)),
        many(|i| format!("192.168.100.{}", 100 + i % 100)),
        many(|i| format!("1.{}.{}", i % 3, i % 12)),
        many(|i| format!("555 123 {:03}", i % 1000)),
        many(|i| format!("+49 891 {:03}", i % 1000)),
        many(|i| format!("2024-01-{:02}", i % 28 + 1)),
        many(|i| format!("{}/{}/2024", i % 12 + 1, i % 28 + 1)),
        many(|i| format!("{}.{}.2024", i % 28 + 1, i % 12 + 1)),
        many(|i| format!("{}:{:02}", i % 24, i % 60)),
        many(|i| format!("{} AM", i % 12 + 1)),
        many(|i| format!("{}pm", i % 12 + 1)),
        many(|i| format!("{} Jan", i % 28 + 1)),
        with(
            many(|i| (20_000 + i).to_string()),
            &["85123A", "84029G", "84406B", "71053C", "22752D"],
        ),
        (0..90)
            .map(|i| (i % 5 + 1).to_string())
            .chain((0..30).map(|_| text("other")))
            .collect(),
    ] {
        assert_eq!(decide(&cells).verdict, Verdict::Text(None), "{:?}", &cells[..2]);
    }
}

#[test]
fn reasons() {
    let reason = |cells: &[String]| match decide(cells).verdict {
        Verdict::Text(Some(reason)) => reason,
        other => panic!("{other:?}"),
    };
    let zero = reason(&with(many(|i| i.to_string()), &["007"]));
    assert!(matches!(zero, Reason::Name(NameReason::StartsWithZero, cell) if cell.index == 3 && cell.text == "007"));
    let digits = reason(&many(|i| format!("1234567890123456{i}")));
    assert!(matches!(digits, Reason::Name(NameReason::TooManyDigits, _)));
    let units = reason(&many(|i| {
        if i % 2 == 0 {
            format!("{i} kg")
        } else {
            format!("{i}00 g")
        }
    }));
    assert_eq!(units, Reason::Units("g".into(), "kg".into()));
    let without = reason(&many(|i| if i % 3 == 0 { format!("{i}%") } else { i.to_string() }));
    assert_eq!(without, Reason::Units(String::new(), "%".into()));
    let currencies = reason(&many(|i| if i % 3 == 0 { format!("€{i}") } else { format!("${i}") }));
    assert_eq!(currencies, Reason::Units("$".into(), "€".into()));
    let marks = reason(&many(|i| if i % 3 == 0 { format!("{i},5") } else { format!("{i}.5") }));
    assert_eq!(marks, Reason::Marks);
    let rare = (0..95)
        .map(|i| (i % 5).to_string())
        .chain(["x".to_owned(), "y".to_owned()]);
    assert!(matches!(reason(&rare.collect::<Vec<_>>()), Reason::NotANumber(cell) if cell.index == 95));
}

#[test]
fn a_target_that_is_nearly_numeric() {
    let mixed: Vec<String> = (0..60)
        .map(|i| i.to_string())
        .chain((0..40).map(|i| format!("name {}", ["a", "b", "c", "d"][i % 4])))
        .collect();
    let decision = decide(&mixed);
    assert!(is_text(&decision) && decision.is_nearly_numeric());
    assert!(!decide((0..100).map(|i| (i % 5).to_string())).is_nearly_numeric());
    let names = many(|i| format!("name {i}"));
    assert!(!decide(&names).is_nearly_numeric());
}

#[test]
fn units_of_a_column() {
    for (write, prefix, suffix) in [
        ((|i| format!("${i}")) as fn(u32) -> String, "$", ""),
        (|i| format!("EUR {i}"), "EUR", ""),
        (|i| format!("{i} EUR"), "", "EUR"),
        (|i| format!("US${},500.25", i % 999 + 1), "US$", ""),
        (|i| format!("R$ {i},5"), "R$", ""),
        (|i| format!("Rs.{i}"), "Rs.", ""),
        (|i| format!("{i}%"), "", "%"),
        (|i| format!("{i} kg"), "", "kg"),
        (|i| format!("{i}cm"), "", "cm"),
        (|i| format!("{i} m²"), "", "m²"),
        (|i| format!("{i}km/h"), "", "km/h"),
        (|i| format!("{i} sq. ft."), "", "sq. ft."),
        (|i| format!("{i}°C"), "", "°C"),
        (|i| format!("{i} people"), "", "people"),
        (|i| format!("{i}K"), "", "K"),
        (
            |i| {
                if i % 2 == 0 {
                    format!("{i} years")
                } else {
                    format!("{i} year")
                }
            },
            "",
            "year",
        ),
        (
            |i| if i % 4 == 0 { "0".into() } else { format!("{i} mg/dL") },
            "",
            "mg/dL",
        ),
        (|i| if i % 4 == 0 { i.to_string() } else { format!("£{i}") }, "£", ""),
        (|i| if i % 4 == 0 { format!("({i})") } else { i.to_string() }, "", ""),
    ] {
        let cells = many(write);
        let decision = decide(&cells);
        assert_eq!(
            (&decision.verdict, decision.odd.count),
            (&Verdict::Numbers, 0),
            "{:?}",
            &cells[..3]
        );
        let format = &decision.format;
        assert_eq!(
            (format.prefix.as_str(), format.suffix.trim_end_matches('s')),
            (prefix, suffix.trim_end_matches('s'))
        );
        assert!(
            cells.iter().all(|text| format.read(text).is_some()),
            "{:?}",
            &cells[..3]
        );
        assert_eq!(format.parentheses, cells.iter().any(|text| text.starts_with('(')));
    }
}

#[test]
fn numbers_out_of_range_are_counted_apart() {
    let decision = decide(with(plain(), &["inf", "1e999"]));
    assert_eq!(decision.verdict, Verdict::Numbers);
    assert_eq!((decision.out_of_range.count, decision.odd.count), (2, 0));
    assert_eq!(decision.out_of_range.first[0].text, "inf");
}

#[test]
fn markers_of_the_user_are_no_cells() {
    let markers = MissingMarkers {
        missing: vec!["-9999".into(), "0050".into()],
        present: vec!["None".into()],
    };
    let mut vote = NumberVote::new(&markers);
    let cells = with(plain(), &["-9999", "None", "0050"]);
    cells.iter().enumerate().for_each(|(row, text)| vote.add(row, text));
    let decision = vote.decide(false);
    assert_eq!(
        (decision.verdict, decision.numbers, decision.odd.count),
        (Verdict::Numbers, 100, 1)
    );
}
