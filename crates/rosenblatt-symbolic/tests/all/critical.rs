//! Critical points: of textbook functions and networks against SciPy (`fixtures/make_critical.py`), of others by hand.

use rosenblatt_autodiff::Var;
use rosenblatt_symbolic::Derivation;
use rosenblatt_symbolic::critical::{CriticalPoint, CriticalPoints, Kind, Search, critical_points, eigenvalues};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_testkit::fixture;
use serde_json::Value;

fn numbers(json: &Value) -> Vec<f64> {
    json.as_array().unwrap().iter().map(|x| x.as_f64().unwrap()).collect()
}

fn boxed(json: &Value) -> Vec<[f64; 2]> {
    let range = |range: &Value| numbers(range).try_into().unwrap();
    json["within"].as_array().unwrap().iter().map(range).collect()
}

/// Of an expression in the default box, or another one for all variables.
fn of(text: &str, within: Option<[f64; 2]>) -> CriticalPoints {
    let derivation = Derivation::new(text).unwrap();
    let within = within.unwrap_or(Derivation::DEFAULT_RANGE);
    let named: Vec<_> = derivation.variables.iter().map(|name| (name.clone(), within)).collect();
    derivation.critical_points(&named, &Search::default()).unwrap()
}

/// All of them and no other.
fn assert_same(name: &str, found: &CriticalPoints, expected: &Value) {
    let expected = expected["points"].as_array().unwrap();
    assert_eq!(found.points.len(), expected.len(), "{name}: {:#?}", found.points);
    for expected in expected {
        let point = numbers(&expected["point"]);
        let distance = |found: &&CriticalPoint| {
            let differences = found.point.iter().zip(&point).map(|(a, b)| (a - b).abs());
            differences.fold(0.0, f64::max)
        };
        let nearest = found
            .points
            .iter()
            .min_by(|a, b| distance(a).total_cmp(&distance(b)))
            .unwrap();
        // A degenerate point of SciPy is known to fewer digits.
        let tolerance = if nearest.degenerate { 1e-9 } else { 1e-12 };
        assert!(distance(&nearest) < tolerance, "{name}: {nearest:?}, {point:?}");
        assert_eq!(nearest.kind.name(), expected["kind"], "{name}: {nearest:?}");
        assert!(nearest.isolated, "{name}: {nearest:?}");
        assert!(
            (nearest.value - expected["value"].as_f64().unwrap()).abs() < 1e-11,
            "{name}: {nearest:?}"
        );
        let theirs = numbers(&expected["eigenvalues"]);
        assert_eq!(
            nearest.eigenvalues.contains(&0.0),
            theirs.contains(&0.0),
            "{name}: {nearest:?}"
        );
        let largest = theirs.iter().fold(1.0, |largest: f64, value| largest.max(value.abs()));
        for (ours, theirs) in nearest.eigenvalues.iter().zip(theirs) {
            assert!((ours - theirs).abs() < 1e-10 * largest, "{name}: {nearest:?}, {theirs}");
        }
    }
}

#[test]
fn textbook_functions() {
    let fixture = fixture("critical.json");
    let functions = fixture["functions"].as_object().unwrap();
    assert!(functions.len() >= 10);
    for (name, expected) in functions {
        let derivation = Derivation::new(expected["expression"].as_str().unwrap()).unwrap();
        let within = derivation
            .variables
            .iter()
            .cloned()
            .zip(boxed(expected))
            .collect::<Vec<_>>();
        let found = derivation.critical_points(&within, &Search::default()).unwrap();
        assert_same(name, &found, expected);
        assert!(!found.may_lack_some(), "{name}");
    }
}

/// Mean squared error of `tanh(x wᵀ) v` on some rows, and 0.02 times the squares of all weights; `w` are the first half of the
/// parameters, `v` the others.
fn loss<'g>(parameters: Var<'g>, rows: &[[f64; 2]]) -> Var<'g> {
    let units = parameters.shape().elements() / 2;
    let column = |i: usize| {
        let column: Vec<[f64; 1]> = rows.iter().map(|row| [row[i]]).collect();
        parameters.graph().constant(Tensor::from(column))
    };
    let w = parameters.slice(0, 0, units).reshape(&[1, units]);
    let v = parameters.slice(0, units, 2 * units).reshape(&[units, 1]);
    let errors = column(0).matmul(w).tanh().matmul(v) - column(1);
    errors.square().mean_all() + 0.02 * parameters.square().sum_all()
}

