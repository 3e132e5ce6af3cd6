//! A loop that is stopped and goes on in a new trainer ends with the same bits, whatever runs it.

use rosenblatt_autodiff::Var;
use rosenblatt_nn::activations::{RELU, TANH};
use rosenblatt_nn::constraints::MaxNorm;
use rosenblatt_nn::layers::{BatchNorm, Dropout, Linear, Sequential};
use rosenblatt_nn::losses::CrossEntropy;
use rosenblatt_nn::optimize::{Optimize, OptimizeExt as _};
use rosenblatt_nn::optimizers::{Adam, AdamW, Sgd};
use rosenblatt_nn::penalties::L1;
use rosenblatt_nn::schedules::Plateau;
use rosenblatt_nn::{Loss as _, Scope};
use rosenblatt_tensor::Tensor;
use rosenblatt_train::{Execution, RunOptions, Trainer, TrainerState};

use super::{classes, doubles, numbers};
use crate::common::alone;

const STEPS: u64 = 13;

/// Both ways to run, on one and two threads.
fn ways() -> [RunOptions; 4] {
    let way = |execution, threads| RunOptions {
        execution,
        threads,
        ..alone()
    };
    [Execution::Static, Execution::Dynamic]
        .map(|execution| [way(execution, 1), way(execution, 2)])
        .concat()
        .try_into()
        .unwrap()
}

/// Steps `from` to `to`; after every other one the schedule observes the loss.
fn steps<F, const N: usize>(trainer: &mut Trainer<F, N>, (from, to): (u64, u64), batch: impl Fn(u64) -> [Tensor; N])
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    for step in from..to {
        let batch = batch(step);
        let loss = trainer.step(batch.each_ref()).unwrap();
        assert!(loss.is_finite());
        if step % 2 == 1 {
            // No improvement in between, so that the schedule acts.
            trainer.observe(if step % 4 == 1 { loss } else { f64::INFINITY });
        }
    }
}

/// Every way, stopped or not, must end with one content of a state file; returns it.
fn one_result<F, const N: usize>(new: impl Fn() -> Trainer<F, N>, batch: impl Fn(u64) -> [Tensor; N]) -> Vec<u8>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let mut straight = new().options(&alone());
    steps(&mut straight, (0, STEPS), &batch);
    let expected = straight.state().unwrap().to_bytes().unwrap();
    for (i, way) in ways().iter().enumerate() {
        // Stopped at another step, and restored by the next way.
        let stop = 1 + (i as u64 * 5 + 2) % (STEPS - 1);
        let mut before = new().options(way);
        steps(&mut before, (0, stop), &batch);
        before.state().unwrap().save(&file).unwrap();
        let state = TrainerState::load(&file).unwrap();
        assert_eq!(state.step, stop);
        let mut resumed = new().options(&ways()[(i + 1) % 4]);
        resumed.restore(&state).unwrap();
        assert_eq!(resumed.steps(), stop);
        steps(&mut resumed, (stop, STEPS), &batch);
        assert!(
            resumed.state().unwrap().to_bytes().unwrap() == expected,
            "stopped at {stop} with {way:?}"
        );
        // In place: the trainer goes back to what it was.
        before.restore(&state).unwrap();
        steps(&mut before, (stop, STEPS), &batch);
        assert!(
            before.state().unwrap().to_bytes().unwrap() == expected,
            "{way:?} in place"
        );
    }
    expected
}

/// Regression by a small network, [16, 3] to [16]; the last batch of each five is short.
fn network(optimize: Optimize, hidden: Sequential) -> Vec<u8> {
    let net = hidden.then(Linear::new(1));
    one_result(
        || {
            let net = net.clone();
            Trainer::new(optimize.clone(), 3, move |m, [x, y]| {
                let error = m.apply("layers", &net, x).reshape(&y.shape()) - y;
                (error * error).mean_all()
            })
        },
        |step| {
            let rows = if step % 5 == 4 { 7 } else { 16 };
            [numbers(step, &[rows, 3]), numbers(step + 99, &[rows])]
        },
    )
}

fn hidden() -> Sequential {
    Sequential::new().then(Linear::new(8)).then(TANH)
}

#[test]
fn plain() {
    let momentum = || Sgd {
        momentum: 0.9,
        ..Sgd::default()
    };
    let bytes = network(momentum().lr(0.05), hidden());
    assert_ne!(
        bytes,
        network(momentum().lr(0.06), hidden()),
        "the result depends on nothing"
    );
}

#[test]
fn dropout_and_batch_normalization() {
    let layers = hidden().then(BatchNorm::default()).then(Dropout { p: 0.3 });
    network(Adam::default().lr(0.01), layers);
}

