//! Which batches are a step of the optimizer.

#[path = "../../../src/model/accumulation.rs"]
mod code;

use code::{Accumulation, Place};

#[test]
fn groups_end_with_the_epoch() {
    let accumulation = Accumulation::new(3, 7);
    let places: Vec<_> = (0..9).map(|batch| accumulation.place(batch)).collect();
    assert_eq!(
        places.iter().map(|place| place.step).collect::<Vec<_>>(),
        [0, 0, 0, 1, 1, 1, 2, 3, 3]
    );
    let ends = |is: fn(&Place) -> bool| (0..9).filter(|&batch| is(&places[batch])).collect::<Vec<_>>();
    assert_eq!(ends(|place| place.first), [0, 3, 6, 7]);
    assert_eq!(ends(|place| place.last), [2, 5, 6]);
    assert_eq!(accumulation.steps(2), 6);
    assert_eq!(Accumulation::new(100, 7).steps(2), 2);
}

#[test]
fn every_batch_has_its_share_of_the_weight() {
    let mut accumulation = Accumulation::new(3, 3);
    let weights = [1.0, 3.0, 4.0];
    let shares = [0, 1, 2].map(|batch| accumulation.shares(accumulation.place(batch), weights[batch as usize], false));
    assert_eq!(shares, [[0.0, 1.0], [0.25, 0.75], [0.5, 0.5]]);
    assert_eq!(accumulation.weight, 0.0);
    // Rows without weight, then some with.
    let shares =
        [3, 4, 5].map(|batch| accumulation.shares(accumulation.place(batch), f64::from(batch as u32 % 3), false));
    assert_eq!(
        shares,
        [[0.0, 1.0], [0.0, 1.0], [1.0 / 3.0, 2.0 / 3.0]].map(|[_, share]| [1.0 - share, share])
    );
    let shares = [6, 7, 8].map(|batch| accumulation.shares(accumulation.place(batch), 2.0, true));
    assert_eq!(shares, [[0.0, 1.0], [1.0, 1.0], [1.0, 1.0]]);
}
