//! Kinks, and values that are not finite, in words.

use rosenblatt_tensor::Result;

use crate::derivative::local;
use crate::{Expression, GraphNode, ValueGraph, Way, number, parse};

/// What one should know about a point.
pub(crate) fn of(graph: &ValueGraph, ways: &[Way; 4], values: &[(String, f64)]) -> Result<Vec<String>> {
    let mut warnings = Vec::new();
    for node in &graph.nodes {
        let operands: Vec<f64> = node
            .operands
            .iter()
            .map(|&operand| graph.nodes[operand].value)
            .collect();
        warnings.extend(not_finite(node, &operands));
        if let Expression::Call(function, arguments) = &node.expression {
            let named: Vec<Expression> = arguments.to_vec();
            for kink in function.kinks {
                if at(&parse(kink)?, &operands)? == 0.0 {
                    warnings.push(at_kink(node, function.derivatives, &operands, &named)?);
                }
            }
        }
    }
    warnings.extend(without_gradient(graph, values));
    warnings.extend(only_symbolic(ways, values));
    Ok(warnings)
}

/// A rule's value for operands called `u` and `v`.
fn at(rule: &Expression, operands: &[f64]) -> Result<f64> {
    rule.value(&|name| {
        operands
            .get(["u", "v"].iter().position(|known| *known == name)?)
            .copied()
    })
}

fn not_finite(node: &GraphNode, operands: &[f64]) -> Option<String> {
    if node.value.is_finite() || !operands.iter().all(|operand| operand.is_finite()) {
        return None;
    }
    let operands: Vec<String> = operands.iter().map(|operand| number(*operand)).collect();
    let operands = operands.join(" and ");
    Some(match node.value.is_nan() {
        true => format!("`{}` has no value for {operands}: it is NaN", node.expression),
        false => format!("`{}` is infinite for {operands}", node.expression),
    })
}

/// Which derivative is taken where there is none.
fn at_kink(node: &GraphNode, rules: &[&str], operands: &[f64], arguments: &[Expression]) -> Result<String> {
    let variables = ["u", "v"].map(|name| Expression::Variable(name.into()));
    let mut taken = Vec::new();
    for rule in rules {
        taken.push(number(at(&local(rule, &variables)?, operands)?));
    }
    let each = taken
        .iter()
        .zip(arguments)
        .map(|(value, x)| format!("{value} by `{x}`"));
    Ok(format!(
        "`{}` is not differentiable here; its derivative is taken to be {}",
        node.expression,
        each.collect::<Vec<_>>().join(" and ")
    ))
}

/// Results that are finite, with a gradient that is not.
fn without_gradient(graph: &ValueGraph, values: &[(String, f64)]) -> Option<String> {
    let is_finite = |&result: &usize| graph.nodes[result].value.is_finite();
    let names = values.iter().map(|(name, _)| name);
    let has_none = |name: &&String| {
        let node = graph.nodes.iter().find(|node| node.name == **name);
        node.is_some_and(|node| node.gradients.iter().any(|gradient| !gradient.is_finite()))
    };
    let without: Vec<String> = names.filter(has_none).map(|name| format!("`{name}`")).collect();
    match graph.results.iter().all(is_finite) && !without.is_empty() {
        true => Some(format!("the derivative by {} is not finite here", without.join(", "))),
        false => None,
    }
}

/// Entries that the engine has a convention for, and the formula has no value.
fn only_symbolic([_, symbolic, _, reverse]: &[Way; 4], values: &[(String, f64)]) -> Option<String> {
    let is_lost = |variable: usize| {
        let entry = |way: &Way, row: usize| way.jacobian[row][variable];
        (0..symbolic.jacobian.len()).any(|row| !entry(symbolic, row).is_finite() && entry(reverse, row).is_finite())
    };
    let lost = values.iter().enumerate().filter(|(i, _)| is_lost(*i));
    let lost: Vec<String> = lost.map(|(_, (name, _))| format!("`{name}`")).collect();
    (!lost.is_empty()).then(|| {
        format!(
            "the formula of the derivative by {} has no value here (as 0·∞ has none); forward and reverse mode take its limit",
            lost.join(", ")
        )
    })
}
