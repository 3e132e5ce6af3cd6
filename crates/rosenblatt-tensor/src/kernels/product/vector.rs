//! The few vector instructions products are made of, and numbers they work on.

use super::PANEL;
use super::tile::{Strip, strips};
use super::work::KernelCall;
use crate::kernels::isa::{Isa, Loop};

/// A number the product kernels know: `f32` or `f64`.
pub trait Lane: sealed::Sealed + Copy + Default + Send + Sync + 'static {
    /// `self · b + c`, rounded once.
    fn fma(self, b: Self, c: Self) -> Self;

    /// `self + b`
    fn plus(self, b: Self) -> Self;

    /// Does the work with the vectors of `isa`, or with the best of this CPU if it lacks it.
    ///
    /// # Safety
    /// As [`product`](super::product()), [`pack_panels`](super::pack_panels) or [`column_sums`](super::column_sums), which
    /// `work` is a call of.
    #[doc(hidden)]
    unsafe fn run(isa: Isa, work: KernelCall<Self>);
}

mod sealed {
    pub trait Sealed {}
    impl Sealed for f32 {}
    impl Sealed for f64 {}
}

/// A vector register of one instruction set.
///
/// # Safety
/// Every method needs a CPU with that instruction set, and must be inlined into code compiled for it
/// (see [`Vector::run`]) to be fast. Pointers need no alignment beyond that of a lane.
pub trait Vector: Copy + 'static {
    /// A number of the vector.
    type Lane: Lane;

    /// Numbers in a vector; divides [`PANEL`].
    const LANES: usize;

    /// The tiles there are, the widest first, down to one vector.
    const STRIPS: &'static [Strip<Self::Lane>];

    /// Runs a loop compiled for the instruction set.
    unsafe fn run<L: Loop>(work: L) -> L::Output;

    /// `+0` in every lane.
    unsafe fn zero() -> Self;

    /// The number at `from` in every lane.
    unsafe fn splat(from: *const Self::Lane) -> Self;

    /// Reads every lane.
    unsafe fn load(from: *const Self::Lane) -> Self;

    /// Reads the first `n` lanes, all if there are fewer, and touches no memory past them; `+0` in the others.
    unsafe fn load_first(from: *const Self::Lane, n: usize) -> Self;

    /// Writes every lane.
    unsafe fn store(self, to: *mut Self::Lane);

    /// Writes the first `n` lanes, all if there are fewer, and touches no memory past them.
    unsafe fn store_first(self, to: *mut Self::Lane, n: usize);

    /// `self · b + c` in every lane, rounded once.
    unsafe fn fma(self, b: Self, c: Self) -> Self;

    /// `self + b` in every lane.
    unsafe fn plus(self, b: Self) -> Self;

    /// `[a₀ b₀ a₁ b₁ …]`, first and second half; `a` is `self`.
    unsafe fn interleave(self, b: Self) -> [Self; 2];
}

/// A vector without instructions of its own: what the compiler makes of an array.
#[derive(Clone, Copy, Debug)]
pub struct Array<T, const LANES: usize>([T; LANES]);

impl<T: Lane, const LANES: usize> Vector for Array<T, LANES> {
    type Lane = T;

    const LANES: usize = LANES;
    const STRIPS: &'static [Strip<T>] = strips! { 8: 1; 4: 1 2; 2: 1 2 3 4; 1: 1 2 3 4 };

    #[inline(always)]
    unsafe fn run<L: Loop>(work: L) -> L::Output {
        work.run()
    }

    #[inline(always)]
    unsafe fn zero() -> Self {
        Self([T::default(); LANES])
    }

    #[inline(always)]
    unsafe fn splat(from: *const T) -> Self {
        // SAFETY: the caller's.
        Self([unsafe { *from }; LANES])
    }

    #[inline(always)]
    unsafe fn load(from: *const T) -> Self {
        // SAFETY: the caller's; an array is aligned as its element.
        Self(unsafe { *from.cast() })
    }

    #[inline(always)]
    unsafe fn load_first(from: *const T, n: usize) -> Self {
        let mut lanes = [T::default(); LANES];
        for (i, lane) in lanes.iter_mut().enumerate().take(n) {
            // SAFETY: the caller's, as `i < n`.
            *lane = unsafe { *from.add(i) };
        }
        Self(lanes)
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut T) {
        // SAFETY: the caller's; an array is aligned as its element.
        unsafe { *to.cast() = self.0 }
    }

    #[inline(always)]
    unsafe fn store_first(self, to: *mut T, n: usize) {
        for (i, &lane) in self.0.iter().enumerate().take(n) {
            // SAFETY: the caller's, as `i < n`.
            unsafe { *to.add(i) = lane }
        }
    }

    #[inline(always)]
    unsafe fn fma(self, b: Self, c: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].fma(b.0[i], c.0[i])))
    }

    #[inline(always)]
    unsafe fn plus(self, b: Self) -> Self {
        Self(std::array::from_fn(|i| self.0[i].plus(b.0[i])))
    }

    #[inline(always)]
    unsafe fn interleave(self, b: Self) -> [Self; 2] {
        let lane = |i: usize| if i.is_multiple_of(2) { self.0[i / 2] } else { b.0[i / 2] };
        [
            Self(std::array::from_fn(lane)),
            Self(std::array::from_fn(|i| lane(LANES + i))),
        ]
    }
}

macro_rules! lane {
    ($number:ty, $portable:literal, $avx2:ident, $avx512:ident) => {
        impl Lane for $number {
            #[inline(always)]
            fn fma(self, b: Self, c: Self) -> Self {
                self.mul_add(b, c)
            }

            #[inline(always)]
            fn plus(self, b: Self) -> Self {
                self + b
            }

            unsafe fn run(isa: Isa, work: KernelCall<Self>) {
                // SAFETY: the caller's; `available` names what the CPU has.
                unsafe {
                    match isa.available() {
                        #[cfg(target_arch = "x86_64")]
                        Isa::Avx512 => work.run::<std::arch::x86_64::$avx512>(),
                        #[cfg(target_arch = "x86_64")]
                        Isa::Avx2 => work.run::<std::arch::x86_64::$avx2>(),
                        _ => work.run::<Array<$number, $portable>>(),
                    }
                }
            }
        }
    };
}

lane!(f32, 8, __m256, __m512);
lane!(f64, 4, __m256d, __m512d);

const _: () = assert!(
    PANEL.is_multiple_of(16),
    "a panel is whole vectors of every instruction set"
);
