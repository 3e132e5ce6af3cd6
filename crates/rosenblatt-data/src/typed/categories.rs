//! Texts as categories.

use std::collections::HashMap;

use arrow_array::Array;
use foldhash::fast::FixedState;
use rosenblatt_tensor::Result;

use super::Reading;
use super::arrays::Chunk;
use super::nearly_dates::NearlyDates;
use crate::{ColumnData, MISSING};

impl Reading<'_> {
    /// A code for each cell, and what the different texts say about dates.
    pub fn categories(&self, chunks: &[Chunk]) -> Result<(ColumnData, NearlyDates)> {
        let texts: Vec<_> = chunks.iter().cloned().map(Chunk::into_texts).collect();
        let mut codes = Vec::with_capacity(texts.iter().map(Array::len).sum());
        let mut known: HashMap<&str, u32, FixedState> = HashMap::default();
        let mut levels: Vec<&str> = Vec::new();
        let mut nearly_dates = NearlyDates::default();
        for cell in texts.iter().flat_map(|texts| texts.iter()) {
            let text = cell.unwrap_or_default().trim_ascii();
            if text.is_empty() {
                codes.push(MISSING);
                continue;
            }
            let row = codes.len() as u64;
            let code = *known.entry(text).or_insert_with(|| {
                if self.is_missing(text) {
                    return MISSING;
                }
                if self.given.is_none() {
                    nearly_dates.see(text, row);
                }
                levels.push(text);
                levels.len() as u32 - 1
            });
            codes.push(code);
        }
        Ok((sorted(codes, &levels), nearly_dates))
    }
}

/// Renumbers the texts, so that they are in ascending order whatever the order of the rows.
fn sorted(mut codes: Vec<u32>, levels: &[&str]) -> ColumnData {
    let mut order: Vec<u32> = (0..levels.len() as u32).collect();
    order.sort_unstable_by_key(|&code| levels[code as usize]);
    let mut renumbered = vec![0; levels.len()];
    order
        .iter()
        .zip(0..)
        .for_each(|(&old, new)| renumbered[old as usize] = new);
    for code in codes.iter_mut().filter(|code| **code != MISSING) {
        *code = renumbered[*code as usize];
    }
    ColumnData::Categorical {
        codes,
        levels: order.iter().map(|&code| levels[code as usize].to_owned()).collect(),
    }
}
