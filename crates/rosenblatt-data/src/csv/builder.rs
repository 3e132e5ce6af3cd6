//! A column while it is read.

use rosenblatt_tensor::{Error, Result};

use super::cells::{self, Number};
use super::texts::Texts;
use crate::numbers::push;
use crate::places::short;
use crate::{Column, ColumnData, ColumnKind, Input, MISSING, Numbers};

/// A place in a file.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    /// Counted from 1; where the row starts, if it has several.
    pub line: u64,
    /// Counted from 1.
    pub cell: Option<usize>,
}

impl Place {
    /// The error with `file:line:cell` before it.
    pub fn error(self, input: &Input, error: Error) -> Error {
        let Self { line, cell } = self;
        error.within(match cell {
            Some(cell) => format!("{}:{line}:{cell}", input.name()),
            None => format!("{}:{line}", input.name()),
        })
    }
}

/// What every cell is judged by.
pub(super) struct Rules<'a> {
    pub input: &'a Input,
    /// Further texts for a missing cell.
    pub missing: &'a [String],
    /// Whether `1,5` is one and a half.
    pub decimal_comma: bool,
    /// Whether one of `missing` looks like a number.
    pub missing_numbers: bool,
    /// Whether the table has further files.
    pub several: bool,
    /// Whether only an empty cell is missing.
    pub literal: bool,
}

impl<'a> Rules<'a> {
    /// Rules for a file.
    pub fn new(input: &'a Input, missing: &'a [String], decimal_comma: bool) -> Self {
        let is_number = |text: &String| cells::decimal(text.as_bytes(), decimal_comma).is_some();
        Self {
            input,
            missing,
            decimal_comma,
            missing_numbers: missing.iter().any(is_number),
            several: false,
            literal: false,
        }
    }

    fn is_missing(&self, text: &str) -> bool {
        match self.literal {
            true => text.is_empty(),
            false => cells::is_missing(text, self.missing),
        }
    }
}

/// Why a column with numbers was read as texts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Oddity {
    /// The name of the column.
    pub column: String,
    /// The file, if there are several.
    pub file: Option<String>,
    /// The line of the cell, counted from 1.
    pub line: u64,
    /// The number of the cell in its row, counted from 1.
    pub cell: usize,
    /// The first cell that speaks against numbers, cut to a length fit for a message.
    pub text: String,
    /// What is the matter with it.
    pub reason: String,
}

/// Takes the cells of one column, one after another.
pub(super) struct Builder {
    name: String,
    /// The kind is known and cells do not change it.
    fixed: bool,
    cells: Cells,
    /// The first cell that speaks against numbers.
    oddity: Option<Oddity>,
}

enum Cells {
    Numbers(Quantities),
    Texts(Names),
    /// Numbers, then a text: to be read again.
    Undecided,
}

/// All present cells so far are numbers.
#[derive(Default)]
struct Quantities {
    values: Numbers,
    /// Whether one was present.
    seen: bool,
    /// Whether a text was taken for a missing number, which would be a category among texts.
    words: bool,
    /// What stands before the decimals, once it is known.
    mark: Option<char>,
    /// The first one out of range: an error, unless the column turns out to be text.
    out_of_range: Option<Error>,
}

/// Cells of a column of texts.
#[derive(Default)]
struct Names {
    codes: Vec<u32>,
    texts: Texts,
    /// Codes of texts that stand for a missing cell.
    missing: Vec<u32>,
}

impl Builder {
    /// A column without cells, of a known kind or none.
    pub fn new(name: &str, kind: Option<ColumnKind>) -> Self {
        let cells = match kind {
            Some(ColumnKind::Categorical | ColumnKind::Date) => Cells::Texts(Names::default()),
            _ => Cells::Numbers(Quantities::default()),
        };
        Self {
            name: name.to_owned(),
            fixed: kind.is_some(),
            cells,
            oddity: None,
        }
    }

