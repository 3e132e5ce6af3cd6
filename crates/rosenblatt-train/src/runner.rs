//! The two ways to run a [`Recipe`]: plans compiled once over a store, or graphs computed as they are built.

use std::collections::BTreeMap;

use rosenblatt_autodiff::plan::{Options, Outcome, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Graph};
use rosenblatt_tensor::machine::TaskTime;
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::recipe::{Built, Leaves, Recipe, Work};
use rosenblatt_autodiff::Execution;

/// Runs works of one recipe, and holds what lives from step to step.
pub(crate) struct Runner {
    recipe: Recipe,
    way: Way,
}

enum Way {
    Static {
        store: Variables,
        plans: Vec<Compiled>,
    },
    Dynamic {
        /// Lent to the graph of each run.
        engine: Option<Engine>,
        state: BTreeMap<String, Tensor>,
        /// Outputs of the last run.
        outputs: Vec<Tensor>,
    },
}

/// A work for a number of rows, compiled.
struct Compiled {
    work: Work,
    batch: usize,
    plan: Plan,
}

impl Runner {
    /// Prepares the given works for the given numbers of rows: a static runner compiles them all now.
    ///
    /// # Errors
    /// The network does not fit its input.
    pub(crate) fn new(recipe: Recipe, engine: Engine, execution: Execution, works: &[(Work, usize)]) -> Result<Self> {
        let way = match execution {
            Execution::Dynamic => Way::Dynamic {
                engine: Some(engine),
                state: BTreeMap::new(),
                outputs: Vec::new(),
            },
            Execution::Static => {
                let mut store = Variables::new(engine);
                let mut plans: Vec<Compiled> = Vec::new();
                for &(work, batch) in works {
                    if batch > 0 && plans.iter().all(|known| (known.work, known.batch) != (work, batch)) {
                        plans.push(Compiled {
                            work,
                            batch,
                            plan: compile(&recipe, work, batch, &mut store)?,
                        });
                    }
                }
                Way::Static { store, plans }
            }
        };
        Ok(Self { recipe, way })
    }

    /// What it runs.
    pub(crate) fn recipe(&self) -> &Recipe {
        &self.recipe
    }

    /// Number of threads.
    pub(crate) fn threads(&self) -> usize {
        match &self.way {
            Way::Static { store, .. } => store.threads(),
            Way::Dynamic { engine, .. } => engine.as_ref().map_or(1, Engine::threads),
        }
    }

    /// The plan of a work, if it was compiled.
    pub(crate) fn plan(&self, work: Work, batch: usize) -> Option<&Plan> {
        match &self.way {
            Way::Static { plans, .. } => find(plans, work, batch).map(|at| &plans[at].plan),
            Way::Dynamic { .. } => None,
        }
    }

    /// Runs a work once; `inputs` are those of [`Recipe::inputs`].
    ///
    /// # Errors
    /// An input does not fit, or the work was not prepared.
    pub(crate) fn run(&mut self, work: Work, batch: usize, inputs: &[&Tensor]) -> Result<Outcome> {
        match &mut self.way {
            Way::Static { store, plans } => {
                let at = find(plans, work, batch).ok_or_else(|| unprepared(work, batch))?;
                plans[at].plan.run(store, inputs)
            }
            Way::Dynamic { engine, state, outputs } => {
                let lent = engine.take().ok_or_else(|| Error::internal("an engine was lost"))?;
                let graph = Graph::dynamic_on(lent);
                let done = compute(&self.recipe, &graph, (work, batch), inputs, state);
                *engine = graph.into_engine();
                let done = done?;
                *outputs = done.outputs;
                state.extend(done.updates);
                Ok(done.outcome)
            }
        }
    }

    /// Runs a compiled work once and adds how long each of its tasks took.
    ///
    /// # Errors
    /// As [`Runner::run`]; [`rosenblatt_tensor::ErrorKind::Unsupported`] for a dynamic runner, which has no tasks.
    pub(crate) fn run_timed(
        &mut self,
        (work, batch): (Work, usize),
        inputs: &[&Tensor],
        times: &mut [TaskTime],
    ) -> Result<Outcome> {
        let Way::Static { store, plans } = &mut self.way else {
            return Err(Error::unsupported("timing the tasks of a dynamic run"));
        };
        let at = find(plans, work, batch).ok_or_else(|| unprepared(work, batch))?;
        plans[at].plan.run_timed(store, inputs, times)
    }

