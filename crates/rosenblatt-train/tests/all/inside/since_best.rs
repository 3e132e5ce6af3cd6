//! When a metric has last improved.

#[path = "../../../src/since_best.rs"]
mod code;

use code::SinceBest;

/// Observations since the best one.
fn since(values: &[Option<f64>], higher_is_better: bool, min_delta: f64) -> Option<usize> {
    let mut progress = SinceBest::START;
    values
        .iter()
        .for_each(|&value| progress.observe(value, higher_is_better, min_delta));
    progress.since
}

#[test]
fn the_first_of_equal_values_is_the_best() {
    for (losses, expected) in [
        (&[][..], Some(0)),
        (&[1.0], Some(0)),
        (&[1.0, 1.0], Some(1)),
        (&[2.0, 1.0, 3.0], Some(1)),
        (&[f64::NAN, 2.0, -f64::NAN, 3.0], Some(2)),
    ] {
        let losses: Vec<_> = losses.iter().copied().map(Some).collect();
        assert_eq!(since(&losses, false, 0.0), expected, "{losses:?}");
    }
    assert_eq!(since(&[Some(1.0), None, Some(0.5)], false, 0.0), None);
}

#[test]
fn a_metric_says_which_values_are_better_and_small_gains_do_not_count() {
    let values = [0.5, 0.9, 0.7].map(Some);
    assert_eq!(
        [since(&values, true, 0.0), since(&values, false, 0.0)],
        [Some(1), Some(2)]
    );
    assert_eq!(since(&[1.0, 0.95, 0.8, 0.75].map(Some), false, 0.1), Some(1));
}
