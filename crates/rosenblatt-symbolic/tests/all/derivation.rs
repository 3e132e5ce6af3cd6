//! Worked examples, to the digit; costs; points where something is special.

use rosenblatt_symbolic::{Derivation, NodeKind};

use crate::{at, values};

/// Name, formula, value, gradient of each node.
fn nodes(text: &str, names: &str, point: &[f64]) -> Vec<(String, String, f64, f64)> {
    let at = at(text, names, point);
    let nodes = at.graph.nodes.into_iter();
    nodes
        .map(|node| (node.name, node.formula, node.value, node.gradients[0]))
        .collect()
}

#[test]
fn a_product_with_a_sum() {
    let expected = [
        ("x", "x", 2.0, 5.0),
        ("y", "y", 1.0, 2.0),
        ("v1", "x + y", 3.0, 2.0),
        ("f", "x*v1", 6.0, 1.0),
    ];
    let expected =
        expected.map(|(name, formula, value, gradient)| (name.to_owned(), formula.to_owned(), value, gradient));
    assert_eq!(nodes("x·(x + y)", "xy", &[2.0, 1.0]), expected);
}

#[test]
fn an_exponential_with_a_maximum() {
    let at = at("x * exp(3*x * max(x, y))", "xy", &[2.0, 1.0]);
    assert_eq!(at.results, [325_509.582_838_007_83]);
    for way in &at.ways[1..] {
        assert_eq!(way.jacobian, [[4_068_869.785_475_098, 0.0]], "{}", way.name);
    }
    assert!((at.ways[0].jacobian[0][0] - 4_068_869.785_475_098).abs() <= at.numeric_bounds[0][0]);
    assert!(at.warnings.is_empty());
}

/// σ(wx + b) at w = 1, x = 2, b = −1: σ(1) = 0.7310585786300049, σ′(1) = 0.19661193324148185 (mpmath).
#[test]
fn a_neuron() {
    let at = at("sigmoid(w*x + b)", "wxb", &[1.0, 2.0, -1.0]);
    assert_eq!(at.results, [0.731_058_578_630_004_9]);
    let slope = 0.196_611_933_241_481_85;
    assert_eq!(at.ways[3].jacobian, [[2.0 * slope, slope, slope]]);
}

/// Upstream value times local gradient: y and x at a product, 1 at a sum, eˣ at an exponential.
#[test]
fn local_gradients_at_nodes() {
    let of = |text: &str, name: &str| {
        let known = values("xyu", &[3.0, -2.0, 5.0]);
        let derivation = Derivation::new(text).unwrap();
        let point: Vec<_> = known
            .into_iter()
            .filter(|(name, _)| derivation.variables.contains(name))
            .collect();
        let at = derivation.at(&point).unwrap();
        let nodes = at.graph.nodes.into_iter().map(|node| (node.name, node.gradients[0]));
        nodes
            .into_iter()
            .find(|(known, _)| known == name)
            .map(|(_, gradient)| gradient)
    };
    // The factor 5 is the upstream value.
    assert_eq!(
        (of("u*(x*y)", "v1"), of("u*(x*y)", "x"), of("u*(x*y)", "y")),
        (Some(5.0), Some(-10.0), Some(15.0))
    );
    assert_eq!((of("u*(x + y)", "x"), of("u*(x + y)", "y")), (Some(5.0), Some(5.0)));
    let exp = of("u*exp(y)", "y").unwrap();
    assert!((exp - 5.0 * 0.135_335_283_236_612_7).abs() < 1e-15, "{exp}");
}

#[test]
fn equal_parts_are_one_node() {
    let at = at("sin(x)*sin(x) + sin(x)", "x", &[0.5]);
    let sines = at.graph.nodes.iter().filter(|node| node.operation == "sin");
    assert_eq!(sines.count(), 1);
    let operands: Vec<_> = at
        .graph
        .nodes
        .iter()
        .filter(|node| node.kind == NodeKind::Operation)
        .map(|node| node.operands.clone())
        .collect();
    assert_eq!(operands, [vec![0], vec![1, 1], vec![2, 1]]);
}

