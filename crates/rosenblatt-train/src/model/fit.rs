//! Fitting a model to rows.

use std::ops::ControlFlow;
use std::sync::Arc;

use rosenblatt_data::Batches;
use rosenblatt_nn::{Augmentation, Entry, Metric, TargetKind};
use rosenblatt_tensor::{DType, Error, Result};

use super::data::{Data, integers};
use super::input_type::InputType;
use super::reduction::Reduction;
use super::run::{Finished, Run};
use super::weights::{Weighting, class_index};
use super::{BatchNormStatistics, BatchSource, History, Metadata, Model, RowTypes, check_averages};
use crate::Params;
use crate::callbacks::{Callback, Callbacks, EarlyStopping};
use crate::options::{CheckpointOptions, RunOptions};

/// How a model is fitted: `Fit::epochs(5).batch_size(64)`, or `Fit { seed: 1, ..Fit::default() }` for the other settings.
#[derive(Clone, Debug)]
pub struct Fit {
    /// Passes over the training rows, at least 1.
    pub epochs: usize,
    /// Batch size, at least 1; the last batch of an epoch has what is left. With a solver such as `lbfgs` an epoch is one iteration
    /// over all rows, and this stays as it is by default.
    pub batch_size: usize,
    /// Whether the rows come in another order in each epoch; else in the order they are given.
    pub shuffle: bool,
    /// Batches whose gradients are averaged for one step of the optimizer, at least 1: as a batch of so many times the rows, in
    /// the memory of one. The last step of an epoch has the batches that are left.
    pub accumulate_steps: usize,
    /// From when on weights are averaged, if at all (stochastic weight averaging): below 1 after this share of the epochs, else
    /// from the epoch of this number on. See [`Model::fit`].
    pub swa: Option<f64>,
    /// Decides initial values, order of rows, dropout, and which rows [`Validation::Fraction`] takes.
    pub seed: u64,
    /// Rows to evaluate after each epoch, for early stopping and schedules.
    pub validation: Validation,
    /// Rows to evaluate after each epoch that influence nothing.
    pub test: Option<Data>,
    /// How much the rows of each class count in the loss.
    pub class_weight: Option<ClassWeights>,
    /// What becomes of the losses of a batch.
    pub reduction: Reduction,
    /// What is done to the images of a batch, in this order, before the network sees them: see [`rosenblatt_nn::augment`]. Only
    /// in training; the network has one input, `[rows, height, width]` or `[rows, channels, height, width]`.
    pub augment: Vec<Entry<dyn Augmentation>>,
    /// Mixup, if at all: the rows of a batch are mixed with others of it, `x̃ᵢ = λ xᵢ + (1 − λ) xⱼ`, and the loss is that of both
    /// targets, `λ L(f(x̃ᵢ), tᵢ) + (1 − λ) L(f(x̃ᵢ), tⱼ)`. See [`Model::fit`].
    pub mixup: Option<f64>,
    /// When to stop before the last epoch; needs validation rows.
    pub early_stopping: Option<EarlyStopping>,
    /// Whether the parameters of the epoch with the fewest misclassified training rows are kept, and the run ends when there are
    /// none: see [`crate::callbacks::Pocket`].
    pub pocket: bool,
    /// Which statistics batch normalization has at the end of the run.
    pub batch_norm_statistics: BatchNormStatistics,
    /// Threads, way to run, checkpoints, cancellation: what changes no bit of the result.
    pub run: RunOptions,
}

impl Default for Fit {
    /// One epoch of batches of 32 rows, without validation.
    fn default() -> Self {
        Self {
            epochs: 1,
            batch_size: 32,
            shuffle: true,
            accumulate_steps: 1,
            swa: None,
            seed: 0,
            validation: Validation::None,
            test: None,
            class_weight: None,
            reduction: Reduction::Mean,
            augment: Vec::new(),
            mixup: None,
            early_stopping: None,
            pocket: false,
            batch_norm_statistics: BatchNormStatistics::default(),
            run: RunOptions::default(),
        }
    }
}

/// Rows to evaluate after each epoch.
#[derive(Clone, Debug, Default)]
pub enum Validation {
    /// None.
    #[default]
    None,
    /// This share of the training rows, in (0, 1), chosen by the seed; training does not see them.
    Fraction(f64),
    /// These rows.
    Data(Data),
}

