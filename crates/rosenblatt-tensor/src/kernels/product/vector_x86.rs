//! Vectors of x86-64.

use super::tile::{Strip, strips};
use super::vector::Vector;
use crate::kernels::isa::{Loop, run_avx2, run_avx512};
use std::arch::x86_64::*;

/// A vector anywhere in memory. The intrinsics for unaligned loads copy bytes, and where the standard
/// library checks each copy, as in tests, the sums would leave their registers for it.
#[repr(C, packed)]
struct Unaligned<V>(V);

/// Writes the methods that are one instruction each.
macro_rules! instructions {
    ($run:ident, $lane:ty, $zero:ident, $splat:ident, $fma:ident, $plus:ident) => {
        type Lane = $lane;

        const LANES: usize = size_of::<Self>() / size_of::<$lane>();

        #[inline(always)]
        unsafe fn run<L: Loop>(work: L) -> L::Output {
            // SAFETY: the caller's: the CPU has the instruction set.
            unsafe { $run(work) }
        }

        #[inline(always)]
        unsafe fn zero() -> Self {
            // SAFETY: as in `run`.
            unsafe { $zero() }
        }

        #[inline(always)]
        unsafe fn splat(from: *const $lane) -> Self {
            // SAFETY: as in `run`; the caller vouches for the pointer.
            unsafe { $splat(*from) }
        }

        #[inline(always)]
        unsafe fn load(from: *const $lane) -> Self {
            // SAFETY: as in `splat`; a packed place needs no alignment.
            unsafe { (*from.cast::<Unaligned<Self>>()).0 }
        }

        #[inline(always)]
        unsafe fn store(self, to: *mut $lane) {
            // SAFETY: as in `load`.
            unsafe { (*to.cast::<Unaligned<Self>>()).0 = self }
        }

        #[inline(always)]
        unsafe fn fma(self, b: Self, c: Self) -> Self {
            // SAFETY: as in `run`.
            unsafe { $fma(self, b, c) }
        }

        #[inline(always)]
        unsafe fn plus(self, b: Self) -> Self {
            // SAFETY: as in `run`.
            unsafe { $plus(self, b) }
        }
    };
}

/// 32 registers of 512 bits; lanes left out by a bit mask; any two registers permuted at once.
macro_rules! avx512 {
    ($load:ident, $store:ident, $mask:ty, $permute:ident, $first:expr, $second:expr) => {
        const STRIPS: &'static [Strip<Self::Lane>] = strips! {
            8: 1 2 3;
            4: 1 2 3;
            2: 1 2 3 4 5 6 7 8 9 10 11 12 13 14;
            1: 1 2 3 4 5 6 7 8 9 10 11 12 13 14
        };

        #[inline(always)]
        unsafe fn load_first(from: *const Self::Lane, n: usize) -> Self {
            let mask = ((1u32 << n.min(Self::LANES)) - 1) as $mask;
            // SAFETY: the caller's; lanes outside the mask are not touched.
            unsafe { $load(mask, from) }
        }

        #[inline(always)]
        unsafe fn store_first(self, to: *mut Self::Lane, n: usize) {
            let mask = ((1u32 << n.min(Self::LANES)) - 1) as $mask;
            // SAFETY: the caller's; lanes outside the mask are not touched.
            unsafe { $store(to, mask, self) }
        }

        #[inline(always)]
        unsafe fn interleave(self, b: Self) -> [Self; 2] {
            // SAFETY: the caller's: the CPU has the instruction set.
            unsafe { [$permute(self, $first, b), $permute(self, $second, b)] }
        }
    };
}

impl Vector for __m512 {
    instructions!(
        run_avx512,
        f32,
        _mm512_setzero_ps,
        _mm512_set1_ps,
        _mm512_fmadd_ps,
        _mm512_add_ps
    );
    avx512!(
        _mm512_maskz_loadu_ps,
        _mm512_mask_storeu_ps,
        __mmask16,
        _mm512_permutex2var_ps,
        _mm512_setr_epi32(0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23),
        _mm512_setr_epi32(8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31)
    );
}

