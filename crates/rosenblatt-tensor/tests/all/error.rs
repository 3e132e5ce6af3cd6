//! The one error.

use rosenblatt_tensor::Error;

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
