//! A scan computed step by step.

use rosenblatt_tensor::{Error, Result, Tensor};

use super::{BodyNode, Scan};
use crate::op::Type;
use crate::ops::Concat;
use crate::{Engine, Origin};

/// Values of a step's nodes; those that are the same in every step stay.
type Values = Vec<Option<Tensor>>;

impl Scan {
    /// All results; adds the names of checked values that are not finite.
    pub(crate) fn compute(
        &self,
        engine: &mut Engine,
        x: &[Tensor],
        not_finite: &mut Vec<String>,
    ) -> Result<Vec<Tensor>> {
        let (carries, sequences) = (self.counts.carry, self.counts.carry + self.counts.sequences);
        let varies = self.body.varies(sequences);
        let mut values: Values = vec![None; self.body.nodes.len()];
        for i in sequences..self.counts.all() {
            values[i] = Some(x[i].clone());
        }
        let mut carry = x[..carries].to_vec();
        let mut outputs: Vec<Vec<(usize, Tensor)>> = vec![Vec::new(); self.outputs.len()];
        for t in self.order() {
            values
                .iter_mut()
                .zip(&varies)
                .filter(|(_, varies)| **varies)
                .for_each(|(value, _)| *value = None);
            for (value, x) in values.iter_mut().zip(&carry) {
                *value = Some(x.clone());
            }
            for i in carries..sequences {
                let part = x[i].slice(0, t, t + 1)?;
                values[i] = Some(part.reshape(&x[i].shape()[1..])?);
            }
            compute_step(engine, &self.body.nodes, &mut values, not_finite)?;
            carry = self
                .carry
                .iter()
                .map(|&node| value(&values, node))
                .collect::<Result<_>>()?;
            for (output, &node) in outputs.iter_mut().zip(&self.outputs) {
                output.push((t, value(&values, node)?));
            }
        }
        let types = self.outputs.iter().map(|&node| self.sequence(self.body.nodes[node].ty));
        let stacked = outputs
            .into_iter()
            .zip(types)
            .map(|(parts, ty)| stack(engine, parts, ty?));
        carry.into_iter().map(Ok).chain(stacked).collect()
    }
}

fn value(values: &Values, node: usize) -> Result<Tensor> {
    values[node]
        .clone()
        .ok_or_else(|| Error::internal("a node of a step without a value"))
}

/// Computes what has no value yet.
fn compute_step(
    engine: &mut Engine,
    nodes: &[BodyNode],
    values: &mut Values,
    not_finite: &mut Vec<String>,
) -> Result<()> {
    for (i, node) in nodes.iter().enumerate() {
        if values[i].is_some() {
            continue;
        }
        match &node.origin {
            Origin::Constant(constant) => values[i] = Some(constant.clone()),
            Origin::Op(op) => {
                let inputs = node
                    .inputs
                    .iter()
                    .map(|&input| value(values, input))
                    .collect::<Result<Vec<_>>>()?;
                let types: Vec<Type> = inputs.iter().map(Type::of).collect();
                let results = engine.compute(&**op, &inputs, &op.infer_all(&types)?, not_finite)?;
                // Further results are the nodes that name this one as their operand.
                let further = |j: &usize| matches!(nodes[*j].origin, Origin::Result(_)) && nodes[*j].inputs == [i];
                for j in (i + 1..nodes.len()).filter(further).collect::<Vec<_>>() {
                    if let Origin::Result(k) = nodes[j].origin {
                        values[j] = Some(results[k].clone());
                    }
                }
                values[i] = results.into_iter().next();
            }
            Origin::Result(_) | Origin::Input(_) | Origin::Variable(_) | Origin::Step => {
                return Err(Error::internal("an operand of a step without a value"));
            }
        }
    }
    Ok(())
}

/// The values of all steps, one after the other.
fn stack(engine: &mut Engine, mut parts: Vec<(usize, Tensor)>, ty: Type) -> Result<Tensor> {
    parts.sort_by_key(|(t, _)| *t);
    let row = |(_, part): &(usize, Tensor)| part.contiguous().reshape(&[&[1], &part.shape()[..]].concat());
    let parts = parts.iter().map(row).collect::<Result<Vec<_>>>()?;
    if parts.is_empty() {
        return Ok(Tensor::zeros(ty.dtype, ty.shape));
    }
    let mut joined = engine.compute(&Concat { axis: 0 }, &parts, &[ty], &mut Vec::new())?;
    Ok(joined.remove(0))
}
