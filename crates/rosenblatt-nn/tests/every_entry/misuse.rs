//! What users get wrong: what they wrote, the kind of the error, where it says it is, and its message.

use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_nn::activations::{RELU, SIGMOID};
use rosenblatt_nn::layers::{Add, BatchNorm, Concat, Embedding, Functional, Linear, Sequential, Softmax};
use rosenblatt_nn::losses::{BceWithLogits, CrossEntropy, Mse};
use rosenblatt_nn::{Config, Entry, Init, Layer, Link, Loss, Network, Registration, Scope, TensorSpec, register};
use rosenblatt_tensor::{Error, ErrorKind, Tensor};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::every_layer::mode;

/// Where an error says it is.
enum Place {
    /// A path in the network, or nothing.
    Path(&'static str),
    /// A line of this file, at the row or a few lines after it.
    Line(u32),
}

struct Row {
    wrote: &'static str,
    error: Error,
    kind: ErrorKind,
    place: Place,
    message: &'static str,
}

impl Row {
    fn check(&self) {
        let text = self.error.to_string();
        assert_eq!(self.error.kind(), self.kind, "{}: {text}", self.wrote);
        let rest = match self.place {
            Place::Path(path) => text
                .strip_prefix(path)
                .unwrap_or_else(|| panic!("{}: {text}", self.wrote)),
            Place::Line(line) => after_line(&text, line),
        };
        assert_eq!(rest, self.message, "{}", self.wrote);
    }
}

/// The text after `misuse.rs:LINE: `, which may have a path before it.
fn after_line(text: &str, line: u32) -> &str {
    let (_, rest) = text
        .split_once(&format!("{}:", file!()))
        .unwrap_or_else(|| panic!("{text}"));
    let (number, rest) = rest.split_once(": ").unwrap();
    let number: u32 = number.parse().unwrap();
    assert!(
        (line..line + 9).contains(&number),
        "line {number} of a row at {line}: {text}"
    );
    rest
}

/// A row about a scope in training, with `x` of f64 `[2, 3]`.
macro_rules! row {
    ($wrote:literal, $kind:ident, line, $message:literal, |$scope:ident, $x:ident| $wrong:expr) => {
        row!($wrote, $kind, Place::Line(line!()), $message, |$scope, $x| $wrong)
    };
    ($wrote:literal, $kind:ident, $path:literal, $message:literal, |$scope:ident, $x:ident| $wrong:expr) => {
        row!($wrote, $kind, Place::Path($path), $message, |$scope, $x| $wrong)
    };
    ($wrote:literal, $kind:ident, $place:expr, $message:literal, |$scope:ident, $x:ident| $wrong:expr) => {{
        fn wrong<'g>($scope: &Scope<'g>, $x: Var<'g>) {
            let _ = $wrong;
        }
        Row {
            wrote: $wrote,
            error: mistake(wrong),
            kind: ErrorKind::$kind,
            place: $place,
            message: $message,
        }
    }};
}

fn mistake(wrong: impl for<'g> Fn(&Scope<'g>, Var<'g>)) -> Error {
    let graph = Graph::dynamic();
    let zeros = |spec: &TensorSpec| Ok(graph.constant(Tensor::zeros(spec.dtype, spec.shape)));
    let scope = Scope::new(&graph, rosenblatt_tensor::DType::F64, mode(&graph, Some([0, 0])), zeros);
    wrong(&scope, graph.constant(Tensor::from([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])));
    scope.finish().unwrap_err()
}

#[test]
fn one_path_is_one_layer_and_one_name_one_tensor() {
    let rows = [
        row!(
            "one path for two layers of other settings",
            Config,
            line,
            "`l` is the layer `linear:bias=true,out_features=3` already, and cannot be `linear:bias=true,out_features=4` too",
            |scope, x| scope.apply("l", &Linear::new(4), scope.apply("l", &Linear::new(3), x))
        ),
        row!(
            "one path for two kinds of layers",
            Config,
            line,
            "`l` is the layer `softmax` already, and cannot be `relu` too",
            |scope, x| scope.apply("l", &RELU, scope.apply("l", &Softmax {}, x))
        ),
        row!(
            "shared weights for inputs of other widths",
            Shape,
            "l: linear: ",
            "`l.weight` is f64 [4, 3], but this network and its input need f64 [4, 4]",
            |scope, x| scope.apply("l", &Linear::new(4), scope.apply("l", &Linear::new(4), x))
        ),
        row!(
            "one parameter with two shapes",
            Shape,
            "",
            "`w` is f64 [2], but this network and its input need f64 [3]",
            |scope, _x| (scope.weight("w", &[2]), scope.weight("w", &[3]))
        ),
        row!(
            "one parameter with two initializations",
            Config,
            line,
            "`w` is Parameter(Bias { fan_in: 3 }) already, and cannot be Parameter(Ones) too",
            |scope, _x| (scope.bias("w", &[2], 3), scope.param("w", &[2], Init::Ones))
        ),
        row!(
            "one name for a parameter and a buffer",
            Config,
            line,
            "`w` is Parameter(Zeros) already, and cannot be Buffer { start: 0.0 } too",
            |scope, _x| (scope.param("w", &[2], Init::Zeros), scope.buffer("w", &[2], 0.0))
        ),
        row!(
            "a parameter with nine axes",
            Shape,
            "w: ",
            "expected at most 8 axes, got 9: [1, 1, 1, 1, 1, 1, 1, 1, 1]",
            |scope, _x| scope.weight("w", &[1; 9])
        ),
    ];
    rows.iter().for_each(Row::check);
}

