//! Wisconsin diagnostic breast cancer.

use super::{Content, Set};

pub(super) const SET: Set = Set {
    name: "breast_cancer",
    description: "Whether a breast tumour is malignant, from 30 measures of the cell nuclei in a microscope picture.",
    task: "classification",
    rows: 569,
    features: "30 numbers",
    target: "diagnosis",
    source: "Wolberg, Street, Mangasarian: Breast Cancer Wisconsin (Diagnostic). 1995; as in scikit-learn",
    licence: "BSD-3-Clause",
    content: Content::Csv(include_bytes!("../../data/breast_cancer.csv")),
};
