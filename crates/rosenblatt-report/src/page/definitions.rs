//! What each metric is.

/// Name of a metric, title, definition.
pub(super) const METRICS: [(&str, &str, &str); 9] = [
    ("accuracy", "accuracy", "share of rows whose predicted class is correct"),
    ("balanced_accuracy", "balanced accuracy", "mean recall of the classes"),
    (
        "brier",
        "Brier score",
        "mean squared error of the predicted probabilities; 0 is perfect, lower is better",
    ),
    ("f1", "F1 (macro)", "mean F1 of the classes; 1 is perfect"),
    (
        "log_loss",
        "log loss",
        "mean negative log-probability of the true class; 0 is perfect, lower is better",
    ),
    (
        "mae",
        "mean absolute error",
        "mean of |predicted − true|, in the unit of the target; lower is better",
    ),
    (
        "r2",
        "R²",
        "share of variance explained; 1 is perfect, 0 is no better than the mean",
    ),
    (
        "rmse",
        "root mean squared error",
        "in the unit of the target; large errors count more; lower is better",
    ),
    (
        "roc_auc",
        "ROC AUC",
        "area under the ROC curve, each class against the rest; 1 is perfect, 0.5 is chance",
    ),
];

/// The title of a metric.
pub(super) fn title(name: &str) -> &str {
    let known = METRICS.iter().find(|(key, ..)| *key == name);
    known.map_or(name, |(_, title, _)| title)
}
