//! What could have been chosen.

use std::fmt;

use crate::shell::Outcome;
use crate::trial::Trial;

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

impl Change {
    /// The flags for `train`, added to those of what the preset chose.
    ///
    /// # Errors
    /// If the preset chose nothing under its key.
    pub fn arguments(&self, preset: &Trial) -> Outcome<String> {
        Ok(match self {
            To(arguments) => (*arguments).to_owned(),
            Times(key, factor) => {
                let value = preset.chosen(key).ok_or(format!("the preset chose no {key}"))? * factor;
                // Rates are any numbers, everything else is counted.
                let value = if *key == "lr" { value } else { value.round().max(1.0) };
                format!("--{key} {value}")
            }
        })
    }
}

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
        answer: "Without a hidden layer much is lost; one alone, or two of 32, are too narrow for tables of \
                 numbers. Wider ones take several times as long for nothing; a third layer follows numbers a \
                 little better and costs on classes.",
    },
    Question {
        key: "activation",
        chosen: "gelu",
        instead: &[
            To("--activation relu"),
            To("--activation silu"),
            To("--activation tanh"),
        ],
        answer: "No difference beyond chance: what is smooth follows numbers as well as any, and gelu never \
                 loses much.",
    },
    Question {
        key: "lr",
        chosen: "0.001; a regression 0.003, on 1,000 rows or more 0.005",
        instead: &[Times("lr", 0.3), Times("lr", 3.0), Times("lr", 10.0)],
        answer: "A tenfold step is too large for classes, a third of it too small for numbers. Classes and \
                 numbers differ: with 0.001 the RMSE on `credit`, a nearly exact function of its columns, was \
                 46, with 0.003 it is 28.",
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
        answer: "Plain gradient descent wants a rate for each table. A decay up to 0.1 changes little; 1 is \
                 too much for numbers.",
    },
    Question {
        key: "schedule",
        chosen: "cosine:warmup=0.05",
        instead: &[To("--schedule constant"), To("--schedule linear")],
        answer: "Every schedule does: training stops early. The cosine is kept since it also ends at rest \
                 where nothing stops it.",
    },
    Question {
        key: "batch-size",
        chosen: "32; on 10,000 rows or more: 256",
        instead: &[
            Times("batch-size", 0.5),
            Times("batch-size", 2.0),
            Times("batch-size", 4.0),
        ],
        answer: "Smaller batches are as good and take longer on large tables; larger ones lose on small \
                 tables of numbers.",
    },
    Question {
        key: "epochs",
        chosen: "about 3,000 steps, a fifth of that times the classes if these are more than five; a regression on 1,000 rows or \
                 more 10,000; 10 to 200 epochs",
        instead: &[Times("epochs", 0.5), Times("epochs", 2.0)],
        answer: "Half is too little for numbers. Twice as many gain on small tables of numbers, within what \
                 chance does, and take as much longer.",
    },
    Question {
        key: "early-stopping",
        chosen: "a fifth of the epochs, at least 10",
        instead: &[
            Times("early-stopping", 0.5),
            Times("early-stopping", 5.0),
            To("--early-stopping 0"),
        ],
        answer: "The most important choice: without it small tables are overfitted. How long one waits \
                 hardly matters.",
    },
    Question {
        key: "valid-fraction",
        chosen: "0.2",
        instead: &[To("--valid-fraction 0.1"), To("--valid-fraction 0.3")],
        answer: "A tenth is too few rows to choose the best epoch by on small tables, three tenths are missed \
                 in training.",
    },
    Question {
        key: "dropout",
        chosen: "0",
        instead: &[To("--dropout 0.1"), To("--dropout 0.3")],
        answer: "Small gains on classes, losses on numbers: left out, since early stopping does most of its \
                 work.",
    },
    Question {
        key: "norm",
        chosen: "none",
        instead: &[To("--norm batch"), To("--norm layer")],
        answer: "Batch normalization gains on digits and loses much on numbers, whose scale it takes away.",
    },
    Question {
        key: "numeric",
        chosen: "standardize",
        instead: &[To("--set data.numeric_scale='robust_scale'")],
        answer: "Drawing in what lies far out helps some tables of classes, and costs where it is the large \
                 values that matter.",
    },
    Question {
        key: "quantiles_from",
        chosen: "1000 training rows: numbers are also given by their rank",
        instead: &[To("--quantiles-from 0"), To("--quantiles-from 1000000000")],
        answer: "",
    },
    Question {
        key: "soft_clip",
        chosen: "true",
        instead: &[To("--set data.soft_clip=false")],
        answer: "",
    },
    Question {
        key: "linear_path",
        chosen: "true for numbers, but with the loss poisson",
        instead: &[To("--set model.linear_path=false"), To("--set model.linear_path=true")],
        answer: "",
    },
    Question {
        key: "clip_predictions",
        chosen: "true",
        instead: &[To("--set model.clip_predictions=false")],
        answer: "",
    },
    Question {
        key: "calibrate",
        chosen: "true",
        instead: &[To("--set train.calibrate=false")],
        answer: "",
    },
    Question {
        key: "loss",
        chosen: "poisson for targets without negative numbers and with a long tail, else mse",
        instead: &[To("--loss mse"), To("--loss huber")],
        answer: "",
    },
    Question {
        key: "max_one_hot",
        chosen: "160 categories of a column become a feature each, more are looked up",
        instead: &[
            To("--set data.max_one_hot=8"),
            To("--set data.max_one_hot=40"),
            To("--set data.max_one_hot=10000"),
        ],
        answer: "Two of the tables have columns with more than 40 categories (`adult`: countries; `flights`: \
                 aircraft, destinations). Learned numbers for few categories cost; for thousands they are as \
                 good as a feature each, and a fraction of the work. On generated tables of a category and \
                 two numbers both were alike at 160 categories.",
    },
];
