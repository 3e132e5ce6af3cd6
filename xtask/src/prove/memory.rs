//! Training on Fashion-MNIST stays small in memory.

use std::path::Path;
use std::process::ExitStatus;
use std::thread::sleep;
use std::time::Duration;

use super::watched::Watched;
use super::{Context, Proof};
use crate::shell::Outcome;

/// See the module.
pub static PROOF: Proof = Proof {
    name: "memory",
    claim: "An epoch of Fashion-MNIST, 784-256-10 at batch 256, takes at most 250 MB.",
    run,
};

const RUN: &str = "fashion-mnist --preset plain --hidden 256 --activation relu --optimizer sgd --lr 0.1 --batch-size 256 \
                   --epochs 1 --threads 2";
const MAX_MEGABYTES: f64 = 250.0;

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let model = context.scratch.join("fashion.safetensors");
    let (peak, status) = peak_of(Watched::start(&context.program()?, RUN, &model)?)?;
    context
        .report
        .line("training", status, "exit status: 0", status.success());
    context
        .report
        .line("peak was seen", format!("{peak:.1}"), "> 0", peak > 0.0);
    context.report.at_most("peak resident set, MB", peak, MAX_MEGABYTES);
    Ok(())
}

/// The peak resident set of a run in MB, and how it ended.
///
/// # Errors
/// The run cannot be watched.
pub(super) fn peak_of(mut run: Watched) -> Outcome<(f64, ExitStatus)> {
    let mut peak = 0.0_f64;
    // The kernel keeps the highest value; only what is taken in the very last millisecond can be missed.
    while run.is_running()? {
        peak = peak.max(high_water_mark(run.id()).unwrap_or(0.0));
        sleep(Duration::from_millis(1));
    }
    Ok((peak, run.finish()?))
}

/// `VmHWM` of a process in MB; nothing once it has ended.
fn high_water_mark(id: u32) -> Option<f64> {
    let status = std::fs::read_to_string(Path::new("/proc").join(id.to_string()).join("status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    let kibibytes: f64 = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    Some(kibibytes * 1024.0 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::high_water_mark;

    #[test]
    fn this_process_has_a_mark_and_a_missing_one_has_none() {
        assert!(high_water_mark(std::process::id()).unwrap() > 0.5);
        assert_eq!(high_water_mark(u32::MAX), None);
    }
}
