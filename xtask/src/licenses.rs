//! `cargo xtask licenses`: what the product is made of, and under which terms.
//!
//! `deny.toml` says which licences are allowed; `THIRD-PARTY.md` lists the crates in a section between two markers.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use crate::Command;
use crate::args::Args;
use crate::shell::{self, Outcome, cargo, root};

/// See the module.
pub const COMMAND: Command = Command {
    name: "licenses",
    help: "write the crates' section of THIRD-PARTY.md",
    run,
};

const BEGIN: &str = "<!-- crates: written by `cargo xtask licenses` -->";
const END: &str = "<!-- end of crates -->";

/// A library of the product.
pub struct Library {
    /// Its name in the registry.
    pub name: String,
    version: String,
    license: String,
}

fn run(args: Args) -> Outcome {
    args.finish()?;
    let path = root().join("THIRD-PARTY.md");
    fs::write(&path, with_section(&shell::read(&path)?, &section(&product_crates()?))?)?;
    println!("wrote {}", path.display());
    Ok(())
}

/// Everything the command line is linked with on Linux x86-64, our own crates left out.
///
/// # Errors
/// If cargo cannot resolve the tree.
pub fn product_crates() -> Outcome<Vec<Library>> {
    let tree = "tree --locked -e normal -p rosenblatt-cli --target x86_64-unknown-linux-gnu --prefix none --format";
    let mut command = cargo(tree);
    let listed = shell::capture(command.arg("{p}\t{l}"))?;
    let mut libraries = BTreeMap::new();
    for line in listed.lines() {
        let (package, license) = line.split_once('\t').ok_or_else(|| format!("cargo tree: `{line}`"))?;
        let mut words = package.split_whitespace();
        let (name, version) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        if !name.starts_with("rosenblatt") {
            let license = license.trim_end_matches("(*)").trim();
            libraries.insert(
                (name.to_owned(), version.trim_start_matches('v').to_owned()),
                license.to_owned(),
            );
        }
    }
    Ok(libraries
        .into_iter()
        .map(|((name, version), license)| Library { name, version, license })
        .collect())
}

/// What `deny.toml` does not allow in the product, and a list of crates that is out of date.
///
/// Where cargo-deny is installed it checks too, with more care; without it licences and names are compared with `deny.toml`.
///
/// # Errors
/// If a file or the tree cannot be read.
pub fn faults() -> Outcome<Vec<String>> {
    let (libraries, rules) = (product_crates()?, shell::read(&root().join("deny.toml"))?);
    let (allowed, denied) = (list(&rules, "allow")?, denied(&rules)?);
    let mut faults = Vec::new();
    for Library { name, license, .. } in &libraries {
        if !permits(license, &allowed) {
            faults.push(format!("{name}: licence `{license}` is not allowed by deny.toml"));
        }
        if let Some(wrappers) = denied.get(name) {
            let users = if wrappers.is_empty() { Vec::new() } else { users(name)? };
            if wrappers.is_empty() || !users.iter().all(|user| wrappers.contains(user)) {
                faults.push(format!("{name}: denied by deny.toml, and in the product"));
            }
        }
    }
    let text = shell::read(&root().join("THIRD-PARTY.md"))?;
    if with_section(&text, &section(&libraries))? != text {
        faults.push("THIRD-PARTY.md: out of date; run `cargo xtask licenses`".into());
    }
    if shell::capture(&mut cargo("deny --version")).is_ok() {
        let checked = shell::run(&mut cargo("deny --log-level error check licenses bans sources"));
        faults.extend(checked.err().map(|error| error.to_string()));
    }
    Ok(faults)
}

/// The quoted words of a list in `deny.toml`.
fn list(rules: &str, key: &str) -> Outcome<BTreeSet<String>> {
    let start = format!("\n{key} = [");
    let list = rules.split_once(&start).and_then(|(_, rest)| rest.split_once("\n]"));
    let (list, _) = list.ok_or_else(|| format!("deny.toml: no list `{key}`"))?;
    Ok(list.split('"').skip(1).step_by(2).map(String::from).collect())
}

