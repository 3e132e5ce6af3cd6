//! How a training run goes on.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressState, ProgressStyle};
use rosenblatt_train::callbacks::Observer;
use rosenblatt_train::{Metrics, Record, Run, Warning};

use super::number;
use crate::warnings::message;

/// The bar: epoch and loss, rows a second, time to go.
const TEMPLATE: &str = "{prefix} {wide_bar} {msg}  {rows}/s  {eta} left";

/// Watches a run and shows it on stderr.
pub(crate) struct Progress(Style);

enum Style {
    Silent,
    Lines { epochs: usize },
    Bar { bar: ProgressBar, begun: bool },
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
        Self(Style::Bar { bar, begun: false })
    }

    fn move_bar(&mut self, run: &Run<'_>) {
        let Style::Bar { bar, begun } = &mut self.0 else { return };
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
                "batch {}/{}  loss {}",
                run.batch(),
                run.batches(),
                number(run.metrics().loss())
            ),
            Some(epoch) => format!("loss {}", number(epoch.train.loss())),
            None => String::new(),
        });
    }
}

impl Observer for Progress {
    fn warning(&mut self, warning: &Warning) {
        let text = format!("warning: {}", message(warning));
        match &self.0 {
            Style::Silent | Style::Lines { .. } => line(&text),
            Style::Bar { bar, .. } => bar.suspend(|| line(&text)),
        }
    }

    fn resumed(&mut self, step: u64) {
        let text = format!("note: resumed after step {step}");
        match &self.0 {
            Style::Silent => {}
            Style::Lines { .. } => line(&text),
            Style::Bar { bar, .. } => bar.suspend(|| line(&text)),
        }
    }

    fn step(&mut self, run: &Run<'_>) {
        self.move_bar(run);
    }

    fn epoch(&mut self, epoch: &Record, run: &Run<'_>) {
        if let Style::Lines { epochs } = self.0 {
            line(&describe(epoch, epochs));
        }
        self.move_bar(run);
    }
}

impl Drop for Progress {
    fn drop(&mut self) {
        if let Style::Bar { bar, .. } = &self.0 {
            bar.finish_and_clear();
        }
    }
}

fn line(text: &str) {
    let _ = writeln!(io::stderr(), "{text}");
}

/// `epoch  3/20  loss 0.1234, accuracy 0.9500  validation 0.2000, 0.9000  0.01 s`.
fn describe(record: &Record, epochs: usize) -> String {
    let width = epochs.to_string().len();
    let score = record.train.score().map(|(name, _)| name.to_owned());
    let values = |metrics: &Metrics| {
        let score = score.as_ref().and_then(|name| metrics.get(name));
        (number(metrics.loss()), score.map(number).unwrap_or_default())
    };
    let (loss, value) = values(&record.train);
    let mut text = format!("epoch {:>width$}/{epochs}  loss {loss}", record.epoch);
    if let Some(name) = &score {
        let _ = write!(text, ", {name} {value}");
    }
    for (name, metrics) in [("validation", &record.valid), ("test", &record.test)] {
        if let Some((loss, value)) = metrics.as_ref().map(values) {
            let _ = write!(text, "  {name} {loss}, {value}");
        }
    }
    let _ = write!(text, "  {:.2} s", record.seconds);
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_names_the_part_of_every_metric() {
        let metrics = |loss| Metrics::from_iter([("loss", loss), ("accuracy", 0.5)]);
        let epoch = Record::new(3, metrics(0.25), Some(metrics(0.5)), None, 0.123);
        assert_eq!(
            describe(&epoch, 20),
            "epoch  3/20  loss 0.2500, accuracy 0.5000  validation 0.5000, 0.5000  0.12 s"
        );
    }
}
