//! Define-by-run: each node is computed as it is made, by a program of one task.

use rosenblatt_tensor::machine::{Chain, Form, Matrix, Once, Operand, Partition, Source, Step, Task, run_once};
use rosenblatt_tensor::pool::Pool;
use rosenblatt_tensor::{Error, Isa, Layout, Result, Shape, Tensor};

use crate::op::{Lowering, Op, Type};
use crate::ops::Convolve;

/// Threads and instruction set: what computes.
pub struct Engine {
    /// Instruction set of every loop.
    pub isa: Isa,
    /// Threads; `None` for the caller's alone.
    pub pool: Option<Pool>,
}

/// Below this many multiply-adds (or elements, for other loops) one thread is faster than two.
const WORTH_SPLITTING: usize = 1 << 19;

impl Engine {
    /// The best instruction set, one thread.
    #[must_use]
    pub fn single() -> Self {
        Self {
            isa: Isa::detect(),
            pool: None,
        }
    }

    /// An instruction set and a number of threads.
    ///
    /// # Errors
    /// The CPU lacks the instruction set, or threads cannot be started.
    pub fn new(isa: Isa, threads: usize) -> Result<Self> {
        if !isa.is_supported() {
            let known: Vec<String> = Isa::supported().map(|isa| isa.to_string()).collect();
            return Err(Error::unsupported(format!("this CPU does not have {isa}"))
                .hint(format!("it has {}", known.join(", "))));
        }
        let start =
            |threads| Pool::new(threads).map_err(|error| Error::io(format!("cannot start {threads} threads: {error}")));
        let pool = if threads > 1 { Some(start(threads)?) } else { None };
        Ok(Self { isa, pool })
    }

    /// The same for plans that run on one thread where all are not faster: see [`Pool::adaptive`].
    #[must_use]
    pub fn adaptive(self) -> Self {
        let pool = self.pool.map(Pool::adaptive);
        Self { pool, ..self }
    }

    /// Number of threads, the caller's included.
    #[must_use]
    pub fn threads(&self) -> usize {
        self.pool.as_ref().map_or(1, Pool::threads)
    }

    /// Computes the results of an op, whose types are `ys`; adds the names of checked values that are not finite, each once.
    pub(crate) fn compute(
        &mut self,
        op: &dyn Op,
        x: &[Tensor],
        ys: &[Type],
        not_finite: &mut Vec<String>,
    ) -> Result<Vec<Tensor>> {
        let values = self.results(op, x, ys, not_finite)?;
        if let Some(name) = op.check_finite()
            && values.iter().any(|value| value.to_f64().iter().any(|x| !x.is_finite()))
            && !not_finite.iter().any(|known| known == name)
        {
            not_finite.push(name.to_string());
        }
        Ok(values)
    }

    fn results(&mut self, op: &dyn Op, x: &[Tensor], ys: &[Type], not_finite: &mut Vec<String>) -> Result<Vec<Tensor>> {
        let y = ys[0];
        match op.lowering() {
            Lowering::View => Ok(vec![view(op, &x[0])?]),
            Lowering::Elementwise(kernel) => self.once(x, ys, elements(&y), |inputs, outputs| {
                let loads = inputs
                    .iter()
                    .map(|input| stretch(input, y.shape))
                    .collect::<Result<_>>()?;
                let sources = (0..inputs.len()).map(Source::Load).collect();
                let step = Step {
                    kernel,
                    dtype: y.dtype,
                    inputs: sources,
                };
                let chain = Chain {
                    loads,
                    steps: vec![step],
                    stores: vec![(Source::Step(0), outputs[0])],
                    ..Chain::default()
                };
                Ok(Task::Map { space: y.shape, chain })
            }),
            Lowering::Scan(scan) => scan.compute(self, x, not_finite),
            Lowering::Product => self.product(x, y),
            Lowering::Convolution(op) => self.convolution(&op, x, y),
            Lowering::ColumnSum => {
                let x = as_columns(&x[0], &y.shape)?;
                let work = x.elements();
                self.once(&[x], ys, work, |inputs, outputs| {
                    let flat = Shape::new(&[y.shape.elements()])?;
                    let store = Operand::strided(outputs[0].buffer, Layout::contiguous(flat));
                    Ok(Task::ColumnSum {
                        x: inputs[0],
                        chain: store_tile(store),
                    })
                })
            }
            Lowering::Kernel(kernel) => {
                let x: Vec<Tensor> = x.iter().map(Tensor::contiguous).collect();
                self.once(&x, ys, x.iter().map(Tensor::elements).sum(), |inputs, outputs| {
                    Ok(Task::Kernel {
                        kernel,
                        inputs: inputs.to_vec(),
                        outputs: outputs.to_vec(),
                    })
                })
            }
        }
    }

