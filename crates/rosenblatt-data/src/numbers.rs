//! The numbers of a column in memory: at most four bytes each wherever that loses nothing.
//!
//! Numbers are kept so that every cell comes back as the very f64 its text means. Rounding to f32 would take as little
//! memory, but lose what people have in tables: prices above 167,772.15, identifiers and dates as whole numbers above
//! 2²⁴, small differences on a large mean, and class labels such as `0.1`. So a column of decimals is kept as whole
//! numbers of its smallest step: `12.5`, `0.25`, `-3` are 1250, 25 and -300 hundredths. `steps / 10^places` divides two
//! numbers that f64 holds exactly, so it is the f64 nearest to the text, as if the text had been read. A column where a
//! number does not fit (more than nine digits, exponents) is kept as f64.

use std::fmt;

use crate::compact_ints::{CompactInts, FIRST_MARK, SECOND_MARK};

/// The numbers of a column; NaN where missing, never infinite.
///
/// # Example
/// ```
/// use rosenblatt_data::Numbers;
/// let numbers = Numbers::from(vec![0.5, f64::NAN, -2.0]);
/// assert_eq!((numbers.len(), numbers.get(0)), (3, 0.5));
/// assert_eq!(numbers.iter().filter(|x| x.is_nan()).count(), 1);
/// ```
#[derive(Clone)]
pub struct Numbers(Stored);

#[derive(Clone)]
enum Stored {
    Doubles(Vec<f64>),
    Decimals {
        /// Whole numbers of `10^-places`, or one of [`MISSING`] and [`MINUS_ZERO`].
        steps: CompactInts,
        places: u8,
        /// The largest `|step|` so far, or more.
        largest: i32,
    },
}

/// The step of a missing number.
const MISSING: i32 = FIRST_MARK;

/// The step of -0, which a whole number cannot be.
const MINUS_ZERO: i32 = SECOND_MARK;

/// Powers of ten that f64 holds exactly.
const POWERS: [f64; 23] = [
    1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
    1e21, 1e22,
];

/// `± mantissa / 10^places`, as it is written; below 2⁵³, with at most 22 places, so that its f64 is one division.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Decimal {
    negative: bool,
    mantissa: u64,
    places: u8,
}

impl Decimal {
    /// The decimal, if it is small enough.
    pub fn new(negative: bool, mantissa: u64, places: usize) -> Option<Self> {
        let fits = mantissa <= 1 << f64::MANTISSA_DIGITS && places < POWERS.len();
        fits.then_some(Self {
            negative,
            mantissa,
            places: places as u8,
        })
    }

    /// The f64 nearest to it.
    pub fn value(self) -> f64 {
        let size = self.mantissa as f64 / POWERS[usize::from(self.places)];
        if self.negative { -size } else { size }
    }

    /// The same number without zeros at its end, as far as it has more than `places`.
    fn shortened(mut self, places: u8) -> Self {
        while self.places > places && self.mantissa.is_multiple_of(10) {
            self.mantissa /= 10;
            self.places -= 1;
        }
        self
    }

    /// How many steps of `10^-places` it is, if it is a whole number of them and not too many.
    fn steps(self, places: u8) -> Option<i32> {
        let factor = 10_u64.checked_pow(u32::from(places.checked_sub(self.places)?))?;
        let steps = i32::try_from(self.mantissa.checked_mul(factor)?).ok()?;
        // The largest is left out: its negative is the step of -0.
        (steps < i32::MAX).then_some(match (self.negative, steps) {
            (true, 0) => MINUS_ZERO,
            (true, steps) => -steps,
            (false, steps) => steps,
        })
    }
}

impl Numbers {
    /// How many there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match &self.0 {
            Stored::Doubles(values) => values.len(),
            Stored::Decimals { steps, .. } => steps.len(),
        }
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number of a row; NaN if it is missing.
    ///
    /// # Panics
    /// If there is no such row, as indexing does.
    #[must_use]
    pub fn get(&self, row: usize) -> f64 {
        match &self.0 {
            Stored::Doubles(values) => values[row],
            Stored::Decimals { steps, places, .. } => value(steps.get(row), *places),
        }
    }

    /// One after another.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = f64> + Clone + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// All of them as f64.
    #[must_use]
    pub fn to_vec(&self) -> Vec<f64> {
        self.iter().collect()
    }

    /// All of them as f64, without copying those that are.
    #[must_use]
    pub fn into_vec(self) -> Vec<f64> {
        match self.0 {
            Stored::Doubles(values) => values,
            Stored::Decimals { .. } => self.to_vec(),
        }
    }

    /// Those of the given rows, in their order.
    #[must_use]
    pub fn select(&self, rows: &[u64]) -> Self {
        Self(match &self.0 {
            Stored::Doubles(values) => Stored::Doubles(rows.iter().map(|&row| values[row as usize]).collect()),
            Stored::Decimals { steps, places, largest } => Stored::Decimals {
                steps: steps.select(rows),
                places: *places,
                largest: *largest,
            },
        })
    }

    /// Adds a missing number.
    pub(crate) fn push_missing(&mut self) {
        match &mut self.0 {
            Stored::Doubles(values) => push(values, f64::NAN),
            Stored::Decimals { steps, .. } => steps.push(MISSING),
        }
    }

    /// Adds a number.
    pub(crate) fn push(&mut self, value: f64) {
        self.become_doubles();
        if let Stored::Doubles(values) = &mut self.0 {
            push(values, value);
        }
    }

    /// Adds a decimal number, as a whole number of steps if that is possible.
    pub(crate) fn push_decimal(&mut self, decimal: Decimal) {
        let Stored::Decimals { steps, places, largest } = &mut self.0 else {
            return self.push(decimal.value());
        };
        let decimal = decimal.shortened(*places);
        if decimal.places > *places && !refine(steps, places, largest, decimal.places) {
            return self.push(decimal.value());
        }
        match decimal.steps(*places) {
            Some(step) => {
                steps.push(step);
                if step != MINUS_ZERO {
                    *largest = (*largest).max(step.abs());
                }
            }
            None => self.push(decimal.value()),
        }
    }

    fn become_doubles(&mut self) {
        if let Stored::Decimals { .. } = self.0 {
            self.0 = Stored::Doubles(self.to_vec());
        }
    }

    /// Gives back memory that is not needed.
    pub(crate) fn shrink(&mut self) {
        match &mut self.0 {
            Stored::Doubles(values) => values.shrink_to_fit(),
            Stored::Decimals { steps, .. } => steps.shrink(),
        }
    }
}

