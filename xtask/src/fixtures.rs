//! `cargo xtask fixtures`: writes the golden numbers again.

use crate::args::Args;
use crate::shell::{self, Outcome, root};
use crate::{Command, python};

/// See the module.
pub const COMMAND: Command = Command {
    name: "fixtures",
    help: "[NAME]  run every fixtures/make_*.py, or make_NAME.py",
    run,
};

fn run(mut args: Args) -> Outcome {
    let wanted = args.word();
    args.finish()?;
    let mut scripts = Vec::new();
    for entry in std::fs::read_dir(root().join("fixtures"))? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        let name = file.strip_prefix("make_").and_then(|rest| rest.strip_suffix(".py"));
        if name.is_some_and(|name| wanted.as_deref().is_none_or(|wanted| wanted == name)) {
            scripts.push(file);
        }
    }
    if scripts.is_empty() {
        return Err(format!("fixtures: no script `make_{}.py`", wanted.as_deref().unwrap_or("*")).into());
    }
    scripts.sort();
    for file in scripts {
        shell::run(&mut python::script(&format!("fixtures/{file}"))?)?;
    }
    Ok(())
}
