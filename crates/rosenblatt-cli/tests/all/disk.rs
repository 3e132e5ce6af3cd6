//! Saving on a disk that fails, through the whole program: every output, every call, every way to fail.
#![cfg(test)]

use crate::common;

use std::fs;
use std::path::{Path, PathBuf};

use common::{Ran, Sandbox, ran};
use rosenblatt_train::Model;
use rosenblatt_train::files::faults::{Call, FAULT, FAULTS, LOG};

const OLD: &[u8] = b"what was there before";
/// A fault that does not happen.
const NEVER: &str = "full@1000000";
/// Two epochs of three steps, saved at each of them.
const TRAIN: &str = "train iris --preset plain --hidden 4 --dropout 0.2 --optimizer adam --epochs 2 --batch-size 40 \
                     --threads 1 --checkpoint-every 1 --quiet -o model --plot plot.svg --force";
const PREDICT: &str = "predict trained iris --quiet --threads 1 -o predictions.csv --force";

/// A command with something to save, in a folder of its own.
struct Case {
    folder: Sandbox,
    command: &'static str,
    /// What it replaces, with the content it should have in the end.
    outputs: Vec<(&'static str, Vec<u8>)>,
}

/// How one run with a fault ended.
struct Run {
    plan: String,
    ran: Ran,
    calls: Vec<Call>,
}

impl Case {
    fn new(folder: Sandbox, command: &'static str, outputs: &[&'static str]) -> Self {
        folder.ok(command);
        let outputs = outputs.iter().map(|name| (*name, folder.read(name))).collect();
        Self {
            folder,
            command,
            outputs,
        }
    }

    /// Runs the command over old files, with a fault if there is a plan.
    fn run(&self, plan: &str) -> Run {
        for (name, _) in &self.outputs {
            self.folder.write(name, OLD);
        }
        self.forget("model.checkpoint");
        self.forget("log");
        let mut command = self.folder.command(self.command);
        let ran = ran(command
            .env(FAULT, plan)
            .env(LOG, self.folder.path("log"))
            .output()
            .unwrap());
        Run {
            plan: plan.to_owned(),
            ran,
            calls: Call::parse(&String::from_utf8(self.folder.read("log")).unwrap()),
        }
    }

    fn forget(&self, name: &str) {
        let path = self.folder.path(name);
        let gone = if path.is_dir() {
            fs::remove_dir_all(&path)
        } else {
            fs::remove_file(&path)
        };
        assert!(gone.is_ok() || !path.exists());
    }

    /// Runs with every fault at every call. Returns how many runs failed.
    fn with_every_fault(&self, check: impl Fn(&Run)) -> usize {
        let calls = self.run(NEVER).calls.len();
        let mut failures = 0;
        for (at, (i, plan)) in (0..calls).flat_map(|at| plans(at).enumerate().map(move |plan| (at, plan))) {
            // A run of the usual length looks at each call in one way, and at each way at some calls.
            if rosenblatt_testkit::soak() || (at + i).is_multiple_of(17) {
                let run = self.run(&plan);
                self.check_outcome(&run);
                check(&run);
                failures += usize::from(run.ran.code == Some(1));
            }
        }
        failures
    }

    /// Whatever happens: old or new, never half; and the user knows which.
    fn check_outcome(&self, run: &Run) {
        let Run { plan, ran, calls } = run;
        for (name, new) in &self.outputs {
            let path = calls.iter().find(|call| {
                call.operation == "rename" && !call.failed && call.path.file_name() == Some(name.as_ref())
            });
            let expected = if path.is_some() { &new[..] } else { OLD };
            assert!(self.folder.read(name) == expected, "{plan}: {name}: {}", ran.stderr);
        }
        assert!(!ran.stderr.contains("panicked"), "{}", ran.stderr);
        // Old generations may stay while training goes on; and what a signal interrupts is done again.
        let saved = calls.iter().position(is_model);
        let lost = |(i, call): &(usize, &Call)| {
            call.failed && (call.operation != "remove" || saved.is_some_and(|saved| *i > saved))
        };
        match calls.iter().enumerate().find(lost) {
            Some((_, call)) if !plan.starts_with("interrupted") => assert_reported(run, call),
            _ => assert_eq!(ran.code, Some(0), "{plan}: {}", ran.stderr),
        }
        let left: Vec<_> = fs::read_dir(self.folder.path(""))
            .unwrap()
            .map(|entry| entry.unwrap().path())
            .collect();
        let temporary: Vec<_> = left.iter().filter(|path| is_temporary(path)).collect();
        assert!(temporary.is_empty() || plan.ends_with('+'), "{plan}: {temporary:?}");
        temporary.iter().for_each(|path| fs::remove_file(path).unwrap());
    }
}

