//! Learning curves over training rows.

use rosenblatt_data::DataOptions;
use rosenblatt_nn::layers::{Linear, Sequential};
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::metrics::Rmse;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::{Lbfgs, Sgd};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{
    Compile as _, CurveOptions, Data, Fit, LearningCurve, LearningPoint, Metrics, Model, MoreRows, Validation,
    learning_curve, mean_and_std,
};

use crate::common::{Job, alone, dynamic};
use crate::trainer::doubles;

fn model() -> Model {
    let layers = Sequential::new().then(Linear::new(1));
    layers.compile(Mse {}, Sgd::default().lr(0.05), [Rmse {}]).unwrap()
}

fn rows(seed: u64, count: usize) -> Data {
    let x = doubles(seed, &[count, 3]);
    let sum = |row: &[f64]| row.iter().sum::<f64>();
    let y = x.to_f64().chunks(3).map(sum).collect();
    Data::from((&x, &Tensor::from_vec(y, &[count, 1]).unwrap()))
}

fn options(sizes: &[f64], repeats: usize) -> CurveOptions {
    CurveOptions {
        sizes: sizes.to_vec(),
        repeats,
    }
}

fn curve(fit: &Fit, options: &CurveOptions, count: usize) -> rosenblatt_tensor::Result<LearningCurve> {
    model().learning_curve(rows(1, count), fit, options, &mut |_, _| {})
}

fn fit() -> Fit {
    Fit {
        validation: Validation::Data(rows(2, 20)),
        seed: 7,
        run: alone(),
        ..Fit::epochs(3).batch_size(8)
    }
}

/// 50 rows are 7 batches, 20 rows 3: 3 epochs of all rows have 21 batches, as 7 epochs of 20 rows.
#[test]
fn every_point_is_a_fit_on_the_first_rows_of_the_order_of_its_seed() {
    let mut told = Vec::new();
    let found = model().learning_curve(rows(1, 50), &fit(), &options(&[20.0, 1.0, 0.4], 2), &mut |done, all| {
        told.push((done, all));
    });
    let found = found.unwrap();
    assert_eq!(told, [(1, 4), (2, 4), (3, 4), (4, 4)]);
    assert_eq!(found.valid_rows(), 20);
    for (point, (count, epochs)) in found.points().iter().zip([(20, 7), (50, 3)]) {
        assert_eq!((point.rows, point.train.len(), point.valid.len()), (count, 2, 2));
        for repeat in 0..2 {
            let seed = 7 + repeat as u64;
            let mut order = vec![0; 50];
            Rng::new(seed).purpose("learning_curve").permutation(&mut order);
            let some = rows(1, 50).select(&order[..count]).unwrap();
            let mut by_hand = model();
            by_hand.fit(&some, &Fit { seed, epochs, ..fit() }).unwrap();
            assert_eq!(point.train[repeat], by_hand.evaluate(&some).unwrap());
            assert_eq!(point.valid[repeat], by_hand.evaluate(rows(2, 20)).unwrap());
        }
    }
    let run = dynamic();
    assert_eq!(
        curve(&Fit { run, ..fit() }, &options(&[0.4, 1.0], 2), 50).unwrap(),
        found
    );
}

/// An epoch of a solver is an iteration over all rows, however few there are.
#[test]
fn a_solver_has_as_many_iterations_at_each_size() {
    let layers = || Sequential::new().then(Linear::new(1));
    let solved = || layers().compile(Mse {}, Lbfgs::default(), [Rmse {}]).unwrap();
    let fit = Fit {
        batch_size: Fit::default().batch_size,
        ..fit()
    };
    let found = solved().learning_curve(rows(1, 80), &fit, &options(&[0.25, 1.0], 1), &mut |_, _| {});
    let mut order = vec![0; 80];
    Rng::new(7).purpose("learning_curve").permutation(&mut order);
    let some = rows(1, 80).select(&order[..20]).unwrap();
    let mut by_hand = solved();
    by_hand.fit(&some, &fit).unwrap();
    assert_eq!(found.unwrap().points()[0].train[0], by_hand.evaluate(&some).unwrap());
}

/// As `learning_curve` of scikit-learn 1.7 takes them.
#[test]
fn sizes_are_those_of_scikit_learn() {
    let counts = |count| {
        let found = curve(&fit(), &options(&CurveOptions::default().sizes, 1), count).unwrap();
        found.points().iter().map(|point| point.rows).collect::<Vec<_>>()
    };
    assert_eq!(counts(275), [27, 89, 151, 213, 275]);
    assert_eq!(counts(100), [10, 32, 55, 77, 100]);
}

