//! Where buffers lie in the arenas.

use rosenblatt_tensor::DType;
use rosenblatt_tensor::machine::{BufferSpec, Chain, Place, Task};

use super::arena::{Lifetime, place};
use super::lower::Lowered;

/// Gives buffers of the arenas their offsets, by lifetime.
///
/// `phase_of` is the phase of each task; buffers in `keep` are read after the run.
pub(super) fn place_buffers(lowered: &mut Lowered, phase_of: &[usize], keep: &[usize]) {
    let end = phase_of.last().copied().unwrap_or(0) + 1;
    let mut lives: Vec<Option<(usize, usize)>> = vec![None; lowered.buffers.len()];
    for ((task, _), &phase) in lowered.tasks.iter().zip(phase_of) {
        for buffer in touched(task) {
            let life = lives[buffer].get_or_insert((phase, phase));
            *life = (life.0.min(phase), life.1.max(phase));
        }
    }
    keep.iter()
        .for_each(|&buffer| lives[buffer] = lives[buffer].map(|(first, _)| (first, end)));
    let class = |spec: &BufferSpec| match spec.place {
        Place::Arena(_) if spec.dtype == DType::Bool => Some(0),
        Place::Arena(_) => Some(1),
        Place::Private(_) => Some(2),
        Place::Variable(_) | Place::Input(_) | Place::Constant(_) => None,
    };
    for wanted in 0..3 {
        let members: Vec<usize> = (0..lowered.buffers.len())
            .filter(|&i| class(&lowered.buffers[i]) == Some(wanted))
            .collect();
        let lifetime = |&i: &usize| {
            let (first, last) = lives[i].unwrap_or((0, 0));
            Lifetime {
                first,
                last,
                bytes: lowered.buffers[i].bytes(),
            }
        };
        let offsets = place(&members.iter().map(lifetime).collect::<Vec<_>>());
        for (&i, at) in members.iter().zip(offsets) {
            lowered.buffers[i].place = if wanted == 2 {
                Place::Private(at)
            } else {
                Place::Arena(at)
            };
        }
    }
}

/// Buffers a task reads or writes.
fn touched(task: &Task) -> Vec<usize> {
    let of_chain = |chain: &Chain| -> Vec<usize> {
        chain
            .loads
            .iter()
            .chain(chain.stores.iter().map(|(_, operand)| operand))
            .map(|o| o.buffer)
            .collect()
    };
    match task {
        Task::Map { chain, .. } => of_chain(chain),
        Task::Product { a, b, chain, .. } => [of_chain(chain), vec![a.operand.buffer, b.operand.buffer]].concat(),
        Task::ColumnSum { x, chain } => [of_chain(chain), vec![x.buffer]].concat(),
        Task::Kernel { inputs, outputs, .. } => inputs.iter().chain(outputs).map(|o| o.buffer).collect(),
        Task::Check { value } => vec![value.buffer],
    }
}
