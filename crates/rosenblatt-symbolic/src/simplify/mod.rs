//! Shorter expressions of the same value.

mod calls;
mod key;
mod ratio;
mod term;

use crate::{Expression, Operator};
use ratio::Ratio;
use term::{Term, expression};

/// A shorter expression that has the same value wherever the original has a finite one, up to rounding.
///
/// Numbers are folded, fractions of whole numbers exactly; `0·x = 0`, `1·x = x`, `x⁰ = 1`; like terms and powers of equal
/// bases are collected; a number times a sum is multiplied out; functions are replaced where their value is exact (`exp(0)`) or
/// one undoes another (`ln(exp(x))`). Other products stay as they are. Each part is looked at once, so it ends.
///
/// Where the original has no finite value, as `x/x` at 0, the shorter one may have one. Numbers beyond 10^±100 are not moved,
/// since another order of a product might leave the range of f64.
///
/// # Example
/// ```
/// use rosenblatt_symbolic::{parse, simplify};
/// let short = |text: &str| Ok::<_, rosenblatt_tensor::Error>(simplify(&parse(text)?).to_string());
/// assert_eq!(short("1*(x + y) + x*(1 + 0)")?, "2*x + y");
/// assert_eq!(short("2*x*y*x/4 - 0*x")?, "x^2*y/2");
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[must_use]
pub fn simplify(e: &Expression) -> Expression {
    expression(&terms(e))
}

/// The terms of a sum, none of them 0; of any other expression it is one term.
fn terms(e: &Expression) -> Vec<Term> {
    match e {
        Expression::Number(value) => match Ratio::of(*value) {
            Some(ratio) => Term::number(ratio).spread(),
            None => vec![Term::atom(e.clone())],
        },
        Expression::Constant(_) | Expression::Variable(_) => vec![Term::atom(e.clone())],
        Expression::Neg(x) => terms(x).into_iter().map(Term::negated).collect(),
        Expression::Binary(Operator::Add, x, y) => collected(terms(x), terms(y)),
        Expression::Binary(Operator::Sub, x, y) => {
            let subtracted = terms(y).into_iter().map(Term::negated);
            collected(terms(x), subtracted.collect())
        }
        Expression::Binary(Operator::Mul, x, y) => product(terms(x), terms(y)),
        Expression::Binary(Operator::Div, x, y) => product(terms(x), power(terms(y), Expression::number(-1.0))),
        Expression::Binary(Operator::Pow, x, y) => power(terms(x), simplify(y)),
        Expression::Call(function, x) => match calls::call(function, x.iter().map(simplify).collect()) {
            call @ Expression::Call(..) => vec![Term::atom(call)],
            known => terms(&known),
        },
    }
}

/// The number an expression is, if it is one, also as a fraction.
fn constant(e: &Expression) -> Option<f64> {
    match &terms_of_number(e)?[..] {
        [] => Some(0.0),
        [term] if term.factors.is_empty() => Some(term.coefficient.value()),
        _ => None,
    }
}

/// The terms of an expression that may be a number, at no cost if it is none.
fn terms_of_number(e: &Expression) -> Option<Vec<Term>> {
    let is_number = match e {
        Expression::Binary(Operator::Div, x, y) => x.as_number().is_some() && y.as_number().is_some(),
        Expression::Neg(x) => return Some(terms_of_number(x)?.into_iter().map(Term::negated).collect()),
        _ => e.as_number().is_some(),
    };
    is_number.then(|| terms(e))
}

/// The sum, with like terms as one.
fn collected(mut sum: Vec<Term>, more: Vec<Term>) -> Vec<Term> {
    for term in more {
        let like = sum.iter().position(|known| known.is_like(&term));
        let joined = like.and_then(|at| Some((at, sum[at].coefficient.plus(term.coefficient)?)));
        match joined {
            Some((at, coefficient)) if coefficient.top == 0.0 => {
                sum.remove(at);
            }
            Some((at, coefficient)) => sum[at].coefficient = coefficient,
            None => sum.push(term),
        }
    }
    sum
}

fn product(x: Vec<Term>, y: Vec<Term>) -> Vec<Term> {
    match x.is_empty() || y.is_empty() {
        true => Vec::new(),
        false => Term::of(x).times(Term::of(y)).spread(),
    }
}

fn power(base: Vec<Term>, exponent: Expression) -> Vec<Term> {
    let one = || Term::number(Ratio::ONE).spread();
    let is_one = matches!(&base[..], [term] if term.factors.is_empty() && term.coefficient == Ratio::ONE);
    match exponent.as_number() {
        Some(0.0) => return one(),
        Some(1.0) => return base,
        Some(value) if base.is_empty() && value > 0.0 => return base,
        Some(value) if !base.is_empty() && value % 1.0 == 0.0 => {
            if let Some(root) = square_root(&base)
                && value % 2.0 == 0.0
            {
                return power(terms(&root), Expression::number(value / 2.0));
            }
            let term = Term::of(base.clone());
            if let Some(power) = term.whole_power(value) {
                return power.spread();
            }
        }
        _ if is_one => return one(),
        _ => {}
    }
    vec![Term::power(expression(&base), exponent)]
}

/// `u`, if it is `sqrt(u)` that is raised to a power.
fn square_root(base: &[Term]) -> Option<Expression> {
    let [term] = base else { return None };
    let [factor] = &term.factors[..] else { return None };
    match &factor.base {
        Expression::Call(function, x)
            if function.name == "sqrt"
                && term.coefficient == Ratio::ONE
                && factor.exponent.as_number() == Some(1.0) =>
        {
            x.first().cloned()
        }
        _ => None,
    }
}
