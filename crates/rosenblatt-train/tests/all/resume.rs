//! Stopping, going on, and what happens to damaged checkpoints.

use crate::common;

use std::fs;
use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use common::{Job, alone};
use rosenblatt_tensor::{ErrorKind, Result};
use rosenblatt_train::callbacks::{Callback, Observer, Progress};
use rosenblatt_train::presets::{Norm, Overrides};
use rosenblatt_train::{
    CheckpointOptions, Every, Execution, FitResult, Model, Progress as HowFar, Record, Run, RunOptions, Warning, fit,
};

/// Raises the flag after a step.
pub struct StopAfter {
    pub step: u64,
    pub cancel: rosenblatt_train::Cancel,
}

impl Callback for StopAfter {
    fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        if run.step() == self.step {
            self.cancel.cancel();
        }
        Ok(ControlFlow::Continue(()))
    }
}

#[derive(Default)]
struct Notes(Vec<String>);

impl Observer for Notes {
    fn warning(&mut self, warning: &Warning) {
        self.0.push(warning.to_string());
    }

    fn resumed(&mut self, step: u64) {
        self.0.push(format!("resumed after step {step}"));
    }
}

fn saving(folder: &Path, every: u64) -> RunOptions {
    let checkpoint = CheckpointOptions {
        every: Every::Steps(every),
        ..CheckpointOptions::next_to(&folder.join("model"))
    };
    RunOptions {
        checkpoint: Some(checkpoint),
        ..alone()
    }
}

/// Trains until a step, and expects to be stopped there.
fn stop_after(job: &Job, options: &RunOptions, step: u64) {
    let options = RunOptions {
        cancel: Default::default(),
        ..options.clone()
    };
    let mut stop = StopAfter {
        step,
        cancel: options.cancel.clone(),
    };
    let error = fit(&job.spec, &job.data, &options, &mut [&mut stop]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Cancelled, "{error:?}");
    assert!(
        error.to_string().contains(&format!("stopped after step {step}")),
        "{error:?}"
    );
    assert!(error.hint_text().unwrap().contains("`resume`"));
}

fn resume(job: &Job, options: &RunOptions) -> Result<FitResult> {
    job.train(&RunOptions {
        resume: true,
        ..options.clone()
    })
}

fn without_seconds(epochs: &[Record]) -> Vec<Record> {
    let timeless = |record: &Record| {
        let mut record = record.clone();
        record.seconds = 0.0;
        record
    };
    epochs.iter().map(timeless).collect()
}

fn generations(options: &RunOptions) -> Vec<PathBuf> {
    let folder = &options.checkpoint.as_ref().unwrap().folder;
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .into_iter()
        .flatten()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "safetensors"))
        .collect();
    files.sort();
    files
}

#[test]
fn resuming_after_any_step_gives_the_same_bytes() {
    // Five steps later there is another batch, number of threads and execution.
    let stride = if rosenblatt_testkit::soak() { 1 } else { 5 };
    resume_after_every(stride, &Job::with_everything());
}

#[test]
fn resuming_a_weighted_run_gives_the_same_bytes() {
    resume_after_every(4, &Job::with_weights());
}

#[test]
fn resuming_a_run_that_accumulates_and_averages_gives_the_same_bytes() {
    for average in ["ema=0.8", "swa=3", "optimizer=schedule_free_adamw"] {
        resume_after_every(4, &Job::with_averages(average));
    }
}

#[test]
fn resuming_a_solver_gives_the_same_bytes() {
    for norm in [Some(Norm::Batch), None] {
        resume_after_every(4, &Job::with_solver(norm));
    }
}

#[test]
fn a_solver_that_has_ended_does_not_go_on() {
    let mut job = Job::with_solver(None);
    job.spec.train.early_stopping = None;
    job.spec.train.epochs = 500;
    let folder = tempfile::tempdir().unwrap();
    let options = saving(folder.path(), 1);
    let trained = job.train(&options).unwrap();
    let solved = trained.history.solved.unwrap();
    assert!(solved.ended.is_some() && trained.history.epochs.len() < 500);
    let again = resume(&job, &options).unwrap();
    assert_eq!(
        (again.history.solved, again.history.steps),
        (Some(solved), trained.history.steps)
    );
}

#[test]
fn resuming_a_run_with_augmentation_and_mixup_gives_the_same_bytes() {
    resume_after_every(2, &Job::with_images());
}

fn resume_after_every(stride: usize, job: &Job) {
    let reference = job.train(&alone()).unwrap();
    let bytes = reference.model.to_bytes().unwrap();
    let folder = tempfile::tempdir().unwrap();
    for step in (1..reference.history.steps).step_by(stride) {
        let options = saving(folder.path(), 1_000_000);
        stop_after(job, &options, step);
        // Another number of threads, and the other way to run, must not matter.
        let execution = if step % 3 == 0 {
            Execution::Dynamic
        } else {
            Execution::Static
        };
        let options = RunOptions {
            threads: 1 + (step % 2) as usize,
            execution,
            ..options
        };
        let trained = resume(job, &options).unwrap();
        assert!(trained.model.to_bytes().unwrap() == bytes, "resumed after step {step}");
        assert_eq!(
            without_seconds(&trained.history.epochs),
            without_seconds(&reference.history.epochs),
            "step {step}"
        );
        assert_eq!(trained.history.solved, reference.history.solved, "step {step}");
        trained.save(folder.path().join("model")).unwrap();
        assert!(generations(&options).is_empty());
    }
}

