//! The primitives of the engine.
//!
//! To add one: write `ops/<name>.rs`, then add its lines here. Prefer a composition ([`crate::functions`]) or an
//! activation ([`crate::pointwise`]) unless a measurement or a numerical failure asks for a primitive. The methods of
//! [`crate::Var`] are in the file of their op; loops that several ops share are in `loops/`.

mod abs;
mod add;
mod argmax;
mod argmax_windows;
mod broadcast_to;
mod cast;
mod check_finite;
mod clamp;
mod concat;
mod convolve;
mod cos;
mod count_correct;
mod cumsum;
mod div;
mod eq;
mod erf;
mod erfc;
mod exp;
mod floor_div;
mod flush;
mod ge;
mod gt;
mod le;
mod ln;
mod ln_1p;
mod log_softmax;
mod lt;
mod matmul;
mod max;
mod maximum;
mod minimum;
mod mul;
mod ne;
mod neg;
mod one_hot;
mod pow;
mod random;
mod remainder;
mod reshape;
pub(crate) mod scan;
mod scatter_add;
mod scatter_along_axis;
mod segment_max;
mod select;
mod sin;
mod slice;
mod softmax;
mod softmax_cross_entropy;
mod softmax_residual;
mod sort;
mod sqrt;
mod stop_gradient;
mod sub;
mod sum;
mod take;
mod take_along_axis;
mod transpose;

pub use abs::Abs;
pub use add::Add;
pub use argmax::ArgMax;
pub use argmax_windows::ArgMaxWindows;
pub use broadcast_to::BroadcastTo;
pub use cast::Cast;
pub use check_finite::CheckFinite;
pub(crate) use check_finite::CopyTile;
pub use clamp::Clamp;
pub use concat::Concat;
pub use convolve::Convolve;
pub use cos::Cos;
pub use count_correct::CountCorrect;
pub use cumsum::CumSum;
pub use div::Div;
pub use eq::Eq;
pub use erf::Erf;
pub use erfc::Erfc;
pub use exp::Exp;
pub use floor_div::FloorDiv;
pub use flush::Flush;
pub use ge::Ge;
pub use gt::Gt;
pub use le::Le;
pub use ln::Ln;
pub use ln_1p::Ln1p;
pub use log_softmax::LogSoftmax;
pub use lt::Lt;
pub use matmul::MatMul;
pub use max::Max;
pub use maximum::Maximum;
pub use minimum::Minimum;
pub use mul::Mul;
pub use ne::Ne;
pub use neg::Neg;
pub use one_hot::OneHot;
pub use pow::Pow;
pub use random::{Distribution, Random};
pub use remainder::Remainder;
pub use reshape::Reshape;
pub use scan::Scan;
pub use scatter_add::ScatterAdd;
pub use scatter_along_axis::ScatterAlongAxis;
pub use segment_max::SegmentMax;
pub use select::Select;
pub use sin::Sin;
pub use slice::Slice;
pub use softmax::Softmax;
pub use softmax_cross_entropy::SoftmaxCrossEntropy;
pub use softmax_residual::SoftmaxResidual;
pub use sort::Sort;
pub use sqrt::Sqrt;
pub use stop_gradient::StopGradient;
pub use sub::Sub;
pub use sum::Sum;
pub use take::Take;
pub use take_along_axis::TakeAlongAxis;
pub use transpose::Transpose;

use std::sync::Arc;

use rosenblatt_tensor::{Error, Result};

use crate::pointwise::{ACTIVATIONS, DERIVATIVE};
use crate::{Attributes, Family, Op, Type};

/// Every primitive with a file here, in alphabetical order; [`families`] has the others, too.
pub static OPS: &[Family] = &[
    Family::unary::<Abs>(),
    Family::binary::<Add>(),
    argmax::FAMILY,
    argmax_windows::FAMILY,
    broadcast_to::FAMILY,
    cast::FAMILY,
    check_finite::FAMILY,
    Family::unary::<Clamp>(),
    concat::FAMILY,
    convolve::FAMILY,
    Family::unary::<Cos>(),
    count_correct::FAMILY,
    cumsum::FAMILY,
    Family::binary::<Div>(),
    eq::FAMILY,
    Family::unary::<Erf>(),
    Family::unary::<Erfc>(),
    Family::unary::<Exp>(),
    floor_div::FAMILY,
    Family::unary::<Flush>(),
    ge::FAMILY,
    gt::FAMILY,
    le::FAMILY,
    Family::unary::<Ln>(),
    Family::unary::<Ln1p>(),
    log_softmax::FAMILY,
    lt::FAMILY,
    matmul::FAMILY,
    max::FAMILY,
    Family::binary::<Maximum>(),
    Family::binary::<Minimum>(),
    Family::binary::<Mul>(),
    ne::FAMILY,
    Family::unary::<Neg>(),
    one_hot::FAMILY,
    Family::binary::<Pow>(),
    random::FAMILY,
    remainder::FAMILY,
    reshape::FAMILY,
    scan::FAMILY,
    scatter_add::FAMILY,
    scatter_along_axis::FAMILY,
    segment_max::FAMILY,
    select::FAMILY,
    Family::unary::<Sin>(),
    slice::FAMILY,
    softmax::FAMILY,
    softmax_cross_entropy::FAMILY,
    softmax_residual::FAMILY,
    sort::FAMILY,
    Family::unary::<Sqrt>(),
    stop_gradient::FAMILY,
    Family::binary::<Sub>(),
    sum::FAMILY,
    take::FAMILY,
    take_along_axis::FAMILY,
    transpose::FAMILY,
];

/// Every primitive: [`OPS`], and each of [`ACTIVATIONS`] with its derivative.
pub fn families() -> impl Iterator<Item = &'static Family> {
    let activations = ACTIVATIONS.iter().map(|activation| activation.family());
    OPS.iter().chain(activations).chain([&DERIVATIVE])
}

/// The op of [`families`] with this name and these attributes, for operands of these types: the reverse of [`Op::name`] and
/// [`Op::attributes`].
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if no op has this name, or an attribute is missing, unknown, or of another
/// kind. Whether the operands fit is for [`Op::infer`] to say.
pub fn op(name: &str, attributes: &Attributes, x: &[Type]) -> Result<Arc<dyn Op>> {
    let family = families().find(|family| family.name == name).ok_or_else(|| {
        Error::config(format!("no op is called `{name}`")).hint("`ops::families` lists all that can be made from data")
    })?;
    let op = (family.make)(attributes, x).map_err(|error| error.within(family.name))?;
    attributes
        .check_all_known(&op.attributes())
        .map_err(|error| error.within(family.name))?;
    Ok(op)
}
