//! A compiled training step, for `inspect --plan`.

use rosenblatt_train::{PlanFigures, PlanStep};
use serde_json::{Value, json};

use crate::ui::{count, table};

/// Stands between kernels where threads meet.
const BARRIER: &str = "-- barrier --";

/// One paragraph of figures, then the kernels with their numbers.
pub(super) fn text(plan: &PlanFigures) -> String {
    let PlanFigures {
        rows,
        graph_nodes,
        kernels,
        barriers,
        arena_bytes,
        threads,
        max_threads,
        ..
    } = plan;
    let idle = match threads < max_threads {
        true => format!(" of {max_threads} (too small to share)"),
        false => String::new(),
    };
    let mut text = format!(
        "plan: a training step of {} on {}{idle}\n",
        count(*rows, "row"),
        count(*threads, "thread")
    );
    text += &format!(
        "  {}, {}, {}, {arena_bytes} bytes of workspace\n",
        count(*graph_nodes, "node"),
        count(*kernels, "kernel"),
        count(*barriers, "barrier")
    );
    text + &table(2, &lines(&plan.steps))
}

/// A line for each task, kernels with a number, and one more for each barrier.
fn lines(steps: &[PlanStep]) -> Vec<[String; 2]> {
    let (mut lines, mut kernels) = (Vec::new(), 0);
    for step in steps {
        if step.barrier {
            lines.push([String::new(), BARRIER.to_owned()]);
        }
        kernels += usize::from(step.kernel);
        let number = if step.kernel {
            kernels.to_string()
        } else {
            String::new()
        };
        lines.push([number, step.label.clone()]);
    }
    lines
}

/// The same for programs.
pub(super) fn json(plan: &PlanFigures) -> Value {
    let kernels = plan.steps.iter().filter(|step| step.kernel);
    json!({
        "batch": plan.rows,
        "graph_nodes": plan.graph_nodes,
        "kernels": kernels.map(|step| &step.label).collect::<Vec<_>>(),
        "kernel_count": plan.kernels,
        "steps": plan.steps,
        "tasks": plan.tasks,
        "barriers": plan.barriers,
        "arena_bytes": plan.arena_bytes,
        "threads": plan.threads,
        "max_threads": plan.max_threads,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn barriers_stand_before_what_waits_and_checks_have_no_number() {
        let step = |label: &str, kernel, barrier| PlanStep {
            label: label.to_owned(),
            kernel,
            barrier,
        };
        let steps = [
            step("a", true, false),
            step("check", false, true),
            step("b", true, true),
        ];
        let expected = [["1", "a"], ["", BARRIER], ["", "check"], ["", BARRIER], ["2", "b"]];
        assert_eq!(lines(&steps), expected);
        assert!(lines(&[]).is_empty());
    }
}
