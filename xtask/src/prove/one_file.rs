//! A new activation, loss, optimizer or schedule is one new file and its lines in the list of its folder.

mod entries;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

use super::{Context, Proof};
use crate::shell::{self, Outcome, cargo, git, root};
use entries::{ENTRIES, NeedsNumbers, needs_numbers};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "one-file",
    claim: "Adding an activation, a loss, an optimizer or a schedule takes one new file and its lines in the list: it is trained by its \
            name, with settings, tested and fused. A file that is not listed is noticed.",
    run,
};

fn run(context: &mut Context) -> Outcome {
    let folder: Option<PathBuf> = context.args.value("--folder")?;
    context.args.finish()?;
    let clone = folder.unwrap_or_else(|| context.scratch.join("clone"));
    if !clone.exists() {
        shell::run(git("clone --quiet --no-hardlinks").arg(root()).arg(&clone))?;
    }
    add_entries(&clone)?;
    let changed = shell::capture(git("status --porcelain --untracked-files=all").current_dir(&clone))?;
    print!("{changed}");
    let expected = ENTRIES.len() + lists().len();
    let count = changed.lines().count();
    context.report.line(
        "files changed",
        count,
        format!("= {expected}: entries and lists"),
        count == expected,
    );

    is_trained_by_name(context, &clone)?;
    is_fused(context, &clone)?;
    is_tested(context, &clone)?;
    a_forgotten_file_is_noticed(context, &clone)
}

/// The lists, each once.
fn lists() -> Vec<PathBuf> {
    let mut lists: Vec<PathBuf> = ENTRIES
        .iter()
        .map(|entry| Path::new(entry.folder).join("mod.rs"))
        .collect();
    lists.sort();
    lists.dedup();
    lists
}

fn add_entries(clone: &Path) -> Outcome {
    for list in lists() {
        shell::run(git("checkout --quiet HEAD --").arg(&list).current_dir(clone))?;
    }
    for entry in ENTRIES {
        let folder = clone.join(entry.folder);
        fs::write(folder.join(format!("{}.rs", entry.name)), entry.text)?;
        let list = folder.join("mod.rs");
        let mut text = shell::read(&list)?;
        for (before, line) in entry.lines {
            let at = text
                .find(before)
                .ok_or_else(|| format!("{}: no line `{before}`", list.display()))?;
            text.insert_str(at, line);
        }
        fs::write(list, text)?;
    }
    Ok(())
}

/// A network whose parts can all be exchanged.
fn training(parts: &str) -> String {
    format!("train diabetes --preset plain --hidden 16 --lr 0.01 --epochs 5 --force {parts}")
}

const NAMES: &str = "--activation scaled_tanh --loss charbonnier --optimizer bounded --schedule inverse_time";
const SETTINGS: &str = "--activation scaled_tanh:0.9 --loss charbonnier:epsilon=0.5 --optimizer bounded:beta=0.5 \
                        --schedule inverse_time:decay=3";

fn is_trained_by_name(context: &mut Context, clone: &Path) -> Outcome {
    let mut trainings = vec![("--activation cube", 0), (NAMES, 0), (SETTINGS, 0)];
    trainings.extend(ENTRIES.iter().filter_map(|entry| Some((entry.out_of_range?, 2))));
    for (parts, status) in trainings {
        let ran = program(clone, &training(parts), &context.scratch.join("model"))?;
        let code = ran.status.code().unwrap_or(-1);
        context
            .report
            .line(format!("exit code of `{parts}`"), code, status, code == status);
    }
    Ok(())
}

