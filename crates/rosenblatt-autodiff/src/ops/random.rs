//! Random numbers.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::machine::{Kernel, View, ViewMut};
use rosenblatt_tensor::rng::{Rng, Sampled, Stream};
use rosenblatt_tensor::{DType, Error, Isa, Result, Shape, Tensor};

use crate::elementwise::arity;
use crate::op::{Example, Family, Lowering, Op, Oracle, Type};
use crate::{Attributes, Var};

/// Random numbers, a function of seed, purpose, step and place.
///
/// Element `i`, counted row-major, is number `i` of [`Rng`] with the seed, the purpose and the step: the same whichever
/// thread computes it, and again after a restart. Seed and step are an operand, so that a plan draws anew at each step.
///
/// # Shapes
/// - operand: `[2]`, i64: seed and step
/// - `y`: `shape`. It has no derivative.
#[derive(Clone, Debug)]
pub struct Random {
    /// How numbers are spread.
    pub distribution: Distribution,
    /// What they are for: different purposes have different numbers.
    pub purpose: String,
    /// Shape of the result.
    pub shape: Shape,
    /// f32 or f64; for [`Distribution::Bernoulli`] also bool.
    pub dtype: DType,
}

/// How random numbers are spread.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Distribution {
    /// All multiples of 2⁻²⁴ (f32) or 2⁻⁵³ (f64) in `[0, 1)`, equally likely.
    Uniform,
    /// Mean 0, variance 1.
    Normal,
    /// 1 (or true) with this probability, in `[0, 1]`, else 0.
    Bernoulli(f64),
}

impl Distribution {
    fn read(attributes: &Attributes) -> Result<Self> {
        match attributes.text("distribution")? {
            "uniform" => Ok(Self::Uniform),
            "normal" => Ok(Self::Normal),
            "bernoulli" => Ok(Self::Bernoulli(attributes.float("probability")?)),
            other => {
                let message = format!("attribute `distribution`: no distribution is called `{other}`");
                Err(Error::config(message).hint("there are uniform, normal, bernoulli"))
            }
        }
    }
}

/// The registry entry.
pub const FAMILY: Family = Family {
    name: "random",
    make: |attributes, _| {
        Ok(Arc::new(Random {
            distribution: Distribution::read(attributes)?,
            purpose: attributes.text("purpose")?.into(),
            shape: attributes.shape("shape")?,
            dtype: attributes.dtype("dtype")?,
        }))
    },
    oracle: Oracle::Exhaustive,
    examples,
};

impl Op for Random {
    fn name(&self) -> &'static str {
        FAMILY.name
    }

    /// `distribution`, for Bernoulli numbers `probability`, `purpose`, `shape`, `dtype`.
    fn attributes(&self) -> Attributes {
        let attributes = Attributes::new()
            .with("purpose", self.purpose.as_str())
            .with("shape", self.shape)
            .with("dtype", self.dtype);
        match self.distribution {
            Distribution::Uniform => attributes.with("distribution", "uniform"),
            Distribution::Normal => attributes.with("distribution", "normal"),
            Distribution::Bernoulli(p) => attributes.with("distribution", "bernoulli").with("probability", p),
        }
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        let [counter] = x else {
            return Err(arity(self.name(), 1, x));
        };
        if *counter != Type::new(DType::I64, Shape::new(&[2])?) {
            return Err(Error::shape(format!("expected seed and step, i64 [2], got {counter:?}")).within(self.name()));
        }
        let possible = match self.distribution {
            Distribution::Bernoulli(p) if !(0.0..=1.0).contains(&p) => {
                return Err(Error::config(format!("expected a probability, got {p}")).within(self.name()));
            }
            Distribution::Bernoulli(_) => self.dtype.is_float() || self.dtype == DType::Bool,
            Distribution::Uniform | Distribution::Normal => self.dtype.is_float(),
        };
        if !possible {
            return Err(Error::shape(format!("no {:?} of {}", self.distribution, self.dtype)).within(self.name()));
        }
        Ok(Type::new(self.dtype, self.shape))
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(self.clone()))
    }

    crate::op::no_gradient!();
}

