//! What became of a training step when it was compiled.

use rosenblatt_autodiff::plan::Variables;
use rosenblatt_autodiff::{Execution, Graph};
use rosenblatt_tensor::Result;
use serde::Serialize;

use crate::model::Model;
use crate::model::network_step::NetworkStep;
use crate::model::step_kind::StepKind;
use crate::model::weights::Weighting;
use crate::options::RunOptions;
use crate::step::compile_on;
use crate::table::Table;

/// A batch that is looked at has at most this many rows, whatever a file says.
const MAX_ROWS: usize = 1 << 16;

/// How the labels of tasks begin that compute nothing.
const CHECK: &str = "check:";

/// Figures of the compiled training step of a model, for one full batch.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanFigures {
    /// Rows of the batch.
    pub rows: usize,
    /// Nodes of the graph: forward, loss, reverse, optimizer.
    pub graph_nodes: usize,
    /// Tasks of the plan: kernels, and the check that the loss is finite.
    pub tasks: usize,
    /// Kernels of the plan: tasks that compute something.
    pub kernels: usize,
    /// Barriers between threads in a step.
    pub barriers: usize,
    /// Bytes that values between tasks use.
    pub arena_bytes: usize,
    /// Threads that take part: fewer than there are if the step is too small to be shared.
    pub threads: usize,
    /// Threads there are.
    pub max_threads: usize,
    /// The tasks, in their order.
    pub steps: Vec<PlanStep>,
}

/// One task of a plan.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct PlanStep {
    /// What it computes, and which parameter it updates.
    pub label: String,
    /// Whether it is a kernel; otherwise it only looks at a value.
    pub kernel: bool,
    /// Whether threads meet before it.
    pub barrier: bool,
}

impl PlanFigures {
    /// Compiles the training step of a model of tables and looks at it.
    ///
    /// # Errors
    /// The spec does not fit the columns, or describes a network too large for this machine.
    pub fn of(model: &Model, options: &RunOptions) -> Result<Self> {
        let Table { spec, schema, .. } = model.table()?;
        let rows = spec.train.batch_size.min(MAX_ROWS);
        model.check_size().map_err(|error| error.within("model"))?;
        let score = schema.sample_weight.is_some();
        let step = NetworkStep {
            weighting: Weighting {
                loss: score || spec.train.class_weight.is_some(),
                score,
                ignored: None,
            },
            reduction: spec.train.reduction,
            augment: spec.train.augment.clone(),
            mixup: spec.train.mixup.is_some(),
            ..model.step(rows)?
        };
        let (graph, mut variables) = (Graph::new(Execution::Static), Variables::new(options.engine()?));
        let plan = compile_on(&graph, &step, (StepKind::Train, rows), &mut variables)?;
        Ok(Self {
            rows,
            graph_nodes: graph.len(),
            tasks: plan.tasks().count(),
            kernels: plan.kernels(),
            barriers: plan.barriers(),
            arena_bytes: plan.arena_bytes(),
            threads: plan.threads(),
            max_threads: variables.threads(),
            steps: plan.tasks().map(PlanStep::new).collect(),
        })
    }
}

impl PlanStep {
    fn new((label, barrier): (&str, bool)) -> Self {
        Self {
            label: label.to_owned(),
            kernel: !label.starts_with(CHECK),
            barrier,
        }
    }
}
