//! What is said about how good a model is, beside the guess that needs no model.

use rosenblatt_report::{Details, Judged, MetricLine, Report};
use rosenblatt_testkit::{Random, assert_close};

use crate::{class, quantity, report_of, small, tame};

#[test]
fn the_sentence_says_what_from_what_how_good_and_beside_which_guess() {
    let (report, trained) = report_of(&tame(400, class), &small(), Some(0.25));
    let accuracy = trained.model.metadata().metrics["test"]["accuracy"];
    let Details::Classes(classes) = &report.judgment.details else {
        panic!("{:?}", report.judgment.details)
    };
    let is_guess = |figures: &&rosenblatt_report::ClassFigures| figures.name == "middle";
    let frequent = classes.figures.iter().find(is_guess).unwrap().rows;
    assert!(
        report
            .sentence
            .contains("`y` from 2 other columns: on 100 test rows, which it did not learn from")
    );
    let shares = [format!("{:.1} %", 100.0 * accuracy), format!("{frequent}.0 %")];
    assert!(
        shares.iter().all(|share| report.sentence.contains(share)) && report.sentence.contains("`middle`"),
        "{shares:?}: {}",
        report.sentence
    );
    assert_eq!((report.judgment.part, report.judgment.rows), (Judged::Test, 100));
    assert_eq!(metric(&report, "roc_auc").guess, 0.5);
    // Every row is called the same class: one of three is always right.
    assert_close(metric(&report, "balanced_accuracy").guess, 1.0 / 3.0, 1e-15);

    let (report, _) = report_of(&tame(400, quantity), &small(), None);
    assert_eq!(report.judgment.part, Judged::Valid);
    assert!(report.sentence.contains("on 80 validation rows") && report.sentence.contains("root mean square"));
    assert!(matches!(report.judgment.details, Details::Numbers(_)));
}

/// Two numbers, and a target that has nothing to do with them: mostly one class, or a quantity around 0.
fn noise(target: fn(f64) -> String) -> String {
    let mut random = Random::new(11);
    let mut unit = || (random.bits() >> 11) as f64 / (1u64 << 53) as f64;
    let lines = (0..400).map(|_| format!("{:.3},{:.3},{}\n", unit(), unit(), target(unit())));
    format!("a,b,y\n{}", lines.collect::<String>())
}

/// Judged by rows that decided nothing: what is learned from noise is of no use there.
#[test]
fn a_model_that_knows_nothing_is_called_so_and_no_other() {
    let classes = noise(|unit| ["seldom", "often"][usize::from(unit < 0.75)].to_owned());
    let quantities = noise(|unit| format!("{:.3}", unit - 0.5));
    let why = [
        "always answering `often`, the most frequent class",
        "the mean of the training rows",
    ];
    for (table, why) in [classes, quantities].iter().zip(why) {
        let (report, _) = report_of(table, &small(), Some(0.25));
        let sentence = &report.sentence;
        assert!(
            sentence.contains("which is no better than always answering"),
            "{sentence}"
        );
        assert!(sentence.contains(why), "{sentence}");
    }
    for target in [class, quantity] {
        let (report, _) = report_of(&tame(400, target), &small(), Some(0.25));
        assert!(!report.sentence.contains("no better"), "{}", report.sentence);
        assert!(
            report.sentence.contains(", while always answering `"),
            "{}",
            report.sentence
        );
    }
}

/// A line of the metrics.
#[track_caller]
fn metric<'r>(report: &'r Report, name: &str) -> &'r MetricLine {
    report.judgment.metrics.iter().find(|line| line.name == name).unwrap()
}

#[test]
fn the_trivial_guess_is_that_of_the_training_rows() {
    let csv = tame(400, quantity);
    let (report, _) = report_of(&csv, &small(), Some(0.25));
    let line = |name: &str| metric(&report, name);
    // R² of a constant is at most 0, and 0 only if it is the mean of the evaluated rows themselves.
    assert!((-0.2..=0.0).contains(&line("r2").guess), "{:?}", line("r2"));
    assert!(line("rmse").guess > line("mae").guess && line("rmse").beats_guess());
    assert!(!line("rmse").higher_is_better && line("r2").higher_is_better);
    assert_eq!(report.judgment.metrics[0].name, "rmse");
}
