//! From groups to the machine's tasks.

use std::collections::{BTreeMap, BTreeSet};

use rosenblatt_tensor::machine::{BufferSpec, Chain, Form, Matrix, Operand, Packed, Partition, Place, Source, Task};
use rosenblatt_tensor::{DType, Error, Layout, Result, Shape};

use super::choices::Choices;
use super::groups::{Edge, GroupId, Groups, Root};
use super::ir::columns;
use super::schedule::{Item, Schedule};
use super::unpacking::packing;
use super::variables::Interned;
use crate::op::{Lowering, Type};
use crate::ops::Convolve;
use crate::{NodeId, Origin};

/// Where values are, and the tasks that compute them.
pub(super) struct Lowered {
    pub(super) tasks: Vec<(Task, Partition)>,
    pub(super) buffers: Vec<BufferSpec>,
    pub(super) checked_names: Vec<String>,
    /// What each task computes, for people.
    pub(super) labels: Vec<String>,
}

/// Finds or adds a variable.
pub(super) type Intern<'a> = &'a mut dyn FnMut(&str, Type, bool) -> Result<Interned>;

pub(super) struct Lowerer<'a> {
    pub(super) groups: &'a Groups,
    pub(super) schedule: &'a Schedule,
    /// For each node, the buffer that holds it.
    pub(super) buffer_of: Vec<Option<usize>>,
    /// For each buffer, how many nodes it holds.
    holds: Vec<usize>,
    pub(super) packed: Vec<Option<Packed>>,
    /// An unpacked copy of a packed variable, for readers that cannot address panels.
    pub(super) unpacked: Vec<Option<usize>>,
    pub(super) choices: Choices,
    pub(super) out: Lowered,
}

impl<'a> Lowerer<'a> {
    /// Gives every leaf and every stored node a buffer. `inputs` says which input of a run each input node is, `intern`
    /// where a variable is, by name and type and whether it is best packed.
    pub(super) fn new(
        groups: &'a Groups,
        schedule: &'a Schedule,
        intern: Intern<'_>,
        inputs: &BTreeMap<&str, usize>,
        pack: &BTreeSet<NodeId>,
        choices: Choices,
    ) -> Result<Self> {
        let count = groups.ir.nodes.len();
        let out = Lowered {
            tasks: Vec::new(),
            buffers: Vec::new(),
            checked_names: Vec::new(),
            labels: Vec::new(),
        };
        let mut this = Self {
            groups,
            schedule,
            buffer_of: vec![None; count],
            holds: Vec::new(),
            packed: vec![None; count],
            unpacked: vec![None; count],
            choices,
            out,
        };
        for id in 0..count {
            this.leaf(id, intern, inputs, pack.contains(&id))?;
        }
        for (variable, next) in schedule.in_place.iter() {
            let buffer = this.buffer(variable)?;
            this.give(next, buffer);
            this.packed[next] = this.packed[variable];
        }
        for item in &schedule.items {
            if let Item::Group(group) = item {
                this.computed(*group)?;
            }
        }
        Ok(this)
    }

    fn leaf(&mut self, id: NodeId, intern: Intern<'_>, inputs: &BTreeMap<&str, usize>, pack: bool) -> Result<()> {
        let node = &self.groups.ir.nodes[id];
        let ty = node.ty;
        let (place, elements) = match &node.origin {
            Origin::Input(name) => {
                let index = inputs.get(name.as_str()).copied().ok_or_else(|| {
                    Error::config(format!("input `{name}` is used, but it is not in `Signature::inputs`"))
                })?;
                (Place::Input(index), ty.shape.elements())
            }
            Origin::Variable(name) => {
                let (index, packed) = intern(name, ty, pack)?;
                self.packed[id] = packed;
                (
                    Place::Variable(index),
                    packed.map_or(ty.shape.elements(), |p| p.elements()),
                )
            }
            Origin::Constant(value) => (Place::Constant(value.contiguous()), ty.shape.elements()),
            Origin::Op(_) | Origin::Result(_) => return Ok(()),
            Origin::Step => {
                let error = Error::config("a value of a step is used outside its `scan`");
                return Err(error.hint("let the step return it"));
            }
        };
        let buffer = self.add_buffer(ty.dtype, elements, place);
        self.give(id, buffer);
        Ok(())
    }

