//! Texts against Python (`fixtures/dates.json.gz`), and texts that are none.

use jiff::civil::Date;
use proptest::prelude::*;
use rosenblatt_testkit::fixture;

use super::*;

fn read(text: &str, order: DateOrder, kind: DateKind) -> Option<Moment> {
    Spelling::new(order, kind).read(text)
}

fn by_year(text: &str) -> Option<Moment> {
    read(text, DateOrder::YearFirst, DateKind::Date)
}

#[test]
fn spellings_as_python_reads_them() {
    type Case = (String, DateOrder, DateKind, Option<String>, f64, f64);
    let cases: Vec<Case> = serde_json::from_value(fixture("dates.json.gz")["texts"].clone()).unwrap();
    assert!(cases.len() >= 150, "{}", cases.len());
    for (text, order, kind, day, seconds, offset_seconds) in cases {
        let date = day.map(|day| day.parse::<Date>().unwrap());
        let expected = Moment {
            date,
            seconds,
            offset_seconds,
        };
        assert_eq!(read(&text, order, kind), Some(expected), "{text}");
        // A column of it alone is of the same kind, or more exactly one of months.
        let vote = Orders::of([text.as_str()]);
        match vote.of_all_texts() {
            Some(found) if found.kind == DateKind::Month => assert_eq!(kind, DateKind::Date, "{text}"),
            Some(found) => assert_eq!(found.kind, kind, "{text}"),
            // `1.5 h` alone may be something else.
            None => assert!(vote.is_ambiguous() || text.ends_with(" h"), "{text}"),
        }
    }
}

#[test]
fn what_is_no_date() {
    for text in "|2024|2024-13-01|2024-13|4711-05|2023-02-29|1900-02-29|2024-00-10|2024-01-00|24-01-31|31/12/2024| \
        2024-01/31|2024-01-31-|2024-01-31T|2024-01-31T25:00|2024-01-31T12:60|2024-01-31T12:30:60| \
        2024-01-31T12:30+|2024-01-31T12:30+2|2024-01-31T12:30Zulu|2024-01-31T12:30:05.x|2024-01-31 noon| \
        +2024-01-31|2024-1-é|2024-01-31T12:30+é0|2024-01-31T12:30+02:00Z|2024-01-31TZ|2024-01-31T12:30ZZ| \
        2024-01-31 CET|Z|UTC|99999999|1.5|May|Monday|March 32, 2020|Jul 5|Jul 20|20-Jul|5 Jul|Marx 5, 2020| \
        2024-W54-1|2021-W53-1|2024-W05-8|2023-366|13:08|1h 30m|2024-01-31 13:08 PM| \
        2024-01-31 12:30 Europe/Nowhere|1.2.3|1.10.2024.5|12.2024|2024.05|1/2|31st|2024-01-31 12|5 of May| \
        2024-01-31 1:5|2024-01-31, |-|:|T12:30|12:30 2024-01-31"
        .split('|')
    {
        assert_eq!(by_year(text), None, "{text}");
    }
}

#[test]
fn what_is_no_time_and_no_duration() {
    for text in "24:00|12:60|1:5|13:00 PM|16:9|12|12:30:61|-1:20|1:20 X|2024-01-01".split('|') {
        assert_eq!(read(text, DateOrder::YearFirst, DateKind::TimeOfDay), None, "{text}");
    }
    for text in "P|PT|P1DT|P1|P1H|PT1D|h|5|5 x|1h 30|1:20 PM|12:30 UTC|1.5|3 days 25:00".split('|') {
        assert_eq!(read(text, DateOrder::YearFirst, DateKind::Duration), None, "{text}");
    }
}

#[test]
fn day_and_month_are_where_the_order_says() {
    let [day, month] = [DateOrder::DayFirst, DateOrder::MonthFirst];
    for (text, order, year_first) in [
        ("31/12/2024", day, Some("2024-12-31")),
        ("12/31/2024", month, Some("2024-12-31")),
        ("1.2.2024 8:30", day, Some("2024-02-01 08:30")),
        ("1-2-2024T08:30+02:00", month, Some("2024-01-02 08:30+02:00")),
        ("2024-02-01", day, Some("2024-02-01")),
        ("20240201", month, Some("2024-02-01")),
        ("29/02/2023", day, None),
        ("31/12/2024", month, None),
        ("31/12/24", day, Some("2024-12-31")),
        ("31/12/2024/1", day, None),
        ("31/12.2024", day, None),
        ("31/2024", day, None),
    ] {
        let expected = year_first.map(|text| by_year(text).unwrap());
        assert_eq!(read(text, order, DateKind::Date), expected, "{text} {order:?}");
    }
    let short = Spelling {
        short_year_first: true,
        ..Spelling::default()
    };
    assert_eq!(short.read("24-12-31"), by_year("2024-12-31"));
    for quarter in ["2024-Q2", "2024Q2", "Q2 2024", "q2-2024"] {
        assert_eq!(by_year(quarter), by_year("2024-04"), "{quarter}");
    }
    assert_eq!(by_year("Q5 2024"), None);
}

