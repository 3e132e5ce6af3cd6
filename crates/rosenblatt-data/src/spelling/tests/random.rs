//! Laws over random texts.

use proptest::prelude::*;
use rosenblatt_tensor::rng::Rng;
use rosenblatt_testkit::seeded_cases;

use crate::spelling::{
    Categories, DecimalMark, MatchRule, Matcher, MissingMarkers, NumberFormat, NumberVote, ThousandsMark, is_no_number,
};

/// Writes the digits of a number in a format.
fn write(value: f64, format: &NumberFormat) -> String {
    let plain = format!("{}", value.abs());
    let (whole, decimals) = plain.split_once('.').unwrap_or((&plain, ""));
    let mark = match format.thousands_mark {
        None => "",
        Some(ThousandsMark::Comma) => ",",
        Some(ThousandsMark::Point) => ".",
        Some(ThousandsMark::Apostrophe) => "'",
        Some(ThousandsMark::Blank) => "\u{202f}",
    };
    let mut text = String::new();
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            text.push_str(mark);
        }
        text.push(digit);
    }
    if !decimals.is_empty() {
        text.push(if format.decimal_mark == DecimalMark::Comma {
            ','
        } else {
            '.'
        });
        text.push_str(decimals);
    }
    let unit = if format.suffix.is_empty() {
        String::new()
    } else {
        format!(" {}", format.suffix)
    };
    let sized = format!("{}{text}{unit}", format.prefix);
    match (value.is_sign_negative(), format.parentheses) {
        (true, true) => format!("({sized})"),
        (true, false) => format!("-{sized}"),
        (false, _) => sized,
    }
}

fn formats() -> impl Strategy<Value = NumberFormat> {
    use ThousandsMark::{Apostrophe, Blank, Comma, Point};
    let point = prop::sample::select(vec![None, Some(Comma), Some(Blank), Some(Apostrophe)]);
    let comma = prop::sample::select(vec![None, Some(Point), Some(Blank), Some(Apostrophe)]);
    let marks = prop_oneof![
        point.prop_map(|mark| (DecimalMark::Point, mark)),
        comma.prop_map(|mark| (DecimalMark::Comma, mark))
    ];
    let prefix = prop::sample::select(vec!["", "$", "US$", "EUR", "Rs."]);
    let suffix = prop::sample::select(vec!["", "%", "kg", "m²", "km/h", "people", "€"]);
    (marks, prefix, suffix, any::<bool>()).prop_map(|((decimal_mark, thousands_mark), prefix, suffix, parentheses)| {
        NumberFormat {
            decimal_mark,
            thousands_mark,
            prefix: prefix.to_owned(),
            suffix: suffix.to_owned(),
            parentheses,
        }
    })
}

proptest! {
    #[test]
    fn what_a_format_writes_it_reads(format in formats(), value in prop_oneof![-1e9..1e9_f64, any::<f64>().prop_filter("finite and not too long", |x| x.is_finite())]) {
        let text = write(value, &format);
        prop_assert_eq!(format.read(&text).map(f64::to_bits), Some(value.to_bits()), "{}", text);
    }

    #[test]
    fn no_text_makes_it_panic(texts in prop::collection::vec(prop_oneof![any::<String>(), "[-+(]?[$€]?[0-9.,' \u{a0}eE-]{0,12}[)%]?( ?[a-zµ²/]{0,4})", "[0-9.,]{1,8}"], 0..40)) {
        let mut vote = NumberVote::new(&MissingMarkers::default());
        texts.iter().enumerate().for_each(|(at, text)| vote.add(at, text));
        for semicolons in [false, true] {
            let decision = vote.decide(semicolons);
            let read = texts.iter().filter(|text| decision.format.read(text).is_some()).count() as u64;
            // Missing ones are none of these, and what is out of range is not read.
            let present = decision.numbers - decision.out_of_range.count;
            prop_assert!(read == present, "{read} {decision:?}");
        }
    }

    #[test]
    fn every_category_finds_itself(texts in prop::collection::hash_set("[aAbBTtyYnN014.ßÄä \u{308}-]{0,5}|yes|no|Yes|NO|true", 0..12), exact in any::<bool>()) {
        let counted: Vec<(&str, u64)> = texts.iter().map(|text| (text.as_str(), text.len() as u64)).collect();
        let categories = Categories::group(&counted, exact);
        prop_assert!(categories.names.windows(2).all(|pair| pair[0] < pair[1]));
        let matcher = Matcher::new(&categories.names, exact);
        for (name, at) in categories.names.iter().zip(0..) {
            let found = matcher.find(name).map(|found| (found.category, found.rule));
            prop_assert_eq!(found, Some((at, MatchRule::Exact)));
        }
        let mut reversed = counted.clone();
        reversed.reverse();
        let mut of = Categories::group(&reversed, exact);
        of.of.reverse();
        prop_assert_eq!(of, categories);
    }
}

/// The same cells in another order get the same decision.
#[test]
fn the_order_of_rows_does_not_decide() {
    let pieces = [
        "1", "2.5", "1,234", "1.234", "$5", "5 kg", "7 g", "x", "A12", "(3)", "1 000", "12,5", "NA", "#REF!", "0", "99",
    ];
    for seed in seeded_cases(2000) {
        let mut draw = Rng::new(seed).purpose("cells").stream();
        let mut cells: Vec<&str> = (0..30)
            .map(|_| pieces[draw.below(pieces.len() as u64) as usize])
            .collect();
        let decide = |cells: &[&str]| {
            let mut vote = NumberVote::new(&MissingMarkers::default());
            cells.iter().enumerate().for_each(|(at, text)| vote.add(at, text));
            let decision = vote.decide(false);
            (decision.format, decision.numbers, decision.odd.count, decision.distinct)
        };
        let forward = decide(&cells);
        cells.reverse();
        assert_eq!(decide(&cells), forward, "{cells:?}");
    }
}

proptest! {
    /// What is quickly seen of categories is what their keys say.
    #[test]
    fn categories_that_are_quickly_told_apart(
        texts in prop_oneof![
            prop::collection::btree_set("[ab 10.]{1,4}|[AB-]{1,3}|[aB]{1,2}|yes|no|[aé]{1,2}", 0..8),
            prop::collection::btree_set("[ab ]{1,4}", 0..8),
            prop::collection::btree_set("e\u{301}?|\u{e9}|ee?", 0..8),
        ],
    ) {
        let texts: Vec<(&str, u64)> = texts.iter().map(|text| (text.trim(), 1)).filter(|(text, _)| !text.is_empty()).collect();
        let mut distinct = texts.clone();
        distinct.sort_unstable();
        distinct.dedup();
        prop_assert_eq!(Categories::group(&distinct, false), Categories::by_keys(&distinct));
    }

    /// A cell is one of text if the vote says so.
    #[test]
    fn texts_that_are_no_numbers(text in "-|NA|none|error|\\$?[1-3]{1,2}(,000)?%?|[ab]1?|[A-EU]{0,3}[$]?[1-9]|(kr|USD|Fr|e)[1-9]|1e999|00[12]|[1-9]{17}|inf|-?[0-9.e+-]{1,5}") {
        let markers = MissingMarkers::default();
        let mut vote = NumberVote::new(&markers);
        vote.add(0, &text);
        prop_assert_eq!(is_no_number(&text, &markers), vote.texts() > 0);
    }
}
