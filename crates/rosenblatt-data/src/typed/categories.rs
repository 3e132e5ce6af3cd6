//! Texts as categories: which texts there are, and which are spellings of one.

use arrow_array::{Array, StringArray};
use rosenblatt_tensor::{Error, Result};

use super::Reading;
use super::arrays::Chunk;
use super::distinct::{Distinct, are_different};
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
        for code in codes.iter_mut().filter(|code| **code != MISSING) {
            *code = of[*code as usize];
        }
        let texts = Dictionary::new(codes, levels);
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
fn codes<'t>(chunks: &'t [Chunk], distinct: &mut Distinct<'t>, see: &mut dyn FnMut(&'t str, usize)) -> Vec<u32> {
    let mut codes = Vec::with_capacity(chunks.iter().map(Chunk::len).sum());
    let mut code = |text: &'t str, row: usize| match text.is_empty() {
        true => MISSING,
        false => distinct.code(text, row, see),
    };
    for chunk in chunks {
        match chunk {
            Chunk::Coded(numbers, texts) => {
                let mut known = vec![None; texts.len()];
                for number in numbers {
                    let (row, at) = (codes.len(), number.map(|number| number as usize));
                    let known = at.map(|at| *known[at].get_or_insert_with(|| code(cell(texts, at), row)));
                    codes.push(known.unwrap_or(MISSING));
                }
            }
            Chunk::Texts(texts) => {
                for text in texts {
                    codes.push(code(trimmed(text.unwrap_or_default()), codes.len()));
                }
            }
            Chunk::Numbers(_) => {}
        }
    }
    codes
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
