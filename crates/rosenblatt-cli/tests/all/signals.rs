//! Ctrl-C, SIGTERM, and going on afterwards.
#![cfg(target_os = "linux")]

use crate::common;

use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use common::{Sandbox, ran};

/// A run of some seconds whose state is more than its weights.
pub const TRAIN: &str = "train digits --preset plain --hidden 32 --dropout 0.2 --optimizer adam --epochs 30 --threads 1 \
                     --checkpoint-every 50 -o model";

pub fn signal(child: &Child, name: &str) {
    let status = Command::new("kill")
        .arg(format!("-{name}"))
        .arg(child.id().to_string())
        .status()
        .unwrap();
    assert!(status.success());
}

fn start(folder: &Sandbox, arguments: &str) -> Child {
    let mut command = folder.command(arguments);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Waits until the run has saved for the first time.
pub fn wait_for_checkpoint(folder: &Sandbox) {
    wait_until(|| !checkpoints(&folder.path("model.checkpoint")).is_empty());
}

/// The names of the checkpoints in a folder.
pub fn checkpoints(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = entries.map(|entry| entry.file_name().into_string().unwrap());
    names
        .filter(|name| name.starts_with("step-") && name.ends_with(".safetensors"))
        .collect()
}

/// Interrupts [`TRAIN`]; returns the names of its checkpoints.
pub fn interrupted(folder: &Sandbox) -> Vec<String> {
    let child = start(folder, &format!("{TRAIN} --quiet"));
    wait_for_checkpoint(folder);
    signal(&child, "TERM");
    assert_eq!(ran(child.wait_with_output().unwrap()).code, Some(143));
    let names = checkpoints(&folder.path("model.checkpoint"));
    names.iter().map(|name| format!("model.checkpoint/{name}")).collect()
}

fn wait_until(holds: impl Fn() -> bool) {
    for _ in 0..60_000 {
        if holds() {
            return;
        }
        sleep(Duration::from_millis(1));
    }
    panic!("it never happened");
}

#[test]
fn the_first_signal_saves_and_the_same_command_goes_on() {
    let reference = Sandbox::new();
    reference.ok(&format!("{TRAIN} --quiet"));
    for (name, code) in [("HUP", 129), ("INT", 130)] {
        let folder = Sandbox::new();
        let child = start(&folder, &format!("{TRAIN} --quiet"));
        wait_for_checkpoint(&folder);
        signal(&child, name);
        let stopped = ran(child.wait_with_output().unwrap());
        assert_eq!(stopped.code, Some(code), "{}", stopped.stderr);
        for words in ["error: stopped after step ", "model.checkpoint", "--resume"] {
            assert!(stopped.stderr.contains(words), "{words}: {}", stopped.stderr);
        }
        assert!(stopped.stdout.is_empty() && !folder.exists("model"));

        let error = folder.fails(2, &format!("{TRAIN} --quiet --resume --lr 0.5"));
        assert!(error.contains("`train.learning_rate`: 0.001 became 0.5"), "{error}");
        let resumed = folder.ok(&format!("{TRAIN} --resume"));
        assert!(
            resumed.stderr.contains("note: resumed after step "),
            "{}",
            resumed.stderr
        );
        assert!(folder.read("model") == reference.read("model"), "{name}");
        assert!(!folder.exists("model.checkpoint"));
    }
}

#[test]
fn a_checkpoint_can_be_inspected_and_is_not_replaced_in_silence() {
    let folder = Sandbox::new();
    let newest = interrupted(&folder).into_iter().max().unwrap();
    let json = folder.json(&format!("inspect {newest}"));
    assert!(json["progress"]["step"].as_u64().unwrap() > 0);
    let again = folder.ok("train iris --epochs 1 -o model --quiet");
    assert!(
        again.stderr.contains("warning: ") && again.stderr.contains("model.checkpoint"),
        "{}",
        again.stderr
    );
}

#[test]
fn a_name_of_our_own_avoids_unfinished_runs_and_finds_them_again() {
    let folder = Sandbox::new();
    let train = "train digits --preset plain --epochs 2000 --threads 1 --checkpoint-every 50 --quiet";
    let child = start(&folder, train);
    wait_until(|| !checkpoints(&folder.path("digits.safetensors.checkpoint")).is_empty());
    assert!(
        folder
            .ok("train digits --preset plain --epochs 1 --quiet")
            .stdout
            .contains("model: digits-2.safetensors")
    );
    signal(&child, "INT");
    let stopped = ran(child.wait_with_output().unwrap());
    assert_eq!(stopped.code, Some(130), "{}", stopped.stderr);
    let error = folder.fails(2, "train digits --preset plain --epochs 1 --resume --quiet");
    assert!(
        error.contains("digits.safetensors.checkpoint") && error.contains("`train.epochs`"),
        "{error}"
    );
}

/// Both signals wait until the process may go on, so the second comes before the step can end.
#[test]
fn the_second_signal_leaves_at_once() {
    let folder = Sandbox::new();
    let child = start(&folder, &format!("{TRAIN} --quiet"));
    wait_for_checkpoint(&folder);
    for name in ["STOP", "INT", "TERM", "CONT"] {
        signal(&child, name);
    }
    let ended = ran(child.wait_with_output().unwrap());
    assert!([Some(130), Some(143)].contains(&ended.code), "{:?}", ended.code);
    assert!(!ended.stderr.contains("stopped after step"), "{}", ended.stderr);
}

/// Nothing is there to be saved while data is read.
#[test]
fn before_the_first_step_one_signal_is_enough() {
    let folder = Sandbox::new();
    let child = start(&folder, "train - --target kind");
    let caught = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap();
        let mask = status.lines().find_map(|line| line.strip_prefix("SigCgt:")).unwrap();
        u64::from_str_radix(mask.trim(), 16).unwrap() & (1 << 14) != 0
    };
    wait_until(caught);
    // SIGTERM is the last to be prepared; its handlers are added one after the other.
    sleep(Duration::from_millis(50));
    signal(&child, "TERM");
    assert_eq!(ran(child.wait_with_output().unwrap()).code, Some(143));
}
