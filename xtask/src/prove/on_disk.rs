//! A table larger than its limit of memory trains to the same bits.

use std::fs;
use std::process::Command;

use super::memory::peak_of;
use super::watched::Watched;
use super::{Context, Proof};
use crate::shell::{self, Outcome};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "on-disk",
    claim: "3,000,000 flights train with --memory 512M in at most 600 MB, to the bits of a run in memory (--source FILE).",
    run,
};

/// The package of npm with the table.
const PACKAGE: &str = "vega-datasets@3.2.1";
const TABLE: &str = "package/data/flights-3m.parquet";
const MAX_MEGABYTES: f64 = 600.0;
/// Of the columns two are of numbers, two of categories, one of dates.
const RUN: &str =
    "--target delay --preset plain --hidden 32 --epochs 1 --batch-size 1024 --valid-fraction 0.1 --threads 2";

fn run(context: &mut Context) -> Outcome {
    let source: Option<String> = context.args.value("--source")?;
    context.args.finish()?;
    let source = match source {
        Some(source) => source,
        None => fetched(context)?,
    };
    let program = context.program()?;
    let mut models = Vec::new();
    for (name, memory) in [("in memory", ""), ("--memory 512M", "--memory 512M")] {
        let model = context.scratch.join(format!("model{}.safetensors", models.len()));
        let arguments = format!("{source} {RUN} {memory}");
        let (peak, status) = peak_of(Watched::start(&program, &arguments, &model)?)?;
        let report = &mut context.report;
        report.line(name, status, "exit status: 0", status.success());
        let peak_name = format!("peak resident set, MB, {name}");
        match memory {
            "" => report.note(&peak_name, format!("{peak:.1}")),
            _ => report.at_most(&peak_name, peak, MAX_MEGABYTES),
        }
        models.push(fs::read(&model)?);
    }
    let same = models[0] == models[1];
    context.report.line("the two models are one file", same, "true", same);
    Ok(())
}

/// The table, from the package.
fn fetched(context: &Context) -> Outcome<String> {
    let folder = context.scratch.join("package");
    fs::create_dir_all(&folder)?;
    let name = shell::capture(
        Command::new("npm")
            .args(["pack", "--silent", PACKAGE])
            .current_dir(&folder),
    )?;
    let mut unpack = Command::new("tar");
    shell::run(unpack.args(["xzf", name.trim(), TABLE]).current_dir(&folder))?;
    Ok(folder.join(TABLE).display().to_string())
}
