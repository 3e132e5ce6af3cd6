//! Row-major copies of packed variables, for readers and writers that cannot address panels.

use std::collections::BTreeSet;

use rosenblatt_tensor::machine::{Chain, Operand, Packed, Partition, Place, Source, Task};
use rosenblatt_tensor::{Error, Layout, Result, Shape};

use super::groups::Groups;
use super::lower::{Intern, Lowerer};
use super::packed_weights::{can_be_written, can_read};
use super::schedule::{Item, Schedule};
use crate::{NodeId, Origin};

/// Computes the next value of a state elsewhere, and copies it there at the end, if an earlier plan has packed the state and
/// this one cannot compute it in panels. `chosen` are the states that this plan packs itself, if they are new.
pub(super) fn copy_where_packed(
    groups: &Groups,
    schedule: &mut Schedule,
    intern: Intern<'_>,
    chosen: &BTreeSet<NodeId>,
) -> Result<()> {
    let mut copied = Vec::new();
    for (state, next) in schedule.in_place.iter() {
        let node = &groups.ir.nodes[state];
        let (Origin::Variable(name), 2) = (&node.origin, node.ty.shape.rank()) else {
            continue;
        };
        let able = chosen.contains(&state) || can_be_written(groups, next);
        if !able && intern(name, node.ty, false)?.1.is_some() {
            copied.push((state, next));
        }
    }
    schedule
        .in_place
        .remove(&copied.iter().map(|&(_, next)| next).collect());
    let copies = copied.into_iter().map(|(state, next)| Item::Copy(state, next));
    schedule.items.extend(copies);
    Ok(())
}

impl Lowerer<'_> {
    /// Row-major copies of packed variables for readers that cannot address panels.
    pub(super) fn unpack_where_needed(&mut self) -> Result<()> {
        for id in 0..self.groups.ir.nodes.len() {
            let (Some(packed), Origin::Variable(_)) = (self.packed[id], &self.groups.ir.nodes[id].origin) else {
                continue;
            };
            let able = |&reader: &NodeId| can_read(self.groups, reader, id);
            if self.groups.readers[id].iter().all(able) {
                continue;
            }
            let ty = self.groups.ir.nodes[id].ty;
            let copy = self.add_buffer(ty.dtype, ty.shape.elements(), Place::Arena(0));
            let from = self.buffer(id)?;
            for (space, source, target) in unpacking(packed)? {
                let chain = Chain {
                    loads: vec![Operand::strided(from, source)],
                    stores: vec![(Source::Load(0), Operand::strided(copy, target))],
                    ..Chain::default()
                };
                self.out.tasks.push((Task::Map { space, chain }, Partition::One));
                self.out.labels.push("unpack".to_string());
            }
            self.unpacked[id] = Some(copy);
        }
        Ok(())
    }
}

/// The tasks that copy a row-major matrix, `from`, into panels.
pub(super) fn packing(packed: Packed, from: &Operand, layout: Layout, panels: usize) -> Result<Vec<Task>> {
    let mut tasks = Vec::new();
    let mut first = 0;
    for (space, target, _) in unpacking(packed)? {
        let rows = space[0] * space[1];
        let source = layout.slice(0, first, first + rows)?.reshape(space)?;
        let source = source.ok_or_else(|| Error::internal("rows that need a copy"))?;
        let chain = Chain {
            loads: vec![Operand::strided(from.buffer, source)],
            stores: vec![(Source::Load(0), Operand::strided(panels, target))],
            ..Chain::default()
        };
        tasks.push(Task::Map { space, chain });
        first += rows;
    }
    Ok(tasks)
}

/// Copies that turn panels of `[k, n]` into a row-major `[n, k]`: whole panels, then the last, narrower one.
fn unpacking(packed: Packed) -> Result<Vec<(Shape, Layout, Layout)>> {
    let (k, n) = (packed.rows, packed.cols);
    let panels = Layout::contiguous(Shape::new(&[packed.panels(), k, packed.lanes()])?);
    let width = Packed::WIDTH;
    let (whole, rest) = (n / width, n % width);
    let mut copies = Vec::new();
    for (first, count, lanes) in [(0, whole, width), (whole, usize::from(rest > 0), rest)] {
        if count * lanes * k == 0 {
            continue;
        }
        let source = panels
            .slice(0, first, first + count)?
            .slice(2, 0, lanes)?
            .permute(&[0, 2, 1])?;
        let target = Layout::contiguous(Shape::new(&[n, k])?).slice(0, first * width, first * width + count * lanes)?;
        let space = Shape::new(&[count, lanes, k])?;
        let target = target
            .reshape(space)?
            .ok_or_else(|| Error::internal("rows that need a copy"))?;
        copies.push((space, source, target));
    }
    Ok(copies)
}
