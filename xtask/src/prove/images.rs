//! What `train` chooses by itself for many images.

use serde_json::Value;

use super::{Context, Proof};
use crate::program::Program;
use crate::python;
use crate::shell::{self, Outcome};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "images",
    claim: "`train fashion-mnist --epochs 10` reaches a test accuracy of 0.895 with each of three seeds; beside it, in turn, \
            PyTorch's seconds for the same network.",
    run,
};

const ACCURACY: f64 = 0.895;

fn run(context: &mut Context) -> Outcome {
    let seeds: usize = context.args.value("--seeds")?.unwrap_or(3);
    context.args.finish()?;
    let program = context.program()?;
    let mut ratios = Vec::new();
    for seed in 0..seeds {
        let [accuracy, seconds] = ours(context, &program, "", seed)?;
        let [their_accuracy, their_seconds] = theirs(seed)?;
        let name = format!("seed {seed}: test accuracy");
        context.report.line(name, accuracy, ACCURACY, accuracy >= ACCURACY);
        let figures = format!("{seconds:.1} s; PyTorch {their_seconds:.1} s, test accuracy {their_accuracy:.4}");
        context.report.note(format!("seed {seed}"), figures);
        ratios.push(seconds / their_seconds);
    }
    ratios.sort_by(f64::total_cmp);
    let median = ratios.get(seeds / 2).ok_or("--seeds: expected at least 1")?;
    context
        .report
        .note("seconds by PyTorch's, median", format!("{median:.2}"));
    Ok(())
}

/// Test accuracy of ten epochs with these flags, and the seconds of all of them with their evaluations.
pub(super) fn ours(context: &Context, program: &Program, flags: &str, seed: usize) -> Outcome<[f64; 2]> {
    let model = context.scratch.join(format!("{seed}.safetensors"));
    let arguments = format!("fashion-mnist {flags} --epochs 10 --threads 2 --seed {seed}");
    let run = program.train(&arguments, &model)?;
    let epochs = run["epochs"].as_array().ok_or("train: no `epochs`")?;
    let seconds = epochs
        .iter()
        .map(|epoch| number(epoch, "seconds"))
        .sum::<Outcome<f64>>()?;
    Ok([number(&run["test"], "accuracy")?, seconds])
}

/// The same of PyTorch.
fn theirs(seed: usize) -> Outcome<[f64; 2]> {
    let mut script = python::script("benches/peers/torch_images.py")?;
    let run: Value = serde_json::from_str(&shell::capture(script.args(["--seed", &seed.to_string()]))?)?;
    Ok([number(&run, "accuracy")?, number(&run, "seconds")?])
}

fn number(value: &Value, key: &str) -> Outcome<f64> {
    Ok(value[key]
        .as_f64()
        .ok_or_else(|| format!("expected a number `{key}`"))?)
}
