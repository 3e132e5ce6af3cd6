//! Runs of very many epochs: what is kept in memory, what is in the file of records, and how they are resumed.

use std::fs;
use std::io::Write;
use std::ops::ControlFlow;
use std::path::Path;

use rosenblatt_nn::layers::{Linear, Sequential};
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::metrics::Rmse;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_tensor::{ErrorKind, Result, Tensor};
use rosenblatt_train::callbacks::{Callback, EarlyStopping};
use rosenblatt_train::{
    Cancel, CheckpointOptions, Compile as _, Every, Fit, History, Metrics, Model, Record, Records, Run, Validation,
};

fn record(epoch: usize) -> Record {
    Record::new(
        epoch,
        Metrics::from_iter([("loss", 1.0 / epoch as f64)]),
        None,
        None,
        0.0,
    )
}

/// The kept epochs by their definition, from all epochs at once.
fn expected(epochs: usize, best: Option<usize>) -> Vec<usize> {
    let every = (0..)
        .map(|power| 1 << power)
        .find(|every| epochs.div_ceil(*every) <= Records::MAX - 2);
    let every = every.unwrap();
    let stays = |epoch: &usize| (epoch - 1).is_multiple_of(every) || Some(*epoch) == best || *epoch == epochs;
    (1..=epochs).filter(stays).collect()
}

#[test]
fn first_every_kth_best_and_newest_are_kept() {
    let rules: [fn(usize) -> Option<usize>; 5] = [
        |_| None,
        Some,
        |_| Some(1),
        |epoch| Some(epoch - epoch % 7).filter(|best| *best > 0),
        |epoch| Some(epoch.min(12_346)),
    ];
    for best in rules {
        let mut records = Records::default();
        for epoch in 1..=45_000 {
            records.push(record(epoch), best(epoch));
            if [1, 2, 9_998, 9_999, 10_000, 19_996, 19_997, 45_000].contains(&epoch) {
                let kept: Vec<usize> = records.iter().map(|record| record.epoch).collect();
                assert_eq!(kept, expected(epoch, best(epoch)), "{epoch}");
                assert!(kept.len() <= Records::MAX);
            }
        }
        assert_eq!(records.every(), 8);
    }
}

const EPOCHS: usize = 10_200;

fn model() -> Model {
    Sequential::new()
        .then(Linear::new(1))
        .compile(Mse {}, Sgd::default().lr(1e-4), [Rmse {}; 0])
        .unwrap()
}

fn rows() -> (Tensor, Tensor) {
    (
        [[0.5f32], [1.0], [-2.0], [0.25]].into(),
        [[1.0f32], [2.0], [-3.0], [0.0]].into(),
    )
}

/// Notes every record, and stops the run after an epoch.
struct Watch {
    records: Vec<Record>,
    stop: usize,
    cancel: Cancel,
}

impl Callback for Watch {
    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        self.records.push(run.history().last().unwrap().clone());
        if run.epoch() == self.stop {
            self.cancel.cancel();
        }
        Ok(ControlFlow::Continue(()))
    }
}

/// The outcome of a run in a folder, the model, and the records of this process.
fn run(folder: &Path, stop: usize, resume: bool) -> (Result<History>, Model, Vec<Record>) {
    let (x, y) = rows();
    let mut checkpoint = CheckpointOptions::next_to(&folder.join("model"));
    checkpoint.every = Every::Steps(1000);
    let mut fit = Fit {
        epochs: EPOCHS,
        validation: Validation::from((&x, &y)),
        early_stopping: Some(EarlyStopping::after(EPOCHS)),
        ..Fit::default()
    };
    (fit.run.threads, fit.run.checkpoint, fit.run.resume) = (1, Some(checkpoint), resume);
    let mut watch = Watch {
        records: Vec::new(),
        stop,
        cancel: fit.run.cancel.clone(),
    };
    let mut model = model();
    let history = model.fit_with((&x, &y), &fit, &mut [&mut watch]);
    (history, model, watch.records)
}

fn all(history: &History) -> Vec<Record> {
    let mut all = Vec::new();
    let each = &mut |record: &Record| {
        all.push(record.clone());
        Ok(())
    };
    history.for_each_epoch(each).unwrap();
    all
}

#[test]
fn a_long_run_is_resumed_with_the_same_bits_and_all_its_records() {
    let folder = tempfile::tempdir().unwrap();
    let (history, reference, records) = run(folder.path(), 0, false);
    let history = history.unwrap();
    assert_eq!((history.every, history.epochs.len()), (2, EPOCHS / 2 + 1));
    assert_eq!(all(&history), records);

    let folder = tempfile::tempdir().unwrap();
    let (stopped, _, before) = run(folder.path(), 10_100, false);
    assert_eq!(stopped.unwrap_err().kind(), ErrorKind::Cancelled);
    let log = folder.path().join("model.checkpoint/epochs.jsonl");
    // Of steps after the checkpoint: written, and never part of it.
    let mut file = fs::OpenOptions::new().append(true).open(&log).unwrap();
    file.write_all(b"{\"epoch\":10101,").unwrap();
    let (resumed, model, after) = run(folder.path(), 0, true);
    assert_eq!(model.to_bytes().unwrap(), reference.to_bytes().unwrap());
    let resumed = resumed.unwrap();
    assert_eq!((resumed.every, resumed.best_epoch), (history.every, history.best_epoch));
    assert_eq!(all(&resumed), [before, after].concat());
    let epochs = |history: &History| history.epochs.iter().map(|record| record.epoch).collect::<Vec<_>>();
    assert_eq!(epochs(&resumed), epochs(&history));
}

#[test]
fn a_damaged_file_of_records_is_found() {
    let folder = tempfile::tempdir().unwrap();
    run(folder.path(), 1500, false).0.unwrap_err();
    let log = folder.path().join("model.checkpoint/epochs.jsonl");
    let whole = fs::read(&log).unwrap();
    let changed = String::from_utf8(whole.clone())
        .unwrap()
        .replace("\"epoch\":3,", "\"epoch\":4,");
    let changed = changed.into_bytes();
    for damaged in [&b""[..], &whole[..50_000], &changed] {
        fs::write(&log, damaged).unwrap();
        let error = run(folder.path(), 0, true).0.unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data, "{error}");
        assert!(error.to_string().contains("epochs.jsonl"), "{error}");
    }
    // The records of the checkpoint before are intact; an epoch is one step.
    let names = fs::read_dir(log.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let steps = names.filter_map(|name| {
        let step = name
            .to_str()?
            .strip_prefix("step-")?
            .strip_suffix(".safetensors")?
            .to_owned();
        step.parse::<usize>().ok()
    });
    let before = steps.min().unwrap();
    let ends = whole.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    let cut = ends.map(|(end, _)| end + 1).nth(before - 1).unwrap();
    fs::write(&log, &whole[..cut]).unwrap();
    let (history, ..) = run(folder.path(), 0, true);
    let history = history.unwrap();
    assert_eq!(history.warnings.len(), 1, "{:?}", history.warnings);
    assert_eq!(all(&history).len(), EPOCHS);
    fs::remove_file(&log).ok();
}
