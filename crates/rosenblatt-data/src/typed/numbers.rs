//! Texts as numbers, by the vote of all cells of a column.

use arrow_array::{Array, Float64Array, StringArray};
use rosenblatt_tensor::{Advice, Error, Result};

use super::arrays::Chunk;
use super::categories::as_texts;
use super::scan::{are_digits, cells, take_digits, take_plain, vote};
use super::{Odd, Reading, Trained, Written};
use crate::places::short;
use crate::spelling::{
    DecimalMark, Decision, Missing, MissingMarkers, NameReason, NumberFormat, NumberVote, OddCell, Reason,
    ThousandsMark, Verdict,
};
use crate::warning::Warning;
use crate::{ColumnKind, Numbers};

/// What the cells of a column are.
pub(super) enum Found {
    Numbers(Numbers, Option<Warning>, Written),
    /// Texts; why, if one would expect numbers, and the first cell that is none if most are different numbers.
    Texts(Option<Why>, Option<Odd>),
}

/// Why a column that looks like numbers is one of texts.
pub(super) enum Why {
    /// Because of a cell.
    Cell(Odd),
    /// Because of many.
    All(String),
}

/// A column while its cells are read.
struct State {
    values: Vec<f64>,
    /// Cells that are no numbers and count as missing.
    odd: u64,
    first_odd: Vec<(u64, String)>,
    /// Of the last file with numbers.
    format: Option<NumberFormat>,
}

