//! Metrics by class, calibration, and the pairs of classes that are confused.

#[path = "../../../src/classification.rs"]
mod code;

use code::{CalibrationVerdict, ClassMetrics, Classification};

#[test]
fn rows_are_sorted_by_class_and_by_confidence() {
    let names = ["a", "b"].map(str::to_owned).to_vec();
    let probabilities = [0.9, 0.1, 0.2, 0.8, 0.4, 0.6, 0.55, 0.45];
    let classes = Classification::of(names, &[0, 1, 0, 1], &[0, 1, 1, 0], Some(&probabilities)).unwrap();
    assert_eq!(classes.confusion.correct(), 2);
    let rates = |class: &ClassMetrics| [class.precision, class.recall, class.f1];
    assert_eq!(rates(&classes.by_class[0]), [Some(0.5); 3]);
    let confused: Vec<_> = classes
        .confused
        .iter()
        .map(|c| (&*c.actual, &*c.predicted, c.rows))
        .collect();
    assert_eq!(confused, [("a", "b", 1), ("b", "a", 1)]);
    let calibration = classes.calibration.unwrap();
    let rows: Vec<u64> = calibration.bins.bins.iter().map(|bin| bin.rows).collect();
    // A probability of 0.6 in f32 is a little above 0.6.
    assert_eq!(rows, [0, 0, 0, 0, 0, 1, 1, 0, 2, 0]);
    // Confidences 0.9 and 0.8 of correct rows, 0.6 and 0.55 of incorrect ones.
    let expected = (2.0 * 0.15 + 0.6 + 0.55) / 4.0;
    assert!((calibration.error - expected).abs() < 1e-7, "{}", calibration.error);
    assert!((calibration.confidence - 0.7125).abs() < 1e-7);
}

#[test]
fn a_difference_within_the_sampling_error_is_none() {
    for (confidence, accuracy, rows, expected) in [
        // Two standard errors: 0.1 of 100 rows, 0.01 of 10,000.
        (0.59, 0.5, 100, CalibrationVerdict::Calibrated),
        (0.61, 0.5, 100, CalibrationVerdict::Overconfident),
        (0.39, 0.5, 100, CalibrationVerdict::Underconfident),
        (0.52, 0.5, 10_000, CalibrationVerdict::Overconfident),
        (0.48, 0.5, 10_000, CalibrationVerdict::Underconfident),
        (0.995, 1.0, 50, CalibrationVerdict::Calibrated),
        (0.9, 1.0, 50, CalibrationVerdict::Underconfident),
        (f64::NAN, f64::NAN, 0, CalibrationVerdict::Calibrated),
    ] {
        assert_eq!(
            CalibrationVerdict::of(confidence, accuracy, rows),
            expected,
            "{confidence} {accuracy} {rows}"
        );
    }
}

#[test]
fn no_rows_have_no_metrics() {
    let classes = Classification::of(vec!["a".into(), "b".into()], &[], &[], Some(&[])).unwrap();
    assert!(classes.confused.is_empty() && classes.calibration.unwrap().error.is_nan());
    assert_eq!(classes.by_class[1].precision, None);
    assert!(Classification::of(vec!["a".into()], &[-1], &[0], Some(&[1.0])).is_err());
}

#[test]
fn scores_have_no_calibration() {
    let classes = Classification::of(vec!["a".into(), "b".into()], &[0, 1, 1], &[0, 1, 0], None).unwrap();
    assert_eq!((classes.calibration, classes.accuracy), (None, 2.0 / 3.0));
}
