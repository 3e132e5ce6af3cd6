//! The temperature of probabilities, against values by hand and its own definition.

#[path = "../../../src/table/temperature.rs"]
mod code;

use code::{DEVIATION, Rows};

fn rows(logits: &[[f64; 2]], targets: &[i64]) -> Rows {
    Rows {
        logits: logits.concat(),
        targets: targets.to_vec(),
        weights: None,
    }
}

/// Three of four are right where the network says 1 − σ(−4): the factor of many rows is `ln 3 / 4`.
#[test]
fn an_overconfident_network_is_cooled() {
    let logits = [[4.0, 0.0]; 40_000];
    let targets: Vec<i64> = (0..40_000).map(|row| i64::from(row % 4 == 0)).collect();
    let rows = rows(&logits, &targets);
    let factor = rows.best_inverse();
    assert!((factor - 3f64.ln() / 4.0).abs() < 2e-3, "{factor}");
    assert!((rows.log_loss(factor) - 0.5623).abs() < 1e-3);
}

/// Against the slope on both sides, the prior included.
#[test]
fn the_factor_is_the_likeliest_of_all() {
    let logit = |row: i32| [f64::from(row * 7 % 13) / 3.0, f64::from(row * 5 % 11) / 2.0];
    let logits: Vec<[f64; 2]> = (0..60).map(logit).collect();
    let targets: Vec<i64> = (0..60).map(|row| i64::from(row * 3 % 7 > 3)).collect();
    let rows = rows(&logits, &targets);
    let best = rows.best_inverse();
    let lost = |factor: f64| 60.0 * rows.log_loss(factor) + (factor.ln() / DEVIATION).powi(2) / 2.0;
    assert!(
        lost(best) < lost(best * 1.001) && lost(best) < lost(best / 1.001),
        "{best}"
    );
    assert!(best < 0.99, "{best}");
}

#[test]
fn few_rows_that_are_all_right_or_wrong_or_say_nothing_change_little() {
    for (logits, target, range) in [
        ([2.0, 0.0], 0, 1.0..1.1),
        ([9.0, 0.0], 0, 1.0..1.01),
        ([2.0, 0.0], 1, 0.5..1.0),
        ([1.0, 1.0], 0, 0.999..1.001),
    ] {
        let factor = rows(&[logits; 9], &[target; 9]).best_inverse();
        assert!(range.contains(&factor), "{logits:?} {target}: {factor}");
    }
}
