//! What users get wrong in targets, written networks and registrations: see `misuse.rs`.

use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_nn::activations::RELU;
use rosenblatt_nn::layers::Sequential;
use rosenblatt_nn::losses::{BceWithLogits, CrossEntropy, Mse};
use rosenblatt_nn::{Config, Entry, Layer, Loss, Network, Registration, Scope, register};
use rosenblatt_tensor::{ErrorKind, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::misuse::{Place, Row};

#[test]
fn targets_and_weights_fit_the_prediction() {
    type Rule = for<'g> fn(Var<'g>, &'g Graph) -> Var<'g>;
    let table: [(&str, &str, Rule); 5] = [
        (
            "class indices as floating-point numbers",
            "targets: expected probabilities [2, 3], as the logits, or integer classes, got f64 [2]",
            |x, graph| CrossEntropy::default().per_example(x, graph.constant(Tensor::from([0.0, 1.0]))),
        ),
        (
            "targets that are the transpose of the prediction",
            "targets: expected targets [2, 3], as the predictions, got [3, 2]",
            |x, graph| Mse {}.per_example(x, graph.constant(Tensor::from([[0.0, 1.0]; 3]))),
        ),
        (
            "one label for three logits",
            "targets: expected targets [2, 3], as the predictions, got [2]",
            |x, graph| BceWithLogits::default().per_example(x, graph.constant(Tensor::from([0.0, 1.0]))),
        ),
        (
            "a weight for each number instead of each loss",
            "weights: expected a weight for each loss, [2], got [2, 3]",
            |x, graph| Mse {}.weighted_mean(x, x, x, graph.constant(Tensor::scalar(1.0))),
        ),
        (
            "a mask for each row of sequences",
            "weights: expected a weight for each loss, [2, 1], got [2]",
            |x, graph| {
                let (x, ones) = (x.reshape(&[2, 1, 3]), graph.constant(Tensor::from([1.0, 1.0])));
                Mse {}.weighted_mean(x, x, ones, graph.constant(Tensor::scalar(1.0)))
            },
        ),
    ];
    for (wrote, message, wrong) in table {
        let graph = Graph::dynamic();
        let error = wrong(graph.constant(Tensor::from([[1.0, 2.0, 3.0]; 2])), &graph)
            .value()
            .unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape, "{wrote}: {error}");
        assert!(error.to_string().ends_with(message), "{wrote}: {error}");
    }
}

#[test]
fn functional_networks_are_checked_when_they_are_read() {
    let node = |name: &str, inputs: &[&str]| json!({ "name": name, "layer": "add", "inputs": inputs });
    let table: Vec<(&str, Value, &str)> = vec![
        (
            "two nodes of one name",
            json!({ "inputs": ["x"], "nodes": [node("a", &["x"]), node("a", &["a"])], "outputs": ["a"] }),
            "two nodes or inputs are called `a`",
        ),
        (
            "a node with the name of an input",
            json!({ "inputs": ["x"], "nodes": [node("x", &["x"])], "outputs": ["x"] }),
            "two nodes or inputs are called `x`",
        ),
        (
            "a cycle",
            json!({ "inputs": ["x"], "nodes": [node("a", &["x", "b"]), node("b", &["a"])], "outputs": ["b"] }),
            "a: it reads `b`, which is not listed before it",
        ),
        (
            "a node that reads itself",
            json!({ "inputs": ["x"], "nodes": [node("a", &["a"])], "outputs": ["a"] }),
            "a: it reads `a`, which is not listed before it",
        ),
        (
            "an input that is not there",
            json!({ "inputs": ["pixels"], "nodes": [node("a", &["pixel"])], "outputs": ["a"] }),
            "a: there is no node or input `pixel`",
        ),
        (
            "an output that is not there",
            json!({ "inputs": ["x"], "nodes": [node("a", &["x"])], "outputs": ["b"] }),
            "outputs: there is no node or input `b`",
        ),
        (
            "no output",
            json!({ "inputs": ["x"], "nodes": [], "outputs": [] }),
            "expected at least one output, got none",
        ),
        (
            "one output twice",
            json!({ "inputs": ["x"], "nodes": [node("a", &["x"])], "outputs": ["a", "a"] }),
            "outputs: `a` is listed twice",
        ),
        (
            "a name with a dot",
            json!({ "inputs": ["x"], "nodes": [node("a.b", &["x"])], "outputs": ["a.b"] }),
            "`a.b` cannot be the name of a node or input",
        ),
        (
            "a node that nothing reads",
            json!({ "inputs": ["x"], "nodes": [node("a", &["x"]), node("b", &["x"])], "outputs": ["a"] }),
            "the node `b` is not read by any other",
        ),
        (
            "a setting out of range",
            json!({ "inputs": ["x"], "nodes": [{ "name": "a", "layer": { "dropout": { "p": 2 } }, "inputs": ["x"] }], "outputs": ["a"] }),
            "dropout: expected `p` in [0, 1), got 2",
        ),
        (
            "a field that is unknown",
            json!({ "inputs": ["x"], "nodes": [{ "name": "a", "layer": "add", "reads": ["x"] }], "outputs": ["a"] }),
            "unknown field `reads`, expected one of `name`, `layer`, `inputs`",
        ),
    ];
    for (wrote, json, message) in table {
        let text = json!({ "functional": json }).to_string();
        let error = serde_json::from_str::<Network>(&text).unwrap_err().to_string();
        assert!(error.starts_with(message), "{wrote}: {error}");
        let error = serde_json::from_str::<Entry<dyn Layer>>(&text).unwrap_err().to_string();
        assert!(error.starts_with(&format!("functional: {message}")), "{wrote}: {error}");
    }
}

/// A layer that is not registered.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Private {}

impl Config for Private {
    const NAME: &'static str = "test_private";
}

impl Layer for Private {
    fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        x
    }
}

/// Another layer with the name of one of the library.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Relu {}

impl Config for Relu {
    const NAME: &'static str = "relu";
}

impl Layer for Relu {
    fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        x
    }
}

#[test]
fn what_cannot_be_read_is_not_written() {
    let network = |layer: Entry<dyn Layer>| Network::from(Sequential::new().then(RELU).then(layer));
    let row = |wrote, error, message| Row {
        wrote,
        error,
        kind: ErrorKind::Config,
        place: Place::Path(""),
        message,
    };
    let rows = [
        row(
            "a network with a layer that is not registered, saved",
            network(Private {}.into()).check_registered().unwrap_err(),
            "the layer `test_private` is not registered",
        ),
        row(
            "a layer of the user with the name of another one, saved",
            Entry::<dyn Layer>::from(Relu {}).to_json().unwrap_err(),
            "the layer `relu` is not registered",
        ),
        row(
            "the same, registered",
            register(Registration::<dyn Layer>::of::<Relu>()).unwrap_err(),
            "there is a layer `relu` already",
        ),
        row(
            "a layer that is not registered, read",
            Entry::<dyn Layer>::named("test_private").unwrap_err(),
            "unknown layer `test_private`",
        ),
    ];
    rows.iter().for_each(Row::check);
}