/// Draws the numbers from `first` on.
struct Draw<'a, T> {
    distribution: Distribution,
    rng: Rng,
    first: u64,
    y: &'a mut [T],
}

impl<T: Sampled> Loop for Draw<'_, T> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        match self.distribution {
            Distribution::Uniform => self.rng.fill_uniform(self.first, self.y),
            Distribution::Normal => self.rng.fill_normal(self.first, self.y),
            Distribution::Bernoulli(p) => self.rng.fill_bernoulli(p, [T::ZERO, T::ONE], self.first, self.y),
        }
    }
}

/// Draws bools from number `first` on.
struct DrawTruths<'a> {
    p: f64,
    rng: Rng,
    first: u64,
    y: &'a mut [bool],
}

impl Loop for DrawTruths<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        self.rng.fill_bernoulli(self.p, [false, true], self.first, self.y);
    }
}

impl Kernel for Random {
    fn run(&self, isa: Isa, inputs: &[View<'_>], output: ViewMut<'_>, range: Range<usize>) -> Result<()> {
        let counter = inputs[0].contiguous::<i64>()?;
        let rng = Rng::new(counter[0] as u64).purpose(&self.purpose).at(counter[1] as u64);
        let first = (range.start * output.shape().elements() / range.len().max(1)) as u64;
        let distribution = self.distribution;
        match (distribution, self.dtype) {
            (_, DType::F32) => isa.run(Draw {
                distribution,
                rng,
                first,
                y: output.numbers::<f32>()?,
            }),
            (_, DType::F64) => isa.run(Draw {
                distribution,
                rng,
                first,
                y: output.numbers::<f64>()?,
            }),
            (Distribution::Bernoulli(p), DType::Bool) => isa.run(DrawTruths {
                p,
                rng,
                first,
                y: output.numbers()?,
            }),
            (_, DType::U8 | DType::I64) | (Distribution::Uniform | Distribution::Normal, DType::Bool) => {
                return Err(Error::internal(format!("no {distribution:?} of {}", self.dtype)));
            }
        }
        Ok(())
    }
}

fn examples(rng: &mut Stream) -> Vec<Example> {
    let distributions = [
        Distribution::Uniform,
        Distribution::Normal,
        Distribution::Bernoulli(0.3),
    ];
    let shapes: [&[usize]; 4] = [&[], &[0, 2], &[3, 5], &[2, 1, 17]];
    let types = [DType::F32, DType::F64, DType::Bool];
    let mut examples = Vec::new();
    for (distribution, shape) in distributions.into_iter().flat_map(|d| shapes.map(|s| (d, s))) {
        for dtype in types {
            let counter = Tensor::from_vec::<i64>(vec![rng.below(1000) as i64, rng.below(1000) as i64], &[2]);
            let (Ok(counter), Ok(shape)) = (counter, Shape::new(shape)) else {
                continue;
            };
            let op = Random {
                distribution,
                purpose: "example".into(),
                shape,
                dtype,
            };
            if op.infer(&[Type::of(&counter)]).is_ok() {
                examples.push(Example::new(op, [counter]));
            }
        }
    }
    examples
}

impl<'g> Var<'g> {
    /// Random numbers for `purpose`; this value is seed and step, i64 `[2]`.
    #[must_use]
    #[track_caller]
    pub fn random(self, distribution: Distribution, purpose: &str, shape: &[usize], dtype: DType) -> Self {
        match Shape::new(shape) {
            Ok(shape) => self.apply(Random {
                distribution,
                purpose: purpose.into(),
                shape,
                dtype,
            }),
            Err(error) => self.fail(error.within(FAMILY.name)),
        }
    }
}