/// Two layers without biases, with one and two hidden units; permutations and signs of units give equal points.
#[test]
fn networks() {
    for (name, expected) in fixture("critical.json")["networks"].as_object().unwrap() {
        let rows = expected["rows"].as_array().unwrap().iter();
        let rows: Vec<[f64; 2]> = rows.map(|row| numbers(row).try_into().unwrap()).collect();
        let found = critical_points(|x| loss(x, &rows), &boxed(expected), &Search::default()).unwrap();
        assert_same(name, &found, expected);
    }
}

#[test]
fn kinks_and_tails_are_no_critical_points() {
    for text in [
        "abs(x)",
        "max(x, y)",
        "abs(x) + x^2",
        "0.001*abs(x) + x^2",
        "x^2 + abs(y)",
        "x",
        "1/x",
        "exp(x)",
        "tanh(x)",
        "ln(x)",
        "softplus(x)",
    ] {
        let found = of(text, None);
        assert!(
            found.points.is_empty() && found.last_found == 0,
            "{text}: {:?}",
            found.points
        );
    }
    // The gradient at the border is 10⁻¹⁰ and 10⁻⁴² of the largest one.
    for width in [5.0, 10.0] {
        assert_eq!(of("exp(-x^2)", Some([-width, width])).points.len(), 1);
    }
    // A smooth function of a kink.
    assert_eq!(of("abs(x)^3", None).points[0].kind, Kind::Minimum);
}

#[test]
fn curves_of_critical_points_are_not_isolated() {
    let kinds = |text: &str| {
        let found = of(text, None);
        let one = |isolated: bool| {
            let mut kinds: Vec<Kind> = found
                .points
                .iter()
                .filter(|p| p.isolated == isolated)
                .map(|p| p.kind)
                .collect();
            kinds.dedup();
            kinds
        };
        assert_eq!(found.not_isolated > 0, !one(false).is_empty());
        assert!(found.points.iter().all(|point| point.isolated || point.degenerate));
        (
            one(true),
            one(false),
            found.points.len() <= 4 * CriticalPoints::MAX_NOT_ISOLATED,
        )
    };
    assert_eq!(kinds("(x*y)^2"), (vec![], vec![Kind::Minimum], true));
    assert_eq!(
        kinds("(x^2 + y^2 - 1)^2"),
        (vec![Kind::Maximum], vec![Kind::Minimum], true)
    );
    assert_eq!(kinds("sin(x + y)"), (vec![], vec![Kind::Minimum, Kind::Maximum], true));
    assert_eq!(kinds("x^2*y").1, [Kind::Minimum, Kind::Saddle, Kind::Maximum]);
    assert_eq!(kinds("0*x"), (vec![], vec![Kind::Flat], true));
    assert_eq!(kinds("-relu(x)^2").1, [Kind::Maximum, Kind::Flat]);
}

/// Points that are 10⁻⁵ of the box apart, and places without a value.
#[test]
fn near_points_are_told_apart() {
    let places = |text: &str| of(text, None).points.iter().map(|p| p.point[0]).collect::<Vec<_>>();
    // No start is near enough to the maximum between them.
    assert_eq!(places("(x - 1)^2*(x - 1.0001)^2"), [1.0, 1.0001]);
    let pitchfork = places("x^4 - 1e-6*x^2");
    let half: f64 = 5e-7;
    assert_eq!(pitchfork.len(), 3, "{pitchfork:?}");
    assert!(
        (pitchfork[1] - half.sqrt()).abs() < 1e-12 && pitchfork[2] == 0.0,
        "{pitchfork:?}"
    );
    let sinc = places("sin(x)/x");
    assert!(
        sinc.len() == 2 && (sinc[1] - 4.493_409_457_909_064).abs() < 1e-14,
        "{sinc:?}"
    );
}

