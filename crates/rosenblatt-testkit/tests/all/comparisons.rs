//! The comparisons accept what they should, refuse what they should, and name the culprit.

use std::panic::{AssertUnwindSafe, catch_unwind};

use rosenblatt_testkit::{Tolerance, assert_close, same_bits, ulp_error, ulps};

/// The message with which `check` fails.
#[track_caller]
fn message(check: impl FnOnce()) -> String {
    let payload = catch_unwind(AssertUnwindSafe(check)).expect_err("the check should have failed");
    payload
        .downcast_ref::<String>()
        .expect("formatted messages are strings")
        .clone()
}

#[test]
fn close_is_relative_for_large_and_absolute_for_small_numbers() {
    assert_close(1e300, 1e300 * (1.0 + 1e-13), 1e-12);
    assert_close(1e-13, -1e-13, 1e-12);
    message(|| assert_close(1e300, 1e300 * (1.0 + 1e-11), 1e-12));
    message(|| assert_close(1e-13, -1e-13, Tolerance::relative(1e-12)));
    message(|| assert_close(1e6, 1e6 + 1e-3, Tolerance::absolute(1e-4)));
    assert_close(0.0, -0.0, 0.0);
}

#[test]
fn infinities_and_nan_are_close_only_to_themselves() {
    let (inf, nan) = (f64::INFINITY, f64::NAN);
    assert_close([inf, -inf], [inf, -inf], 0.0);
    message(|| assert_close(inf, -inf, 1e9));
    message(|| assert_close(inf, f64::MAX, 1e9));
    message(|| assert_close(1.0, nan, 1e9));
    message(|| assert_close(nan, nan, 1e9));
    assert_close(nan, nan, Tolerance::relative(0.0).nan_equal());
    message(|| assert_close(nan, 1.0, Tolerance::from(1e9).nan_equal()));
}

#[test]
fn the_worst_pair_is_named() {
    let text = message(|| assert_close([1.0_f32, 2.0, 3.0, 4.0], &[1.0, 2.5, 3.0, 9.0][..] as &[f64], 1e-3));
    assert!(text.contains("index 3 of 4: 4e0 instead of 9e0"), "{text}");
    assert!(text.contains("1 more differ"), "{text}");
    let text = message(|| assert_close([1.0, f64::NAN], [5.0, 1.0], 1e-3));
    assert!(text.contains("index 1"), "a NaN is worse than any distance: {text}");
}

#[test]
fn lengths_must_agree_and_nothing_is_close_to_nothing() {
    message(|| assert_close(vec![1.0, 2.0], vec![1.0], 1.0));
    message(|| same_bits(&[1.0_f32], &[]));
    assert_close(Vec::<f32>::new(), Vec::<f64>::new(), 0.0);
    same_bits::<f32>(&[], &[]);
}

#[test]
fn ulps_count_neighbours_across_zero_and_up_to_infinity() {
    assert_eq!(ulps(0.0_f32, -0.0), 0);
    assert_eq!(ulps(-f32::from_bits(3), f32::from_bits(2)), 5);
    assert_eq!(ulps(f64::MAX, f64::INFINITY), 1);
    assert_eq!(ulps(2.0_f64, 2.0_f64.next_up().next_up()), 2);
    assert_eq!(ulps(f32::NAN, -f32::NAN), 0);
    assert_eq!(ulps(f32::NAN, 0.0), u64::MAX);
    assert_eq!(ulps(f64::NEG_INFINITY, f64::INFINITY), 2 * f64::INFINITY.to_bits());
}

#[test]
fn the_ulp_error_is_measured_against_the_exact_value() {
    assert_eq!(ulp_error(1.0, 1.0), 0.0);
    assert_eq!(ulp_error(1.0, 1.0 + f64::from(f32::EPSILON) / 2.0), 0.5);
    // Just below 2 the unit is half of what it is above.
    assert_eq!(ulp_error(2.0, 2.0 - f64::from(f32::EPSILON) / 4.0), 0.25);
    assert_eq!(ulp_error(f32::from_bits(2), 0.0), 2.0);
    assert_eq!(ulp_error(-f32::from_bits(1), f64::from(f32::from_bits(3))), 4.0);
    assert_eq!(ulp_error(f32::INFINITY, 1e40), 0.0);
    assert_eq!(ulp_error(f32::MAX, 1e40), f64::INFINITY);
    assert_eq!(ulp_error(f32::NAN, f64::NAN), 0.0);
    assert_eq!(ulp_error(f32::NAN, 1.0), f64::INFINITY);
    assert_eq!(ulp_error(1.0, f64::NAN), f64::INFINITY);
}

#[test]
fn bits_tell_zeros_and_nans_apart_and_the_first_index_is_named() {
    same_bits(&[f32::NAN, -0.0], &[f32::NAN, -0.0]);
    same_bits(&[true, false], &[true, false]);
    same_bits(&[i64::MIN], &[i64::MIN]);
    message(|| same_bits(&[f64::NAN], &[-f64::NAN]));
    message(|| same_bits(&[3_u8], &[4]));
    let text = message(|| same_bits(&[1.0_f32, 0.0, 2.0, 5.0], &[1.0, -0.0, 2.0, 6.0]));
    assert!(
        text.contains("index 1 of 4: 0.0 (0x0) instead of -0.0 (0x80000000)"),
        "{text}"
    );
    assert!(text.contains("1 more differ"), "{text}");
}
