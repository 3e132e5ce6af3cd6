//! Outputs with several time steps in a row.

use rosenblatt_autodiff::Var;

/// How many losses a row has: one, or one for each step of a sequence `[rows, …, outputs]`.
pub(super) fn steps_of(output: &[usize]) -> usize {
    match output {
        [_, steps @ .., _] => steps.iter().product(),
        _ => 1,
    }
}

/// What the losses of all steps are divided by, where `rows` is that of the rows.
pub(super) fn times_steps<'g>(rows: Var<'g>, output: Var<'g>) -> Var<'g> {
    match steps_of(&output.shape()) {
        1 => rows,
        steps => rows * steps as f64,
    }
}

/// The weights of rows as those of their steps.
pub(super) fn of_steps<'g>(weights: Var<'g>, output: Var<'g>) -> Var<'g> {
    let shape = output.shape();
    let [rows, steps @ .., _] = &shape[..] else {
        return weights;
    };
    let column = [&[*rows][..], &vec![1; steps.len()]].concat();
    weights.reshape(&column).broadcast_to(&shape[..shape.len() - 1])
}

/// How many rows are correct, or the sum of their weights; the steps of a sequence count as rows.
pub(super) fn correct_rows<'g>(logits: Var<'g>, targets: Var<'g>, weights: Option<Var<'g>>) -> Var<'g> {
    let shape = logits.shape();
    let (logits, targets) = match &shape[..] {
        [leading @ .., classes] if leading.len() > 1 => {
            let rows = leading.iter().product();
            (logits.reshape(&[rows, *classes]), targets.reshape(&[rows]))
        }
        _ => (logits, targets),
    };
    let weights = weights.map(|weights| weights.reshape(&targets.shape()));
    match weights {
        None => logits.count_correct(targets),
        Some(weights) => (logits.argmax(-1).eq(targets).cast(weights.dtype()) * weights).sum_all(),
    }
}
