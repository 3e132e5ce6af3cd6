//! The reader: one method for each rule of the grammar.

use rosenblatt_tensor::{Error, Result};

use super::tokens::{Kind, Token, tokens};
use super::{MAX_DEPTH, MAX_LENGTH, MAX_NODES, refused, refused_function};
use crate::{Constant, Expression, Function, Operator};

/// An expression and the depth of its tree.
pub(super) type Deep = (Expression, usize);

pub(super) struct Reader<'t> {
    text: &'t str,
    tokens: Vec<Token>,
    next: usize,
    nodes: usize,
    /// How deep the reader itself is.
    depth: usize,
}

impl<'t> Reader<'t> {
    pub(super) fn new(text: &'t str) -> Result<Self> {
        if text.len() > MAX_LENGTH {
            let message = format!(
                "expected an expression of at most {MAX_LENGTH} bytes, got {}",
                text.len()
            );
            return Err(Error::config(message));
        }
        Ok(Self {
            text,
            tokens: tokens(text)?,
            next: 0,
            nodes: 0,
            depth: 0,
        })
    }

    fn token(&self) -> &Token {
        // The last token is the end, and is never passed.
        &self.tokens[self.next.min(self.tokens.len() - 1)]
    }

    fn advance(&mut self) -> Token {
        let token = self.token().clone();
        self.next += 1;
        token
    }

    pub(super) fn take(&mut self, sign: char) -> bool {
        let is_next = self.token().kind == Kind::Sign(sign);
        self.next += usize::from(is_next);
        is_next
    }

    fn expect(&mut self, sign: char) -> Result<()> {
        match self.take(sign) {
            true => Ok(()),
            false => Err(self.unexpected(&format!("`{sign}`"))),
        }
    }

    pub(super) fn unexpected(&self, expected: &str) -> Error {
        let token = self.token();
        refused(self.text, token.at, &format!("expected {expected}, got {}", token.kind))
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<()> {
        let error = self.unexpected("an operator or the end");
        match self.token().kind {
            Kind::End => Ok(()),
            Kind::Name(_) | Kind::Number(_) | Kind::Sign('(') => {
                Err(error.hint("a product is written with `*`, as in `3*x`"))
            }
            _ => Err(error),
        }
    }

    /// A node above others, none of them deeper than `depth`.
    fn node(&mut self, expression: Expression, depth: usize) -> Result<Deep> {
        self.nodes += 1;
        let (what, most) = match (self.nodes > MAX_NODES, depth >= MAX_DEPTH) {
            (true, _) => ("numbers, variables and operations", MAX_NODES),
            (_, true) => ("nested operations", MAX_DEPTH),
            (false, false) => return Ok((expression, depth + 1)),
        };
        let at = self.token().at;
        Err(refused(
            self.text,
            at,
            &format!("expected at most {most} {what}, got more"),
        ))
    }

    /// Reads a part that may hold itself.
    fn nested<R>(&mut self, read: impl FnOnce(&mut Self) -> Result<R>) -> Result<R> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            let message = format!("expected at most {MAX_DEPTH} nested parts, got more");
            return Err(refused(self.text, self.token().at, &message));
        }
        let read = read(self);
        self.depth -= 1;
        read
    }

    fn negated(&mut self, (x, depth): Deep) -> Result<Deep> {
        self.node(-x, depth)
    }

    fn joined(&mut self, operator: Operator, (x, x_depth): Deep, (y, y_depth): Deep) -> Result<Deep> {
        self.node(x.with(operator, y), x_depth.max(y_depth))
    }

    pub(super) fn sum(&mut self) -> Result<Deep> {
        let is_negative = self.take('-');
        let mut sum = self.product()?;
        if is_negative {
            sum = self.negated(sum)?;
        }
        loop {
            let operator = match self.token().kind {
                Kind::Sign('+') => Operator::Add,
                Kind::Sign('-') => Operator::Sub,
                _ => return Ok(sum),
            };
            self.next += 1;
            let term = self.product()?;
            sum = self.joined(operator, sum, term)?;
        }
    }

    fn product(&mut self) -> Result<Deep> {
        let mut product = self.signed()?;
        loop {
            let operator = match self.token().kind {
                Kind::Sign('*') => Operator::Mul,
                Kind::Sign('/') => Operator::Div,
                _ => return Ok(product),
            };
            self.next += 1;
            let factor = self.signed()?;
            product = self.joined(operator, product, factor)?;
        }
    }

    fn signed(&mut self) -> Result<Deep> {
        if self.take('-') {
            let x = self.nested(Self::signed)?;
            return self.negated(x);
        }
        let base = self.atom()?;
        if !self.take('^') {
            return Ok(base);
        }
        let exponent = self.nested(Self::signed)?;
        self.joined(Operator::Pow, base, exponent)
    }

    fn atom(&mut self) -> Result<Deep> {
        match self.token().kind.clone() {
            Kind::Number(value) => {
                self.next += 1;
                self.node(Expression::Number(value), 0)
            }
            Kind::Name(name) => self.named(&name),
            Kind::Sign('(') => {
                self.next += 1;
                let sum = self.nested(Self::sum)?;
                self.expect(')')?;
                Ok(sum)
            }
            Kind::Sign(_) | Kind::End => Err(self.unexpected("a number, a variable, a function or `(`")),
        }
    }

    /// A constant, a function with its arguments, or a variable.
    fn named(&mut self, name: &str) -> Result<Deep> {
        let at = self.advance().at;
        if name == "π" {
            return self.node(Expression::Constant(Constant::Pi), 0);
        }
        if let Some(constant) = Constant::ALL.into_iter().find(|constant| constant.name() == name) {
            return self.node(Expression::Constant(constant), 0);
        }
        let is_call = self.token().kind == Kind::Sign('(');
        match Function::named(name) {
            Some(function) => self.call(function, at),
            None if name == "pow" && is_call => self.power(at),
            None if is_call => Err(refused_function(self.text, at, name)),
            None => self.node(Expression::Variable(name.into()), 0),
        }
    }

    fn call(&mut self, function: &'static Function, at: usize) -> Result<Deep> {
        let arguments = self.arguments(function.name, function.arity(), at)?;
        let depth = arguments.iter().map(|(_, depth)| *depth).max().unwrap_or(0);
        let arguments = arguments.into_iter().map(|(argument, _)| argument);
        self.node(function.of(arguments), depth)
    }

    /// `pow(x, y)` is `x^y`.
    fn power(&mut self, at: usize) -> Result<Deep> {
        match <[Deep; 2]>::try_from(self.arguments("pow", 2, at)?) {
            Ok([base, exponent]) => self.joined(Operator::Pow, base, exponent),
            Err(_) => Err(Error::internal("two arguments")),
        }
    }

    fn arguments(&mut self, name: &str, arity: usize, at: usize) -> Result<Vec<Deep>> {
        self.expect('(')?;
        let arguments = self.nested(|reader| reader.separated(')'))?;
        if arguments.len() != arity {
            let plural = if arity == 1 { "" } else { "s" };
            let message = format!("expected {arity} argument{plural} of `{name}`, got {}", arguments.len());
            return Err(refused(self.text, at, &message));
        }
        Ok(arguments)
    }

    /// Expressions with commas between them, up to a closing sign.
    pub(super) fn separated(&mut self, close: char) -> Result<Vec<Deep>> {
        let mut list = vec![self.sum()?];
        while self.take(',') {
            list.push(self.sum()?);
        }
        match self.take(close) {
            true => Ok(list),
            false => Err(self.unexpected(&format!("`,` or `{close}`"))),
        }
    }
}
