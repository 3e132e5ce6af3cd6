//! What a text means: a missing value, a number, a category. The rules are here once, for all readers.
//!
//! A vote over the cells of a column decides how its values are written. The decision is plain data, kept with the model, and
//! new data is read by it: no cell of new data changes what another one means.

mod categories;
mod decide;
mod index;
mod keys;
mod marks;
mod matcher;
mod missing;
mod numbers;
mod scan;
mod tally;
mod units;
mod vote;

#[cfg(test)]
mod tests;

#[cfg(test)]
pub(crate) use categories::MergeRule;
pub(crate) use categories::{Categories, are_told_apart, ascending, shared_start};
pub(crate) use decide::{Decision, Reason, Verdict};
pub(crate) use matcher::{Match, MatchRule, Matcher};
pub(crate) use missing::{Missing, MissingMarkers};
#[cfg(test)]
pub(crate) use numbers::is_out_of_range;
pub use numbers::{DecimalMark, NumberFormat, ThousandsMark};
pub(crate) use tally::OddCell;
pub(crate) use vote::{NameReason, NumberVote, is_no_number};
