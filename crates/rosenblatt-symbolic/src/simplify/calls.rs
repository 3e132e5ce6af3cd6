//! Functions of arguments where their value is known.

use super::{constant, simplify};
use crate::{Constant, Expression, Function};

/// A function of simplified arguments, or what it is equal to.
pub(super) fn call(function: &'static Function, arguments: Vec<Expression>) -> Expression {
    let known = match &arguments[..] {
        [x] => of_number(function, x).or_else(|| of_inverse(function, x)),
        [x, y] => of_two(function, x, y),
        _ => None,
    };
    known.unwrap_or_else(|| function.of(arguments))
}

/// Values that are exact; those of other numbers stay as they are written.
fn of_number(function: &Function, x: &Expression) -> Option<Expression> {
    let value = constant(x)?;
    let number = |value: f64| Some(Expression::number(value));
    match function.name {
        "abs" if value < 0.0 => Some(simplify(&-x.clone())),
        "abs" => Some(x.clone()),
        "relu" => Some(if value > 0.0 {
            x.clone()
        } else {
            Expression::Number(0.0)
        }),
        "is_positive" => number(if value > 0.0 { 1.0 } else { 0.0 }),
        "sign" => number(if value == 0.0 { 0.0 } else { value.signum() }),
        "step" if value == 0.0 => Some(Expression::Number(1.0) / Expression::Number(2.0)),
        "step" => number(if value > 0.0 { 1.0 } else { 0.0 }),
        "sqrt" if (0.0..1e15).contains(&value) && value.sqrt() % 1.0 == 0.0 => number(value.sqrt()),
        "exp" | "cos" | "erfc" if value == 0.0 => number(1.0),
        "sigmoid" if value == 0.0 => Some(Expression::Number(1.0) / Expression::Number(2.0)),
        "ln" if value == 1.0 => number(0.0),
        "elu" | "erf" | "gelu" | "hard_tanh" | "leaky_relu" | "ln_1p" | "silu" | "sin" | "softsign" | "tan"
        | "tanh"
            if value == 0.0 =>
        {
            number(0.0)
        }
        _ => None,
    }
}

/// `ln(exp(u))`, `exp(ln(u))`, `ln(e)`; `u²` for `square(u)`.
fn of_inverse(function: &Function, x: &Expression) -> Option<Expression> {
    match (function.name, x) {
        ("ln", Expression::Constant(Constant::E)) => Some(Expression::Number(1.0)),
        ("ln", Expression::Call(inner, u)) if inner.name == "exp" => u.first().cloned(),
        ("exp", Expression::Call(inner, u)) if inner.name == "ln" => u.first().cloned(),
        ("square", _) => Some(simplify(&x.clone().pow(Expression::Number(2.0)))),
        _ => None,
    }
}

/// The larger and the smaller of numbers, and of one with itself.
fn of_two(function: &Function, x: &Expression, y: &Expression) -> Option<Expression> {
    let is_max = match function.name {
        "max" => true,
        "min" => false,
        _ => return None,
    };
    if x == y {
        return Some(x.clone());
    }
    let takes_first = (constant(x)? > constant(y)?) == is_max;
    Some(if takes_first { x.clone() } else { y.clone() })
}
