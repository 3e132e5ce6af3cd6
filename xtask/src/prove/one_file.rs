//! A new activation, with or without a setting, is one new file and its lines in the list of its folder.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::{Context, Proof};
use crate::shell::{self, Outcome, cargo, git, root};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "one-file",
    claim: "Adding an activation, with or without a setting, takes one new file and its lines in the list; a file that is not listed \
            is noticed.",
    run,
};

const FOLDER: &str = "crates/rosenblatt-autodiff/src/pointwise";

/// A new activation.
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

/// Another one, with a setting.
const SCALED_TANH: &str = r#"//! Scaled tanh.

use rosenblatt_tensor::Result;

use super::{Derivative, Setting};
use crate::{Attributes, Elementwise, Family, Real};

/// Scaled hyperbolic tangent, element-wise.
///
/// `y = a tanh x`
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ScaledTanh {
    /// The value far above 0, `a`.
    pub scale: f64,
}

const SCALE: Setting = Setting {
    name: "scale",
    default: 1.7159,
    range: (0.0, 100.0),
    about: "Value far above 0, `a`, from 0 to 100.",
};

impl Default for ScaledTanh {
    fn default() -> Self {
        Self { scale: SCALE.default }
    }
}

impl Elementwise for ScaledTanh {
    const NAME: &'static str = "scaled_tanh";
    const ABOUT: &'static str = "Scaled hyperbolic tangent, element-wise.";
    const SETTINGS: &'static [Setting] = &[SCALE];
    const DERIVATIVE: Option<Family> = Some(Derivative::<Self>::FAMILY);

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x.full_like(self.scale) * x.tanh()
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with(SCALE.name, self.scale)
    }

    fn make(attributes: &Attributes) -> Result<Self> {
        Ok(Self {
            scale: attributes.float(SCALE.name)?,
        })
    }

    fn instances() -> Vec<Self> {
        vec![Self::default()]
    }
}
"#;

/// What `pointwise/mod.rs` gains: (line before which it goes, new line).
const LIST_LINES: [(&str, &str); 6] = [
    ("mod derivative;", "mod cube;\n"),
    ("pub use derivative::Derivative;", "pub use cube::Cube;\n"),
    ("            ELU = Elu, elu;", "            CUBE = Cube, cube;\n"),
    ("mod selu;", "mod scaled_tanh;\n"),
    ("pub use selu::Selu;", "pub use scaled_tanh::ScaledTanh;\n"),
    (
        "            SELU = Selu, selu;",
        "            SCALED_TANH = ScaledTanh, scaled_tanh;\n",
    ),
];

const TRAINING: &str = "penguins --preset plain --hidden 16 --optimizer adam --lr 0.01 --epochs 5 --force";

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let clone = context.scratch.join("clone");
    shell::run(git("clone --quiet --no-hardlinks").arg(root()).arg(&clone))?;
    let list = clone.join(FOLDER).join("mod.rs");
    let before = shell::read(&list)?;
    for (file, text) in [("cube.rs", CUBE), ("scaled_tanh.rs", SCALED_TANH)] {
        fs::write(clone.join(FOLDER).join(file), text)?;
    }
    fs::write(&list, with_lines(&before)?)?;

    let model = context.scratch.join("model.safetensors");
    for (activation, status) in [
        ("cube", 0),
        ("scaled_tanh", 0),
        ("scaled_tanh:0.9", 0),
        ("scaled_tanh:-1", 2),
    ] {
        let train = format!("run --quiet --release -p rosenblatt-cli -- train {TRAINING} --activation {activation} -o");
        let trained = inside(&clone, &train).arg(&model).status()?;
        let what = format!("exit code of `--activation {activation}`");
        let code = trained.code().unwrap_or(-1);
        context.report.line(&what, code, status.to_string(), code == status);
    }
    let changed = shell::capture(git("status --porcelain --untracked-files=all").current_dir(&clone))?;
    print!("{changed}");
    context.report.line(
        "files changed",
        changed.lines().count(),
        "= 3: two activations and the list",
        changed.lines().count() == 3,
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
        .line("and name the files", "output", "cube", printed.contains("cube"));
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