impl<D: Into<Data>> From<D> for Validation {
    fn from(data: D) -> Self {
        Self::Data(data.into())
    }
}

/// How much the rows of each class count in the loss.
#[derive(Clone, Debug, PartialEq)]
pub enum ClassWeights {
    /// Rows divided by classes times rows of the class, as in scikit-learn.
    Balanced,
    /// A weight for each class, in the order of their indices.
    Each(Vec<f64>),
}

impl Fit {
    /// So many passes over the training rows, in batches of 32 rows, without validation.
    #[must_use]
    pub fn epochs(epochs: usize) -> Self {
        Self {
            epochs,
            ..Self::default()
        }
    }

    /// The same with so many rows in a step.
    #[must_use]
    pub fn batch_size(self, batch_size: usize) -> Self {
        Self { batch_size, ..self }
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] for settings out of range.
    pub(crate) fn check(&self) -> Result<()> {
        let expect = |holds: bool, key: &str, range: &str, got: String| match holds {
            true => Ok(()),
            false => Err(Error::config(format!("expected {range}, got `{got}`")).within(key)),
        };
        expect(self.epochs >= 1, "epochs", "at least 1", self.epochs.to_string())?;
        expect(
            self.batch_size >= 1,
            "batch_size",
            "at least 1",
            self.batch_size.to_string(),
        )?;
        expect(
            self.accumulate_steps >= 1,
            "accumulate_steps",
            "at least 1",
            self.accumulate_steps.to_string(),
        )?;
        super::mixup::check_alpha(self.mixup)?;
        check_averages(None, self.swa, self.epochs)?;
        if let Validation::Fraction(share) = self.validation {
            expect(
                share > 0.0 && share < 1.0,
                "validation",
                "a share in (0, 1)",
                share.to_string(),
            )?;
        }
        if self.early_stopping.is_some() && matches!(self.validation, Validation::None) {
            return Err(Error::config("early stopping needs validation rows").within("early_stopping"));
        }
        for augmentation in &self.augment {
            augmentation.validate().map_err(|error| error.within("augment"))?;
        }
        if self.pocket && self.early_stopping.is_some() {
            let error =
                Error::config("the pocket and early stopping would both choose the epoch whose weights are kept");
            return Err(error.within("pocket").hint("leave one of them out"));
        }
        self.early_stopping.as_ref().map_or(Ok(()), EarlyStopping::check)
    }

    /// The weight of each of some classes.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if there are no classes, or not one weight for each.
    fn class_weights(
        &self,
        source: &dyn BatchSource,
        classes: Option<usize>,
        ignored: Option<i64>,
    ) -> Result<Option<Vec<f64>>> {
        let Some(weights) = &self.class_weight else {
            return Ok(None);
        };
        let within = |error: Error| error.within("class_weight");
        let Some(classes) = classes else {
            return Err(within(Error::config("the targets are numbers and have no classes")));
        };
        match (weights, source.in_memory()) {
            (ClassWeights::Each(weights), _) if weights.len() != classes => {
                let message = format!("expected {classes} weights, one for each class, got {}", weights.len());
                Err(within(Error::config(message)))
            }
            (ClassWeights::Each(weights), _) => {
                let wrong = weights.iter().find(|weight| !(weight.is_finite() && **weight >= 0.0));
                let error = |weight| within(Error::config(format!("expected numbers of at least 0, got {weight}")));
                wrong.map_or(Ok(Some(weights.clone())), |weight| Err(error(weight)))
            }
            (ClassWeights::Balanced, Some(rows)) => balanced(classes, rows, ignored).map(Some),
            (ClassWeights::Balanced, None) => {
                let error = Error::unsupported("balanced weights need all rows in memory");
                Err(within(error.hint("give a weight for each class")))
            }
        }
    }
}

