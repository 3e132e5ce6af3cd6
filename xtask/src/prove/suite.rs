//! Proofs that a test binary already holds: it is run, and the cases it counted are added up.

use std::collections::BTreeMap;
use std::process::{Command, Stdio};

use super::Context;
use crate::shell::{Outcome, cargo};

/// Runs the tests whose names begin with one of `tests` (all, if there are none) in `cargo test --release ARGUMENTS`, and
/// reports what they counted in lines `cases: NAME N`.
///
/// Fails if a test fails, or if nothing was counted: a proof over no cases is none.
///
/// # Errors
/// If cargo cannot be started.
pub fn prove(context: &mut Context, arguments: &str, tests: &[&str]) -> Outcome {
    let command = command(&format!("--release {arguments}"), tests);
    run(context, arguments, command)
}

/// The same in the build that tests usually have (optimised, with all checks), and with all cases of tests that usually
/// look at a sample.
///
/// # Errors
/// As [`prove`].
pub fn prove_whole(context: &mut Context, arguments: &str, tests: &[&str]) -> Outcome {
    let mut command = command(arguments, tests);
    command.env("ROSENBLATT_SOAK", "1");
    run(context, arguments, command)
}

fn command(arguments: &str, tests: &[&str]) -> Command {
    let mut command = cargo(&format!("test --quiet {arguments} -- --nocapture --test-threads 1"));
    command.args(tests);
    command
}

fn run(context: &mut Context, arguments: &str, mut command: Command) -> Outcome {
    let output = command.stderr(Stdio::inherit()).output()?;
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
        format!("test {arguments}"),
        output.status,
        "exit status: 0",
        output.status.success(),
    );
    Ok(())
}

/// Adds up the lines `cases: NAME N`; one name may come several times.
pub fn count(printed: &str) -> BTreeMap<&str, usize> {
    let mut cases = BTreeMap::new();
    for line in printed.lines() {
        // The test harness may leave its dots in front.
        let counted = line.split_once("cases: ").and_then(|(_, rest)| rest.rsplit_once(' '));
        if let Some((name, number)) = counted.and_then(|(name, number)| Some((name, number.parse::<usize>().ok()?))) {
            *cases.entry(name).or_default() += number;
        }
    }
    cases
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
