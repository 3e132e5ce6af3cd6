//! Derivatives by the rules of calculus.

use rosenblatt_tensor::{Error, Result};

use crate::{Expression, Function, Operator, parse, simplify};

/// The derivative of an expression by a variable, as it comes out of the rules; [`simplify`](fn@simplify) makes it shorter.
///
/// Sum, product, quotient and chain rule; `(uᵛ)′ = v uᵛ⁻¹ u′ + uᵛ ln(u) v′`; functions as in [`crate::functions`]. What has kinks is
/// differentiated by parts, with the engine's conventions there: `max(u, v)′ = step(u − v) u′ + step(v − u) v′` with `step(0) = ½`,
/// `|u|′ = sign(u) u′` with `sign(0) = 0`, `relu(u)′ = is_positive(u) u′` with `is_positive(0) = 0`.
///
/// Parts that do not depend on the variable have no term.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if a function has not as many arguments as it takes: then the expression was not
/// made by [`parse`](fn@parse).
///
/// # Example
/// ```
/// use rosenblatt_symbolic::{derivative, parse, simplify};
/// let f = parse("sigmoid(w*x + b)")?;
/// let by_b = simplify(&derivative(&f, "b")?);
/// assert_eq!(by_b.to_string(), "sigmoid(w*x + b)*(1 - sigmoid(w*x + b))");
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn derivative(f: &Expression, variable: &str) -> Result<Expression> {
    Ok(by(f, variable)?.unwrap_or(Expression::Number(0.0)))
}

/// None is 0.
fn by(f: &Expression, variable: &str) -> Result<Option<Expression>> {
    Ok(match f {
        Expression::Number(_) | Expression::Constant(_) => None,
        Expression::Variable(name) => (**name == *variable).then_some(Expression::Number(1.0)),
        Expression::Neg(x) => by(x, variable)?.map(|dx| -dx),
        Expression::Binary(operator, x, y) => {
            let (dx, dy) = (by(x, variable)?, by(y, variable)?);
            of_operator(*operator, [x, y], dx, dy)
        }
        Expression::Call(function, x) => of_call(function, x, variable)?,
    })
}

type Term = Option<Expression>;

fn sum(x: Term, y: Term) -> Term {
    match (x, y) {
        (Some(x), Some(y)) => Some(x + y),
        (x, y) => x.or(y),
    }
}

fn of_operator(operator: Operator, [x, y]: [&Expression; 2], dx: Term, dy: Term) -> Term {
    let (u, v) = (|| x.clone(), || y.clone());
    match operator {
        Operator::Add => sum(dx, dy),
        Operator::Sub => match (dx, dy) {
            (Some(dx), Some(dy)) => Some(dx - dy),
            (dx, dy) => dx.or(dy.map(|dy| -dy)),
        },
        Operator::Mul => sum(dx.map(|dx| dx * v()), dy.map(|dy| u() * dy)),
        Operator::Div => {
            let by_v = dy.map(|dy| -(u() * dy / v().pow(Expression::Number(2.0))));
            sum(dx.map(|dx| dx / v()), by_v)
        }
        Operator::Pow => {
            let by_u = dx.map(|dx| v() * u().pow(less_1(y)) * dx);
            let by_v = dy.and_then(|dy| Some(u().pow(v()) * ln(x)? * dy));
            sum(by_u, by_v)
        }
    }
}

/// `y - 1`
fn less_1(y: &Expression) -> Expression {
    match y.as_number() {
        Some(value) => Expression::number(value - 1.0),
        None => y.clone() - Expression::Number(1.0),
    }
}

/// `ln(x)`; none of the number 0, whose powers are constant.
fn ln(x: &Expression) -> Term {
    match x.as_number() {
        Some(0.0) => None,
        _ => Function::named("ln").map(|ln| ln.of([x.clone()])),
    }
}

fn of_call(function: &'static Function, x: &[Expression], variable: &str) -> Result<Term> {
    if x.len() != function.arity() {
        let message = format!(
            "expected {} arguments of `{}`, got {}",
            function.arity(),
            function.name,
            x.len()
        );
        return Err(Error::config(message));
    }
    let mut total = None;
    for (x_i, rule) in x.iter().zip(function.derivatives) {
        if let Some(dx) = by(x_i, variable)? {
            total = sum(total, Some(local(rule, x)? * dx));
        }
    }
    Ok(total)
}

/// A rule of [`crate::functions`] with arguments in the place of `u` and `v`.
pub(crate) fn local(rule: &str, arguments: &[Expression]) -> Result<Expression> {
    let argument = |name: &str| {
        arguments
            .get(["u", "v"].iter().position(|known| *known == name)?)
            .cloned()
    };
    Ok(simplify(&parse(rule)?.replaced(&argument)))
}
