//! Results that nobody can take: a full device, a reader that leaves.
#![cfg(target_os = "linux")]

mod common;

use std::fs::OpenOptions;
use std::io::Read;
use std::process::Stdio;

use common::{Sandbox, ran};

/// A model and every command that prints something.
fn commands() -> (Sandbox, Vec<&'static str>) {
    let folder = Sandbox::new();
    folder.ok("train iris --preset plain --epochs 2 --quiet -o trained");
    let commands = vec![
        "--help",
        "--version",
        "train --help",
        "datasets",
        "datasets iris --format json",
        "inspect trained",
        "inspect trained --format json",
        "inspect iris",
        "evaluate trained iris",
        "predict trained iris",
        "predict trained iris --format json",
        "train iris --preset plain --epochs 1 --quiet -o again --force",
        "train iris --preset plain --epochs 1 -o again --force",
    ];
    (folder, commands)
}

#[test]
fn a_full_device_is_an_error() {
    let (folder, commands) = commands();
    for arguments in commands {
        let full = OpenOptions::new().write(true).open("/dev/full").unwrap();
        let ended = ran(folder.command(arguments).stdout(full).output().unwrap());
        assert_eq!(ended.code, Some(1), "{arguments}: {}", ended.stderr);
        for words in ["error: stdout: cannot be written: ", "hint: the disk is full"] {
            assert!(ended.stderr.contains(words), "{arguments}: {}", ended.stderr);
        }
        assert!(!ended.stderr.contains("panicked"), "{}", ended.stderr);
    }
}

#[test]
fn a_reader_that_leaves_is_none() {
    let (folder, commands) = commands();
    for arguments in commands {
        for bytes in [0, 1, 10] {
            let mut child = folder
                .command(arguments)
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
            let mut reader = child.stdout.take().unwrap();
            reader.read_exact(&mut vec![0; bytes]).unwrap();
            drop(reader);
            let ended = ran(child.wait_with_output().unwrap());
            assert_eq!(ended.code, Some(0), "{arguments}: {}", ended.stderr);
            assert!(!ended.stderr.contains("error"), "{arguments}: {}", ended.stderr);
        }
    }
}

#[test]
fn a_device_is_no_place_for_a_file() {
    let folder = Sandbox::new();
    folder.ok("train iris --preset plain --epochs 2 --quiet -o trained");
    for arguments in [
        "train iris --epochs 1 -o /dev/full --force",
        "train iris --epochs 1 -o model --plot /dev/full --force",
        "predict trained iris -o /dev/full --force",
    ] {
        let error = folder.fails(2, arguments);
        assert!(error.contains("/dev/full: is no ordinary file"), "{error}");
    }
    assert!(!folder.exists("model"));
}
