//! The graph of expressions, with the value and the gradient at every node.

use rosenblatt_autodiff::{Graph, Var, reverse};
use rosenblatt_tensor::{Result, Tensor};

use crate::on_graph::{apply, leaf};
use crate::{Expression, derivation};

/// What a node is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// A variable.
    Variable,
    /// A number.
    Constant,
    /// Computed from other nodes.
    Operation,
}

/// A value of the graph.
#[derive(Clone, Debug, PartialEq)]
pub struct GraphNode {
    /// A variable's name; `f` (`f1`, `f2`, …) for a result; `v1`, `v2`, … for what is between; a constant as it is written.
    pub name: String,
    /// What it is.
    pub kind: NodeKind,
    /// The operator or function: `*`, `exp`; empty for what is not computed.
    pub operation: String,
    /// How it is computed from nodes, by their names: `x*v1`.
    pub formula: String,
    /// The numbers of its operands, from left to right; smaller than its own.
    pub operands: Vec<usize>,
    /// Its value.
    pub value: f64,
    /// The derivative of each result by it: what comes along all paths is added.
    pub gradients: Vec<f64>,
    /// The part of the expression that it is.
    pub expression: Expression,
}

/// Expressions as one graph: equal parts are one node.
#[derive(Clone, Debug, PartialEq)]
pub struct ValueGraph {
    /// All nodes; operands come before what uses them.
    pub nodes: Vec<GraphNode>,
    /// The number of the node of each result.
    pub results: Vec<usize>,
}

impl ValueGraph {
    /// The graph at a point, computed and differentiated by the engine in reverse mode.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a variable has no value.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_symbolic::{ValueGraph, parse};
    /// let values = [("x".to_owned(), 2.0), ("y".to_owned(), 1.0)];
    /// let graph = ValueGraph::new(&[parse("x*(x + y)")?], &values)?;
    /// let of = |name: &str| graph.nodes.iter().find(|node| node.name == name).map(|node| (node.value, node.gradients[0]));
    /// assert_eq!((of("v1"), of("x"), of("f")), (Some((3.0, 2.0)), Some((2.0, 5.0)), Some((6.0, 1.0))));
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn new(expressions: &[Expression], values: &[(String, f64)]) -> Result<Self> {
        let graph = Graph::dynamic();
        let mut builder = Builder::on(&graph);
        for (name, value) in values {
            let variable = Expression::Variable(name.as_str().into());
            builder.add(variable, graph.constant(Tensor::scalar(*value)), Vec::new())?;
        }
        let results = expressions
            .iter()
            .map(|e| builder.node(e))
            .collect::<Result<Vec<_>>>()?;
        for &result in &results {
            builder.differentiate(result)?;
        }
        let nodes = builder.nodes;
        let mut graph = Self { nodes, results };
        graph.name();
        Ok(graph)
    }

    /// The derivatives of each result by some variables, one row for each result: 0 by one that is not a node.
    pub(crate) fn jacobian(&self, values: &[(String, f64)]) -> Vec<Vec<f64>> {
        let variable = |name: &str| {
            let is_it = |node: &&GraphNode| node.kind == NodeKind::Variable && node.name == name;
            self.nodes.iter().find(is_it)
        };
        let entry = |row: usize, name: &str| variable(name).map_or(0.0, |node| node.gradients[row]);
        let row = |row: usize| values.iter().map(|(name, _)| entry(row, name)).collect();
        (0..self.results.len()).map(row).collect()
    }

    /// Names for results and what is between, and formulas with them.
    fn name(&mut self) {
        let taken: Vec<String> = self.nodes.iter().map(|node| node.name.clone()).collect();
        let result_names = derivation::result_names(self.results.len(), &taken);
        let prefix = free(&taken, ["v", "n", "node_"]);
        let mut between = 0;
        for i in 0..self.nodes.len() {
            if self.nodes[i].kind != NodeKind::Operation {
                continue;
            }
            self.nodes[i].name = match self.results.iter().position(|&result| result == i) {
                Some(result) => result_names[result].clone(),
                None => {
                    between += 1;
                    format!("{prefix}{between}")
                }
            };
        }
        for i in 0..self.nodes.len() {
            let operands = self.nodes[i].operands.iter().map(|&operand| &self.nodes[operand]);
            // A negative number needs no name: it is written as it is.
            let named = operands.map(|operand| match operand.kind {
                NodeKind::Constant => operand.expression.clone(),
                NodeKind::Variable | NodeKind::Operation => Expression::Variable(operand.name.as_str().into()),
            });
            let named: Vec<Expression> = named.collect();
            self.nodes[i].formula = self.nodes[i].expression.with_operands(&named).to_string();
        }
    }
}

