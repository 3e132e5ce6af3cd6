//! What to do about an error or a warning, with the settings it names as data.

use std::fmt;

/// Advice: text, with settings where it names some.
///
/// Libraries name a setting by its key (`data.valid_fraction`) and never by a flag, keyword argument or form field: each
/// surface names it in its own way with [`Advice::named`]. [`Display`](fmt::Display) names keys as a run file does.
///
/// # Example
/// ```
/// use rosenblatt_tensor::Advice;
/// let advice = Advice::new("hold out rows with ").set("data.valid_fraction", 0.2);
/// assert_eq!(advice.to_string(), "hold out rows with `data.valid_fraction = 0.2`");
/// let named = advice.named(|key, value| format!("{}={}", &key[5..], value.unwrap_or("…")));
/// assert_eq!(named, "hold out rows with `valid_fraction=0.2`");
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Advice {
    parts: Vec<AdvicePart>,
    /// All of it with keys, so that it can be borrowed.
    text: String,
}

/// A part of an [`Advice`].
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum AdvicePart {
    /// Words.
    Text(String),
    /// A setting.
    Setting {
        /// Its key: `data.missing`, `train.epochs`, `resume`.
        key: String,
        /// The value it should have, if the advice knows one.
        value: Option<String>,
    },
}

impl Advice {
    /// Advice that begins with these words.
    #[must_use]
    pub fn new(text: impl Into<String>) -> Self {
        Self::default().text(text)
    }

    /// Adds words.
    #[must_use]
    pub fn text(self, text: impl Into<String>) -> Self {
        self.part(AdvicePart::Text(text.into()))
    }

    /// Adds the name of a setting.
    #[must_use]
    pub fn setting(self, key: impl Into<String>) -> Self {
        let key = key.into();
        self.part(AdvicePart::Setting { key, value: None })
    }

    /// Adds a setting with the value it should have.
    #[must_use]
    pub fn set(self, key: impl Into<String>, value: impl fmt::Display) -> Self {
        let (key, value) = (key.into(), Some(value.to_string()));
        self.part(AdvicePart::Setting { key, value })
    }

    fn part(mut self, part: AdvicePart) -> Self {
        self.text += &part.named(&in_run_file);
        self.parts.push(part);
        self
    }

    /// Adds other advice after a semicolon.
    #[must_use]
    pub fn also(self, other: impl Into<Self>) -> Self {
        let begun = if self.parts.is_empty() { self } else { self.text("; ") };
        other.into().parts.into_iter().fold(begun, Self::part)
    }

    /// Its words and settings, in order.
    #[must_use]
    pub fn parts(&self) -> &[AdvicePart] {
        &self.parts
    }

    /// The text, with settings by their keys.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// The text, with settings (key and value) as `name` calls them, between backticks.
    #[must_use]
    pub fn named(&self, name: impl Fn(&str, Option<&str>) -> String) -> String {
        self.parts.iter().map(|part| part.named(&name)).collect()
    }
}

impl AdvicePart {
    fn named(&self, name: &dyn Fn(&str, Option<&str>) -> String) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Setting { key, value } => format!("`{}`", name(key, value.as_deref())),
        }
    }
}

fn in_run_file(key: &str, value: Option<&str>) -> String {
    value.map_or_else(|| key.to_owned(), |value| format!("{key} = {value}"))
}

impl fmt::Display for Advice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl From<&str> for Advice {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl From<String> for Advice {
    fn from(text: String) -> Self {
        Self::new(text)
    }
}