    /// Puts a node into a buffer.
    fn give(&mut self, id: NodeId, buffer: usize) {
        self.buffer_of[id] = Some(buffer);
        self.holds[buffer] += 1;
    }

    pub(super) fn add_buffer(&mut self, dtype: DType, elements: usize, place: Place) -> usize {
        self.out.buffers.push(BufferSpec { dtype, elements, place });
        self.holds.push(0);
        self.out.buffers.len() - 1
    }

    /// Buffers for what a group stores. Arena offsets are given later, by lifetime.
    fn computed(&mut self, group: GroupId) -> Result<()> {
        for &id in &self.groups.groups[group].members {
            if self.buffer_of[id].is_some() || !self.groups.is_stored(id) {
                continue;
            }
            let ty = self.groups.ir.nodes[id].ty;
            let each = self.schedule.splits[group] == Partition::Each;
            let reuse = if self.choices.in_place && !each {
                self.overwritable(group, id)
            } else {
                None
            };
            let place = self.computed_at(group);
            let buffer = reuse.unwrap_or_else(|| self.add_buffer(ty.dtype, ty.shape.elements(), place));
            self.give(id, buffer);
        }
        Ok(())
    }

    /// Where a group stores: what each thread computes is its own.
    fn computed_at(&self, group: GroupId) -> Place {
        if self.schedule.splits[group] == Partition::Each {
            Place::Private(0)
        } else {
            Place::Arena(0)
        }
    }

    /// An operand of a chain without a root that has no later reader and lies as `id` would.
    fn overwritable(&self, group: GroupId, id: NodeId) -> Option<usize> {
        let this = &self.groups.groups[group];
        if this.root != Root::None || self.groups.ir.nodes[id].ty.shape != this.space {
            return None;
        }
        let ty = self.groups.ir.nodes[id].ty;
        let own = Layout::contiguous(ty.shape);
        let taken: Vec<usize> = this.members.iter().filter_map(|&m| self.buffer_of[m]).collect();
        let edges = this.members.iter().flat_map(|&m| &self.groups.edges[m]);
        edges.clone().map(|edge| edge.base).find_map(|base| {
            let buffer = self.buffer_of[base]?;
            let inside =
                self.groups.of[base]? != group && self.groups.ir.nodes[base].ty == ty && !self.groups.wanted[base];
            let only_reader = self.groups.readers[base]
                .iter()
                .all(|&r| self.groups.of[r] == Some(group));
            let same_place = || edges.clone().all(|edge| edge.base != base || edge.layout == own);
            let arena = matches!(self.out.buffers[buffer].place, Place::Arena(_));
            let own_buffer = arena && self.holds[buffer] == 1 && !taken.contains(&buffer);
            let is_copied = || self.groups.stores_checked(group, base, Some(id));
            (inside && only_reader && own_buffer && same_place() && !is_copied()).then_some(buffer)
        })
    }

    /// All tasks, in order, over the arena as placed.
    pub(super) fn tasks(mut self) -> Result<(Lowered, Vec<Option<usize>>)> {
        self.unpack_where_needed()?;
        for item in self.schedule.items.clone() {
            let (task, split, label) = match item {
                Item::Group(group) => (self.group(group)?, self.schedule.splits[group], self.label(group)),
                Item::Check(id) => (self.check(id)?, Partition::Each, "check: finite".to_string()),
                Item::Copy(variable, next) => {
                    for task in self.copy(variable, next)? {
                        self.out.tasks.push((task, Partition::One));
                        self.out.labels.push("copy: next value".to_string());
                    }
                    continue;
                }
            };
            self.out.tasks.push((task, split));
            self.out.labels.push(label);
        }
        Ok((self.out, self.buffer_of))
    }

