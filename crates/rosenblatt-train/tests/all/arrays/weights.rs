//! Weights of rows and classes, validation, early stopping, warm start, rows that are read.

use rosenblatt_nn::layers::{Linear, Sequential};
use rosenblatt_nn::losses::{CrossEntropy, Mse};
use rosenblatt_nn::metrics::Accuracy;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_tensor::{DType, Result, Tensor};
use rosenblatt_train::callbacks::EarlyStopping;
use rosenblatt_train::{BatchSource, ClassWeights, Compile as _, Data, Fit, Metrics, Model, Validation};

use super::{bits, classes, classifier, close, fit, hidden};
use crate::trainer::{classes as random_classes, doubles, numbers};

/// A linear regression in f64.
fn line() -> Model {
    let layers = Sequential::new().then(Linear::new(1));
    let no_metrics: [Accuracy; 0] = [];
    let model = layers.compile(Mse {}, Sgd::default().lr(0.1), no_metrics).unwrap();
    model.with_dtype(DType::F64).unwrap()
}

fn all_values(model: &Model) -> Vec<f64> {
    model.params().values().flat_map(Tensor::to_f64).collect()
}

#[test]
fn weights_of_rows_are_repetitions() {
    let (x, y) = (doubles(1, &[10, 2]), doubles(2, &[10]));
    let weights: Vec<f32> = (0..10).map(|i| [1.0, 3.0, 0.0][i % 3]).collect();
    let repeated: Vec<u64> = (0..10)
        .flat_map(|row| vec![row; weights[row as usize] as usize])
        .collect();
    let weighted = Data::from((&x, &y)).weighted(Tensor::from_vec(weights, &[10]).unwrap());
    let repeated = Data::from((&x, &y)).select(&repeated).unwrap();
    let fitted = |data: &Data| {
        let mut model = line();
        let whole = Fit {
            epochs: 5,
            batch_size: 100,
            ..fit()
        };
        let history = model.fit(data, &whole).unwrap();
        (
            all_values(&model),
            history.curve("loss"),
            model.evaluate(data).unwrap().loss(),
        )
    };
    let (weighted, repeated) = (fitted(&weighted), fitted(&repeated));
    close(&weighted.0, &repeated.0, 1e-12);
    close(&weighted.1, &repeated.1, 1e-12);
    close(&[weighted.2], &[repeated.2], 1e-12);
}

#[test]
fn weights_of_classes_are_weights_of_their_rows() {
    let (x, y) = classes();
    let each = [0.5, 2.0, 1.0];
    let of_rows = y
        .to_vec::<i64>()
        .unwrap()
        .iter()
        .map(|&class| each[class as usize] as f32)
        .collect();
    let of_rows = Tensor::from_vec(of_rows, &[50]).unwrap();
    let new = || classifier(hidden().then(Linear::new(3)));
    let (mut by_class, mut by_row) = (new(), new());
    let with_classes = |weights| Fit {
        class_weight: Some(weights),
        ..fit()
    };
    by_class
        .fit((&x, &y), &with_classes(ClassWeights::Each(each.to_vec())))
        .unwrap();
    by_row.fit((&x, &y, &of_rows), &fit()).unwrap();
    assert_eq!(bits(by_class.params()), bits(by_row.params()));

    let counts = [0, 1, 2].map(|class| y.to_vec::<i64>().unwrap().iter().filter(|&&y| y == class).count());
    let balanced = counts.map(|count| 50.0 / (3.0 * count as f64)).to_vec();
    let (mut balanced_by, mut by_hand) = (new(), new());
    let bytes = Tensor::from_vec(y.to_f64().into_iter().map(|class| class as u8).collect(), &[50]).unwrap();
    balanced_by
        .fit((&x, &bytes), &with_classes(ClassWeights::Balanced))
        .unwrap();
    by_hand
        .fit((&x, &y), &with_classes(ClassWeights::Each(balanced)))
        .unwrap();
    assert_eq!(bits(balanced_by.params()), bits(by_hand.params()));
}

/// Rows of arrays that claim not to be in memory.
struct Streamed(Data);

impl BatchSource for Streamed {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn rows(&self, rows: &[u64]) -> Result<Data> {
        self.0.select(rows)
    }
}

#[test]
fn rows_that_are_read_give_the_bits_of_rows_in_memory() {
    let (x, y) = classes();
    let weights = Tensor::from_vec((0..50).map(|i| (i % 4) as f32).collect(), &[50]).unwrap();
    let plain = Data::from((&x, &y));
    for data in [plain.clone(), plain.weighted(weights)] {
        for execution in [
            rosenblatt_train::Execution::Static,
            rosenblatt_train::Execution::Dynamic,
        ] {
            let mut fit = fit();
            fit.run.execution = execution;
            fit.class_weight = Some(ClassWeights::Each(vec![1.0, 0.5, 2.0]));
            fit.validation = Validation::from((&x, &y));
            let run = |source: &dyn BatchSource| {
                let mut model = classifier(hidden().then(Linear::new(3)));
                let history = model.fit_source(source, &fit, &mut []).unwrap();
                (bits(model.params()), history.curve("loss"), history.curve("valid.loss"))
            };
            assert!(run(&data) == run(&Streamed(data.clone())));
        }
    }
}

