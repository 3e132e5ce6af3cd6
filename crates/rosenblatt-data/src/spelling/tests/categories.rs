use crate::spelling::{Categories, MatchRule, Matcher, MergeRule};

/// The categories of texts that each come once, the earlier ones more often.
fn names<'a>(texts: &[&'a str]) -> Vec<&'a str> {
    group(texts, false).names
}

fn group<'a>(texts: &[&'a str], exact: bool) -> Categories<'a> {
    let counted: Vec<(&'a str, u64)> = texts
        .iter()
        .zip((1..=texts.len() as u64).rev())
        .map(|(&text, count)| (text, count))
        .collect();
    Categories::group(&counted, exact)
}

#[test]
fn spellings_of_one_category() {
    for (texts, expected) in [
        (&["Yes", "No", "yes", "no", "NO"][..], &["No", "Yes"][..]),
        (&["Oslo", "OSLO", "oslo", "Graz"], &["Graz", "Oslo"]),
        (
            &["New York", "new  york", "NEW\u{a0}YORK", "Newark"],
            &["New York", "Newark"],
        ),
        (&["K\u{f6}ln", "Ko\u{308}ln", "KÖLN"], &["K\u{f6}ln"]),
        (&["Straße", "STRASSE", "straße"], &["STRASSE", "Straße"]),
        (&["ΟΔΟΣ", "οδος", "οδοσ"], &["ΟΔΟΣ"]),
        (&["t", "T", "c"], &["T", "c", "t"]),
        (&["A+", "a+", "AB+", "ab+"], &["A+", "AB+", "a+"]),
        (&["mW", "MW", "kW"], &["MW", "kW", "mW"]),
        (&["mg", "Mg", "MG"], &["MG", "Mg", "mg"]),
        (&["pH", "PH", "ph"], &["PH", "pH", "ph"]),
        (&["McDonald", "MCDONALD"], &["McDonald"]),
        (&["y", "n", "Y", "N"], &["n", "y"]),
        (&["yes", "true", "1", "no", "0", "off"], &["no", "yes"]),
        (&["1", "0", "1.0", "0.0"], &["0", "1"]),
        (&["yes", "true", "1"], &["1", "true", "yes"]),
        (&["yes", "no", "maybe", "y"], &["maybe", "no", "y", "yes"]),
        (&["t", "n", "y"], &["n", "t", "y"]),
        (&["4", "4.0", "5", "10"], &["10", "4", "5"]),
        (&["4.0", "4", "5"], &["4.0", "5"]),
        (&["4", "04", "5"], &["04", "4", "5"]),
        (&["1.1", "1.10", "1"], &["1", "1.1", "1.10"]),
        (&["a", "a "], &["a"]),
        (&[], &[]),
    ] {
        assert_eq!(names(texts), expected, "{texts:?}");
        let mut distinct: Vec<&str> = texts.to_vec();
        distinct.sort_unstable();
        assert_eq!(group(texts, true).names, distinct, "{texts:?}");
    }
}

#[test]
fn the_most_frequent_spelling_is_the_name() {
    let categories = Categories::group(&[("no", 5), ("Yes", 3), ("YES", 7), ("yes", 7), ("NO", 1)], false);
    assert_eq!(categories.names, ["YES", "no"]);
    assert_eq!(categories.of, [1, 0, 0, 0, 1]);
    assert_eq!(categories.merged.len(), 2);
    let merged = &categories.merged[0];
    assert_eq!((merged.category, merged.rule), (0, MergeRule::YesNo));
    let spellings = [("YES".to_owned(), 7), ("yes".to_owned(), 7), ("Yes".to_owned(), 3)];
    assert_eq!(merged.spellings, spellings);
    assert_eq!(group(&["Oslo", "OSLO"], false).merged[0].rule, MergeRule::Spelling);
    assert_eq!(group(&["4", "4.0"], false).merged[0].rule, MergeRule::Number);
    assert!(group(&["4", "5"], false).merged.is_empty());
}

#[test]
fn categories_that_differ_in_case_only_stay_apart_where_it_has_a_meaning() {
    assert_eq!(group(&["t", "x", "T", "mW"], false).names, ["T", "mW", "t", "x"]);
}

