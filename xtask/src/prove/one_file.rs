//! A new activation is one new file and its lines in the list of its folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Context, Proof};
use crate::shell::{self, Outcome, cargo, git, root};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "one-file",
    claim: "Adding an activation takes one new file and its lines in the list; a file that is not listed is noticed.",
    run,
};

const FOLDER: &str = "crates/rosenblatt-autodiff/src/pointwise";

/// The new activation.
const CUBE: &str = r#"//! Cube.

use super::Derivative;
use crate::{Elementwise, Family, Real};

/// Cube, element-wise.
///
/// `y = x³`
#[derive(Clone, Copy, Debug, Default)]
pub struct Cube;

impl Elementwise for Cube {
    const NAME: &'static str = "cube";
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x * x * x
    }

    fn instances() -> Vec<Self> {
        vec![Self]
    }
}
"#;

/// What `pointwise/mod.rs` gains: (line before which it goes, new line).
const LIST_LINES: [(&str, &str); 3] = [
    ("mod derivative;", "mod cube;\n"),
    ("pub use derivative::Derivative;", "pub use cube::Cube;\n"),
    ("            GELU = Gelu, gelu;", "            CUBE = Cube, cube;\n"),
];

const TRAINING: &str = "penguins --preset plain --hidden 16 --activation cube --optimizer adam --lr 0.01 --epochs 5 -o";

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let clone = context.scratch.join("clone");
    shell::run(git("clone --quiet --no-hardlinks").arg(root()).arg(&clone))?;
    let list = clone.join(FOLDER).join("mod.rs");
    let before = shell::read(&list)?;
    fs::write(clone.join(FOLDER).join("cube.rs"), CUBE)?;
    fs::write(&list, with_lines(&before)?)?;

    let model = context.scratch.join("cube.safetensors");
    let train = format!("run --quiet --release -p rosenblatt-cli -- train {TRAINING}");
    let trained = inside(&clone, &train).arg(&model).status()?;
    context
        .report
        .line("trains with it", trained, "exit status: 0", trained.success());
    let changed = shell::capture(git("status --porcelain --untracked-files=all").current_dir(&clone))?;
    print!("{changed}");
    context.report.line(
        "files changed",
        changed.lines().count(),
        "= 2",
        changed.lines().count() == 2,
    );

    fs::write(&list, before)?;
    let tested = inside(&clone, "test --quiet -p rosenblatt-autodiff").output()?;
    let printed = String::from_utf8_lossy(&tested.stdout).into_owned() + &String::from_utf8_lossy(&tested.stderr);
    context.report.line(
        "tests without its lines",
        tested.status,
        "fail",
        !tested.status.success(),
    );
    context
        .report
        .line("and name the file", "output", "cube", printed.contains("cube"));
    Ok(())
}

/// The list with the new lines in their places.
fn with_lines(list: &str) -> Outcome<String> {
    let mut text = list.to_owned();
    for (before, line) in LIST_LINES {
        let at = text
            .find(before)
            .ok_or_else(|| format!("pointwise/mod.rs: no line `{before}`"))?;
        text.insert_str(at, line);
    }
    Ok(text)
}

/// Cargo in the clone, with its own results: the workspace's must not see the new file.
fn inside(clone: &Path, arguments: &str) -> Command {
    let mut command = cargo(arguments);
    command.current_dir(clone).env("CARGO_TARGET_DIR", clone.join("target"));
    command
}
