//! Proofs that a test binary already holds: it is run, and the cases it counted are added up.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use super::Context;
use crate::python;
use crate::shell::{Outcome, cargo};
use crate::test::cases;

/// Runs the tests whose names contain one of `tests` (all, if there are none) in `cargo test --release ARGUMENTS` with all
/// their cases, and reports what they counted in lines `cases: NAME N`.
///
/// Fails if a test fails, or if nothing was counted: a proof over no cases is none.
///
/// # Errors
/// If cargo cannot be started.
pub fn prove(context: &mut Context, arguments: &str, tests: &[&str]) -> Outcome {
    run(context, &format!("--release {arguments}"), tests)
}

/// The same in the build that tests usually have: with all checks.
///
/// # Errors
/// As [`prove`].
pub fn prove_checked(context: &mut Context, arguments: &str, tests: &[&str]) -> Outcome {
    run(context, arguments, tests)
}

/// The same with a Python that has PyTorch, for tests that make cases with it.
///
/// # Errors
/// As [`prove`], and if there is no such Python.
pub fn prove_with_python(context: &mut Context, arguments: &str, tests: &[&str]) -> Outcome {
    let mut command = command(arguments);
    command.env("ROSENBLATT_PYTHON", python::interpreter()?);
    report(context, command, arguments, tests)
}

fn run(context: &mut Context, arguments: &str, tests: &[&str]) -> Outcome {
    report(context, command(arguments), arguments, tests)
}

fn command(arguments: &str) -> Command {
    cargo(&format!("test --quiet {arguments} -- --nocapture --test-threads 1"))
}

fn report(context: &mut Context, mut command: Command, arguments: &str, tests: &[&str]) -> Outcome {
    command.args(tests).env("ROSENBLATT_SOAK", "1").stderr(Stdio::inherit());
    let output = command.output()?;
    let printed = String::from_utf8_lossy(&output.stdout);
    let cases = count(&printed);
    for (name, number) in &cases {
        context.report.at_least(format!("cases of {name}"), *number, 1);
    }
    context.report.at_least("cases", cases.values().sum(), 1);
    if !output.status.success() {
        print!("{printed}");
    }
    context.report.line(
        format!("test {arguments} {}", tests.join(" ")),
        output.status,
        "exit status: 0",
        output.status.success(),
    );
    Ok(())
}

/// Adds up the lines `cases: NAME N`; one name may come several times.
pub fn count(printed: &str) -> BTreeMap<&str, usize> {
    let mut counts = BTreeMap::new();
    for line in printed.lines() {
        if let Some((name, number)) = cases(line) {
            *counts.entry(name).or_default() += number;
        }
    }
    counts
}

#[cfg(test)]
mod tests {
    use super::count;

    #[test]
    fn cases_of_one_name_add_up_and_other_lines_do_not_count() {
        let printed = "running 2 tests\ncases: vjp 100\n.cases: vjp 20\ncases: jvp of mul 7\ncases: none\ncases: x y\n";
        assert_eq!(
            count(printed).into_iter().collect::<Vec<_>>(),
            [("jvp of mul", 7), ("vjp", 120)]
        );
    }
}
