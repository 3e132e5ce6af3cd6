//! Handwritten digits, 8 by 8.

use super::{Content, Set};

pub(super) const SET: Set = Set {
    name: "digits",
    description: "Which digit was written by hand, from 8 by 8 pixels with 17 gray levels.",
    task: "classification",
    rows: 1797,
    features: "64 numbers",
    target: "digit",
    source: "Alpaydin, Kaynak: Optical Recognition of Handwritten Digits, the test part. 1998; as in scikit-learn",
    licence: "BSD-3-Clause",
    content: Content::Csv(include_bytes!("../../data/digits.csv.gz")),
};
