//! Callbacks, checkpoints and cancellation of a fit on arrays.

use std::ops::ControlFlow;
use std::path::Path;

use rosenblatt_nn::layers::{BatchNorm, Dropout, Linear};
use rosenblatt_nn::losses::CrossEntropy;
use rosenblatt_nn::metrics::RocAuc;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Adam;
use rosenblatt_tensor::{ErrorKind, Result, Tensor};
use rosenblatt_train::callbacks::EarlyStopping;
use rosenblatt_train::{Callback, CheckpointOptions, Compile as _, Every, Fit, Model, Run, Validation};

use super::{bits, classes, classifier, close, fit, hidden};
use crate::common::{alone, dynamic};

/// Looks at the parameters and at a hidden layer after each epoch.
struct Look<'a> {
    x: &'a Tensor,
    seen: Vec<(Vec<f64>, Vec<f64>)>,
}

impl Callback for Look<'_> {
    fn after_epoch(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        let hidden = run.output_of(self.x, "layers.0")?.to_f64();
        self.seen.push((run.params()?["layers.0.weight"].to_f64(), hidden));
        assert_eq!((run.epoch(), run.history().len()), (self.seen.len(), self.seen.len()));
        Ok(ControlFlow::Continue(()))
    }
}

#[test]
fn callbacks_see_parameters_and_hidden_values_of_the_moment() {
    let (x, y) = classes();
    let mut model = classifier(hidden().then(Linear::new(3)));
    let mut look = Look {
        x: &x,
        seen: Vec::new(),
    };
    model.fit_with((&x, &y), &fit(), &mut [&mut look]).unwrap();
    let seen = look.seen;
    assert_eq!(seen.len(), 4);
    assert!(
        seen.windows(2)
            .all(|pair| pair[0].0 != pair[1].0 && pair[0].1 != pair[1].1)
    );
    let (weight, hidden) = seen.last().unwrap();
    assert_eq!(*weight, model.params()["layers.0.weight"].to_f64());
    close(hidden, &model.output_of(&x, "layers.0").unwrap().to_f64(), 1e-12);
    // Looking changes nothing.
    let mut alone = classifier(super::hidden().then(Linear::new(3)));
    alone.fit((&x, &y), &fit()).unwrap();
    assert_eq!(bits(alone.params()), bits(model.params()));
}

#[test]
fn callbacks_can_be_sent_to_another_thread() {
    fn sent<T: Send + ?Sized>() {}
    sent::<dyn Callback>();
    sent::<Fit>();
    sent::<Model>();
}

/// Cancels after a step.
struct CancelAfter(u64);

impl Callback for CancelAfter {
    fn after_step(&mut self, run: &mut Run<'_>) -> Result<ControlFlow<()>> {
        Ok(if run.step() == self.0 {
            ControlFlow::Break(())
        } else {
            ControlFlow::Continue(())
        })
    }
}

fn model() -> Model {
    let layers = hidden()
        .then(BatchNorm::default())
        .then(Dropout { p: 0.2 })
        .then(Linear::new(3));
    classifier(layers)
}

fn long(folder: &Path) -> Fit {
    let (x, y) = classes();
    let mut fit = Fit {
        epochs: 12,
        validation: Validation::from((&x, &y)),
        early_stopping: Some(EarlyStopping::after(4).on("valid.accuracy")),
        ..fit()
    };
    let mut checkpoint = CheckpointOptions::next_to(&folder.join("model"));
    checkpoint.every = Every::Steps(3);
    fit.run.checkpoint = Some(checkpoint);
    fit
}