/// The kernels of a training step are as many as those of entries that were there before, and the new entries are in them.
fn is_fused(context: &mut Context, clone: &Path) -> Outcome {
    let kernels = |parts: &str| -> Outcome<Vec<String>> {
        let model = context.scratch.join("plan.safetensors");
        program(clone, &training(parts), &model)?;
        let document: Value = serde_json::from_slice(&program(clone, "inspect --plan --format json", &model)?.stdout)?;
        let labels = document["plan"]["kernels"]
            .as_array()
            .map(Vec::as_slice)
            .unwrap_or_default();
        Ok(labels.iter().filter_map(Value::as_str).map(str::to_owned).collect())
    };
    let known = kernels("--activation gelu --loss huber --optimizer lion --schedule constant")?;
    let new = kernels(SETTINGS)?;
    let unscheduled = kernels(&SETTINGS.replace("inverse_time:decay=3", "constant"))?;
    new.iter().for_each(|label| println!("    {label}"));
    let count = |holds: &dyn Fn(&str) -> bool| new.iter().filter(|label| holds(label)).count();
    let updates = count(&|label| label.contains(" → "));
    context
        .report
        .at_most("kernels of a training step", new.len() as f64, known.len() as f64);
    let figures = [
        (
            "activation: computed in the product before it",
            count(&|label| label.starts_with("matmul + add + scaled_tanh ")),
            1,
        ),
        (
            "activation: kernels in which its derivative is computed",
            count(&|label| label.starts_with("matmul + ") && label.contains("derivative")),
            1,
        ),
        (
            "loss: computed in the product before it",
            count(&|label| label.starts_with("matmul + add + sub + mul + add + sqrt")),
            1,
        ),
        (
            "optimizer: one loop in the kernel of the gradient",
            count(&|label| label.contains(" + bounded [")),
            updates,
        ),
        ("schedule: kernels without it", unscheduled.len(), new.len()),
    ];
    for (name, value, expected) in figures {
        context
            .report
            .line(name, value, format!("= {expected}"), value == expected && value > 0);
    }
    Ok(())
}

/// All laws over the registries run on the new entries and pass; tests of golden numbers say what they lack.
fn is_tested(context: &mut Context, clone: &Path) -> Outcome {
    let mut all = String::new();
    for arguments in [
        "test --no-fail-fast -p rosenblatt-autodiff --test all -- activation --nocapture --test-threads 1",
        "test --no-fail-fast -p rosenblatt-nn --test every_entry -- every_ fused:: --nocapture --test-threads 1",
    ] {
        let ran = inside(clone, arguments).stderr(Stdio::piped()).output()?;
        all += &String::from_utf8_lossy(&ran.stdout);
        all += &String::from_utf8_lossy(&ran.stderr);
    }
    for entry in ENTRIES {
        let about = || all.lines().filter(|line| line.contains(entry.name));
        context.report.at_least(
            format!("lines about `{}` in the output of tests", entry.name),
            about().count(),
            1,
        );
        let asked = about().any(|line| line.contains("fixture"));
        context.report.line(
            format!("golden numbers of `{}`, a generated file,", entry.name),
            if asked { "asked for" } else { "not asked for" },
            "asked for",
            asked,
        );
    }
    let NeedsNumbers { failed, other } = needs_numbers(&all);
    context
        .report
        .note("tests that ask for golden numbers (a fixture)", failed.join(", "));
    context
        .report
        .line("other tests that fail", other.join(", "), "none", other.is_empty());
    context
        .report
        .at_least("tests that pass", all.matches("... ok").count(), 50);
    Ok(())
}

/// The same files once more, under names that no list has.
fn a_forgotten_file_is_noticed(context: &mut Context, clone: &Path) -> Outcome {
    for list in lists() {
        let folder = list.parent().unwrap_or(Path::new("."));
        fs::copy(clone.join(&list), clone.join(folder).join("forgotten.rs"))?;
        let package = folder.iter().nth(1).unwrap_or_default().to_string_lossy().into_owned();
        let mut command = inside(clone, "test --no-fail-fast -p");
        let ran = command
            .arg(package)
            .args(["--", "every_file_is_listed", "every_file_is_registered"])
            .output()?;
        fs::remove_file(clone.join(folder).join("forgotten.rs"))?;
        let printed = String::from_utf8_lossy(&ran.stdout);
        let noticed = !ran.status.success() && printed.contains("forgotten");
        context.report.line(
            format!("{}/forgotten.rs, not listed", folder.display()),
            if noticed { "noticed" } else { "not noticed" },
            "noticed",
            noticed,
        );
    }
    Ok(())
}

/// The command line of the clone, with a model as its last argument.
fn program(clone: &Path, arguments: &str, model: &Path) -> Outcome<Output> {
    let mut command = inside(clone, &format!("run --quiet -p rosenblatt-cli -- {arguments}"));
    if arguments.starts_with("train") {
        command.args(["--quiet", "-o"]);
    }
    Ok(command.arg(model).output()?)
}

/// Cargo in the clone, with its own results: the workspace's must not see the new files.
fn inside(clone: &Path, arguments: &str) -> Command {
    let mut command = cargo(arguments);
    command.current_dir(clone).env("CARGO_TARGET_DIR", clone.join("target"));
    command
}
