//! Expressions as text that is parsed to the same tree.

use std::fmt;

use crate::{Expression, Operator};

/// How strongly the parts of an expression hold together; what holds less than asked is put in parentheses.
#[derive(Clone, Copy, PartialEq, PartialOrd)]
enum Strength {
    Sum,
    Neg,
    Product,
    Power,
    Atom,
}

impl Expression {
    fn strength(&self) -> Strength {
        match self {
            Self::Neg(_) => Strength::Neg,
            Self::Binary(Operator::Add | Operator::Sub, ..) => Strength::Sum,
            Self::Binary(Operator::Mul | Operator::Div, ..) => Strength::Product,
            Self::Binary(Operator::Pow, ..) => Strength::Power,
            Self::Number(_) | Self::Constant(_) | Self::Variable(_) | Self::Call(..) => Strength::Atom,
        }
    }
}

/// With parentheses if it holds together less than `least`.
struct AtLeast<'e>(Strength, &'e Expression);

impl fmt::Display for AtLeast<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.1.strength() < self.0 {
            true => write!(f, "({})", self.1),
            false => write!(f, "{}", self.1),
        }
    }
}

impl fmt::Display for Expression {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => f.write_str(&number(*value)),
            Self::Constant(constant) => f.write_str(constant.name()),
            Self::Variable(name) => f.write_str(name),
            Self::Neg(x) => write!(f, "-{}", AtLeast(Strength::Product, x)),
            Self::Binary(operator, x, y) => {
                let (left, right, space) = match operator {
                    Operator::Add | Operator::Sub => (Strength::Sum, Strength::Product, " "),
                    Operator::Mul | Operator::Div => (Strength::Product, Strength::Power, ""),
                    Operator::Pow => (Strength::Atom, Strength::Power, ""),
                };
                let symbol = operator.symbol();
                write!(f, "{}{space}{symbol}{space}{}", AtLeast(left, x), AtLeast(right, y))
            }
            Self::Call(function, x) => {
                let x: Vec<String> = x.iter().map(ToString::to_string).collect();
                write!(f, "{}({})", function.name, x.join(", "))
            }
        }
    }
}

/// A number with as many digits as tell it from others: `0.1`, `25`, `1e-7`, `1.5e20`.
#[must_use]
pub fn number(value: f64) -> String {
    // Zero has no sign for readers.
    let value = if value == 0.0 { 0.0 } else { value };
    match value == 0.0 || !value.is_finite() || (1e-5..1e16).contains(&value.abs()) {
        true => value.to_string(),
        false => format!("{value:e}"),
    }
}
