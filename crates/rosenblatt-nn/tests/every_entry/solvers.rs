//! L-BFGS: standard problems against SciPy (`fixtures/make_solvers.py`), and where it ends.

use rosenblatt_autodiff::{Graph, Var, reverse};
use rosenblatt_nn::Optimizer as _;
use rosenblatt_nn::optimizers::Lbfgs;
use rosenblatt_nn::solvers::{Ended, Moved, Point, Solver};
use rosenblatt_tensor::{ErrorKind, Result, Tensor};
use rosenblatt_testkit::fixture;
use serde_json::Value;

type Function = for<'g> fn(&[Var<'g>]) -> Var<'g>;

fn sum<'g>(terms: impl IntoIterator<Item = Var<'g>>) -> Var<'g> {
    terms.into_iter().reduce(|sum, term| sum + term).unwrap()
}

fn rosenbrock<'g>(a: Var<'g>, b: Var<'g>) -> Var<'g> {
    (b - a * a).square() * 100.0 + (a - 1.0).square()
}

const PROBLEMS: [(&str, Function); 10] = [
    ("rosenbrock", |x| rosenbrock(x[0], x[1])),
    ("freudenstein_roth", |x| {
        let first = x[0] - 13.0 + ((x[1] * -1.0 + 5.0) * x[1] - 2.0) * x[1];
        first.square() + (x[0] - 29.0 + ((x[1] + 1.0) * x[1] - 14.0) * x[1]).square()
    }),
    ("beale", |x| {
        let powers = [x[1], x[1] * x[1], x[1] * x[1] * x[1]];
        sum([1.5, 2.25, 2.625]
            .into_iter()
            .zip(powers)
            .map(|(c, power)| (x[0] * (power - 1.0) + c).square()))
    }),
    ("powell_singular", |x| {
        let fourths = (x[1] - x[2] * 2.0).square().square() + (x[0] - x[3]).square().square() * 10.0;
        (x[0] + x[1] * 10.0).square() + (x[2] - x[3]).square() * 5.0 + fourths
    }),
    ("wood", |x| {
        let second = (x[3] - x[2] * x[2]).square() * 90.0 + (x[2] - 1.0).square();
        let both = (x[1] + x[3] - 2.0).square() * 10.0 + (x[1] - x[3]).square() * 0.1;
        rosenbrock(x[0], x[1]) + second + both
    }),
    ("extended_rosenbrock", |x| {
        sum(x.chunks(2).map(|pair| rosenbrock(pair[0], pair[1])))
    }),
    ("chained_rosenbrock", |x| {
        sum(x.windows(2).map(|pair| rosenbrock(pair[0], pair[1])))
    }),
    ("himmelblau", |x| {
        (x[0] * x[0] + x[1] - 11.0).square() + (x[0] + x[1] * x[1] - 7.0).square()
    }),
    ("dixon_price", |x| {
        let terms = (1..x.len()).map(|i| (x[i] * x[i] * 2.0 - x[i - 1]).square() * (i + 1) as f64);
        (x[0] - 1.0).square() + sum(terms)
    }),
    ("trid", |x| {
        sum(x.iter().map(|&x| (x - 1.0).square())) - sum(x.windows(2).map(|pair| pair[0] * pair[1]))
    }),
];

/// Value and gradient by the engine.
fn value_and_gradient(f: Function, x: &[f64]) -> Result<(f64, Vec<f64>)> {
    let graph = Graph::dynamic();
    let x: Vec<_> = x.iter().map(|&x| graph.constant(Tensor::from(x))).collect();
    let y = f(&x);
    let gradients = reverse::gradients(y, &x);
    let gradient = gradients
        .into_iter()
        .map(|g| g.value()?.item())
        .collect::<Result<_>>()?;
    Ok((y.value()?.item()?, gradient))
}

#[test]
fn standard_problems_are_solved_with_as_few_evaluations_as_scipy() {
    let expected = fixture("solvers.json");
    for (name, f) in PROBLEMS {
        let start: Vec<f64> = serde_json::from_value(expected[name]["start"].clone()).unwrap();
        let number = |key: &str| expected[name][key].as_f64().unwrap();
        let mut values = Vec::new();
        let solver = Lbfgs {
            tolerance_grad: 1e-9,
            ..Lbfgs::default()
        };
        let minimum = solver.minimize(&start, 15_000, |x| {
            let found = value_and_gradient(f, x)?;
            values.push(found.0);
            Ok(found)
        });
        let minimum = minimum.unwrap();
        assert_eq!(
            (minimum.evaluations, minimum.ended),
            (values.len(), Ended::Gradient),
            "{name}"
        );
        assert!(
            (minimum.value - number("fun")).abs() <= 1e-8,
            "{name}: {}",
            minimum.value
        );
        let close = number("minimum") + 1e-8;
        let evaluations = 1 + values.iter().position(|&value| value <= close).unwrap();
        let scipy = number("evaluations");
        println!("{name}: {evaluations} evaluations, SciPy {scipy}");
        assert!(
            evaluations as f64 <= 1.2 * scipy,
            "{name}: {evaluations}, SciPy {scipy}"
        );
    }
    assert_eq!(expected.as_object().map(serde_json::Map::len), Some(PROBLEMS.len()));
}

