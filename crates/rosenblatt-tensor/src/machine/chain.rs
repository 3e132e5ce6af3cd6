//! Element-wise chains: several operations on one tile while it is in the first-level cache.
//!
//! A chain loads tiles of its operands (or takes the tile a product has just finished), runs its steps, each a
//! vectorized loop from slices to a slice, and stores some of the results. A step sees plain slices of equal length,
//! or of length 1 where an operand is the same number everywhere, so a [`TileKernel`] is ordinary safe code.

use std::sync::Arc;

use super::task::Operand;
use crate::{DType, Isa};

/// A loop over slices: one step of a chain.
pub trait TileKernel: Send + Sync {
    /// Fills `output`, whose length is the tile's; inputs have that length, or 1 for the same number everywhere.
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>);

    /// As [`run`](TileKernel::run), where `output` already holds input number `place`, whose slice in `inputs` is empty.
    ///
    /// Saves a copy of every weight and moment in a step of training. Returns `false` if the kernel has no such loop;
    /// then it must not have written anything.
    fn run_in_place(&self, _isa: Isa, _place: usize, _inputs: &[Slice<'_>], _output: SliceMut<'_>) -> bool {
        false
    }
}

/// A loop that overwrites several operands at once: a whole step of an optimizer.
pub trait UpdateKernel: Send + Sync {
    /// Overwrites `places`, which have the tile's length; inputs have that length, or 1 for the same number everywhere.
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], places: &mut [SliceMut<'_>]);
}

macro_rules! slices {
    ($($variant:ident: $rust:ty),*) => {
        /// Numbers of one of the types a tensor may hold.
        #[derive(Clone, Copy, Debug)]
        pub enum Slice<'a> { $(#[allow(missing_docs)] $variant(&'a [$rust]),)* }

        /// Numbers of one of the types a tensor may hold, to be written.
        #[derive(Debug)]
        pub enum SliceMut<'a> { $(#[allow(missing_docs)] $variant(&'a mut [$rust]),)* }

        impl<'a> Slice<'a> {
            /// # Safety
            /// `len` elements of type `dtype` can be read at `address` for `'a`, and no one writes to them.
            pub(super) unsafe fn from_raw(dtype: DType, address: *const u8, len: usize) -> Self {
                match dtype {
                    // SAFETY: passed on to the caller.
                    $(DType::$variant => Self::$variant(unsafe { std::slice::from_raw_parts(address.cast(), len) }),)*
                }
            }

            /// Type of the numbers.
            #[must_use]
            pub fn dtype(&self) -> DType {
                match self { $(Self::$variant(_) => DType::$variant,)* }
            }

            /// How many there are.
            #[must_use]
            pub fn len(&self) -> usize {
                match self { $(Self::$variant(numbers) => numbers.len(),)* }
            }

            /// Whether there are none.
            #[must_use]
            pub fn is_empty(&self) -> bool {
                self.len() == 0
            }

            /// Where the first one is.
            pub(super) fn address(&self) -> *const u8 {
                match self { $(Self::$variant(numbers) => numbers.as_ptr().cast(),)* }
            }
        }

        impl<'a> SliceMut<'a> {
            /// # Safety
            /// `len` elements of type `dtype` can be written at `address` for `'a`, and no one else touches them.
            pub(super) unsafe fn from_raw(dtype: DType, address: *mut u8, len: usize) -> Self {
                match dtype {
                    // SAFETY: passed on to the caller.
                    $(DType::$variant => Self::$variant(unsafe { std::slice::from_raw_parts_mut(address.cast(), len) }),)*
                }
            }
        }
    };
}
slices!(F32: f32, F64: f64, U8: u8, I64: i64, Bool: bool);

/// Where a step or a store takes its numbers from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The tile of the product or sum that the chain follows.
    Tile,
    /// An operand, by its place in [`Chain::loads`].
    Load(usize),
    /// The result of an earlier step.
    Step(usize),
    /// What an [`Update`] leaves where a store goes to, by its place in [`Chain::stores`]; known after the update.
    Updated(usize),
}

/// An operand that a chain reads.
pub type Load = Operand;

/// One operation of a chain.
#[derive(Clone)]
pub struct Step {
    /// Its loop.
    pub kernel: Arc<dyn TileKernel>,
    /// Type of the result.
    pub dtype: DType,
    /// What it reads.
    pub inputs: Vec<Source>,
}

/// Operands overwritten by one loop, between two steps of a chain.
#[derive(Clone)]
pub struct Update {
    /// How many steps come before it.
    pub after: usize,
    /// Its loop.
    pub kernel: Arc<dyn UpdateKernel>,
    /// What it reads besides the places themselves.
    pub inputs: Vec<Source>,
    /// The operands, by their place in [`Chain::stores`]; the source of store `i` is [`Source::Updated`]`(i)`. What comes
    /// after the update may not read what they held before.
    pub places: Vec<usize>,
}

/// A list of element-wise steps between loads and stores.
#[derive(Clone, Default)]
pub struct Chain {
    /// Operands read.
    pub loads: Vec<Load>,
    /// Operations, in order.
    pub steps: Vec<Step>,
    /// Numbers under watch: if one is not finite, this flag of the program is raised.
    pub checks: Vec<(Source, usize)>,
    /// Operands overwritten, in the order of [`Update::after`].
    pub updates: Vec<Update>,
    /// Results written, and where to.
    pub stores: Vec<(Source, Operand)>,
}

/// How many inputs, and how many places, an update may have.
pub const MAX_UPDATE: usize = 8;

/// The largest number of inputs of a step.
pub(super) const MAX_INPUTS: usize = 3;

/// Bounds of a chain, so that registers live on the stack; the plan cuts longer chains.
pub(super) const MAX_LOADS: usize = 72;
pub(super) const MAX_STEPS: usize = 144;
