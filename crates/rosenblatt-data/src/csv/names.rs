//! Cells of a column of texts.

use rosenblatt_tensor::Result;

use super::texts::Texts;
use crate::compact_ints::{CompactInts, FIRST_MARK};
use crate::{ColumnData, MISSING};

/// In place of a code.
const NO_TEXT: i32 = FIRST_MARK;

/// Texts while they are read.
#[derive(Default)]
pub(super) struct Names {
    /// Below 2³¹, or [`NO_TEXT`].
    codes: CompactInts,
    texts: Texts,
    /// Codes of texts that mark a missing value.
    missing: Vec<u32>,
}

impl Names {
    /// So many missing cells.
    pub fn missing(cells: usize) -> Self {
        Self {
            codes: std::iter::repeat_n(NO_TEXT, cells).collect(),
            ..Self::default()
        }
    }

    /// Takes a cell that is empty or came before; says whether it did.
    pub fn take(&mut self, cell: &[u8]) -> bool {
        let code = if cell.is_empty() {
            Some(NO_TEXT)
        } else {
            self.texts.code(cell).map(|code| code as i32)
        };
        code.into_iter().for_each(|code| self.codes.push(code));
        code.is_some()
    }

    /// Takes a text that did not come before; returns its code.
    pub fn add(&mut self, text: &str, missing: bool) -> Result<u32> {
        let code = self.texts.add(text)?;
        if missing {
            self.missing.push(code);
        }
        self.codes.push(code as i32);
        Ok(code)
    }

    /// The text of a code that [`Names::add`] returned.
    pub fn text(&self, code: u32) -> &str {
        self.texts.get(code)
    }

    /// Renumbers the texts, so that they are in ascending order whatever the order of the rows.
    pub fn sorted(self) -> ColumnData {
        let Self { codes, texts, missing } = self;
        let mut order: Vec<u32> = (0..texts.len() as u32).filter(|code| !missing.contains(code)).collect();
        order.sort_unstable_by_key(|&code| texts.get(code));
        let mut renumbered = vec![MISSING; texts.len()];
        order
            .iter()
            .zip(0..)
            .for_each(|(&old, new)| renumbered[old as usize] = new);
        let new = |code| {
            if code == NO_TEXT {
                MISSING
            } else {
                renumbered[code as usize]
            }
        };
        ColumnData::Categorical {
            codes: codes.iter().map(new).collect(),
            levels: order.iter().map(|&code| texts.get(code).to_owned()).collect(),
        }
    }
}
