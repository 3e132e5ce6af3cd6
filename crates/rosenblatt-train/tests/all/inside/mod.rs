//! Parts that no public item shows: each is a file that needs nothing of its crate, and is compiled here again.
#![expect(unreachable_pub, reason = "the crate uses the rest")]

mod accumulation;
mod beta;
mod difference;
mod phase;
mod since_best;
mod temperature;