#[test]
fn degenerate_points_are_decided_by_values() {
    for (text, kind, index) in [
        ("x^4 + y^4", Kind::Minimum, 0),
        ("-x^4", Kind::Maximum, 0),
        ("x^2 - y^4", Kind::Saddle, 0),
        ("x^2 + y^4", Kind::Minimum, 0),
        ("y^4 - x^2 - z^2", Kind::Saddle, 2),
        ("x^4 + y^4 - z^4", Kind::Saddle, 0),
        ("x^20", Kind::Minimum, 0),
        ("(x - pi)^4 + y^2", Kind::Minimum, 0),
        ("(x - sqrt(2))^3 + (x - y)^2", Kind::Saddle, 0),
        ("x^6 - 6*x^5 + 15*x^4 - 20*x^3 + 15*x^2 - 6*x + 1", Kind::Minimum, 0),
    ] {
        let found = of(text, None);
        let [point] = &found.points[..] else {
            panic!("{text}: {:?}", found.points)
        };
        assert_eq!(
            (point.kind, point.degenerate, point.index),
            (kind, true, index),
            "{text}: {point:?}"
        );
    }
}

/// Squares and 0, multiplied out: where they are 0, terms cancel, and what is left differs from 0 by rounding errors of both signs.
#[test]
fn rounding_errors_around_a_point_do_not_decide() {
    for (text, kind) in [
        ("x^2 - 2*x*y + y^2", Kind::Minimum),
        ("x^4 - 2*x^2*y^2 + y^4", Kind::Minimum),
        ("x^2 - 6*x*y + 9*y^2", Kind::Minimum),
        // Where sin(y) hardly changes, the rounding error is the same over many numbers.
        ("x^2 + 2*x*sin(y) + sin(y)^2", Kind::Minimum),
        ("x^2 + y^2 + z^2 - 2*x*y - 2*x*z + 2*y*z", Kind::Minimum),
        ("(x + y)^2 - x^2 - 2*x*y - y^2", Kind::Flat),
    ] {
        let derivation = Derivation::new(text).unwrap();
        for seed in 0..3 {
            let search = Search {
                seed,
                ..Search::default()
            };
            let found = derivation.critical_points(&[], &search).unwrap();
            assert!(!found.points.is_empty(), "{text}, seed {seed}");
            for point in &found.points {
                assert_eq!(point.kind, kind, "{text}, seed {seed}: {point:?}");
            }
        }
    }
}

/// A function times a number, and variables in other units.
#[test]
fn scales_do_not_matter() {
    for factor in ["1e200", "1e-200", "-1e-300"] {
        let found = of(&format!("{factor}*(x^4/4 - x^2/2 + y^2)"), None);
        let mut kinds: Vec<Kind> = found.points.iter().map(|point| point.kind).collect();
        if factor.starts_with('-') {
            kinds.reverse();
            kinds
                .iter_mut()
                .filter(|kind| **kind == Kind::Maximum)
                .for_each(|kind| *kind = Kind::Minimum);
        }
        assert_eq!(
            kinds,
            [Kind::Minimum, Kind::Minimum, Kind::Saddle],
            "{factor}: {:?}",
            found.points
        );
    }
    let derivation = Derivation::new("(x/1e6)^4/4 - (x/1e6)^2/2 + (1e6*y)^2").unwrap();
    let within = [("x".to_owned(), [-5e6, 5e6]), ("y".to_owned(), [-5e-6, 5e-6])];
    let found = derivation.critical_points(&within, &Search::default()).unwrap();
    let places: Vec<_> = found
        .points
        .iter()
        .map(|point| (&point.point[..], point.kind))
        .collect();
    assert_eq!(
        places,
        [
            (&[-1e6, 0.0][..], Kind::Minimum),
            (&[1e6, 0.0], Kind::Minimum),
            (&[0.0, 0.0], Kind::Saddle)
        ]
    );
}

