//! The perceptron: its rule, the pocket, and whether there is anything to find.

use rosenblatt_data::{DataOptions, load};
use rosenblatt_nn::init::Zeros;
use rosenblatt_nn::layers::{Linear, Sequential};
use rosenblatt_nn::losses::Perceptron;
use rosenblatt_nn::metrics::Accuracy;
use rosenblatt_nn::optimize::{Optimize, OptimizeExt as _};
use rosenblatt_nn::optimizers::{AveragedSgd, Sgd};
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_testkit::{Random, assert_close, fixture, seeded_cases};
use rosenblatt_train::callbacks::EarlyStopping;
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{
    Cancel, CheckpointOptions, Compile as _, Every, Fit, History, Model, PocketResult, RunOptions, Separability, Spec,
    Validation, separability,
};
use serde_json::Value;

use crate::common::alone;

fn numbers(json: &Value) -> Vec<f64> {
    serde_json::from_value(json.clone()).unwrap()
}

/// Rows of so many numbers, and their classes.
fn table(x: &[f64], y: &[i64]) -> (Tensor, Tensor) {
    let x: Vec<f32> = x.iter().map(|&x| x as f32).collect();
    let shape = [y.len(), x.len() / y.len()];
    (
        Tensor::from_vec(x, &shape).unwrap(),
        Tensor::from_slice(y, &[y.len()]).unwrap(),
    )
}

fn table_of(case: &Value) -> (Tensor, Tensor) {
    let y: Vec<i64> = serde_json::from_value(case["y"].clone()).unwrap();
    table(&numbers(&case["x"]), &y)
}

fn perceptron(optimize: Optimize) -> Model {
    let network = Sequential::new().then(Linear::new(1));
    let model = network.compile(Perceptron {}, optimize, [Accuracy {}]).unwrap();
    model.init(Zeros {}, Zeros {})
}

fn passes(epochs: usize) -> Fit {
    Fit {
        pocket: true,
        shuffle: false,
        run: alone(),
        ..Fit::epochs(epochs).batch_size(1)
    }
}

/// Weights, then the bias.
fn weights(model: &Model) -> Vec<f64> {
    let params = model.params();
    [params["layers.0.weight"].to_f64(), params["layers.0.bias"].to_f64()].concat()
}

fn trained(data: &(Tensor, Tensor), fit: &Fit) -> (Model, History, PocketResult) {
    let mut model = perceptron(Sgd::default().lr(1.0));
    let history = model.fit((&data.0, &data.1), fit).unwrap();
    let pocket = history.pocket(data.1.elements()).unwrap().unwrap();
    (model, history, pocket)
}

#[test]
fn weights_and_counts_are_those_of_the_rule_update_by_update() {
    for case in fixture("perceptron.json")["runs"].as_array().unwrap() {
        let data = table_of(case);
        let after = numbers(&case["misclassified"]);
        let (model, history, pocket) = trained(&data, &passes(6));
        assert_eq!(weights(&model), numbers(&case["kept"]));
        assert_eq!(history.curve("misclassified"), after);
        assert_eq!(pocket.mistakes as f64, numbers(&case["mistakes"]).iter().sum::<f64>());
        assert_eq!(
            (pocket.epochs, pocket.separated),
            (after.len(), after.last() == Some(&0.0))
        );
        assert_eq!(
            pocket.misclassified as f64,
            after.iter().copied().fold(f64::MAX, f64::min)
        );

        let mut last = perceptron(Sgd::default().lr(1.0));
        let without = Fit {
            pocket: false,
            ..passes(after.len())
        };
        let history = last.fit((&data.0, &data.1), &without).unwrap();
        assert_eq!(weights(&last), numbers(&case["last"]));
        assert_eq!(history.pocket(data.1.elements()).unwrap(), None);

        let mut averaged = perceptron(AveragedSgd::default().lr(1.0));
        averaged.fit((&data.0, &data.1), &without).unwrap();
        assert_close(weights(&averaged), numbers(&case["average"]), 1e-4);
    }
}

/// Novikoff: from weights of 0, at most (R/γ)² updates; here for rows with a 1 for the bias.
#[test]
fn separable_rows_are_separated_in_few_updates() {
    for seed in seeded_cases(200) {
        let mut random = Random::new(seed);
        let mut number = || (random.below(2001) as f64 - 1000.0) / 1000.0;
        let truth: Vec<f64> = (0..4).map(|_| number()).collect();
        let size = truth.iter().map(|w| w * w).sum::<f64>().sqrt();
        let distance = |x: &[f64]| (x[0] * truth[0] + x[1] * truth[1] + x[2] * truth[2] + truth[3]) / size;
        let rows: Vec<[f64; 3]> = (0..60).map(|_| [number(), number(), number()]).collect();
        let rows: Vec<[f64; 3]> = rows.into_iter().filter(|x| distance(x).abs() > 0.1).collect();
        let y: Vec<i64> = rows.iter().map(|x| i64::from(distance(x) > 0.0)).collect();
        let data = table(&rows.concat(), &y);
        let norm = |x: &[f64; 3]| x.iter().map(|x| x * x).sum::<f64>() + 1.0;
        let margin = rows.iter().map(|x| distance(x).abs()).fold(f64::MAX, f64::min);
        let bound = rows.iter().map(norm).fold(0.0, f64::max) / margin.powi(2);
        let (_, _, pocket) = trained(&data, &passes(1000));
        assert!(pocket.separated && pocket.misclassified == 0, "seed {seed}: {pocket:?}");
        assert!(
            pocket.mistakes as f64 <= bound,
            "seed {seed}: {pocket:?}, at most {bound}"
        );
        assert!(matches!(
            separability(&data.0, &data.1),
            Ok(Separability::Separable { .. })
        ));
    }
}

