//! A step: what is computed for some rows, built once and run in one of two ways.
//!
//! A [`StepBuilder`] puts one kind of step on a graph. On a static graph the result is compiled and run many times; on a
//! dynamic one it has been computed when `build` returns. Only the [`Bindings`] differ, so both give the same bits.
//! [`Runner`] does either and holds the variables.

mod bindings;
mod runner;

use std::fmt::Debug;

use rosenblatt_autodiff::{Graph, Type, Var};
use rosenblatt_tensor::Result;

pub(crate) use bindings::Bindings;
pub(crate) use runner::{Runner, compile_on, outputs_on};

/// Puts steps on graphs.
pub(crate) trait StepBuilder {
    /// Which step: what is computed, and for inputs of which types.
    type Kind: Copy + PartialEq + Debug;

    /// Names and types of what is given for each run.
    ///
    /// # Errors
    /// A size is beyond every machine.
    fn inputs(&self, kind: Self::Kind) -> Result<Vec<(String, Type)>>;

    /// Puts a step on a graph, given its inputs in the order of [`StepBuilder::inputs`].
    ///
    /// # Errors
    /// What it is made of does not fit together.
    fn build<'g>(
        &self,
        graph: &'g Graph,
        kind: Self::Kind,
        inputs: &[Var<'g>],
        bindings: Bindings<'g>,
    ) -> Result<StepGraph<'g>>;
}

/// A step on a graph.
#[derive(Default)]
pub(crate) struct StepGraph<'g> {
    /// Read after a run.
    pub(crate) outputs: Vec<Var<'g>>,
    /// Variables and their next values.
    pub(crate) updates: Vec<Update<'g>>,
    /// Must be finite before anything changes.
    pub(crate) check: Option<Var<'g>>,
}

/// Name, old and new value of a variable.
pub(crate) type Update<'g> = (String, Var<'g>, Var<'g>);
