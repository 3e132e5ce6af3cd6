//! What became of a training step when it was compiled.

use rosenblatt_autodiff::Graph;
use rosenblatt_autodiff::plan::Store;
use rosenblatt_tensor::Result;
use serde::Serialize;

use crate::model_file::About;
use crate::network::Network;
use crate::options::RunOptions;
use crate::recipe::{Recipe, Work};
use crate::runner::compile_on;

/// A batch that is looked at has at most this many rows, whatever a file says.
const MOST_ROWS: usize = 1 << 16;

/// Figures of the compiled training step of a model, for one full batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanFigures {
    /// Rows of the batch.
    pub rows: usize,
    /// Nodes of the graph: forward, loss, reverse, optimiser.
    pub graph_nodes: usize,
    /// Tasks of the plan.
    pub tasks: usize,
    /// Barriers between threads in a step.
    pub barriers: usize,
    /// Bytes that values between tasks use.
    pub arena_bytes: usize,
    /// Threads that take part.
    pub threads: usize,
    /// What each task computes, in their order.
    pub steps: Vec<String>,
}

impl PlanFigures {
    /// Compiles the training step of a model and looks at it.
    ///
    /// # Errors
    /// The spec does not fit the columns.
    pub fn of(about: &About, options: &RunOptions) -> Result<Self> {
        let rows = about.spec.train.batch_size.min(MOST_ROWS);
        let recipe = Recipe::new(&about.spec, Network::of(about)?, &about.schema, rows);
        let (graph, mut store) = (Graph::symbolic(), Store::new(options.engine()?));
        let plan = compile_on(&graph, &recipe, Work::Train, rows, &mut store)?;
        Ok(Self {
            rows,
            graph_nodes: graph.len(),
            tasks: plan.tasks().count(),
            barriers: plan.barriers(),
            arena_bytes: plan.arena_bytes(),
            threads: plan.threads(),
            steps: plan.tasks().map(|(label, _)| label.to_owned()).collect(),
        })
    }
}
