//! Records of epochs.

use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{History, Metrics, Record, RunningMetrics};

use crate::common::{Job, alone};

#[test]
fn a_metric_that_is_not_defined_is_null_in_a_file() {
    let metrics = Metrics::from_iter([("loss", 0.5), ("roc_auc", f64::NAN)]);
    let text = serde_json::to_string(&metrics).unwrap();
    assert_eq!(text, r#"{"loss":0.5,"roc_auc":null}"#);
    let again: Metrics = serde_json::from_str(&text).unwrap();
    assert_eq!(again.get("loss"), Some(0.5));
    assert!(again["roc_auc"].is_nan());
}

/// The figures of an epoch that learns nothing are those of its rows, a short last batch counted by its rows.
#[test]
fn a_short_batch_counts_by_its_rows() {
    for set in ["iris", "diabetes"] {
        let still = Overrides::default().set("optimizer", "sgd").set("learning_rate", 1e-30);
        let job = Job::new(Preset::Plain, set, &still.set("epochs", 1).set("batch_size", 100));
        assert_ne!(job.data.train.len() % 100, 0, "{set} has a short batch");
        let result = job.train(&alone()).unwrap();
        let expected = result.model.evaluate(&job.data.train).unwrap();
        for (name, value) in result.history.epochs[0].train.iter() {
            let expected = expected[name];
            assert!(
                (value - expected).abs() <= 1e-6 * expected.abs(),
                "{set}: {name} {value} {expected}"
            );
        }
    }
}

#[test]
fn sums_of_checkpoints_without_weights_are_read() {
    let before: RunningMetrics = serde_json::from_str(r#"{"loss":3.0,"score":2.0,"rows":4}"#).unwrap();
    assert_eq!(
        (before.loss, before.score, before.rows, before.loss_weight),
        (3.0, 2.0, 4.0, None)
    );
}

#[test]
fn records_read_as_they_are_written_and_as_format_1_wrote_them() {
    let text =
        r#"{"epoch":3,"train":{"accuracy":0.25,"loss":0.5},"valid":{"accuracy":0.5,"loss":0.75},"seconds":0.125}"#;
    let record: Record = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&record).unwrap(), text);
    let mut history = History::default();
    history.epochs.push(record);
    assert_eq!(history.curve("valid.loss"), [0.75]);
    assert_eq!(history.curve("accuracy"), [0.25]);
    assert!(history.curve("test.loss").is_empty());
}
