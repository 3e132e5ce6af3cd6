//! A crate outside the workspace defines a layer, a loss and a loop.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sha2::{Digest, Sha256};

use super::{Context, Proof};
use crate::program::target_folder;
use crate::shell::{self, Outcome, cargo, root};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "outside",
    claim: "A crate that knows only `rosenblatt` defines a layer, a loss and a loop in 60 lines; another process loads its model.",
    run,
};

const MANIFEST: &str = include_str!("outside/Cargo.toml.txt");
/// The layer, the loss, the network and the loop.
const OWN: &str = include_str!("outside/own.rs");
/// What the processes do.
const MAIN: &str = include_str!("outside/main.rs");
/// Lines of code that [`OWN`] may have.
const MAX_LINES: usize = 60;
/// The losses after training, as a share of those before.
const LOWER: f64 = 0.6;
/// What the third process must say: what is missing, and what to do.
const REFUSED: [&str; 2] = ["unknown layer `gate`", "rosenblatt::register"];

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let is_code = |line: &&str| !line.trim().is_empty() && !line.trim().starts_with("//");
    let lines = OWN.lines().filter(is_code).count();
    context.report.line(
        "lines of layer, loss, network and loop",
        lines,
        format!("<= {MAX_LINES}"),
        lines <= MAX_LINES,
    );
    let program = build(context.scratch.folder())?;
    let model = context.scratch.join("outside.safetensors");
    let of = |what: &str| Command::new(&program).arg(what).arg(&model).output();

    let trained = of("train")?;
    succeeded(context, "trains and saves", &trained);
    for part in ["fit", "loop"] {
        let losses = line(&trained, part);
        let losses: Vec<f64> = losses.split(' ').filter_map(|number| number.parse().ok()).collect();
        let falls = matches!(losses[..], [first, last] if last < LOWER * first);
        context.report.line(
            format!("losses of the {part}, two named inputs"),
            format!("{losses:.4?}"),
            format!("last < {LOWER} first"),
            falls,
        );
    }
    let loaded = of("predict")?;
    succeeded(context, "another process registers, loads, predicts", &loaded);
    let [before, after] = [&trained, &loaded].map(|output| hash(&line(output, "predictions")));
    context.report.same("hash of its predictions", &after, &before);

    let refused = of("predict-unregistered")?;
    let error = String::from_utf8_lossy(&refused.stderr).trim().to_owned();
    let clear = !refused.status.success() && REFUSED.iter().all(|part| error.contains(part));
    context.report.line(
        "a process that does not register is refused",
        refused.status,
        "names it",
        clear,
    );
    context.report.note("by the error", error);
    Ok(())
}

/// Writes the crate, with the versions of libraries that the workspace has, and builds it.
fn build(folder: &Path) -> Outcome<PathBuf> {
    let rosenblatt = root().canonicalize()?.join("crates/rosenblatt");
    let path = rosenblatt.to_str().ok_or("the path of the workspace is not UTF-8")?;
    fs::create_dir_all(folder.join("src"))?;
    fs::write(
        folder.join("Cargo.toml"),
        MANIFEST.replace("ROSENBLATT", &path.replace('\\', "/")),
    )?;
    fs::write(folder.join("src/own.rs"), OWN)?;
    fs::write(folder.join("src/main.rs"), MAIN)?;
    fs::copy(root().join("Cargo.lock"), folder.join("Cargo.lock"))?;
    let target = target_folder()?.join("outside");
    let mut command = cargo("build --quiet");
    shell::run(command.current_dir(folder).env("CARGO_TARGET_DIR", &target))?;
    Ok(target.join("debug/outside"))
}

fn succeeded(context: &mut Context, name: &str, output: &Output) {
    if !output.status.success() {
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
    }
    context
        .report
        .line(name, output.status, "exit status: 0", output.status.success());
}

/// What follows `part` on its line of the output.
fn line(output: &Output, part: &str) -> String {
    let printed = String::from_utf8_lossy(&output.stdout);
    let found = printed.lines().find_map(|line| line.strip_prefix(part));
    found.unwrap_or_default().trim().to_owned()
}

fn hash(text: &str) -> String {
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
