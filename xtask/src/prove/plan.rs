//! A compiled plan is smaller than its graph, and every rewrite that made it so keeps the bits.

use serde_json::Value;

use super::{Context, Proof, suite};
use crate::shell::{self, Outcome};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "plan",
    claim: "A compiled plan is smaller than its graph, and every rewrite that made it so keeps the bits.",
    run,
};

/// Networks at two threads, with the most kernels and barriers a training step may have.
const NETWORKS: [(&str, &str, Option<[f64; 2]>); 2] = [
    (
        "784-256-10",
        "fashion-mnist --preset plain --hidden 256 --activation relu --optimizer sgd --lr 0.1 --batch-size 256 --epochs 1",
        Some([16.0, 4.0]),
    ),
    (
        "30-64-64-2",
        "breast_cancer --preset plain --hidden 64,64 --activation relu --optimizer adam --batch-size 32 --epochs 1",
        None,
    ),
];

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let program = context.program()?;
    for (name, network, limits) in NETWORKS {
        let model = context.scratch.join(format!("{name}.safetensors"));
        program.train(&format!("{network} --threads 2"), &model)?;
        let mut inspect = program.command("inspect --plan --threads 2 --format json");
        let document: Value = serde_json::from_str(&shell::capture(inspect.arg(&model))?)?;
        let plan = &document["plan"];
        let steps = plan["kernels"].as_array().map(Vec::as_slice).unwrap_or_default();
        // A check computes nothing: it reads one number.
        let kernels = steps
            .iter()
            .filter(|step| !step.as_str().is_some_and(|text| text.contains("check:")))
            .count();
        let barriers = plan["barriers"].as_f64().unwrap_or(f64::NAN);
        if let Some([most_kernels, most_barriers]) = limits {
            context
                .report
                .at_most(format!("{name}: kernels"), kernels as f64, most_kernels);
            context
                .report
                .at_most(format!("{name}: barriers"), barriers, most_barriers);
        }
        for (figure, value) in numbers_of(name, plan) {
            context.report.note(figure, value);
        }
        context.report.at_least(format!("{name}: kernels listed"), kernels, 1);
    }
    suite::prove(
        context,
        "-p rosenblatt-autodiff --test all",
        &["every_rewrite::", "rule_programs::", "rules::"],
    )?;
    // Steps, the short last batch and evaluations allocate nothing after the first epoch.
    let mut allocations = shell::cargo("test --quiet --release -p rosenblatt-train --test allocations");
    let status = allocations.status()?;
    context.report.line(
        "allocations of further epochs",
        if status.success() { "none" } else { "some" },
        "none",
        status.success(),
    );
    Ok(())
}

/// Every number in a document, under its path.
fn numbers_of(path: &str, value: &Value) -> Vec<(String, f64)> {
    match value {
        Value::Object(map) => map
            .iter()
            .flat_map(|(key, value)| numbers_of(&format!("{path}.{key}"), value))
            .collect(),
        Value::Number(number) => number
            .as_f64()
            .map(|number| (path.to_owned(), number))
            .into_iter()
            .collect(),
        _ => Vec::new(),
    }
}
