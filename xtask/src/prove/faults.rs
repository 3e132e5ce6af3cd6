//! A wrong derivative of any op is caught.

use super::{Proof, suite};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "faults",
    claim: "A wrong derivative of any op is caught.",
    run: |context| {
        context.args.finish()?;
        suite::prove(context, "-p rosenblatt-autodiff --test all", &["faults::"])
    },
};
