//! Cuts a task into the shares of the threads, and lists what each share touches.

use std::ops::Range;

use super::access::Access;
use super::chain_share::ChainShare;
use super::kernel_share::KernelShare;
use super::memory::BufferSpec;
use super::port::{Port, Walk, collapse};
use super::product::{ColumnSumShare, Cut, ProductShare, Side, lane_dtype};
use super::task::{Form, Matrix, Operand, Partition, Task};
use super::{Chain, TILE};
use crate::kernels::product::PANEL;
use crate::{DType, Error, MAX_RANK, Result, Shape};

/// What one thread does in a stage.
pub(super) enum Share {
    Idle,
    Map(Walk, ChainShare),
    Product(Box<ProductShare>),
    ColumnSum(ColumnSumShare),
    Kernel(KernelShare),
    Check(Port),
}

impl Share {
    pub(super) fn scratch(&self) -> usize {
        match self {
            Self::Map(_, chain) => chain.scratch(),
            Self::Product(share) => share.scratch(),
            Self::ColumnSum(share) => share.scratch(),
            Self::Kernel(share) => share.scratch(),
            Self::Idle | Self::Check(_) => 0,
        }
    }
}

/// Makes shares and lists what they touch.
pub(super) struct Builder<'a> {
    pub(super) buffers: &'a [BufferSpec],
    pub(super) threads: usize,
    pub(super) flags: usize,
}

pub(super) type Made = Result<(Share, Vec<Access>)>;

