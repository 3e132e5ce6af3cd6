//! What a share touches, and what the machine refuses.

use std::ops::Range;

use super::access::{Access, Region};
use super::chain::{Chain, MAX_INPUTS, MAX_LOADS, MAX_STEPS, MAX_UPDATE, Source, Update};
use super::memory::{BufferSpec, Place};
use super::shares::Builder;
use super::task::{Form, Matrix, Operand};
use crate::kernels::product::PANEL;
use crate::{DType, Error, Layout, Result, Shape};

/// Whether every updated store belongs to one update, alone in its buffer, and nothing reads what an update overwrites
/// from then on.
///
/// Buffers are compared by number: [`Builder::apart`] refuses stores that share bytes with another operand.
fn updates_ok(chain: &Chain) -> bool {
    let places = || chain.updates.iter().flat_map(|update| &update.places);
    let updated = |at: usize| matches!(chain.stores.get(at), Some((Source::Updated(own), _)) if *own == at);
    let owners = |at: usize| places().filter(|place| **place == at).count();
    let alone = |at: usize| {
        let stores = chain.stores.iter();
        stores
            .filter(|(_, other)| other.buffer == chain.stores[at].1.buffer)
            .count()
            == 1
    };
    let places_ok = places().all(|&at| updated(at) && alone(at) && each_element_once(&chain.stores[at].1))
        && (0..chain.stores.len()).all(|at| owners(at) == usize::from(updated(at)))
        && (chain.updates.is_empty() || chain.stores.len() <= MAX_STEPS);
    // The steps after which a source may not be read, as what it shows is overwritten there.
    let last = |source: &Source| match source {
        Source::Load(i) => {
            let buffer = chain.loads[*i].buffer;
            let shows = |update: &&Update| update.places.iter().any(|&at| chain.stores[at].1.buffer == buffer);
            chain.updates.iter().filter(shows).map(|update| update.after).min()
        }
        Source::Tile | Source::Step(_) | Source::Updated(_) => None,
    };
    let intact = |source: &Source, steps: usize| last(source).is_none_or(|last| steps < last);
    let order = chain.updates.windows(2).all(|pair| pair[0].after <= pair[1].after);
    let in_range = |update: &Update| {
        update.after <= chain.steps.len() && update.inputs.len().max(update.places.len()) <= MAX_UPDATE
    };
    let reads_ok = |update: &Update| update.inputs.iter().all(|source| intact(source, update.after));
    let mut steps = chain.steps.iter().enumerate();
    let mut at_the_end = chain
        .stores
        .iter()
        .map(|(source, _)| source)
        .chain(chain.checks.iter().map(|(source, _)| source));
    places_ok
        && order
        && chain.updates.iter().all(|update| in_range(update) && reads_ok(update))
        && steps.all(|(i, step)| step.inputs.iter().all(|source| intact(source, i)))
        && at_the_end.all(|source| intact(source, usize::MAX))
}

/// Whether an operand shows no element twice, as far as strides tell: each axis steps over all that lie inside it.
fn each_element_once(operand: &Operand) -> bool {
    let Form::Strided(layout) = operand.form else {
        return true;
    };
    let axes = layout.shape().iter().zip(layout.strides());
    let mut axes: Vec<(usize, usize)> = axes
        .filter(|(size, _)| **size > 1)
        .map(|(size, stride)| (stride.unsigned_abs(), *size))
        .collect();
    axes.sort_unstable();
    let mut inside = 0; // the furthest distance within the axes seen so far
    axes.into_iter().all(|(stride, size)| {
        let free = stride > inside;
        inside += stride * (size - 1);
        free
    })
}

/// Whether no operand is stored after an earlier store has overwritten it: a tile in memory would show the new numbers.
fn copies_ok(chain: &Chain) -> bool {
    let overwrites = |at: usize, load: usize| chain.stores[..at].iter().any(|(_, store)| *store == chain.loads[load]);
    let mut stores = chain.stores.iter().enumerate();
    stores.all(|(at, (source, _))| match *source {
        Source::Load(load) => !overwrites(at, load),
        Source::Tile | Source::Step(_) | Source::Updated(_) => true,
    })
}