/// Weights that make all classes count alike; 1 for a class without rows. Rows of the class `ignored` are not counted.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] if a target is not below the number of classes.
pub(crate) fn balanced(classes: usize, rows: &Data, ignored: Option<i64>) -> Result<Vec<f64>> {
    let targets = rows.targets().first();
    let targets = targets.map_or(Ok(Vec::new()), |targets| integers(targets)?.to_vec::<i64>())?;
    let weights = rows.weights().map(rosenblatt_tensor::Tensor::to_f64);
    let mut counts = vec![0.0; classes];
    let counted = targets.into_iter().enumerate();
    for (row, class) in counted.filter(|&(_, class)| ignored != Some(class)) {
        counts[class_index(class, classes)?] += weights.as_ref().map_or(1.0, |weights| weights[row]);
    }
    let present = counts.iter().filter(|&&count| count > 0.0).count() as f64;
    let all: f64 = counts.iter().sum();
    let weight = |&count: &f64| if count > 0.0 { all / (present * count) } else { 1.0 };
    Ok(counts.iter().map(weight).collect())
}

impl Model {
    /// Fits the model to rows, going on from the parameters it has: a second call trains further.
    ///
    /// The first call gives it initial values for inputs of these shapes. The optimizer and its schedule begin anew in each
    /// call. The record has loss and score of every epoch, and those of validation and test rows.
    ///
    /// # Averages of weights
    /// With `Optimize::ema` or [`Fit::swa`], validation and test rows are evaluated with the averaged weights, early stopping
    /// decides by that, and the model gets the averaged weights in the end; gradients are those of the weights that are
    /// trained. `swa` is the mean of the weights at the ends of epochs, and until its first epoch weights are not averaged.
    ///
    /// # Mixup
    /// With [`Fit::mixup`] = α, each batch has one `λ ~ Beta(α, α)` and one random permutation `j` of its rows, as in the code of
    /// the authors; both are functions of the seed and the number of the batch. A row that is its own partner stays as it is, so
    /// a batch of one row is not mixed. Images are augmented first. It is for every loss, since losses are mixed and not targets,
    /// and for inputs that are numbers: codes have no mean, and are refused; one-hot features are mixed. A target counts
    /// with the weight of the row it comes from, `L = λ Σᵢ wᵢ L(f(x̃ᵢ), tᵢ) / W + (1 − λ) Σᵢ wⱼ L(f(x̃ᵢ), tⱼ) / W` with the sum `W`
    /// of the weights, so rows of an ignored class count in neither part; all time steps of a row are mixed with those of its
    /// partner. Loss and score of the training rows that are recorded are those of the mixed rows, mixed in the same way; validation
    /// and test rows are never mixed.
    ///
    /// Zhang, Cisse, Dauphin, Lopez-Paz: mixup: Beyond Empirical Risk Minimization. ICLR 2018. arXiv:1710.09412.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] or [`rosenblatt_tensor::ErrorKind::Config`] if network, data and settings do not fit each other;
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`], with step and layer, if training diverges; [`rosenblatt_tensor::ErrorKind::Cancelled`] if it was asked to
    /// stop; [`rosenblatt_tensor::ErrorKind::Io`] if a checkpoint cannot be written. Then the parameters are as before.
    pub fn fit(&mut self, data: impl Into<Data>, fit: &Fit) -> Result<History> {
        self.fit_with(data, fit, &mut [])
    }

    /// As [`Model::fit`], with more callbacks than `fit` asks for: they run after validation and early stopping, and before saving.
    ///
    /// # Errors
    /// As [`Model::fit`], and those of the callbacks.
    pub fn fit_with(
        &mut self,
        data: impl Into<Data>,
        fit: &Fit,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<History> {
        let data = data.into();
        let Validation::Fraction(share) = fit.validation else {
            return self.fit_source(&data, fit, callbacks);
        };
        fit.check()?;
        data.check_rows()?;
        let (train, valid) = split(&data, share, fit.seed)?;
        let fit = Fit {
            validation: Validation::Data(valid),
            ..fit.clone()
        };
        self.fit_source(&train, &fit, callbacks)
    }

    /// As [`Model::fit_with`], on rows that are in memory or are read as they are needed.
    ///
    /// # Errors
    /// As [`Model::fit_with`].
    pub fn fit_source(
        &mut self,
        source: &dyn BatchSource,
        fit: &Fit,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<History> {
        fit.check()?;
        let before = (self.rows.clone(), self.metadata.clone(), self.params.is_empty());
        self.build_checked(source, fit)?;
        let result = self.fit_built(source, fit, callbacks);
        if let (Err(_), (rows, metadata, true)) = (&result, before) {
            // Another fit begins with the initial values of its own seed.
            (self.rows, self.metadata, self.params) = (rows, metadata, Params::new());
        }
        result
    }

    fn fit_built(
        &mut self,
        source: &dyn BatchSource,
        fit: &Fit,
        callbacks: &mut [&mut dyn Callback],
    ) -> Result<History> {
        // Held until the run ends.
        let _locked = fit.run.checkpoint.clone().map(CheckpointOptions::locked).transpose()?;
        let mut run = Run::start_or_resume(self, source, fit)?;
        let mut callbacks = Callbacks::new(fit, callbacks);
        callbacks.at_start(&mut run)?;
        while run.goes_on() {
            while run
                .advance()
                .map_err(|error| error.within(format!("epoch {}", run.epoch() + 1)))?
            {
                if let ControlFlow::Break(()) = callbacks.after_step(&mut run)? {
                    return Err(callbacks.cancelled(&mut run)?);
                }
            }
            run.close_epoch()?;
            callbacks.after_epoch(&mut run)?;
            run.open_epoch()?;
        }
        let warnings = run.warnings().to_vec();
        let Finished {
            params,
            epoch,
            steps,
            history,
            all,
            metrics,
            solved,
        } = run.finished()?;
        self.set_params(&params)?;
        self.metadata = Metadata {
            seed: fit.seed,
            epoch,
            metrics,
        };
        Ok(History {
            every: history.every(),
            epochs: history.into(),
            all: all.map(Arc::new),
            steps,
            best_epoch: epoch,
            solved,
            warnings,
        })
    }

    /// As [`Model::build`], after a look at rows in memory.
    pub(crate) fn build_checked(&mut self, source: &dyn BatchSource, fit: &Fit) -> Result<()> {
        if let Some(data) = source.in_memory() {
            data.check_some_weight()?;
            data.check_rows()?;
        }
        self.build(source, fit)
    }

    /// Learns the types of rows from the first of them, and gives a new model its initial values.
    pub(crate) fn build(&mut self, source: &dyn BatchSource, fit: &Fit) -> Result<()> {
        if source.is_empty() {
            return Err(Error::data("there is no row to learn from"));
        }
        let first = match source.in_memory() {
            Some(all) => all.slice(0, 1)?,
            None => source.rows(&[0])?,
        };
        let first = self.prepared(&first)?;
        let of = |arrays: &[rosenblatt_tensor::Tensor]| arrays.iter().map(InputType::of).collect::<Result<Vec<_>>>();
        let rows = RowTypes {
            inputs: of(&first.inputs)?,
            targets: of(&first.targets)?,
        };
        self.expect(&rows)?;
        if self.params.is_empty() {
            let before = std::mem::replace(&mut self.rows, rows);
            let built = self.initialize(fit.seed).and_then(|()| self.check_targets());
            return built.inspect_err(|_| (self.rows, self.params) = (before, Params::new()));
        }
        if self.rows.inputs != rows.inputs || self.rows.targets != rows.targets {
            let message = format!("the model was built for rows of {:?}, got {:?}", self.rows, rows);
            return Err(Error::shape(message));
        }
        Ok(())
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if there are not as many arrays as the network has inputs and outputs.
    pub(super) fn expect(&self, rows: &RowTypes) -> Result<()> {
        let (inputs, outputs) = (self.network.inputs(), self.network.outputs());
        for (names, got, what) in [
            (inputs, rows.inputs.len(), "inputs"),
            (outputs, rows.targets.len(), "arrays of targets"),
        ] {
            if names.len() != got {
                let message = format!("expected {} {what} ({}), got {got}", names.len(), names.join(", "));
                return Err(Error::shape(message));
            }
        }
        Ok(())
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a loss of numbers has integer targets, or if a metric fits no output: it
    /// would never be recorded.
    fn check_targets(&self) -> Result<()> {
        let (heads, widths) = (self.step(0)?.heads, self.score_widths()?);
        for (i, head) in heads.iter().enumerate() {
            let takes = |target_kind| head.loss.outputs(target_kind).is_some();
            if head.targets.dtype() == DType::I64 && takes(TargetKind::Values(1)) && !takes(TargetKind::Classes(2)) {
                let message = format!(
                    "`{}` is a loss of numbers, and these are integers, that is classes",
                    head.loss.name()
                );
                let error = Error::config(message).within(format!("targets {i}"));
                return Err(error.hint("give the targets as f32 or f64"));
            }
        }
        if heads.len() > 1 && heads.iter().any(|head| head.ignored().is_some()) {
            let error = Error::unsupported("`ignore_index` needs a network with one output");
            return Err(error.within("loss"));
        }
        let outputs: Vec<_> = heads.iter().zip(widths).collect();
        let fits = |metric: &dyn Metric| outputs.iter().any(|&(head, width)| head.fits(metric, width));
        let Some(metric) = self.training.metrics.iter().find(|metric| !fits(&***metric)) else {
            return Ok(());
        };
        let known = rosenblatt_nn::metrics::METRICS.iter();
        let fitting = known.filter_map(|known| Entry::<dyn Metric>::named(known.name).ok());
        let fitting = fitting.filter(|metric| fits(&**metric));
        let names: Vec<String> = fitting.map(|metric| metric.name().to_owned()).collect();
        let error = Error::config(format!("`{}` fits no output of the network", metric.name())).within("metrics");
        Err(error.hint(format!(
            "there are {}",
            rosenblatt_tensor::names::listing(names.iter().map(String::as_str))
        )))
    }

    /// How many classes the targets have, if they are classes.
    pub(crate) fn classes(&self) -> Result<Option<usize>> {
        let step = self.step(1)?;
        let [head] = &step.heads[..] else { return Ok(None) };
        if head.targets.dtype() != DType::I64 {
            return Ok(None);
        }
        self.score_widths().map(|widths| widths.first().copied())
    }
}

/// What else a run needs of `fit`, for rows in memory or not.
pub(super) struct Parts {
    pub(super) held_out: [Option<Data>; 2],
    pub(super) classes: Option<Vec<f64>>,
    pub(super) weighting: Weighting,
}

impl Parts {
    /// # Errors
    /// Validation or test rows are not of the model's types, or class weights do not fit.
    pub(super) fn of(model: &Model, source: &dyn BatchSource, fit: &Fit) -> Result<Self> {
        let valid = match &fit.validation {
            Validation::Data(valid) => Some(valid),
            Validation::None | Validation::Fraction(_) => None,
        };
        let part = |part: Option<&Data>, name: &str| {
            let prepare = |data: &Data| model.prepared(data).and_then(|data| model.check_rows(data));
            part.map(prepare).transpose().map_err(|error| error.within(name))
        };
        let one_class = |targets: &InputType| targets.shape.is_empty();
        if fit.class_weight.is_some() && !model.rows.targets.iter().all(one_class) {
            let error = Error::unsupported("class weights need one class index for each row").within("class_weight");
            return Err(error.hint("use sample weights instead"));
        }
        let ignored = model.step(0)?.ignored();
        let classes = match fit.class_weight {
            Some(_) => fit.class_weights(source, model.classes()?, ignored)?,
            None => None,
        };
        let has_weights = match source.in_memory() {
            Some(all) => all.weights().is_some(),
            None => source.rows(&[0])?.weights().is_some(),
        };
        Ok(Self {
            held_out: [part(valid, "validation")?, part(fit.test.as_ref(), "test")?],
            weighting: Weighting {
                loss: has_weights || classes.is_some(),
                score: has_weights,
                ignored,
            },
            classes,
        })
    }
}

/// Training and validation rows: those that come first in a random order are the validation rows.
pub(crate) fn split(data: &Data, share: f64, seed: u64) -> Result<(Data, Data)> {
    let count = libm::round(share * data.len() as f64) as usize;
    if count == 0 || count >= data.len() {
        let message = format!("a share of {share} of {} rows leaves no rows for one part", data.len());
        return Err(Error::config(message).within("validation"));
    }
    let mut order = Batches::new(data.len(), data.len(), seed)?;
    order.shuffle(u64::MAX);
    let order = order.get(0).unwrap_or_default().to_vec();
    let sorted = |rows: &[u64]| {
        let mut rows = rows.to_vec();
        rows.sort_unstable();
        data.select(&rows)
    };
    Ok((sorted(&order[count..])?, sorted(&order[..count])?))
}
