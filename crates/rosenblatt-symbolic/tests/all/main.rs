//! Expressions, against values by hand, identities, and the engine.
#![cfg(test)]

mod text;
