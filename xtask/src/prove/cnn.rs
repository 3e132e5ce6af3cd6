//! The convolutional network that `train` makes of itself.

use super::{Context, Proof};
use crate::shell::Outcome;

/// See the module.
pub static PROOF: Proof = Proof {
    name: "cnn",
    claim: "`train fashion-mnist --model cnn --epochs 10` reaches a test accuracy of 0.91 with each of three seeds.",
    run,
};

const ACCURACY: f64 = 0.91;

fn run(context: &mut Context) -> Outcome {
    let seeds: usize = context.args.value("--seeds")?.unwrap_or(3);
    context.args.finish()?;
    let program = context.program()?;
    for seed in 0..seeds {
        let model = context.scratch.join(format!("{seed}.safetensors"));
        let run = program.train(
            &format!("fashion-mnist --model cnn --epochs 10 --threads 2 --seed {seed}"),
            &model,
        )?;
        let accuracy = run["test"]["accuracy"].as_f64().ok_or("train: no test accuracy")?;
        let epochs = run["epochs"].as_array().ok_or("train: no `epochs`")?;
        let seconds: f64 = epochs.iter().filter_map(|epoch| epoch["seconds"].as_f64()).sum();
        let name = format!("seed {seed}: test accuracy");
        context.report.line(name, accuracy, ACCURACY, accuracy >= ACCURACY);
        context.report.note(format!("seed {seed}"), format!("{seconds:.0} s"));
    }
    Ok(())
}