    /// Takes the next cell.
    ///
    /// Nearly all cells are decimals or texts that came before, and are taken without a further look.
    pub fn push(&mut self, cell: &[u8], place: Place, rules: &Rules<'_>) -> Result<()> {
        let cell = cells::trimmed(cell);
        let taken = match &mut self.cells {
            Cells::Numbers(numbers) => numbers.take(cell, rules),
            Cells::Texts(names) => names.take(cell),
            Cells::Undecided => false,
        };
        if taken {
            Ok(())
        } else {
            self.look_at(cell, place, rules)
        }
    }

    fn look_at(&mut self, cell: &[u8], place: Place, rules: &Rules<'_>) -> Result<()> {
        let error = |error| place.error(rules.input, error);
        let text = cells::text(cell).map_err(error)?;
        match &mut self.cells {
            Cells::Undecided => Ok(()),
            Cells::Texts(names) => names.add(text, rules.is_missing(text)),
            Cells::Numbers(numbers) if rules.is_missing(text) => {
                numbers.values.push_missing();
                Ok(())
            }
            Cells::Numbers(_) => self.push_number(text, place, rules).map_err(error),
        }
    }

    fn push_number(&mut self, text: &str, place: Place, rules: &Rules<'_>) -> Result<()> {
        let Cells::Numbers(numbers) = &mut self.cells else {
            return Ok(());
        };
        if cells::is_missing_number(text) {
            numbers.values.push_missing();
            numbers.words = true;
            return Ok(());
        }
        if !self.fixed
            && let Some(reason) = cells::is_name(text)
        {
            self.oddity
                .get_or_insert_with(|| oddity(&self.name, text, place, rules, reason));
        }
        let comma = rules.decimal_comma && text.contains(',') && !text.contains('.');
        let mark = text.chars().find(|c| matches!(c, '.' | ','));
        let number = if comma {
            cells::number(&text.replace(',', "."))
        } else {
            cells::number(text)
        };
        match number {
            Number::Text => return self.turn_to_text(text, place, rules),
            _ if mark.is_some() && numbers.mark.is_some_and(|other| mark != Some(other)) => {
                return self.turn_to_text(text, place, rules);
            }
            Number::Finite(value) => match cells::decimal(text.as_bytes(), rules.decimal_comma) {
                Some((decimal, _)) => numbers.values.push_decimal(decimal),
                None => numbers.values.push(value),
            },
            Number::OutOfRange => {
                let error = || place.error(rules.input, out_of_range_error(&self.name, text));
                numbers.out_of_range.get_or_insert_with(error);
                numbers.values.push_missing();
            }
        }
        numbers.seen = true;
        numbers.mark = numbers.mark.or(mark);
        Ok(())
    }

    fn turn_to_text(&mut self, text: &str, place: Place, rules: &Rules<'_>) -> Result<()> {
        let Cells::Numbers(numbers) = &self.cells else {
            return Ok(());
        };
        if self.fixed {
            let message = format!(
                "column `{}`: expected a number, got `{}`",
                short(&self.name),
                short(text)
            );
            let hint = match cells::beside_number(text) {
                Some(beside) => format!("write numbers without `{beside}`, with a point before decimals"),
                None => {
                    "if it stands for a missing value, say so when the model is trained: `--na` and the text".to_owned()
                }
            };
            return Err(Error::data(message).hint(hint));
        }
        if numbers.seen || cells::beside_number(text).is_some() {
            self.oddity
                .get_or_insert_with(|| oddity(&self.name, text, place, rules, "is no number"));
        }
        if numbers.seen || numbers.words {
            self.cells = Cells::Undecided;
            return Ok(());
        }
        let mut names = Names {
            codes: vec![MISSING; numbers.values.len()],
            ..Names::default()
        };
        names.add(text, false)?;
        self.cells = Cells::Texts(names);
        Ok(())
    }

    /// Forgets what belongs to a file alone: each may have points or commas before decimals.
    pub fn begin_file(&mut self) {
        if let Cells::Numbers(numbers) = &mut self.cells {
            numbers.mark = None;
        }
    }

    /// What speaks against numbers, if anything does.
    pub fn oddity(&self) -> Option<Oddity> {
        self.oddity.clone()
    }