/// The number of a step.
fn value(step: i32, places: u8) -> f64 {
    match step {
        MISSING => f64::NAN,
        MINUS_ZERO => -0.0,
        step => f64::from(step) / POWERS[usize::from(places)],
    }
}

/// Counts in smaller steps, unless the largest would not fit; says whether it did.
fn refine(steps: &mut CompactInts, places: &mut u8, largest: &mut i32, to: u8) -> bool {
    let factor = 10_i32.checked_pow(u32::from(to - *places));
    let Some((factor, most)) = factor.and_then(|factor| Some((factor, largest.checked_mul(factor)?))) else {
        return false;
    };
    let finer = |step| {
        if matches!(step, MISSING | MINUS_ZERO) {
            step
        } else {
            step * factor
        }
    };
    *steps = steps.iter().map(finer).collect();
    (*places, *largest) = (to, most);
    true
}

/// Adds to a vector that grows by a quarter: doubling could take twice the memory of a large column.
pub(crate) fn push<T>(values: &mut Vec<T>, value: T) {
    const FIRST: usize = 64;
    if values.len() == values.capacity() {
        values.reserve_exact(values.len() / 4 + FIRST);
    }
    values.push(value);
}

impl Default for Numbers {
    fn default() -> Self {
        Self(Stored::Decimals {
            steps: CompactInts::default(),
            places: 0,
            largest: 0,
        })
    }
}

impl From<Vec<f64>> for Numbers {
    fn from(values: Vec<f64>) -> Self {
        Self(Stored::Doubles(values))
    }
}

impl FromIterator<f64> for Numbers {
    fn from_iter<I: IntoIterator<Item = f64>>(values: I) -> Self {
        Vec::from_iter(values).into()
    }
}

/// Equal as f64 are, row by row: missing numbers are unequal to all others.
impl PartialEq for Numbers {
    fn eq(&self, other: &Self) -> bool {
        self.iter().eq(other.iter())
    }
}

impl fmt::Debug for Numbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What becomes of texts, and how many bytes a number takes.
    fn stored(texts: &[&str]) -> (Vec<f64>, usize) {
        let mut numbers = Numbers::default();
        for text in texts {
            let digits = text.trim_start_matches('-');
            let places = digits.find('.').map_or(0, |point| digits.len() - point - 1);
            let mantissa = digits.replace('.', "").parse().unwrap();
            match Decimal::new(text.starts_with('-'), mantissa, places) {
                Some(decimal) => numbers.push_decimal(decimal),
                None => numbers.push(text.parse().unwrap()),
            }
        }
        let bytes = match numbers.0 {
            Stored::Doubles(_) => 8,
            Stored::Decimals { .. } => 4, // Or less.
        };
        (numbers.to_vec(), bytes)
    }

    #[test]
    fn every_number_comes_back_as_its_text_means_it() {
        for (texts, bytes) in [
            (&["1", "-2", "0"][..], 4),
            (&["0.1", "0.25", "-3", "167772.17", "16777217"], 4),
            (&["1.0000000000", "2.50"], 4),
            (&["-0.0", "0", "-0", "0.5"], 4),
            (&["2147483646", "-2147483646"], 4),
            (&["-2147483647"], 8),
            (&["2147483648"], 8),
            (&["214748364.7", "0.01"], 8),
            (&["0.0000000000000000000001", "1"], 8),
            (&["1700000000000", "0.1"], 8),
            (&["9007199254740993", "0.1"], 8),
        ] {
            let (values, found) = stored(texts);
            let expected: Vec<u64> = texts.iter().map(|t| t.parse::<f64>().unwrap().to_bits()).collect();
            assert_eq!(
                values.iter().map(|x| x.to_bits()).collect::<Vec<_>>(),
                expected,
                "{texts:?}"
            );
            assert_eq!(found, bytes, "{texts:?}");
        }
    }

    #[test]
    fn missing_numbers_stay_missing_when_steps_change() {
        let mut numbers = Numbers::default();
        numbers.push_missing();
        numbers.push_decimal(Decimal::new(true, 5, 1).unwrap());
        numbers.push_missing();
        assert!(numbers.get(0).is_nan() && numbers.get(1) == -0.5);
        numbers.push(1e-300);
        numbers.push_missing();
        let present: Vec<bool> = numbers.iter().map(|x| !x.is_nan()).collect();
        assert_eq!(present, [false, true, false, true, false]);
        assert_eq!(numbers.select(&[3, 1]).to_vec(), [1e-300, -0.5]);
    }

    #[test]
    fn equality_is_by_value() {
        let mut decimals = Numbers::default();
        decimals.push_decimal(Decimal::new(false, 15, 1).unwrap());
        assert_eq!(decimals, Numbers::from(vec![1.5]));
        decimals.push_missing();
        assert_ne!(decimals.clone(), decimals, "a missing number equals none");
        assert!(Numbers::default().is_empty());
    }
}
