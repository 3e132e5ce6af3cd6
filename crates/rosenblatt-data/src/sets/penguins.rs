//! Palmer penguins.

use super::{Content, Set};

pub(super) const SET: Set = Set {
    name: "penguins",
    description: "Which of three species a penguin is, from its measures, sex and island; some values are missing.",
    task: "classification",
    rows: 344,
    features: "5 numbers, 2 categories",
    target: "species",
    source: "Horst, Hill, Gorman: palmerpenguins. 2020",
    licence: "CC0-1.0",
    content: Content::Csv(include_bytes!("../../data/penguins.csv")),
};
