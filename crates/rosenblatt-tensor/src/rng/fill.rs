//! Filling slices: each element from its own words, many at a time.
//!
//! Sixteen blocks are made side by side, one in each lane of a vector. If a block holds `N` numbers, a tile is `N` rows
//! of sixteen: element `16 N t + 16 n + l` is number `n` of block `16 t + l`. Elements in the order of the blocks
//! would cost as much for moving words between lanes as for making them.
//!
//! All of this is `#[inline(always)]`, so that a loop that calls it is compiled for its instruction set as a whole, and
//! the loops are over lanes inside, which is what the compiler turns into vectors.

use std::f64::consts::TAU;

use super::Rng;
use crate::math::Float;

/// Blocks side by side. Part of what the numbers are: never to be changed.
const LANES: usize = 16;

/// Row `w` holds word `w` of [`LANES`] blocks that follow each other.
type Words = [[u32; LANES]; 4];

/// `0 ≤ u < 1` from the upper 24 bits of a word: every multiple of 2⁻²⁴, equally likely.
#[inline(always)]
pub fn uniform_f32(word: u32) -> f32 {
    // Exact: 24 bits fit, also into the signed integers that vectors convert from.
    (word >> 8) as i32 as f32 * (1.0 / (1 << 24) as f32)
}

/// `0 ≤ u < 1` from the upper 53 bits of two words: every multiple of 2⁻⁵³, equally likely.
#[inline(always)]
pub fn uniform_f64(high: u32, low: u32) -> f64 {
    // Exact: the summands have 32 and 21 bits and do not overlap.
    f64::from(high) * (1.0 / (1_u64 << 32) as f64) + f64::from(low >> 11) * (1.0 / (1_u64 << 53) as f64)
}

/// Two independent standard normal numbers from `u` in `(0, 1]` and a fraction of a turn in `[0, 1)`.
///
/// `z = √(−2 ln u) · (cos 2πt, sin 2πt)`
///
/// # Reference
/// Box, Muller: A Note on the Generation of Random Normal Deviates. 1958.
#[inline(always)]
pub(super) fn box_muller<T: Float>(u: T, turn: T) -> [T; 2] {
    let radius = (T::from_f64(-2.0) * Float::ln(u)).sqrt();
    let angle = T::from_f64(TAU) * turn;
    [radius * angle.cos(), radius * angle.sin()]
}

/// How a kind of number is made of words, `N` numbers of each block.
trait Draw<const N: usize> {
    type Item: Copy;

    /// Row `n` holds number `n` of every block.
    fn draw(&self, words: &Words) -> [[Self::Item; LANES]; N];
}

/// In `[0, 1)`.
struct Uniform;

/// Standard normal.
struct Normal;

/// One of two items.
struct Choice<T> {
    items: [T; 2],
    /// The second item is chosen by words below this…
    below: u32,
    /// …or by all.
    always: bool,
}

impl Draw<4> for Uniform {
    type Item = f32;

    #[inline(always)]
    fn draw(&self, words: &Words) -> [[f32; LANES]; 4] {
        let mut rows = [[0.0; LANES]; 4];
        for (number, word) in rows.as_flattened_mut().iter_mut().zip(words.as_flattened()) {
            *number = uniform_f32(*word);
        }
        rows
    }
}

impl Draw<2> for Uniform {
    type Item = f64;

    #[inline(always)]
    fn draw(&self, words: &Words) -> [[f64; LANES]; 2] {
        let mut rows = [[0.0; LANES]; 2];
        for (row, pair) in rows.iter_mut().zip(words.chunks_exact(2)) {
            for lane in 0..LANES {
                row[lane] = uniform_f64(pair[0][lane], pair[1][lane]);
            }
        }
        rows
    }
}

impl Draw<4> for Normal {
    type Item = f32;

    #[inline(always)]
    fn draw(&self, words: &Words) -> [[f32; LANES]; 4] {
        let mut rows = [[0.0; LANES]; 4];
        for (rows, pair) in rows.chunks_exact_mut(2).zip(words.chunks_exact(2)) {
            for lane in 0..LANES {
                // 31 bits instead of 24: the largest number possible is 6.6 instead of 5.8.
                let u = ((pair[0][lane] >> 1) as i32 as f32 + 1.0) * (1.0 / (1_u32 << 31) as f32);
                let [even, odd] = box_muller(u, uniform_f32(pair[1][lane]));
                rows[0][lane] = even;
                rows[1][lane] = odd;
            }
        }
        rows
    }
}

impl Draw<2> for Normal {
    type Item = f64;