    /// The column, or `None` if it has to be read again as text.
    pub fn finish(self) -> Result<Option<Column>> {
        let data = match self.cells {
            Cells::Undecided => return Ok(None),
            Cells::Numbers(_) if self.oddity.is_some() => return Ok(None),
            Cells::Numbers(numbers) if numbers.words && !numbers.seen && !self.fixed => return Ok(None),
            Cells::Numbers(Quantities {
                out_of_range: Some(error),
                ..
            }) => return Err(error),
            Cells::Numbers(mut numbers) => {
                numbers.values.shrink();
                ColumnData::Numeric(numbers.values)
            }
            Cells::Texts(names) => names.sorted(),
        };
        Ok(Some(Column { name: self.name, data }))
    }
}

impl Oddity {
    /// `line 3`, or `line 3 of b.csv`.
    #[must_use]
    pub fn place(&self) -> String {
        let of_file = self.file.as_ref().map_or(String::new(), |file| format!(" of {file}"));
        format!("line {}{of_file}", self.line)
    }
}

impl std::fmt::Display for Oddity {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            column, text, reason, ..
        } = self;
        write!(
            f,
            "`{}` is read as text: `{text}` in {} {reason}",
            short(column),
            self.place()
        )
    }
}

fn oddity(column: &str, text: &str, place: Place, rules: &Rules<'_>, reason: &str) -> Oddity {
    Oddity {
        column: column.to_owned(),
        file: rules.several.then(|| rules.input.name().to_owned()),
        line: place.line,
        cell: place.cell.unwrap_or(1),
        text: short(text),
        reason: reason.to_owned(),
    }
}

fn out_of_range_error(name: &str, text: &str) -> Error {
    Error::data(format!(
        "column `{}`: `{}` is out of range, expected a finite number",
        short(name),
        short(text)
    ))
}

impl Quantities {
    /// Takes a cell that needs no further look; says whether it did.
    fn take(&mut self, cell: &[u8], rules: &Rules<'_>) -> bool {
        if cell.is_empty() {
            self.values.push_missing();
            return true;
        }
        let Some((decimal, mark)) = cells::decimal(cell, rules.decimal_comma) else {
            return false;
        };
        let other_mark = mark.is_some() && self.mark.is_some_and(|known| mark != Some(known));
        if other_mark || rules.missing_numbers {
            return false;
        }
        self.values.push_decimal(decimal);
        self.seen = true;
        self.mark = self.mark.or(mark);
        true
    }
}

impl Names {
    /// Takes a cell that is empty or came before; says whether it did.
    fn take(&mut self, cell: &[u8]) -> bool {
        let code = if cell.is_empty() {
            Some(MISSING)
        } else {
            self.texts.code(cell)
        };
        if let Some(code) = code {
            push(&mut self.codes, code);
        }
        code.is_some()
    }

    /// Takes a text that did not come before.
    fn add(&mut self, text: &str, missing: bool) -> Result<()> {
        let code = self.texts.add(text)?;
        if missing {
            self.missing.push(code);
        }
        push(&mut self.codes, code);
        Ok(())
    }

    /// Renumbers the texts, so that they stand in ascending order whatever the order of the rows.
    fn sorted(self) -> ColumnData {
        let Self {
            mut codes,
            texts,
            missing,
        } = self;
        let mut order: Vec<u32> = (0..texts.len() as u32).filter(|code| !missing.contains(code)).collect();
        order.sort_unstable_by_key(|&code| texts.get(code));
        let mut renumbered = vec![MISSING; texts.len()];
        order
            .iter()
            .zip(0..)
            .for_each(|(&old, new)| renumbered[old as usize] = new);
        for code in codes.iter_mut().filter(|code| **code != MISSING) {
            *code = renumbered[*code as usize];
        }
        codes.shrink_to_fit();
        ColumnData::Categorical {
            codes,
            levels: order.iter().map(|&code| texts.get(code).to_owned()).collect(),
        }
    }
}
