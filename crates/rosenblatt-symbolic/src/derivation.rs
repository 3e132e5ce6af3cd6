//! Expressions, their derivatives, and all of it at a point.

use rosenblatt_autodiff::{Graph, Var, forward, reverse};
use rosenblatt_tensor::names::{listing, meant};
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::numeric::{self, differences};
use crate::on_graph::operations;
use crate::{Expression, ValueGraph, derivative, parse_list, simplify, warnings};

/// Expressions with the derivative of each by each variable.
///
/// # Example
/// ```
/// use rosenblatt_symbolic::Derivation;
/// let f = Derivation::new("x*exp(3*x*max(x, y))")?;
/// assert_eq!(f.variables, ["x", "y"]);
/// let at = f.at(&[("x".to_owned(), 2.0), ("y".to_owned(), 1.0)])?;
/// assert!((at.results[0] / 325_509.58283800783 - 1.0).abs() < 1e-15);
/// assert_eq!(at.ways.iter().map(|way| way.jacobian[0][1]).collect::<Vec<_>>(), [0.0; 4]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub struct Derivation {
    /// Names of the variables, in the order of their first appearance.
    pub variables: Vec<String>,
    /// The expressions.
    pub outputs: Vec<Output>,
}

/// An expression of a [`Derivation`].
#[derive(Clone, Debug, PartialEq)]
pub struct Output {
    /// `f`; of several `f1`, `f2`, …
    pub name: String,
    /// As it was given.
    pub expression: Expression,
    /// Its simplified derivative by each variable.
    pub derivatives: Vec<Expression>,
}

/// A [`Derivation`] at a point.
#[derive(Clone, Debug, PartialEq)]
pub struct AtPoint {
    /// The variables with their values.
    pub values: Vec<(String, f64)>,
    /// The value of each expression.
    pub results: Vec<f64>,
    /// The graph, with value and gradient at every node.
    pub graph: ValueGraph,
    /// Numeric, symbolic, forward, reverse.
    pub ways: [Way; 4],
    /// How far off each entry of the numeric Jacobian may be.
    pub numeric_bounds: Vec<Vec<f64>>,
    /// Kinks, and values that are not finite, in words.
    pub warnings: Vec<String>,
}

/// A way to the derivatives, with its cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Way {
    /// `numeric`, `symbolic`, `forward` or `reverse`.
    pub name: &'static str,
    /// `jacobian[result][variable]`
    pub jacobian: Vec<Vec<f64>>,
    /// How often it goes through the expressions: 2 evaluations for each variable, a formula for each entry, a sweep for each
    /// variable, or a sweep for each result.
    pub passes: usize,
    /// Operations on numbers in all of it; values of the expressions themselves are counted, too, where the way needs them.
    pub operations: usize,
}

/// `f`, or `f1`, `f2`, …; another letter if a variable has this name.
pub(crate) fn result_names(count: usize, taken: &[String]) -> Vec<String> {
    let names = |letter: &str| match count {
        1 => vec![letter.to_owned()],
        _ => (1..=count).map(|i| format!("{letter}{i}")).collect::<Vec<_>>(),
    };
    let is_free = |names: &Vec<String>| names.iter().all(|name| !taken.contains(name));
    let found = ["f", "g", "h", "result"].into_iter().map(names).find(is_free);
    found.unwrap_or_else(|| names("result_"))
}

impl Derivation {
    /// The step of the numeric way is this times `max(1, |x|)`.
    pub const STEP: f64 = numeric::STEP;

    /// An expression, or a list of them in brackets, with its derivatives.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] with the place of what cannot be read.
    pub fn new(text: &str) -> Result<Self> {
        let expressions = parse_list(text)?;
        let mut variables = Vec::new();
        expressions.iter().for_each(|e| e.collect_variables(&mut variables));
        let names = result_names(expressions.len(), &variables);
        let output = |(expression, name): (Expression, String)| {
            let by = |variable: &String| Ok(simplify(&derivative(&expression, variable)?));
            let derivatives = variables.iter().map(by).collect::<Result<_>>()?;
            Ok(Output {
                name,
                expression,
                derivatives,
            })
        };
        let outputs = expressions.into_iter().zip(names).map(output).collect::<Result<_>>()?;
        Ok(Self { variables, outputs })
    }

    /// Values, graph and all four ways at a point.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a variable has no value, or a name is none of them.
    pub fn at(&self, values: &[(String, f64)]) -> Result<AtPoint> {
        let values = self.ordered(values)?;
        let expressions: Vec<Expression> = self.outputs.iter().map(|output| output.expression.clone()).collect();
        let graph = ValueGraph::new(&expressions, &values)?;
        let differences = differences(&expressions, &values, &graph)?;
        let evaluations = 2 * values.len();
        let written: usize = expressions.iter().map(Expression::operations).sum();
        let numeric = Way {
            name: "numeric",
            jacobian: differences.jacobian,
            passes: evaluations,
            // A difference and a quotient for each entry.
            operations: evaluations * written + evaluations * expressions.len(),
        };
        let ways = [
            numeric,
            self.symbolic(&values)?,
            forward(&expressions, &values)?,
            reverse(&expressions, &values, &graph)?,
        ];
        Ok(AtPoint {
            results: graph.results.iter().map(|&result| graph.nodes[result].value).collect(),
            warnings: warnings::of(&graph, &ways, &values)?,
            numeric_bounds: differences.bounds,
            values,
            graph,
            ways,
        })
    }

