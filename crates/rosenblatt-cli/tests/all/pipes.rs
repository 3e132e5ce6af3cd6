//! Tables from pipes: each is read once, and gives what its file gives.
#![cfg(target_os = "linux")]

use crate::common;

use std::process::Command;

use common::{Ran, Sandbox, flowers, ran};

/// Larger than what a pipe holds.
const ROWS: usize = 4000;

const TRAIN: &str = "--target kind --drop id --preset plain --epochs 2 --threads 1 --quiet";

/// A table, the model of it, and a pipe with a name.
fn prepared() -> Sandbox {
    let folder = Sandbox::new();
    folder.write("t.csv", flowers(ROWS));
    folder.ok(&format!("train t.csv {TRAIN} -o of_file"));
    let made = Command::new("mkfifo").arg(folder.path("pipe")).status().unwrap();
    assert!(made.success());
    folder
}

/// Runs a command while something writes a file to the pipe.
fn with_pipe(folder: &Sandbox, file: &str, arguments: &str) -> Ran {
    // Whoever writes must not hold what the command prints, as it waits for a command that does not read.
    let writer = format!("(exec > /dev/null 2>&1; cat {file} > pipe) & true");
    ran(folder.by_shell(&writer, arguments).output().unwrap())
}

#[test]
fn a_pipe_gives_what_its_file_gives() {
    let folder = prepared();
    let trained = with_pipe(&folder, "t.csv", &format!("train pipe {TRAIN} -o of_pipe"));
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    let arguments = format!("train /dev/stdin {TRAIN} -o of_stdin");
    let trained = ran(folder
        .by_shell("(exec > /dev/null 2>&1; cat t.csv > pipe) & exec < pipe", &arguments)
        .output()
        .unwrap());
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
    for model in ["of_pipe", "of_stdin"] {
        assert!(folder.read(model) == folder.read("of_file"), "{model}");
    }
    for command in ["predict of_file", "predict of_pipe", "evaluate of_file", "inspect"] {
        let of_file = folder.ok(&format!("{command} t.csv"));
        let of_pipe = with_pipe(&folder, "t.csv", &format!("{command} pipe"));
        assert_eq!(of_pipe.code, Some(0), "{command}: {}", of_pipe.stderr);
        let named = |text: &str| text.replace("t.csv", "pipe");
        assert_eq!(of_pipe.stdout, named(&of_file.stdout), "{command}");
    }
    let kept = with_pipe(&folder, "t.csv", "predict of_file pipe --keep id");
    assert_eq!(kept.stdout.lines().count(), ROWS + 1, "{}", kept.stderr);
    assert_eq!(kept.stdout, folder.ok("predict of_file t.csv --keep id").stdout);
}

#[test]
fn validation_rows_and_run_files_may_come_from_pipes() {
    let folder = prepared();
    let train = format!("train t.csv {TRAIN}");
    for part in ["valid", "test"] {
        let trained = with_pipe(&folder, "t.csv", &format!("{train} --{part} pipe -o with_{part}"));
        assert_eq!(trained.code, Some(0), "{part}: {}", trained.stderr);
    }
    folder.write("run.toml", "[data]\nsource = \"t.csv\"\n");
    let trained = with_pipe(
        &folder,
        "run.toml",
        "train --config pipe --target kind --drop id --epochs 2 --quiet -o by_run_file",
    );
    assert_eq!(trained.code, Some(0), "{}", trained.stderr);
}

/// Nothing writes to the pipe: a command that waited for it would never end.
#[test]
fn a_pipe_is_no_model() {
    let folder = prepared();
    for command in ["predict pipe t.csv", "evaluate pipe t.csv"] {
        let message = folder.fails(1, command);
        assert!(
            message.contains("got a folder, a pipe or a device"),
            "{command}: {message}"
        );
    }
}
