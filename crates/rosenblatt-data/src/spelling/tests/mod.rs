//! Rules against tables of spellings, an independent oracle (`fixtures/spelling.json.gz`) and random texts.

mod categories;
mod missing;
mod numbers;
mod random;
mod votes;

use super::{Decision, MissingMarkers, NumberVote};

/// The decision about cells that are delimited by commas.
fn decide<T: AsRef<str>>(cells: impl IntoIterator<Item = T>) -> Decision {
    decide_with(cells, false)
}

fn decide_with<T: AsRef<str>>(cells: impl IntoIterator<Item = T>, semicolons: bool) -> Decision {
    let mut vote = NumberVote::new(&MissingMarkers::default());
    let cells = cells.into_iter().enumerate();
    cells.for_each(|(row, text)| vote.add(row, text.as_ref()));
    vote.decide(semicolons)
}
