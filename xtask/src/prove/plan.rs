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

/// A network whose plan has something to fuse and something to reuse.
const NETWORK: &str = "penguins --preset plain --hidden 32,16 --activation gelu --optimizer adam --epochs 1";

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let program = context.program()?;
    let model = context.scratch.join("penguins.safetensors");
    program.train(NETWORK, &model)?;
    let mut inspect = program.command("inspect --plan --format json");
    let plan: Value = serde_json::from_str(&shell::capture(inspect.arg(&model))?)?;
    let numbers = numbers_of("plan", &plan["plan"]);
    for (name, value) in &numbers {
        context.report.note(name, value);
    }
    context
        .report
        .at_least("figures `inspect --plan` gives", numbers.len(), 1);
    suite::prove(context, "-p rosenblatt-autodiff --test every_rewrite")
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
