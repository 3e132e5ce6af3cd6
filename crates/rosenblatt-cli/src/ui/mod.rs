//! Everything that is printed: results on stdout, the rest on stderr.

mod chart;
mod progress;
mod text;

use std::fmt::Display;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::Path;

use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::text::printable;
use rosenblatt_train::{Spec, files};
use serde_json::Value;

use crate::flags::{Format, UiFlags, typed};

pub(crate) use progress::Progress;
pub(crate) use rosenblatt_train::text::{count, number, one_line, quoted, quoted_file, shortest};
pub(crate) use text::{folded, metrics, table};

/// The name of a file in a text of several lines.
pub(crate) fn shown(path: &Path) -> String {
    one_line(&path.display().to_string())
}

/// What a command found out, in both forms.
pub(crate) trait Report {
    /// For people, with a line end after each line.
    fn text(&self) -> String;

    /// The same for programs; keys may be added, and none renamed.
    ///
    /// # Errors
    /// It cannot be said in JSON.
    fn json(&self) -> Result<Value>;

    /// Writes the JSON; what may be too long for memory is written as it is read.
    ///
    /// # Errors
    /// It cannot be said in JSON, or not be written.
    fn write_json(&self, out: &mut dyn Write) -> io::Result<()> {
        serde_json::to_writer_pretty(out, &self.json().map_err(io::Error::other)?).map_err(io::Error::from)
    }
}

/// A document with the keys of another one, which the library has described.
///
/// # Errors
/// The other one could not be described.
pub(crate) fn joined(mut document: Value, described: serde_json::Result<Value>) -> Result<Value> {
    let described = described.map_err(|error| Error::internal(error.to_string()))?;
    if let (Value::Object(all), Value::Object(more)) = (&mut document, described) {
        all.extend(more);
    }
    Ok(document)
}

/// The only writer.
pub(crate) struct Ui {
    format: Format,
    quiet: bool,
    verbose: bool,
    color: bool,
    /// Whoever read stdout has gone: nothing more is written, and nothing is wrong.
    closed: bool,
}

/// Beginnings of lines on stderr, with their colors.
#[derive(Clone, Copy)]
enum Label {
    Error,
    Hint,
    Warning,
    Note,
}

impl Label {
    fn text(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Hint => "hint",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }

    /// Escape sequence: bold red, cyan, bold yellow, bold.
    fn style(self) -> &'static str {
        match self {
            Self::Error => "\x1b[1;31m",
            Self::Hint => "\x1b[36m",
            Self::Warning => "\x1b[1;33m",
            Self::Note => "\x1b[1m",
        }
    }
}

impl Ui {
    /// As the user wants it.
    pub(crate) fn new(flags: &UiFlags) -> Self {
        let no_color = std::env::var_os("NO_COLOR").is_some_and(|value| !value.is_empty());
        let color = io::stderr().is_terminal() && !no_color;
        Self {
            format: flags.format,
            quiet: flags.quiet,
            verbose: flags.verbose,
            color,
            closed: false,
        }
    }

    /// Whether results are JSON.
    pub(crate) fn is_json(&self) -> bool {
        self.format == Format::Json
    }

    /// Whether the user wants to know everything.
    pub(crate) fn is_verbose(&self) -> bool {
        self.verbose
    }

    /// Prints a result in the form the user wants.
    ///
    /// # Errors
    /// stdout cannot be written to.
    pub(crate) fn report(&mut self, report: &dyn Report) -> Result<()> {
        match self.format {
            Format::Text => self.raw(printable(&report.text()).as_bytes()),
            Format::Json => self.print(&mut |out| {
                report.write_json(out)?;
                writeln!(out)
            }),
        }
    }

    /// Prints what comes before a result: for people who did not ask for silence.
    ///
    /// # Errors
    /// stdout cannot be written to.
    pub(crate) fn preamble(&mut self, text: &str) -> Result<()> {
        if self.quiet || self.is_json() {
            Ok(())
        } else {
            self.raw(printable(text).as_bytes())
        }
    }

    /// Prints bytes that are a result by themselves.
    ///
    /// # Errors
    /// stdout cannot be written to; that no one reads it any more is no error.
    pub(crate) fn raw(&mut self, bytes: &[u8]) -> Result<()> {
        self.print(&mut |out| out.write_all(bytes))
    }

    /// Prints a result that may be too long for memory as it is made.
    ///
    /// # Errors
    /// As [`Ui::raw`].
    pub(crate) fn print(&mut self, write: &mut dyn FnMut(&mut dyn Write) -> io::Result<()>) -> Result<()> {
        if self.closed {
            return Ok(());
        }
        let mut out = BufWriter::with_capacity(1 << 16, io::stdout().lock());
        match write(&mut out).and_then(|()| out.flush()) {
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => self.closed = true,
            other => other.map_err(|error| files::failed(Path::new("stdout"), "cannot be written", &error))?,
        }
        Ok(())
    }

    /// Says what went wrong, and what to do about it.
    pub(crate) fn error(&self, error: &Error) {
        self.line(Label::Error, error);
        if let Some(advice) = error.advice() {
            self.line(Label::Hint, advice.named(typed));
        }
    }

    /// Says what may be wrong.
    pub(crate) fn warning(&self, text: &str) {
        self.line(Label::Warning, text);
    }

    /// Says what is good to know.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            self.line(Label::Note, text);
        }
    }

    /// Says how something that was given by an earlier name is called now.
    pub(crate) fn renamed(&self, earlier: &str, present: &str) {
        self.note(&format!("`{earlier}` is now called `{present}`"));
    }

    /// Says what only those want to know who asked for it.
    pub(crate) fn detail(&self, text: &str) {
        if self.verbose {
            let _ = writeln!(io::stderr(), "{}", text.trim_end());
        }
    }

    /// Shows how a run goes on: a bar on a terminal, lines elsewhere.
    pub(crate) fn progress(&self, spec: &Spec) -> Progress {
        match (self.quiet, io::stderr().is_terminal() && !self.verbose) {
            (true, _) => Progress::silent(),
            (false, true) => Progress::bar(),
            (false, false) => Progress::lines(spec.train.epochs),
        }
    }

    /// A line on stderr. An error of stderr itself is ignored.
    fn line(&self, label: Label, text: impl Display) {
        let (on, off) = if self.color {
            (label.style(), "\x1b[0m")
        } else {
            ("", "")
        };
        let text = printable(&text.to_string());
        let _ = writeln!(io::stderr(), "{on}{}:{off} {text}", label.text());
    }
}
