//! Texts as categories: which texts there are, and which are spellings of one.

use std::collections::HashMap;

use arrow_array::{Array, StringArray};
use foldhash::fast::FixedState;
use rosenblatt_tensor::{Error, Result};

use super::Reading;
use super::arrays::Chunk;
use super::nearly_dates::NearlyDates;
use crate::places::short;
use crate::spelling::{Categories, Match, MatchRule, Matcher, Missing, MissingMarkers};
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
    /// A code for each cell, and what the distinct values say about dates.
    pub fn texts<'t>(&self, chunks: &'t [StringArray], markers: &MissingMarkers) -> Texts<'t> {
        let mut codes = Vec::with_capacity(chunks.iter().map(Array::len).sum());
        let mut known: HashMap<&str, u32, FixedState> = HashMap::default();
        let mut levels: Vec<(&str, u64)> = Vec::new();
        let mut nearly_dates = NearlyDates::default();
        for cell in chunks.iter().flat_map(|texts| texts.iter()) {
            let text = cell.unwrap_or_default().trim();
            let row = codes.len() as u64;
            let code = match text {
                "" => MISSING,
                text => *known.entry(text).or_insert_with(|| {
                    if markers.find(text) == Some(Missing::Always) {
                        return MISSING;
                    }
                    if self.given.is_none() {
                        nearly_dates.see(text, row);
                    }
                    levels.push((text, 0));
                    levels.len() as u32 - 1
                }),
            };
            if code != MISSING {
                levels[code as usize].1 += 1;
            }
            codes.push(code);
        }
        Texts {
            codes,
            levels,
            nearly_dates,
        }
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

/// The cells of chunks as texts.
pub(super) fn as_texts(chunks: Vec<Chunk>) -> Vec<StringArray> {
    chunks.into_iter().map(Chunk::into_texts).collect()
}
