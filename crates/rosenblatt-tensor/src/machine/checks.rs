//! What a share touches, and what the machine refuses.

use std::ops::Range;

use super::access::{Access, Region};
use super::chain::{Chain, MAX_INPUTS, MAX_LOADS, MAX_STEPS, MAX_UPDATE, Source};
use super::memory::{BufferSpec, Place};
use super::shares::Builder;
use super::task::{Form, Matrix, Operand};
use crate::kernels::product::PANEL;
use crate::{DType, Error, Layout, Result, Shape};

/// Whether every updated store belongs to one update, alone in its buffer, and no update reads what one overwrites.
///
/// Buffers are compared by number: [`Builder::apart`] refuses stores that share bytes with another operand.
fn updates_ok(chain: &Chain, known: impl Fn(&Source, usize) -> bool) -> bool {
    let places = || chain.updates.iter().flat_map(|update| &update.places);
    let updated = |at: &usize| matches!(chain.stores.get(*at), Some((Source::Updated, _)));
    let owners = |at: usize| places().filter(|place| **place == at).count();
    let alone = |at: usize| {
        let stores = chain.stores.iter();
        stores
            .filter(|(_, other)| other.buffer == chain.stores[at].1.buffer)
            .count()
            == 1
    };
    let overwritten = |buffer: usize| places().any(|&at| chain.stores[at].1.buffer == buffer);
    let safe = |source: &Source| !matches!(source, Source::Load(i) if overwritten(chain.loads[*i].buffer));
    places().all(updated)
        && (0..chain.stores.len()).all(|at| owners(at) == usize::from(updated(&at)))
        && places().all(|&at| alone(at) && each_element_once(&chain.stores[at].1))
        && chain.stores.iter().all(|(source, _)| safe(source))
        && chain.updates.iter().all(|update| {
            update.inputs.len().max(update.places.len()) <= MAX_UPDATE
                && update
                    .inputs
                    .iter()
                    .all(|source| known(source, chain.steps.len()) && safe(source))
        })
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
        let known = |source: &Source, steps: usize| match *source {
            Source::Tile => tile.is_some(),
            Source::Load(i) => i < chain.loads.len(),
            Source::Step(i) => i < steps,
            Source::Updated => false,
        };
        let steps_ok = chain.steps.iter().enumerate().all(|(i, step)| {
            (1..=MAX_INPUTS).contains(&step.inputs.len()) && step.inputs.iter().all(|source| known(source, i))
        });
        let watches_ok = chain
            .watches
            .iter()
            .all(|(source, flag)| known(source, chain.steps.len()) && *flag < self.flags);
        let dtype_of = |source: &Source| match *source {
            Source::Tile => tile,
            Source::Load(i) => self.buffers.get(chain.loads[i].buffer).map(|spec| spec.dtype),
            Source::Step(i) => Some(chain.steps[i].dtype),
            Source::Updated => None,
        };
        let stores_ok = chain.stores.iter().all(|(source, operand)| {
            let stored = || dtype_of(source) == self.buffers.get(operand.buffer).map(|spec| spec.dtype);
            *source == Source::Updated || (known(source, chain.steps.len()) && stored())
        });
        let bounds_ok = chain.loads.len() <= MAX_LOADS && chain.steps.len() <= MAX_STEPS;
        if !(steps_ok && watches_ok && stores_ok && bounds_ok) {
            return Err(Error::internal("a chain refers to what it does not have"));
        }
        if !updates_ok(chain, known) {
            return Err(Error::internal("an update shares its places with something else"));
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
