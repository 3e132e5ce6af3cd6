//! Averages of weights: what is evaluated, what is saved, and what is trained.

use std::ops::ControlFlow;

use rosenblatt_nn::activations::TANH;
use rosenblatt_nn::layers::{BatchNorm, Dropout, Linear, Sequential};
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::{Adam, ScheduleFreeAdamW};
use rosenblatt_nn::{Optimize, losses::CrossEntropy, metrics::Accuracy};
use rosenblatt_tensor::{Result, Tensor};
use rosenblatt_train::callbacks::EarlyStopping;
use rosenblatt_train::{Callback, CheckpointOptions, Compile as _, Every, Fit, Model, Run, Validation};

use super::{bits, classes, close, fit, hidden};

/// The weights that are trained after each step, and those that are evaluated after each epoch.
#[derive(Default)]
struct Weights {
    steps: Vec<Vec<f64>>,
    epochs: Vec<Vec<f64>>,
}

fn all(params: &rosenblatt_train::Params) -> Vec<f64> {
    params.values().flat_map(Tensor::to_f64).collect()
}

impl Callback for Weights {
    fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        self.steps.push(all(&run.params()?));
        Ok(ControlFlow::Continue(()))
    }

    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        self.epochs.push(all(&run.params()?));
        Ok(ControlFlow::Continue(()))
    }
}

fn model(optimize: Optimize) -> Model {
    let layers = hidden().then(Dropout { p: 0.1 }).then(Linear::new(3));
    layers
        .compile(CrossEntropy::default(), optimize, [Accuracy {}])
        .unwrap()
}

fn adam() -> Optimize {
    Adam::default().lr(0.05)
}

fn schedule_free() -> Optimize {
    ScheduleFreeAdamW::default().lr(0.05)
}

fn run(optimize: Optimize, swa: Option<f64>) -> (Model, Weights, Vec<f64>) {
    let (x, y) = classes();
    let fit = Fit {
        swa,
        validation: Validation::from((&x, &y)),
        ..fit()
    };
    let (mut model, mut weights) = (model(optimize), Weights::default());
    let history = model.fit_with((&x, &y), &fit, &mut [&mut weights]).unwrap();
    let losses = history.curve("valid.loss");
    assert_eq!(*losses.last().unwrap(), model.evaluate((&x, &y)).unwrap().loss());
    (model, weights, losses)
}

#[test]
fn a_moving_average_is_evaluated_and_becomes_the_model_and_training_does_not_notice() {
    let (plain, straight, _) = run(adam(), None);
    let (averaged, seen, _) = run(adam().ema(0.8), None);
    assert_eq!(seen.steps, straight.steps);
    assert_eq!(straight.epochs[3], all(plain.params()));
    // The first value is that of the model before training.
    let mut initial = model(adam());
    let (x, y) = classes();
    let nothing = Fit { epochs: 1, ..fit() };
    let mut at_start = Start(Vec::new());
    initial.fit_with((&x, &y), &nothing, &mut [&mut at_start]).unwrap();
    let mut average = at_start.0;
    for (step, weights) in seen.steps.iter().enumerate() {
        average = average.iter().zip(weights).map(|(e, w)| 0.8 * e + 0.2 * w).collect();
        if (step + 1).is_multiple_of(4) {
            close(&seen.epochs[step / 4], &average, 1e-6);
        }
    }
    assert_eq!(seen.epochs[3], all(averaged.params()));
}

#[test]
fn the_average_of_a_schedule_free_rule_is_evaluated_and_becomes_the_model() {
    let (model, seen, losses) = run(schedule_free(), None);
    assert_eq!(seen.epochs[3], all(model.params()));
    for (epoch, averaged) in seen.epochs.iter().enumerate() {
        assert_ne!(*averaged, seen.steps[4 * epoch + 3]);
    }
    assert!(losses[3] < losses[0], "{losses:?}");
}

struct Start(Vec<f64>);

impl Callback for Start {
    fn at_start(&mut self, run: &mut Run<'_>) -> Result<()> {
        self.0 = all(&run.params()?);
        Ok(())
    }
}

#[test]
fn weights_are_averaged_from_an_epoch_or_a_share_of_the_epochs_on() {
    let (_, straight, losses) = run(adam(), None);
    let ends: Vec<_> = straight.steps.iter().skip(3).step_by(4).collect();
    for (from, first) in [(0.5, 3), (0.7, 3), (2.0, 2), (1.0, 1), (0.0, 1)] {
        let (model, seen, averaged_losses) = run(adam(), Some(from));
        assert_eq!(seen.steps, straight.steps);
        for epoch in 1..=4 {
            let averaged: Vec<_> = ends[..epoch].iter().skip((first - 1).min(epoch - 1)).collect();
            let mean = |i: usize| averaged.iter().map(|weights| weights[i]).sum::<f64>() / averaged.len() as f64;
            let mean: Vec<f64> = (0..ends[0].len()).map(mean).collect();
            close(&seen.epochs[epoch - 1], &mean, 1e-6);
            assert_eq!(averaged_losses[epoch - 1] == losses[epoch - 1], epoch <= first);
        }
        assert_eq!(seen.epochs[3], all(model.params()));
    }
}

