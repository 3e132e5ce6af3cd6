//! In what two documents differ.

#[path = "../../../src/spec/difference.rs"]
mod code;

use code::differences;
use serde_json::json;

#[test]
fn names_the_keys_that_differ_and_no_others() {
    let before = json!({"a": {"b": 1, "c": [1, 2]}, "d": "x"});
    let after = json!({"a": {"b": 2, "c": [1, 2]}, "e": null, "f": 0});
    let expected = [
        "`a.b`: 1 became 2",
        "`d`: \"x\" became nothing",
        "`f`: nothing became 0",
    ];
    assert_eq!(differences(&before, &after), expected);
    assert!(differences(&before, &before).is_empty());
}
