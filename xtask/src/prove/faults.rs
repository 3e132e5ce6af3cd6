//! A wrong derivative of any op or entry is caught.

use super::{Proof, suite};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "faults",
    claim: "A wrong derivative of any op, activation, loss, layer or penalty is caught, and a wrong gradient of any optimizer.",
    run: |context| {
        context.args.finish()?;
        suite::prove(context, "-p rosenblatt-autodiff --test all", &["faults::"])?;
        suite::prove_checked(context, "-p rosenblatt-nn --test every_entry", &["faults::"])
    },
};
