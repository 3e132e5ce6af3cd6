//! What a training run leaves on a terminal: a chart of the loss, and the last epochs.

use rosenblatt_train::Record;
use rosenblatt_train::text::number;

use super::table;

/// Columns of the chart at most: with names and numbers a line fits 80.
const COLUMNS: usize = 38;
/// Epochs that are listed.
const EPOCHS: usize = 3;

const BLOCKS: [char; 8] = ['▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
/// For terminals that cannot show blocks.
const ASCII: [char; 8] = ['_', '.', ':', '-', '=', '+', '*', '#'];

/// Names of the values of an epoch, as [`Record::get`] takes them and as people read them: first the loss.
pub(super) fn values(record: &Record) -> Vec<(String, String)> {
    let score = record.train.score().map(|(name, _)| name);
    let parts = [("", "train"), ("valid.", "validation"), ("test.", "test")];
    let of = |(prefix, part): (&str, &str)| {
        let named = |name: &str| (format!("{prefix}{name}"), format!("{part} {name}"));
        ["loss"].into_iter().chain(score).map(named).collect::<Vec<_>>()
    };
    let all = parts.into_iter().flat_map(of);
    all.filter(|(key, _)| record.get(key).is_some()).collect()
}

/// A line of blocks for each loss, and a table of the last epochs, `best` marked.
pub(super) fn summary(history: &[Record], epochs: usize, best: Option<usize>, unicode: bool) -> String {
    let levels = if unicode { BLOCKS } else { ASCII };
    charts(history, levels) + &last_epochs(history, epochs, best)
}

fn charts(history: &[Record], levels: [char; 8]) -> String {
    let curve = |key: &str| {
        history
            .iter()
            .filter_map(|record| record.get(key))
            .collect::<Vec<f64>>()
    };
    let curves = [("train loss", curve("loss")), ("validation loss", curve("valid.loss"))];
    let shown: Vec<_> = curves.into_iter().filter(|(_, values)| values.len() > 1).collect();
    let finite = shown
        .iter()
        .flat_map(|(_, values)| values)
        .filter(|value| value.is_finite());
    let (low, high) = finite.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &value| {
        (low.min(value), high.max(value))
    });
    let log = low > 0.0 && high > 10.0 * low;
    let scale = |value: f64| if log { value.ln() } else { value };
    let block = |value: f64| {
        let share = (scale(value) - scale(low)) / (scale(high) - scale(low));
        // NaN becomes 0, infinity the highest.
        levels[((share * levels.len() as f64) as usize).min(levels.len() - 1)]
    };
    let row = |(name, values): (&str, Vec<f64>)| {
        let columns = values.len().min(COLUMNS);
        let at = |column: usize| values[(column + 1) * values.len() / columns - 1];
        let ends = [values[0], values[values.len() - 1]].map(number);
        let drawn: String = (0..columns).map(|column| block(at(column))).collect();
        [name.to_owned(), ends[0].clone(), drawn, ends[1].clone()]
    };
    let mut text = table(0, &shown.into_iter().map(row).collect::<Vec<_>>());
    if log {
        text += "                 (logarithmic scale)\n";
    }
    text
}

fn last_epochs(history: &[Record], epochs: usize, best: Option<usize>) -> String {
    let Some(last) = history.last() else {
        return String::new();
    };
    let values = values(last);
    let names = values.iter().map(|(_, name)| name.clone());
    let header: Vec<String> = ["epoch".to_owned()]
        .into_iter()
        .chain(names)
        .chain([String::new()])
        .collect();
    let row = |record: &Record| {
        let numbers = values
            .iter()
            .map(|(key, _)| record.get(key).map(number).unwrap_or_default());
        let mark = if best == Some(record.epoch) { "best" } else { "" };
        let first = format!("{}/{epochs}", record.epoch);
        [first].into_iter().chain(numbers).chain([mark.to_owned()]).collect()
    };
    let is_shown = |record: &&Record| record.epoch + EPOCHS > last.epoch || best == Some(record.epoch);
    let rows: Vec<Vec<String>> = [header]
        .into_iter()
        .chain(history.iter().filter(is_shown).map(row))
        .collect();
    table(0, &rows)
}

#[cfg(test)]
mod tests {
    use rosenblatt_train::Metrics;

    use super::*;

    fn record(epoch: usize, loss: f64, valid: f64) -> Record {
        let metrics = |loss| Metrics::from_iter([("loss", loss), ("accuracy", 0.5)]);
        Record::new(epoch, metrics(loss), Some(metrics(valid)), None, 0.1)
    }

    #[test]
    fn a_run_leaves_its_losses_and_last_epochs() {
        let history: Vec<Record> = (1..=8).map(|i| record(i, 9.0 - i as f64, 4.5)).collect();
        let text = summary(&history, 10, Some(2), true);
        let expected = "\
train loss       8.0000  █▇▆▅▄▃▂▁  1.0000
validation loss  4.5000  ▅▅▅▅▅▅▅▅  4.5000
epoch  train loss  train accuracy  validation loss  validation accuracy
2/10   7.0000      0.5000          4.5000           0.5000               best
6/10   3.0000      0.5000          4.5000           0.5000
7/10   2.0000      0.5000          4.5000           0.5000
8/10   1.0000      0.5000          4.5000           0.5000
";
        assert_eq!(text, expected);
        assert!(summary(&history, 10, None, false).contains("  #*+=-:._  "));
    }

    #[test]
    fn a_chart_of_any_run_fits() {
        let numbers = [f64::NAN, f64::INFINITY, 0.0, -1.0, 1e-300, 1e300, 1.0];
        for length in [0, 1, 2, 37, 38, 39, 1000] {
            let at = |i: usize| record(i + 1, numbers[i % 7], numbers[i * 3 % 7]);
            let history: Vec<Record> = (0..length).map(at).collect();
            let text = summary(&history, length, Some(1), true);
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
            assert_eq!(text.is_empty(), length == 0);
        }
        let falling: Vec<Record> = (1..=100).map(|i| record(i, 10_f64.powf(-(i as f64)), 1.0)).collect();
        let text = summary(&falling, 100, None, true);
        assert!(text.contains("logarithmic") && text.contains("█▇▇"), "{text}");
    }
}