#[test]
fn a_search_is_repeated_to_the_bit_and_other_starts_find_the_same() {
    let search = |seed: u64| {
        let search = Search {
            seed,
            ..Search::default()
        };
        critical_points(
            |x| x.at(0).sin() * x.at(1).cos() + 0.1 * x.at(0).square(),
            &[[-4.0, 4.0]; 2],
            &search,
        )
        .unwrap()
    };
    let [first, again, other] = [0, 0, 7].map(search);
    assert_eq!(first, again);
    assert_eq!(first.points.len(), other.points.len());
    for (a, b) in first.points.iter().zip(&other.points) {
        assert_eq!(a.kind, b.kind);
        assert!((a.value - b.value).abs() < 1e-12);
    }
    let few = Search { starts: 3, seed: 0 };
    let few = critical_points(|x| x.at(0).sin(), &[[0.0, 100.0]], &few).unwrap();
    assert!(few.starts == 3 && few.max_starts == 3 && few.may_lack_some() && few.points.len() < 31);
}

#[test]
fn what_is_no_box_or_no_function_is_refused() {
    let derivation = Derivation::new("x*y").unwrap();
    let refused = |text: &str, within: &[(&str, [f64; 2])]| {
        let within: Vec<_> = within
            .iter()
            .map(|(name, range)| ((*name).to_owned(), *range))
            .collect();
        let refused = Derivation::new(text)
            .unwrap()
            .critical_points(&within, &Search::default());
        refused.unwrap_err().message().to_owned()
    };
    assert_eq!(refused("5", &[]), "expected an expression with a variable");
    assert_eq!(refused("[x, y]", &[]), "expected one expression, got 2");
    assert_eq!(
        refused("x", &[("y", [0.0, 1.0])]),
        "expected a variable of the expression, got `y`"
    );
    assert_eq!(
        refused("x", &[("x", [1.0, 1.0])]),
        "expected a range of `x` from a number to a larger one, got 1..1"
    );
    assert_eq!(
        refused("x", &[("x", [f64::NAN, 1.0])]),
        "expected a range of `x` from a number to a larger one, got NaN..1"
    );
    assert_eq!(
        refused("ln(-x^2)", &[]),
        "the expression or its second derivatives are finite nowhere in the box"
    );
    assert!(derivation.critical_points(&[], &Search::default()).is_ok());
    let vector = critical_points(|x| x.sin(), &[[0.0, 1.0]; 2], &Search::default());
    assert_eq!(vector.unwrap_err().kind(), ErrorKind::Shape);
}

/// `H = Q diag(λ) Qᵀ` with known λ, and a random reflection `Q = I − 2 v vᵀ / vᵀv`.
#[test]
fn eigenvalues_are_those_the_matrix_is_made_of() {
    for n in 1..8 {
        let mut random = Rng::new(n as u64).stream();
        let v: Vec<f64> = (0..n).map(|_| random.normal()).collect();
        let square: f64 = v.iter().map(|v| v * v).sum();
        let lambda: Vec<f64> = (0..n).map(|i| i as f64 - 1.5).collect();
        let q = |i: usize, j: usize| f64::from(u8::from(i == j)) - 2.0 * v[i] * v[j] / square;
        let entry = |i: usize| (0..n).map(|k| q(i / n, k) * lambda[k] * q(i % n, k)).sum::<f64>();
        let h = Tensor::new((0..n * n).map(entry).collect::<Vec<f64>>(), &[n, n]).unwrap();
        for (ours, true_value) in eigenvalues(&h).unwrap().iter().zip(&lambda) {
            assert!((ours - true_value).abs() < 1e-13, "{n}: {ours} {true_value}");
        }
    }
    assert_eq!(eigenvalues(&[[0.0; 2]; 2].into()).unwrap(), [0.0, 0.0]);
    assert_eq!(eigenvalues(&[[1e300, 0.0], [0.0, 1e-300]].into()).unwrap()[1], 1e300);
    assert!(eigenvalues(&[[1.0, 2.0]].into()).is_err() && eigenvalues(&[[f64::NAN]].into()).is_err());
}