impl Reading<'_> {
    /// The numbers of a column that is one array of finite numbers, without copying them where nothing else holds them.
    pub fn in_one_piece(&self, chunks: &mut Vec<Chunk>) -> Option<Numbers> {
        let is_whole = matches!(&chunks[..], [Chunk::Numbers(array)] if has_finite_numbers(array));
        match chunks.pop_if(|_| is_whole && no_marker_is_a_number(&self.markers())) {
            Some(Chunk::Numbers(array)) => Some(Numbers::of_finite(array)),
            _ => None,
        }
    }

    /// The numbers of a column of nothing but digits. The texts of a chunk are given back before there are numbers of the next: of
    /// short ones they take more memory than the numbers.
    pub fn digits(&self, chunks: &mut Vec<Chunk>) -> Option<Numbers> {
        let is_one = |chunk: &Chunk| matches!(chunk, Chunk::Texts(texts) if are_digits(texts));
        let is_decided = self.commas.len() == 1 && no_marker_is_a_number(&self.markers());
        if !is_decided || !chunks.iter().all(is_one) {
            return None;
        }
        let mut values = Vec::with_capacity(chunks.iter().map(Chunk::len).sum());
        for chunk in chunks.drain(..) {
            if let Chunk::Texts(texts) = chunk {
                take_digits(&texts, &mut values);
            }
        }
        Some(values.into())
    }

    /// The numbers of a column, if its cells are some.
    pub fn numbers(&self, chunks: &[Chunk]) -> Result<Found> {
        let mut state = State {
            values: Vec::with_capacity(chunks.iter().map(Chunk::len).sum()),
            odd: 0,
            first_odd: Vec::new(),
            format: None,
        };
        let markers = self.markers();
        let mut left = chunks;
        let mut any = false;
        for &(arrays, semicolons) in self.commas {
            let (of_file, rest) = left.split_at(arrays.min(left.len()));
            left = rest;
            match self.file(of_file, semicolons, &markers, &mut state)? {
                None => {}
                Some(Found::Texts(why, nearly)) => return Ok(Found::Texts(why, nearly)),
                Some(Found::Numbers(..)) => any = true,
            }
        }
        if !any && self.given.is_none() && self.has_words(chunks, &markers) {
            return Ok(Found::Texts(None, None));
        }
        let warning = (state.odd > 0).then(|| self.odd_warning(&state));
        let written = Written {
            format: state.format.unwrap_or_default(),
            odd: state.odd > 0,
        };
        Ok(Found::Numbers(state.values.into(), warning, written))
    }

    /// Takes the cells of a file as numbers; says what they are unless all are missing.
    fn file(
        &self,
        chunks: &[Chunk],
        semicolons: bool,
        markers: &MissingMarkers,
        state: &mut State,
    ) -> Result<Option<Found>> {
        let start = state.values.len();
        let quick = no_marker_is_a_number(markers);
        let numbers = || Some(Found::Numbers(Vec::new().into(), None, Written::default()));
        // What is not plain may need the unit of training.
        let is_unusual = |trained: &&Trained| !NumberFormat::default().has_unit_of(&trained.written.format);
        let beside = self.trained.filter(is_unusual).is_none().then_some(markers);
        if quick && chunks.iter().all(|chunk| take_plain(chunk, beside, &mut state.values)) {
            let any = state.values[start..].iter().any(|x| !x.is_nan());
            if any {
                self.same_unit(state, NumberFormat::default(), start)?;
            }
            return Ok(if any { numbers() } else { None });
        }
        state.values.truncate(start);
        let texts = as_texts(chunks.to_vec());
        let is_known = self.given == Some(ColumnKind::Numeric);
        let Some(vote) = vote(&texts, markers, is_known, &mut state.values) else {
            return Ok(Some(Found::Texts(None, None)));
        };
        let decision = vote.decide(semicolons);
        match &decision.verdict {
            Verdict::Missing => {}
            Verdict::Text(why) if self.given != Some(ColumnKind::Numeric) => {
                let odd = |cell: &OddCell| Odd {
                    row: cell.index as u64,
                    text: cell.text.clone(),
                    reason: "is not a number".to_owned(),
                };
                let first = decision.odd.first.first().map(odd);
                let nearly = first.filter(|_| decision.is_nearly_numeric());
                return Ok(Some(Found::Texts(why.as_ref().map(|why| self.why(why)), nearly)));
            }
            Verdict::Text(_) | Verdict::Numbers => self.check(&decision, start, &texts, markers)?,
        }
        let format = self.format(decision.format);
        let known = format.reads_plain();
        for (row, text) in (start..).zip(cells(&texts)) {
            if !known || state.values[row].is_nan() {
                self.take(row, text, &format, markers, state);
            }
        }
        if decision.verdict != Verdict::Missing {
            self.same_unit(state, format, start)?;
        }
        Ok(if decision.verdict == Verdict::Missing {
            None
        } else {
            numbers()
        })
    }

    /// Refuses numbers of a file in another unit than those of the files before.
    fn same_unit(&self, state: &mut State, format: NumberFormat, start: usize) -> Result<()> {
        let unit = |format: &NumberFormat| match format!("{}{}", format.prefix, format.suffix).trim() {
            "" => "no unit".to_owned(),
            unit => format!("the unit `{unit}`"),
        };
        if let Some(before) = state.format.as_ref().filter(|before| !format.has_unit_of(before)) {
            let message = format!(
                "column `{}`: numbers have {}, but {} in the files before",
                short(self.column),
                unit(&format),
                unit(before)
            );
            return Err(self.at(start as u64, Error::data(message).hint("write them in one unit")));
        }
        state.format = Some(format);
        Ok(())
    }

    /// Takes a cell that was looked at.
    fn take(&self, row: usize, text: &str, format: &NumberFormat, markers: &MissingMarkers, state: &mut State) {
        let missing = markers.find(text);
        let value = match missing {
            Some(_) => None,
            None => format.read(text),
        };
        let is_told =
            matches!(missing, Some(Missing::Word | Missing::ErrorMark)) || missing.is_none() && value.is_none();
        if is_told {
            const SHOWN: usize = 3;
            state.odd += 1;
            if state.first_odd.len() < SHOWN && state.first_odd.iter().all(|(_, other)| other != text) {
                state.first_odd.push((row as u64, short(text)));
            }
        }
        state.values[row] = value.unwrap_or(f64::NAN);
    }

    /// Refuses numbers out of range, and cells of a column that is said to be numeric which are none.
    fn check(&self, decision: &Decision, start: usize, texts: &[StringArray], markers: &MissingMarkers) -> Result<()> {
        if let Some(cell) = decision.out_of_range.first.first() {
            return Err(self.at(cell.index as u64, out_of_range(self.column, &cell.text)));
        }
        self.refuse_ambiguous(decision, start, texts, markers)?;
        if self.given != Some(ColumnKind::Numeric) || self.trained.is_some_and(|trained| trained.written.odd) {
            return Ok(());
        }
        let format = self.format(decision.format.clone());
        let odd = |(row, text): (usize, &'_ str)| {
            let is_odd = markers.find(text).is_none() && format.read(text).is_none();
            is_odd.then(|| (start + row, text.to_owned()))
        };
        match cells(texts).enumerate().find_map(odd) {
            Some((row, text)) => Err(self.at(row as u64, no_number(self.column, &text))),
            None => Ok(()),
        }
    }

    /// Refuses new data whose marks can be read in two ways, neither of which is that of training: `1,234` may be 1.234.
    fn refuse_ambiguous(
        &self,
        decision: &Decision,
        start: usize,
        texts: &[StringArray],
        markers: &MissingMarkers,
    ) -> Result<()> {
        let voted = &decision.format;
        let is_known = self
            .trained
            .is_none_or(|trained| trained.written.format.thousands_mark == voted.thousands_mark);
        let decimal_mark = match voted.thousands_mark {
            Some(ThousandsMark::Comma) => DecimalMark::Comma,
            Some(ThousandsMark::Point) => DecimalMark::Point,
            _ => return Ok(()),
        };
        let other = NumberFormat {
            decimal_mark,
            thousands_mark: None,
            ..voted.clone()
        };
        let present = || {
            cells(texts)
                .enumerate()
                .filter(|(_, text)| markers.find(text).is_none())
        };
        if is_known || present().any(|(_, text)| other.read(text).is_none()) {
            return Ok(());
        }
        let Some((row, text)) = present().find(|(_, text)| other.read(text) != voted.read(text)) else {
            return Ok(());
        };
        let [one, two] = [voted, &other].map(|format| format.read(text).unwrap_or(f64::NAN));
        let message = format!(
            "column `{}`: `{}` may be {one} or {two}",
            short(self.column),
            short(text)
        );
        let hint = "write numbers as in training, or with a point before decimals and nothing between thousands";
        Err(self.at((start + row) as u64, Error::data(message).hint(hint)))
    }

    /// The format to read with: that of training if the other is one of another unit.
    fn format(&self, voted: NumberFormat) -> NumberFormat {
        match self.trained {
            Some(trained) if !voted.has_unit_of(&trained.written.format) => trained.written.format.clone(),
            _ => voted,
        }
    }

    /// Whether a cell says that a number is missing, in a word that may be a category.
    fn has_words(&self, chunks: &[Chunk], markers: &MissingMarkers) -> bool {
        let texts = as_texts(chunks.to_vec());
        cells(&texts).any(|text| matches!(markers.find(text), Some(missing) if missing != Missing::Always))
    }

    fn why(&self, reason: &Reason) -> Why {
        let cell = |row: usize, text: &str, reason: &str| {
            Why::Cell(Odd {
                row: row as u64,
                text: text.to_owned(),
                reason: reason.to_owned(),
            })
        };
        match reason {
            Reason::Name(NameReason::StartsWithZero, odd) => cell(odd.index, &odd.text, "starts with 0"),
            Reason::Name(NameReason::TooManyDigits, odd) => {
                cell(odd.index, &odd.text, "has more digits than a number keeps")
            }
            Reason::NotANumber(odd) => cell(odd.index, &odd.text, "is not a number"),
            Reason::Units(one, other) => Why::All(match (one.trim(), other.trim()) {
                ("", unit) | (unit, "") => format!("some numbers have the unit `{unit}`, others have none"),
                (one, other) => format!("some numbers have the unit `{one}`, others `{other}`"),
            }),
            Reason::Marks => Why::All("some numbers have a point before decimals, others a comma".to_owned()),
        }
    }

    fn odd_warning(&self, state: &State) -> Warning {
        let (row, _) = state.first_odd[0];
        Warning::NotNumbers {
            column: self.column.to_owned(),
            count: state.odd as usize,
            texts: state.first_odd.iter().map(|(_, text)| text.clone()).collect(),
            file: self.places.file_of_several(row).map(str::to_owned),
            line: self.line(row),
            row: self.row_without_line(row),
        }
    }
}

