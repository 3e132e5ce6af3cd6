//! Outputs: none replaces an input, a file that appeared meanwhile, or the work of another run.

use crate::common;

use std::fs;

use common::{Ran, Sandbox, flowers, ran};

const TRAIN: &str = "train t.csv --target kind --preset plain --hidden none --epochs 1 --quiet";

/// A table and a model of it.
fn trained() -> Sandbox {
    let folder = Sandbox::new();
    folder.write("t.csv", flowers(40));
    folder.write("v.csv", flowers(30));
    folder.ok(&format!("{TRAIN} -o m"));
    folder.ok("init-config t.csv --target kind -o run.toml");
    folder
}

#[test]
fn an_output_that_is_an_input_is_refused() {
    let folder = trained();
    fs::create_dir_all(folder.path("tables")).unwrap();
    folder.write("tables/a.csv", flowers(40));
    fs::hard_link(folder.path("t.csv"), folder.path("linked.csv")).unwrap();
    let mut commands = vec![
        format!("{TRAIN} -o t.csv"),
        format!("{TRAIN} -o ./t.csv"),
        format!("{TRAIN} -o linked.csv"),
        format!("{TRAIN} -o x --report t.csv"),
        format!("{TRAIN} -o x --plot tables/../t.csv"),
        format!("{TRAIN} -o v.csv --valid v.csv"),
        format!("{TRAIN} -o x --report v.csv --test v.csv"),
        "train t.csv v.csv --target kind --epochs 1 -o v.csv".to_owned(),
        "train tables --target kind --epochs 1 -o tables/a.csv".to_owned(),
        "train --config run.toml -o run.toml".to_owned(),
        "train --config run.toml -o t.csv".to_owned(),
        "predict m v.csv -o m".to_owned(),
        "predict m v.csv -o v.csv".to_owned(),
        "evaluate m v.csv --report m".to_owned(),
        "evaluate m v.csv --report v.csv".to_owned(),
        "init-config t.csv --target kind -o t.csv".to_owned(),
        "init-config --config run.toml -o run.toml".to_owned(),
    ];
    #[cfg(unix)]
    {
        std::os::unix::fs::symlink(folder.path("v.csv"), folder.path("to-v.csv")).unwrap();
        commands.push("predict m to-v.csv -o v.csv".to_owned());
    }
    let names = ["t.csv", "v.csv", "m", "run.toml", "tables/a.csv"];
    let before = names.map(|name| folder.read(name));
    for command in commands {
        for force in ["", " --force"] {
            let error = folder.fails(2, &format!("{command}{force}"));
            assert!(error.contains("is an input of this command"), "{command}: {error}");
        }
    }
    assert!(names.map(|name| folder.read(name)) == before);
    assert!(!folder.exists("x") && !folder.exists("x.checkpoint"));
}

#[test]
fn names_that_cannot_be_outputs_are_refused_before_training() {
    let folder = trained();
    let (long, ü) = ("n".repeat(250), "ü".repeat(125));
    for name in ["new/", "new/.", "missing/new", "t.csv/new", &long, &ü] {
        for command in [
            TRAIN.to_owned() + " -o",
            TRAIN.to_owned() + " -o x --plot",
            "predict m t.csv -o".to_owned(),
            "evaluate m t.csv --report".to_owned(),
        ] {
            let error = folder.fails(2, &format!("{command} {name}"));
            assert!(error.contains(name.trim_end_matches(['/', '.'])), "{error}");
        }
    }
    let left = fs::read_dir(folder.path("")).unwrap().count();
    assert_eq!(left, 4, "nothing is made");
    folder.write("o.checkpoint", "a file");
    let error = folder.fails(2, &format!("{TRAIN} -o o"));
    assert!(error.contains("o.checkpoint: is a file"), "{error}");
}

#[test]
fn files_of_others_stay_in_the_checkpoint_folder() {
    let folder = trained();
    fs::create_dir(folder.path("o.checkpoint")).unwrap();
    let others = [
        "step-by-step.safetensors.notes",
        "step-by-step.safetensors",
        "step-1.safetensors.bak",
        "step-1.safetensors.tmp-old",
        "notes",
    ];
    for name in others {
        folder.write(&format!("o.checkpoint/{name}"), "mine");
    }
    folder.write("o.checkpoint/step-1.safetensors.tmp-rosenblatt-999999999", "a draft");
    folder.ok(&format!("{TRAIN} -o o --checkpoint-every 1"));
    for name in others {
        assert_eq!(folder.read(&format!("o.checkpoint/{name}")), b"mine", "{name}");
    }
    let left = fs::read_dir(folder.path("o.checkpoint")).unwrap().count();
    assert_eq!(left, others.len());
}

#[test]
fn what_killed_processes_left_is_removed() {
    let folder = trained();
    let own = format!("p.csv.tmp-rosenblatt-{}", std::process::id());
    for name in [
        "p.csv.tmp-rosenblatt-999999999",
        "p.csv.tmp-rosenblatt-999999998",
        "q.csv.tmp-rosenblatt-999999999",
        "p.csv.tmp-rosenblatt-x",
        "p.csv.tmp-20240101",
        &own,
    ] {
        folder.write(name, "half");
    }
    folder.ok("predict m t.csv -o p.csv");
    let exists = |name: &str| folder.exists(name);
    assert!(!exists("p.csv.tmp-rosenblatt-999999999") && !exists("p.csv.tmp-rosenblatt-999999998"));
    // Of another output, of no process, and of a process that runs.
    assert!(exists("q.csv.tmp-rosenblatt-999999999") && exists("p.csv.tmp-rosenblatt-x"));
    assert!(exists("p.csv.tmp-20240101"));
    assert!(exists(&own) || !cfg!(target_os = "linux"));
}