#[test]
fn texts_of_new_data() {
    use MatchRule::{Exact, Number, Spelling, YesNo};
    for (known, finds) in [
        (
            &["No", "Yes"][..],
            &[
                ("Yes", Some((1, Exact))),
                ("yes", Some((1, Spelling))),
                ("TRUE", Some((1, YesNo))),
                ("0", Some((0, YesNo))),
                ("1.0", Some((1, YesNo))),
                ("f", Some((0, YesNo))),
                ("maybe", None),
                ("", None),
            ][..],
        ),
        (
            &["1", "2", "4"],
            &[
                ("4.0", Some((2, Number))),
                ("04", Some((2, Number))),
                ("+4", Some((2, Number))),
                ("4.5", None),
                ("3", None),
                ("-4", None),
                ("yes", None),
            ],
        ),
        (
            &["02100", "2101"],
            &[
                ("2100", Some((0, Number))),
                ("2100.0", Some((0, Number))),
                ("02101", Some((1, Number))),
            ],
        ),
        (
            &["04", "4", "5"],
            &[("4.0", None), ("5.0", None), ("4", Some((1, Exact)))],
        ),
        (
            &["Graz", "K\u{f6}ln"],
            &[
                ("Ko\u{308}ln", Some((1, Spelling))),
                ("GRAZ", Some((0, Spelling))),
                ("\u{a0}graz", Some((0, Spelling))),
                ("Koeln", None),
            ],
        ),
        (&["F", "M"], &[("m", Some((1, Spelling))), ("f", Some((0, Spelling)))]),
        (&["M", "W", "m"], &[("w", None), ("m", Some((2, Exact)))]),
        (
            &["MW", "kW", "mW"],
            &[("mw", None), ("KW", None), ("kW", Some((1, Exact)))],
        ),
        (&["no", "true", "yes"], &[("1", None), ("YES", Some((2, Spelling)))]),
        (&["yes"], &[("1", None)]),
        (&["n", "y"], &[("Y", Some((1, Spelling))), ("t", Some((1, YesNo)))]),
        (&["0", "1"], &[("0.0", Some((0, Number))), ("true", Some((1, YesNo)))]),
    ] {
        let (matcher, exact) = (Matcher::new(known, false), Matcher::new(known, true));
        for &(text, expected) in finds {
            let found = matcher.find(text).map(|found| (found.category, found.rule));
            assert_eq!(found, expected, "{text} in {known:?}");
            let only_exact = expected.filter(|&(_, rule)| rule == Exact);
            assert_eq!(
                exact.find(text).map(|found| (found.category, found.rule)),
                only_exact,
                "{text}"
            );
        }
    }
}

#[test]
fn all_spellings_of_training_are_found_again() {
    for texts in [
        &["Yes", "No", "yes", "no", "NO"][..],
        &["yes", "true", "1", "no", "0", "off", "Y"],
        &["y", "n", "Y", "N"],
        &["4", "4.0", "5", "5.0", "0", "0.0"],
        &["New York", "new  york", "NEW\u{a0}YORK", "a", "A", "mW", "MW"],
    ] {
        let categories = group(texts, false);
        let matcher = Matcher::new(&categories.names, false);
        for (text, &category) in texts.iter().zip(&categories.of) {
            assert_eq!(
                matcher.find(text).map(|found| found.category),
                Some(category),
                "{text} of {texts:?}"
            );
        }
    }
}

/// Work, not time: keys are made a few times each, whatever their number; quadratic work would take minutes here.
#[test]
fn a_hundred_thousand_categories() {
    let texts: Vec<String> = (0..100_000)
        .map(|i| format!("{} {}", if i % 2 == 0 { "Street" } else { "STREET" }, i / 2))
        .collect();
    let counted: Vec<(&str, u64)> = texts.iter().map(|text| (text.as_str(), 1)).collect();
    let categories = Categories::group(&counted, false);
    assert_eq!((categories.names.len(), categories.merged.len()), (50_000, 50_000));
    let matcher = Matcher::new(&categories.names, false);
    assert!(
        texts
            .iter()
            .zip(&categories.of)
            .all(|(text, &at)| matcher.find(text).is_some_and(|found| found.category == at))
    );
}
