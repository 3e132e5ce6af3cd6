//! The functions that an expression may call, with their derivatives.
//!
//! To add one: its line in [`FUNCTIONS`], in alphabetical order. The derivative by each argument is text: the arguments are
//! called `u` and `v` there. Tests hold it against the engine's derivative.

use std::fmt;

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::names::meant;

use crate::Expression;

/// A function with a name.
pub struct Function {
    /// As it is written in expressions.
    pub name: &'static str,
    /// Other names that it is found by.
    pub aliases: &'static [&'static str],
    /// Its derivative by each argument, in terms of its arguments `u` and `v`.
    pub derivatives: &'static [&'static str],
    /// Where it has a kink or a jump: expressions that are 0 there.
    pub(crate) kinks: &'static [&'static str],
    pub(crate) apply: for<'g> fn(&[Var<'g>]) -> Option<Var<'g>>,
}

impl Function {
    /// The function of this name or alias, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<&'static Self> {
        FUNCTIONS
            .iter()
            .find(|function| function.name == name || function.aliases.contains(&name))
    }

    /// How many arguments it takes.
    #[must_use]
    pub const fn arity(&self) -> usize {
        self.derivatives.len()
    }

    /// What to write in a hint for a name that is not a function.
    pub(crate) fn meant(name: &str) -> String {
        let names = FUNCTIONS
            .iter()
            .flat_map(|function| [function.name].into_iter().chain(function.aliases.iter().copied()));
        meant(name, names)
    }

    /// It with these arguments. With another number of arguments than it takes, the expression has no value, which is an error on the graph.
    #[must_use]
    pub fn of(&'static self, arguments: impl IntoIterator<Item = Expression>) -> Expression {
        Expression::Call(self, arguments.into_iter().collect())
    }
}

impl PartialEq for Function {
    fn eq(&self, other: &Self) -> bool {
        self.name == other.name
    }
}

impl fmt::Debug for Function {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

macro_rules! functions {
    ($($name:literal $([$($alias:literal),*])? |$x:ident $(, $y:ident)?| $apply:expr => $($derivative:literal),+ $(@ $($kink:literal),+)?;)*) => {
        /// Every function, in alphabetical order.
        pub static FUNCTIONS: &[Function] = &[$(Function {
            name: $name,
            aliases: &[$($($alias),*)?],
            derivatives: &[$($derivative),+],
            kinks: &[$($($kink),+)?],
            apply: |arguments| match arguments {
                &[$x $(, $y)?] => Some($apply),
                _ => None,
            },
        }),*];
    };
}

functions! {
    "abs" |u| u.abs() => "sign(u)" @ "u";
    "cos" |u| u.cos() => "-sin(u)";
    "elu" |u| u.elu(1.0) => "is_positive(u) + (1 - is_positive(u))*exp(min(u, 0))";
    "erf" |u| u.erf() => "2*exp(-u^2)/sqrt(pi)";
    "erfc" |u| u.erfc() => "-2*exp(-u^2)/sqrt(pi)";
    "exp" |u| u.exp() => "exp(u)";
    "gelu" |u| u.gelu() => "(1 + erf(u/sqrt(2)))/2 + u*exp(-u^2/2)/sqrt(2*pi)";
    "hard_tanh" |u| u.hard_tanh() => "is_positive(1 - abs(u))" @ "1 - abs(u)";
    "is_positive" |u| u.sign().relu() => "0" @ "u";
    "leaky_relu" |u| u.leaky_relu(0.01) => "0.01 + 0.99*is_positive(u)" @ "u";
    "ln" ["log"] |u| u.ln() => "1/u";
    "ln_1p" ["log1p"] |u| u.ln_1p() => "1/(1 + u)";
    "max" ["maximum"] |u, v| u.maximum(v) => "step(u - v)", "step(v - u)" @ "u - v";
    "min" ["minimum"] |u, v| u.minimum(v) => "step(v - u)", "step(u - v)" @ "u - v";
    "relu" |u| u.relu() => "is_positive(u)" @ "u";
    "sigmoid" ["logistic"] |u| u.sigmoid() => "sigmoid(u)*(1 - sigmoid(u))";
    "sign" |u| u.sign() => "0" @ "u";
    "silu" |u| u.silu() => "sigmoid(u) + u*sigmoid(u)*(1 - sigmoid(u))";
    "sin" |u| u.sin() => "cos(u)";
    "softplus" |u| u.softplus() => "sigmoid(u)";
    "softsign" |u| u.softsign() => "1/(1 + abs(u))^2";
    "sqrt" |u| u.sqrt() => "1/(2*sqrt(u))";
    "square" |u| u.square() => "2*u";
    "step" |u| 0.5 * (u.sign() + 1.0) => "0" @ "u";
    "tan" |u| u.sin() / u.cos() => "1 + tan(u)^2";
    "tanh" |u| u.tanh() => "1 - tanh(u)^2";
}
