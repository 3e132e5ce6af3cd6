//! Terms: a coefficient times powers.

use std::cell::OnceCell;
use std::rc::Rc;

use super::key::key;
use super::ratio::Ratio;
use super::simplify;
use crate::{Expression, Operator};

/// `coefficient · base₁^exponent₁ · base₂^exponent₂ …`; bases and exponents are simplified.
#[derive(Clone)]
pub(super) struct Term {
    pub(super) coefficient: Ratio,
    pub(super) factors: Vec<Factor>,
}

/// `base^exponent`
#[derive(Clone)]
pub(super) struct Factor {
    pub(super) base: Expression,
    pub(super) exponent: Expression,
    /// Equal for bases that are equal but for the order of operands.
    /// Made when it is first compared: most factors are alone.
    key: OnceCell<Rc<str>>,
    /// The terms of a base that is a sum.
    sum: Option<Rc<Vec<Term>>>,
}

impl Factor {
    pub(super) fn new(base: Expression, exponent: Expression) -> Self {
        Self {
            base,
            exponent,
            key: OnceCell::new(),
            sum: None,
        }
    }

    fn key(&self) -> &str {
        self.key.get_or_init(|| key(&self.base).into())
    }

    /// Its place in a product: numbers, variables, others.
    fn place(&self) -> u8 {
        match &self.base {
            Expression::Number(_) | Expression::Constant(_) => 0,
            Expression::Variable(_) => 1,
            Expression::Neg(_) | Expression::Binary(..) | Expression::Call(..) => 2,
        }
    }
}

const ONE: Expression = Expression::Number(1.0);

fn is(exponent: &Expression, value: f64) -> bool {
    exponent.as_number() == Some(value)
}

impl Term {
    pub(super) fn number(coefficient: Ratio) -> Self {
        Self {
            coefficient,
            factors: Vec::new(),
        }
    }

    /// `base^exponent`
    pub(super) fn power(base: Expression, exponent: Expression) -> Self {
        Self {
            coefficient: Ratio::ONE,
            factors: vec![Factor::new(base, exponent)],
        }
    }

    pub(super) fn atom(base: Expression) -> Self {
        Self::power(base, ONE)
    }

    /// Terms as one: a sum of several is a factor.
    pub(super) fn of(mut terms: Vec<Self>) -> Self {
        match (terms.len(), terms.pop()) {
            (0, _) => Self::number(Ratio { top: 0.0, bottom: 1.0 }),
            (1, Some(term)) => term,
            (_, last) => {
                terms.extend(last);
                let mut term = Self::atom(expression(&terms));
                term.factors[0].sum = Some(Rc::new(terms));
                term
            }
        }
    }

    /// It as a list of terms: a number of times a sum is multiplied out.
    pub(super) fn spread(self) -> Vec<Self> {
        if self.coefficient.top == 0.0 {
            return Vec::new();
        }
        if let [factor] = &self.factors[..]
            && is(&factor.exponent, 1.0)
            && let Some(terms) = &factor.sum
        {
            let scaled = terms.iter().map(|term| term.scaled(self.coefficient));
            if let Some(terms) = scaled.collect() {
                return terms;
            }
        }
        vec![self]
    }

    fn scaled(&self, by: Ratio) -> Option<Self> {
        let coefficient = self.coefficient.times(by)?;
        Some(Self {
            coefficient,
            factors: self.factors.clone(),
        })
    }

    pub(super) fn negated(mut self) -> Self {
        self.coefficient = self.coefficient.negated();
        self
    }

    /// Coefficients are multiplied, exponents of equal bases added.
    pub(super) fn times(mut self, other: Self) -> Self {
        match self.coefficient.times(other.coefficient) {
            Some(coefficient) => self.coefficient = coefficient,
            None => self.multiply(Factor::new(number(other.coefficient), ONE)),
        }
        other.factors.into_iter().for_each(|factor| self.multiply(factor));
        self
    }

    fn multiply(&mut self, factor: Factor) {
        // Numbers that are powers by themselves would be larger or smaller together.
        let is_number = |factor: &Factor| factor.base.as_number().is_some() && factor.exponent.as_number().is_some();
        let known = self
            .factors
            .iter()
            .position(|known| known.key() == factor.key() && !is_number(known));
        let known = known.filter(|_| !is_number(&factor));
        let Some(at) = known else {
            return self.factors.push(factor);
        };
        let exponent = simplify(&(self.factors[at].exponent.clone() + factor.exponent));
        self.factors[at].exponent = exponent;
        if is(&self.factors[at].exponent, 0.0) {
            self.factors.remove(at);
        }
    }

    /// A whole power: of the coefficient, and of each factor, `(uᵇ)ⁿ = uᵇⁿ`.
    pub(super) fn whole_power(&self, exponent: f64) -> Option<Self> {
        let mut power = Self::number(self.coefficient.pow(exponent)?);
        for factor in &self.factors {
            let mut factor = factor.clone();
            factor.exponent = simplify(&(factor.exponent * Expression::number(exponent)));
            power.multiply(factor);
        }
        Some(power)
    }

    /// Whether both are multiples of the same product.
    pub(super) fn is_like(&self, other: &Self) -> bool {
        let is_in = |factor: &Factor| {
            let same = |known: &&Factor| known.key() == factor.key();
            let found = other.factors.iter().find(same);
            found.is_some_and(|known| key(&known.exponent) == key(&factor.exponent))
        };
        self.factors.len() == other.factors.len() && self.factors.iter().all(is_in)
    }
}

fn number(ratio: Ratio) -> Expression {
    match ratio.bottom == 1.0 {
        true => Expression::number(ratio.top),
        false => Expression::number(ratio.top) / Expression::Number(ratio.bottom),
    }
}

/// The sum of terms as one would write it; a negative one is not the first if another one can be.
pub(super) fn expression(terms: &[Term]) -> Expression {
    let is_positive = |term: &Term| term.coefficient.top > 0.0;
    let first = terms.iter().position(is_positive).unwrap_or(0);
    let Some(start) = terms.get(first) else {
        return Expression::Number(0.0);
    };
    let (size, sign) = (product(start), is_positive(start));
    let start = if sign { size } else { -size };
    let rest = terms.iter().enumerate().filter(|(i, _)| *i != first);
    rest.fold(start, |sum, (_, term)| match is_positive(term) {
        true => sum + product(term),
        false => sum - product(term),
    })
}

/// A term without its sign, as a fraction if it has negative exponents.
fn product(term: &Term) -> Expression {
    let size = Ratio {
        top: term.coefficient.top.abs(),
        ..term.coefficient
    };
    let leading = |value: f64| (value != 1.0).then_some(Expression::Number(value));
    let (mut top, mut bottom) = (leading(size.top), leading(size.bottom));
    let mut factors: Vec<&Factor> = term.factors.iter().collect();
    factors.sort_by_key(|factor| factor.place());
    for factor in factors {
        let (side, exponent) = match &factor.exponent {
            Expression::Neg(exponent) => (&mut bottom, &**exponent),
            exponent => (&mut top, exponent),
        };
        let power = match is(exponent, 1.0) {
            true => factor.base.clone(),
            false => factor.base.clone().pow(exponent.clone()),
        };
        *side = Some(match side.take() {
            Some(product) => product.with(Operator::Mul, power),
            None => power,
        });
    }
    let top = top.unwrap_or(ONE);
    match bottom {
        Some(bottom) => top / bottom,
        None => top,
    }
}
