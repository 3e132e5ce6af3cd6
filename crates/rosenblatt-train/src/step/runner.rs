//! The two ways to run a step: plans compiled once over variables, or graphs computed as they are built.

use std::collections::BTreeMap;

use rosenblatt_autodiff::plan::{Options, Plan, RunStatus, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Type};
use rosenblatt_tensor::machine::TaskTime;
use rosenblatt_tensor::{Error, Result, Tensor};

use super::{Bindings, StepBuilder};

/// Runs the steps of one builder, and holds what lives from step to step.
pub(crate) struct Runner<B: StepBuilder> {
    builder: B,
    prepared: Vec<B::Kind>,
    backend: Backend<B::Kind>,
}

enum Backend<K> {
    Static {
        variables: Variables,
        plans: Vec<(K, Plan)>,
    },
    Dynamic {
        /// Lent to the graph of each run.
        engine: Option<Engine>,
        variables: BTreeMap<String, Tensor>,
        /// Outputs of the last run.
        outputs: Vec<Tensor>,
    },
}

impl<B: StepBuilder> Runner<B> {
    /// A runner of no steps yet.
    pub(crate) fn new(builder: B, engine: Engine, execution: Execution) -> Self {
        let backend = match execution {
            Execution::Dynamic => Backend::Dynamic {
                engine: Some(engine),
                variables: BTreeMap::new(),
                outputs: Vec::new(),
            },
            Execution::Static => Backend::Static {
                variables: Variables::new(engine),
                plans: Vec::new(),
            },
        };
        Self {
            builder,
            prepared: Vec::new(),
            backend,
        }
    }

    /// Prepares a step: a static runner compiles it now, unless it has.
    ///
    /// # Errors
    /// What it is made of does not fit together.
    pub(crate) fn prepare(&mut self, kind: B::Kind) -> Result<()> {
        if self.is_prepared(kind) {
            return Ok(());
        }
        if let Backend::Static { variables, plans } = &mut self.backend {
            let plan = compile_on(&Graph::new(Execution::Static), &self.builder, kind, variables)?;
            plan.reserve_in(variables)?;
            plans.push((kind, plan));
        }
        self.prepared.push(kind);
        Ok(())
    }

    /// What it runs.
    pub(crate) fn builder(&self) -> &B {
        &self.builder
    }

    /// Number of threads.
    pub(crate) fn threads(&self) -> usize {
        match &self.backend {
            Backend::Static { variables, .. } => variables.threads(),
            Backend::Dynamic { engine, .. } => engine.as_ref().map_or(1, Engine::threads),
        }
    }

    /// Whether a step was prepared.
    pub(crate) fn is_prepared(&self, kind: B::Kind) -> bool {
        self.prepared.contains(&kind)
    }

    /// How many steps were prepared.
    pub(crate) fn prepared(&self) -> usize {
        self.prepared.len()
    }

    /// Whether a variable is there already.
    pub(crate) fn has_value(&self, name: &str) -> bool {
        match &self.backend {
            Backend::Static { variables, .. } => variables.names().any(|known| known == name),
            Backend::Dynamic { variables, .. } => variables.contains_key(name),
        }
    }

    /// Whether a variable has a place: a static runner has those that a compiled step uses.
    pub(crate) fn holds(&self, name: &str) -> bool {
        match &self.backend {
            Backend::Static { variables, .. } => variables.names().any(|known| known == name),
            Backend::Dynamic { .. } => true,
        }
    }

    /// The plan of a step, if it was compiled.
    pub(crate) fn plan(&self, kind: B::Kind) -> Option<&Plan> {
        match &self.backend {
            Backend::Static { plans, .. } => find(plans, kind).map(|at| &plans[at].1),
            Backend::Dynamic { .. } => None,
        }
    }

    /// Runs a step once; `inputs` are those of [`StepBuilder::inputs`].
    ///
    /// # Errors
    /// An input does not fit, or the step was not prepared.
    pub(crate) fn run(&mut self, kind: B::Kind, inputs: &[&Tensor]) -> Result<RunStatus> {
        match &mut self.backend {
            Backend::Static { variables, plans } => {
                let at = find(plans, kind).ok_or_else(|| unprepared(kind))?;
                plans[at].1.run(variables, inputs)
            }
            Backend::Dynamic {
                engine,
                variables,
                outputs,
            } => {
                let lent = engine.take().ok_or_else(|| Error::internal("an engine was lost"))?;
                let graph = Graph::dynamic_on(lent);
                let done = compute(&self.builder, &graph, kind, inputs, variables);
                *engine = graph.into_engine();
                let done = done?;
                *outputs = done.outputs;
                variables.extend(done.updates);
                Ok(done.outcome)
            }
        }
    }

    /// Runs a compiled step once and adds how long each of its tasks took.
    ///
    /// # Errors
    /// As [`Runner::run`]; [`rosenblatt_tensor::ErrorKind::Unsupported`] for a dynamic runner, which has no tasks.
    pub(crate) fn run_timed(&mut self, kind: B::Kind, inputs: &[&Tensor], times: &mut [TaskTime]) -> Result<RunStatus> {
        let Backend::Static { variables, plans } = &mut self.backend else {
            return Err(Error::unsupported("timing the tasks of a dynamic run"));
        };
        let at = find(plans, kind).ok_or_else(|| unprepared(kind))?;
        plans[at].1.run_timed(variables, inputs, times)
    }