impl Builder<'_> {
    /// An error if a chain stores where it loads or stores other elements: then the order of tiles would matter.
    pub(super) fn apart(
        &self,
        loads: &[Operand],
        stores: &[(Source, Operand)],
        touched: &[Option<Access>],
    ) -> Result<()> {
        let all: Vec<&Operand> = loads.iter().chain(stores.iter().map(|(_, operand)| operand)).collect();
        for (i, (_, store)) in stores.iter().enumerate() {
            let i = loads.len() + i;
            let meets = |j: usize| matches!((&touched[i], &touched[j]), (Some(a), Some(b)) if a.overlaps(b));
            if (0..all.len()).any(|j| j != i && meets(j) && (j > i || all[j] != store)) {
                return Err(Error::internal(
                    "a chain stores where it loads or stores other elements",
                ));
            }
        }
        Ok(())
    }

    pub(super) fn check_chain(&self, chain: &Chain, tile: Option<DType>) -> Result<()> {
        // Whether a source is there after so many steps and updates.
        let known = |source: &Source, steps: usize, updates: usize| match *source {
            Source::Tile => tile.is_some(),
            Source::Load(i) => i < chain.loads.len(),
            Source::Step(i) => i < steps,
            Source::Updated(at) => chain.updates[..updates]
                .iter()
                .any(|update| update.places.contains(&at)),
        };
        let (steps, updates) = (chain.steps.len(), chain.updates.len());
        let steps_ok = chain.steps.iter().enumerate().all(|(i, step)| {
            let before = chain.updates.iter().take_while(|update| update.after <= i).count();
            let mut inputs = step.inputs.iter();
            (1..=MAX_INPUTS).contains(&inputs.len()) && inputs.all(|source| known(source, i, before))
        });
        let reads_ok = chain.updates.iter().enumerate().all(|(i, update)| {
            let mut inputs = update.inputs.iter();
            update.places.iter().all(|&at| at < chain.stores.len())
                && inputs.all(|source| known(source, update.after, i))
        });
        let watches_ok = chain
            .checks
            .iter()
            .all(|(source, flag)| known(source, steps, updates) && *flag < self.flags);
        let dtype = |operand: &Operand| self.buffers.get(operand.buffer).map(|spec| spec.dtype);
        let dtype_of = |source: &Source| match *source {
            Source::Tile => tile,
            Source::Load(i) => dtype(&chain.loads[i]),
            Source::Step(i) => Some(chain.steps[i].dtype),
            Source::Updated(at) => dtype(&chain.stores[at].1),
        };
        let stores_ok = chain
            .stores
            .iter()
            .all(|(source, operand)| known(source, steps, updates) && dtype_of(source) == dtype(operand));
        let bounds_ok = chain.loads.len() <= MAX_LOADS && steps <= MAX_STEPS;
        if !(steps_ok && reads_ok && watches_ok && stores_ok && bounds_ok) {
            return Err(Error::internal("a chain refers to what it does not have"));
        }
        if !updates_ok(chain) {
            return Err(Error::internal("an update shares its places with something else"));
        }
        if !copies_ok(chain) {
            return Err(Error::internal("a chain stores an operand after overwriting it"));
        }
        Ok(())
    }

    fn region(&self, buffer: usize, thread: usize) -> Result<(Region, &BufferSpec)> {
        let spec = self
            .buffers
            .get(buffer)
            .ok_or_else(|| Error::internal("an operand names no buffer"))?;
        let region = match spec.place {
            Place::Arena(_) if spec.dtype == DType::Bool => Region::Bools,
            Place::Arena(_) => Region::Arena,
            Place::Private(_) if spec.dtype == DType::Bool => {
                return Err(Error::internal("bools are not private"));
            }
            Place::Private(_) => Region::Private(thread),
            Place::Variable(i) => Region::Variable(i),
            Place::Input(_) | Place::Constant(_) => Region::ReadOnly,
        };
        Ok((region, spec))
    }

    /// What a strided view touches, after checking that it lies in its buffer and may be written.
    pub(super) fn touch(&self, buffer: usize, layout: &Layout, thread: usize, writes: bool) -> Result<Option<Access>> {
        let (region, spec) = self.region(buffer, thread)?;
        if layout.extent().1 > spec.elements || (writes && region == Region::ReadOnly) {
            return Err(Error::internal(format!(
                "{layout:?} reaches outside its buffer {buffer} or writes to an input"
            )));
        }
        let axes: Vec<(usize, isize)> = layout
            .shape()
            .iter()
            .copied()
            .zip(layout.strides().iter().copied())
            .collect();
        Ok(Access::new(
            region,
            spec.at(),
            layout.offset() as isize,
            &axes,
            spec.dtype.size(),
            writes,
        ))
    }

    /// Reading of everything up to an operand's end.
    pub(super) fn touch_whole(&self, operand: &Operand, thread: usize) -> Result<Option<Access>> {
        let (region, spec) = self.region(operand.buffer, thread)?;
        let end = match operand.form {
            Form::Strided(layout) => layout.extent().1,
            Form::Packed(packed) => packed.elements(),
        };
        if end > spec.elements {
            return Err(Error::internal(format!("{operand:?} reaches outside its buffer")));
        }
        Ok(Access::new(region, spec.at(), 0, &[(end, 1)], spec.dtype.size(), false))
    }

    /// What one side of a product touches, of which only a range of one axis is read.
    pub(super) fn touch_side(
        &self,
        side: &Matrix,
        (axis, range): (usize, &Range<usize>),
        thread: usize,
    ) -> Result<Option<Access>> {
        match side.operand.form {
            // Windows overlap: any of them may show any part of its image.
            Form::Strided(layout) if side.windows.is_some() => self.touch(side.operand.buffer, &layout, thread, false),
            Form::Strided(layout) => self.touch(
                side.operand.buffer,
                &layout.slice(axis, range.start, range.end)?,
                thread,
                false,
            ),
            Form::Packed(packed) => {
                self.touch_whole(&side.operand, thread)?;
                // Panels are columns of the packed matrix, so rows of the transposed one.
                let by_panel = (axis == 1) != side.transposed;
                let panels = Layout::contiguous(Shape::new(&[packed.panels(), packed.rows * packed.lanes()])?);
                let part = if by_panel {
                    panels.slice(0, range.start / PANEL, range.end.div_ceil(PANEL))?
                } else {
                    panels.slice(1, range.start * packed.lanes(), range.end * packed.lanes())?
                };
                self.touch(side.operand.buffer, &part, thread, false)
            }
        }
    }

    /// What a chain operand of a product touches for a range of rows and columns.
    pub(super) fn touch_product(
        &self,
        operand: &Operand,
        space: &Shape,
        rows: &Range<usize>,
        cols: &Range<usize>,
        thread: usize,
        writes: bool,
    ) -> Result<Option<Access>> {
        let rank = space.rank();
        match operand.form {
            Form::Strided(layout) => {
                if layout.shape() != space {
                    return Err(Error::internal(format!(
                        "{:?} in a product of shape {space:?}",
                        layout.shape()
                    )));
                }
                let part = layout
                    .slice(rank - 2, rows.start, rows.end)?
                    .slice(rank - 1, cols.start, cols.end)?;
                self.touch(operand.buffer, &part, thread, writes)
            }
            Form::Packed(packed) => {
                if rank != 2 || (packed.rows, packed.cols) != (space[0], space[1]) {
                    return Err(Error::internal(format!("{packed:?} in a product of shape {space:?}")));
                }
                let panels = Shape::new(&[packed.panels(), packed.rows * packed.lanes()])?;
                let part = Layout::contiguous(panels)
                    .slice(0, cols.start / PANEL, cols.end.div_ceil(PANEL))?
                    .slice(1, rows.start * packed.lanes(), rows.end * packed.lanes())?;
                self.touch(operand.buffer, &part, thread, writes)
            }
        }
    }
}
