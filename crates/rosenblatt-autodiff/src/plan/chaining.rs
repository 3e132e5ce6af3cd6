//! From the element-wise members of a group to the machine's chains.

use std::sync::Arc;

use rosenblatt_tensor::machine::{Chain, Form, Operand, Source, Step, Update};
use rosenblatt_tensor::{Error, Layout, Result, Shape};

use super::groups::{Edge, GroupId, Root};
use super::lower::Lowerer;
use super::one_loop_update::{FusedUpdate, FusedUpdates, one_loop_updates};
use crate::NodeId;
use crate::op::Lowering;

/// Where results of a chain are so far.
type Registers = Vec<(NodeId, Source)>;

impl Lowerer<'_> {
    /// A group's element-wise members.
    pub(super) fn chain(&mut self, group: GroupId) -> Result<Chain> {
        let this = &self.groups.groups[group];
        let root = match this.root {
            Root::Product(id) | Root::ColumnSum(id) => Some(id),
            Root::None | Root::Kernel(_) => None,
        };
        let steps: Vec<NodeId> = this.members.iter().copied().filter(|&id| Some(id) != root).collect();
        let fused = match self.choices.one_loop_update {
            true => one_loop_updates(self.groups, group, &self.schedule.in_place),
            false => FusedUpdates::default(),
        };
        let stored: Vec<NodeId> = this
            .members
            .iter()
            .copied()
            .filter(|&id| self.buffer_of[id].is_some())
            .collect();
        let mut registers: Registers = root.map(|id| (id, Source::Tile)).into_iter().collect();
        let mut chain = Chain::default();
        for &id in &steps {
            if let Some(update) = fused.loops.iter().find(|update| update.nodes.last == id) {
                self.update(&mut chain, &mut registers, update, &stored)?;
            } else if !fused.inside.contains(&id) {
                let inputs = self.groups.edges[id]
                    .iter()
                    .map(|edge| self.source(&mut chain, &registers, id, edge))
                    .collect::<Result<_>>()?;
                registers.push((id, self.step(&mut chain, id, inputs)?));
            }
        }
        for &id in &stored {
            let known = registers.iter().find(|(member, _)| *member == id);
            let &(_, source) = known.ok_or_else(|| Error::internal("a chain stores what it does not compute"))?;
            let edge = Edge {
                base: id,
                layout: Layout::contiguous(self.groups.ir.nodes[id].ty.shape),
            };
            chain.stores.push((source, self.chain_operand(id, &edge)?));
        }
        Ok(chain)
    }

    /// The loop of a rule, which overwrites some of what is stored.
    fn update(
        &self,
        chain: &mut Chain,
        registers: &mut Registers,
        update: &FusedUpdate<'_>,
        stored: &[NodeId],
    ) -> Result<()> {
        let inputs = update.nodes.inputs.iter();
        let inputs = inputs
            .map(|edge| self.source(chain, registers, update.nodes.last, edge))
            .collect::<Result<_>>()?;
        let place = |id: &NodeId| stored.iter().position(|other| other == id);
        let places: Option<Vec<usize>> = update.writers.iter().map(place).collect();
        let places = places.ok_or_else(|| Error::internal("a place of an update that is not stored"))?;
        let results = update.nodes.rule.results.iter().zip(&places);
        registers.extend(results.map(|(&id, &at)| (id, Source::Updated(at))));
        chain.updates.push(Update {
            after: chain.steps.len(),
            kernel: Arc::clone(&update.nodes.rule.kernel),
            inputs,
            places,
        });
        Ok(())
    }

    /// Where `reader` finds an operand: in a register, or in memory.
    fn source(&self, chain: &mut Chain, registers: &Registers, reader: NodeId, edge: &Edge) -> Result<Source> {
        let is_across = self.groups.transposed[reader] ^ self.groups.transposed[edge.base];
        let known = registers.iter().find(|(id, _)| *id == edge.base);
        match known.filter(|_| self.groups.fused(reader, edge) == Some(is_across)) {
            Some(&(_, source)) => Ok(source),
            None => Ok(load(chain, self.chain_operand(reader, edge)?)),
        }
    }

    /// Adds element-wise node `id` to a chain; returns where its result is. A checked value is only looked at.
    fn step(&mut self, chain: &mut Chain, id: NodeId, inputs: Vec<Source>) -> Result<Source> {
        let node = &self.groups.ir;
        let op = node.op(id).ok_or_else(|| Error::internal("a leaf in a chain"))?;
        if let Some(name) = op.check_finite() {
            chain.checks.push((inputs[0], self.out.checked_names.len()));
            self.out.checked_names.push(name.to_string());
            return Ok(inputs[0]);
        }
        let Lowering::Elementwise(kernel) = op.lowering() else {
            return Err(Error::internal("a chain is element-wise"));
        };
        let dtype = node.nodes[id].ty.dtype;
        chain.steps.push(Step { kernel, dtype, inputs });
        Ok(Source::Step(chain.steps.len() - 1))
    }

    /// What node `id` reads or writes, seen from its group's space.
    pub(super) fn chain_operand(&self, id: NodeId, edge: &Edge) -> Result<Operand> {
        let transposed = self.groups.transposed[id];
        if self.groups.inlined(id) {
            // One number, wherever in the space it is read; its own axes, all of size 1, mean nothing there.
            let one = edge
                .layout
                .reshape(Shape::SCALAR)?
                .ok_or_else(|| Error::internal("a number that needs a copy"))?;
            let space = self.groups.of[id].map_or(Shape::SCALAR, |group| self.groups.groups[group].space);
            let operand = self.strided(&Edge {
                base: edge.base,
                layout: one,
            })?;
            return match operand.form {
                Form::Strided(layout) => Ok(Operand::strided(operand.buffer, layout.broadcast_to(space)?)),
                Form::Packed(_) => Err(Error::internal("a number in panels")),
            };
        }
        let shape = self.groups.ir.nodes[id].ty.shape;
        if transposed && self.packed[edge.base].is_some() && self.unpacked[edge.base].is_none() {
            return self.panels(edge.base);
        }
        let operand = self.strided(edge)?;
        let layout = edge.layout.broadcast_to(shape)?;
        Ok(Operand::strided(
            operand.buffer,
            if transposed { layout.permute(&[1, 0])? } else { layout },
        ))
    }
}

/// The place of an operand in a chain's list, added if it is new.
fn load(chain: &mut Chain, operand: Operand) -> Source {
    let known = chain.loads.iter().position(|load| *load == operand);
    Source::Load(known.unwrap_or_else(|| {
        chain.loads.push(operand);
        chain.loads.len() - 1
    }))
}