/// The ways a call can fail, once and from there on.
fn plans(at: usize) -> impl Iterator<Item = String> {
    let names = FAULTS.iter().map(|(name, _)| *name);
    let lasting = names
        .clone()
        .filter(|name| *name != "interrupted")
        .map(move |name| format!("{name}@{at}+"));
    names.map(move |name| format!("{name}@{at}")).chain(lasting)
}

fn is_temporary(path: &Path) -> bool {
    path.to_string_lossy().contains(".tmp-")
}

/// Whether this call puts the model into its place.
fn is_model(call: &Call) -> bool {
    call.operation == "rename" && !call.failed && call.path.ends_with("model")
}

/// The exit code, the file, the operation, and a hint for a full disk.
fn assert_reported(run: &Run, call: &Call) {
    let Run { plan, ran, .. } = run;
    let message = &ran.stderr;
    assert_eq!(ran.code, Some(1), "{plan}: {call:?}: {message}");
    let words = match &*call.operation {
        "create_folder" => "cannot be made",
        "create" => "cannot be created",
        "write" => "cannot be written",
        "flush" | "sync" => "cannot be flushed",
        "rename" => "cannot be renamed",
        "remove" => "cannot be removed",
        _ => "cannot be ",
    };
    // What is said of the model comes first.
    let lines = message.lines().filter(|line| !line.starts_with("warning: "));
    let message = &lines.collect::<Vec<_>>().join("\n");
    let path = call.path.display().to_string();
    let name = path
        .split(".tmp-")
        .next()
        .unwrap()
        .trim_start_matches("./")
        .trim_end_matches('.');
    assert!(
        message.starts_with("error: ") && message.contains(words) && message.contains(name),
        "{plan}: {call:?}: {message}"
    );
    if plan.starts_with("full") || plan.starts_with("short") {
        assert!(
            message.contains("hint: the disk is full: free some space"),
            "{plan}: {message}"
        );
    }
}

/// The generations one would go on from; each is whole.
fn generations(folder: &Sandbox) -> usize {
    let entries = fs::read_dir(folder.path("model.checkpoint")).into_iter().flatten();
    let files: Vec<PathBuf> = entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| !is_temporary(path) && !path.ends_with("epochs.jsonl"))
        .collect();
    files.iter().for_each(|path| drop(Model::load(path).unwrap()));
    files.len()
}

#[test]
fn training_keeps_what_it_had_and_goes_on_from_there() {
    let case = Case::new(Sandbox::new(), TRAIN, &["model", "plot.svg"]);
    let reference = &case.outputs[0].1;
    let failures = case.with_every_fault(|Run { plan, ran, calls }| {
        if ran.code == Some(0) || calls.iter().any(is_model) {
            return;
        }
        let before = generations(&case.folder);
        let saves = calls.iter().filter(|call| call.operation == "rename" && !call.failed);
        assert!(before > 0 || saves.count() == 0, "{plan}: {}", ran.stderr);
        let again = case.folder.ok(&format!(
            "{}{}",
            case.command,
            if before > 0 { " --resume" } else { "" }
        ));
        assert!(case.folder.read("model") == *reference, "{plan}: {}", again.stderr);
        assert!(!case.folder.exists("model.checkpoint"), "{plan}: what is left there");
    });
    println!("cases: failed saves of train {failures}");
    let least = if rosenblatt_testkit::soak() { 300 } else { 20 };
    assert!(failures > least, "{failures}");
}

#[test]
fn predictions_are_old_or_new() {
    let folder = Sandbox::new();
    folder.ok("train iris --preset plain --epochs 2 --threads 1 --quiet -o trained");
    let case = Case::new(folder, PREDICT, &["predictions.csv"]);
    let failures = case.with_every_fault(|_| ());
    println!("cases: failed saves of predict {failures}");
    assert!(failures > 0, "{failures}");
}

#[test]
fn a_model_that_cannot_be_written_says_how_to_have_it_without_training_again() {
    let case = Case::new(Sandbox::new(), TRAIN, &["model", "plot.svg"]);
    let calls = case.run(NEVER).calls;
    let write = calls
        .iter()
        .position(|call| call.operation == "write" && call.path.to_string_lossy().starts_with("model.tmp-"));
    let run = case.run(&format!("full@{}", write.unwrap()));
    for words in [
        "the disk is full",
        "the checkpoints in `model.checkpoint` are kept",
        "--resume",
    ] {
        assert!(run.ran.stderr.contains(words), "{words}: {}", run.ran.stderr);
    }
}