impl Chunk {
    pub fn len(&self) -> usize {
        match self {
            Self::Numbers(numbers) => Float64Array::len(numbers),
            Self::Texts(texts) => texts.len(),
            Self::Coded(numbers, _) => numbers.len(),
        }
    }
}

/// Whether there is a number, and all are finite.
fn has_finite_numbers(array: &Float64Array) -> bool {
    let finite = || array.iter().flatten().all(f64::is_finite);
    array.null_count() < array.len() && (array.values().iter().all(|x| x.is_finite()) || finite())
}

/// Whether all markers of missing values are texts.
fn no_marker_is_a_number(markers: &MissingMarkers) -> bool {
    !markers.missing.iter().any(|text| text.parse::<f64>().is_ok())
}

fn out_of_range(name: &str, text: &str) -> Error {
    let message = format!(
        "column `{}`: `{}` is out of range, expected a finite number",
        short(name),
        short(text)
    );
    let hint = Advice::new("if it marks a missing value, add ").set("data.missing", short(text));
    Error::data(message).hint(hint)
}

fn no_number(name: &str, text: &str) -> Error {
    let message = format!("column `{}`: expected a number, got `{}`", short(name), short(text));
    let mut vote = NumberVote::new(&MissingMarkers::default());
    vote.add(0, text);
    let format = vote.decide(false).format;
    let unit = format!("{}{}", format.prefix, format.suffix);
    Error::data(message).hint(match unit.as_str() {
        "" => {
            let (hint, key) = (Advice::new("if it marks a missing value, add "), "data.missing");
            // A long text is not shown whole.
            let hint = match short(text) == text {
                true => hint.set(key, text),
                false => hint.setting(key),
            };
            hint.text(", together with all other markers")
        }
        unit => format!("write numbers without `{unit}`").into(),
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Places, TableOptions};
    use super::*;

    proptest! {
        /// Digits are the numbers that they are without haste.
        #[test]
        fn digits_are_numbers(
            texts in proptest::collection::vec("[0-9]?|[1-9][0-9]{1,14}", 1..9),
            odd in proptest::option::of("0[0-9]|[0-9]{16,18}|-?1\\.?|a| 1"),
            marker in "[0-9a]",
        ) {
            let texts: Vec<String> = texts.into_iter().chain(odd).collect();
            let pieces = texts.chunks(texts.len().div_ceil(2));
            let mut chunks: Vec<Chunk> = pieces.map(|texts| Chunk::Texts(StringArray::from_iter_values(texts))).collect();
            let options = TableOptions { missing: vec![marker], ..TableOptions::default() };
            let places = Places::default();
            let reading = Reading::of_any(&places, &options);
            let found = reading.numbers(&chunks).unwrap();
            if let Some(digits) = reading.digits(&mut chunks) {
                let bits = |numbers: &Numbers| numbers.iter().map(f64::to_bits).collect::<Vec<_>>();
                let Found::Numbers(numbers, None, written) = found else { panic!("expected numbers") };
                prop_assert_eq!(bits(&numbers), bits(&digits));
                prop_assert!(written.is_default());
            }
        }
    }
}
