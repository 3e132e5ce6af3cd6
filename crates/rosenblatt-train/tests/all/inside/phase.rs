//! Which part of a step a task belongs to.

#[path = "../../../src/bench/phase.rs"]
mod code;

use code::{Phase, phases_of};

#[test]
fn tasks_belong_to_the_phase_their_place_tells() {
    let labels = [
        "take",
        "matmul + relu",
        "matmul + loss",
        "check: finite",
        "matmul",
        "matmul + sgd → w",
    ];
    let products = [false, true, true, false, true, true];
    let expected = [
        Phase::Gather,
        Phase::Forward,
        Phase::Forward,
        Phase::Forward,
        Phase::Backward,
        Phase::Update,
    ];
    assert_eq!(phases_of(&labels.map(str::to_owned), &products), expected);
    assert!(phases_of(&[], &[]).is_empty());
}