    /// An output of the last run of a step, a single number; static runs allocate nothing for it.
    ///
    /// # Errors
    /// No such output, or not one number.
    pub(crate) fn number(&self, kind: B::Kind, output: usize) -> Result<f64> {
        match &self.backend {
            Backend::Static { variables, plans } => {
                let at = find(plans, kind).ok_or_else(|| unprepared(kind))?;
                plans[at].1.number(variables, output)
            }
            Backend::Dynamic { outputs, .. } => outputs.get(output).ok_or_else(|| unprepared(kind))?.item(),
        }
    }

    /// A copy of an output of the last run of a step.
    ///
    /// # Errors
    /// No such output.
    pub(crate) fn output(&self, kind: B::Kind, output: usize) -> Result<Tensor> {
        match &self.backend {
            Backend::Static { variables, plans } => {
                let at = find(plans, kind).ok_or_else(|| unprepared(kind))?;
                plans[at].1.output(variables, output)
            }
            Backend::Dynamic { outputs, .. } => outputs.get(output).cloned().ok_or_else(|| unprepared(kind)),
        }
    }

    /// A copy of a variable in its logical layout.
    ///
    /// # Errors
    /// No such variable.
    pub(crate) fn read(&self, name: &str) -> Result<Tensor> {
        match &self.backend {
            Backend::Static { variables, .. } => variables.read(name),
            Backend::Dynamic { variables, .. } => variables
                .get(name)
                .cloned()
                .ok_or_else(|| Error::config(format!("no variable is called `{name}`"))),
        }
    }

    /// Gives a variable a value.
    ///
    /// # Errors
    /// No such variable, or of another shape.
    pub(crate) fn write(&mut self, name: &str, value: &Tensor) -> Result<()> {
        match &mut self.backend {
            Backend::Static { variables, .. } => variables.write(name, value),
            Backend::Dynamic { variables, .. } => {
                variables.insert(name.to_owned(), value.clone());
                Ok(())
            }
        }
    }
}

fn unprepared(kind: impl std::fmt::Debug) -> Error {
    Error::internal(format!("{kind:?} was not prepared"))
}

fn find<K: PartialEq>(plans: &[(K, Plan)], kind: K) -> Option<usize> {
    plans.iter().position(|(known, _)| *known == kind)
}

/// Compiles a step on a graph of the caller's, who may look at it.
///
/// # Errors
/// What the step is made of does not fit together.
pub(crate) fn compile_on<B: StepBuilder>(
    graph: &Graph,
    builder: &B,
    kind: B::Kind,
    variables: &mut Variables,
) -> Result<Plan> {
    let inputs = Bindings::Symbols.inputs(graph, &builder.inputs(kind)?)?;
    let step = builder.build(graph, kind, &inputs, Bindings::Symbols)?;
    if let Some(error) = graph.error() {
        return Err(error);
    }
    let signature = Signature {
        inputs,
        outputs: step.outputs,
        updates: step.updates.into_iter().map(|(_, old, new)| (old, new)).collect(),
        check: step.check,
    };
    Plan::compile(&signature, variables, &Options::default())
}

/// The types of the outputs of a step.
///
/// # Errors
/// What the step is made of does not fit together.
pub(crate) fn outputs_on<B: StepBuilder>(graph: &Graph, builder: &B, kind: B::Kind) -> Result<Vec<Type>> {
    let inputs = Bindings::Symbols.inputs(graph, &builder.inputs(kind)?)?;
    let step = builder.build(graph, kind, &inputs, Bindings::Symbols)?;
    let types = step.outputs.iter().map(|output| output.ty()).collect();
    graph.error().map_or(Ok(types), Err)
}

/// What a dynamic run has computed.
struct Done {
    outcome: RunStatus,
    outputs: Vec<Tensor>,
    updates: Vec<(String, Tensor)>,
}

fn compute<B: StepBuilder>(
    builder: &B,
    graph: &Graph,
    kind: B::Kind,
    inputs: &[&Tensor],
    variables: &BTreeMap<String, Tensor>,
) -> Result<Done> {
    let bindings = Bindings::Values { inputs, variables };
    let vars = bindings.inputs(graph, &builder.inputs(kind)?)?;
    let step = builder.build(graph, kind, &vars, bindings)?;
    if let Some(error) = graph.error() {
        return Err(error);
    }
    let outputs = step
        .outputs
        .iter()
        .map(|output| output.value())
        .collect::<Result<Vec<_>>>()?;
    let finite = step
        .check
        .map_or(Ok(true), |check| check.value()?.item().map(f64::is_finite))?;
    if !finite {
        return Ok(Done {
            outcome: RunStatus::Stopped,
            outputs,
            updates: Vec::new(),
        });
    }
    let bad = graph.not_finite();
    let outcome = if bad.is_empty() {
        RunStatus::Done
    } else {
        RunStatus::NotFinite(bad)
    };
    let updates = step.updates.into_iter().map(|(name, _, new)| Ok((name, new.value()?)));
    Ok(Done {
        outcome,
        outputs,
        updates: updates.collect::<Result<_>>()?,
    })
}
