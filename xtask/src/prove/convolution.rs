//! Convolution and pooling compute what PyTorch does.

use super::{Proof, suite};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "convolution",
    claim: "530 random convolutions and poolings have PyTorch's values and derivatives to the second order, and the same bits however they run.",
    run: |context| {
        context.args.finish()?;
        suite::prove_with_python(context, "-p rosenblatt-nn --test every_entry", &["windows::"])
    },
};
