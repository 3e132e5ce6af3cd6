//! Expressions on the engine's graph.

use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::{Expression, Operator};

/// Values of variables, by name.
pub(crate) type Named<'a, T> = &'a dyn Fn(&str) -> Option<T>;

/// What an operation gives for operands that are on the graph.
///
/// # Errors
/// A function with another number of arguments than it takes.
pub(crate) fn apply<'g>(e: &Expression, operands: &[Var<'g>]) -> Result<Var<'g>> {
    let made = match (e, operands) {
        (Expression::Neg(_), &[x]) => Some(-x),
        (Expression::Binary(operator, ..), &[x, y]) => Some(match operator {
            Operator::Add => x + y,
            Operator::Sub => x - y,
            Operator::Mul => x * y,
            Operator::Div => x / y,
            Operator::Pow => x.pow(y),
        }),
        (Expression::Call(function, _), x) => (function.apply)(x),
        _ => None,
    };
    made.ok_or_else(|| Error::config(format!("`{e}` has another number of operands than it takes")))
}

/// A number that is not an operation.
pub(crate) fn leaf<'g>(e: &Expression, graph: &'g Graph, variable: Named<'_, Var<'g>>) -> Result<Option<Var<'g>>> {
    let number = |value: f64| Ok(Some(graph.constant(Tensor::scalar(value))));
    match e {
        Expression::Number(value) => number(*value),
        Expression::Constant(constant) => number(constant.value()),
        Expression::Variable(name) => match variable(name) {
            Some(x) => Ok(Some(x)),
            None => Err(Error::config(format!("variable `{name}` has no value"))),
        },
        Expression::Neg(_) | Expression::Binary(..) | Expression::Call(..) => Ok(None),
    }
}

impl Expression {
    /// The expression on a graph, its variables by name: to be differentiated there, or compiled.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a variable has no value.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_autodiff::{Graph, reverse};
    /// let graph = Graph::dynamic();
    /// let x = graph.constant(3.0.into());
    /// let f = rosenblatt_symbolic::parse("x^2 + 1")?.on_graph(&graph, &|name| (name == "x").then_some(x))?;
    /// assert_eq!((f.value()?.item()?, reverse::gradients(f, &[x])[0].value()?.item()?), (10.0, 6.0));
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn on_graph<'g>(&self, graph: &'g Graph, variable: &dyn Fn(&str) -> Option<Var<'g>>) -> Result<Var<'g>> {
        if let Some(leaf) = leaf(self, graph, variable)? {
            return Ok(leaf);
        }
        let operands = self.operands().into_iter().map(|x| x.on_graph(graph, variable));
        apply(self, &operands.collect::<Result<Vec<_>>>()?)
    }

    /// Its value in f64, computed by the engine.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a variable has no value.
    ///
    /// # Example
    /// ```
    /// let half = rosenblatt_symbolic::parse("x/2")?.value(&|name| (name == "x").then_some(1.0))?;
    /// assert_eq!(half, 0.5);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn value(&self, variable: &dyn Fn(&str) -> Option<f64>) -> Result<f64> {
        let graph = Graph::dynamic();
        let constant = |name: &str| Some(graph.constant(Tensor::scalar(variable(name)?)));
        self.on_graph(&graph, &constant)?.value()?.item()
    }
}

/// How many nodes of a graph are computed.
pub(crate) fn operations(graph: &Graph) -> usize {
    let end = graph.constant(Tensor::scalar(0.0)).id();
    let is_op = |id: &usize| graph.var(*id).is_ok_and(|x| x.origin().op().is_some());
    (0..end).filter(is_op).count()
}
