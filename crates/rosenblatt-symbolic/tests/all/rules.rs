//! Rules of differentiation and simplification, each by hand.

use rosenblatt_autodiff::{Graph, reverse};
use rosenblatt_symbolic::functions::FUNCTIONS;
use rosenblatt_symbolic::{Expression, derivative, parse, simplify};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{Tolerance, assert_close};

fn short(text: &str) -> String {
    simplify(&parse(text).unwrap()).to_string()
}

fn by_x(text: &str) -> String {
    simplify(&derivative(&parse(text).unwrap(), "x").unwrap()).to_string()
}

#[test]
fn derivatives_by_hand() {
    for (f, derivative) in [
        ("y", "0"),
        ("x", "1"),
        ("-x", "-1"),
        ("x*(x + y)", "2*x + y"),
        ("x^3 - 2*x", "3*x^2 - 2"),
        ("1/x", "-1/x^2"),
        ("y/(1 + x)", "-y/(1 + x)^2"),
        ("x^y", "y*x^(y - 1)"),
        ("y^x", "y^x*ln(y)"),
        ("x^x", "x^x + x^x*ln(x)"),
        ("0^x", "0"),
        ("e^x", "e^x"),
        ("exp(3*x)", "3*exp(3*x)"),
        ("ln(x^2)", "2/x"),
        ("sqrt(x)", "1/(2*sqrt(x))"),
        ("sin(x)*cos(x)", "cos(x)^2 - sin(x)^2"),
        ("sigmoid(x)", "sigmoid(x)*(1 - sigmoid(x))"),
        ("tanh(x)", "1 - tanh(x)^2"),
        ("max(x, x)", "1"),
        ("relu(2*x)", "2*is_positive(2*x)"),
        ("abs(x)", "sign(x)"),
        ("square(x)", "2*x"),
    ] {
        assert_eq!(by_x(f), derivative, "{f}");
    }
}

#[test]
fn simplified_by_hand() {
    for (text, expected) in [
        ("0*x + 1*y - 0", "y"),
        ("x - x", "0"),
        ("x*y + 2*y*x", "3*x*y"),
        ("exp(x + y) - exp(y + x)", "0"),
        ("x*x^2/x", "x^2"),
        ("x^0 + x^1", "1 + x"),
        ("2*(x + y) - 2*x", "2*y"),
        ("x*(1 + y)", "x*(1 + y)"),
        ("1/3 + 1/6", "1/2"),
        ("0.1 + 0.2", "0.30000000000000004"),
        ("6*x/4", "3*x/2"),
        ("(2*x*y)^3", "8*x^3*y^3"),
        ("(x^2)^3", "x^6"),
        ("(x^2)^0.5", "(x^2)^0.5"),
        ("(x*y)^0.5", "(x*y)^0.5"),
        ("sqrt(x)^2", "x"),
        ("sqrt(x^2)", "sqrt(x^2)"),
        ("-(x - y)", "y - x"),
        ("--x", "x"),
        ("x/y/x", "1/y"),
        ("ln(exp(x)) + exp(ln(y))", "x + y"),
        ("exp(0) + ln(1) + ln(e)", "2"),
        ("max(2, 3)*min(x, x)*abs(-4)", "12*x"),
        ("sqrt(16) + sqrt(2)", "4 + sqrt(2)"),
        ("25*e^12", "25*e^12"),
        ("1/0", "1/0"),
        ("0/x", "0"),
        ("1e200*x*1e200", "1e200*1e200*x"),
        ("2^x*2^y", "2^(x + y)"),
        ("step(0)", "1/2"),
    ] {
        assert_eq!(short(text), expected, "{text}");
        assert_eq!(short(expected), expected, "{expected} again");
    }
}

/// Each function's rule against the engine's derivative, at smooth points, at 0, and where arguments are equal.
#[test]
fn rules_of_functions_are_the_engines() {
    assert!(FUNCTIONS.is_sorted_by(|a, b| a.name < b.name));
    for function in FUNCTIONS {
        for point in [
            [0.7, 0.2],
            [0.2, 0.7],
            [-0.6, 0.3],
            [0.0, 0.0],
            [1.0, 1.0],
            [-1.0, -1.0],
            [2.5, -2.5],
        ] {
            let arguments = ["u", "v"].map(|name| Expression::Variable(name.into()));
            let f = function.of(arguments[..function.arity()].iter().cloned());
            let graph = Graph::dynamic();
            let x = point.map(|value| graph.constant(Tensor::scalar(value)));
            let variable = |name: &str| ["u", "v"].iter().position(|known| *known == name).map(|i| x[i]);
            let expected = reverse::gradients(f.on_graph(&graph, &variable).unwrap(), &x);
            for (i, name) in ["u", "v"].into_iter().enumerate() {
                let expected = expected[i].value().unwrap().item().unwrap();
                let formula = simplify(&derivative(&f, name).unwrap());
                println!("{f} by {name} at {point:?}: {formula}");
                let found = formula.value(&|name| Some(point[usize::from(name == "v")])).unwrap();
                assert_close(found, expected, Tolerance::relative(1e-13).nan_equal());
            }
        }
    }
}

#[test]
fn another_number_of_arguments_is_an_error() {
    let wrong = FUNCTIONS[0].of([]);
    assert!(derivative(&wrong, "x").is_err() && wrong.value(&|_| None).is_err());
    let error = parse("x + y")
        .unwrap()
        .value(&|name| (name == "x").then_some(1.0))
        .unwrap_err();
    assert_eq!(error.message(), "variable `y` has no value");
}
