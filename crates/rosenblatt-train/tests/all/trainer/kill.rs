//! A process that is killed between two steps, and another that goes on.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Duration;

use rosenblatt_nn::activations::TANH;
use rosenblatt_nn::layers::{BatchNorm, Dropout, Linear, Sequential};
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Adam;
use rosenblatt_tensor::Tensor;
use rosenblatt_train::{Trainer, TrainerState};

use super::numbers;
use crate::common::alone;

/// Where the child saves its state; without it the child's test does nothing.
const FOLDER: &str = "ROSENBLATT_TEST_KILLED_LOOP";
/// More than the child is given time for.
const ENDLESS: u64 = 100_000;

/// The loop of both processes, from a state if there is one; `after` each step sees what to save.
fn run(start: Option<TrainerState>, end: u64, mut after: impl FnMut(TrainerState)) -> Vec<u8> {
    let net = Sequential::new()
        .then(Linear::new(6))
        .then(BatchNorm::default())
        .then(TANH)
        .then(Dropout { p: 0.25 })
        .then(Linear::new(1));
    let mut trainer = Trainer::new(Adam::default().lr(0.01).ema(0.9), 2, move |m, [x, y]| {
        let error = m.apply("layers", &net, x) - y;
        (error * error).mean_all()
    })
    .options(&alone());
    if let Some(state) = start {
        trainer.restore(&state).unwrap();
    }
    for step in trainer.steps()..end {
        let [x, y]: [Tensor; 2] = [numbers(step, &[8, 3]), numbers(step + 1, &[8, 1])];
        trainer.step([&x, &y]).unwrap();
        after(trainer.state().unwrap());
    }
    trainer.state().unwrap().to_bytes().unwrap()
}

#[test]
fn child_that_is_killed() {
    let Some(folder) = std::env::var_os(FOLDER) else { return };
    let file = Path::new(&folder).join("state");
    run(None, ENDLESS, |state| state.save(&file).unwrap());
}

#[test]
fn a_killed_process_is_continued_by_another() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("state");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "trainer::kill::child_that_is_killed"])
        .env(FOLDER, folder.path())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // Any step will do: which one it is depends on this process's number and on how busy the machine is.
    let least = 1 + u64::from(std::process::id()) % 12;
    let steps = || TrainerState::load(&file).map_or(0, |state| state.step);
    while steps() < least {
        assert!(child.try_wait().unwrap().is_none(), "the child ended by itself");
        std::thread::sleep(Duration::from_millis(2));
    }
    child.kill().unwrap();
    assert!(!child.wait().unwrap().success());
    let state = TrainerState::load(&file).unwrap();
    let end = state.step + 5;
    assert!(state.step >= least && end < ENDLESS);
    assert!(run(Some(state), end, |_| ()) == run(None, end, |_| ()));
}