    fn product(&mut self, x: &[Tensor], y: Type) -> Result<Vec<Tensor>> {
        let rank = y.shape.rank();
        let k = x[0].shape()[x[0].shape().rank() - 1];
        self.once(x, &[y], y.shape.elements() * k, |inputs, outputs| {
            let matrix = |input: &Operand| {
                let Form::Strided(layout) = input.form else {
                    return Err(Error::internal("a packed tensor"));
                };
                let own = layout.shape();
                let mut shape = y.shape.to_vec();
                shape[rank - 2..].copy_from_slice(&own[own.rank() - 2..]);
                let operand = Operand::strided(input.buffer, layout.broadcast_to(Shape::new(&shape)?)?);
                Ok(Matrix::new(operand))
            };
            let (a, b) = (matrix(&inputs[0])?, matrix(&inputs[1])?);
            Ok(Task::Product {
                space: y.shape,
                k,
                a,
                b,
                chain: store_tile(outputs[0]),
            })
        })
    }

    fn convolution(&mut self, op: &Convolve, x: &[Tensor], y: Type) -> Result<Vec<Tensor>> {
        let weights = x[0].contiguous();
        let work = y.shape.elements() * weights.elements() / weights.shape()[0].max(1);
        self.once(&[weights, x[1].clone()], &[y], work, |inputs, outputs| {
            let space = op.matrices(&y.shape)?;
            let store = Operand::strided(outputs[0].buffer, Layout::contiguous(space));
            op.task([inputs[0], inputs[1]], &y.shape, store_tile(store))
        })
    }

    fn once(
        &mut self,
        x: &[Tensor],
        ys: &[Type],
        work: usize,
        build: impl FnOnce(&[Operand], &[Operand]) -> Result<Task>,
    ) -> Result<Vec<Tensor>> {
        let shape = ys[0].shape;
        let alike = ys.iter().all(|y| y.shape.first() == shape.first());
        let worth = self.threads() > 1 && work >= WORTH_SPLITTING && shape.rank() > 0 && alike;
        let threads = self.threads();
        let mut once = Once {
            isa: self.isa,
            // No thread is woken for a part that one thread does.
            pool: self.pool.as_mut().filter(|_| worth),
        };
        let inputs: Vec<&Tensor> = x.iter().collect();
        let outputs: Vec<_> = ys.iter().map(|y| (y.dtype, y.shape)).collect();
        run_once(&mut once, &inputs, &outputs, |operands, outputs| {
            let task = build(operands, outputs)?;
            let split = match &task {
                _ if !worth => Partition::One,
                Task::Product { space, .. } => split_product(space, threads),
                Task::Map { .. } | Task::ColumnSum { .. } | Task::Kernel { .. } | Task::Check { .. } => {
                    Partition::Axis(0)
                }
            };
            Ok((task, split))
        })
    }
}

fn view(op: &dyn Op, x: &Tensor) -> Result<Tensor> {
    if let Some(layout) = op.view(x.layout())? {
        return x.with_layout(layout);
    }
    let x = x.contiguous();
    let layout = op.view(x.layout())?;
    x.with_layout(layout.ok_or_else(|| Error::internal("a view of a gapless tensor needs a copy"))?)
}

/// By rows rather than by columns: no other task goes on with a thread's columns.
fn split_product(space: &Shape, threads: usize) -> Partition {
    let rows = space.rank() - 2;
    match Partition::of_product(space, threads) {
        Partition::Axis(axis) if axis < rows || space[rows] < Partition::ROWS * threads => Partition::Axis(axis),
        Partition::One | Partition::Each | Partition::Axis(_) => Partition::Axis(rows),
    }
}

fn elements(y: &Type) -> usize {
    y.shape.elements()
}

/// A chain that stores what a product or sum has computed, and does nothing else.
pub(crate) fn store_tile(to: Operand) -> Chain {
    Chain {
        stores: vec![(Source::Tile, to)],
        ..Chain::default()
    }
}

/// An operand broadcast to a space.
fn stretch(operand: &Operand, space: Shape) -> Result<Operand> {
    match operand.form {
        Form::Strided(layout) => Ok(Operand::strided(operand.buffer, layout.broadcast_to(space)?)),
        Form::Packed(_) => Err(Error::internal("a packed tensor")),
    }
}

/// `[k…, n]` as the matrix `[k, n]`.
fn as_columns(x: &Tensor, y: &Shape) -> Result<Tensor> {
    let n = y.elements();
    let k = x.shape().iter().rev().skip(1).product();
    x.reshape(&[k, n])
}
