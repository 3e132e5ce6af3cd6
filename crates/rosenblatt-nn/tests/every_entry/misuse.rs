//! What users get wrong: what they wrote, the kind of the error, where it says it is, and its message.

use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_nn::activations::{RELU, SIGMOID};
use rosenblatt_nn::layers::{Add, BatchNorm, Concat, Embedding, Functional, Linear, Sequential, Softmax};
use rosenblatt_nn::losses::{BceWithLogits, CrossEntropy};
use rosenblatt_nn::{Entry, Init, Layer, Link, Loss, Network, Scope, TensorSpec};
use rosenblatt_tensor::{Error, ErrorKind, Tensor};

use crate::every_layer::mode;

/// Where an error says it is.
pub enum Place {
    /// A path in the network, or nothing.
    Path(&'static str),
    /// A line of this file, at the row or a few lines after it.
    Line(u32),
}

pub struct Row {
    pub wrote: &'static str,
    pub error: Error,
    pub kind: ErrorKind,
    pub place: Place,
    pub message: &'static str,
}

impl Row {
    pub fn check(&self) {
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
            "update of an unknown name",
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
            "expected [batch, features], [batch, channels, length] or [batch, channels, height, width], got [6]",
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
