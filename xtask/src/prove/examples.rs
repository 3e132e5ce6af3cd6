//! Everyday programs are short, and give what they should.

use std::collections::BTreeSet;
use std::fs;

use super::{Context, Proof};
use crate::shell::{self, Outcome, cargo, root};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "examples",
    claim: "Everyday programs need few lines, and give what PyTorch, hand calculations and identities say.",
    run,
};

/// What lies between `// begin MARK` and `// end MARK` of a program, and the lines that the design of the interface asks
/// for it; 0 if it names none.
const TOPICS: [(&str, &str, usize); 25] = [
    ("backprop_by_hand", "", 0),
    ("define_by_run", "", 0),
    ("eight_threads", "", 5),
    ("elastic_weights", "", 0),
    ("forward_mode", "", 2),
    ("gates", "", 0),
    ("graph_convolution", "", 10),
    ("hessian", "", 1),
    ("hessian", "product", 4),
    ("hopfield", "", 10),
    ("keras_thirty_seconds", "", 5),
    ("nielsen_network", "", 0),
    ("own_layer", "", 12),
    ("own_loop", "", 12),
    ("own_op", "", 9),
    ("per_sample_gradients", "", 2),
    ("recurrent", "", 10),
    ("two_inputs", "", 10),
    ("two_inputs", "residual", 1),
    ("tying_and_freezing", "freezing", 1),
    ("tying_and_freezing", "rate", 1),
    ("tying_and_freezing", "tying", 1),
    ("xor", "hand", 0),
    ("xor", "single", 0),
    ("xor", "trained", 0),
];
/// Not a program for readers: the peer of `bench peers`.
const NO_PROGRAM: &str = "peer_round";
/// How many times the lines asked for is called long.
const LONG: usize = 2;

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let folder = root().join("crates/rosenblatt/examples");
    check_list(context, &folder)?;
    let mut long = Vec::new();
    for (program, mark, asked) in TOPICS {
        let name = format!("{program} {mark}");
        let lines = lines_between(&shell::read(&folder.join(format!("{program}.rs")))?, mark);
        let shown = lines.map_or("no marks".to_owned(), |lines| lines.to_string());
        let limit = if asked == 0 {
            "-".to_owned()
        } else {
            format!("asked {asked}")
        };
        context
            .report
            .line(name.trim(), shown, limit, lines.is_some_and(|lines| lines > 0));
        if asked > 0 && lines.is_some_and(|lines| lines > LONG * asked) {
            long.push(name.trim().to_owned());
        }
    }
    let long = if long.is_empty() {
        "none".to_owned()
    } else {
        long.join(", ")
    };
    context
        .report
        .note(format!("more than {LONG} times as long as asked"), long);
    succeeds(context, "fmt -p rosenblatt -- --check")?;
    succeeds(context, "test --quiet -p rosenblatt --test examples")
}

/// Every program has a topic here.
fn check_list(context: &mut Context, folder: &std::path::Path) -> Outcome {
    let mut programs = BTreeSet::new();
    for entry in fs::read_dir(folder)? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        programs.extend(
            file.strip_suffix(".rs")
                .filter(|name| *name != NO_PROGRAM)
                .map(str::to_owned),
        );
    }
    let listed: BTreeSet<String> = TOPICS.iter().map(|(program, ..)| (*program).to_owned()).collect();
    let count = programs.len();
    context.report.line("programs", count, "all listed", programs == listed);
    Ok(())
}

/// Lines of code between the marks, without blank lines and comments; `None` if a mark is missing.
fn lines_between(text: &str, mark: &str) -> Option<usize> {
    let [begin, end] = ["begin", "end"].map(|word| format!("// {word} {mark}").trim().to_owned());
    let (mut lines, mut open, mut seen) = (0, false, false);
    for line in text.lines().map(str::trim) {
        if line == begin && !open {
            (open, seen) = (true, true);
        } else if line == end && open {
            open = false;
        } else if line == begin || line == end {
            return None;
        } else if open && !line.is_empty() && !line.starts_with("//") {
            lines += 1;
        }
    }
    (seen && !open).then_some(lines)
}

fn succeeds(context: &mut Context, command: &str) -> Outcome {
    let output = cargo(command).output()?;
    if !output.status.success() {
        print!("{}", String::from_utf8_lossy(&output.stdout));
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
    }
    context
        .report
        .line(command, output.status, "exit status: 0", output.status.success());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::lines_between;

    #[test]
    fn lines_of_code_between_marks_are_counted() {
        let text = "a\n// begin\nb\n\n  // why\n// begin inner\n  c\n// end inner\n// end\nd\n// begin\ne\n// end\n";
        assert_eq!(lines_between(text, ""), Some(3));
        assert_eq!(lines_between(text, "inner"), Some(1));
    }

    #[test]
    fn a_missing_mark_is_noticed() {
        for text in [
            "",
            "a",
            "// begin\na",
            "a\n// end",
            "// begin\n// begin\n// end",
            "// begin other\n// end other",
        ] {
            assert_eq!(lines_between(text, ""), None, "{text:?}");
        }
    }
}
