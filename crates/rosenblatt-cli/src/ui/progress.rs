//! How a training run goes on.

use std::io::{self, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use rosenblatt_train::callbacks::Observer;
use rosenblatt_train::{Record, Records, Run, Warning};

use super::{chart, number};
use crate::warnings::message;

/// The bar: epoch and loss, rows a second, time to go.
const TEMPLATE: &str = "{prefix} {wide_bar} {msg}  {rows}/s  {eta} left";

/// Watches a run and shows it on stderr.
pub(crate) struct Progress(Style);

enum Style {
    Silent,
    Lines { epochs: usize },
    Bar(Box<Bar>),
}

struct Bar {
    bar: ProgressBar,
    begun: bool,
    /// What is left on the terminal at the end.
    history: Records,
    epochs: usize,
    best: Option<usize>,
}

impl Progress {
    /// Warnings only.
    pub(super) fn silent() -> Self {
        Self(Style::Silent)
    }

    /// One line an epoch.
    pub(super) fn lines(epochs: usize) -> Self {
        Self(Style::Lines { epochs })
    }

    /// A bar that moves.
    pub(super) fn bar() -> Self {
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        if let Ok(style) = ProgressStyle::with_template(TEMPLATE) {
            let rows = |state: &ProgressState, to: &mut dyn std::fmt::Write| {
                let _ = write!(to, "{:.0} rows", state.per_sec());
            };
            bar.set_style(style.with_key("rows", rows));
        }
        Self(Style::Bar(Box::new(Bar {
            bar,
            begun: false,
            history: Records::default(),
            epochs: 0,
            best: None,
        })))
    }

    fn move_bar(&mut self, run: &Run<'_>) {
        let Style::Bar(shown) = &mut self.0 else { return };
        let Bar { bar, begun, .. } = &mut **shown;
        let rows = |steps: u64| steps * run.batch_size() as u64;
        if !*begun {
            // A resumed run must not count the rows of its earlier life as done in no time.
            bar.set_length(rows((run.batches() * run.epochs()) as u64));
            bar.set_position(rows(run.step()));
            bar.reset_eta();
            *begun = true;
        }
        bar.set_position(rows(run.step()));
        bar.set_prefix(format!(
            "epoch {}/{}",
            run.epoch().min(run.epochs() - 1) + 1,
            run.epochs()
        ));
        bar.set_message(match run.history().last() {
            _ if run.batch() > 0 => format!(
                "batch {}/{}  train loss {}",
                run.batch(),
                run.batches(),
                number(run.metrics().loss())
            ),
            Some(epoch) => format!("train loss {}", number(epoch.train.loss())),
            None => String::new(),
        });
    }
}

impl Observer for Progress {
    fn warning(&mut self, warning: &Warning) {
        let text = format!("warning: {}", message(warning));
        match &self.0 {
            Style::Silent | Style::Lines { .. } => line(&text),
            Style::Bar(shown) => shown.bar.suspend(|| line(&text)),
        }
    }

    fn resumed(&mut self, step: u64) {
        let text = format!("note: resumed after step {step}");
        match &self.0 {
            Style::Silent => {}
            Style::Lines { .. } => line(&text),
            Style::Bar(shown) => shown.bar.suspend(|| line(&text)),
        }
    }

    fn step(&mut self, run: &Run<'_>) {
        self.move_bar(run);
    }

    fn epoch(&mut self, epoch: &Record, run: &Run<'_>) {
        match &mut self.0 {
            Style::Silent => {}
            Style::Lines { epochs } => line(&describe(epoch, *epochs, run.best_epoch() == Some(epoch.epoch))),
            Style::Bar(shown) => {
                (shown.epochs, shown.best) = (run.epochs(), run.best_epoch());
                match shown.history.is_empty() {
                    true => shown.history = run.history().clone(),
                    false => shown.history.push(epoch.clone(), shown.best),
                }
            }
        }
        self.move_bar(run);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Style::Bar(shown) = &self.0 {
            shown.bar.finish_and_clear();
            let summary = chart::summary(&shown.history, shown.epochs, shown.best, shows_blocks());
            let _ = write!(io::stderr(), "{summary}");
        }
    }
}

/// Whether the terminal says that it shows more than ASCII.
fn shows_blocks() -> bool {
    let value = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(value)
        .unwrap_or_default();
    let locale = locale.to_ascii_lowercase().replace('-', "");
    locale.ends_with("utf8") && value("TERM").is_none_or(|term| term != "dumb")
}

fn line(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// `epoch  3/20  train loss 0.1234, train accuracy 0.9500, validation loss 0.2000  0.01 s  best so far`.
fn describe(record: &Record, epochs: usize, best: bool) -> String {
    let width = epochs.to_string().len();
    let value = |(key, name): (String, String)| Some(format!("{name} {}", number(record.get(&key)?)));
    let values: Vec<String> = chart::values(record).into_iter().filter_map(value).collect();
    format!(
        "epoch {:>width$}/{epochs}  {}  {:.2} s{}",
        record.epoch,
        values.join(", "),
        record.seconds,
        if best { "  best so far" } else { "" }
    )
}

#[cfg(test)]
mod tests {
    use rosenblatt_train::Metrics;

    use super::*;

    #[test]
    fn a_line_names_every_number() {
        let metrics = |loss| Metrics::from_iter([("loss", loss), ("accuracy", 0.5)]);
        let epoch = Record::new(3, metrics(0.25), Some(metrics(0.5)), None, 0.123);
        let line = "epoch  3/20  train loss 0.2500, train accuracy 0.5000, validation loss 0.5000, \
                    validation accuracy 0.5000  0.12 s";
        assert_eq!(describe(&epoch, 20, false), line);
        assert_eq!(describe(&epoch, 20, true), format!("{line}  best so far"));
    }
}