#[test]
fn validation_is_a_share_or_rows_of_its_own() {
    let (x, y) = classes();
    let run = |validation: Validation, seed| {
        let mut model = classifier(hidden().then(Linear::new(3)));
        let history = model
            .fit(
                (&x, &y),
                &Fit {
                    validation,
                    seed,
                    ..fit()
                },
            )
            .unwrap();
        (bits(model.params()), history)
    };
    let (params, history) = run(Validation::Fraction(0.3), 5);
    // 35 rows are left: three batches an epoch.
    assert_eq!(history.steps, 4 * 3);
    for name in ["loss", "accuracy", "valid.loss", "valid.accuracy"] {
        assert_eq!(history.curve(name).len(), 4, "{name}");
    }
    assert!(history.curve("test.loss").is_empty());
    assert_eq!(history.best_epoch, 4);
    assert!(run(Validation::Fraction(0.3), 5).0 == params);
    assert!(run(Validation::Fraction(0.3), 6).0 != params);
    let (with_rows, history) = run(Validation::from((&x, &y)), 5);
    assert_eq!(history.steps, 4 * 4);
    assert!(
        with_rows == run(Validation::None, 5).0,
        "validation must not touch training"
    );
}

#[test]
fn early_stopping_keeps_the_best_epoch_of_any_metric() {
    let (x, y) = classes();
    let (other_x, other_y) = (numbers(8, &[30, 4]), random_classes(9, 3, &[30]));
    let mut model = classifier(hidden().then(Linear::new(3)));
    let fit = Fit {
        epochs: 200,
        validation: Validation::from((&other_x, &other_y)),
        early_stopping: Some(EarlyStopping::after(3).on("valid.accuracy")),
        ..fit()
    };
    let history = model.fit((&x, &y), &fit).unwrap();
    let curve = history.curve("valid.accuracy");
    let best = (0..curve.len())
        .rev()
        .max_by(|&i, &j| curve[i].total_cmp(&curve[j]))
        .unwrap();
    assert_eq!((history.best_epoch, curve.len()), (best + 1, best + 4));
    assert!(curve.len() < 200);
    let metrics: Metrics = model.evaluate((&other_x, &other_y)).unwrap();
    assert_eq!(metrics["accuracy"], curve[best]);
    assert_eq!(model.metadata().epoch, best + 1);
}

#[test]
fn a_second_fit_goes_on() {
    let data = Data::from((&doubles(1, &[10, 2]), &doubles(2, &[10])));
    let epochs = |epochs| Fit {
        epochs,
        batch_size: 10,
        ..fit()
    };
    let (mut once, mut twice) = (line(), line());
    once.fit(&data, &epochs(6)).unwrap();
    twice.fit(&data, &epochs(4)).unwrap();
    let before = all_values(&twice);
    twice.fit(&data, &epochs(2)).unwrap();
    // Rows come in another order in the last epochs, so only to rounding.
    close(&all_values(&twice), &all_values(&once), 1e-13);
    assert_ne!(all_values(&twice), before);
}

#[test]
fn a_first_fit_that_fails_leaves_no_trace() {
    let (x, y) = classes();
    let mut model = classifier(hidden().then(Linear::new(3)));
    let wrong = [
        Fit {
            epochs: 0,
            seed: 1,
            ..fit()
        },
        Fit {
            class_weight: Some(ClassWeights::Each(vec![1.0])),
            seed: 1,
            ..fit()
        },
    ];
    for fit in wrong {
        model.fit((&x, &y), &fit).unwrap_err();
        assert!(model.params().is_empty() && model.input_types().is_empty());
    }
    model.fit((&x, &y), &fit()).unwrap();
    let mut other = classifier(hidden().then(Linear::new(3)));
    other.fit((&x, &y), &fit()).unwrap();
    assert_eq!(bits(model.params()), bits(other.params()));
}

#[test]
fn evaluation_does_not_depend_on_the_size_of_batches() {
    let (x, y) = classes();
    let layers = hidden().then(Linear::new(3));
    let mut model = layers
        .compile(CrossEntropy::default(), Sgd::default(), [Accuracy {}])
        .unwrap();
    model.fit((&x, &y), &fit()).unwrap();
    let expected = model.evaluate((&x, &y)).unwrap();
    for size in [1, 7, 49, 50, 1000] {
        let metrics = model.evaluate_batched((&x, &y), size).unwrap();
        assert_eq!(metrics["accuracy"], expected["accuracy"]);
        close(&[metrics["loss"]], &[expected["loss"]], 1e-6);
    }
}
