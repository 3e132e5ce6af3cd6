//! Fisher's iris flowers.

use super::{Content, Set};

pub(super) const SET: Set = Set {
    name: "iris",
    description: "Which of three species an iris is, from the length and width of its sepals and petals in cm.",
    task: "classification",
    rows: 150,
    features: "4 numbers",
    target: "species",
    source: "Fisher: The Use of Multiple Measurements in Taxonomic Problems. 1936; as in scikit-learn",
    licence: "BSD-3-Clause",
    content: Content::Csv(include_bytes!("../../data/iris.csv")),
};
