//! What a user writes by mistake: the kind of the error, what it says and where, and what it hints at.

use rosenblatt_data::DataOptions;
use rosenblatt_nn::layers::{BatchNorm, Functional, Linear, Sequential, Softmax};
use rosenblatt_nn::losses::{CrossEntropy, Hinge, Mse, MultiClassHinge, Poisson};
use rosenblatt_nn::metrics::{Accuracy, LogLoss, Rmse};
use rosenblatt_nn::optimize::{Optimize, OptimizeExt as _};
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_nn::schedules::Cosine;
use rosenblatt_nn::{Entry, Layer};
use rosenblatt_tensor::{DType, Error, ErrorKind, Result, Tensor};
use rosenblatt_train::callbacks::EarlyStopping;
use rosenblatt_train::presets::Overrides;
use rosenblatt_train::{
    BatchSource, CheckpointOptions, ClassWeights, Compile as _, Data, Fit, Model, Params, Predictor, RunOptions,
    Trainer, TrainerState, Validation, fit,
};

use crate::common::{Job, alone};
use crate::trainer::{classes, numbers};

pub struct Row {
    pub wrote: &'static str,
    pub find: fn() -> Error,
    pub kind: ErrorKind,
    pub says: &'static str,
    pub hints: &'static str,
}

/// A row for each mistake.
macro_rules! rows {
    ($($wrote:literal, $kind:ident, $says:literal, $hints:literal: $find:expr;)*) => {
        &[$(Row { wrote: $wrote, find: || $find, kind: ErrorKind::$kind, says: $says, hints: $hints }),*]
    };
}
pub(crate) use rows;

