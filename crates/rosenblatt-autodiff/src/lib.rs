//! Graphs of primitives, their derivatives, and the plan that runs them.
