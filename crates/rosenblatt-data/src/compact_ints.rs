//! Whole numbers in memory: one, two or four bytes each, as the widest of them needs.
//!
//! What tables hold is mostly small: counts, codes of categories, prices in hundredths. A number that does not fit makes all
//! of its column wider, once or twice in the life of a column.

use crate::numbers::push;

/// Whole numbers from -2³¹. The two least, [`FIRST_MARK`] and [`SECOND_MARK`], take no more room than small ones: they are
/// meant for what is not a number.
#[derive(Clone)]
pub(crate) enum CompactInts {
    Bytes(Vec<i8>),
    Shorts(Vec<i16>),
    Words(Vec<i32>),
}

pub(crate) const FIRST_MARK: i32 = i32::MIN;
pub(crate) const SECOND_MARK: i32 = i32::MIN + 1;

/// A width to keep numbers in. Its own two least numbers are the marks.
trait Width: Copy {
    /// The number, if it fits.
    fn narrow(number: i32) -> Option<Self>;
    fn wide(self) -> i32;
}

macro_rules! width {
    ($type:ty) => {
        impl Width for $type {
            fn narrow(number: i32) -> Option<Self> {
                match number {
                    FIRST_MARK => Some(Self::MIN),
                    SECOND_MARK => Some(Self::MIN + 1),
                    number => Self::try_from(number)
                        .ok()
                        .filter(|&narrow| narrow > Self::MIN + 1),
                }
            }

            fn wide(self) -> i32 {
                match self {
                    Self::MIN => FIRST_MARK,
                    mark if mark == Self::MIN + 1 => SECOND_MARK,
                    narrow => i32::from(narrow),
                }
            }
        }
    };
}

width!(i8);
width!(i16);

impl Width for i32 {
    fn narrow(number: i32) -> Option<Self> {
        Some(number)
    }

    fn wide(self) -> i32 {
        self
    }
}

impl CompactInts {
    /// How many there are.
    pub fn len(&self) -> usize {
        match self {
            Self::Bytes(numbers) => numbers.len(),
            Self::Shorts(numbers) => numbers.len(),
            Self::Words(numbers) => numbers.len(),
        }
    }

    /// The number of a row.
    pub fn get(&self, row: usize) -> i32 {
        match self {
            Self::Bytes(numbers) => numbers[row].wide(),
            Self::Shorts(numbers) => numbers[row].wide(),
            Self::Words(numbers) => numbers[row],
        }
    }

    /// One after another.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = i32> + '_ {
        (0..self.len()).map(|row| self.get(row))
    }

    /// Those of the given rows, in their order.
    pub fn select(&self, rows: &[u64]) -> Self {
        fn of<T: Copy>(numbers: &[T], rows: &[u64]) -> Vec<T> {
            rows.iter().map(|&row| numbers[row as usize]).collect()
        }
        match self {
            Self::Bytes(numbers) => Self::Bytes(of(numbers, rows)),
            Self::Shorts(numbers) => Self::Shorts(of(numbers, rows)),
            Self::Words(numbers) => Self::Words(of(numbers, rows)),
        }
    }

    /// Adds a number.
    #[inline]
    pub fn push(&mut self, number: i32) {
        #[inline]
        fn taken<T: Width>(numbers: &mut Vec<T>, number: i32) -> bool {
            match T::narrow(number) {
                Some(narrow) => push(numbers, narrow),
                None => return false,
            }
            true
        }
        let taken = match self {
            Self::Bytes(numbers) => taken(numbers, number),
            Self::Shorts(numbers) => taken(numbers, number),
            Self::Words(numbers) => taken(numbers, number),
        };
        if !taken {
            self.push_wider(number);
        }
    }

    #[cold]
    fn push_wider(&mut self, number: i32) {
        self.widen();
        self.push(number);
    }

    /// Makes every number twice as wide.
    fn widen(&mut self) {
        /// What fits fits twice the width too.
        fn wider<N: Width, W: Width>(numbers: &[N]) -> Vec<W> {
            let mut all = Vec::with_capacity(numbers.len() + 1);
            all.extend(numbers.iter().filter_map(|narrow| W::narrow(narrow.wide())));
            all
        }
        *self = match self {
            Self::Bytes(numbers) => Self::Shorts(wider(numbers)),
            Self::Shorts(numbers) => Self::Words(wider(numbers)),
            Self::Words(_) => return,
        };
    }

    /// Gives back memory that is not needed.
    pub fn shrink(&mut self) {
        match self {
            Self::Bytes(numbers) => numbers.shrink_to_fit(),
            Self::Shorts(numbers) => numbers.shrink_to_fit(),
            Self::Words(numbers) => numbers.shrink_to_fit(),
        }
    }
}

impl FromIterator<i32> for CompactInts {
    fn from_iter<I: IntoIterator<Item = i32>>(numbers: I) -> Self {
        let mut all = Self::default();
        numbers.into_iter().for_each(|number| all.push(number));
        all
    }
}

impl Default for CompactInts {
    fn default() -> Self {
        Self::Bytes(Vec::new())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn width(numbers: &CompactInts) -> usize {
        match numbers {
            CompactInts::Bytes(_) => 1,
            CompactInts::Shorts(_) => 2,
            CompactInts::Words(_) => 4,
        }
    }

    #[test]
    fn numbers_come_back_from_as_few_bytes_as_they_need() {
        for (numbers, bytes) in [
            (&[][..], 1),
            (&[0, 127, -126, FIRST_MARK, SECOND_MARK], 1),
            (&[-127], 2),
            (&[-128], 2),
            (&[FIRST_MARK, 128, SECOND_MARK, -1], 2),
            (&[32_767, -32_766], 2),
            (&[1, FIRST_MARK, -32_767, SECOND_MARK], 4),
            (&[5, 32_768, FIRST_MARK], 4),
            (&[i32::MAX, SECOND_MARK + 1, FIRST_MARK, SECOND_MARK], 4),
        ] {
            let mut whole: CompactInts = numbers.iter().copied().collect();
            assert_eq!(
                (whole.iter().collect::<Vec<_>>(), width(&whole)),
                (numbers.to_vec(), bytes)
            );
            whole.shrink();
            let rows: Vec<u64> = (0..numbers.len() as u64).rev().collect();
            let back: Vec<i32> = numbers.iter().rev().copied().collect();
            assert_eq!(whole.select(&rows).iter().collect::<Vec<_>>(), back);
        }
    }
}