#[test]
fn too_few_rows_and_wrong_options_are_refused() {
    let cases: [(&[f64], usize, &str); 7] = [
        (
            &[0.1, 1.0],
            12,
            "0.1 of 12 training rows leaves 1, and at least 2 are needed",
        ),
        (&[0.5, 13.0], 12, "13 rows, and there are 12 training rows"),
        (&[1.0], 12, "at least two different numbers of rows"),
        (&[], 12, "at least two different numbers of rows"),
        (&[0.5, 6.0], 12, "at least two different numbers of rows"),
        (&[0.5, 2.5], 12, "whole numbers of rows, got `2.5`"),
        (&[-0.5, f64::NAN], 12, "expected shares"),
    ];
    for (sizes, count, expected) in cases {
        let error = curve(&fit(), &options(sizes, 1), count).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        let text = error.to_string();
        assert!(text.starts_with("train_sizes: ") && text.contains(expected), "{text}");
    }
    let error = curve(&fit(), &options(&[0.5, 1.0], 0), 12).unwrap_err().to_string();
    assert!(error.starts_with("repeats: "), "{error}");
    let unheld = Fit {
        validation: Validation::None,
        ..fit()
    };
    let error = curve(&unheld, &options(&[0.5, 1.0], 1), 12).unwrap_err().to_string();
    assert!(error.contains("needs validation rows"), "{error}");
}

/// A curve with these validation losses, one list a size.
fn of_losses(losses: &[&[f64]]) -> LearningCurve {
    let metrics = |loss: &f64| Metrics::from_iter([("loss", *loss)]);
    let point = |(i, losses): (usize, &&[f64])| {
        let mut point = LearningPoint::new(10 * (i + 1));
        point.valid = losses.iter().map(metrics).collect();
        point
    };
    LearningCurve::new(losses.iter().enumerate().map(point).collect(), 5)
}

#[test]
fn more_rows_help_where_the_loss_still_falls() {
    let cases: [(&[&[f64]], Option<MoreRows>); 10] = [
        (&[&[2.0, 2.1], &[1.0, 1.1]], Some(MoreRows::Help)),
        // One repetition has no error.
        (&[&[2.0], &[1.0]], Some(MoreRows::Unclear)),
        (&[&[1.0], &[0.995]], Some(MoreRows::NoHelp)),
        (&[&[1.0], &[1.5]], Some(MoreRows::NoHelp)),
        (&[&[5.0], &[1.0], &[1.0]], Some(MoreRows::NoHelp)),
        // All repetitions fall alike, whatever their level.
        (&[&[1.1, 2.1, 3.1], &[1.0, 2.0, 3.0]], Some(MoreRows::Help)),
        (&[&[1.1, 1.5, 0.8], &[1.0, 1.0, 1.0]], Some(MoreRows::Unclear)),
        // Losses may be negative.
        (&[&[-1.0, -1.1], &[-2.0, -2.1]], Some(MoreRows::Help)),
        (&[&[1.0]], None),
        (&[], None),
    ];
    for (losses, expected) in cases {
        assert_eq!(of_losses(losses).more_rows(), expected, "{losses:?}");
    }
    // Falls of 0.1, 0.3 and 0.2 with mean 0.2 and deviation 0.1, of a mean loss of 2.
    let fall = of_losses(&[&[1.9, 2.1, 2.0], &[1.8, 1.8, 1.8]]).last_fall().unwrap();
    assert_eq!((fall.from, fall.to), (10, 20));
    assert!((fall.share - 0.1).abs() < 1e-15);
    assert!((fall.error.unwrap() - 0.05 / 3f64.sqrt()).abs() < 1e-15);
    assert!(mean_and_std(&[]).0.is_nan());
}

#[test]
fn a_spec_has_the_curve_of_its_model() {
    let overrides = Overrides::default().set("epochs", 2).set("early_stopping", 3);
    let job = Job::on(
        Preset::Plain,
        &DataOptions::new("iris").valid_fraction(0.25),
        &overrides,
    );
    let sizes = options(&[0.2, 1.0], 1);
    let found = learning_curve(&job.spec, &job.data, &alone(), &sizes, &mut |_, _| {}).unwrap();
    let whole = job.data.train.len();
    assert_eq!(found.points()[1].rows, whole);
    assert!(found.points().iter().all(|point| point.valid[0]["accuracy"] > 0.0));
    let mut data = job.data.clone();
    data.valid = None;
    let mut spec = job.spec.clone();
    spec.train.early_stopping = None;
    let error = learning_curve(&spec, &data, &alone(), &sizes, &mut |_, _| {}).unwrap_err();
    assert!(error.hint_text().unwrap().contains("data.valid_fraction"), "{error:?}");
}
