//! Sentences on a page.

#[path = "../../../src/page/prose.rs"]
mod code;

use code::prose;

#[test]
fn names_are_between_backticks_and_escaped() {
    for (sentence, expected) in [
        ("`a`: 1, `b`", "<code>a</code>: 1, <code>b</code>"),
        ("`<b>`: \"&\"", "<code>&lt;b&gt;</code>: &quot;&amp;&quot;"),
        ("`a`b`", "`a`b`"),
        ("", ""),
    ] {
        assert_eq!(prose(sentence).into_string(), expected);
    }
}
