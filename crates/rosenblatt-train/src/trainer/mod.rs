//! A training loop of one's own: a step is made from a closure that gives the loss of a batch.

mod known;
mod objective;
mod state;
mod values;

use crate::Params;
use rosenblatt_autodiff::plan::RunStatus;
use rosenblatt_autodiff::{Execution, Var};
use rosenblatt_nn::init::FanInUniform;
use rosenblatt_nn::optimize::Optimize;
use rosenblatt_nn::schedules::At;
use rosenblatt_nn::{Entry, Initializer, Scope};
use rosenblatt_tensor::{Error, Result, Tensor};

use crate::options::RunOptions;
use crate::step::Runner;
use known::Known;
use objective::{Objective, StepKind, StepSignature};

pub use state::TrainerState;

/// The most plans a trainer compiles: one for each shape of a batch, for steps and for gradients.
const MAX_PLANS: usize = 64;
/// Before the name of an averaged parameter.
const EMA: &str = "ema.";
/// Before the name of what the optimizer keeps.
const OPTIMIZER: &str = "optimizer.";

/// Trains what a closure computes: `loss(scope, batch)`.
///
/// The closure asks its [`Scope`] for parameters by name, by itself or by applying layers. The trainer finds them, gives them
/// initial values, differentiates the loss, and updates them by its [`Optimize`]. Buffers (batch normalization) and
/// randomness (dropout) are handled inside. A batch of a new shape is compiled once; at most 64 shapes are kept compiled.
///
/// Learners that are not a gradient step use the same interface: [`Scope::update`] sets a parameter inside the closure (the
/// perceptron rule, Hebb's rule, contrastive divergence), and [`Trainer::gradient`] with [`Trainer::set_params`] serves
/// drivers that choose their own step (L-BFGS).
///
/// # Shapes
/// `N` arrays of any shapes: inputs, targets, masks. Parameters have the type of the first array of floating-point numbers,
/// f32 if there is none. The closure returns a scalar, or losses whose mean is taken.
///
/// # Numerics
/// The same bits for every number of threads and both ways to run; [`Trainer::state`] resumes a loop exactly.
///
/// # Example
/// ```
/// use rosenblatt_nn::layers::{Linear, Sequential};
/// use rosenblatt_nn::optimizers::Adam;
/// use rosenblatt_nn::{Entry, optimize::OptimizeExt as _};
/// use rosenblatt_tensor::Tensor;
/// use rosenblatt_train::Trainer;
///
/// let x = Tensor::from_vec((0..32).map(|i| i as f32 / 16.0 - 1.0).collect(), &[16, 2])?;
/// let y = Tensor::from_vec((0..16).map(|i| (i % 4) as f32).collect(), &[16])?;
/// let net = Sequential::new().then(Linear::new(8)).then(Entry::named("tanh")?).then(Linear::new(1));
/// let mut trainer = Trainer::new(Adam::default().lr(0.01), 0, |m, [x, y]| {
///     let error = m.apply("layers", &net, x).reshape(&y.shape()) - y;
///     (error * error).mean_all()
/// });
/// let first = trainer.step([&x, &y])?;
/// for _ in 0..100 {
///     trainer.step([&x, &y])?;
/// }
/// assert!(trainer.step([&x, &y])? < first / 2.0);
/// assert_eq!(trainer.params()?["layers.0.weight"].shape()[..], [8, 2]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub struct Trainer<F, const N: usize>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    /// What will run, until the first batch is seen.
    objective: Option<Objective<F, N>>,
    runner: Option<Runner<Objective<F, N>>>,
    options: RunOptions,
    init: Entry<dyn Initializer>,
    bias_init: Entry<dyn Initializer>,
    seed: u64,
    step: u64,
    total: Option<u64>,
    observed: Vec<f64>,
    /// Values for tensors that no batch has asked for yet, and for those that no plan needs.
    waiting: Params,
    /// Whether `waiting` is of a [`TrainerState`]: it may have tensors that only a later batch asks for.
    restored: bool,
    /// Tensors that a batch has asked for, in that order.
    known: Vec<Known>,
    /// Names of the parameters that are differentiated, in the order of the outputs of [`StepKind::Gradient`].
    differentiated: Vec<(StepSignature<N>, Vec<String>)>,
}

