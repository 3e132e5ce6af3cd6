//! Compiling takes time in proportion to the number of nodes.

use super::{Context, Proof};
use crate::shell::{self, Outcome, cargo};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "compile",
    claim: "An LSTM of 512 steps with its gradient compiles in 1 s; 8 times the nodes take at most 12 times as long.",
    run,
};

/// For the LSTM of [`STEPS`] steps.
const MAX_SECONDS: f64 = 1.0;
const STEPS: f64 = 512.0;
/// From 1,000 nodes to 8,000.
const MAX_GROWTH: f64 = 12.0;

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let program = "run --quiet --release -p rosenblatt-autodiff --example compile_time";
    let mut lines = Vec::new();
    let status = shell::stream_stdout(&mut cargo(program), |line| lines.push(numbers(line)))?;
    context
        .report
        .line("program", status, "exit status: 0", status.success());
    for threads in [1.0, 2.0] {
        let mut short = Vec::new();
        for line in &lines {
            let &[steps, of, nodes, seconds] = &line[..] else {
                return Err(format!("expected four numbers, got {line:?}").into());
            };
            if of != threads {
                continue;
            }
            let name = format!("{threads} threads, {steps} steps, {nodes} nodes: seconds");
            if steps == STEPS {
                context.report.at_most(name, seconds, MAX_SECONDS);
            } else {
                context.report.note(name, format!("{seconds:.4}"));
                short.push(seconds);
            }
        }
        let growth = short
            .last()
            .zip(short.first())
            .map_or(f64::NAN, |(last, first)| last / first);
        context.report.at_most(
            format!("{threads} threads, 8,000 nodes against 1,000"),
            growth,
            MAX_GROWTH,
        );
    }
    Ok(())
}

fn numbers(line: &str) -> Vec<f64> {
    line.split(' ').map(|word| word.parse().unwrap_or(f64::NAN)).collect()
}

#[cfg(test)]
mod tests {
    use super::numbers;

    #[test]
    fn what_is_no_number_never_holds() {
        assert_eq!(numbers("512 1 0.5"), [512.0, 1.0, 0.5]);
        assert!(numbers("512 x")[1].is_nan());
    }
}
