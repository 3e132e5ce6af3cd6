//! Progression of diabetes.

use super::{Content, Set};

pub(super) const SET: Set = Set {
    name: "diabetes",
    description: "How far diabetes has gone after a year, from age, sex, body mass, blood pressure and six blood tests.",
    task: "regression",
    rows: 442,
    features: "10 numbers",
    target: "progression",
    source: "Efron, Hastie, Johnstone, Tibshirani: Least Angle Regression. 2004; unscaled, as in scikit-learn",
    licence: "BSD-3-Clause",
    content: Content::Csv(include_bytes!("../../data/diabetes.csv")),
};
