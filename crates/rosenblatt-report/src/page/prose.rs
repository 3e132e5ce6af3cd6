//! Sentences on a page.

use maud::{Markup, html};

/// A sentence whose names are in backticks.
pub(super) fn prose(sentence: &str) -> Markup {
    let parts: Vec<&str> = sentence.split('`').collect();
    // An odd backtick is part of a name.
    let is_paired = !parts.len().is_multiple_of(2);
    html! {
        @if !is_paired { (sentence) }
        @for (i, part) in parts.iter().enumerate().filter(|_| is_paired) {
            @if i.is_multiple_of(2) { (part) } @else { code { (part) } }
        }
    }
}
