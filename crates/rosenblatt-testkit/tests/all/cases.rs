//! How many cases random tests run.

#[path = "../../src/cases.rs"]
#[expect(dead_code, reason = "the crate uses the rest")]
mod code;

use code::{parse, range, scaled};

#[test]
fn the_factor_scales_and_leaves_at_least_one_case() {
    assert_eq!(scaled(100, 1.0), 100);
    assert_eq!(scaled(100, 0.1), 10);
    assert_eq!(scaled(100, 10.0), 1000);
    assert_eq!(scaled(100, 0.0), 1);
    assert_eq!(scaled(1, 0.1), 1);
    assert_eq!(scaled(0, 10.0), 0);
}

#[test]
fn ranges_are_read() {
    assert_eq!(range("300..400"), Some(300..400));
    for text in ["", "300", "300..", "a..b", "3..=4"] {
        assert_eq!(range(text), None, "{text}");
    }
}

#[test]
fn factors_are_read() {
    assert_eq!(parse("0.25"), 0.25);
    assert_eq!(parse("4"), 4.0);
}

#[test]
#[should_panic(expected = "must be a factor such as")]
fn a_factor_that_is_none_is_refused() {
    parse("nan");
}