    fn label(&self, group: GroupId) -> String {
        let this = &self.groups.groups[group];
        let members = this.members.iter().filter(|&&id| self.groups.counts(id));
        let names: Vec<&str> = members.filter_map(|&id| self.groups.name(id)).collect();
        // An optimizer's variables are named after the parameter that is updated with them: the shortest name is its.
        let updated = this.members.iter().filter_map(|id| {
            let variable = self.schedule.in_place.variable(*id)?;
            let origin = &self.groups.ir.nodes[variable].origin;
            if let Origin::Variable(name) = origin {
                Some(name)
            } else {
                None
            }
        });
        let target = updated.min_by_key(|name| name.len()).map(|name| format!(" → {name}"));
        format!("{} {:?}{}", names.join(" + "), this.space, target.unwrap_or_default())
    }

    pub(super) fn buffer(&self, id: NodeId) -> Result<usize> {
        self.buffer_of[id].ok_or_else(|| Error::internal(format!("node {id} was not given a buffer")))
    }

    /// An operand as memory shows it, in the reader's own orientation.
    pub(super) fn strided(&self, edge: &Edge) -> Result<Operand> {
        match (self.packed[edge.base], self.unpacked[edge.base]) {
            (Some(_), Some(copy)) => Ok(Operand::strided(copy, edge.layout)),
            (Some(_), None) => Err(Error::internal("a packed operand was not unpacked")),
            (None, _) => Ok(Operand::strided(self.buffer(edge.base)?, edge.layout)),
        }
    }

    fn group(&mut self, group: GroupId) -> Result<Task> {
        let this = &self.groups.groups[group];
        match this.root {
            Root::None => Ok(Task::Map {
                space: this.space,
                chain: self.chain(group)?,
            }),
            Root::Product(id) => match self.groups.ir.lowering(id) {
                Some(Lowering::Convolution(op)) => self.convolution(group, id, &op),
                _ => self.product(group, id),
            },
            Root::ColumnSum(id) => {
                let edge = self.groups.edges[id][0];
                let operand = self.strided(&edge)?;
                let layout = columns(&edge.layout)?.ok_or_else(|| Error::internal("columns that need a copy"))?;
                let mut chain = self.chain(group)?;
                let row = Shape::new(&[self.groups.ir.nodes[id].ty.shape.elements()])?;
                let stores = chain.stores.iter_mut().map(|(_, operand)| operand);
                // Kept axes of size 1 are nothing to the machine.
                chain
                    .loads
                    .iter_mut()
                    .chain(stores)
                    .try_for_each(|operand| reshaped(operand, row))?;
                Ok(Task::ColumnSum {
                    x: Operand::strided(operand.buffer, layout),
                    chain,
                })
            }
            Root::Kernel(id) => {
                let Some(Lowering::Kernel(kernel)) = self.groups.ir.lowering(id) else {
                    return Err(Error::internal("not a kernel"));
                };
                let inputs = self.groups.edges[id]
                    .iter()
                    .map(|edge| self.strided(edge))
                    .collect::<Result<_>>()?;
                let results = self.groups.kernel_results(id)?;
                let unread = self.computed_at(group);
                let output = |(ty, node): (Type, Option<NodeId>)| {
                    let buffer = match node.and_then(|node| self.buffer_of[node]) {
                        Some(buffer) => buffer,
                        // Nothing reads it, but the loop fills it.
                        None => self.add_buffer(ty.dtype, ty.shape.elements(), unread.clone()),
                    };
                    Ok(Operand::strided(buffer, Layout::contiguous(ty.shape)))
                };
                let outputs = results.into_iter().map(output).collect::<Result<_>>()?;
                Ok(Task::Kernel {
                    kernel,
                    inputs,
                    outputs,
                })
            }
        }
    }