#[test]
fn statistics_of_batch_normalization_fit_the_averages() {
    let (x, y) = classes();
    let normalized = |optimize: Optimize, swa| {
        let layers = Sequential::new().then(Linear::new(6)).then(BatchNorm::default());
        let layers = layers.then(TANH).then(Linear::new(3));
        let model = layers
            .compile(CrossEntropy::default(), optimize, [Accuracy {}])
            .unwrap();
        let (mut model, mut weights) = (model, Weights::default());
        let fit = Fit { swa, ..fit() };
        model.fit_with((&x, &y), &fit, &mut [&mut weights]).unwrap();
        (model, weights)
    };
    let (_, straight) = normalized(adam(), None);
    let free = ScheduleFreeAdamW::default().lr(0.05);
    let (_, free_steps) = normalized(free.clone(), None);
    for (optimize, swa, steps) in [
        (adam().ema(0.8), None, &straight),
        (adam(), Some(2.0), &straight),
        (free, None, &free_steps),
    ] {
        let (model, seen) = normalized(optimize, swa);
        // Running averages of training go on where they were.
        assert_eq!(seen.steps, steps.steps);
        let values = |name: &str| model.params()[&format!("layers.{name}")].to_f64();
        let (w, b, inputs) = (values("0.weight"), values("0.bias"), x.to_f64());
        for unit in 0..6 {
            let z: Vec<f64> = (inputs.chunks_exact(4))
                .map(|row| b[unit] + row.iter().zip(&w[4 * unit..]).map(|(x, w)| x * w).sum::<f64>())
                .collect();
            let mean = z.iter().sum::<f64>() / 50.0;
            let variance = z.iter().map(|z| (z - mean).powi(2)).sum::<f64>() / 49.0;
            close(
                &[values("1.running_mean")[unit], values("1.running_var")[unit]],
                &[mean, variance],
                1e-6,
            );
        }
        assert_eq!(seen.epochs[3], all(model.params()));
    }
}

#[test]
fn the_best_epoch_is_that_of_the_averages() {
    let (x, y) = classes();
    let fit = Fit {
        epochs: 12,
        validation: Validation::from((&x, &y)),
        early_stopping: Some(EarlyStopping::after(2)),
        ..fit()
    };
    let (mut model, mut weights) = (model(Adam::default().lr(0.6).ema(0.6)), Weights::default());
    let history = model.fit_with((&x, &y), &fit, &mut [&mut weights]).unwrap();
    assert!(
        history.best_epoch < history.epochs.len(),
        "it must stop early to test anything"
    );
    assert_eq!(weights.epochs[history.best_epoch - 1], all(model.params()));
}

#[test]
fn a_checkpoint_is_a_model_with_the_averages() {
    let (x, y) = classes();
    for (optimize, swa) in [(adam().ema(0.8), None), (adam(), Some(1.0)), (schedule_free(), None)] {
        let folder = tempfile::tempdir().unwrap();
        let mut fit = Fit { swa, ..fit() };
        let mut checkpoint = CheckpointOptions::next_to(&folder.path().join("model"));
        checkpoint.every = Every::Steps(1);
        let saved = checkpoint.folder.clone();
        fit.run.checkpoint = Some(checkpoint);
        let (mut model, mut weights) = (model(optimize), Weights::default());
        model.fit_with((&x, &y), &fit, &mut [&mut weights]).unwrap();
        let mut files: Vec<_> = std::fs::read_dir(saved)
            .unwrap()
            .map(|file| file.unwrap().path())
            .collect();
        files.retain(|file| file.extension().is_some_and(|end| end == "safetensors"));
        files.sort();
        let loaded = Model::load(files.last().unwrap()).unwrap();
        assert_eq!(bits(loaded.params()), bits(model.params()));
        assert_ne!(all(loaded.params()), weights.steps[15]);
    }
}

#[test]
fn two_averages_or_none_are_refused() {
    let (x, y) = classes();
    let refused = |optimize: Optimize, swa: f64| {
        let fit = Fit {
            swa: Some(swa),
            ..fit()
        };
        let error = model(optimize).fit((&x, &y), &fit).unwrap_err();
        (error.to_string(), error.hint_text().unwrap_or_default().to_owned())
    };
    let (message, hint) = refused(adam().ema(0.9), 0.5);
    assert_eq!(message, "swa: weights are averaged by `ema` already");
    assert_eq!(hint, "leave one of the two out");
    assert_eq!(
        refused(adam(), 5.0).0,
        "swa: expected at most the 4 epochs of the run, got `5`"
    );
    for wrong in [1.5, -0.5, f64::NAN, f64::INFINITY] {
        let message = format!("swa: expected a share of the epochs in [0, 1) or the number of an epoch, got `{wrong}`");
        assert_eq!(refused(adam(), wrong).0, message);
    }
    let fit = Fit {
        accumulate_steps: 0,
        ..fit()
    };
    let error = model(adam()).fit((&x, &y), &fit).unwrap_err();
    assert_eq!(error.to_string(), "accumulate_steps: expected at least 1, got `0`");
}

/// With a learning rate at which nothing is learned, the first epoch that counts is the best.
#[test]
fn the_best_epoch_is_one_whose_weights_are_averaged() {
    let (x, y) = classes();
    let best = |swa| {
        let fit = Fit {
            swa,
            epochs: 8,
            validation: Validation::from((&x, &y)),
            early_stopping: Some(EarlyStopping::after(8)),
            ..fit()
        };
        model(Adam::default().lr(1e-30)).fit((&x, &y), &fit).unwrap().best_epoch
    };
    assert_eq!([best(None), best(Some(0.5)), best(Some(7.0))], [1, 5, 7]);
}