fn iris(second: i64) -> (Tensor, Tensor) {
    let options = DataOptions::new("iris");
    let train = load(&options, 0).unwrap().train;
    let classes = train.targets().unwrap().to_vec::<i64>().unwrap();
    let y: Vec<i64> = classes.iter().map(|&class| i64::from(class == second)).collect();
    (train.features().clone(), Tensor::from_slice(&y, &[y.len()]).unwrap())
}

#[test]
fn setosa_is_separated_and_versicolor_is_not() {
    let (setosa, versicolor) = (iris(0), iris(1));
    assert!(trained(&setosa, &passes(50)).2.separated);
    let (model, history, pocket) = trained(&versicolor, &passes(50));
    let errors = history.curve("misclassified");
    assert!(!pocket.separated && pocket.epochs == 50);
    assert!(errors.iter().all(|&errors| pocket.misclassified as f64 <= errors));
    let accuracy = model.evaluate((&versicolor.0, &versicolor.1)).unwrap()["accuracy"];
    assert_close((1.0 - accuracy) * 120.0, pocket.misclassified as f64, 1e-9);
    assert_eq!(errors[history.best_epoch - 1], pocket.misclassified as f64);
    let decided = |(x, y): &(Tensor, Tensor)| separability(x, y).unwrap();
    assert!(matches!(decided(&setosa), Separability::Separable { .. }));
    let Separability::NotSeparable { conflicting_rows } = decided(&versicolor) else {
        panic!("versicolor")
    };
    assert!(conflicting_rows.len() <= 6, "{conflicting_rows:?}");
}

#[test]
fn a_run_that_is_resumed_keeps_the_same_weights() {
    let data = iris(1);
    let fit = |run| Fit { run, ..passes(12) };
    let (whole, history, _) = trained(&data, &fit(alone()));
    for step in [1, 130, 700, 1439] {
        let folder = tempfile::tempdir().unwrap();
        let checkpoint = CheckpointOptions {
            every: Every::Steps(1_000_000),
            ..CheckpointOptions::next_to(&folder.path().join("model"))
        };
        let options = RunOptions {
            checkpoint: Some(checkpoint),
            cancel: Cancel::default(),
            ..alone()
        };
        let mut stop = crate::resume::StopAfter {
            step,
            cancel: options.cancel.clone(),
        };
        let mut model = perceptron(Sgd::default().lr(1.0));
        let error = model.fit_with((&data.0, &data.1), &fit(options.clone()), &mut [&mut stop]);
        assert_eq!(error.unwrap_err().kind(), ErrorKind::Cancelled);
        let options = RunOptions {
            resume: true,
            cancel: Cancel::default(),
            ..options
        };
        let (resumed, again, _) = trained(&data, &fit(options));
        assert_eq!(weights(&resumed), weights(&whole), "after {step} steps");
        assert_eq!(again.best_epoch, history.best_epoch);
        assert_eq!(again.curve("misclassified"), history.curve("misclassified"));
    }
}

#[test]
fn linear_programmes_agree_with_scipy() {
    for case in fixture("perceptron.json")["decided"].as_array().unwrap() {
        let (x, y) = table_of(case);
        match separability(&x, &y).unwrap() {
            Separability::Separable { weights, bias, .. } => {
                assert_eq!(case["separable"], true);
                let rows = x.to_f64();
                for (row, class) in rows.chunks_exact(weights.len()).zip(y.to_f64()) {
                    let side = row.iter().zip(&weights).map(|(x, w)| x * w).sum::<f64>() + bias;
                    assert!((side > 0.0) == (class == 1.0) && side != 0.0);
                }
            }
            Separability::NotSeparable { conflicting_rows } => {
                assert_eq!(case["separable"], false);
                assert!(conflicting_rows.len() <= x.shape()[1] + 2);
            }
            other => panic!("{other}"),
        }
    }
}

type Point = [i64; 2];

/// Twice the area of a triangle, with its orientation.
fn area([a, b, c]: [Point; 3]) -> i64 {
    (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])
}

