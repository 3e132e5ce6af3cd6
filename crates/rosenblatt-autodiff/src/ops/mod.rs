//! The primitives of the engine.
//!
//! To add one: write `ops/<name>.rs`, then add its lines here. Prefer a composed function ([`crate::functions`])
//! unless a measurement or a numerical failure asks for a primitive. The methods of [`crate::Var`] stand in the file
//! of their op.

mod add;
mod exp;
mod matmul;
mod transpose;

pub use add::Add;
pub use exp::Exp;
pub use matmul::MatMul;
pub use transpose::Transpose;

use crate::Family;

/// Every primitive, in alphabetical order.
pub static OPS: &[Family] =
    &[Family::binary::<Add>(), Family::unary::<Exp>(), matmul::FAMILY, transpose::FAMILY];
