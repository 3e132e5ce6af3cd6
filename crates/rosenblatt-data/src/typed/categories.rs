//! Texts as categories: which texts there are, and which are spellings of one.

use arrow_array::{Array, Int32Array, StringArray};
use rosenblatt_tensor::{Error, Result};

use super::Reading;
use super::arrays::Chunk;
use super::distinct::{Distinct, OnNew, are_different};
use super::nearly_dates::NearlyDates;
use super::scan::{begin_with_texts, cells, trimmed};
use crate::places::short;
use crate::spelling::{Categories, Match, MatchRule, Matcher, Missing, MissingMarkers, is_no_number};
use crate::warning::Warning;
use crate::{ColumnData, ColumnKind, Dictionary, MISSING};

/// The cells of a column of texts.
pub(super) struct Texts<'t> {
    codes: Vec<u32>,
    /// The distinct values in the order of their first cells, and how many cells have each.
    levels: Vec<(&'t str, u64)>,
    pub nearly_dates: NearlyDates,
}

impl Reading<'_> {
    /// A code for each cell, and what the distinct values say about dates. No chunk holds numbers.
    pub fn texts<'t>(&self, chunks: &'t [Chunk], markers: &MissingMarkers) -> Texts<'t> {
        let mut nearly_dates = NearlyDates::of_at_most(chunks.iter().map(Chunk::len).sum());
        let mut see = |text: &str, row: usize| {
            if self.given.is_none() && markers.find(text) != Some(Missing::Always) {
                nearly_dates.see(text, row as u64);
            }
        };
        let mut distinct = Distinct::default();
        let mut codes = match different_texts(chunks) {
            Some(cells) => distinct.codes_of_different(&cells, &mut see),
            None => codes(chunks, &mut distinct, &mut see),
        };
        Texts {
            levels: distinct.counted(markers, &mut codes),
            codes,
            nearly_dates,
        }
    }

    /// The cells of a column that stores texts by number, or begins with texts, if more than half of them are no numbers in any
    /// format: then nobody would expect numbers.
    pub fn likely_texts<'t>(&self, chunks: &'t [Chunk]) -> Option<Texts<'t>> {
        let markers = self.markers();
        let is_likely = match chunks.first()? {
            Chunk::Coded(..) => true,
            Chunk::Texts(texts) => begin_with_texts(texts, &markers),
            Chunk::Numbers(_) => false,
        };
        if !is_likely || self.given.is_some() || self.commas.len() > 1 {
            return None;
        }
        let texts = self.texts(chunks, &markers);
        let (rows, mut counted) = (texts.codes.len() as u64, 0);
        let mut levels = texts.levels.iter();
        let is_most = levels.any(|&(text, count)| {
            counted += if is_no_number(text, &markers) { count } else { 0 };
            2 * counted > rows
        });
        is_most.then_some(texts)
    }

    /// The categories of texts, spellings of one taken together, and what is to be said of that.
    pub fn categories(&self, texts: Texts<'_>) -> Result<(ColumnData, Vec<Warning>)> {
        let is_date = self.given == Some(ColumnKind::Date) || texts.nearly_dates.are_dates();
        let exact = is_date || self.is_exact();
        match self.trained.filter(|trained| !exact && !trained.levels.is_empty()) {
            None => self.grouped(texts, exact),
            Some(trained) => self.matched(texts, &Matcher::new(&trained.levels, false)),
        }
    }

    fn grouped(&self, texts: Texts<'_>, exact: bool) -> Result<(ColumnData, Vec<Warning>)> {
        let Categories { names, of, merged, .. } = Categories::group(&texts.levels, exact);
        let others = merged.iter().flat_map(|merged| &merged.spellings[1..]);
        let cells: u64 = others.map(|(_, count)| count).sum();
        let warning = merged.first().map(|first| Warning::MergedSpellings {
            column: self.column.to_owned(),
            count: cells as usize,
            categories: merged.len(),
            spellings: first.spellings.iter().take(4).map(|(text, _)| short(text)).collect(),
        });
        Ok((self.coded(texts.codes, &of, &names)?, warning.into_iter().collect()))
    }

    /// Texts of new data by the categories of training; texts that mean none keep a category of their own.
    fn matched(&self, texts: Texts<'_>, matcher: &Matcher) -> Result<(ColumnData, Vec<Warning>)> {
        let found: Vec<Option<Match>> = texts.levels.iter().map(|(text, _)| matcher.find(text)).collect();
        let meant = |at: usize| found[at].map_or(texts.levels[at].0, |found| matcher.name(found.category));
        let names: Vec<&str> = (0..found.len()).map(meant).collect();
        let mut sorted = names.clone();
        sorted.sort_unstable();
        sorted.dedup();
        let place = |name: &&str| sorted.binary_search(name).unwrap_or(0) as u32;
        let of: Vec<u32> = names.iter().map(place).collect();
        let respelled: Vec<usize> = (0..found.len())
            .filter(|&at| found[at].is_some_and(|found| found.rule != MatchRule::Exact))
            .collect();
        let warning = respelled.first().map(|&at| Warning::OtherSpellings {
            column: self.column.to_owned(),
            count: respelled.iter().map(|&at| texts.levels[at].1 as usize).sum(),
            text: short(texts.levels[at].0),
            category: short(names[at]),
        });
        Ok((self.coded(texts.codes, &of, &sorted)?, warning.into_iter().collect()))
    }

    /// Cells by the numbers of their categories.
    fn coded<T: AsRef<str>>(&self, mut codes: Vec<u32>, of: &[u32], levels: &[T]) -> Result<ColumnData> {
        // A missing cell has no place among them.
        let of = |code: u32| of.get(code as usize).copied().unwrap_or(MISSING);
        codes.iter_mut().for_each(|code| *code = of(*code));
        let texts = Dictionary::levels_of(levels).map(|levels| Dictionary::of(codes, levels));
        let placed = |error: Error| {
            error
                .within(format!("column `{}`", short(self.column)))
                .within(self.table)
        };
        texts.map(ColumnData::Categorical).map_err(placed)
    }
}

