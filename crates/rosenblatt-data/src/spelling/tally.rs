//! What is counted of the cells of a column.

use super::marks::Systems;
use super::numbers::Decimal;
use super::scan::Scanned;

/// A cell and its text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OddCell {
    /// The index it was added with.
    pub index: usize,
    /// Its text.
    pub text: String,
}

/// What the cells of a group are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Number {
        systems: Systems,
        parentheses: bool,
        zero: bool,
        prefix: String,
        suffix: String,
    },
    /// Infinite, or beyond f64.
    OutOfRange,
    Word,
    ErrorMark,
    /// Letters and digits, such as `A12`.
    Code,
    Text,
}

/// Cells that are written alike.
#[derive(Clone, Debug)]
pub(super) struct Group {
    pub kind: Kind,
    pub count: u64,
    /// The first cells, each text once.
    pub cells: Vec<OddCell>,
    /// The fewest and the most digits of numbers with marks between thousands, if there are some.
    pub digits: Option<(usize, usize)>,
    /// All of them look like the address of a computer, `192.168.100.100`.
    pub addresses: bool,
}

/// Cells that each group keeps, and so the most distinct odd texts that are counted.
pub(super) const KEPT: usize = 5;

/// Cells of a group that are looked at for distinct texts.
const LOOKED_AT: u64 = 1000;

/// Characters of a text that is kept.
const MAX_TEXT: usize = 200;

/// The text of a cell that is kept.
pub(super) fn short(text: &str) -> String {
    text.chars().take(MAX_TEXT).collect()
}

impl Group {
    pub fn new(kind: Kind) -> Self {
        Self {
            kind,
            count: 0,
            cells: Vec::new(),
            digits: None,
            addresses: true,
        }
    }

    #[inline]
    pub fn add(&mut self, index: usize, text: &str) {
        self.count += 1;
        if self.count <= LOOKED_AT && self.cells.len() < KEPT {
            self.keep(index, text);
        }
    }

    fn keep(&mut self, index: usize, text: &str) {
        if self.cells.iter().all(|cell| cell.text != text) {
            self.cells.push(OddCell {
                index,
                text: short(text),
            });
        }
    }

    pub fn add_digits(&mut self, scanned: &Scanned<'_>) {
        let parts = || scanned.mantissa.split(|c: char| !c.is_ascii_digit());
        let digits = parts().map(str::len).sum();
        let (fewest, most) = self.digits.unwrap_or((digits, digits));
        self.digits = Some((fewest.min(digits), most.max(digits)));
        self.addresses &= scanned.groups == 4 && parts().all(|part| part.parse::<u8>().is_ok());
    }
}

/// Counts distinct numbers, as long as there are few.
#[derive(Clone, Debug)]
pub(super) struct Distinct {
    /// Bits of the numbers, each near the place of its hash; free places hold [`FREE`].
    slots: [u64; 64],
    pub count: usize,
}

/// More distinct numbers are not counted.
pub(super) const MAX_DISTINCT: usize = 21;

/// A NaN, which no cell is.
const FREE: u64 = u64::MAX;

impl Default for Distinct {
    fn default() -> Self {
        Self {
            slots: [FREE; 64],
            count: 0,
        }
    }
}

impl Distinct {
    #[inline]
    pub fn add(&mut self, decimal: Decimal) {
        if self.count < MAX_DISTINCT {
            self.add_value(decimal.value());
        }
    }

    pub fn add_value(&mut self, value: f64) {
        let bits = (value + 0.0).to_bits(); // -0 is 0.
        let mut at = (bits.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 58) as usize;
        while self.count < MAX_DISTINCT && self.slots[at] != bits {
            if self.slots[at] == FREE {
                self.slots[at] = bits;
                self.count += 1;
                return;
            }
            at = (at + 1) % self.slots.len();
        }
    }
}
