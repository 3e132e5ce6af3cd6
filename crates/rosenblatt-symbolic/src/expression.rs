//! The tree of an expression.

use std::sync::Arc;

use crate::Function;

/// An expression: a tree of numbers, variables, operations and functions.
///
/// Subtrees are shared, so that a clone costs nothing. [`parse`](fn@crate::parse) makes one of text, `Display` text of one, and
/// the text of any expression with finite numbers is parsed to the same tree.
///
/// # Example
/// ```
/// use rosenblatt_symbolic::{Expression, parse};
/// let f = parse("-x*y + 2")?;
/// assert_eq!(f.variables(), ["x", "y"]);
/// assert_eq!((f.to_string(), f.operations()), ("-x*y + 2".to_owned(), 3));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A number, 0 or above: a negative one is [`Expression::Neg`] of it.
    Number(f64),
    /// π or e.
    Constant(Constant),
    /// A variable, by its name.
    Variable(Arc<str>),
    /// `-x`.
    Neg(Arc<Self>),
    /// `x + y`, and so on.
    Binary(Operator, Arc<Self>, Arc<Self>),
    /// A function of [`crate::functions`] with as many arguments as it takes.
    Call(&'static Function, Arc<[Self]>),
}

/// A number with a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Constant {
    /// π, written `pi` or `π`.
    Pi,
    /// Euler's number, written `e`.
    E,
}

impl Constant {
    /// Every constant.
    pub const ALL: [Self; 2] = [Self::Pi, Self::E];

    /// As it is written.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Pi => "pi",
            Self::E => "e",
        }
    }

    /// Its value in f64.
    #[must_use]
    pub const fn value(self) -> f64 {
        match self {
            Self::Pi => std::f64::consts::PI,
            Self::E => std::f64::consts::E,
        }
    }
}

/// An operation between two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    /// `x + y`
    Add,
    /// `x - y`
    Sub,
    /// `x*y`
    Mul,
    /// `x/y`
    Div,
    /// `x^y`
    Pow,
}

impl Operator {
    /// As it is written.
    #[must_use]
    pub const fn symbol(self) -> &'static str {
        match self {
            Self::Add => "+",
            Self::Sub => "-",
            Self::Mul => "*",
            Self::Div => "/",
            Self::Pow => "^",
        }
    }
}

impl Expression {
    /// A number, of either sign.
    #[must_use]
    pub fn number(value: f64) -> Self {
        match value.is_sign_negative() && value != 0.0 {
            true => -Self::Number(-value),
            false => Self::Number(value.abs()),
        }
    }

    /// `self^exponent`.
    #[must_use]
    pub fn pow(self, exponent: Self) -> Self {
        self.with(Operator::Pow, exponent)
    }

    pub(crate) fn with(self, operator: Operator, other: Self) -> Self {
        Self::Binary(operator, Arc::new(self), Arc::new(other))
    }

    /// Its operands, from left to right.
    #[must_use]
    pub fn operands(&self) -> Vec<&Self> {
        match self {
            Self::Number(_) | Self::Constant(_) | Self::Variable(_) => Vec::new(),
            Self::Neg(x) => vec![x],
            Self::Binary(_, x, y) => vec![x, y],
            Self::Call(_, x) => x.iter().collect(),
        }
    }

    /// The names of its variables, in the order of their first appearance.
    #[must_use]
    pub fn variables(&self) -> Vec<String> {
        let mut names = Vec::new();
        self.collect_variables(&mut names);
        names
    }

    pub(crate) fn collect_variables(&self, names: &mut Vec<String>) {
        if let Self::Variable(name) = self
            && !names.iter().any(|known| **known == **name)
        {
            names.push(name.to_string());
        }
        self.operands().iter().for_each(|x| x.collect_variables(names));
    }

    /// How many operations its value takes: operators and functions, each counted as often as it is written.
    #[must_use]
    pub fn operations(&self) -> usize {
        let own = usize::from(!self.operands().is_empty());
        own + self.operands().iter().map(|x| x.operations()).sum::<usize>()
    }

    /// The number it is, if it is one.
    pub(crate) fn as_number(&self) -> Option<f64> {
        match self {
            Self::Number(value) => Some(*value),
            Self::Neg(x) => x.as_number().map(|value| -value),
            Self::Constant(_) | Self::Variable(_) | Self::Binary(..) | Self::Call(..) => None,
        }
    }

    /// The same with others in the place of variables; those that `by` does not know stay.
    pub(crate) fn replaced(&self, by: &dyn Fn(&str) -> Option<Self>) -> Self {
        match self {
            Self::Number(_) | Self::Constant(_) => self.clone(),
            Self::Variable(name) => by(name).unwrap_or_else(|| self.clone()),
            Self::Neg(x) => -x.replaced(by),
            Self::Binary(operator, x, y) => x.replaced(by).with(*operator, y.replaced(by)),
            Self::Call(function, x) => Self::Call(function, x.iter().map(|x| x.replaced(by)).collect()),
        }
    }
}

impl std::ops::Neg for Expression {
    type Output = Self;

    fn neg(self) -> Self {
        Self::Neg(Arc::new(self))
    }
}

macro_rules! operators {
    ($($operator:ident $method:ident),*) => {$(
        impl std::ops::$operator for Expression {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                self.with(Operator::$operator, other)
            }
        }
    )*};
}
operators!(Add add, Sub sub, Mul mul, Div div);

impl Expression {
    /// The same operation of other operands; what has none stays.
    pub(crate) fn with_operands(&self, operands: &[Self]) -> Self {
        match (self, operands) {
            (Self::Neg(_), [x]) => -x.clone(),
            (Self::Binary(operator, ..), [x, y]) => x.clone().with(*operator, y.clone()),
            (Self::Call(function, _), x) => Self::Call(function, x.into()),
            _ => self.clone(),
        }
    }
}
