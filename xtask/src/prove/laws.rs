//! Derivatives of every op obey the laws that relate them.

use super::{Proof, suite};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "laws",
    claim: "Derivatives of every op obey the laws that relate them.",
    run: |context| {
        context.args.finish()?;
        suite::prove(context, "-p rosenblatt-autodiff --test all", &["every_op::"])
    },
};
