//! The commands of the guide are run, and print what the guide shows.

use crate::common;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::Sandbox;

const GUIDE: &str = "docs/guides/from-a-csv-to-predictions.md";
/// Stands for anything: for whole lines if it stands alone, else for a part of one.
const ANYTHING: &str = "…";
/// What a terminal shows after Ctrl-C.
const INTERRUPTED: &str = "^C";

/// A command of a console block, and the lines that the guide shows below it.
struct Shown {
    command: String,
    output: Vec<String>,
    /// The number of its line.
    line: usize,
}

/// The commands of all console blocks, in their order.
fn shown(guide: &str) -> Vec<Shown> {
    let mut found: Vec<Shown> = Vec::new();
    let mut inside = false;
    // The end of a here-document that is being read.
    let mut until: Option<String> = None;
    for (number, line) in guide.lines().enumerate() {
        if line.starts_with("```") {
            inside = line == "```console";
        } else if inside && until.is_some() {
            let last = found.last_mut().unwrap();
            last.command += &format!("\n{line}");
            until = until.filter(|end| end != line);
        } else if inside && let Some(command) = line.strip_prefix("$ ") {
            until = command
                .split_once("<<'")
                .map(|(_, rest)| rest.split('\'').next().unwrap().to_owned());
            found.push(Shown {
                command: command.to_owned(),
                output: Vec::new(),
                line: number + 1,
            });
        } else if inside {
            let last = found.last_mut().expect("a console block begins with a command");
            match last.command.ends_with('\\') {
                true => last.command += &format!("\n{line}"),
                false => last.output.push(line.to_owned()),
            }
        }
    }
    found
}

/// Starts a command of the guide; what it prints on both ways goes to the file `printed`.
fn start(folder: &Sandbox, command: &str) -> Child {
    let program = Path::new(env!("CARGO_BIN_EXE_rosenblatt"));
    let path = std::env::var("PATH").unwrap_or_default();
    let mut shell = Command::new("sh");
    shell.arg("-c").arg(format!("exec >printed 2>&1\n{command}"));
    shell.env("PATH", format!("{}:{path}", program.parent().unwrap().display()));
    shell
        .current_dir(folder.path(""))
        .env_remove("COLUMNS")
        .stdin(Stdio::null());
    shell.spawn().unwrap()
}

/// Presses Ctrl-C as soon as there is a checkpoint.
fn interrupt(folder: &Sandbox, child: &mut Child) {
    let saved = || {
        let entries = std::fs::read_dir(folder.path("")).unwrap();
        let mut folders = entries.map(|entry| entry.unwrap().path());
        folders.any(|path| {
            path.extension().is_some_and(|end| end == "checkpoint") && !crate::signals::checkpoints(&path).is_empty()
        })
    };
    while !saved() {
        assert!(child.try_wait().unwrap().is_none(), "it ended without a checkpoint");
        sleep(Duration::from_millis(2));
    }
    let killed = Command::new("kill")
        .args(["-INT", &child.id().to_string()])
        .status()
        .unwrap();
    assert!(killed.success());
}

/// What a command prints, as a terminal would show it.
fn run(folder: &Sandbox, shown: &Shown) -> String {
    let stops = shown.output.first().is_some_and(|line| line == INTERRUPTED);
    // With `exec` the signal reaches the program itself.
    let command = format!("{}{}", if stops { "exec " } else { "" }, shown.command);
    let mut child = start(folder, &command);
    if stops {
        interrupt(folder, &mut child);
    }
    let code = child.wait().unwrap().code();
    let printed = String::from_utf8(folder.read("printed")).unwrap();
    std::fs::remove_file(folder.path("printed")).unwrap();
    let fails = shown.output.iter().any(|line| line.starts_with("error: "));
    assert_eq!(
        code != Some(0),
        fails,
        "line {}: `{}` ended with {code:?}\n{printed}",
        shown.line,
        shown.command
    );
    printed
}

/// Whether a text is what is shown, which may have gaps.
fn fits(shown: &str, text: &str) -> bool {
    match shown.split_once(ANYTHING) {
        None => shown == text,
        Some((start, rest)) => text
            .strip_prefix(start)
            .is_some_and(|text| text.char_indices().any(|(at, _)| fits(rest, &text[at..])) || fits(rest, "")),
    }
}

/// How many lines of `shown` are found in `lines`; all, if they are the same but for gaps.
fn matched(shown: &[String], lines: &[&str]) -> Result<(), usize> {
    let Some((first, rest)) = shown.split_first() else {
        return if lines.is_empty() { Ok(()) } else { Err(0) };
    };
    if first.trim() == ANYTHING {
        let mut best = 0;
        for skipped in 0..=lines.len() {
            match matched(rest, &lines[skipped..]) {
                Ok(()) => return Ok(()),
                Err(count) => best = best.max(count),
            }
        }
        return Err(1 + best);
    }
    match lines.first() {
        Some(line) if fits(first, line) => matched(rest, &lines[1..]).map_err(|count| 1 + count),
        _ => Err(0),
    }
}

#[test]
fn every_command_prints_what_the_guide_shows() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").join(GUIDE);
    let guide = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{GUIDE}: {error}"));
    let folder = Sandbox::new();
    let commands = shown(&guide);
    assert!(commands.len() >= 10, "{} commands", commands.len());
    for step in &commands {
        let printed = run(&folder, step);
        let lines: Vec<&str> = printed.lines().map(str::trim_end).collect();
        let expected = step
            .output
            .iter()
            .filter(|line| *line != INTERRUPTED)
            .cloned()
            .collect::<Vec<_>>();
        if let Err(count) = matched(&expected, &lines) {
            panic!(
                "{GUIDE}:{}: `{}` does not print, after {count} lines,\n{}\nbut:\n{printed}",
                step.line,
                step.command,
                expected.get(count).map_or("the end", String::as_str)
            );
        }
    }
}

#[test]
fn gaps_fit_anything_and_nothing_else_does() {
    for (shown, text, expected) in [
        ("a", "a", true),
        ("a", "b", false),
        ("a … c", "a b c", true),
        ("a … c", "a b d", false),
        ("a…", "a", true),
        ("…a…b", "xxaxxb", true),
    ] {
        assert_eq!(fits(shown, text), expected, "{shown} {text}");
    }
    let lines = |words: &[&str]| words.iter().map(|&word| word.to_owned()).collect::<Vec<String>>();
    assert_eq!(matched(&lines(&["a", "…", "c"]), &["a", "b", "b", "c"]), Ok(()));
    assert_eq!(matched(&lines(&["a", "…"]), &["a"]), Ok(()));
    assert_eq!(matched(&lines(&["a", "b"]), &["a", "b", "c"]), Err(2));
    assert_eq!(matched(&lines(&["a", "…", "d"]), &["a", "b", "c"]), Err(2));
    assert_eq!(matched(&[], &[]), Ok(()));
}

#[test]
fn blocks_are_read_with_here_documents_and_continued_lines() {
    let guide = "```console\n$ one \\\n  more\nout\n$ cat <<'END'\nx\n$ y\nEND\nz\n```\n```toml\n$ no\n```\n";
    let found = shown(guide);
    let commands: Vec<&str> = found.iter().map(|step| &*step.command).collect();
    assert_eq!(commands, ["one \\\n  more", "cat <<'END'\nx\n$ y\nEND"]);
    assert_eq!(
        (&*found[0].output, &*found[1].output),
        (&["out".to_owned()][..], &["z".to_owned()][..])
    );
}
