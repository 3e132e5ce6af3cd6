//! Order of numbers, and what is settled for equal ones, NaN, and segments without rows.

use crate::common::bits;
use rosenblatt_autodiff::{Graph, Var, reverse};
use rosenblatt_tensor::ErrorKind;

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

fn numbers(x: Var<'_>) -> Vec<f64> {
    x.value().unwrap().to_f64()
}

#[test]
fn ties_of_a_segment_share_evenly() {
    let graph = Graph::dynamic();
    let x = graph.constant([3.0, 3.0, 1.0, -0.0, NAN].into());
    let index = graph.constant([0_i64, 0, 0, 1, 3].into());
    let y = x.segment_max(index, 4);
    assert_eq!(bits(&y.value().unwrap()), bits(&[3.0, 0.0, -INF, NAN].into()));
    let gradient = reverse::gradients(y.slice(0, 0, 1).sum_all(), &[x])[0];
    assert_eq!(numbers(gradient)[..4], [0.5, 0.5, 0.0, 0.0]);
    assert_eq!(numbers(x.segment_sum(index, 4))[..3], [7.0, 0.0, 0.0]);
}

#[test]
fn sorting_is_stable_and_nan_is_the_largest() {
    let graph = Graph::dynamic();
    let x = graph.constant([0.0, NAN, 1.0, -0.0, NAN, 1.0, -INF].into());
    assert_eq!(numbers(x.argsort(0, false)), [6.0, 0.0, 3.0, 2.0, 5.0, 1.0, 4.0]);
    assert_eq!(numbers(x.argsort(0, true)), [1.0, 4.0, 2.0, 5.0, 0.0, 3.0, 6.0]);
    let (values, places) = x.topk(4, -1, true);
    assert_eq!(numbers(places), [1.0, 4.0, 2.0, 5.0]);
    assert_eq!(numbers(values)[2..], [1.0, 1.0]);
    assert_eq!(numbers(x.topk(1, 0, false).0), [-INF]);
    assert_eq!(x.topk(0, 0, true).0.shape()[..], [0]);
    for dead in [x.topk(8, 0, true), x.sort(1, true), x.at(0).sort(0, true)] {
        assert_eq!(dead.0.value().unwrap_err().kind(), ErrorKind::Shape);
        assert_eq!(dead.1.value().unwrap_err().kind(), ErrorKind::Shape);
    }
}