    /// That every name is a variable's, and none is listed twice.
    pub(crate) fn check_names<T>(&self, values: &[(String, T)]) -> Result<()> {
        for (i, (name, _)) in values.iter().enumerate() {
            if !self.variables.contains(name) {
                let names = self.variables.iter().map(String::as_str);
                let hint = match &self.variables[..] {
                    [] => "the expression has no variables".to_owned(),
                    [_] => format!("the only variable is {}", listing(names)),
                    // Of one letter any other letter would be near.
                    _ if name.chars().nth(1).is_none() => format!("there are {}", listing(names)),
                    _ => meant(name, names),
                };
                return Err(Error::config(format!("expected a variable of the expression, got `{name}`")).hint(hint));
            }
            if values[..i].iter().any(|(earlier, _)| earlier == name) {
                return Err(Error::config(format!("`{name}` is listed twice")));
            }
        }
        Ok(())
    }

    /// The values in the order of the variables.
    fn ordered(&self, values: &[(String, f64)]) -> Result<Vec<(String, f64)>> {
        self.check_names(values)?;
        let names = || self.variables.iter().map(String::as_str);
        let value = |name: &String| values.iter().find(|(known, _)| known == name).cloned();
        let missing = names().filter(|name| value(&(*name).to_owned()).is_none());
        let missing: Vec<&str> = missing.collect();
        if !missing.is_empty() {
            let message = format!("expected a value of {}", listing(missing));
            return Err(Error::config(message));
        }
        Ok(self.variables.iter().filter_map(value).collect())
    }

    fn symbolic(&self, values: &[(String, f64)]) -> Result<Way> {
        let value = |name: &str| values.iter().find(|(known, _)| known == name).map(|(_, value)| *value);
        let row = |output: &Output| output.derivatives.iter().map(|e| e.value(&value)).collect();
        let all = || self.outputs.iter().flat_map(|output| &output.derivatives);
        Ok(Way {
            name: "symbolic",
            jacobian: self.outputs.iter().map(row).collect::<Result<_>>()?,
            passes: all().count(),
            operations: all().map(Expression::operations).sum(),
        })
    }
}

/// Expressions on a graph of their own, with their variables: equal parts are computed as often as they are written.
fn on_graph<'g>(
    graph: &'g Graph,
    expressions: &[Expression],
    values: &[(String, f64)],
) -> Result<(Vec<Var<'g>>, Vec<Var<'g>>)> {
    let xs: Vec<Var<'g>> = values
        .iter()
        .map(|(_, value)| graph.constant(Tensor::scalar(*value)))
        .collect();
    let variable = |name: &str| Some(xs[values.iter().position(|(known, _)| known == name)?]);
    let ys = expressions
        .iter()
        .map(|e| e.on_graph(graph, &variable))
        .collect::<Result<_>>()?;
    Ok((xs, ys))
}

fn items(vars: &[Var<'_>]) -> Result<Vec<f64>> {
    vars.iter().map(|x| x.value()?.item()).collect()
}

/// A sweep for each variable: a column.
fn forward(expressions: &[Expression], values: &[(String, f64)]) -> Result<Way> {
    let graph = Graph::dynamic();
    let (xs, ys) = on_graph(&graph, expressions, values)?;
    let one = graph.constant(Tensor::scalar(1.0));
    let column = |x: &Var<'_>| items(&forward::jvp(&ys, &[*x], &[one]));
    let columns = xs.iter().map(column).collect::<Result<Vec<_>>>()?;
    let row = |row: usize| columns.iter().map(|column| column[row]).collect();
    Ok(Way {
        name: "forward",
        jacobian: (0..ys.len()).map(row).collect(),
        passes: xs.len(),
        operations: operations(&graph),
    })
}

/// A sweep for each result: a row. The numbers are those of the graph with values.
fn reverse(expressions: &[Expression], values: &[(String, f64)], with_values: &ValueGraph) -> Result<Way> {
    let graph = Graph::dynamic();
    let (xs, ys) = on_graph(&graph, expressions, values)?;
    ys.iter()
        .try_for_each(|y| items(&reverse::gradients(*y, &xs)).map(drop))?;
    Ok(Way {
        name: "reverse",
        jacobian: with_values.jacobian(values),
        passes: ys.len(),
        operations: operations(&graph),
    })
}