impl Builder<'_> {
    /// The shares of all threads, and what each touches.
    pub(super) fn shares(&self, task: &Task, split: Partition) -> Result<(Vec<Share>, Vec<Vec<Access>>)> {
        let mut shares = (Vec::with_capacity(self.threads), Vec::with_capacity(self.threads));
        for thread in 0..self.threads {
            let (share, touched) = self.share(task, split, thread)?;
            shares.0.push(share);
            shares.1.push(touched);
        }
        Ok(shares)
    }

    fn share(&self, task: &Task, split: Partition, thread: usize) -> Made {
        match task {
            Task::Map { space, chain } => self.map(*space, chain, split, thread),
            Task::Product { space, k, a, b, chain } => match split {
                Partition::Axis(axis) if axis + 2 < space.rank() => {
                    self.batches(space, *k, [a, b], chain, axis, thread)
                }
                Partition::One | Partition::Each | Partition::Axis(_) => {
                    self.product(space, *k, [a, b], chain, split, thread)
                }
            },
            Task::ColumnSum { x, chain } => self.column_sum(x, chain, split, thread),
            Task::Kernel {
                kernel,
                inputs,
                outputs,
            } => self.kernel(kernel, [inputs, outputs], split, thread),
            Task::Check { value } => self.check(value, thread),
        }
    }

    pub(super) fn dtype(&self, task: &Task) -> Result<DType> {
        match task {
            Task::Product { a, b, .. } => lane_dtype(self.spec(&a.operand)?, self.spec(&b.operand)?),
            Task::ColumnSum { x, .. } => lane_dtype(self.spec(x)?, self.spec(x)?),
            Task::Map { .. } | Task::Kernel { .. } | Task::Check { .. } => Ok(DType::F32),
        }
    }

    pub(super) fn spec(&self, operand: &Operand) -> Result<&BufferSpec> {
        self.buffers
            .get(operand.buffer)
            .ok_or_else(|| Error::internal("an operand names no buffer"))
    }

    /// A thread's range of an axis of `len`, in units of `unit`; `None` if it has none.
    pub(super) fn range(&self, len: usize, unit: usize, split: Partition, thread: usize, axis: usize) -> Range<usize> {
        match split {
            Partition::One if thread > 0 => 0..0,
            Partition::One | Partition::Each => 0..len,
            Partition::Axis(a) if a != axis => 0..len,
            Partition::Axis(_) => {
                let units = len.div_ceil(unit);
                let cut = |t: usize| (units * t / self.threads * unit).min(len);
                cut(thread)..cut(thread + 1)
            }
        }
    }

    /// Where axes other than the columns are cut: at multiples of this. Every task cuts at the same places, whatever it
    /// computes of a row, so that a thread goes on with the rows it has just made.
    pub(super) fn rows_unit(&self, len: usize) -> usize {
        if len < Partition::ROWS * self.threads {
            1
        } else {
            Partition::ROWS
        }
    }

    fn map(&self, space: Shape, chain: &Chain, split: Partition, thread: usize) -> Made {
        self.check_chain(chain, None)?;
        let axis = if let Partition::Axis(axis) = split { axis } else { 0 };
        let mut layouts = Vec::new();
        let mut touched = Vec::new();
        let loads = chain.loads.iter().map(|operand| (operand, false));
        for (operand, writes) in loads.chain(chain.stores.iter().map(|(_, operand)| (operand, true))) {
            let spec = self.spec(operand)?;
            let Form::Strided(mut layout) = operand.form else {
                return Err(Error::internal("a map is strided"));
            };
            if *layout.shape() != space {
                return Err(Error::internal(format!("{:?} in a map over {space:?}", layout.shape())));
            }
            let len = space.get(axis).copied().unwrap_or(1);
            let unit = if axis + 1 == space.rank() && axis > 0 {
                Partition::COLUMNS
            } else {
                self.rows_unit(len)
            };
            let range = self.range(len, unit, split, thread, axis);
            if space.rank() > 0 {
                layout = layout.slice(axis, range.start, range.end)?;
            } else if range.is_empty() {
                return Ok((Share::Idle, Vec::new()));
            }
            touched.push(self.touch(operand.buffer, &layout, thread, writes)?);
            layouts.push((operand.buffer, spec.dtype, layout));
        }
        self.apart(&chain.loads, &chain.stores, &touched)?;
        if layouts
            .first()
            .is_none_or(|(_, _, layout)| layout.shape().elements() == 0)
        {
            return Ok((Share::Idle, Vec::new()));
        }
        let (walk, mut ports) = collapse(&layouts);
        let stores = ports.split_off(chain.loads.len());
        Ok((
            Share::Map(
                walk,
                ChainShare::new(chain, ports, stores, DType::F32, walk.tile_elements()),
            ),
            touched.into_iter().flatten().collect(),
        ))
    }

    /// A product whose batch is cut along `axis`: each thread does all of the matrices in its range.
    fn batches(&self, space: &Shape, k: usize, sides: [&Matrix; 2], chain: &Chain, axis: usize, thread: usize) -> Made {
        let len = space[axis];
        let range = self.range(len, self.rows_unit(len), Partition::Axis(axis), thread, axis);
        let part = |operand: &Operand| match operand.form {
            Form::Strided(layout) if layout.shape().get(axis) == Some(&len) => {
                let layout = layout.slice(axis, range.start, range.end)?;
                Ok(Operand::strided(operand.buffer, layout))
            }
            form @ (Form::Strided(_) | Form::Packed(_)) => {
                Err(Error::internal(format!("{form:?} in a product of shape {space:?}")))
            }
        };
        let side = |matrix: &Matrix| part(&matrix.operand).map(|operand| Matrix { operand, ..*matrix });
        let stores = chain.stores.iter();
        let chain = Chain {
            loads: chain.loads.iter().map(part).collect::<Result<_>>()?,
            stores: stores
                .map(|(source, operand)| Ok((*source, part(operand)?)))
                .collect::<Result<_>>()?,
            ..chain.clone()
        };
        let mut sizes = space.to_vec();
        sizes[axis] = range.len();
        let [a, b] = [side(sides[0])?, side(sides[1])?];
        self.product(&Shape::new(&sizes)?, k, [&a, &b], &chain, Partition::Each, thread)
    }

    fn product(
        &self,
        space: &Shape,
        k: usize,
        [a, b]: [&Matrix; 2],
        chain: &Chain,
        split: Partition,
        thread: usize,
    ) -> Made {
        let dtype = lane_dtype(self.spec(&a.operand)?, self.spec(&b.operand)?)?;
        self.check_chain(chain, Some(dtype))?;
        let batch_rank = space
            .rank()
            .checked_sub(2)
            .ok_or_else(|| Error::internal("a product of vectors"))?;
        let [m, n] = [space[batch_rank], space[batch_rank + 1]];
        if a.windows.is_some() {
            return Err(Error::internal("windows as the left operand of a product"));
        }
        let rows = self.range(
            m,
            if a.transposed { PANEL } else { self.rows_unit(m) },
            split,
            thread,
            batch_rank,
        );
        let cols = self.range(n, PANEL, split, thread, batch_rank + 1);
        let mut batch = Walk {
            outer: [1; MAX_RANK],
            outer_rank: batch_rank,
            rows: 1,
            cols: 1,
        };
        batch.outer[..batch_rank].copy_from_slice(&space[..batch_rank]);
        let packed_bytes = k
            .checked_mul(PANEL * dtype.size())
            .and_then(|bytes| bytes.checked_mul(n.div_ceil(PANEL).max(1)));
        if packed_bytes.is_none_or(|bytes| bytes > isize::MAX as usize / 2) {
            return Err(Error::internal(format!(
                "a product over {k} needs more scratch than memory can hold"
            )));
        }
        // What the chain reads, then what it writes.
        let operands = || {
            chain
                .loads
                .iter()
                .chain(chain.stores.iter().map(|(_, operand)| operand))
        };
        let packed = |operand: &Operand| matches!(operand.form, Form::Packed(_));
        let uniform =
            |operand: &Operand| matches!(operand.form, Form::Strided(l) if l.strides().iter().all(|&s| s == 0));
        let whole = |operand: &Operand| matches!(operand.form, Form::Packed(packed) if packed.lanes() == PANEL);
        let narrow = operands().any(packed);
        let padded = narrow && operands().all(|operand| whole(operand) || uniform(operand));
        let mut loads = operands()
            .map(|o| Port::of_product(o, self.spec(o)?.dtype, batch_rank, m))
            .collect::<Result<Vec<_>>>()?;
        let stores = loads.split_off(chain.loads.len());
        let mut touched = Vec::new();
        if rows.is_empty() || cols.is_empty() || space.elements() == 0 {
            return Ok((Share::Idle, Vec::new()));
        }
        touched.push(self.touch_side(a, (batch_rank, &rows), thread)?);
        touched.push(self.touch_side(b, (batch_rank + 1, &cols), thread)?);
        let sides = touched.len();
        for (i, operand) in operands().enumerate() {
            let writes = i >= chain.loads.len();
            touched.push(self.touch_product(operand, space, &rows, &cols, thread, writes)?);
        }
        self.apart(&chain.loads, &chain.stores, &touched[sides..])?;
        let conflicts = |a: &Option<Access>, b: &Option<Access>| matches!((a, b), (Some(a), Some(b)) if a.conflicts(b));
        if touched[..sides]
            .iter()
            .any(|side| touched[sides..].iter().any(|other| conflicts(side, other)))
        {
            return Err(Error::internal("a product overwrites its own operand"));
        }
        let a = Side::new(a, &space[..batch_rank], m, k)?;
        let b = Side::new(b, &space[..batch_rank], k, n)?;
        let panels = cols.start / PANEL..cols.end.div_ceil(PANEL);
        let row_bytes = b.rows_at_once(k) * PANEL * dtype.size();
        let cut = Cut::new([&a, &b], [rows.len(), panels.len()], row_bytes, narrow);
        let share = ProductShare {
            batch,
            a,
            b,
            k,
            m,
            n,
            rows,
            panels,
            chain: ChainShare::new(chain, loads, stores, dtype, cut.elements()),
            cut,
            padded,
            size: dtype.size(),
        };
        Ok((Share::Product(Box::new(share)), touched.into_iter().flatten().collect()))
    }

    fn column_sum(&self, x: &Operand, chain: &Chain, split: Partition, thread: usize) -> Made {
        let spec = self.spec(x)?;
        self.check_chain(chain, Some(lane_dtype(spec, spec)?))?;
        let Form::Strided(layout) = x.form else {
            return Err(Error::internal("a column sum reads strided"));
        };
        let [k, n] = layout.shape()[..] else {
            return Err(Error::internal("a column sum of a matrix"));
        };
        let cols = self.range(n, Partition::COLUMNS, split, thread, 0);
        if cols.is_empty() {
            return Ok((Share::Idle, Vec::new()));
        }
        let read = self.touch(x.buffer, &layout.slice(1, cols.start, cols.end)?, thread, false)?;
        let mut touched = Vec::new();
        let mut layouts = Vec::new();
        for (operand, writes) in chain
            .loads
            .iter()
            .map(|o| (o, false))
            .chain(chain.stores.iter().map(|(_, o)| (o, true)))
        {
            let Form::Strided(layout) = operand.form else {
                return Err(Error::internal("a column sum is strided"));
            };
            if *layout.shape() != [n] {
                return Err(Error::internal(format!("{:?} in a sum of {n} columns", layout.shape())));
            }
            touched.push(self.touch(operand.buffer, &layout.slice(0, cols.start, cols.end)?, thread, writes)?);
            let port = Port {
                buffer: operand.buffer,
                dtype: self.spec(operand)?.dtype,
                base: layout.offset() as isize,
                outer: [0; MAX_RANK],
                row: 0,
                col: layout.strides()[0],
            };
            layouts.push(port);
        }
        self.apart(&chain.loads, &chain.stores, &touched)?;
        let touched: Vec<Access> = touched.into_iter().flatten().collect();
        let overwrites = read.is_some_and(|read| touched.iter().any(|other| read.conflicts(other)));
        if overwrites {
            return Err(Error::internal("a column sum overwrites its own operand"));
        }
        let stores = layouts.split_off(chain.loads.len());
        let chain = ChainShare::new(chain, layouts, stores, spec.dtype, cols.len().min(TILE));
        let side = Side::new(&Matrix::new(*x), &[], k, n)?;
        Ok((
            Share::ColumnSum(ColumnSumShare {
                x: side,
                k,
                n,
                cols,
                chain,
            }),
            touched.into_iter().chain(read).collect(),
        ))
    }

    fn check(&self, value: &Operand, thread: usize) -> Made {
        let Form::Strided(layout) = value.form else {
            return Err(Error::internal("a check reads strided"));
        };
        let dtype = self.spec(value)?.dtype;
        if layout.shape().elements() != 1 || !dtype.is_float() {
            return Err(Error::internal("a check reads one number"));
        }
        let port = Port {
            buffer: value.buffer,
            dtype,
            base: layout.offset() as isize,
            outer: [0; MAX_RANK],
            row: 0,
            col: 0,
        };
        Ok((
            Share::Check(port),
            self.touch(value.buffer, &layout, thread, false)?.into_iter().collect(),
        ))
    }
}
