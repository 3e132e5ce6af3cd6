//! Derivatives by central differences.

use rosenblatt_tensor::Result;

use crate::{Expression, ValueGraph};

/// Step for a variable of size up to 1; beyond, it grows with the variable. A power of 2 near `∛ε`, where the error of the
/// difference and the rounding of the values are about equal.
pub(crate) const STEP: f64 = 1.0 / 131_072.0;

/// `Jacobian[result][variable]`, and how far off each entry may be.
pub(crate) struct Differences {
    pub(crate) jacobian: Vec<Vec<f64>>,
    pub(crate) bounds: Vec<Vec<f64>>,
}

/// `(f(x + h) − f(x − h)) / 2h` for each variable, with `h = 2⁻¹⁷ max(1, |x|)`.
///
/// The bound is the change when `h` is doubled (three times the error of order h², where the function is smooth between the
/// points), and the rounding of the values: `4 ε Σ |v ∂f/∂v| / h` over all nodes `v` of the graph.
pub(crate) fn differences(
    expressions: &[Expression],
    values: &[(String, f64)],
    graph: &ValueGraph,
) -> Result<Differences> {
    let table = |columns: &[Vec<f64>]| -> Vec<Vec<f64>> {
        (0..expressions.len())
            .map(|row| columns.iter().map(|column| column[row]).collect())
            .collect()
    };
    let (mut jacobian, mut bounds) = (Vec::new(), Vec::new());
    for (variable, (_, x)) in values.iter().enumerate() {
        let h = STEP * x.abs().max(1.0);
        let near = slopes(expressions, values, variable, h)?;
        let far = slopes(expressions, values, variable, 2.0 * h)?;
        let of_result = |(result, (near, far)): (usize, (&f64, &f64))| {
            (near - far).abs() + 4.0 * f64::EPSILON * condition(graph, result) / h
        };
        bounds.push(near.iter().zip(&far).enumerate().map(of_result).collect());
        jacobian.push(near);
    }
    Ok(Differences {
        jacobian: table(&jacobian),
        bounds: table(&bounds),
    })
}

/// How much a result changes, relative to ε, if every node is off by ε.
fn condition(graph: &ValueGraph, result: usize) -> f64 {
    let share = |node: &crate::GraphNode| (node.value * node.gradients[result]).abs();
    graph.nodes.iter().map(share).sum()
}

/// The difference quotient of each result by one variable.
fn slopes(expressions: &[Expression], values: &[(String, f64)], variable: usize, h: f64) -> Result<Vec<f64>> {
    let x = values[variable].1;
    let (above, below) = (x + h, x - h);
    let at = |moved: f64| {
        let value = |name: &str| {
            let i = values.iter().position(|(known, _)| known == name)?;
            Some(if i == variable { moved } else { values[i].1 })
        };
        expressions.iter().map(|e| e.value(&value)).collect::<Result<Vec<_>>>()
    };
    let (above_f, below_f) = (at(above)?, at(below)?);
    let slope = |(above_f, below_f): (&f64, &f64)| (above_f - below_f) / (above - below);
    Ok(above_f.iter().zip(&below_f).map(slope).collect())
}
