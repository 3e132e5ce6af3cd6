//! Rows that do not count alike.

use crate::common;

use std::fs;

use common::{Job, alone};
use rosenblatt_data::{DataOptions, Dataset, Purpose, apply};
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_testkit::assert_close;
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{ClassWeight, FitResult, Model, Predictor};

/// A whole batch a step, by a rule that keeps no state.
fn full_batch() -> Overrides {
    Overrides::default()
        .set("hidden", [6])
        .set("activation", "tanh")
        .set("optimizer", "sgd")
        .set("learning_rate", 0.2)
        .set("epochs", 8)
        .set("batch_size", 1 << 20)
}

/// The job with other training rows.
fn on(job: &Job, train: Dataset) -> FitResult {
    let mut data = job.data.clone();
    data.schema.sample_weight = train.weights().map(|_| "w".to_owned());
    data.train = train;
    Job {
        spec: job.spec.clone(),
        data,
    }
    .train(&alone())
    .unwrap()
}

fn weighted(rows: &Dataset, weights: &[f32]) -> Dataset {
    let weights = Tensor::from_slice(weights, &[rows.len()]).unwrap();
    rows.clone().weighted_by(Some(weights)).unwrap()
}

/// Some rows, as often and in the order as they are named.
fn rows(of: &Dataset, numbers: &[usize]) -> Dataset {
    let pick = |tensor: &Tensor| {
        let width: usize = tensor.shape()[1..].iter().product();
        let values = tensor.to_f64();
        let picked = numbers
            .iter()
            .flat_map(|&row| values[row * width..(row + 1) * width].to_vec());
        (
            picked.collect::<Vec<f64>>(),
            [&[numbers.len()], &tensor.shape()[1..]].concat(),
        )
    };
    let (values, shape) = pick(of.features());
    let features = Tensor::from_vec(values.iter().map(|&x| x as f32).collect(), &shape).unwrap();
    let (values, shape) = pick(of.targets().unwrap());
    let targets = match of.task().classes() {
        Some(_) => Tensor::from_vec(values.iter().map(|&x| x as i64).collect(), &shape),
        None => Tensor::from_vec(values.iter().map(|&x| x as f32).collect(), &shape),
    };
    Dataset::new(features, Some(targets.unwrap()), of.task().clone()).unwrap()
}

fn assert_same_numbers(a: &Model, b: &Model, tolerance: f64) {
    for (name, tensor) in a.params() {
        assert_close(tensor.to_f64(), b.params()[name].to_f64(), tolerance);
    }
}

#[test]
fn whole_weights_are_repeated_rows() {
    for set in ["iris", "diabetes"] {
        let mut job = Job::new(Preset::Plain, set, &full_batch());
        job.spec.model.scale_target = true;
        let train = &job.data.train;
        let weights: Vec<f32> = (0..train.len()).map(|row| [1.0, 3.0, 2.0, 0.0][row % 4]).collect();
        let repeated: Vec<usize> = (0..train.len())
            .flat_map(|row| vec![row; weights[row] as usize])
            .collect();
        let (a, b) = (on(&job, weighted(train, &weights)), on(&job, rows(train, &repeated)));
        assert_same_numbers(&a.model, &b.model, 1e-4);
        let plain = on(&job, train.clone());
        let (loss, other) = (a.history.epochs[7].train.loss(), plain.history.epochs[7].train.loss());
        assert!((loss - other).abs() > 1e-3 * other, "{set}: weights change nothing");
        for (a, b) in a.history.epochs.iter().zip(&b.history.epochs) {
            assert_close(a.train.loss(), b.train.loss(), 1e-5);
            assert_close(a.train.score().unwrap().1, b.train.score().unwrap().1, 1e-5);
        }
    }
}

