//! Numbers of another type.

use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Slice, SliceMut, TileKernel};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Isa, Result, Tensor};

use crate::elementwise::{arity, random};
use crate::loops::any_type;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// The same numbers as another type, element-wise.
///
/// # Numerics
/// To floating point: rounded to nearest. To integers: cut towards 0, limited to the range of the type, NaN to 0. To
/// bool: whether not 0 (NaN is not). A bool is 1 or 0. Only between floating-point types a gradient
/// passes, as the type of the operand.
#[derive(Clone, Copy, Debug)]
pub struct Cast {
    /// Type of the result.
    pub dtype: DType,
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "cast",
    make: |attributes, _| {
        Ok(Arc::new(Cast {
            dtype: attributes.dtype("dtype")?,
        }))
    },
    oracle: Oracle::Exhaustive,
    examples,
};

impl Op for Cast {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("dtype", self.dtype)
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [x] = x else { return Err(arity(self.name(), 1, x)) };
        Ok(Type::new(self.dtype, x.shape))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Elementwise(Arc::new(*self))
    }

    fn vjp<'g>(&self, _: usize, x: &[Var<'g>], y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        (x[0].dtype().is_float() && y.dtype().is_float()).then(|| dy.cast(x[0].dtype()))
    }

    fn jvp<'g>(&self, x: &[Var<'g>], y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        dx[0]
            .filter(|_| x[0].dtype().is_float() && y.dtype().is_float())
            .map(|dx| dx.cast(self.dtype))
    }
}

/// A number that becomes another.
trait Becomes<T> {
    fn becomes(self) -> T;
}

macro_rules! conversions {
    ($($from:ty)*) => {$(
        conversions!(@numbers $from => f32 f64 u8 i64);
        impl Becomes<bool> for $from {
            #[inline(always)]
            fn becomes(self) -> bool { self != <$from>::default() }
        }
    )*};
    (@numbers $from:ty => $($to:ty)*) => {$(
        impl Becomes<$to> for $from {
            #[inline(always)]
            fn becomes(self) -> $to { self as $to }
        }
    )*};
    (@truths $($to:ty)*) => {$(
        impl Becomes<$to> for bool {
            #[inline(always)]
            fn becomes(self) -> $to { u8::from(self) as $to }
        }
    )*};
}
conversions!(f32 f64 u8 i64);
conversions!(@truths f32 f64 u8 i64);

impl Becomes<bool> for bool {
    #[inline(always)]
    fn becomes(self) -> bool {
        self
    }
}

struct Convert<'a, A, B>(&'a [A], &'a mut [B]);

impl<A: Copy + Becomes<B>, B: Copy> Loop for Convert<'_, A, B> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match self.0 {
            [x] => self.1.fill((*x).becomes()),
            x => {
                for (y, &x) in self.1.iter_mut().zip(x) {
                    *y = x.becomes();
                }
            }
        }
    }
}

impl TileKernel for Cast {
    fn run(&self, isa: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        match inputs {
            [Slice::F32(x)] => convert(isa, x, output),
            [Slice::F64(x)] => convert(isa, x, output),
            [Slice::U8(x)] => convert(isa, x, output),
            [Slice::I64(x)] => convert(isa, x, output),
            [Slice::Bool(x)] => convert(isa, x, output),
            other @ ([] | [any_type!(Slice), ..]) => unreachable!("infer lets only one operand through, not {other:?}"),
        }
    }
}

fn convert<A>(isa: Isa, x: &[A], y: SliceMut<'_>)
where
    A: Copy + Becomes<f32> + Becomes<f64> + Becomes<u8> + Becomes<i64> + Becomes<bool>,
{
    match y {
        SliceMut::F32(y) => isa.run(Convert(x, y)),
        SliceMut::F64(y) => isa.run(Convert(x, y)),
        SliceMut::U8(y) => isa.run(Convert(x, y)),
        SliceMut::I64(y) => isa.run(Convert(x, y)),
        SliceMut::Bool(y) => isa.run(Convert(x, y)),
    }
}

/// From f64 to every type, and from every type to f64.
fn examples(rng: &mut Stream) -> Vec<Example> {
    let mut examples = Vec::new();
    for dtype in [DType::F64, DType::F32, DType::I64, DType::U8, DType::Bool] {
        for shape in [&[][..], &[0], &[3, 5], &[2, 1, 17]] {
            examples.push(Example::new(Cast { dtype }, [random(rng, shape, (-300.0, 300.0))]));
        }
    }
    let whole: Vec<i64> = (0..6).map(|_| rng.below(400) as i64 - 200).collect();
    let row = |tensor: Result<Tensor>| tensor.unwrap_or_else(|error| unreachable!("{error}"));
    let others = [
        row(Tensor::from_vec(whole.iter().map(|&x| x as f32 / 7.0).collect(), &[6])),
        row(Tensor::from_vec(
            whole.iter().map(|&x| x.unsigned_abs() as u8).collect(),
            &[2, 3],
        )),
        row(Tensor::from_vec(whole.iter().map(|&x| x > 0).collect(), &[6, 1])),
        row(Tensor::from_vec(whole, &[6])),
    ];
    examples.extend(others.map(|x| Example::new(Cast { dtype: DType::F64 }, [x])));
    examples
}

impl<'g> Var<'g> {
    /// The same numbers as another type; itself if it has that type, and then a gradient with respect to it is that of all
    /// uses of the value.
    #[must_use]
    #[track_caller]
    pub fn cast(self, dtype: DType) -> Self {
        if self.dtype() == dtype {
            self
        } else {
            self.apply(Cast { dtype })
        }
    }
}
