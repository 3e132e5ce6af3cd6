//! Fashion-MNIST.

use super::{Content, Set};

pub(super) const SET: Set = Set {
    name: "fashion-mnist",
    description: "Which of ten kinds of clothing a picture shows; 10,000 of the pictures are the official test part.",
    task: "classification",
    rows: 70_000,
    features: "28 × 28 pixels",
    target: "label",
    source: "Xiao, Rasul, Vollgraf: Fashion-MNIST. 2017. arXiv:1708.07747",
    licence: "MIT",
    content: Content::Idx {
        classes: &[
            "T-shirt/top",
            "Trouser",
            "Pullover",
            "Dress",
            "Coat",
            "Sandal",
            "Shirt",
            "Sneaker",
            "Bag",
            "Ankle boot",
        ],
        package: "dataset-fashion-mnist",
    },
};