#[test]
fn moving_average_of_the_parameters() {
    network(Adam::default().lr(0.01).ema(0.9), hidden());
}

#[test]
fn maximum_norm_and_l1() {
    let optimize = Adam::default()
        .lr(0.02)
        .clip_norm(0.7)
        .penalty(L1 { alpha: 1e-2 })
        .constraint(MaxNorm { max: 0.4 });
    network(optimize, hidden());
}

#[test]
fn plateau_schedule() {
    let plateau = Plateau {
        factor: 0.5,
        patience: 0,
        ..Plateau::default()
    };
    let bytes = network(Sgd::default().lr(0.1).schedule(plateau), hidden());
    assert_ne!(
        bytes,
        network(Sgd::default().lr(0.1), hidden()),
        "the schedule did nothing"
    );
}

#[test]
fn frozen_and_tied_groups() {
    let (square, head) = (Linear::new(3), Linear::new(1));
    let optimize = AdamW::default()
        .lr(0.03)
        .freeze("head.weight")
        .group("square", 0.5)
        .decay("bias", 0.0);
    one_result(
        || {
            let (square, head) = (square.clone(), head.clone());
            Trainer::new(optimize.clone(), 1, move |m, [x, y]| {
                let h = m.apply("square", &square, m.apply("square", &square, x).tanh()).tanh();
                let error = m.apply("head", &head, h) - y;
                (error * error).mean(&[-1], false)
            })
        },
        |step| [numbers(step, &[9, 3]), numbers(step + 50, &[9, 1])],
    );
}

#[test]
fn double_precision() {
    let net = hidden().then(Dropout { p: 0.2 }).then(Linear::new(2));
    one_result(
        || {
            let net = net.clone();
            Trainer::new(Adam::default().lr(0.01).ema(0.95), 5, move |m, [x, y]| {
                let error = m.apply("layers", &net, x) - y;
                (error * error).mean_all()
            })
        },
        |step| [doubles(step, &[6, 4]), doubles(step + 7, &[6, 2])],
    );
}

#[test]
fn masked_sequences() {
    let (cell, head) = (Linear::new(6), Linear::new(3));
    one_result(
        || {
            let (cell, head) = (cell.clone(), head.clone());
            Trainer::new(Adam::default().lr(0.02).clip_norm(1.0), 11, move |m, [x, y, mask]| {
                let mut h: Option<Var<'_>> = None;
                let mut hidden = Vec::new();
                for x in x.steps(1) {
                    let before = h.unwrap_or_else(|| x.full_like(0.0).broadcast_to(&[x.shape()[0], 6]));
                    let next = m.apply("cell", &cell, x.concat(&[before], -1)).tanh();
                    hidden.push(next.reshape(&[x.shape()[0], 1, 6]));
                    h = Some(next);
                }
                let logits = m.apply("head", &head, hidden[0].concat(&hidden[1..], 1));
                let losses = CrossEntropy::default().per_example(logits, y);
                (losses * mask).sum_all() / mask.sum_all()
            })
        },
        |step| {
            // Two lengths, and sequences that end early.
            let time = if step % 3 == 2 { 3 } else { 5 };
            let mask = (0..4 * time)
                .map(|i| f32::from(u8::from(i % time <= i / time + 1)))
                .collect();
            let mask = Tensor::from_vec(mask, &[4, time]).unwrap();
            [numbers(step, &[4, time, 2]), classes(step, 3, &[4, time]), mask]
        },
    );
}

#[test]
fn what_is_masked_changes_nothing() {
    let net = Sequential::new().then(Linear::new(4)).then(RELU).then(Linear::new(1));
    let trained = |padding: f32| {
        let net = net.clone();
        let mut trainer = Trainer::new(Sgd::default().lr(0.1), 0, move |m, [x, mask]| {
            let y = m.apply("layers", &net, x).reshape(&mask.shape());
            ((y - 1.0) * (y - 1.0) * mask).sum_all() / mask.sum_all()
        });
        let mut x = numbers(1, &[2, 3, 2]).to_vec::<f32>().unwrap();
        x[10..].fill(padding);
        let mask = Tensor::from_vec(vec![1f32, 1.0, 1.0, 1.0, 1.0, 0.0], &[2, 3]).unwrap();
        trainer
            .step([&Tensor::from_vec(x, &[2, 3, 2]).unwrap(), &mask])
            .unwrap();
        trainer.state().unwrap().to_bytes().unwrap()
    };
    assert!(trained(0.5) == trained(-30.0));
}