/// The first beginning of a name that no variable has.
fn free<'a>(taken: &[String], prefixes: [&'a str; 3]) -> &'a str {
    let is_number = |rest: &str| !rest.is_empty() && rest.chars().all(|c| c.is_ascii_digit());
    let is_taken = |prefix: &str| {
        taken
            .iter()
            .any(|name| name.strip_prefix(prefix).is_some_and(is_number))
    };
    let free = prefixes.into_iter().find(|prefix| !is_taken(prefix));
    free.unwrap_or("value_")
}

struct Builder<'g> {
    graph: &'g Graph,
    nodes: Vec<GraphNode>,
    vars: Vec<Var<'g>>,
    /// Uses of variables, each a leaf of its own, with the number of the variable's node.
    uses: Vec<(usize, Var<'g>)>,
}

impl<'g> Builder<'g> {
    fn on(graph: &'g Graph) -> Self {
        Self {
            graph,
            nodes: Vec::new(),
            vars: Vec::new(),
            uses: Vec::new(),
        }
    }

    /// The node of an expression, new if none is equal.
    fn node(&mut self, e: &Expression) -> Result<usize> {
        if let Some(known) = self.nodes.iter().position(|node| node.expression == *e) {
            return Ok(known);
        }
        // Variables are there already.
        if let Some(constant) = leaf(e, self.graph, &|_| None)? {
            return self.add(e.clone(), constant, Vec::new());
        }
        let operands: Vec<usize> = e.operands().into_iter().map(|x| self.node(x)).collect::<Result<_>>()?;
        let vars: Vec<Var<'g>> = operands.iter().map(|&operand| self.used(operand)).collect();
        self.add(e.clone(), apply(e, &vars)?, operands)
    }

    /// The value of a node as an operand.
    fn used(&mut self, node: usize) -> Var<'g> {
        if self.nodes[node].kind != NodeKind::Variable {
            return self.vars[node];
        }
        let leaf = self.graph.constant(Tensor::scalar(self.nodes[node].value));
        self.uses.push((node, leaf));
        leaf
    }

    /// Adds the derivatives of a result to all nodes. Those of the uses of a variable are added up with one rounding, so that
    /// they do not depend on the order of the paths.
    fn differentiate(&mut self, result: usize) -> Result<()> {
        let leaves: Vec<Var<'g>> = self.uses.iter().map(|(_, leaf)| *leaf).collect();
        let all = [&self.vars[..], &leaves].concat();
        let gradients = reverse::gradients(self.vars[result], &all);
        let gradients = gradients
            .iter()
            .map(|gradient| gradient.value()?.item())
            .collect::<Result<Vec<f64>>>()?;
        let (of_nodes, of_uses) = gradients.split_at(self.vars.len());
        for (i, node) in self.nodes.iter_mut().enumerate() {
            let uses = self.uses.iter().zip(of_uses).filter(|((used, _), _)| *used == i);
            let paths = uses.map(|(_, gradient)| *gradient).chain([of_nodes[i]]);
            node.gradients.push(match node.kind {
                NodeKind::Variable => compensated_sum(paths),
                NodeKind::Constant | NodeKind::Operation => of_nodes[i],
            });
        }
        Ok(())
    }

    fn add(&mut self, expression: Expression, var: Var<'g>, operands: Vec<usize>) -> Result<usize> {
        let (kind, operation) = match &expression {
            Expression::Variable(_) => (NodeKind::Variable, ""),
            Expression::Number(_) | Expression::Constant(_) => (NodeKind::Constant, ""),
            Expression::Neg(_) => (NodeKind::Operation, "-"),
            Expression::Binary(operator, ..) => (NodeKind::Operation, operator.symbol()),
            Expression::Call(function, _) => (NodeKind::Operation, function.name),
        };
        self.nodes.push(GraphNode {
            name: expression.to_string(),
            kind,
            operation: operation.to_owned(),
            formula: String::new(),
            operands,
            value: var.value()?.item()?,
            gradients: Vec::new(),
            expression,
        });
        self.vars.push(var);
        Ok(self.nodes.len() - 1)
    }
}

/// A sum with the roundings of its steps added at the end (Neumaier: Rundungsfehleranalyse einiger Verfahren zur Summation
/// endlicher Summen. 1974).
fn compensated_sum(numbers: impl Iterator<Item = f64>) -> f64 {
    let (mut sum, mut lost) = (0.0_f64, 0.0);
    for number in numbers {
        let next = sum + number;
        lost += match sum.abs() >= number.abs() {
            true => (sum - next) + number,
            false => (number - next) + sum,
        };
        sum = next;
    }
    // Of infinite sums nothing is lost that could be added.
    if sum.is_finite() { sum + lost } else { sum }
}
