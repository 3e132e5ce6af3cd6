//! `cargo xtask prove NAME`: shows one claim of the project, with figures, and fails if it does not hold.
//!
//! To add a proof: write `<name>.rs` with a `pub static PROOF`, then add its two lines here.

mod bits;
mod cnn;
mod compile;
mod convolution;
mod disk;
mod dynamic;
mod examples;
mod fashion;
mod faults;
mod images;
mod kill;
mod laws;
mod long_run;
mod memory;
mod mutants;
mod mutation;
mod on_disk;
mod one_file;
mod one_setting;
mod outside;
mod plan;
mod races;
mod readers;
mod reading;
mod report;
mod rows;
mod suite;
mod tables;
mod threads;
mod units;
mod watched;

use std::time::Instant;

use crate::Command;
use crate::args::Args;
use crate::program::Program;
use crate::report::Report;
use crate::shell::{Outcome, Scratch};

/// See the module.
pub const COMMAND: Command = Command {
    name: "prove",
    help: "NAME | all | --list  show that a claim of the project holds",
    run,
};

/// A claim that a program can check.
pub struct Proof {
    /// What the developer types.
    name: &'static str,
    /// The claim, in one sentence.
    claim: &'static str,
    /// Checks it, line by line, into the report. An error means it could not be checked.
    run: fn(&mut Context) -> Outcome,
}

/// Every proof, in alphabetical order.
static PROOFS: &[&Proof] = &[
    &bits::PROOF,
    &cnn::PROOF,
    &compile::PROOF,
    &convolution::PROOF,
    &disk::PROOF,
    &dynamic::PROOF,
    &examples::PROOF,
    &fashion::PROOF,
    &faults::PROOF,
    &images::PROOF,
    &kill::PROOF,
    &laws::PROOF,
    &long_run::PROOF,
    &memory::PROOF,
    &mutants::PROOF,
    &mutation::PROOF,
    &on_disk::PROOF,
    &one_file::PROOF,
    &one_setting::PROOF,
    &outside::PROOF,
    &plan::PROOF,
    &races::PROOF,
    &readers::PROOF,
    &reading::PROOF,
    &report::PROOF,
    &rows::PROOF,
    &tables::PROOF,
    &threads::PROOF,
    &units::PROOF,
];

/// What a proof works with.
struct Context {
    report: Report,
    args: Args,
    scratch: Scratch,
}

impl Context {
    /// The release build of the command line.
    fn program(&self) -> Outcome<Program> {
        Program::build()
    }
}

fn run(mut args: Args) -> Outcome {
    if args.flag("--list") {
        args.finish()?;
        PROOFS
            .iter()
            .for_each(|proof| println!("{:<10} {}", proof.name, proof.claim));
        return Ok(());
    }
    let name = args.word().ok_or("expected a name, `all` or `--list`")?;
    if name == "all" {
        args.finish()?;
        return prove_all();
    }
    by_name(&name, args)
}

/// Shows one claim.
///
/// # Errors
/// If there is no such proof, or the claim does not hold.
pub fn by_name(name: &str, args: Args) -> Outcome {
    let proof = PROOFS.iter().find(|proof| proof.name == name);
    prove(
        proof.ok_or_else(|| format!("no proof `{name}`; `cargo xtask prove --list` names them"))?,
        args,
    )
}

/// Goes on after a failure, so that one sees all of them.
fn prove_all() -> Outcome {
    let mut failed = Vec::new();
    for proof in PROOFS {
        if let Err(error) = prove(proof, Args::new(std::iter::empty())) {
            eprintln!("{error}");
            failed.push(proof.name);
        }
    }
    if failed.is_empty() {
        Ok(())
    } else {
        Err(format!("not shown: {}", failed.join(", ")).into())
    }
}

fn prove(proof: &Proof, args: Args) -> Outcome {
    println!("{}: {}", proof.name, proof.claim);
    let start = Instant::now();
    let mut context = Context {
        report: Report::default(),
        args,
        scratch: Scratch::new(proof.name)?,
    };
    (proof.run)(&mut context).map_err(|error| format!("{}: {error}", proof.name))?;
    println!("{}: {:.1} s", proof.name, start.elapsed().as_secs_f64());
    let failed = context.report.failed();
    if failed.is_empty() {
        return Ok(());
    }
    Err(format!(
        "{}: {} lines do not hold: {}",
        proof.name,
        failed.len(),
        failed.join("; ")
    )
    .into())
}

#[cfg(test)]
mod tests {
    use super::PROOFS;

    #[test]
    fn every_file_with_a_proof_is_listed() {
        let folder = crate::shell::root().join("xtask/src/prove");
        let mut names = Vec::new();
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file()
                && std::fs::read_to_string(&path)
                    .unwrap()
                    .contains("pub static PROOF: Proof")
            {
                names.push(path.file_stem().unwrap().to_string_lossy().replace('_', "-"));
            }
        }
        names.retain(|name| name != "mod");
        names.sort();
        assert_eq!(PROOFS.iter().map(|proof| proof.name).collect::<Vec<_>>(), names);
    }
}
