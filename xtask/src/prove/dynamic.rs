//! Computing as the program runs gives the bits of the compiled plan.

use super::{Proof, suite};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "dynamic",
    claim: "Computing as the program runs gives the bits of the compiled plan.",
    run: |context| {
        context.args.finish()?;
        suite::prove(context, "-p rosenblatt-autodiff --test dynamic", &[])
    },
};