#[test]
fn it_ends_where_it_starts_if_that_is_a_minimum_and_after_as_many_iterations_as_allowed() {
    let square = |x: &[f64]| Ok((x.iter().map(|x| x * x).sum(), x.iter().map(|x| 2.0 * x).collect()));
    for start in [&[][..], &[0.0], &[0.0, 0.0]] {
        let minimum = Lbfgs::default().minimize(start, 100, square).unwrap();
        assert_eq!(
            (minimum.iterations, minimum.evaluations, minimum.ended),
            (0, 1, Ended::Gradient)
        );
    }
    let minimum = Lbfgs::default().minimize(&[5.0, -3.0], 1, square).unwrap();
    assert_eq!((minimum.iterations, minimum.ended), (1, Ended::Iterations));
    // A gradient that points uphill.
    let wrong = |x: &[f64]| Ok((x[0] * x[0], vec![-2.0 * x[0]]));
    let minimum = Lbfgs::default().minimize(&[1.0], 100, wrong).unwrap();
    assert_eq!((minimum.x[0], minimum.ended), (1.0, Ended::NoProgress));
}

#[test]
fn a_step_outside_the_domain_is_shortened() {
    // −ln x + 100 x, whose first steps lead far below 0.
    let f = |x: &[f64]| Ok((100.0 * x[0] - libm::log(x[0]), vec![100.0 - 1.0 / x[0]]));
    for start in [1e-3, 0.5, 100.0] {
        let minimum = Lbfgs::default().minimize(&[start], 100, f).unwrap();
        assert!((minimum.x[0] - 0.01).abs() < 1e-9, "{start}: {minimum:?}");
    }
}

#[test]
fn a_line_search_that_runs_out_of_evaluations_takes_the_best_point() {
    let start = [-1.2, 1.0];
    let f = |x: &[f64]| value_and_gradient(PROBLEMS[0].1, x);
    let solver = Lbfgs {
        max_evaluations: 2,
        ..Lbfgs::default()
    };
    let minimum = solver.minimize(&start, 1000, f).unwrap();
    assert!(minimum.value < f(&start).unwrap().0 / 10.0, "{minimum:?}");
}

#[test]
fn what_cannot_be_minimized_is_refused() {
    let kind = |solver: Lbfgs, f: fn(&[f64]) -> (f64, Vec<f64>)| {
        solver.minimize(&[1.0, 2.0], 100, |x| Ok(f(x))).unwrap_err().kind()
    };
    assert_eq!(
        kind(Lbfgs::default(), |_| (f64::NAN, vec![0.0; 2])),
        ErrorKind::NotFinite
    );
    assert_eq!(
        kind(Lbfgs::default(), |_| (0.0, vec![0.0, f64::INFINITY])),
        ErrorKind::NotFinite
    );
    assert_eq!(kind(Lbfgs::default(), |_| (0.0, vec![0.0])), ErrorKind::Shape);
    for key in ["history_size", "max_evaluations", "tolerance_grad"] {
        let mut fields = Value::Object(serde_json::Map::new());
        fields[key] = if key == "tolerance_grad" {
            (-1.0).into()
        } else {
            0.into()
        };
        let solver: Lbfgs = serde_json::from_value(fields).unwrap();
        assert_eq!(kind(solver, |_| (0.0, vec![0.0; 2])), ErrorKind::Config, "{key}");
    }
}

#[test]
fn it_goes_on_from_what_it_keeps_with_the_same_bits() {
    let settings = Lbfgs {
        history_size: 3,
        ..Lbfgs::default()
    };
    let (_, f) = PROBLEMS[0];
    let mut evaluate = |x: &mut [f64]| value_and_gradient(f, x);
    let mut solver = settings.solver().unwrap();
    let mut point = Point::at(vec![-1.2, 1.0], &mut evaluate).unwrap();
    let mut goes_on = true;
    while goes_on {
        let mut resumed: Box<dyn Solver> = settings.solver().unwrap();
        resumed.put(solver.kept()).unwrap();
        assert_eq!(resumed.kept(), solver.kept());
        let mut other = point.clone();
        assert_eq!(
            resumed.iterate(&mut other, &mut evaluate).unwrap(),
            solver.iterate(&mut point, &mut evaluate).unwrap()
        );
        assert_eq!(other, point);
        goes_on = !solver.is_minimum(&point);
    }
    assert_eq!(solver.kept().len(), 6);
    for (name, says) in [("x.3", "`x.3`"), ("x.0", "x.0"), ("y", "`y`")] {
        let error = settings
            .solver()
            .unwrap()
            .put([(name.to_owned(), vec![1.0, 2.0])].into())
            .unwrap_err();
        assert!(
            error.kind() == ErrorKind::Data && error.to_string().contains(says),
            "{error:?}"
        );
    }
}

/// f32 in place of f64: what is found is where the function was evaluated.
#[test]
fn points_that_are_rounded_before_they_are_evaluated_are_the_points_that_are_found() {
    let (_, f) = PROBLEMS[0];
    let mut evaluate = |x: &mut [f64]| {
        x.iter_mut().for_each(|x| *x = f64::from(*x as f32));
        value_and_gradient(f, x)
    };
    let mut solver = Lbfgs::default().solver().unwrap();
    let mut point = Point::at(vec![-1.2, 1.0], &mut evaluate).unwrap();
    while !solver.is_minimum(&point) && solver.iterate(&mut point, &mut evaluate).unwrap() == Moved::Down {
        assert!(point.x.iter().all(|x| f64::from(*x as f32) == *x), "{point:?}");
        assert_eq!(
            value_and_gradient(f, &point.x).unwrap(),
            (point.value, point.gradient.clone())
        );
    }
    assert!(point.value < 1e-12, "{point:?}");
}