#[test]
fn class_weights_are_sample_weights_in_the_loss_alone() {
    for class_weight in ["balanced", "versicolor=3,virginica=0.25"] {
        let class_weight: ClassWeight = class_weight.parse().unwrap();
        let overrides = full_batch().set("class_weight", class_weight.clone());
        // Unequal classes, so that there is something to balance.
        let of = |job: &Job| rows(&job.data.train, &(0..job.data.train.len() - 25).collect::<Vec<_>>());
        let job = Job::new(Preset::Plain, "iris", &overrides);
        let trained = on(&job, of(&job));
        let by_class = on_targets(&of(&job), &class_weight);
        let plain = Job::new(Preset::Plain, "iris", &full_batch());
        let same = on(&plain, weighted(&of(&job), &by_class));
        assert_same_numbers(&trained.model, &same.model, 0.0);
        let (a, b) = (&trained.history.epochs[7].train, &same.history.epochs[7].train);
        assert_eq!(a.loss(), b.loss());
        // Rows that are right are counted as they are.
        let rows = of(&job).len() as f64;
        assert_close((a["accuracy"] * rows).fract(), 0.0, 1e-9);
        assert_ne!(a["accuracy"], b["accuracy"]);
    }
}

/// The weight of each row by its class; `balanced` by hand.
fn on_targets(rows: &Dataset, class_weight: &ClassWeight) -> Vec<f32> {
    let targets = rows.targets().unwrap().to_vec::<i64>().unwrap();
    let of = |class: i64| match class_weight {
        ClassWeight::Each(weights) => {
            let name = &rows.task().classes().unwrap()[class as usize];
            weights.get(name).copied().unwrap_or(1.0) as f32
        }
        ClassWeight::Balanced => {
            let own = targets.iter().filter(|&&other| other == class).count();
            (targets.len() as f64 / (3 * own) as f64) as f32
        }
    };
    targets.iter().map(|&class| of(class)).collect()
}

#[test]
fn class_weights_must_fit_the_classes() {
    let refused = |set: &str, class_weight: &str| {
        let overrides = full_batch().set("class_weight", class_weight);
        let error = Job::new(Preset::Plain, set, &overrides).train(&alone()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        (error.to_string(), error.hint_text().unwrap_or_default().to_owned())
    };
    let (message, hint) = refused("iris", "virginca=2");
    assert_eq!(message, "train.class_weight: there is no class `virginca`");
    assert_eq!(hint, "did you mean `virginica`?");
    let (message, _) = refused("diabetes", "balanced");
    assert!(message.contains("for classification only"), "{message}");
}

#[test]
fn a_batch_of_weight_0_changes_nothing_but_the_step() {
    let overrides = full_batch().set("batch_size", 7).set("epochs", 3);
    let job = Job::new(Preset::Plain, "iris", &overrides);
    let mut weights = vec![0.0; job.data.train.len()];
    weights[5] = 1e30;
    let trained = on(&job, weighted(&job.data.train, &weights));
    assert!(
        trained
            .history
            .epochs
            .iter()
            .all(|epoch| epoch.train.loss().is_finite())
    );
    assert_eq!(trained.history.steps, 3 * 18);
    // The steps of a rule without state are those on the only row that counts.
    let alone_in_it = full_batch().set("epochs", 3);
    let plain = Job::new(Preset::Plain, "iris", &alone_in_it);
    let single = on(&plain, rows(&job.data.train, &[5]));
    assert_same_numbers(&trained.model, &single.model, 1e-6);
}

/// A table of a number, a text, a weight and an answer; `None` for rows of weight 0.
fn table(weight: impl Fn(usize) -> Option<String>) -> String {
    let row = |row: usize| {
        let weight = weight(row)?;
        let (number, text) = ((row * 7) % 23, ["x", "y", "z"][(row * 5 + row / 7) % 3]);
        let answer = if (number + row % 3) % 5 > 1 { "yes" } else { "no" };
        let gap = if row % 11 == 5 {
            String::new()
        } else {
            number.to_string()
        };
        Some(format!("{gap},{text},{weight},{answer}\n"))
    };
    "a,b,w,answer\n".to_owned() + &(0..90).filter_map(row).collect::<String>()
}

fn on_file(content: &str, overrides: &Overrides) -> (tempfile::TempDir, Job) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    fs::write(&path, content).unwrap();
    let options = DataOptions {
        test_fraction: Some(0.2),
        valid_fraction: Some(0.25),
        ..DataOptions::new(path.to_str().unwrap())
    };
    let job = Job::on(Preset::Plain, &options.target("answer").sample_weight("w"), overrides);
    (folder, job)
}

fn short() -> Overrides {
    Overrides::default()
        .set("epochs", 3)
        .set("hidden", [4])
        .set("batch_size", 16)
}

