//! Metrics of a model and of the baseline, and the sentences about them.

use rosenblatt_report::{ClassMetrics, Details, MetricLine, Report, Split};
use rosenblatt_testkit::{Random, assert_close};

use crate::{class, quantity, report_of, small, tame};

#[test]
fn the_summary_has_target_features_metric_and_baseline() {
    let (report, trained) = report_of(&tame(400, class), &small(), Some(0.25));
    let accuracy = trained.model.metadata().metrics["test"]["accuracy"];
    let Details::Classification(classes) = &report.evaluation.details else {
        panic!("{:?}", report.evaluation.details)
    };
    let is_baseline = |class: &&ClassMetrics| class.name == "middle";
    let frequent = classes.by_class.iter().find(is_baseline).unwrap().support;
    assert!(
        report
            .summary
            .contains("`y` from 2 other columns. On 100 test rows, not used in training, its accuracy is ")
    );
    let shares = [format!("{:.1} %", 100.0 * accuracy), format!("{frequent}.0 %")];
    assert!(
        shares.iter().all(|share| report.summary.contains(share)) && report.summary.contains("`middle`"),
        "{shares:?}: {}",
        report.summary
    );
    assert_eq!((report.evaluation.split, report.evaluation.rows), (Split::Test, 100));
    assert_eq!(metric(&report, "roc_auc").baseline, 0.5);
    // All predictions are the same class: one recall of three is 1, the others are 0.
    assert_close(metric(&report, "balanced_accuracy").baseline, 1.0 / 3.0, 1e-15);

    let (report, _) = report_of(&tame(400, quantity), &small(), None);
    assert_eq!(report.evaluation.split, Split::Validation);
    assert!(
        report
            .summary
            .contains("On 80 validation rows, its root mean squared error is")
    );
    assert!(matches!(report.evaluation.details, Details::Regression(_)));
}

/// Two numbers, and a target that has nothing to do with them: mostly one class, or a quantity around 0.
fn noise(target: fn(f64) -> String) -> String {
    let mut random = Random::new(11);
    let mut unit = || (random.bits() >> 11) as f64 / (1u64 << 53) as f64;
    let lines = (0..400).map(|_| format!("{:.3},{:.3},{}\n", unit(), unit(), target(unit())));
    format!("a,b,y\n{}", lines.collect::<String>())
}

/// Evaluated on test rows: what is learned from noise is of no use there.
#[test]
fn a_model_of_noise_is_no_better_than_the_baseline() {
    let classes = noise(|unit| ["seldom", "often"][usize::from(unit < 0.75)].to_owned());
    let quantities = noise(|unit| format!("{:.3}", unit - 0.5));
    let why = [
        "always predicting `often` (the most frequent class) has",
        "the mean of the training rows",
    ];
    for (table, why) in [classes, quantities].iter().zip(why) {
        let (report, _) = report_of(table, &small(), Some(0.25));
        let sentence = &report.summary;
        assert!(
            sentence.contains("which is no better than the baseline: always predicting"),
            "{sentence}"
        );
        assert!(sentence.contains(why), "{sentence}");
    }
    for target in [class, quantity] {
        let (report, _) = report_of(&tame(400, target), &small(), Some(0.25));
        assert!(!report.summary.contains("no better"), "{}", report.summary);
        assert!(
            report.summary.contains(". The baseline, always predicting `"),
            "{}",
            report.summary
        );
    }
}

/// A line of the metrics.
#[track_caller]
fn metric<'r>(report: &'r Report, name: &str) -> &'r MetricLine {
    report.evaluation.metrics.iter().find(|line| line.name == name).unwrap()
}

#[test]
fn the_baseline_is_that_of_the_training_rows() {
    let csv = tame(400, quantity);
    let (report, _) = report_of(&csv, &small(), Some(0.25));
    let line = |name: &str| metric(&report, name);
    // R² of a constant is at most 0, and 0 only if it is the mean of the evaluated rows themselves.
    assert!((-0.2..=0.0).contains(&line("r2").baseline), "{:?}", line("r2"));
    assert!(line("rmse").baseline > line("mae").baseline && line("rmse").beats_baseline());
    assert!(!line("rmse").higher_is_better && line("r2").higher_is_better);
    assert_eq!(report.evaluation.metrics[0].name, "rmse");
}
