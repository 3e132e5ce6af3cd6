//! Tensors, kernels, the machine that runs them, random numbers and the one error.
