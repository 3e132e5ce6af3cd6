//! The errors of a regression.

#[path = "../../../src/regression.rs"]
mod code;

use code::{MAX_POINTS, Regression, quantile};

#[test]
fn quantiles_are_interpolated() {
    let sorted = [1.0, 2.0, 4.0, 8.0];
    for (share, expected) in [(0.0, 1.0), (0.5, 3.0), (0.9, 6.8), (1.0, 8.0)] {
        assert!((quantile(&sorted, share) - expected).abs() < 1e-12, "{share}");
    }
    assert_eq!(quantile(&[7.0], 0.9), 7.0);
    assert!(quantile(&[], 0.5).is_nan());
}

#[test]
fn errors_are_predicted_minus_true() {
    let numbers = Regression::of(&[1.0, 2.0, 3.0, 4.0], &[2.0, 2.0, 3.0, 4.0]);
    assert_eq!((numbers.mean_error, numbers.median_absolute_error), (0.25, 0.0));
    assert_eq!(numbers.points, [[1.0, 2.0], [2.0, 2.0], [3.0, 3.0], [4.0, 4.0]]);
    let filled: Vec<(usize, u64)> = (0..).zip(&numbers.histogram).map(|(i, bin)| (i, bin.rows)).collect();
    let filled: Vec<_> = filled.into_iter().filter(|(_, rows)| *rows > 0).collect();
    assert_eq!(filled, [(10, 3), (20, 1)]);
}

#[test]
fn far_errors_are_in_the_outer_bins() {
    let mut truth = vec![0.0; 1000];
    truth[0] = 1e6;
    let predictions: Vec<f64> = (0..1000).map(|i| (i % 100) as f64 / 50.0 - 1.0).collect();
    let numbers = Regression::of(&truth, &predictions);
    assert_eq!(numbers.histogram.len(), 21);
    assert_eq!(numbers.histogram.iter().map(|bin| bin.rows).sum::<u64>(), 1000);
    assert!(numbers.histogram[0].low > -2.0 && numbers.histogram[0].rows > 1);
}

#[test]
fn at_most_max_points_are_kept() {
    let many = vec![0.5; 2500];
    assert_eq!(Regression::of(&many, &many).points.len(), MAX_POINTS);
    let none = Regression::of(&[], &[]);
    assert!(none.points.is_empty() && none.histogram.is_empty() && none.median_absolute_error.is_nan());
    let exact = Regression::of(&[3.0; 5], &[3.0; 5]);
    assert_eq!(exact.histogram[10].rows, 5);
}
