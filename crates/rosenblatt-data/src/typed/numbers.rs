//! Texts as numbers.

use arrow_array::{Array, Float64Array, StringArray};
use rosenblatt_tensor::{Advice, Error, Result};

use super::arrays::Chunk;
use super::texts::{self, Number};
use super::{Odd, Reading};
use crate::places::short;
use crate::{ColumnKind, Numbers};

/// What the cells of a column are.
pub(super) enum Found {
    Numbers(Numbers),
    /// Texts, perhaps because of a cell.
    Texts(Option<Odd>),
}

/// A column while its cells are read.
#[derive(Default)]
struct State {
    values: Vec<f64>,
    /// Whether a number was seen.
    seen: bool,
    /// Whether a text was taken for a missing number, which would be a category among texts.
    words: bool,
    /// The first number beyond f64.
    out_of_range: Option<Error>,
}

impl Reading<'_> {
    /// The numbers of a column, if all its present cells are some.
    pub fn numbers(&self, chunks: &[Chunk]) -> Result<Found> {
        let mut state = State::default();
        let mut chunks = chunks.iter();
        for &(arrays, comma) in self.commas {
            let mut mark = None;
            for chunk in chunks.by_ref().take(arrays) {
                let stopped = match chunk {
                    Chunk::Numbers(numbers) => self.take_numbers(numbers, &mut state),
                    Chunk::Texts(texts) => self.take_texts(texts, comma, &mut mark, &mut state)?,
                };
                if let Some(odd) = stopped {
                    return Ok(Found::Texts(odd));
                }
            }
        }
        if state.words && !state.seen && self.given.is_none() {
            return Ok(Found::Texts(None));
        }
        match state.out_of_range {
            Some(error) => Err(error),
            None => Ok(Found::Numbers(state.values.into())),
        }
    }

    fn take_numbers(&self, numbers: &Float64Array, state: &mut State) -> Option<Option<Odd>> {
        let is_marker = |x: f64| {
            self.options
                .missing
                .iter()
                .any(|text| texts::number(text) == Number::Finite(x))
        };
        for x in numbers.iter() {
            let value = x.filter(|&x| self.options.missing.is_empty() || !is_marker(x));
            let row = state.values.len() as u64;
            if value.is_some_and(f64::is_infinite) {
                let error = out_of_range(self.column, &value.unwrap_or_default().to_string());
                state.out_of_range.get_or_insert_with(|| self.at(row, error));
            }
            state.seen |= value.is_some();
            state.values.push(value.filter(|x| x.is_finite()).unwrap_or(f64::NAN));
        }
        None
    }

    /// Takes texts as numbers; stops at the first that is none, with what is to be said of it.
    fn take_texts(
        &self,
        texts: &StringArray,
        comma: bool,
        mark: &mut Option<u8>,
        state: &mut State,
    ) -> Result<Option<Option<Odd>>> {
        let quick = !self
            .options
            .missing
            .iter()
            .any(|text| texts::number(text) != Number::Text);
        for i in 0..texts.len() {
            let text = if texts.is_null(i) { "" } else { texts.value(i) };
            let bytes = text.as_bytes();
            let is_trimmed = matches!(bytes, [first, .., last] if first.min(last) > &b' ') || bytes.len() == 1;
            let text = if is_trimmed { text } else { text.trim_ascii() };
            if text.is_empty() {
                state.values.push(f64::NAN);
                continue;
            }
            let plain_mark = mark.unwrap_or(b'.');
            if quick && let Some((value, marked)) = texts::plain(text.as_bytes(), plain_mark) {
                if marked {
                    *mark = Some(plain_mark);
                }
                state.seen = true;
                state.values.push(value);
                continue;
            }
            if let Some(odd) = self.take_text(text, comma, mark, state)? {
                return Ok(Some(odd));
            }
        }
        Ok(None)
    }

    /// Takes a text that needs a closer look.
    fn take_text(
        &self,
        text: &str,
        comma: bool,
        mark: &mut Option<u8>,
        state: &mut State,
    ) -> Result<Option<Option<Odd>>> {
        let row = state.values.len() as u64;
        if self.is_missing(text) {
            state.values.push(f64::NAN);
            return Ok(None);
        }
        if texts::is_missing_number(text) {
            state.values.push(f64::NAN);
            state.words = true;
            return Ok(None);
        }
        let odd = |reason: &str| Odd {
            row,
            text: text.to_owned(),
            reason: reason.to_owned(),
        };
        if self.given.is_none()
            && let Some(reason) = texts::is_name(text)
        {
            return Ok(Some(Some(odd(reason))));
        }
        let found = text.bytes().find(|byte| matches!(byte, b'.' | b','));
        let is_other_mark = found.is_some() && mark.is_some() && *mark != found;
        let is_comma = comma && text.contains(',') && !text.contains('.');
        let number = match is_comma {
            true => texts::number(&text.replace(',', ".")),
            false => texts::number(text),
        };
        match number {
            Number::Finite(value) if !is_other_mark => state.values.push(value),
            Number::OutOfRange if !is_other_mark => {
                state
                    .out_of_range
                    .get_or_insert_with(|| self.at(row, out_of_range(self.column, text)));
                state.values.push(f64::NAN);
            }
            _ if self.given == Some(ColumnKind::Numeric) => return Err(self.at(row, no_number(self.column, text))),
            _ => {
                let is_told = state.seen || texts::unit_of_number(text).is_some();
                return Ok(Some(is_told.then(|| odd("is not a number"))));
            }
        }
        state.seen = true;
        *mark = mark.or(found);
        Ok(None)
    }
}

fn out_of_range(name: &str, text: &str) -> Error {
    Error::data(format!(
        "column `{}`: `{}` is out of range, expected a finite number",
        short(name),
        short(text)
    ))
}

fn no_number(name: &str, text: &str) -> Error {
    let message = format!("column `{}`: expected a number, got `{}`", short(name), short(text));
    Error::data(message).hint(match texts::unit_of_number(text) {
        Some(unit) => format!("write numbers without `{unit}`, with a point before decimals").into(),
        None => {
            let (hint, key) = (Advice::new("if it marks a missing value, add "), "data.missing");
            // A long text is not shown whole.
            let is_whole = short(text) == text;
            let hint = if is_whole {
                hint.set(key, text)
            } else {
                hint.setting(key)
            };
            hint.text(", together with all other markers")
        }
    })
}
