//! Markup that is safe to put on a page: whatever is text is escaped, since there is no other way to put it in.

use std::fmt::{Display, Write};

use rosenblatt_train::text::escaped;

/// Escaped text and elements.
#[derive(Clone, Debug, Default)]
pub(super) struct Markup(String);

/// An element, with attributes and content.
#[derive(Clone, Debug)]
pub(super) struct Element {
    name: &'static str,
    attributes: String,
    content: Markup,
}

/// An empty element.
pub(super) fn element(name: &'static str) -> Element {
    Element {
        name,
        attributes: String::new(),
        content: Markup::default(),
    }
}

/// An element that holds one thing.
pub(super) fn of(name: &'static str, content: impl Into<Markup>) -> Element {
    element(name).with(content)
}

/// A sentence in which names stand between backticks.
pub(super) fn prose(sentence: &str) -> Markup {
    let parts: Vec<&str> = sentence.split('`').collect();
    if parts.len().is_multiple_of(2) {
        return sentence.into(); // A backtick is part of a name.
    }
    let part = |(i, &part): (usize, &&str)| {
        if i.is_multiple_of(2) {
            Markup::from(part)
        } else {
            of("code", part).into()
        }
    };
    parts.iter().enumerate().map(part).collect()
}

impl Element {
    /// An attribute; its value is escaped.
    pub(super) fn attr(mut self, name: &'static str, value: impl Display) -> Self {
        let _ = write!(self.attributes, " {name}=\"{}\"", escaped(&value.to_string()));
        self
    }

    /// The class.
    pub(super) fn class(self, name: &'static str) -> Self {
        self.attr("class", name)
    }

    /// More content.
    pub(super) fn with(mut self, content: impl Into<Markup>) -> Self {
        self.content.0 += &content.into().0;
        self
    }

    /// More content, one after another.
    pub(super) fn each<M: Into<Markup>>(self, contents: impl IntoIterator<Item = M>) -> Self {
        contents.into_iter().fold(self, Self::with)
    }
}

impl Markup {
    /// A style sheet of our own: its text stays as it is.
    pub(super) fn style(sheet: &'static str) -> Self {
        Self(format!("<style>\n{sheet}</style>"))
    }

    /// The text of the page.
    pub(super) fn into_string(self) -> String {
        self.0
    }
}

impl From<Element> for Markup {
    fn from(element: Element) -> Self {
        let Element {
            name,
            attributes,
            content: Self(content),
        } = element;
        // These have neither content nor end.
        Self(match name {
            "meta" | "link" => format!("<{name}{attributes}>"),
            _ => format!("<{name}{attributes}>{content}</{name}>"),
        })
    }
}

impl From<&str> for Markup {
    fn from(text: &str) -> Self {
        Self(escaped(text))
    }
}

impl From<&String> for Markup {
    fn from(text: &String) -> Self {
        text.as_str().into()
    }
}

impl From<String> for Markup {
    fn from(text: String) -> Self {
        text.as_str().into()
    }
}

impl FromIterator<Self> for Markup {
    fn from_iter<I: IntoIterator<Item = Self>>(parts: I) -> Self {
        Self(parts.into_iter().map(|Self(part)| part).collect())
    }
}

impl<M: Into<Self>> From<Option<M>> for Markup {
    fn from(part: Option<M>) -> Self {
        part.map_or_else(Self::default, Into::into)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(markup: impl Into<Markup>) -> String {
        markup.into().into_string()
    }

    #[test]
    fn whatever_is_text_is_escaped() {
        let evil = "<script>alert(1)</script> & \"'\0\u{1b}";
        let safe = "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;&#39;\u{fffd}\u{fffd}";
        assert_eq!(html(evil), safe);
        assert_eq!(
            html(of("td", evil).attr("title", evil)),
            format!("<td title=\"{safe}\">{safe}</td>")
        );
        assert_eq!(html(prose(&format!("`{evil}`: x"))), format!("<code>{safe}</code>: x"));
        assert_eq!(html("Größe 身長\t🌸"), "Größe 身長 🌸");
    }

    #[test]
    fn elements_hold_what_is_put_into_them() {
        let list = element("ul").class("a").each([of("li", "x"), of("li", "y")]);
        assert_eq!(html(list), "<ul class=\"a\"><li>x</li><li>y</li></ul>");
        assert_eq!(html(element("meta").attr("name", "a")), "<meta name=\"a\">");
        assert_eq!(html(of("p", None::<Element>)), "<p></p>");
    }

    #[test]
    fn names_stand_between_backticks() {
        assert_eq!(html(prose("`a`: 1, `b`")), "<code>a</code>: 1, <code>b</code>");
        assert_eq!(html(prose("`a`b`")), "`a`b`");
        assert_eq!(html(prose("")), "");
    }
}
