//! What tells expressions apart but for the order of sums and products.

use crate::{Expression, Operator};

/// Equal for expressions that differ in the order of their terms and factors only.
pub(super) fn key(e: &Expression) -> String {
    match e {
        Expression::Number(_) | Expression::Constant(_) | Expression::Variable(_) => e.to_string(),
        Expression::Neg(_) | Expression::Binary(Operator::Add | Operator::Sub, ..) => {
            let mut terms = Vec::new();
            collect_terms(e, '+', &mut terms);
            sorted(terms)
        }
        Expression::Binary(Operator::Mul, ..) => {
            let mut factors = Vec::new();
            collect_factors(e, &mut factors);
            sorted(factors)
        }
        Expression::Binary(operator, x, y) => format!("({}{}{})", key(x), operator.symbol(), key(y)),
        Expression::Call(function, x) => {
            let x: Vec<String> = x.iter().map(key).collect();
            format!("{}({})", function.name, x.join(","))
        }
    }
}

fn sorted(mut parts: Vec<String>) -> String {
    parts.sort_unstable();
    format!("({})", parts.concat())
}

fn collect_terms(e: &Expression, sign: char, terms: &mut Vec<String>) {
    let other = if sign == '+' { '-' } else { '+' };
    match e {
        Expression::Neg(x) => collect_terms(x, other, terms),
        Expression::Binary(Operator::Add, x, y) => {
            collect_terms(x, sign, terms);
            collect_terms(y, sign, terms);
        }
        Expression::Binary(Operator::Sub, x, y) => {
            collect_terms(x, sign, terms);
            collect_terms(y, other, terms);
        }
        _ => terms.push(format!("{sign}{}", key(e))),
    }
}

fn collect_factors(e: &Expression, factors: &mut Vec<String>) {
    match e {
        Expression::Binary(Operator::Mul, x, y) => {
            collect_factors(x, factors);
            collect_factors(y, factors);
        }
        _ => factors.push(format!("*{}", key(e))),
    }
}