    fn product(&mut self, group: GroupId, id: NodeId) -> Result<Task> {
        let space = self.groups.groups[group].space;
        let rank = space.rank();
        let side = |edge: &Edge| -> Result<Matrix> {
            if let (Some(_), None) = (self.packed[edge.base], self.unpacked[edge.base]) {
                let transposed = edge.layout == Layout::contiguous(self.groups.ir.nodes[edge.base].ty.shape);
                let operand = self.panels(edge.base)?;
                return Ok(Matrix {
                    transposed,
                    ..Matrix::new(operand)
                });
            }
            let own = edge.layout.shape();
            let mut shape = space.to_vec();
            shape[rank - 2..].copy_from_slice(&own[own.rank() - 2..]);
            let operand = self.strided(edge)?;
            let layout = edge.layout.broadcast_to(Shape::new(&shape)?)?;
            Ok(Matrix::new(Operand::strided(operand.buffer, layout)))
        };
        let edges = &self.groups.edges[id];
        let left = edges[0].layout.shape();
        let k = left[left.rank() - 1];
        let (a, b) = (side(&edges[0])?, side(&edges[1])?);
        Ok(Task::Product {
            space,
            k,
            a,
            b,
            chain: self.chain(group)?,
        })
    }

    /// The windows of images weighted in each row, image by image, then the chain, whose operands are seen as these matrices.
    fn convolution(&mut self, group: GroupId, id: NodeId, op: &Convolve) -> Result<Task> {
        let edges = &self.groups.edges[id];
        let operands = [self.strided(&edges[0])?, self.strided(&edges[1])?];
        let mut chain = self.chain(group)?;
        let stores = chain.stores.iter_mut().map(|(_, operand)| operand);
        let space = op.matrices(&self.groups.groups[group].space)?;
        chain
            .loads
            .iter_mut()
            .chain(stores)
            .try_for_each(|operand| reshaped(operand, space))?;
        op.task(operands, &self.groups.groups[group].space, chain)
    }

    pub(super) fn panels(&self, id: NodeId) -> Result<Operand> {
        let packed = self.packed[id].ok_or_else(|| Error::internal("not packed"))?;
        Ok(Operand::packed(self.buffer(id)?, packed.rows, packed.cols))
    }

    fn check(&self, id: NodeId) -> Result<Task> {
        let shape = self.groups.ir.nodes[id].ty.shape;
        Ok(Task::Check {
            value: Operand::strided(self.buffer(id)?, Layout::contiguous(shape)),
        })
    }

    fn copy(&self, variable: NodeId, next: NodeId) -> Result<Vec<Task>> {
        let space = self.groups.ir.nodes[variable].ty.shape;
        let (base, layout) = self.groups.ir.resolve(next)?;
        let whole = Layout::contiguous(space);
        if self.packed[base].is_some() {
            return Err(Error::internal("a packed variable that cannot be updated in place"));
        }
        let from = Operand::strided(self.buffer(base)?, layout);
        if let Some(packed) = self.packed[variable] {
            return packing(packed, &from, layout, self.buffer(variable)?);
        }
        let to = Operand::strided(self.buffer(variable)?, whole);
        let chain = Chain {
            loads: vec![from],
            stores: vec![(Source::Load(0), to)],
            ..Chain::default()
        };
        Ok(vec![Task::Map { space, chain }])
    }
}

/// The same elements in another shape.
fn reshaped(operand: &mut Operand, shape: Shape) -> Result<()> {
    if let Form::Strided(layout) = operand.form {
        let layout = layout
            .reshape(shape)?
            .ok_or_else(|| Error::internal("an operand of a chain that needs a copy"))?;
        operand.form = Form::Strided(layout);
    }
    Ok(())
}

/// The operand an output is read from after a run.
pub(super) fn output(groups: &Groups, buffer_of: &[Option<usize>], id: NodeId) -> Result<Operand> {
    let (base, layout) = groups.ir.resolve(id)?;
    let buffer = buffer_of[base].ok_or_else(|| Error::internal("an output without a buffer"))?;
    let operand = Operand {
        buffer,
        form: Form::Strided(layout),
    };
    Ok(operand)
}