/// Whether a point is in the triangle of others, which may be a segment or a point.
fn inside(p: Point, [a, b, c]: [Point; 3]) -> bool {
    let sides = [area([a, b, p]), area([b, c, p]), area([c, a, p])];
    let between = |x: usize| {
        let all = [a[x], b[x], c[x]];
        all.iter().min() <= Some(&p[x]) && Some(&p[x]) <= all.iter().max()
    };
    let one_side = sides.iter().all(|&side| side >= 0) || sides.iter().all(|&side| side <= 0);
    one_side && between(0) && between(1)
}

/// Whether two segments have a point in common that is inside of both.
fn cross([a, b]: [Point; 2], [c, d]: [Point; 2]) -> bool {
    let apart = |a, b, c, d| area([a, b, c]).signum() * area([a, b, d]).signum() < 0;
    apart(a, b, c, d) && apart(c, d, a, b)
}

/// Kirchberger and Radon: the hulls meet if a point of one class is in a triangle of the other, or two segments cross.
fn hulls_meet(first: &[Point], second: &[Point]) -> bool {
    let holds = |of: &[Point], p: Point| {
        let triangles = of
            .iter()
            .flat_map(|&a| of.iter().flat_map(move |&b| of.iter().map(move |&c| [a, b, c])));
        triangles.into_iter().any(|triangle| inside(p, triangle))
    };
    let segments =
        |of: &[Point]| -> Vec<[Point; 2]> { of.iter().flat_map(|&a| of.iter().map(move |&b| [a, b])).collect() };
    first.iter().any(|&p| holds(second, p))
        || second.iter().any(|&p| holds(first, p))
        || segments(first)
            .iter()
            .any(|&one| segments(second).iter().any(|&other| cross(one, other)))
}

#[test]
fn every_coloring_of_small_sets_of_points_is_decided_as_by_their_hulls() {
    let grid: Vec<Point> = (0..8).map(|i| [i % 3, i / 3]).collect();
    let line: Vec<Point> = vec![[0, 0], [1, 1], [3, 3], [3, 3], [7, 7]];
    let scattered: Vec<Point> = vec![[0, 0], [9, 1], [4, 7], [5, 3], [1, 8], [8, 8], [3, 3]];
    for points in [grid, line, scattered] {
        for colors in 0..1u32 << points.len() {
            let class = |at: usize| (colors >> at) & 1 == 1;
            let of = |second: bool| -> Vec<Point> {
                let all = points.iter().enumerate();
                all.filter(|&(at, _)| class(at) == second)
                    .map(|(_, &point)| point)
                    .collect()
            };
            let x: Vec<f64> = points.concat().iter().map(|&x| x as f64).collect();
            let y: Vec<i64> = (0..points.len()).map(|at| i64::from(class(at))).collect();
            let (x, y) = table(&x, &y);
            let found = separability(&x, &y).unwrap();
            match hulls_meet(&of(false), &of(true)) {
                true => assert!(
                    matches!(found, Separability::NotSeparable { .. }),
                    "{points:?} {colors:b}: {found}"
                ),
                false => assert!(
                    matches!(found, Separability::Separable { .. }),
                    "{points:?} {colors:b}: {found}"
                ),
            }
        }
    }
}

#[test]
fn a_kind_of_model_is_settings_that_others_go_over() {
    let chosen = Overrides::default().set("model", "perceptron").set("epochs", 7);
    let spec = chosen.over(&Spec::default()).unwrap();
    let train = &spec.train;
    assert!(spec.model.layers.is_empty() && train.pocket);
    assert_eq!((train.epochs, train.batch_size, train.learning_rate), (7, 1, 1.0));
    assert_eq!((train.optimizer.name(), spec.model.init.name()), ("sgd", "zeros"));
    // The order does not matter, and the last kind of model counts.
    let other = Overrides::default().set("epochs", 7).set("model", "perceptron");
    assert_eq!(other.over(&Spec::default()).unwrap(), spec);
    let linear = other.set("model", "linear").over(&Spec::default()).unwrap();
    assert_eq!(
        (linear.train.pocket, linear.train.batch_size, linear.train.epochs),
        (false, 32, 7)
    );
    assert_eq!(chosen.preset_of_data(Preset::Auto), Preset::Plain);
}

#[test]
fn what_has_nothing_to_count_is_refused() {
    let data = iris(1);
    let fit = Fit {
        early_stopping: Some(EarlyStopping::after(3)),
        validation: Validation::Fraction(0.2),
        ..passes(2)
    };
    let mut model = perceptron(Sgd::default().lr(1.0));
    let error = model.fit((&data.0, &data.1), &fit).unwrap_err();
    assert!(
        error.to_string().starts_with("pocket: the pocket and early stopping"),
        "{error}"
    );
    let three = Tensor::from_slice(&[0i64, 1, 2], &[3]).unwrap();
    let rows = Tensor::from_vec(vec![0f32; 3], &[3, 1]).unwrap();
    assert_eq!(
        separability(&rows, &three).unwrap_err().to_string(),
        "row 2: expected class 0 or 1, got 2"
    );
    let wrong = separability(&rows, &data.1).unwrap_err();
    assert_eq!(wrong.kind(), ErrorKind::Shape);
}
