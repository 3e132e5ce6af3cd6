//! The one error.

use rosenblatt_tensor::{Advice, AdvicePart, Error};

/// Bytes of the longest message that is shown whole.
const MAX_MESSAGE: usize = 1000;

#[test]
fn hints_follow_each_other() {
    let error = Error::io("x").also("first").also("second");
    assert_eq!(error.hint_text(), Some("first; second"));
}

#[test]
fn only_the_middle_of_a_long_message_is_left_out() {
    let whole = "é".repeat(MAX_MESSAGE / 2);
    assert_eq!(Error::data(&*whole).message(), whole);
    let cut = Error::data(format!("begin {} end", "é".repeat(5000)));
    assert!(cut.message().starts_with("begin é") && cut.message().ends_with("é end"));
    assert!(cut.message().len() < MAX_MESSAGE + 10);
}

#[test]
fn a_surface_names_the_settings_of_advice() {
    let hint = Advice::new("add ").set("data.valid_fraction", 0.2).text(", or leave ");
    let error = Error::config("x")
        .hint("first")
        .also(hint.setting("resume").text(" out"));
    let text = "first; add `data.valid_fraction = 0.2`, or leave `resume` out";
    assert_eq!(error.hint_text(), Some(text));
    let shouted = |key: &str, value: Option<&str>| format!("{}{}", key.to_uppercase(), value.unwrap_or(""));
    let expected = "first; add `DATA.VALID_FRACTION0.2`, or leave `RESUME` out";
    assert_eq!(error.advice().unwrap().named(shouted), expected);
    let settings = error
        .advice()
        .unwrap()
        .parts()
        .iter()
        .filter(|part| matches!(part, AdvicePart::Setting { .. }));
    assert_eq!(settings.count(), 2);
}
