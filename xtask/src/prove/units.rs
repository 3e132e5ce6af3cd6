//! Errors of activations over all f32.

use super::{Proof, suite};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "units",
    claim: "Over all f32, no activation is off by more than its documentation says, alone, fused, and by every instruction set.",
    run: |context| {
        context.args.finish()?;
        suite::prove(context, "-p rosenblatt-autodiff --test all", &["activation_units::"])?;
        suite::prove(context, "-p rosenblatt-nn --test every_entry", &["learned_units::"])
    },
};
