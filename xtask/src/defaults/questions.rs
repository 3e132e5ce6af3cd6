//! What could have been chosen.

use std::fmt;

/// A choice of the preset, and what was tried instead.
pub struct Question {
    /// As the flag is called.
    pub key: &'static str,
    /// What the preset chooses.
    pub chosen: &'static str,
    /// What was tried instead.
    pub instead: &'static [Change],
    /// What follows.
    pub answer: &'static str,
}

/// A setting that differs from what the preset chooses.
pub enum Change {
    /// More arguments.
    To(&'static str),
    /// So many times what the preset chose under this key.
    Times(&'static str, f64),
}
use Change::{Times, To};

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            To(arguments) => write!(f, "`{arguments}`"),
            Times(key, factor) => write!(f, "{factor} × `--{key}`"),
        }
    }
}

/// Every choice, in the order of the page.
pub static QUESTIONS: &[Question] = &[
    Question {
        key: "seed",
        chosen: "0",
        instead: &[To("--seed 1"), To("--seed 2")],
        answer: "Nothing but chance: what follows has to differ by more than this.",
    },
    Question {
        key: "hidden",
        chosen: "64,64",
        instead: &[
            To("--hidden none"),
            To("--hidden 64"),
            To("--hidden 32,32"),
            To("--hidden 128,128"),
            To("--hidden 64,64,64"),
        ],
        answer: "",
    },
    Question {
        key: "activation",
        chosen: "gelu",
        instead: &[
            To("--activation relu"),
            To("--activation silu"),
            To("--activation tanh"),
        ],
        answer: "",
    },
    Question {
        key: "lr",
        chosen: "0.001; a regression 0.003, on 1,000 rows or more 0.005",
        instead: &[Times("lr", 0.3), Times("lr", 3.0), Times("lr", 10.0)],
        answer: "",
    },
    Question {
        key: "optimizer",
        chosen: "adamw",
        instead: &[
            To("--optimizer adam"),
            To("--optimizer sgd:momentum=0.9"),
            To("--weight-decay 0.1"),
            To("--weight-decay 1"),
        ],
        answer: "",
    },
    Question {
        key: "schedule",
        chosen: "cosine:warmup=0.05",
        instead: &[To("--schedule constant"), To("--schedule linear")],
        answer: "",
    },
    Question {
        key: "batch-size",
        chosen: "32; on 10,000 rows or more: 256",
        instead: &[
            Times("batch-size", 0.5),
            Times("batch-size", 2.0),
            Times("batch-size", 4.0),
        ],
        answer: "",
    },
    Question {
        key: "epochs",
        chosen: "about 3,000 steps, a regression on 1,000 rows or more 10,000; 10 to 200 epochs",
        instead: &[Times("epochs", 0.5), Times("epochs", 2.0)],
        answer: "",
    },
    Question {
        key: "early-stopping",
        chosen: "a fifth of the epochs, at least 10",
        instead: &[
            Times("early-stopping", 0.5),
            Times("early-stopping", 5.0),
            To("--early-stopping 0"),
        ],
        answer: "",
    },
    Question {
        key: "valid-fraction",
        chosen: "0.2",
        instead: &[To("--valid-fraction 0.1"), To("--valid-fraction 0.3")],
        answer: "",
    },
    Question {
        key: "dropout",
        chosen: "0",
        instead: &[To("--dropout 0.1"), To("--dropout 0.3")],
        answer: "",
    },
    Question {
        key: "norm",
        chosen: "none",
        instead: &[To("--norm batch"), To("--norm layer")],
        answer: "",
    },
    Question {
        key: "numeric",
        chosen: "standardise",
        instead: &[To("--set data.numeric=\"robust_scale\"")],
        answer: "",
    },
];