impl Vector for __m512d {
    instructions!(
        run_avx512,
        f64,
        _mm512_setzero_pd,
        _mm512_set1_pd,
        _mm512_fmadd_pd,
        _mm512_add_pd
    );
    avx512!(
        _mm512_maskz_loadu_pd,
        _mm512_mask_storeu_pd,
        __mmask8,
        _mm512_permutex2var_pd,
        _mm512_setr_epi64(0, 8, 1, 9, 2, 10, 3, 11),
        _mm512_setr_epi64(4, 12, 5, 13, 6, 14, 7, 15)
    );
}

/// Sixteen lanes' worth of masks: a window that starts `n` before the middle keeps the first `n` lanes.
static MASKS: [i32; 16] = [-1, -1, -1, -1, -1, -1, -1, -1, 0, 0, 0, 0, 0, 0, 0, 0];

/// 16 registers of 256 bits; lanes left out by a vector mask, which is slow on some CPUs and so kept for the tail.
macro_rules! avx2 {
    ($load:ident, $store:ident, $low:ident, $high:ident, $halves:ident) => {
        const STRIPS: &'static [Strip<Self::Lane>] = strips! { 8: 1; 4: 1 2 3; 2: 1 2 3 4 5 6; 1: 1 2 3 4 5 6 7 8 };

        #[inline(always)]
        unsafe fn load_first(from: *const Self::Lane, n: usize) -> Self {
            if n >= Self::LANES {
                // SAFETY: the caller's.
                return unsafe { Self::load(from) };
            }
            // SAFETY: the caller's; lanes outside the mask are not touched.
            unsafe { $load(from, first::<{ Self::LANES }>(n)) }
        }

        #[inline(always)]
        unsafe fn store_first(self, to: *mut Self::Lane, n: usize) {
            if n >= Self::LANES {
                // SAFETY: the caller's.
                return unsafe { self.store(to) };
            }
            // SAFETY: the caller's; lanes outside the mask are not touched.
            unsafe { $store(to, first::<{ Self::LANES }>(n), self) }
        }

        /// Interleaves within halves of the registers, then puts the halves together.
        #[inline(always)]
        unsafe fn interleave(self, b: Self) -> [Self; 2] {
            // SAFETY: the caller's: the CPU has the instruction set.
            unsafe {
                let (low, high) = ($low(self, b), $high(self, b));
                [$halves::<0x20>(low, high), $halves::<0x31>(low, high)]
            }
        }
    };
}

/// The mask of the first `n` lanes of `LANES`.
///
/// # Safety
/// The CPU has AVX2, and `n < LANES`.
#[inline(always)]
unsafe fn first<const LANES: usize>(n: usize) -> __m256i {
    let words_per_lane = 8 / LANES;
    // SAFETY: the window starts at most 8 before the middle and ends at most at the end, as `n < LANES`.
    unsafe { (*MASKS.as_ptr().add(8 - n * words_per_lane).cast::<Unaligned<__m256i>>()).0 }
}

impl Vector for __m256 {
    instructions!(
        run_avx2,
        f32,
        _mm256_setzero_ps,
        _mm256_set1_ps,
        _mm256_fmadd_ps,
        _mm256_add_ps
    );
    avx2!(
        _mm256_maskload_ps,
        _mm256_maskstore_ps,
        _mm256_unpacklo_ps,
        _mm256_unpackhi_ps,
        _mm256_permute2f128_ps
    );
}

impl Vector for __m256d {
    instructions!(
        run_avx2,
        f64,
        _mm256_setzero_pd,
        _mm256_set1_pd,
        _mm256_fmadd_pd,
        _mm256_add_pd
    );
    avx2!(
        _mm256_maskload_pd,
        _mm256_maskstore_pd,
        _mm256_unpacklo_pd,
        _mm256_unpackhi_pd,
        _mm256_permute2f128_pd
    );
}