    /// An output of the last run, a single number; static runs allocate nothing for it.
    ///
    /// # Errors
    /// No such output, or not one number.
    pub(crate) fn number(&self, work: Work, batch: usize, output: usize) -> Result<f64> {
        match &self.way {
            Way::Static { store, plans } => {
                let at = find(plans, work, batch).ok_or_else(|| unprepared(work, batch))?;
                plans[at].plan.number(store, output)
            }
            Way::Dynamic { outputs, .. } => outputs.get(output).ok_or_else(|| unprepared(work, batch))?.item(),
        }
    }

    /// A copy of an output of the last run.
    ///
    /// # Errors
    /// No such output.
    pub(crate) fn output(&self, work: Work, batch: usize, output: usize) -> Result<Tensor> {
        match &self.way {
            Way::Static { store, plans } => {
                let at = find(plans, work, batch).ok_or_else(|| unprepared(work, batch))?;
                plans[at].plan.output(store, output)
            }
            Way::Dynamic { outputs, .. } => outputs.get(output).cloned().ok_or_else(|| unprepared(work, batch)),
        }
    }

    /// A copy of a state in its logical layout.
    ///
    /// # Errors
    /// No such state.
    pub(crate) fn read(&self, name: &str) -> Result<Tensor> {
        match &self.way {
            Way::Static { store, .. } => store.read(name),
            Way::Dynamic { state, .. } => state
                .get(name)
                .cloned()
                .ok_or_else(|| Error::internal(format!("no state is called `{name}`"))),
        }
    }

    /// Gives a state a value.
    ///
    /// # Errors
    /// No such state, or of another shape.
    pub(crate) fn write(&mut self, name: &str, value: &Tensor) -> Result<()> {
        match &mut self.way {
            Way::Static { store, .. } => store.write(name, value),
            Way::Dynamic { state, .. } => {
                state.insert(name.to_owned(), value.clone());
                Ok(())
            }
        }
    }
}

fn unprepared(work: Work, batch: usize) -> Error {
    Error::internal(format!("{work:?} of {batch} rows was not prepared"))
}

fn find(plans: &[Compiled], work: Work, batch: usize) -> Option<usize> {
    plans
        .iter()
        .position(|known| known.work == work && known.batch == batch)
}

fn compile(recipe: &Recipe, work: Work, batch: usize, store: &mut Variables) -> Result<Plan> {
    compile_on(&Graph::new(Execution::Static), recipe, work, batch, store)
}

/// Compiles a work on a graph of the caller's, who may look at it.
pub(crate) fn compile_on(
    graph: &Graph,
    recipe: &Recipe,
    work: Work,
    batch: usize,
    store: &mut Variables,
) -> Result<Plan> {
    let Built {
        inputs,
        outputs,
        updates,
        check,
    } = recipe.build(graph, work, batch, Leaves::Symbols)?;
    let updates = updates.into_iter().map(|(_, old, new)| (old, new)).collect();
    Plan::compile(
        &Signature {
            inputs,
            outputs,
            updates,
            check,
        },
        store,
        &Options::default(),
    )
}

/// What a dynamic run has computed.
struct Done {
    outcome: Outcome,
    outputs: Vec<Tensor>,
    updates: Vec<(String, Tensor)>,
}

fn compute(
    recipe: &Recipe,
    graph: &Graph,
    (work, batch): (Work, usize),
    inputs: &[&Tensor],
    state: &BTreeMap<String, Tensor>,
) -> Result<Done> {
    let built = recipe.build(graph, work, batch, Leaves::Values { inputs, state })?;
    let outputs = built
        .outputs
        .iter()
        .map(|output| output.value())
        .collect::<Result<Vec<_>>>()?;
    let finite = built
        .check
        .map_or(Ok(true), |check| check.value()?.item().map(f64::is_finite))?;
    if !finite {
        return Ok(Done {
            outcome: Outcome::Stopped,
            outputs,
            updates: Vec::new(),
        });
    }
    let bad = graph.not_finite();
    let outcome = if bad.is_empty() {
        Outcome::Done
    } else {
        Outcome::NotFinite(bad)
    };
    let updates = built
        .updates
        .into_iter()
        .map(|(name, _, new)| Ok((name, new.value()?)))
        .collect::<Result<_>>()?;
    Ok(Done {
        outcome,
        outputs,
        updates,
    })
}
