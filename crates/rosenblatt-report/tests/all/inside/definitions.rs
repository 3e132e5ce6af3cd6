//! What each metric is.

#[path = "../../../src/page/definitions.rs"]
mod code;

use code::{METRICS, title};

#[test]
fn every_metric_has_a_definition() {
    let names: Vec<&str> = rosenblatt_nn::metrics::METRICS
        .iter()
        .map(|metric| metric.name)
        .collect();
    assert_eq!(METRICS.map(|(name, ..)| name), names[..]);
    assert_eq!((title("r2"), title("new")), ("R²", "new"));
}