#[test]
fn updates_are_of_tensors_that_are_there_once_and_of_their_type() {
    let rows = [
        row!(
            "update of a name nobody asked for",
            Config,
            line,
            "`mean` cannot be updated: there is no such parameter or buffer",
            |scope, x| scope.update("mean", x)
        ),
        row!(
            "two updates of one buffer",
            Config,
            line,
            "`n` is updated twice in one step",
            |scope, _x| {
                let n = scope.buffer("n", &[1], 0.0);
                scope.update("n", n + 1.0);
                scope.update("n", n + 2.0);
            }
        ),
        row!(
            "two updates of one parameter",
            Config,
            line,
            "`w` is updated twice in one step",
            |scope, _x| {
                scope.update("w", scope.weight("w", &[1]) + 1.0);
                scope.update("w", scope.weight("w", &[1]) + 1.0);
            }
        ),
        row!(
            "update with a value of another shape",
            Shape,
            line,
            "`n` is f64 [2, 3], but this network and its input need f64 [1]",
            |scope, x| {
                let n = scope.buffer("n", &[1], 0.0);
                scope.update("n", n + x);
            }
        ),
    ];
    rows.iter().for_each(Row::check);
}

#[test]
fn layers_get_as_many_inputs_as_they_take() {
    let rows = [
        row!(
            "two inputs for a layer of one",
            Shape,
            "l: linear: ",
            "expected one input, got 2",
            |scope, x| scope.join("l", &Linear::new(1), &[x, x])
        ),
        row!(
            "no input for a merge layer",
            Shape,
            "sum: add: ",
            "expected at least one input, got none",
            |scope, _x| scope.join("sum", &Add {}, &[])
        ),
        row!(
            "a sum of [2, 3] and [3], which would broadcast",
            Shape,
            "sum: add: ",
            "expected inputs of equal rank, got [[2, 3], [3]]",
            |scope, x| scope.join("sum", &Add {}, &[x, x.reshape(&[6]).slice(0, 0, 3)])
        ),
        row!(
            "a functional network of two inputs with one",
            Shape,
            "",
            "expected 2 inputs [\"input_1\", \"input_2\"], got 1",
            |scope, x| Network::from(Functional::of(|[a, b]| a + b)).forward(scope, &[x])
        ),
        row!(
            "a network of two outputs as a layer",
            Shape,
            "n: functional: ",
            "expected one output of a network that is a layer, got 2",
            |scope, x| scope.apply("n", &Functional::with_outputs(|[x]| [x + x, x * x]), x)
        ),
        row!(
            "a sequential network with two inputs",
            Shape,
            "layers: sequential: ",
            "expected one input, got 2",
            |scope, x| Network::from(Sequential::new()).forward(scope, &[x, x])
        ),
        row!(
            "an embedding of numbers",
            Shape,
            "e: embedding: ",
            "expected integers, got f64 [2, 3]",
            |scope, x| scope.apply(
                "e",
                &Embedding {
                    num_embeddings: 3,
                    dim: 1
                },
                x
            )
        ),
        row!(
            "two nodes named alike by the builder",
            Config,
            "",
            "two nodes or inputs are called `a`",
            |scope, x| Network::from(Functional::of(|[x]| x.then(RELU).named("a").then(RELU).named("a")))
                .forward(scope, &[x])
        ),
        row!(
            "batch normalization of one axis",
            Shape,
            "n: batch_norm: ",
            "expected [batch, features] or [batch, features, length], got [6]",
            |scope, x| scope.apply("n", &BatchNorm::default(), x.reshape(&[6]))
        ),
    ];
    rows.iter().for_each(Row::check);
    let sizes = mistake(|scope, x| {
        scope.join("c", &Concat::default(), &[x, x.matrix_transpose()]);
    });
    assert!(sizes.to_string().starts_with("c: concat: "), "{sizes}");
}

#[test]
fn losses_fit_the_last_layer() {
    fn training<'g>(scope: &Scope<'g>, x: Var<'g>, last: impl Into<Entry<dyn Layer>>, links: &[Link]) {
        let network = Network::from(Sequential::new().then(Linear::new(3)).then(last));
        network.forward_training(scope, &[x], links);
    }
    let rows = [
        row!(
            "cross_entropy of a network that ends with sigmoid",
            Config,
            "",
            "the loss takes logits or an output that ends with `softmax`, got one with `sigmoid`",
            |scope, x| training(scope, x, SIGMOID, &[CrossEntropy::default().link()])
        ),
        row!(
            "bce_with_logits of a network that ends with softmax",
            Config,
            "",
            "the loss takes logits or an output that ends with `sigmoid`, got one with `softmax`",
            |scope, x| training(scope, x, Softmax {}, &[BceWithLogits::default().link()])
        ),
        row!(
            "two losses for one output",
            Config,
            "",
            "expected a loss for each of the outputs [\"output\"], got 2",
            |scope, x| training(scope, x, RELU, &[Link::None, Link::None])
        ),
    ];
    rows.iter().for_each(Row::check);
}

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

/// A layer nobody registers.
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