/// Fails for rows whose errors are others.
pub fn check(rows: &[Row]) {
    let mut wrong = Vec::new();
    for row in rows {
        let error = (row.find)();
        let (says, hints) = (error.to_string(), error.hint_text().unwrap_or_default());
        if error.kind() != row.kind || !says.contains(row.says) || !hints.contains(row.hints) {
            wrong.push(format!("{}: {:?}, {says:?}, hint {hints:?}", row.wrote, error.kind()));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// A value that must be an error.
pub fn refused<T>(result: Result<T>) -> Error {
    result.err().unwrap_or_else(|| Error::internal("there was no error"))
}

pub fn one() -> Fit {
    Fit {
        run: alone(),
        ..Fit::default()
    }
}

pub fn x() -> Tensor {
    numbers(1, &[12, 3])
}

pub fn y() -> Tensor {
    classes(2, 3, &[12])
}

fn compiled(layers: Sequential) -> Model {
    layers
        .compile(CrossEntropy::default(), Sgd::default(), [Accuracy {}])
        .unwrap()
}

fn classifier() -> Model {
    compiled(Sequential::new().then(Linear::new(3)))
}

fn fitted() -> Model {
    let mut model = classifier();
    model.fit((&x(), &y()), &one()).unwrap();
    model
}

/// A fit of the classifier.
fn fitting(data: impl Into<Data>, fit: &Fit) -> Error {
    refused(classifier().fit(data, fit))
}

fn optimized_by(optimize: Optimize) -> Error {
    let model = Sequential::new()
        .then(Linear::new(3))
        .compile(CrossEntropy::default(), optimize, [Accuracy {}]);
    refused(model.and_then(|mut model| model.fit((&x(), &y()), &one())))
}

fn stopping(early_stopping: EarlyStopping) -> Error {
    let fit = Fit {
        validation: Validation::Fraction(0.5),
        early_stopping: Some(early_stopping),
        ..one()
    };
    fitting((&x(), &y()), &fit)
}

fn weighing(weights: ClassWeights) -> Error {
    let fit = Fit {
        class_weight: Some(weights),
        ..one()
    };
    fitting((&x(), &y()), &fit)
}

pub fn with(x: Tensor, at: usize, value: f32) -> Tensor {
    let mut values = x.to_vec::<f32>().unwrap();
    values[at] = value;
    Tensor::from_vec(values, x.shape()).unwrap()
}

fn row_weights(value: f32) -> Tensor {
    with(numbers(1, &[12]), 0, value)
}

fn two_outputs() -> Functional {
    Functional::with_outputs(|[a, b]| {
        let h = a.concat(b);
        [
            h.then(Linear::new(3)).named("class"),
            h.then(Linear::new(1)).named("size"),
        ]
    })
}

/// A source whose rows are made by a function.
struct Made(fn(&[u64]) -> Data);

impl BatchSource for Made {
    fn len(&self) -> usize {
        12
    }

    fn rows(&self, rows: &[u64]) -> Result<Data> {
        Ok((self.0)(rows))
    }
}

fn made(rows: fn(&[u64]) -> Data) -> Error {
    refused(classifier().fit_source(&Made(rows), &Fit { batch_size: 5, ..one() }, &mut []))
}

/// One step of a trainer.
macro_rules! step {
    ($optimize:expr, $loss:expr) => {
        refused(Trainer::new($optimize, 0, $loss).options(&alone()).step([&x()]))
    };
}

fn linear_trainer(options: &RunOptions) -> Result<TrainerState> {
    let mut trainer =
        Trainer::new(Sgd::default(), 0, |m, [x]| x.matmul(m.weight("w", &[3, 1])).mean_all()).options(options);
    trainer.step([&x()])?;
    trainer.state()
}

const ROWS: &[Row] = rows![
    "two losses for one output", Config, "2 losses for a network with the outputs output", "`compile_outputs`": {
        let losses = [(Mse {}.into(), 1.0), (Mse {}.into(), 1.0)];
        refused(Sequential::new().then(Linear::new(1)).compile_outputs(losses, Sgd::default(), [Rmse {}]))
    };
    "one loss for two outputs", Config, "1 losses for a network with the outputs class, size", "`compile_outputs`": {
        refused(two_outputs().compile(Mse {}, Sgd::default(), [Rmse {}]))
    };
    "a negative weight of a loss", Config, "loss: mse: expected a weight of at least 0, got -1", "": {
        let layers = Sequential::new().then(Linear::new(1));
        refused(layers.compile_outputs([(Mse {}.into(), -1.0)], Sgd::default(), [Rmse {}]))
    };
    "cross-entropy over a sigmoid", Config, "the loss takes logits or an output that ends with `softmax`", "`softmax`": {
        let sigmoid = Entry::<dyn Layer>::named("sigmoid").unwrap();
        refused(compiled(Sequential::new().then(Linear::new(3)).then(sigmoid)).fit((&x(), &y()), &one()))
    };
    "a metric of classes for numbers", Config, "metrics: `accuracy` fits no output", "`rmse`": {
        let model = Sequential::new().then(Linear::new(1)).compile(Mse {}, Sgd::default(), [Accuracy {}]);
        refused(model.unwrap().fit((&x(), &numbers(1, &[12])), &one()))
    };
    "probabilities of scores", Config, "metrics: `log_loss` fits no output", "`accuracy`": {
        let model = Sequential::new().then(Linear::new(3)).compile(MultiClassHinge {}, Sgd::default(), [LogLoss {}]);
        refused(model.unwrap().fit((&x(), &y()), &one()))
    };
    "three classes under one output", Data, "the loss `hinge` needs labels 0 and 1, got 2", "": {
        let model = Sequential::new().then(Linear::new(1)).compile(Hinge {}, Sgd::default(), [Accuracy {}]);
        refused(model.unwrap().fit((&x(), &y()), &one()))
    };
    "a negative count", Data, "targets 0: row 1: the loss `poisson` needs targets of at least 0, got -1", "": {
        let counts = Tensor::from_vec((0..12).map(|i| if i == 1 { -1f32 } else { 2.0 }).collect(), &[12]).unwrap();
        let model = Sequential::new().then(Linear::new(1)).compile(Poisson::default(), Sgd::default(), [Rmse {}]);
        refused(model.unwrap().fit((&x(), &counts), &one()))
    };
    "logits after a softmax", Config, "the loss takes logarithms or an output that ends with `exp`", "`exp`": {
        let softmax = Sequential::new().then(Linear::new(1)).then(Softmax {});
        let model = softmax.compile(Poisson::default(), Sgd::default(), [Rmse {}]);
        refused(model.unwrap().fit((&x(), &Tensor::from_vec(vec![1f32; 12], &[12]).unwrap()), &one()))
    };
    "an ignored class of one output of two", Unsupported, "loss: `ignore_index` needs a network with one output", "": {
        let two = Functional::with_outputs(|[x]| [x.then(Linear::new(3)), x.then(Linear::new(3))]);
        let ignoring = CrossEntropy { ignore_index: Some(0), ..CrossEntropy::default() };
        let losses = [(ignoring.into(), 1.0), (CrossEntropy::default().into(), 1.0)];
        let model = two.compile_outputs(losses, Sgd::default(), [Accuracy {}]);
        refused(model.unwrap().fit((&x(), [&y(), &y()]), &one()))
    };
    "integers as numbers", Config, "targets 0: `mse` is a loss of numbers, and these are integers", "f32": {
        let model = Sequential::new().then(Linear::new(1)).compile(Mse {}, Sgd::default(), [Rmse {}]);
        refused(model.unwrap().fit((&x(), &y()), &one()))
    };
    "numbers as classes", Shape, "expected probabilities [12, 3], as the logits, or integer classes, got f32 [12]", "": {
        fitting((&x(), &numbers(1, &[12])), &one())
    };
    "parameters of integers", Config, "dtype: expected `f32` or `f64`, got `i64`", "": refused(classifier().with_dtype(DType::I64));
    "another type after the fit", Config, "dtype: the model has parameters already", "": refused(fitted().with_dtype(DType::F64));
    "predict before fit", Config, "the model has not been fitted", "call `fit` first": refused(classifier().predict(&x()));
    "evaluate before fit", Config, "the model has not been fitted", "call `fit` first": {
        refused(classifier().evaluate((&x(), &y())))
    };
    "save before fit", Config, "the model has not been fitted", "call `fit` first": refused(classifier().to_bytes());
    "one output of two", Config, "the network has several outputs", "`predict_all`": {
        let losses = [(CrossEntropy::default().into(), 1.0), (Mse {}.into(), 1.0)];
        let mut model = two_outputs().compile_outputs(losses, Sgd::default(), [Accuracy {}]).unwrap();
        model.fit(([&x(), &x()], [&y(), &numbers(1, &[12])]), &one()).unwrap();
        refused(model.predict([&x(), &x()]))
    };
    "other columns than in training", Shape, "input 0: expected rows as in training, f32 [5, 3], got f32 [5, 4]", "": {
        refused(fitted().predict(&numbers(1, &[5, 4])))
    };
    "another type than in training", Shape, "input 0: expected rows as in training, f32 [12, 3], got i64 [12, 3]", "": {
        refused(fitted().predict(&classes(1, 3, &[12, 3])))
    };
    "a second fit with other columns", Shape, "the model was built for rows of", "": {
        refused(fitted().fit((&numbers(1, &[12, 4]), &y()), &one()))
    };
    "two inputs for one", Shape, "expected 1 inputs (input), got 2", "": fitting(([&x(), &x()], &y()), &one());
    "two inputs for one, in predict", Shape, "expected 1 inputs (input), got 2", "": refused(fitted().predict([&x(), &x()]));
    "no targets", Shape, "expected 1 arrays of targets (output), got 0", "": fitting(Data::of_inputs(vec![x()]), &one());
    "no targets, in evaluate", Shape, "rows without targets for every output cannot be evaluated", "": {
        refused(fitted().evaluate(Data::of_inputs(vec![x()])))
    };
    "fewer targets than inputs", Shape, "targets 0: expected 12 rows, as in input 0, got [9]", "": {
        fitting((&x(), &classes(2, 3, &[9])), &one())
    };
    "fewer targets, with a share for validation", Shape, "targets 0: expected 12 rows, as in input 0, got [9]", "": {
        let fit = Fit { validation: Validation::Fraction(0.25), ..one() };
        fitting((&x(), &classes(2, 3, &[9])), &fit)
    };
    "a single number as input", Shape, "input 0: expected rows along the first axis, got a single number", "": {
        fitting((&Tensor::from_vec(vec![1f32], &[]).unwrap(), &y()), &one())
    };
    "no rows", Data, "there is no row to learn from", "": fitting((&numbers(1, &[0, 3]), &classes(2, 3, &[0])), &one());
    "no rows, in evaluate", Data, "there is no row to evaluate", "": {
        refused(fitted().evaluate((&numbers(1, &[0, 3]), &classes(2, 3, &[0]))))
    };
    "NaN in the inputs", Data, "input 0: row 2 holds a number that is not finite", "": {
        fitting((&with(x(), 7, f32::NAN), &y()), &one())
    };
    "infinity in predict", Data, "input 0: row 2 holds a number that is not finite", "": {
        refused(fitted().predict(&with(x(), 7, f32::INFINITY)))
    };
    "NaN in the targets", Data, "targets 0: row 4 holds a number that is not finite", "": {
        fitting((&x(), &with(numbers(1, &[12, 3]), 13, f32::NAN)), &one())
    };
    "NaN in the validation rows", Data, "validation: input 0: row 0 holds a number that is not finite", "": {
        let fit = Fit { validation: Validation::from((&with(x(), 0, f32::NAN), &y())), ..one() };
        fitting((&x(), &y()), &fit)
    };
    "a class out of range", Data, "5", "": fitting((&x(), &Tensor::from_vec(vec![0i64, 1, 2, 5, 0, 1, 2, 0, 1, 2, 0, 1], &[12]).unwrap()), &one());
    "a negative class", Data, "-1", "": fitting((&x(), &Tensor::from_vec(vec![-1i64; 12], &[12]).unwrap()), &one());
    "a class out of range, in evaluate", Data, "7", "": {
        refused(fitted().evaluate((&x(), &Tensor::from_vec(vec![7i64; 12], &[12]).unwrap())))
    };
    "a negative sample weight", Data, "weights: expected numbers of at least 0, got -2", "": {
        fitting((&x(), &y(), &row_weights(-2.0)), &one())
    };
    "sample weights of 0", Data, "weights: all are 0", "": {
        fitting((&x(), &y(), &Tensor::from_vec(vec![0f32; 12], &[12]).unwrap()), &one())
    };
    "fewer sample weights", Shape, "weights: expected 12 rows, as in input 0, got [9]", "": {
        fitting((&x(), &y(), &numbers(1, &[9])), &one())
    };
    "no epochs", Config, "epochs: expected at least 1, got `0`", "": fitting((&x(), &y()), &Fit { epochs: 0, ..one() });
    "batches without rows", Config, "batch_size: expected at least 1, got `0`", "": {
        fitting((&x(), &y()), &Fit { batch_size: 0, ..one() })
    };
    "batches without rows, in evaluate", Config, "batch_size: expected at least 1, got 0", "": {
        refused(fitted().evaluate_batched((&x(), &y()), 0))
    };
    "batch normalization of single rows", Config, "batch_size: layers.0: batch_norm: in a batch [1, 3] there is at most one number for each feature", "set a larger batch size": {
        let layers = Sequential::new().then(BatchNorm::default()).then(Linear::new(3));
        refused(compiled(layers).fit((&x(), &y()), &Fit { batch_size: 1, ..one() }))
    };
    "a share of more than all rows", Config, "validation: expected a share in (0, 1), got `1.5`", "": {
        fitting((&x(), &y()), &Fit { validation: Validation::Fraction(1.5), ..one() })
    };
    "a share of less than a row", Config, "validation: a share of 0.01 of 12 rows leaves no rows for one part", "": {
        fitting((&x(), &y()), &Fit { validation: Validation::Fraction(0.01), ..one() })
    };
    "early stopping without validation", Config, "early_stopping: early stopping needs validation rows", "": {
        fitting((&x(), &y()), &Fit { early_stopping: Some(EarlyStopping::after(3)), ..one() })
    };
    "early stopping on an unknown metric", Config, "early_stopping.metric: `valid.acuracy` is not recorded", "did you mean `valid.accuracy`?": {
        stopping(EarlyStopping::after(3).on("valid.acuracy"))
    };
    "early stopping without patience", Config, "early_stopping.patience: expected at least 1, got `0`", "": {
        stopping(EarlyStopping::after(0))
    };
    "a class weight too few", Config, "class_weight: expected 3 weights, one for each class, got 2", "": {
        weighing(ClassWeights::Each(vec![1.0, 2.0]))
    };
    "a negative class weight", Config, "class_weight: expected numbers of at least 0, got -1", "": {
        weighing(ClassWeights::Each(vec![1.0, -1.0, 1.0]))
    };
    "class weights of numbers", Config, "class_weight: the targets are numbers and have no classes", "": {
        let mut model = Sequential::new().then(Linear::new(1)).compile(Mse {}, Sgd::default(), [Rmse {}]).unwrap();
        refused(model.fit((&x(), &numbers(1, &[12])), &Fit { class_weight: Some(ClassWeights::Balanced), ..one() }))
    };
    "class weights of sequences", Unsupported, "class_weight: class weights need one class index for each row", "sample weights": {
        let fit = Fit { class_weight: Some(ClassWeights::Balanced), ..one() };
        refused(classifier().fit((&numbers(1, &[12, 4, 3]), &classes(2, 3, &[12, 4])), &fit))
    };
    "balanced class weights of rows that are read", Unsupported, "class_weight: balanced weights need all rows in memory", "a weight for each class": {
        let source = Made(|rows| Data::from((&x(), &y())).select(rows).unwrap());
        refused(classifier().fit_source(&source, &Fit { class_weight: Some(ClassWeights::Balanced), ..one() }, &mut []))
    };
    "a source of fewer rows", Shape, "3", "": made(|_| Data::from((&x(), &y())).select(&[0, 1, 2]).unwrap());
    "a source whose rows change", Shape, "expected rows as in training", "": made(|rows| match rows.len() {
        1 => Data::from((&x(), &y())).select(rows).unwrap(),
        _ => Data::from((&numbers(1, &[12, 4]), &y())).select(rows).unwrap(),
    });
    "a source that forgets its targets", Shape, "targets", "": made(|rows| match rows.len() {
        1 => Data::from((&x(), &y())).select(rows).unwrap(),
        _ => Data::of_inputs(vec![x()]).select(rows).unwrap(),
    });
    "a group of no parameter", Config, "optimize: groups.0: no parameter's name contains `layer.0`", "did you mean `layers.0`?": {
        optimized_by(Sgd::default().freeze("layer.0"))
    };
    "a learning rate of 0", Config, "`learning_rate` to be above 0", "": optimized_by(Sgd::default().lr(0.0));
    "resuming without a folder", Config, "the run needs to know where its checkpoints are", "": {
        fitting((&x(), &y()), &Fit { run: RunOptions { resume: true, ..alone() }, ..one() })
    };
    "resuming what never ran", Config, "there is no checkpoint in", "": {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = Some(CheckpointOptions::next_to(&folder.path().join("model")));
        fitting((&x(), &y()), &Fit { run: RunOptions { resume: true, checkpoint, ..alone() }, ..one() })
    };
    "no threads", Config, "threads: expected at least 1, got 0", "": {
        fitting((&x(), &y()), &Fit { run: RunOptions { threads: 0, ..alone() }, ..one() })
    };
    "an unknown parameter", Config, "no parameter is called `layers.0.wieght`", "did you mean `layers.0.weight`?": {
        refused(fitted().set_params(&Params::from([("layers.0.wieght".to_owned(), x())])))
    };
    "a parameter of another shape", Shape, "layers.0.weight: expected f32 [3, 3], got f32 [12, 3]", "": {
        refused(fitted().set_params(&Params::from([("layers.0.weight".to_owned(), x())])))
    };
    "a table from a model of arrays", Config, "this model was trained on arrays", "predict from arrays": {
        refused(Predictor::new(&fitted(), &alone()))
    };
    "a softmax as the last hidden layer of a table", Config, "model: layers.2: `softmax` is the last of the hidden layers", "leave it out": {
        let mut job = iris();
        job.spec.model.layers.push(Softmax {}.into());
        refused(job.train(&alone()))
    };
    "a state as a model", Data, "this is not a model", "": {
        let state = linear_trainer(&alone()).unwrap().to_bytes().unwrap();
        refused(Model::from_bytes(&state))
    };
    "a model as a state", Data, "this is a model, not the state of a trainer", "": {
        refused(TrainerState::from_bytes(&fitted().to_bytes().unwrap()))
    };
    "no threads for a trainer", Config, "threads: expected at least 1, got 0", "": {
        refused(linear_trainer(&RunOptions { threads: 0, ..alone() }))
    };
    "a schedule of a run without an end", Config, "optimize: schedule: `cosine` needs the number of steps of the run", "give the number of steps": {
        step!(Sgd::default().schedule(Cosine::default()), |m, [x]| (x * m.weight("w", &[3])).mean_all())
    };
    "a group of no parameter of a closure", Config, "optimize: groups.0: no parameter's name contains `v`", "": {
        step!(Sgd::default().freeze("v"), |m, [x]| (x * m.weight("w", &[3])).mean_all())
    };
    "two layers under one name", Config, "`l` is the layer `linear", "give it another name": {
        step!(Sgd::default(), |m, [x]| m.apply("l", &Linear::new(2), m.apply("l", &Linear::new(3), x)).mean_all())
    };
    "shapes that do not fit in a closure", Shape, "matmul", "": {
        step!(Sgd::default(), |m, [x]| x.matmul(m.weight("w", &[4, 1])).mean_all())
    };
    "a loss of integers", Shape, "expected", "": step!(Sgd::default(), |m, [x]| (x * m.weight("w", &[3])).argmax(-1));
    "an update of what was not asked for", Config, "`w` cannot be updated: there is no such parameter or buffer", "ask for it first": {
        step!(Sgd::default(), |m, [x]| {
            m.update("w", x);
            x.mean_all()
        })
    };
    "averages that were not kept", Config, "no averages of parameters are kept", "set `ema`": {
        let mut trainer = Trainer::new(Sgd::default(), 0, |m, [x]| (x * m.weight("w", &[3])).mean_all());
        trainer.step([&x()]).unwrap();
        refused(trainer.averaged_params())
    };
];

fn iris() -> Job {
    let overrides = Overrides::default()
        .set("hidden", [4])
        .set("epochs", 60)
        .set("early_stopping", 2)
        .set("learning_rate", 0.5);
    Job::on(
        rosenblatt_train::presets::Preset::Plain,
        &DataOptions::new("iris").valid_fraction(0.25),
        &overrides,
    )
}

#[test]
fn every_mistake_is_an_error_that_says_what_and_where() {
    check(ROWS);
}

#[test]
fn what_a_spec_asks_for_does_not_depend_on_callbacks() {
    let job = iris();
    let result = fit(&job.spec, &job.data, &alone(), &mut []).unwrap();
    assert!(result.history.epochs.len() < 60, "it did not stop early");
    let best = result.model.metadata().epoch;
    assert_eq!(result.history.epochs.len(), best + 2);
    assert!(result.history.epochs.iter().all(|record| record.valid.is_some()));
}
