//! For tests only: tolerances, fixtures, a counting allocator, guard pages.
//!
//! Everything here panics when a check fails and says which number, file or seed was the culprit. Nothing here knows
//! another crate of the project, so all of them may use it in their tests.

mod allocations;
mod bits;
mod cases;
mod close;
mod files;
#[cfg(unix)]
mod guarded;
mod peak;

pub use allocations::{Allocations, CountingAllocator, count};
pub use bits::{Bits, same_bits, ulp_error, ulps};
pub use cases::seeded_cases;
pub use close::{Numbers, Tolerance, assert_close};
pub use files::{fixture, rust_files};
#[cfg(unix)]
pub use guarded::Guarded;
pub use peak::{PeakAllocator, peak_bytes};
