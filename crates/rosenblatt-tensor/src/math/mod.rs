//! Functions of one number, written so that a plain loop over a slice becomes a vector loop.
//!
//! Every body is branch-free: additions, products, quotients, square roots, fused multiply-adds, comparisons that choose
//! between two values, casts of bits and shifts; no tables, no calls. Each of these is exactly defined by IEEE 754, and
//! Rust neither reorders nor contracts them. So one source gives the same bits compiled for plain x86-64, AVX2, AVX-512
//! or another machine, one number at a time or sixteen: the portable twin of a vector loop is the same loop compiled
//! without features. (The sign and payload of a NaN are not part of the promise.)
//!
//! Call the functions through [`Float`] in generic code. **On a plain `f32` or `f64`, `x.exp()` is the standard library's
//! method, hence the platform's**: write `Float::exp(x)` there.
//!
//! # Largest errors
//!
//! In units in the last place (ULP), over all inputs including subnormal ones; `tests/all/math` holds these figures.
//!
//! | function | f32 | f64 | |
//! |---|---|---|---|
//! | `exp` | 1 | 1 | |
//! | `ln` | 1 | 1 | |
//! | `ln_1p` | 1 | 1 | |
//! | `tanh` | 1.5 | 2 | |
//! | `sigmoid` | 1.5 | 1.5 | |
//! | `erf` | 1 | 2 | |
//! | `erfc` | 1 | 4 | |
//! | `sin`, `cos` | 1 | 1 | for `abs(x) ≤ 2^48` |
//! | `pow` | 1 | 2 | |
//!
//! f32 versions of `exp`, `ln`, `tanh` and `sigmoid` compute in f32; the others compute in f64 and round once.
//! The polynomials in `coefficients` come from `fixtures/make_math.py`.

mod coefficients;
mod cos;
mod erf;
mod erfc;
mod exp;
mod float;
mod flush;
mod ln;
mod ln_1p;
mod pieces;
mod pow;
mod quarter_turns;
mod sigmoid;
mod sin;
mod tanh;

pub use float::Float;
