//! Text → tree, by recursive descent.
//!
//! ```text
//! list    = "[" sum { "," sum } "]" | sum
//! sum     = [ "-" ] product { ( "+" | "-" ) product }
//! product = signed { ( "*" | "/" ) signed }
//! signed  = "-" signed | power
//! power   = atom [ "^" signed ]
//! atom    = number | "pi" | "π" | "e" | variable | function "(" sum { "," sum } ")" | "(" sum ")"
//! ```
//! So `-x^2` is `-(x^2)`, `-x*y` is `-(x*y)`, and `x^y^z` is `x^(y^z)`.

mod reader;
mod tokens;

use rosenblatt_tensor::{Error, Result};

use crate::{Expression, Function};
use reader::Reader;

/// The deepest nesting that is read, so that no recursion over a tree ends the stack.
pub const MAX_DEPTH: usize = 200;
/// The largest number of numbers, variables and operations that is read.
pub const MAX_NODES: usize = 500;
/// The longest text that is read, in bytes.
pub const MAX_LENGTH: usize = 10_000;

/// The expression that a text is.
///
/// Numbers, `pi` or `π`, `e`, variables, `+ - * / ^`, parentheses, and the functions of [`crate::functions`]; `·`, `×` and `−` are
/// read, too. At most [`MAX_NODES`] numbers, variables and operations, nested at most [`MAX_DEPTH`] deep (a sum of `n` terms is
/// `n − 1` deep).
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] with what was expected, what came, and where.
///
/// # Example
/// ```
/// use rosenblatt_symbolic::parse;
/// assert_eq!(parse("x·(x+y)")?.to_string(), "x*(x + y)");
/// let error = parse("x * (x + y").unwrap_err().to_string();
/// assert!(error.starts_with("expected `)`, got the end at column 11"), "{error}");
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn parse(text: &str) -> Result<Expression> {
    let mut reader = Reader::new(text)?;
    let sum = reader.sum()?;
    reader.end()?;
    Ok(sum.0)
}

/// The expressions of a list, `[x*y, x + y]`; a text without brackets is one expression.
///
/// # Errors
/// As [`parse`](fn@parse).
///
/// # Example
/// ```
/// let list = rosenblatt_symbolic::parse_list("[x*y, x + y]")?;
/// assert_eq!(list[1].to_string(), "x + y");
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn parse_list(text: &str) -> Result<Vec<Expression>> {
    if text.trim().is_empty() {
        return Err(Error::config("expected an expression, got an empty text"));
    }
    let mut reader = Reader::new(text)?;
    if !reader.take('[') {
        return Ok(vec![parse(text)?]);
    }
    let list = reader.separated(']')?;
    reader.end()?;
    Ok(list.into_iter().map(|(expression, _)| expression).collect())
}

/// A mistake, with the place below the text.
fn refused(text: &str, at: usize, message: &str) -> Error {
    /// Letters shown before and after the place.
    const SHOWN: usize = 35;
    let shown = |c: char| if c.is_whitespace() || c.is_control() { ' ' } else { c };
    let from = at.saturating_sub(SHOWN);
    let part: String = text.chars().skip(from).take(2 * SHOWN).map(shown).collect();
    let column = at + 1;
    Error::config(format!(
        "{message} at column {column}\n  {part}\n  {:>1$}",
        "^",
        at - from + 1
    ))
}

fn refused_function(text: &str, at: usize, name: &str) -> Error {
    let name = rosenblatt_tensor::names::short(name);
    refused(text, at, &format!("expected a function, got `{name}`")).hint(Function::meant(&name))
}