#[test]
fn a_cancelled_fit_is_resumed_to_the_same_bytes() {
    let (x, y) = classes();
    let folder = tempfile::tempdir().unwrap();
    let mut straight = model();
    straight.fit((&x, &y), &long(&folder.path().join("straight"))).unwrap();
    let expected = straight.to_bytes().unwrap();
    for (i, (stop, run)) in [(1, alone()), (7, dynamic()), (16, alone())].into_iter().enumerate() {
        let mut fit = long(&folder.path().join(i.to_string()));
        fit.run.execution = run.execution;
        let mut cancelled = model();
        let error = cancelled
            .fit_with((&x, &y), &fit, &mut [&mut CancelAfter(stop)])
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Cancelled);
        assert!(cancelled.params().is_empty());
        fit.run.resume = true;
        let mut resumed = model();
        let history = resumed.fit((&x, &y), &fit).unwrap();
        assert!(resumed.to_bytes().unwrap() == expected, "stopped after {stop}");
        assert_eq!(history.epochs.last().unwrap().epoch, history.epochs.len());
        // On other rows it is another run.
        let error = model().fit((&y_as_input(&x), &y), &fit).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error.to_string().contains("the checkpoint is of another run"),
            "{error}"
        );
        // And fitted in another way, too.
        for (setting, other) in [
            (
                "batch_size",
                Fit {
                    batch_size: 8,
                    ..fit.clone()
                },
            ),
            ("seed", Fit { seed: 6, ..fit.clone() }),
            (
                "epochs",
                Fit {
                    epochs: 13,
                    ..fit.clone()
                },
            ),
        ] {
            let error = model().fit((&x, &y), &other).unwrap_err().to_string();
            assert!(
                error.contains("the checkpoint is of another run") && error.contains(setting),
                "{error}"
            );
        }
    }
}

#[test]
fn a_checkpoint_with_a_metric_that_is_not_defined_is_resumed() {
    let (x, y) = classes();
    let rows = rows_of_class_0(&x, &y);
    let folder = tempfile::tempdir().unwrap();
    let model = || {
        let layers = hidden().then(Linear::new(3));
        let optimize = Adam::default().lr(0.02);
        layers.compile(CrossEntropy::default(), optimize, [RocAuc {}]).unwrap()
    };
    let mut fit = Fit {
        validation: Validation::from((&rows.0, &rows.1)),
        early_stopping: Some(EarlyStopping::after(2).on("valid.roc_auc")),
        ..long(&folder.path().join("straight"))
    };
    let mut straight = model();
    let history = straight.fit((&x, &y), &fit).unwrap();
    assert!(history.epochs[0].get("valid.roc_auc").unwrap().is_nan());
    assert_eq!(history.epochs.len(), 3, "no value is better than the first");
    fit.run.checkpoint = long(&folder.path().join("cancelled")).run.checkpoint;
    model()
        .fit_with((&x, &y), &fit, &mut [&mut CancelAfter(7)])
        .unwrap_err();
    fit.run.resume = true;
    let mut resumed = model();
    resumed.fit((&x, &y), &fit).unwrap();
    assert!(resumed.to_bytes().unwrap() == straight.to_bytes().unwrap());
    assert_eq!(
        bits(Model::from_bytes(&resumed.to_bytes().unwrap()).unwrap().params()),
        bits(resumed.params())
    );
}

/// The rows of the first class alone.
fn rows_of_class_0(x: &Tensor, y: &Tensor) -> (Tensor, Tensor) {
    let (x, y) = (x.to_vec::<f32>().unwrap(), y.to_vec::<i64>().unwrap());
    let rows = x.chunks_exact(4).zip(&y).filter(|(_, y)| **y == 0);
    let rows: Vec<f32> = rows.flat_map(|(row, _)| row.to_vec()).collect();
    let count = rows.len() / 4;
    let classes = Tensor::from_vec(vec![0i64; count], &[count]).unwrap();
    (Tensor::from_vec(rows, &[count, 4]).unwrap(), classes)
}

/// The same rows with one number changed.
fn y_as_input(x: &Tensor) -> Tensor {
    let mut values = x.to_vec::<f32>().unwrap();
    values[17] += 0.5;
    Tensor::from_vec(values, x.shape()).unwrap()
}
