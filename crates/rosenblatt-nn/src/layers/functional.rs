//! Networks as graphs of layers.

use std::collections::{BTreeMap, BTreeSet};

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Add, Linear};
use crate::activations::TANH;
use crate::{Config, Entry, Layer, Scope};

/// A network of named nodes: several inputs, several outputs, residual connections, shared inputs. Plain data, built with
/// [`Functional::of`] and read back equal.
///
/// The tensors of a node are called by its name: `left.weight`. Two nodes have weights of their own.
///
/// # Example
/// ```
/// use rosenblatt_nn::activations::RELU;
/// use rosenblatt_nn::layers::{Functional, Linear};
///
/// let network = Functional::of(|[a, b]| {
///     let h = a.then(Linear::new(8)).named("left").concat(b.then(Linear::new(4)).named("right")).then(RELU);
///     (h + h.then(Linear::new(12))).then(Linear::new(1))
/// });
/// assert_eq!(network.inputs, ["input_1", "input_2"]);
/// let names: Vec<&str> = network.nodes.iter().map(|node| node.name.as_str()).collect();
/// assert_eq!(names, ["left", "right", "concat_1", "relu_1", "linear_3", "add_1", "linear_4"]);
/// let json = serde_json::to_string(&network)?;
/// assert_eq!(serde_json::from_str::<Functional>(&json)?, network);
/// # Ok::<(), serde_json::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "Written")]
#[schemars(!try_from, deny_unknown_fields)]
pub struct Functional {
    /// Names of the inputs, in the order they are given.
    pub inputs: Vec<String>,
    /// The nodes, each after those it reads.
    pub nodes: Vec<Node>,
    /// Names of the nodes (or inputs) that are outputs, in the order they are returned.
    pub outputs: Vec<String>,
}

/// A layer with a name and what it reads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Node {
    /// Its name, without dots: the first part of the names of its tensors.
    pub name: String,
    /// What it computes.
    pub layer: Entry<dyn Layer>,
    /// Names of the inputs or nodes it reads, in the order its layer takes them.
    pub inputs: Vec<String>,
}

/// A network as it is written, not yet checked.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    /// Names of the inputs, in the order they are given.
    inputs: Vec<String>,
    /// The nodes, each after those it reads: a name, a layer, and the names of its inputs.
    nodes: Vec<Node>,
    /// Names of the nodes (or inputs) that are outputs, in the order they are returned.
    outputs: Vec<String>,
}

impl TryFrom<Written> for Functional {
    type Error = Error;

    fn try_from(written: Written) -> Result<Self> {
        let Written { inputs, nodes, outputs } = written;
        let read = Self { inputs, nodes, outputs };
        read.check()?;
        Ok(read)
    }
}

impl Config for Functional {
    const NAME: &'static str = "functional";

    fn check(&self) -> Result<()> {
        let mut known = BTreeSet::new();
        for input in &self.inputs {
            self.add(&mut known, input)?;
        }
        for node in &self.nodes {
            self.check_node(node, &known)
                .map_err(|error| error.within(&node.name))?;
            self.add(&mut known, &node.name)?;
        }
        self.check_outputs(&known)
    }

    fn examples() -> Vec<Self> {
        vec![
            Self::of(|[x]| {
                let x = x.then(Linear::new(4));
                (x + x.then(Linear::new(4)).then(TANH)).then(Linear::new(2))
            }),
            Self::of(|[x]| x.then(Linear::new(3)).named("left").concat(x).join(Add {}, &[])),
        ]
    }
}

impl Functional {
    /// Whether a name can be used, and is new.
    fn add<'n>(&self, known: &mut BTreeSet<&'n str>, name: &'n str) -> Result<()> {
        if name.is_empty() || name.contains(['.', '#']) {
            let message = format!("`{name}` cannot be the name of a node or input");
            return Err(Error::config(message).hint("names are not empty and have neither dots nor `#`"));
        }
        match known.insert(name) {
            true => Ok(()),
            false => Err(Error::config(format!("two nodes or inputs are called `{name}`"))),
        }
    }

    fn check_node(&self, node: &Node, known: &BTreeSet<&str>) -> Result<()> {
        node.layer.validate()?;
        let Some(missing) = node.inputs.iter().find(|name| !known.contains(name.as_str())) else {
            return Ok(());
        };
        if self.nodes.iter().any(|node| node.name == *missing) {
            let message = format!("it reads `{missing}`, which is not listed before it");
            return Err(Error::config(message).hint("list a node after those it reads; no node may depend on itself"));
        }
        Err(unknown(missing, known).hint(meant(missing, known.iter().copied())))
    }

    fn check_outputs(&self, known: &BTreeSet<&str>) -> Result<()> {
        let mut read: BTreeSet<&str> = self
            .nodes
            .iter()
            .flat_map(|node| &node.inputs)
            .map(String::as_str)
            .collect();
        if self.outputs.is_empty() {
            return Err(Error::config("expected at least one output, got none"));
        }
        let mut outputs = BTreeSet::new();
        for output in &self.outputs {
            if !known.contains(output.as_str()) {
                return Err(unknown(output, known).within("outputs"));
            }
            if !outputs.insert(output.as_str()) {
                return Err(Error::config(format!("`{output}` is listed twice")).within("outputs"));
            }
        }
        read.append(&mut outputs);
        match self.nodes.iter().find(|node| !read.contains(node.name.as_str())) {
            None => Ok(()),
            Some(node) => {
                let error = Error::config(format!("the node `{}` is not read by any other", node.name));
                Err(error.hint("remove it, or list it among the outputs"))
            }
        }
    }

    /// Puts the network on a graph and returns all its outputs.
    ///
    /// # Errors
    /// Recorded in the scope: another number of inputs than [`Functional::inputs`], or a mistake in the nodes.
    #[track_caller]
    pub fn forward_all<'g>(&self, scope: &Scope<'g>, xs: &[Var<'g>]) -> Vec<Var<'g>> {
        if let Err(error) = self.check().and_then(|()| self.check_count(xs.len())) {
            return vec![scope.fail(error); self.outputs.len()];
        }
        let mut values: BTreeMap<&str, Var<'g>> =
            self.inputs.iter().map(String::as_str).zip(xs.iter().copied()).collect();
        let find = |values: &BTreeMap<&str, Var<'g>>, names: &[String]| -> Vec<Var<'g>> {
            names
                .iter()
                .filter_map(|name| values.get(name.as_str()).copied())
                .collect()
        };
        for node in &self.nodes {
            let value = scope.join(&node.name, &*node.layer, &find(&values, &node.inputs));
            values.insert(&node.name, value);
        }
        find(&values, &self.outputs)
    }

    fn check_count(&self, count: usize) -> Result<()> {
        if count == self.inputs.len() {
            return Ok(());
        }
        let message = format!("expected {} inputs {:?}, got {count}", self.inputs.len(), self.inputs);
        Err(Error::shape(message))
    }
}

fn unknown(name: &str, known: &BTreeSet<&str>) -> Error {
    let error = Error::config(format!("there is no node or input `{name}`"));
    error.hint(meant(name, known.iter().copied()))
}

impl Layer for Functional {
    fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        self.join(scope, &[x])
    }

    fn join<'g>(&self, scope: &Scope<'g>, xs: &[Var<'g>]) -> Var<'g> {
        match self.forward_all(scope, xs)[..] {
            [y] => y,
            ref outputs => scope.fail(Error::shape(format!(
                "expected one output of a network that is a layer, got {}",
                outputs.len()
            ))),
        }
    }
}
