//! The spec, the fit loop, callbacks, checkpoints and the model file.
