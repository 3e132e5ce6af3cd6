//! Every op and every entry of every registry obeys its laws.

use super::{Proof, suite};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "laws",
    claim: "Derivatives of every op obey the laws that relate them, and every entry of every registry those of its kind.",
    run: |context| {
        context.args.finish()?;
        suite::prove(
            context,
            "-p rosenblatt-autodiff --test all",
            &["every_op::", "every_activation::"],
        )?;
        suite::prove_checked(context, "-p rosenblatt-nn --test every_entry", &["every_"])
    },
};
