//! For tests only: tolerances, fixtures, gradient checks, a counting allocator, guard pages.
