//! The forward derivative of a scan: the same recurrence over values and their tangents.

use super::Scan;
use super::step::{Ends, Step, zeros};
use crate::{Execution, Graph, Var, forward as forward_mode};

/// The tangents of all results, from those of the operands.
pub(super) fn forward<'g>(scan: &Scan, x: &[Var<'g>], dx: &[Option<Var<'g>>]) -> Vec<Option<Var<'g>>> {
    let graph = x[0].graph();
    let step = Graph::new(Execution::Static);
    let values = Step::new(scan, &step);
    let (carries, sequences) = (scan.counts.carry, scan.counts.carry + scan.counts.sequences);
    // The carry moves if anything does.
    let moving: Vec<usize> = (0..scan.counts.all())
        .filter(|&i| values.is_float(i) && (i < carries || dx[i].is_some()))
        .collect();
    let tangents: Vec<Var<'_>> = moving
        .iter()
        .map(|&i| step.step_value(values.operands[i].ty()))
        .collect();
    let from: Vec<Var<'_>> = moving.iter().map(|&i| values.operands[i]).collect();
    let results = [values.next(), values.outputs()].concat();
    let moved = forward_mode::jvp(&results, &from, &tangents);
    let float = |i: &usize| results[*i].dtype().is_float();
    let part = |range: std::ops::Range<usize>| moving.iter().zip(&tangents).filter(move |(i, _)| range.contains(*i));
    let join = |range: std::ops::Range<usize>| {
        let own = values.operands[range.clone()].iter().copied();
        own.chain(part(range).map(|(_, &tangent)| tangent)).collect::<Vec<_>>()
    };
    let given = |range: std::ops::Range<usize>| {
        let own = x[range.clone()].iter().copied();
        let tangents = part(range).map(|(&i, _)| dx[i].unwrap_or_else(|| zeros(graph, x[i].ty())));
        own.chain(tangents).collect::<Vec<_>>()
    };
    let ranges = [0..carries, carries..sequences, sequences..scan.counts.all()];
    let next = (0..carries).filter(float).map(|i| moved[i]);
    let outputs: Vec<usize> = (carries..results.len()).filter(float).collect();
    let ends = Ends {
        carry: join(ranges[0].clone()),
        sequences: join(ranges[1].clone()),
        constants: join(ranges[2].clone()),
        next: values.next().into_iter().chain(next).collect(),
        outputs: outputs.iter().map(|&i| moved[i]).collect(),
    };
    let (carry, sequences, constants) = (
        given(ranges[0].clone()),
        given(ranges[1].clone()),
        given(ranges[2].clone()),
    );
    let all = ends.apply(
        graph,
        &[carry, sequences, constants].concat(),
        (scan.steps, scan.is_reverse),
    );
    // The values themselves come first; then the tangents of the carry, then those of the outputs.
    let moved = (0..carries)
        .filter(float)
        .chain(outputs.iter().copied())
        .zip(&all[carries..]);
    let mut found = vec![None; results.len()];
    moved.for_each(|(i, &tangent)| found[i] = Some(tangent));
    found
}
