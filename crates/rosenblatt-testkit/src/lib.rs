//! For tests only: tolerances, fixtures, a counting allocator, guard pages, damaged files, a browser.
//!
//! Everything here panics when a check fails and says which number, file or seed was the culprit. Nothing here knows
//! another crate of the project, so all of them may use it in their tests.

mod allocations;
mod bits;
mod browser;
mod cases;
mod close;
mod files;
#[cfg(unix)]
mod guarded;
mod model_bytes;
mod mutants;
mod peak;
mod python;

pub use allocations::{Allocations, CountingAllocator, count, wait_for_other_threads};
pub use bits::{Bits, same_bits, ulp, ulp_error, ulps};
pub use browser::{Browser, Finding, Look, Scheme};
pub use cases::{ALL_MUTANTS, mutant_seeds, seeded_cases, soak};
pub use close::{Numbers, Tolerance, assert_close};
pub use files::{fixture, rust_files};
#[cfg(unix)]
pub use guarded::Guarded;
pub use model_bytes::{ModelParts, sealed};
pub use mutants::{Random, mutant};
#[cfg(target_os = "linux")]
pub use peak::peak_resident_bytes;
pub use peak::{PeakAllocator, bytes_in_use, peak_bytes};
pub use python::cases_by_python;
