//! The convolutional network that `train` makes of itself.

use super::{Context, Proof, images};
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
        let [accuracy, seconds] = images::ours(context, &program, "--model cnn", seed)?;
        let name = format!("seed {seed}: test accuracy");
        context.report.line(name, accuracy, ACCURACY, accuracy >= ACCURACY);
        context.report.note(format!("seed {seed}"), format!("{seconds:.0} s"));
    }
    Ok(())
}
