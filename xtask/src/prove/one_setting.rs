//! A new setting is one field; every surface follows.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Context, Proof};
use crate::shell::{self, Outcome, cargo, git, root};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "one-setting",
    claim: "Adding a field to `TrainSpec` is enough for flag, help, run file, schema, reference page, `--set` and errors.",
    run,
};

const DECLARATION: &str = "crates/rosenblatt-train/src/spec/mod.rs";

/// The field before which the new one is put.
const BEFORE: &str = "    /// Maximum number of epochs";

/// The new field, with all there is to say about it.
const FIELD: &str = r#"    /// Accumulate gradients over this many batches.
    #[default = 3]
    #[schemars(range(min = 2), extend("x-unit" = "batches", "x-value" = "BATCHES"))]
    pub accumulate_batches: usize,
"#;

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let clone = context.scratch.join("clone");
    shell::run(git("clone --quiet --no-hardlinks").arg(root()).arg(&clone))?;
    let file = clone.join(DECLARATION);
    let text = shell::read(&file)?;
    let at = text
        .find(BEFORE)
        .ok_or_else(|| format!("{DECLARATION}: no line `{BEFORE}`"))?;
    fs::write(&file, format!("{}{FIELD}{}", &text[..at], &text[at..]))?;

    let schema = "\"accumulate_batches\"";
    for (surface, arguments, succeeds, words) in [
        ("help", "train --help", true, "--accumulate-batches <BATCHES>"),
        (
            "help text",
            "train -h",
            true,
            "Accumulate gradients over this many batches",
        ),
        ("run file", "init-config iris", true, "accumulate_batches = 3\n"),
        (
            "comment",
            "init-config iris",
            true,
            "# Takes a whole number of at least 2.",
        ),
        ("schema", "init-config --schema", true, schema),
        (
            "flag",
            "init-config iris --accumulate-batches 7",
            true,
            "accumulate_batches = 7\n",
        ),
        (
            "--set",
            "init-config iris --set train.accumulate_batches=8",
            true,
            "accumulate_batches = 8\n",
        ),
        (
            "origin",
            "train iris --epochs 1 --force -o m --verbose",
            true,
            "train.accumulate_batches  3 ",
        ),
        (
            "error of the flag",
            "train iris --accumulate-batches 1",
            false,
            "--accumulate-batches: expected a whole number of at least 2, got `1`",
        ),
        (
            "error of the key",
            "train iris --set train.accumulate_batches=1",
            false,
            "train.accumulate_batches: expected a whole number of at least 2, got `1`",
        ),
        (
            "nearest name",
            "train iris --set train.accumulate_batch=1",
            false,
            "did you mean `accumulate_batches`?",
        ),
    ] {
        let mut command = inside(&clone, "run --quiet -p rosenblatt-cli --");
        let ran = command.args(arguments.split(' ')).output()?;
        let printed = String::from_utf8_lossy(&ran.stdout).into_owned() + &String::from_utf8_lossy(&ran.stderr);
        let found = printed.replace("\n          ", " ").contains(words) || printed.contains(words);
        let holds = found && ran.status.success() == succeeds;
        context.report.line(
            surface,
            if found { "found" } else { "missing" },
            words.trim_end(),
            holds,
        );
    }
    page(context, &clone)
}

/// The reference page is refused as it was, and has the setting when it is written anew.
fn page(context: &mut Context, clone: &Path) -> Outcome {
    let test = || {
        inside(
            clone,
            "test --quiet -p rosenblatt-cli --bin rosenblatt -- the_reference_page",
        )
    };
    let outdated = test().output()?.status;
    context
        .report
        .line("outdated page", outdated, "refused", !outdated.success());
    let written = test().env("UPDATE_DOCS", "1").output()?.status;
    let page = shell::read(&clone.join("docs/settings.md"))?;
    let holds = written.success() && page.contains("`train.accumulate_batches` | `--accumulate-batches`");
    context.report.line(
        "reference page",
        if holds { "found" } else { "missing" },
        "found",
        holds,
    );
    Ok(())
}

/// Cargo in the clone, with its own results: the workspace's must not see the new field.
fn inside(clone: &Path, arguments: &str) -> Command {
    let mut command = cargo(arguments);
    command.current_dir(clone).env("CARGO_TARGET_DIR", clone.join("target"));
    command
}