/// The cells of texts, if the first of them are all different.
fn different_texts<'t>(chunks: &'t [Chunk]) -> Option<Vec<&'t str>> {
    let texts = |chunk: &'t Chunk| match chunk {
        Chunk::Texts(texts) => Some(texts),
        _ => None,
    };
    let chunks: Vec<&StringArray> = chunks.iter().map(texts).collect::<Option<_>>()?;
    let all = || cells(chunks.iter().copied());
    are_different(all()).then(|| all().collect())
}

/// A code for each cell; new texts are seen.
fn codes<'t>(chunks: &'t [Chunk], distinct: &mut Distinct<'t>, see: OnNew<'_, 't>) -> Vec<u32> {
    let mut codes = Vec::with_capacity(chunks.iter().map(Chunk::len).sum());
    for chunk in chunks {
        match chunk {
            Chunk::Coded(numbers, texts) => add_coded(&mut codes, (numbers, texts), distinct, see),
            Chunk::Texts(texts) => {
                for text in texts {
                    let text = trimmed(text.unwrap_or_default());
                    codes.push(code(distinct, text, codes.len(), see));
                }
            }
            Chunk::Numbers(_) => {}
        }
    }
    codes
}

fn code<'t>(distinct: &mut Distinct<'t>, text: &'t str, row: usize, see: OnNew<'_, 't>) -> u32 {
    match text.is_empty() {
        true => MISSING,
        false => distinct.code(text, row, see),
    }
}

/// Adds the codes of cells by the numbers of their texts; each text is looked up once.
fn add_coded<'t>(
    codes: &mut Vec<u32>,
    (numbers, texts): (&Int32Array, &'t StringArray),
    distinct: &mut Distinct<'t>,
    see: OnNew<'_, 't>,
) {
    let mut known = vec![(MISSING, 0); texts.len()];
    let mut code_of = |number: i32, row: usize| {
        let at = number as usize;
        if known[at].1 == 0 {
            known[at].0 = code(distinct, cell(texts, at), row, see);
        }
        known[at].1 += 1;
        known[at].0
    };
    let before = codes.len();
    codes.extend((0..numbers.len()).map(|at| match numbers.is_valid(at) {
        true => code_of(numbers.value(at), before + at),
        false => MISSING,
    }));
    // The first cell of a text was counted when it was looked up.
    for (code, cells) in known.into_iter().filter(|&(code, cells)| cells > 1 && code != MISSING) {
        distinct.count(code, cells - 1);
    }
}

/// The text of a number, without white space at its ends; empty where missing.
fn cell(texts: &StringArray, at: usize) -> &str {
    if texts.is_valid(at) {
        trimmed(texts.value(at))
    } else {
        ""
    }
}

/// The cells of chunks as texts.
pub(super) fn as_texts(chunks: Vec<Chunk>) -> Vec<StringArray> {
    chunks.into_iter().map(Chunk::into_texts).collect()
}

/// The same cells, numbers as texts.
pub(super) fn without_numbers(chunks: Vec<Chunk>) -> Vec<Chunk> {
    let as_text = |chunk| match chunk {
        numbers @ Chunk::Numbers(_) => Chunk::Texts(numbers.into_texts()),
        other => other,
    };
    chunks.into_iter().map(as_text).collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{Places, TableOptions};
    use super::*;

    proptest! {
        /// Cells by the numbers of their texts are the cells with these texts.
        #[test]
        fn numbers_of_texts_are_texts(cells in proptest::collection::vec(proptest::option::of(0..8_i32), 0..40)) {
            let texts = [Some("a"), Some("b"), Some(" a"), None, Some("NA"), Some(""), Some("c"), Some("a")];
            let coded = Chunk::Coded(Int32Array::from(cells), StringArray::from(texts.to_vec()));
            let chunks = [Chunk::Texts(coded.clone().into_texts()), coded];
            let (places, options) = (Places::default(), TableOptions::default());
            let reading = Reading::of_any(&places, &options);
            let [one, other] = chunks.each_ref().map(|chunk| reading.texts(std::slice::from_ref(chunk), &reading.markers()));
            let counted = other.codes.iter().filter(|&&code| code != MISSING).count() as u64;
            prop_assert_eq!(other.levels.iter().map(|(_, count)| count).sum::<u64>(), counted);
            prop_assert_eq!((one.codes, one.levels), (other.codes, other.levels));
        }
    }
}
