//! Results that cannot be written: a full device, a reader that leaves.
#![cfg(target_os = "linux")]

use crate::common;

use std::fs::OpenOptions;
use std::io::Read;
use std::process::Stdio;

use common::{Sandbox, flowers, ran};

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

/// A table may come from anybody: a name in it must not clear the screen.
#[test]
fn names_from_data_command_no_terminal() {
    let folder = Sandbox::new();
    folder.write(
        "t.csv",
        flowers(60)
            .replace("width", "w\u{1b}[2Jidth\u{9b}")
            .replace("rose", "ro\u{7}se"),
    );
    let train = "train t.csv --target kind --preset plain --epochs 2 -o model";
    for command in [
        "inspect t.csv",
        "train t.csv --target nowhere",
        "train t.csv --target kind --drop nowhere",
        "init-config t.csv --target kind",
        train,
        "inspect model",
        "evaluate model t.csv",
    ] {
        let ran = folder.run(command);
        let shown = ran.stdout + &ran.stderr;
        assert!(
            !shown.is_empty() && !shown.contains(['\u{1b}', '\u{9b}', '\u{7}']),
            "{command}: {shown:?}"
        );
    }
    // What other programs read is as it was written.
    assert!(
        folder
            .ok("predict model t.csv --keep w\u{1b}[2Jidth\u{9b} --quiet")
            .stdout
            .contains("w\u{1b}[2Jidth\u{9b}")
    );
}
