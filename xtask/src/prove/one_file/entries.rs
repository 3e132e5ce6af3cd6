//! The new entries, and which tests must ask for their golden numbers.

/// A new file and its lines.
pub struct Entry {
    /// Of the file and the entry.
    pub name: &'static str,
    pub folder: &'static str,
    pub text: &'static str,
    /// What the list gains: the line before which it goes, and the new one.
    pub lines: &'static [(&'static str, &'static str)],
    /// A setting that is refused.
    pub out_of_range: Option<&'static str>,
}

const POINTWISE: &str = "crates/rosenblatt-autodiff/src/pointwise";

pub const ENTRIES: &[Entry] = &[
    Entry {
        name: "cube",
        folder: POINTWISE,
        text: include_str!("cube.rs"),
        lines: &[
            ("mod derivative;", "mod cube;\n"),
            ("pub use derivative::Derivative;", "pub use cube::Cube;\n"),
            ("            ELU = Elu, elu;", "            CUBE = Cube, cube;\n"),
        ],
        out_of_range: None,
    },
    Entry {
        name: "scaled_tanh",
        folder: POINTWISE,
        text: include_str!("scaled_tanh.rs"),
        lines: &[
            ("mod selu;", "mod scaled_tanh;\n"),
            ("pub use selu::Selu;", "pub use scaled_tanh::ScaledTanh;\n"),
            (
                "            SELU = Selu, selu;",
                "            SCALED_TANH = ScaledTanh, scaled_tanh;\n",
            ),
        ],
        out_of_range: Some("--activation scaled_tanh:-1"),
    },
    Entry {
        name: "charbonnier",
        folder: "crates/rosenblatt-nn/src/losses",
        text: include_str!("charbonnier.rs"),
        lines: &[
            ("mod classes;", "mod charbonnier;\n"),
            ("pub use crammer_singer::", "pub use charbonnier::Charbonnier;\n"),
            (
                "    Registration::<dyn Loss>::of::<CrammerSinger>(),",
                "    Registration::<dyn Loss>::of::<Charbonnier>(),\n",
            ),
        ],
        out_of_range: Some("--loss charbonnier:epsilon=0"),
    },
    Entry {
        name: "bounded",
        folder: "crates/rosenblatt-nn/src/optimizers",
        text: include_str!("bounded.rs"),
        lines: &[
            ("mod lbfgs;", "mod bounded;\n"),
            ("pub use lbfgs::Lbfgs;", "pub use bounded::Bounded;\n"),
            (
                "    Registration::<dyn Optimizer>::of::<Lbfgs>(),",
                "    Registration::<dyn Optimizer>::of::<Bounded>(),\n",
            ),
        ],
        out_of_range: Some("--optimizer bounded:beta=1"),
    },
    Entry {
        name: "inverse_time",
        folder: "crates/rosenblatt-nn/src/schedules",
        text: include_str!("inverse_time.rs"),
        lines: &[
            ("mod invscaling;", "mod inverse_time;\n"),
            (
                "pub use invscaling::InvScaling;",
                "pub use inverse_time::InverseTime;\n",
            ),
            (
                "    Registration::<dyn Schedule>::of::<InvScaling>(),",
                "    Registration::<dyn Schedule>::of::<InverseTime>(),\n",
            ),
        ],
        out_of_range: Some("--schedule inverse_time:decay=-1"),
    },
];

/// Tests that failed.
pub struct NeedsNumbers {
    /// Those that hold entries against golden numbers.
    pub failed: Vec<String>,
    /// All others.
    pub other: Vec<String>,
}

/// The tests that compare every entry with numbers of other programs, or with a formula of `truth`: a new one has none yet.
/// `every_activation::NAME` is one, after its laws.
const GOLDEN: [&str; 9] = [
    "activation_units::cube",
    "activation_units::scaled_tanh",
    "activation_values::values_and_derivatives_are_those_of_mpmath",
    "every_activation::cube",
    "every_activation::scaled_tanh",
    "every_loss::values_and_gradients_are_those_of_pytorch",
    "every_optimizer::trajectories_are_those_of_the_references",
    "every_schedule::factors_are_those_of_pytorch_scikit_learn_or_the_papers",
    "every_layer::values_and_gradients_are_those_of_pytorch",
];

/// Sorts the failures of `cargo test`.
pub fn needs_numbers(printed: &str) -> NeedsNumbers {
    let listed = printed.lines().filter_map(|line| line.strip_prefix("    "));
    let failures = listed.filter(|line| line.contains("::") && !line.contains(' '));
    let (mut failed, mut other) = (Vec::new(), Vec::new());
    for test in failures {
        let list = if GOLDEN.contains(&test) {
            &mut failed
        } else {
            &mut other
        };
        if !list.contains(&test.to_owned()) {
            list.push(test.to_owned());
        }
    }
    NeedsNumbers { failed, other }
}