/// Runs some commands at once.
fn at_once(folder: &Sandbox, commands: &[String]) -> Vec<Ran> {
    let start = |command: &String| {
        let mut command = folder.command(command);
        command
            .stdout(std::process::Stdio::piped())
            .stderr(std::process::Stdio::piped());
        command.spawn().unwrap()
    };
    let children: Vec<_> = commands.iter().map(start).collect();
    let ended = children.into_iter().map(|child| ran(child.wait_with_output().unwrap()));
    ended.collect()
}

#[test]
fn runs_at_once_take_names_of_their_own() {
    let folder = Sandbox::new();
    folder.write("t.csv", flowers(300));
    let train = |seed: u64| format!("{TRAIN} --seed {seed}");
    let reference: Vec<_> = (0..3)
        .map(|seed| {
            let alone = Sandbox::new();
            alone.write("t.csv", flowers(300));
            alone.ok(&train(seed));
            alone.read("t.safetensors")
        })
        .collect();
    let runs = at_once(&folder, &[0, 1, 2].map(train));
    for (run, model) in runs.iter().zip(&reference) {
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let name = run
            .stdout
            .lines()
            .find_map(|line| line.strip_prefix("model: ")?.split(' ').next());
        assert!(folder.read(name.unwrap()) == *model, "{}", run.stdout);
    }
}

/// A run that is underway, with at least one checkpoint, and what to do then.
#[cfg(target_os = "linux")]
fn during_a_run(folder: &Sandbox, epochs: &str, act: impl FnOnce(u32)) -> Ran {
    let train = crate::signals::TRAIN.replace("--epochs 30", epochs);
    let mut command = folder.command(&format!("{train} --quiet"));
    command
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped());
    let child = command.spawn().unwrap();
    crate::signals::wait_for_checkpoint(folder);
    act(child.id());
    ran(child.wait_with_output().unwrap())
}

#[cfg(target_os = "linux")]
#[test]
fn a_second_run_of_the_same_model_is_refused() {
    let folder = Sandbox::new();
    let stopped = during_a_run(&folder, "--epochs 100000", |process| {
        for more in ["", "--force", "--resume", "--seed 3"] {
            let error = folder.fails(2, &format!("{} --quiet {more}", crate::signals::TRAIN));
            assert!(error.contains(&format!("process {process}")), "{more}: {error}");
            assert!(error.contains("model.checkpoint"), "{more}: {error}");
        }
        let killed = std::process::Command::new("kill").arg(process.to_string()).status();
        assert!(killed.unwrap().success());
    });
    assert_eq!(stopped.code, Some(143), "{}", stopped.stderr);
    assert!(folder.exists("model.checkpoint") && !folder.exists("model.checkpoint/lock"));
}

#[cfg(target_os = "linux")]
#[test]
fn what_appears_during_training_is_not_replaced() {
    let folder = Sandbox::new();
    let run = during_a_run(&folder, "--epochs 8", |_| folder.write("model", "mine"));
    assert_eq!(run.code, Some(1), "{}", run.stderr);
    for words in ["model: was created by another program", "model.checkpoint", "--resume"] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
    assert_eq!(folder.read("model"), b"mine");
    let (reference, train) = (
        Sandbox::new(),
        crate::signals::TRAIN.replace("--epochs 30", "--epochs 8"),
    );
    reference.ok(&format!("{train} --quiet"));
    folder.ok(&format!("{train} --quiet --resume --force"));
    assert!(folder.read("model") == reference.read("model"));
}

#[cfg(target_os = "linux")]
#[test]
fn a_file_limit_is_an_error_of_the_write() {
    let folder = trained();
    let before = folder.read("m");
    for arguments in [
        "train t.csv --target kind --epochs 1 --quiet --hidden 64,64 -o q",
        "train t.csv --target kind --epochs 1 --quiet --hidden 64,64 -o m --force",
        "train t.csv --target kind --epochs 3 --quiet --hidden 64,64 --checkpoint-every 1 -o q",
        "datasets diabetes -o d.csv",
        "predict m t.csv --keep id,length,width,color,kind -o p.csv --quiet",
        "predict m t.csv --format json -o p.json --quiet",
        "evaluate m t.csv --report e.html",
    ] {
        let ended = ran(folder.by_shell("ulimit -f 4", arguments).output().unwrap());
        assert_eq!(ended.code, Some(1), "{arguments}: {}", ended.stderr);
        assert!(
            ended.stderr.to_lowercase().contains("file too large"),
            "{arguments}: {}",
            ended.stderr
        );
    }
    assert!(folder.read("m") == before);
    let names = fs::read_dir(folder.path(""))
        .unwrap()
        .map(|entry| entry.unwrap().file_name());
    let names: Vec<String> = names.map(|name| name.into_string().unwrap()).collect();
    assert!(!names.iter().any(|name| name.contains(".tmp-")), "{names:?}");
}

#[cfg(target_os = "linux")]
#[test]
fn signals_that_are_ignored_stay_ignored() {
    let folder = Sandbox::new();
    let train = format!("{} --quiet", crate::signals::TRAIN);
    let child = folder.by_shell("trap '' INT HUP TERM", &train).spawn().unwrap();
    crate::signals::wait_for_checkpoint(&folder);
    for name in ["INT", "HUP", "TERM"] {
        crate::signals::signal(&child, name);
    }
    let ended = ran(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0), "{}", ended.stderr);
}