/// Forward mode takes a sweep for each input, reverse mode one for each output; each wins where its number is small.
#[test]
fn cost_depends_on_inputs_and_outputs() {
    let names = ["a", "b", "c", "d", "g", "h", "i", "j"];
    let product = names.join("*");
    let many_inputs = at(&format!("sin({product})"), "abcdghij", &[1.0; 8]);
    let many_outputs = at("[sin(x), cos(x), exp(x), x^2, x^3, tanh(x)]", "x", &[1.0]);
    let passes = |at: &rosenblatt_symbolic::AtPoint| at.ways.each_ref().map(|way| way.passes);
    let operations = |at: &rosenblatt_symbolic::AtPoint| at.ways.each_ref().map(|way| way.operations);
    assert_eq!(
        (passes(&many_inputs), passes(&many_outputs)),
        ([16, 8, 8, 1], [2, 6, 1, 6])
    );
    let [numeric, symbolic, forward, reverse] = operations(&many_inputs);
    assert!(
        reverse < forward && reverse < symbolic && reverse < numeric,
        "{numeric} {symbolic} {forward} {reverse}"
    );
    let [.., forward, reverse] = operations(&many_outputs);
    assert!(forward <= reverse, "{forward} {reverse}");
}

#[test]
fn kinks_and_missing_values_are_said_in_words() {
    for (text, point, warning) in [
        (
            "max(x, y)",
            [1.0, 1.0],
            "`max(x, y)` is not differentiable here; its derivative is taken to be 0.5 by `x` and 0.5 by `y`",
        ),
        (
            "relu(x) + y",
            [0.0, 1.0],
            "`relu(x)` is not differentiable here; its derivative is taken to be 0 by `x`",
        ),
        (
            "abs(x - y)",
            [2.0, 2.0],
            "`abs(x - y)` is not differentiable here; its derivative is taken to be 0 by `x - y`",
        ),
        ("ln(x) + y", [-1.0, 1.0], "`ln(x)` has no value for -1: it is NaN"),
        ("y/x", [0.0, 1.0], "`y/x` is infinite for 1 and 0"),
        ("sqrt(x)*y", [0.0, 1.0], "the derivative by `x` is not finite here"),
        (
            "x^y",
            [0.0, 0.0],
            "the formula of the derivative by `x`, `y` has no value here (as 0·∞ has none); forward and reverse mode take its limit",
        ),
    ] {
        let names: String = Derivation::new(text).unwrap().variables.concat();
        let point = if names == "yx" { [point[1], point[0]] } else { point };
        assert_eq!(at(text, &names, &point).warnings, [warning], "{text}");
    }
    let ties = at("max(x, y) + relu(x - y)", "xy", &[1.0, 1.0]);
    assert_eq!(ties.ways[1].jacobian, [[0.5, 0.5]]);
    assert_eq!(ties.ways[1].jacobian, ties.ways[3].jacobian);
}

#[test]
fn names_that_variables_have_are_not_taken_for_nodes() {
    let names = |text: &str, variables: &str| -> Vec<String> {
        let at = at(text, variables, &[1.0, 2.0]);
        at.graph.nodes.into_iter().map(|node| node.name).collect()
    };
    assert_eq!(names("f*g + f", "fg"), ["f", "g", "v1", "h"]);
    let derivation = Derivation::new("v1*x + x").unwrap();
    let at = derivation.at(&[("v1".to_owned(), 1.0), ("x".to_owned(), 2.0)]).unwrap();
    assert_eq!(
        at.graph.nodes.iter().map(|node| &*node.name).collect::<Vec<_>>(),
        ["v1", "x", "n1", "f"]
    );
}

#[test]
fn a_point_names_each_variable_once() {
    let derivation = Derivation::new("x*y").unwrap();
    for (given, message) in [
        (values("x", &[1.0]), "expected a value of `y`"),
        (
            values("xyz", &[1.0; 3]),
            "expected a variable of the expression, got `z`",
        ),
        (values("xyx", &[1.0; 3]), "`x` is listed twice"),
    ] {
        assert_eq!(derivation.at(&given).unwrap_err().message(), message);
    }
    assert_eq!(
        derivation.at(&values("yx", &[3.0, 2.0])).unwrap().values,
        values("xy", &[2.0, 3.0])
    );
}

/// `10¹⁶ + 1 + 1`: one after the other, each 1 would be lost.
#[test]
fn paths_are_added_with_one_rounding() {
    let at = at("1e16*x + x + x", "x", &[1.0]);
    assert_eq!(at.ways[3].jacobian, [[1e16 + 2.0]]);
}