impl<F, const N: usize> Trainer<F, N>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    /// A trainer at step 0; `seed` decides initial values and randomness.
    ///
    /// A closure in a variable must be marked with [`rosenblatt_nn::transform::function`].
    pub fn new(optimize: impl Into<Optimize>, seed: u64, loss: F) -> Self {
        Self {
            objective: Some(Objective::new(loss, optimize.into())),
            runner: None,
            options: RunOptions::default(),
            init: FanInUniform {}.into(),
            bias_init: FanInUniform {}.into(),
            seed,
            step: 0,
            total: None,
            observed: Vec::new(),
            waiting: Params::new(),
            restored: false,
            known: Vec::new(),
            differentiated: Vec::new(),
        }
    }

    /// The same with threads, instruction set and way to run as in `options`; after the first batch they stay as they are.
    #[must_use]
    pub fn options(mut self, options: &RunOptions) -> Self {
        self.options = options.clone();
        self
    }

    /// The same, run so; both ways give the same bits.
    #[must_use]
    pub fn execution(mut self, execution: Execution) -> Self {
        self.options.execution = execution;
        self
    }

    /// The same with other initial values of weights and biases; without it those of PyTorch's `Linear`.
    #[must_use]
    pub fn init(
        mut self,
        weights: impl Into<Entry<dyn Initializer>>,
        biases: impl Into<Entry<dyn Initializer>>,
    ) -> Self {
        (self.init, self.bias_init) = (weights.into(), biases.into());
        self
    }

    /// The same with the number of steps of the whole run, which some schedules need.
    #[must_use]
    pub fn total_steps(mut self, steps: u64) -> Self {
        self.total = Some(steps);
        self
    }

    /// The same, beginning with these parameters and buffers; others get their initial values. The first batch asks for all
    /// of them, or it is an error.
    #[must_use]
    pub fn start_from(mut self, params: Params) -> Self {
        self.waiting.extend(params);
        self
    }

    /// One step on a batch; returns the loss before it.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if the closure's shapes do not fit; [`rosenblatt_tensor::ErrorKind::Config`]
    /// for settings out of range, groups whose path fits no parameter, or too many shapes of batches;
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if the loss or a gradient is not finite: a loss that is not changes nothing.
    #[track_caller]
    pub fn step(&mut self, batch: [&Tensor; N]) -> Result<f64> {
        let kind = StepSignature::of(StepKind::Step, batch);
        self.prepare(kind)?;
        let outcome = self.run(kind, batch)?;
        let at = |error: Error| error.within(format!("step {}", self.step + 1));
        match outcome {
            RunStatus::Done => {}
            RunStatus::Stopped => {
                let message = "the loss is not finite; parameters are as before the step";
                return Err(at(Error::not_finite(message)).hint("lower the learning rate, or look at the batch"));
            }
            RunStatus::NotFinite(names) => {
                let message = format!("the gradient of {} is not finite", names.join(", "));
                return Err(
                    at(Error::not_finite(message)).hint("lower the learning rate, or clip gradients by their norm")
                );
            }
        }
        self.step += 1;
        self.running()?.number(kind, 0)
    }

    /// The loss of a batch and its gradient by every parameter; nothing changes, and randomness is that of the next step.
    ///
    /// # Errors
    /// As [`Trainer::step`]; a loss that is not finite is returned, not an error.
    #[track_caller]
    pub fn gradient(&mut self, batch: [&Tensor; N]) -> Result<(f64, Params)> {
        let kind = StepSignature::of(StepKind::Gradient, batch);
        self.prepare(kind)?;
        self.run(kind, batch)?;
        let runner = self.running()?;
        let found = self.differentiated.iter().find(|(known, _)| *known == kind);
        let (_, names) = found.ok_or_else(lost)?;
        let gradient = |(i, name): (usize, &String)| Ok((name.clone(), runner.output(kind, i + 1)?));
        let gradients = names.iter().enumerate().map(gradient).collect::<Result<_>>()?;
        Ok((runner.number(kind, 0)?, gradients))
    }

    /// The loss of a batch as in prediction: no dropout, running averages of batch normalization; nothing changes.
    ///
    /// # Errors
    /// As [`Trainer::step`]; a loss that is not finite is returned, not an error.
    #[track_caller]
    pub fn evaluate(&mut self, batch: [&Tensor; N]) -> Result<f64> {
        let kind = StepSignature::of(StepKind::Evaluate, batch);
        self.prepare(kind)?;
        self.run(kind, batch)?;
        self.running()?.number(kind, 0)
    }

    /// Tells the schedule a metric, for example the validation loss after an epoch; see [`rosenblatt_nn::schedules::Plateau`].
    pub fn observe(&mut self, metric: f64) {
        self.observed.push(metric);
    }

    /// Steps taken.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.step
    }

    /// The learning rate of the next step.
    ///
    /// # Errors
    /// The schedule needs to know the number of steps, and [`Trainer::total_steps`] was not called.
    pub fn learning_rate(&self) -> Result<f64> {
        self.builder()?.optimize().rate(&self.at())
    }

    fn at(&self) -> At<'_> {
        At {
            step: self.step,
            total: self.total,
            observed: &self.observed,
        }
    }

    fn builder(&self) -> Result<&Objective<F, N>> {
        let builder = self.runner.as_ref().map(Runner::builder);
        builder.or(self.objective.as_ref()).ok_or_else(lost)
    }

    fn running(&self) -> Result<&Runner<Objective<F, N>>> {
        self.runner.as_ref().ok_or_else(lost)
    }

    /// Compiles what a batch of new shapes needs, and gives new tensors their values. An error changes nothing.
    #[track_caller]
    fn prepare(&mut self, kind: StepSignature<N>) -> Result<()> {
        if self.runner.is_none() {
            self.builder()?.optimize().check()?;
            let engine = self.options.engine()?;
            let objective = self.objective.take().ok_or_else(lost)?;
            self.runner = Some(Runner::new(objective, engine, self.options.execution));
        }
        let runner = self.running()?;
        if runner.is_prepared(kind) {
            return Ok(());
        }
        if self.options.execution == Execution::Static && runner.prepared() >= MAX_PLANS {
            let message = format!("batches of {MAX_PLANS} different shapes were compiled, and this is another");
            let hint = "pad or cut batches to a few shapes, or use dynamic execution";
            return Err(Error::config(message).hint(hint));
        }
        let asked = runner.builder().variables(kind, self.init.needs_gain())?;
        let values = self.first_values(&asked)?;
        self.runner.as_mut().ok_or_else(lost)?.prepare(kind)?;
        if let Some(names) = kind.differentiated(&asked) {
            self.differentiated.push((kind, names));
        }
        self.begin(asked, values)
    }

    fn run(&mut self, kind: StepSignature<N>, batch: [&Tensor; N]) -> Result<RunStatus> {
        let cells = self.builder()?.step_inputs(kind, self.seed, &self.at())?;
        let runner = self.runner.as_mut().ok_or_else(lost)?;
        let batch = batch.map(Tensor::contiguous);
        let inputs: Vec<&Tensor> = batch.iter().chain(&cells).collect();
        runner.run(kind, &inputs)
    }
}

/// A loss in a variable, for [`Trainer::new`]: `let loss = objective(|m, [x, y]| …)`. It returns `loss` as it is; without it
/// Rust gives such a closure one lifetime instead of any.
///
/// # Example
/// ```
/// use rosenblatt_nn::optimizers::Sgd;
/// use rosenblatt_train::{Trainer, objective};
/// let loss = objective(|m, [x]| (x * m.weight("w", &[2])).mean_all());
/// let mut trainer = Trainer::new(Sgd::default(), 0, loss);
/// assert!(trainer.step([&[1.0, 2.0].into()])?.is_finite());
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn objective<F, const N: usize>(loss: F) -> F
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    loss
}

fn lost() -> Error {
    Error::internal("a trainer lost what it runs")
}