#[test]
fn rows_of_weight_0_have_no_influence() {
    let weight = |row: usize| (1 + row % 4).to_string();
    let with = table(|row| Some(if row % 6 == 1 { "0".to_owned() } else { weight(row) }));
    let without = table(|row| (row % 6 != 1).then(|| weight(row)));
    let (_a, with) = on_file(&with, &short());
    let (_b, without) = on_file(&without, &short());
    let zero = with
        .data
        .warnings
        .iter()
        .find(|warning| warning.kind() == "zero_weight");
    assert_eq!(zero.unwrap().to_string(), "dropped 15 rows of weight 0 in `w`");
    assert!(with.data.summary.contains(&"weights: `w`, 1 to 4".to_owned()));
    let bytes = |job: &Job| job.train(&alone()).unwrap().model.to_bytes().unwrap();
    assert!(bytes(&with) == bytes(&without));
    let (_c, other) = on_file(&table(|row| Some(weight(row))), &short());
    assert!(bytes(&with) != bytes(&other));
}

#[test]
fn figures_are_weighted_where_the_column_is_and_predictions_never_need_it() {
    let (folder, job) = on_file(&table(|row| Some((0.5 + (row % 4) as f64).to_string())), &short());
    assert_eq!(job.data.train.feature_names(), ["a", "a_missing", "b=x", "b=y", "b=z"]);
    let model = job.train(&alone()).unwrap().model;
    let mut predictor = Predictor::new(&model, &alone()).unwrap();
    let test = job.data.test.as_ref().unwrap();
    let again = predictor.evaluate(test).unwrap();
    let figures = &model.metadata().metrics["test"];
    assert_close(again["accuracy"], figures["accuracy"], 1e-6);
    assert_close(again["log_loss"], figures["loss"], 1e-6);
    let unweighted = test.clone().weighted_by(None).unwrap();
    assert_ne!(predictor.evaluate(&unweighted).unwrap()["log_loss"], again["log_loss"]);

    let mut read = |content: &str, purpose| {
        let path = folder.path().join("new.csv");
        fs::write(&path, content).unwrap();
        let about = predictor.table();
        let applied = apply(&about.schema, &about.preprocessing, path.to_str().unwrap(), purpose).unwrap();
        let metrics = applied
            .dataset
            .targets()
            .map(|_| predictor.evaluate(&applied.dataset).unwrap());
        let others = applied
            .warnings
            .iter()
            .filter(|warning| warning.kind() != "missing_values");
        (others.map(ToString::to_string).collect::<Vec<_>>(), metrics)
    };
    let cells = |row: &str, keep: &[usize]| {
        let cells: Vec<&str> = row.split(',').collect();
        keep.iter().map(|&i| cells[i]).collect::<Vec<_>>().join(",") + "\n"
    };
    let whole = table(|row| Some((row % 5).to_string()));
    let without: String = whole.lines().map(|row| cells(row, &[0, 1, 3])).collect();
    let ones = table(|_| Some("1".to_owned()));
    let (warnings, weighted) = read(&whole, Purpose::Evaluate);
    assert_eq!(warnings, ["dropped 18 rows of weight 0 in `w`"]);
    let (warnings, missing) = read(&without, Purpose::Evaluate);
    assert_eq!(
        warnings,
        ["there is no column `w` of sample weights: all rows have the same weight"]
    );
    assert_eq!(read(&ones, Purpose::Evaluate).1, missing);
    assert_ne!(weighted, missing);
    assert!(read(&without, Purpose::Predict).0.is_empty());
    let strange = table(|_| Some("heavy".to_owned()));
    assert!(read(&strange, Purpose::Predict).0.is_empty());
}

#[test]
fn the_unit_of_weights_does_not_matter() {
    let job = Job::new(Preset::Plain, "iris", &full_batch().set("batch_size", 40));
    let trained = |unit: f32| {
        let weights: Vec<f32> = (0..job.data.train.len())
            .map(|row| [1.0, 2.0, 0.5, 3.5][row % 4] * unit)
            .collect();
        on(&job, weighted(&job.data.train, &weights))
    };
    let expected = trained(1.0);
    for unit in [2f32.powi(120), 2f32.powi(-120)] {
        let same = trained(unit);
        assert_same_numbers(&same.model, &expected.model, 0.0);
        assert_eq!(same.history.epochs[7].train, expected.history.epochs[7].train);
    }
}
