//! Words, numbers and signs of an expression, with their places.

use std::fmt;

use rosenblatt_tensor::names::short;
use rosenblatt_tensor::{Error, Result};

use super::refused;

#[derive(Clone, Debug, PartialEq)]
pub(super) enum Kind {
    Number(f64),
    Name(String),
    /// `+ - * / ^ ( ) [ ] ,`
    Sign(char),
    End,
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Number(value) => write!(f, "`{}`", crate::number(*value)),
            Self::Name(name) => write!(f, "`{}`", short(name)),
            Self::Sign(sign) => write!(f, "`{sign}`"),
            Self::End => f.write_str("the end"),
        }
    }
}

#[derive(Clone, Debug)]
pub(super) struct Token {
    pub(super) kind: Kind,
    /// The first letter's number from 0.
    pub(super) at: usize,
}

/// All tokens; the last one is [`Kind::End`].
pub(super) fn tokens(text: &str) -> Result<Vec<Token>> {
    let letters: Vec<char> = text.chars().collect();
    let (mut tokens, mut at) = (Vec::new(), 0);
    while let Some(&letter) = letters.get(at) {
        let end = match letter {
            _ if letter.is_whitespace() => at + 1,
            '0'..='9' | '.' => end_of_number(&letters, at),
            _ if begins_name(letter) => end_of(&letters, at, |c| begins_name(c) || c.is_numeric()),
            _ => at + 1,
        };
        let word: String = letters[at..end].iter().collect();
        if !letter.is_whitespace() {
            let kind = kind(&word, letter).map_err(|expected| unexpected(text, at, expected, &word))?;
            tokens.push(Token { kind, at });
        }
        at = end;
    }
    tokens.push(Token {
        kind: Kind::End,
        at: letters.len(),
    });
    Ok(tokens)
}

fn begins_name(letter: char) -> bool {
    letter.is_alphabetic() || letter == '_'
}

fn end_of(letters: &[char], from: usize, belongs: impl Fn(char) -> bool) -> usize {
    let length = letters[from..].iter().take_while(|&&letter| belongs(letter)).count();
    from + length
}

/// `12`, `1.5`, `.5`, `2e-3`; an `e` without digits after it is not an exponent.
fn end_of_number(letters: &[char], from: usize) -> usize {
    let end = end_of(letters, from, |c| c.is_ascii_digit() || c == '.');
    let sign = |at: usize| usize::from(letters.get(at).is_some_and(|c| "+-".contains(*c)));
    match letters.get(end) {
        Some('e' | 'E') => {
            let digits = end + 1 + sign(end + 1);
            match end_of(letters, digits.min(letters.len()), |c| c.is_ascii_digit()) {
                exponent if exponent > digits => exponent,
                _ => end,
            }
        }
        _ => end,
    }
}

/// What a word is, or what was expected instead.
fn kind(word: &str, letter: char) -> std::result::Result<Kind, &'static str> {
    match letter {
        '0'..='9' | '.' => match word.parse::<f64>() {
            Ok(value) if value.is_finite() => Ok(Kind::Number(value)),
            Ok(_) => Err("a number that f64 can hold"),
            Err(_) => Err("a number"),
        },
        _ if begins_name(letter) => Ok(Kind::Name(word.to_owned())),
        '+' | '-' | '*' | '/' | '^' | '(' | ')' | '[' | ']' | ',' => Ok(Kind::Sign(letter)),
        '·' | '×' => Ok(Kind::Sign('*')),
        '−' => Ok(Kind::Sign('-')),
        _ => Err("a number, a name, or one of `+ - * / ^ ( )`"),
    }
}

fn unexpected(text: &str, at: usize, expected: &str, word: &str) -> Error {
    refused(text, at, &format!("expected {expected}, got `{}`", short(word)))
}