    #[inline(always)]
    fn draw(&self, words: &Words) -> [[f64; LANES]; 2] {
        let mut rows = [[0.0; LANES]; 2];
        for lane in 0..LANES {
            let u = 1.0 - uniform_f64(words[0][lane], words[1][lane]);
            let [even, odd] = box_muller(u, uniform_f64(words[2][lane], words[3][lane]));
            rows[0][lane] = even;
            rows[1][lane] = odd;
        }
        rows
    }
}

impl<T: Copy> Draw<4> for Choice<T> {
    type Item = T;

    #[inline(always)]
    fn draw(&self, words: &Words) -> [[T; LANES]; 4] {
        let [no, yes] = self.items;
        let mut rows = [[no; LANES]; 4];
        for (item, word) in rows.as_flattened_mut().iter_mut().zip(words.as_flattened()) {
            *item = if self.always | (*word < self.below) { yes } else { no };
        }
        rows
    }
}

/// A number type that can be drawn: f32 (one word each) and f64 (two).
pub trait Sampled: Float {
    /// [`Rng::fill_uniform`]
    fn fill_uniform(rng: &Rng, first: u64, out: &mut [Self]);
    /// [`Rng::fill_normal`]
    fn fill_normal(rng: &Rng, first: u64, out: &mut [Self]);
}

macro_rules! sampled {
    ($t:ty, $per_block:literal) => {
        impl Sampled for $t {
            #[inline(always)]
            fn fill_uniform(rng: &Rng, first: u64, out: &mut [Self]) {
                rng.fill::<$per_block, _>(&Uniform, first, out);
            }

            #[inline(always)]
            fn fill_normal(rng: &Rng, first: u64, out: &mut [Self]) {
                rng.fill::<$per_block, _>(&Normal, first, out);
            }
        }
    };
}
sampled!(f32, 4);
sampled!(f64, 2);

impl Rng {
    /// Fills `out` with the elements from number `first` on, uniform in `[0, 1)` with 24 bits (f32) or 53 bits (f64).
    ///
    /// Element `i` depends on `i` and the name of these numbers alone, not on how a fill is cut into calls.
    #[inline(always)]
    pub fn fill_uniform<T: Sampled>(&self, first: u64, out: &mut [T]) {
        T::fill_uniform(self, first, out);
    }

    /// Fills `out` with the elements from number `first` on, normal with mean 0 and variance 1.
    ///
    /// Element `i` depends on `i` and the name of these numbers alone, not on how a fill is cut into calls.
    ///
    /// # Numerics
    /// Box–Muller in the type itself; no number exceeds 6.6 (f32) or 8.6 (f64) in size.
    #[inline(always)]
    pub fn fill_normal<T: Sampled>(&self, first: u64, out: &mut [T]) {
        T::fill_normal(self, first, out);
    }

    /// Fills `out` with the elements from number `first` on, each the second of `items` with probability `p`, else the
    /// first: `[false, true]` for a mask, `[0.0, 1.0 / p]` for one that scales.
    ///
    /// Element `i` depends on `i` and the name of these numbers alone, not on how a fill is cut into calls.
    ///
    /// # Numerics
    /// `p` is rounded down to a multiple of 2⁻³². At or below 0, or NaN, it chooses always the first, from 1 on always
    /// the second.
    #[inline(always)]
    pub fn fill_bernoulli<T: Copy>(&self, p: f64, items: [T; 2], first: u64, out: &mut [T]) {
        // The conversion saturates, and maps NaN to 0.
        let bound = (p * (1_u64 << 32) as f64) as u64;
        let choice = Choice {
            items,
            below: bound as u32,
            always: bound >> 32 != 0,
        };
        self.fill::<4, _>(&choice, first, out);
    }

    #[inline(always)]
    fn fill<const N: usize, D: Draw<N>>(&self, draw: &D, first: u64, mut out: &mut [D::Item]) {
        let tile = (N * LANES) as u64;
        let mut block = first / tile * LANES as u64;
        let mut skip = (first % tile) as usize;
        while !out.is_empty() {
            let rows = draw.draw(&self.words(block));
            let numbers = &rows.as_flattened()[skip..];
            let (filled, rest) = out.split_at_mut(out.len().min(numbers.len()));
            filled.copy_from_slice(&numbers[..filled.len()]);
            (out, skip, block) = (rest, 0, block.wrapping_add(LANES as u64));
        }
    }

    /// The words of the blocks from number `block` on.
    #[inline(always)]
    fn words(&self, block: u64) -> Words {
        let mut words = [[0; LANES]; 4];
        let [w0, w1, w2, w3] = &mut words;
        for lane in 0..LANES {
            [w0[lane], w1[lane], w2[lane], w3[lane]] = self.block(block.wrapping_add(lane as u64));
        }
        words
    }
}