#[test]
fn the_same_moment_in_many_spellings() {
    for text in [
        "2024-02-29T12:30:00Z",
        "2024-02-29 12:30",
        "20240229T12:30",
        "2024/2/29 12:30:00.000",
        "2024.02.29t14:30+02:00",
        "2024-02-29T14:30+0200",
        "2024-02-29T10:30:00,0-02",
        "2024-02-29 12:30:00 UTC",
        "2024-02-29 12:30 gmt",
        "2024-02-29 12:30:00.0 Z",
        "Thu Feb 29 13:30:00 CET 2024",
        "29-Feb-24 7:30 AM EST",
    ] {
        let days = by_year(text).unwrap().elapsed_days();
        assert_eq!(days, 19_782.0 + 12.5 / 24.0, "{text}");
    }
    let moment = by_year("2024-02-29T14:30+02:00").unwrap();
    assert_eq!((moment.weekday(), moment.day_of_year()), (3, 60));
    assert_eq!(by_year("0000-01-01").unwrap().elapsed_days(), -719_528.0);
}

#[test]
fn numbers_are_dates_by_request() {
    let given = given::Given {
        is_date: true,
        ..given::Given::default()
    };
    let first = |texts: &[&str]| {
        let spelling = given.spelling(texts.iter().copied())?;
        let moment = spelling.read(texts[0])?;
        Some((spelling.kind, moment.elapsed_days()))
    };
    let july = 18_448.0;
    for (texts, expected) in [
        (&["20200705", "20201231"][..], Some((DateKind::Digits, july))),
        (&["20200705.0"], Some((DateKind::Digits, july))),
        (&["202007"], Some((DateKind::Digits, july - 4.0))),
        (&["20200705120000"], Some((DateKind::Digits, july + 0.5))),
        (&["202007051200"], Some((DateKind::Digits, july + 0.5))),
        (&["1970", "2020"], Some((DateKind::Year, 0.0))),
        (&["1593950400"], Some((DateKind::UnixSeconds, july + 0.5))),
        (&["1593950400.0"], Some((DateKind::UnixSeconds, july + 0.5))),
        (&["-43200", "1593950400"], Some((DateKind::UnixSeconds, -0.5))),
        (&["1593950400000"], Some((DateKind::UnixMilliseconds, july + 0.5))),
        (&["1593950400000000"], Some((DateKind::UnixMicroseconds, july + 0.5))),
        (&["1593950400000000000"], Some((DateKind::UnixNanoseconds, july + 0.5))),
        (&["44000", "44001"], None),
        (&["5.5"], None),
    ] {
        assert_eq!(first(texts), expected, "{texts:?}");
    }
    let half = read("-0.5", DateOrder::YearFirst, DateKind::UnixSeconds).unwrap();
    assert_eq!((half.elapsed_days().floor(), half.seconds), (-1.0, 86_399.5));
}

#[test]
fn formats_are_read_as_given() {
    for (format, text, expected) in [
        ("%d/%m/%y", "05/07/20", Some(by_year("2020-07-05").unwrap())),
        ("%Y%m%d%H", "2020070513", Some(by_year("2020-07-05T13:00").unwrap())),
        ("%m.%Y", "07.2020", Some(by_year("2020-07-01").unwrap())),
        ("%s", "1593950400", Some(by_year("2020-07-05T12:00").unwrap())),
        ("%Hh%M", "13h08", Some(Moment::of_seconds(47_280.0))),
        (
            "%F %T %z",
            "2020-07-05 13:30:05 +0200",
            by_year("2020-07-05 13:30:05 +0200"),
        ),
        (
            "%F %T %Q",
            "2020-07-05 13:30:05 Europe/Berlin",
            by_year("2020-07-05 13:30:05 +0200"),
        ),
        ("%d/%m/%y", "2020-07-05", None),
        ("%", "2020", None),
        ("%d", "5", None),
    ] {
        assert_eq!(format::read(format, text).ok(), expected, "{format} {text}");
    }
}

/// Pieces of dates, and what else may be between them.
fn pieces() -> impl Strategy<Value = String> {
    let piece = prop::sample::select(
        "0|1|5|31|2024|99|00|123456789012|Jul|Sept|monday|th|st| |-|/|.|,|:|T|_|+|AM|p.m.|Z|UTC| \
        Europe/|Berlin|[|]|(|)|W05|Q2|P|PT|h|m|days|at|'|é|\u{a0}|\u{202f}|\u{2212}|\0|1e5"
            .split('|')
            .collect::<Vec<_>>(),
    );
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(4096))]

    #[test]
    fn random_pieces_are_read_or_refused(text in pieces(), format in "[%a-zA-Z/:. -]{0,8}") {
        let vote = Orders::of([text.as_str()]);
        for order in DateOrder::ALL {
            for kind in [DateKind::Date, DateKind::TimeOfDay, DateKind::MinuteDuration, DateKind::Digits, DateKind::UnixSeconds] {
                if let Some(moment) = read(&text, order, kind) {
                    prop_assert!(moment.elapsed_days().is_finite(), "{}", text);
                    prop_assert!(kind == DateKind::MinuteDuration || (0.0..=SECONDS_OF_DAY).contains(&moment.seconds));
                }
            }
        }
        if let Some(spelling) = vote.of_all_texts() {
            prop_assert!(spelling.read(&text).is_some(), "{}", text);
        }
        let _ = format::read(&format, &text);
    }
}
