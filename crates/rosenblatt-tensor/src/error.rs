//! The one error of the project.

use std::fmt;

use crate::Advice;
use crate::names::one_line;

/// A result with the project's [`Error`].
pub type Result<T> = std::result::Result<T, Error>;

/// The longest message that is kept whole, in bytes.
const MAX_MESSAGE: usize = 1000;

/// What went wrong, in the caller's terms: a message, where it happened, and what to do about it.
///
/// # Example
/// ```
/// use rosenblatt_tensor::Error;
/// let error = Error::shape("expected 4 features on the last axis, got 3").within("linear").within("layers.2");
/// assert_eq!(error.to_string(), "layers.2: linear: expected 4 features on the last axis, got 3");
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Error(Box<Content>);

#[derive(Clone, PartialEq, Eq)]
struct Content {
    kind: ErrorKind,
    message: String,
    /// Where, innermost first: `"linear"`, `"layers.2"`, `"model.toml"`.
    context: Vec<String>,
    hint: Option<Advice>,
}

/// Who can repair it. Front ends choose exit codes, HTTP statuses and exceptions by this.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ErrorKind {
    /// Shapes, ranks or dtypes do not fit together.
    Shape,
    /// A setting is out of range or unknown.
    Config,
    /// A file or data set holds what it must not.
    Data,
    /// A loss, gradient or weight became NaN or infinite.
    NotFinite,
    /// The operating system refused: a file is missing, a disk is full.
    Io,
    /// Cancelled by the caller or a signal.
    Cancelled,
    /// Right in itself, but this build or machine cannot do it.
    Unsupported,
    /// A fault of this library; please report it.
    Internal,
}

macro_rules! constructors {
    ($($(#[$doc:meta])* $name:ident => $kind:ident,)*) => {
        $($(#[$doc])* #[must_use] pub fn $name(message: impl Into<String>) -> Self { Self::new(ErrorKind::$kind, message) })*
    };
}

impl Error {
    /// An error of the given kind.
    #[must_use]
    pub fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Content {
            kind,
            message: readable(message.into()),
            context: Vec::new(),
            hint: None,
        }))
    }

    constructors! {
        /// Shapes, ranks or dtypes do not fit together.
        shape => Shape,
        /// A setting is out of range or unknown.
        config => Config,
        /// A file or data set holds what it must not.
        data => Data,
        /// A loss, gradient or weight became NaN or infinite.
        not_finite => NotFinite,
        /// The operating system refused.
        io => Io,
        /// Cancelled by the caller or a signal.
        cancelled => Cancelled,
        /// This build or machine cannot do it.
        unsupported => Unsupported,
        /// A fault of this library.
        internal => Internal,
    }

    /// Says where the error happened; call it at every border it crosses. A place is one line: control characters are escaped.
    #[must_use]
    pub fn within(mut self, place: impl Into<String>) -> Self {
        self.0.context.push(one_line(&place.into()));
        self
    }

    /// Says what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<Advice>) -> Self {
        self.0.hint = Some(hint.into());
        self
    }

    /// The same error as one of a setting, which asks for what does not exist.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_tensor::{Error, ErrorKind};
    /// let error = Error::data("there is no column `kin`").within("a.csv").for_setting("data.target");
    /// assert_eq!((error.kind(), error.to_string().as_str()), (ErrorKind::Config, "data.target: a.csv: there is no column `kin`"));
    /// ```
    #[must_use]
    pub fn for_setting(mut self, setting: impl Into<String>) -> Self {
        self.0.kind = ErrorKind::Config;
        self.within(setting)
    }

    /// Calls each place as `name` says, if it says something.
    #[must_use]
    pub fn rename_places(mut self, name: impl Fn(&str) -> Option<String>) -> Self {
        for place in &mut self.0.context {
            if let Some(name) = name(place) {
                *place = name;
            }
        }
        self
    }

    /// Adds to the hint, after a semicolon.
    #[must_use]
    pub fn also(mut self, hint: impl Into<Advice>) -> Self {
        let before = self.0.hint.take().unwrap_or_default();
        self.hint(before.also(hint))
    }

    /// Who can repair it.
    #[must_use]
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// The message without its places.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.0.message
    }

    /// What to do about it, if known, with settings by their keys.
    #[must_use]
    pub fn hint_text(&self) -> Option<&str> {
        self.advice().map(Advice::as_str)
    }

    /// What to do about it, if known, for surfaces that name settings in their own way.
    #[must_use]
    pub fn advice(&self) -> Option<&Advice> {
        self.0.hint.as_ref()
    }
}

/// Leaves out the middle of a very long message, such as one that quotes a whole file.
fn readable(message: String) -> String {
    if message.len() <= MAX_MESSAGE {
        return message;
    }
    let head = message.floor_char_boundary(MAX_MESSAGE / 2);
    let tail = message.ceil_char_boundary(message.len() - MAX_MESSAGE / 2);
    format!("{} … {}", &message[..head], &message[tail..])
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for place in self.0.context.iter().rev() {
            write!(f, "{place}: ")?;
        }
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} error: {self}", self.0.kind)?;
        self.0.hint.as_ref().map_or(Ok(()), |hint| write!(f, " (hint: {hint})"))
    }
}

impl std::error::Error for Error {}

impl From<std::io::Error> for Error {
    fn from(error: std::io::Error) -> Self {
        Self::io(error.to_string())
    }
}
