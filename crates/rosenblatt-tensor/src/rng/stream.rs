//! The same words, one after the other.

use super::Rng;
use super::fill::{box_muller, uniform_f64};

/// Reads the words of an [`Rng`] in order: for draws that are only read in order.
///
/// # Example
/// ```
/// use rosenblatt_tensor::rng::Rng;
/// let mut draw = Rng::new(1).purpose("example").stream();
/// let dice = [(); 100].map(|()| draw.below(6) + 1);
/// assert!(dice.iter().all(|eyes| (1..=6).contains(eyes)));
/// ```
#[derive(Clone, Debug)]
pub struct Stream {
    rng: Rng,
    /// Number of the next word.
    next: u64,
    /// The block it is in, unless it is the first of one.
    block: [u32; 4],
}

impl Stream {
    pub(super) fn new(rng: Rng) -> Self {
        Self {
            rng,
            next: 0,
            block: [0; 4],
        }
    }

    /// The next word.
    #[inline]
    pub fn next_u32(&mut self) -> u32 {
        let place = self.next % 4;
        if place == 0 {
            self.block = self.rng.block(self.next / 4);
        }
        self.next += 1;
        self.block[place as usize]
    }

    /// The next two words, the first as the upper half.
    #[inline]
    pub fn next_u64(&mut self) -> u64 {
        u64::from(self.next_u32()) << 32 | u64::from(self.next_u32())
    }

    /// Uniform in `[0, 1)` with 53 bits, from the next two words.
    #[inline]
    pub fn next_f64(&mut self) -> f64 {
        let (high, low) = (self.next_u32(), self.next_u32());
        uniform_f64(high, low)
    }

    /// Normal with mean 0 and variance 1, from the next four words.
    pub fn normal(&mut self) -> f64 {
        let u = 1.0 - self.next_f64();
        let [z, _] = box_muller(u, self.next_f64());
        z
    }

    /// A whole number below `n`, all equally likely; `n = 0` stands for 2⁶⁴.
    ///
    /// Takes one word if `n` is at most 2³², else two; again with a probability below `n / 2³²` or `n / 2⁶⁴`.
    ///
    /// # Reference
    /// Lemire: Fast Random Integer Generation in an Interval. 2019. arXiv:1805.10941, Algorithm 5.
    #[inline]
    pub fn below(&mut self, n: u64) -> u64 {
        if n == 0 {
            self.next_u64()
        } else if n <= 1 << 32 {
            self.below_in_a_word(n)
        } else {
            self.below_in_two_words(n)
        }
    }

    #[inline]
    fn below_in_a_word(&mut self, n: u64) -> u64 {
        let mut product = u64::from(self.next_u32()) * n;
        // Lower halves below `2³² mod n` come once too often; a look at `n` first spares most divisions.
        if (product as u32 as u64) < n {
            let excess = ((1 << 32) - n) % n;
            while (product as u32 as u64) < excess {
                product = u64::from(self.next_u32()) * n;
            }
        }
        product >> 32
    }

    fn below_in_two_words(&mut self, n: u64) -> u64 {
        let excess = n.wrapping_neg() % n;
        loop {
            let product = u128::from(self.next_u64()) * u128::from(n);
            if product as u64 >= excess {
                return (product >> 64) as u64;
            }
        }
    }

    /// Puts `items` in random order, every order equally likely.
    ///
    /// # Reference
    /// Fisher, Yates: Statistical Tables, 1938; in place and from the end: Durstenfeld, Algorithm 235, 1964.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    /// Sizes for a test, each one of 0, 1, 2, 3, 5, 17: nothing, one, less and more than a vector, never a round number.
    pub fn sizes<const N: usize>(&mut self) -> [usize; N] {
        const SIZES: [usize; 6] = [0, 1, 2, 3, 5, 17];
        [(); N].map(|()| SIZES[self.below(SIZES.len() as u64) as usize])
    }
}