#[test]
fn a_run_that_was_complete_stays_complete() {
    let job = Job::with_everything();
    let folder = tempfile::tempdir().unwrap();
    let options = saving(folder.path(), 1);
    let trained = job.train(&options).unwrap();
    assert!(
        trained.history.epochs.len() < job.spec.train.epochs,
        "it must stop early to test anything"
    );
    assert_eq!(generations(&options).len(), 2);
    let again = resume(&job, &options).unwrap();
    assert!(again.model.to_bytes().unwrap() == trained.model.to_bytes().unwrap());
    assert_eq!(again.history.steps, trained.history.steps);
}

#[test]
fn the_generation_before_replaces_a_damaged_one() {
    let job = Job::with_everything();
    let bytes = job.train(&alone()).unwrap().model.to_bytes().unwrap();
    for damage in [flip as fn(&Path), cut, empty] {
        let folder = tempfile::tempdir().unwrap();
        let options = saving(folder.path(), 1);
        stop_after(&job, &options, 13);
        let [older, newer] = &generations(&options)[..] else {
            panic!("expected two generations")
        };
        assert!(older < newer);
        fs::write(
            newer.with_extension("safetensors.tmp-rosenblatt-1"),
            "left by a process that was killed",
        )
        .unwrap();
        damage(newer);
        let mut notes = Notes::default();
        let options = RunOptions {
            resume: true,
            ..options.clone()
        };
        let trained = fit(&job.spec, &job.data, &options, &mut [&mut Progress::new(&mut notes)]).unwrap();
        assert!(trained.model.to_bytes().unwrap() == bytes);
        assert!(
            notes.0[0].contains("resuming from the checkpoint before it"),
            "{notes:?}",
            notes = notes.0
        );
        assert_eq!(notes.0[1], "resumed after step 12");
        assert!(
            matches!(&trained.history.warnings[..], [Warning::CheckpointSkipped { file, .. }] if *file == newer.display().to_string()),
            "{:?}",
            trained.history.warnings
        );
        assert_eq!(generations(&options).len(), 2, "what was left over is gone");
    }
}

#[test]
fn only_damaged_checkpoints_are_an_error() {
    let job = Job::with_everything();
    let folder = tempfile::tempdir().unwrap();
    let options = saving(folder.path(), 1);
    stop_after(&job, &options, 3);
    generations(&options).iter().for_each(|file| flip(file));
    assert_eq!(resume(&job, &options).unwrap_err().kind(), ErrorKind::Data);
}

fn flip(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    let at = bytes.len() - 5;
    bytes[at] ^= 4;
    fs::write(path, bytes).unwrap();
}

fn cut(path: &Path) {
    let bytes = fs::read(path).unwrap();
    fs::write(path, &bytes[..bytes.len() / 2]).unwrap();
}

fn empty(path: &Path) {
    fs::write(path, "").unwrap();
}

#[test]
fn another_run_is_refused_with_the_keys_that_differ() {
    let job = Job::with_everything();
    let folder = tempfile::tempdir().unwrap();
    let options = saving(folder.path(), 1_000_000);
    assert_eq!(resume(&job, &options).unwrap_err().kind(), ErrorKind::Config);
    stop_after(&job, &options, 3);

    let overrides = Overrides::default().set("learning_rate", 0.03).set("epochs", 9);
    let other = Job {
        spec: overrides.over(&job.spec).unwrap(),
        data: job.data.clone(),
    };
    let text = resume(&other, &options).unwrap_err().to_string();
    assert!(
        text.contains("`train.learning_rate`: 0.05 became 0.03") && text.contains("`train.epochs`: 25 became 9"),
        "{text}"
    );

    let mut data = job.data.clone();
    data.train = data.valid.clone().unwrap();
    let text = resume(
        &Job {
            spec: job.spec.clone(),
            data,
        },
        &options,
    )
    .unwrap_err()
    .to_string();
    assert!(text.contains("`train`: \"90 rows"), "{text}");
}

#[test]
fn a_checkpoint_is_a_model_too() {
    let job = Job::with_everything();
    let folder = tempfile::tempdir().unwrap();
    let options = saving(folder.path(), 1_000_000);
    stop_after(&job, &options, 12);
    let model = Model::load(generations(&options).last().unwrap()).unwrap();
    let progress = HowFar::load(generations(&options).last().unwrap()).unwrap().unwrap();
    assert_eq!((model.metadata().epoch, progress.step), (2, 12));
    let mut predictor = rosenblatt_train::Predictor::new(&model, &alone()).unwrap();
    assert!(predictor.evaluate(&job.data.train).unwrap()["accuracy"] > 0.0);
}

#[test]
fn a_new_run_replaces_the_checkpoints_of_an_old_one() {
    let job = Job::with_everything();
    let folder = tempfile::tempdir().unwrap();
    let options = saving(folder.path(), 1);
    stop_after(&job, &options, 13);
    stop_after(&job, &options, 4);
    let names: Vec<_> = generations(&options)
        .iter()
        .map(|path| path.file_stem().unwrap().to_owned())
        .collect();
    assert_eq!(names, ["step-000000000003", "step-000000000004"]);
}