/// The crates that `deny.toml` denies, each with those that may depend on it all the same.
fn denied(rules: &str) -> Outcome<BTreeMap<String, BTreeSet<String>>> {
    let start = "\ndeny = [";
    let rows = rules.split_once(start).and_then(|(_, rest)| rest.split_once("\n]"));
    let (rows, _) = rows.ok_or("deny.toml: no list `deny`")?;
    let row = |line: &str| {
        let mut names = line.split('"').skip(1).step_by(2).map(String::from);
        Some((names.next()?, names.collect()))
    };
    Ok(rows.lines().filter_map(row).collect())
}

/// The crates of the product that depend on a crate themselves.
fn users(name: &str) -> Outcome<Vec<String>> {
    let tree =
        "tree --locked -e normal -p rosenblatt-cli --target x86_64-unknown-linux-gnu --prefix none --depth 1 --invert";
    let listed = shell::capture(cargo(tree).arg(name))?;
    let first = |line: &str| line.split_whitespace().next().map(String::from);
    Ok(listed.lines().skip(1).filter_map(first).collect())
}

/// Whether every part joined by `AND` has an allowed licence: what most SPDX expressions mean, and stricter than the others.
fn permits(expression: &str, allowed: &BTreeSet<String>) -> bool {
    let flat = expression.replace(['(', ')'], "").replace('/', " OR ");
    let mut parts = flat.split(" AND ");
    parts.all(|part| part.split(" OR ").any(|name| allowed.contains(name)))
}

/// A table of crates by licence.
fn section(libraries: &[Library]) -> String {
    let mut by_license: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for library in libraries {
        by_license
            .entry(&library.license)
            .or_default()
            .push(format!("{} {}", library.name, library.version));
    }
    let mut text = String::from("| licence | crates |\n|---|---|\n");
    for (license, crates) in by_license {
        text += &format!("| {license} | {} |\n", crates.join(", "));
    }
    text
}

/// `text` with `section` between the markers.
fn with_section(text: &str, section: &str) -> Outcome<String> {
    let parts = text
        .split_once(BEGIN)
        .and_then(|(head, rest)| Some((head, rest.split_once(END)?.1)));
    let (head, tail) = parts.ok_or("THIRD-PARTY.md: the markers of the crates' section are missing")?;
    Ok(format!("{head}{BEGIN}\n{section}{END}{tail}"))
}

#[cfg(test)]
mod tests {
    use super::{BEGIN, END, denied, list, permits, with_section};

    #[test]
    fn expressions_are_met_or_not() {
        let allowed = ["MIT", "Zlib", "Apache-2.0 WITH LLVM-exception"]
            .map(String::from)
            .into();
        for good in ["MIT", "MIT/Apache-2.0", "GPL-3.0 OR MIT", "(GPL-3.0 OR MIT) AND Zlib"] {
            assert!(permits(good, &allowed), "{good}");
        }
        assert!(permits("Apache-2.0 WITH LLVM-exception OR GPL-3.0", &allowed));
        for bad in [
            "",
            "GPL-3.0",
            "Apache-2.0",
            "MIT AND GPL-3.0",
            "(MIT OR Zlib) AND GPL-3.0",
            "MIT Zlib",
            "GPL-3.0 OR MIT AND GPL-2.0",
            "(GPL-3.0 AND MIT) OR GPL-2.0",
        ] {
            assert!(!permits(bad, &allowed), "{bad}");
        }
    }

    #[test]
    fn lists_are_read_from_the_rules() {
        let rules = "x\nallow = [\n  \"MIT\",\n]\ndeny = [\n  { crate = \"gemm\" },\n  { crate = \"faer\" },\n]\n";
        assert_eq!(list(rules, "allow").unwrap(), ["MIT".to_owned()].into());
        assert!(list(rules, "warn").is_err());
        let rules = rules.replace("\"faer\"", "\"faer\", wrappers = [\"a\", \"b\"]");
        let denied = denied(&rules).unwrap();
        assert_eq!((denied.len(), denied["gemm"].len()), (2, 0));
        assert_eq!(denied["faer"], ["a", "b"].map(String::from).into());
    }

    #[test]
    fn only_the_section_changes() {
        let text = format!("head\n{BEGIN}\nold\n{END}\ntail\n");
        let once = with_section(&text, "new\n").unwrap();
        assert_eq!(once, format!("head\n{BEGIN}\nnew\n{END}\ntail\n"));
        assert_eq!(with_section(&once, "new\n").unwrap(), once);
        assert!(with_section("no markers", "new\n").is_err());
    }
}
