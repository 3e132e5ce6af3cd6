//! Random numbers that are a function, not a state.
//!
//! Every random number is Philox of (seed; purpose, step, index). Nothing is drawn in an order: element `i` of a fill is
//! the same whichever thread computes it, and a run continues after any step without having saved a generator.
//!
//! - [`Rng`] names a set of numbers and fills slices with them (`fill.rs`);
//! - [`Stream`] reads the same words one after the other: shuffling, draws without a place (`stream.rs`);
//! - [`philox4x32`] is the function itself (`philox.rs`).

mod fill;
mod philox;
mod stream;

pub use fill::{Sampled, uniform_f32, uniform_f64};
pub use philox::philox4x32;
pub use stream::Stream;

/// The random numbers of one seed, purpose and step, by index.
///
/// It is plain data: copying it copies no state, and the same name gives the same numbers for ever.
///
/// # Ranges
/// Seed, step and index take any 64 bits. The counter of block `index` is
///
/// | word | 0 | 1 | 2 | 3 |
/// |---|---|---|---|---|
/// | | index, low | index, high | step, low | step, high ⊕ purpose |
///
/// with the seed as key. So within one purpose no two blocks share a counter, and below step 2³² no two purposes do,
/// unless their names collide (one chance in 2³² for each pair). From step 2³² on two purposes could meet whose numbers
/// differ in no more than the high halves of the steps.
///
/// # Example
/// ```
/// use rosenblatt_tensor::rng::Rng;
///
/// let rng = Rng::new(7).purpose("layers.1.dropout").at(100);
/// let mut batch = [0.0_f32; 10];
/// rng.fill_uniform(0, &mut batch);
///
/// let mut its_end = [0.0_f32; 4]; // as another thread would compute it
/// rng.fill_uniform(6, &mut its_end);
/// assert_eq!(batch[6..], its_end);
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rng {
    seed: u64,
    purpose: u32,
    step: u64,
}

impl Rng {
    /// The numbers of `seed`, without a purpose, at step 0.
    pub const fn new(seed: u64) -> Self {
        Self {
            seed,
            purpose: 0,
            step: 0,
        }
    }

    /// The numbers for the purpose `name`, within the present purpose if there is one: `"init"`, then `"layers.0.weight"`.
    ///
    /// Numbers of different kinds (uniform, normal) with the same name are made of the same words, so give each use a
    /// name of its own.
    #[must_use]
    pub const fn purpose(self, name: &str) -> Self {
        Self {
            purpose: hash(name, self.purpose),
            ..self
        }
    }

    /// The numbers at `step`: of training, or an epoch, whatever the purpose counts.
    #[must_use]
    pub const fn at(self, step: u64) -> Self {
        Self { step, ..self }
    }

    /// The seed.
    pub const fn seed(&self) -> u64 {
        self.seed
    }

    /// Four random words, those with the numbers `4 index` to `4 index + 3`.
    #[inline(always)]
    pub fn block(&self, index: u64) -> [u32; 4] {
        let [c2, c3] = self.upper_counter();
        philox4x32([index as u32, (index >> 32) as u32, c2, c3], self.key())
    }

    /// The words from number 0 on, one after the other.
    pub fn stream(&self) -> Stream {
        Stream::new(*self)
    }

    /// Fills `rows` with the numbers from 0 on in random order, every order equally likely.
    ///
    /// ```
    /// use rosenblatt_tensor::rng::Rng;
    /// let (seed, epoch) = (1, 5);
    /// let mut rows = [0; 100];
    /// Rng::new(seed).purpose("shuffle").at(epoch).permutation(&mut rows);
    /// rows.sort();
    /// assert!(rows.into_iter().eq(0..100));
    /// ```
    pub fn permutation(&self, rows: &mut [u64]) {
        for (row, number) in rows.iter_mut().zip(0..) {
            *row = number;
        }
        self.stream().shuffle(rows);
    }

    #[inline(always)]
    fn key(&self) -> [u32; 2] {
        [self.seed as u32, (self.seed >> 32) as u32]
    }

    #[inline(always)]
    fn upper_counter(&self) -> [u32; 2] {
        [self.step as u32, (self.step >> 32) as u32 ^ self.purpose]
    }
}

/// A number for a name: FNV-1a from a start that depends on `parent`, then MurmurHash3's finaliser, since the names
/// differ little and the purposes should differ in many bits. Both are public domain; no random number may depend on
/// the standard library's hash.
const fn hash(name: &str, parent: u32) -> u32 {
    let bytes = name.as_bytes();
    let mut hash = 0x811C_9DC5 ^ parent;
    let mut i = 0;
    while i < bytes.len() {
        hash = (hash ^ bytes[i] as u32).wrapping_mul(0x0100_0193);
        i += 1;
    }
    hash = (hash ^ (hash >> 16)).wrapping_mul(0x85EB_CA6B);
    hash = (hash ^ (hash >> 13)).wrapping_mul(0xC2B2_AE35);
    hash ^ (hash >> 16)
}
