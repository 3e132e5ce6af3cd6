//! An engine in a process of its own. See `benches/peers/peer.py` for the conversation.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::Value;

use super::{Task, Unit};
use crate::program::target_folder;
use crate::python;
use crate::shell::{self, Outcome, cargo};

/// A running engine. It ends when its stdin closes.
pub struct Peer {
    name: &'static str,
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

/// What an engine says of one round.
pub struct Round {
    /// Time of the training alone.
    pub seconds: f64,
    /// Mean loss of its last epoch.
    pub loss: f64,
    /// Optimizer steps, if the engine reports them.
    pub steps: Option<f64>,
}

impl Round {
    /// The figure to report.
    ///
    /// # Errors
    /// If the loss is not finite (such a training was no training), or steps are needed and not reported.
    pub fn figure(&self, unit: Unit) -> Outcome<f64> {
        if !self.loss.is_finite() {
            return Err("the loss is not finite".into());
        }
        match unit {
            Unit::SecondsAnEpoch => Ok(self.seconds),
            Unit::MicrosecondsAStep => Ok(self.seconds * 1e6 / self.steps.ok_or("the peer did not tell its `steps`")?),
        }
    }
}

impl Peer {
    /// All engines, ready for this task.
    ///
    /// # Errors
    /// If one cannot be built or started.
    pub fn start_all(task: &Task) -> Outcome<Vec<Self>> {
        shell::run(&mut cargo("build --quiet --release -p rosenblatt --example peer_round"))?;
        let ours = Command::new(target_folder()?.join("release/examples/peer_round"));
        let torch = python::script("benches/peers/torch_round.py")?;
        let mut all = vec![
            Self::start("rosenblatt", ours, task)?,
            Self::start("PyTorch", torch, task)?,
        ];
        if task.has_jax {
            all.push(Self::start("JAX", python::script("benches/peers/jax_mlp.py")?, task)?);
        }
        Ok(all)
    }

    fn start(name: &'static str, mut command: Command, task: &Task) -> Outcome<Self> {
        command
            .args(task.arguments.split_whitespace())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped());
        let mut child = command.spawn().map_err(|error| format!("{name}: {error}"))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(format!("{name}: no pipes").into());
        };
        Ok(Self {
            name,
            child,
            stdin: Some(stdin),
            stdout: BufReader::new(stdout),
        })
    }

    /// Its name in the report.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Trains one round.
    ///
    /// # Errors
    /// If the process ended or answered something else.
    pub fn round(&mut self) -> Outcome<Round> {
        let stdin = self.stdin.as_mut().ok_or("the conversation is over")?;
        stdin
            .write_all(b"round\n")
            .map_err(|error| format!("{}: {error}", self.name))?;
        stdin.flush()?;
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        let answer: Value =
            serde_json::from_str(&line).map_err(|error| format!("{}: `{}`: {error}", self.name, line.trim()))?;
        let number = |key: &str| answer[key].as_f64();
        let missing = |key: &str| format!("{}: no `{key}` in `{}`", self.name, line.trim());
        Ok(Round {
            seconds: number("seconds").ok_or_else(|| missing("seconds"))?,
            loss: number("loss").ok_or_else(|| missing("loss"))?,
            steps: number("steps"),
        })
    }
}

impl Drop for Peer {
    fn drop(&mut self) {
        drop(self.stdin.take());
        // It ends by itself when its stdin closes; nothing is left to do if it cannot be waited for.
        let _ = self.child.wait();
    }
}
