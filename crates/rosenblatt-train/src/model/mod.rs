//! A network with its parameters: compile, fit, evaluate, predict, save.

mod accumulation;
mod batch_statistics;
mod beta;
pub(crate) mod compile;
mod data;
pub(crate) mod evaluate;
mod fit;
pub(crate) mod fitter;
mod given;
pub(crate) mod head;
mod held_out;
pub(crate) mod history;
mod input_type;
mod layers;
pub(crate) mod mixup;
pub(crate) mod network_step;
mod pocket;
pub(crate) mod predict;
mod records;
mod reduction;
pub(crate) mod run;
pub(crate) mod sections;
mod session;
mod solving;
mod source;
pub(crate) mod step_kind;
mod swa;
mod time_steps;
mod training_inputs;
pub(crate) mod weights;

use std::collections::BTreeMap;
use std::path::Path;

use crate::Params;
use rosenblatt_nn::metrics::Better;
use rosenblatt_nn::{Network, Optimize, Optimizer, Role, TensorSpec, init};
use rosenblatt_tensor::{DType, Error, Result, Tensor};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::container::Container;
use crate::files::{self, Disk};
use crate::spec::differences;
use crate::table::Table;
use compile::{OutputTraining, Training};
use head::Head;
use history::Score;
use network_step::NetworkStep;
use predict::Predictors;
use sections::{METADATA, NETWORK, ROWS, TABLE, TRAINING};
use session::Serving;
use weights::Weighting;

pub use batch_statistics::BatchNormStatistics;
pub use compile::Compile;
pub(crate) use data::first_refused;
pub use data::{Data, Inputs};
pub use fit::{ClassWeights, Fit, Validation};
pub(crate) use fit::{balanced, split};
pub use held_out::HeldOut;
pub use history::{History, Metrics, Record, RunningMetrics};
pub use input_type::{InputKind, InputType};
pub use layers::LayerOutput;
pub(crate) use pocket::MISCLASSIFIED;
pub use pocket::PocketResult;
pub use records::Records;
pub use reduction::Reduction;
pub use run::Run;
pub use session::Session;
pub use solving::{Solved, SolverProgress};
pub use source::BatchSource;
pub(crate) use swa::check_averages;

/// The largest network that is trained: 8 GiB of parameters, and as much again for gradients and each optimizer state.
const MAX_PARAMETERS: usize = 1 << 31;

/// A network, how it is trained, and its parameters; for tables also how rows are made of cells.
///
/// Made by [`Compile::compile`]. Shapes of inputs are those of the first rows it is fitted on; until then it has no
/// parameters. Cloning copies no numbers.
///
/// # Example
/// ```
/// use rosenblatt_nn::layers::{Linear, Sequential, Softmax};
/// use rosenblatt_nn::losses::CrossEntropy;
/// use rosenblatt_nn::metrics::Accuracy;
/// use rosenblatt_nn::optimizers::Sgd;
/// use rosenblatt_nn::{Entry, optimize::OptimizeExt as _};
/// use rosenblatt_tensor::Tensor;
/// use rosenblatt_train::{Compile as _, Fit};
///
/// let x = Tensor::from_vec((0..40).map(|i| (i % 7) as f32 / 7.0).collect(), &[20, 2])?;
/// let y = Tensor::from_vec((0..20).map(|i| i % 3).collect::<Vec<i64>>(), &[20])?;
/// let mut model = Sequential::new()
///     .then(Linear::new(8))
///     .then(Entry::named("relu")?)
///     .then(Linear::new(3))
///     .then(Softmax {})
///     .compile(CrossEntropy::default(), Sgd::default().lr(0.01), [Accuracy {}])?;
/// let history = model.fit((&x, &y), &Fit { epochs: 5, batch_size: 8, ..Fit::default() })?;
/// assert_eq!(history.curve("loss").len(), 5);
/// assert!(model.evaluate((&x, &y))?["accuracy"] <= 1.0);
/// assert_eq!(model.predict(&x)?.shape()[..], [20, 3]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Model {
    network: Network,
    training: Training,
    rows: RowTypes,
    params: Params,
    metadata: Metadata,
    table: Option<Table>,
    library: String,
    format: u64,
    predictors: Predictors,
    serving: Serving,
}

/// Types of rows; empty before the first fit.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct RowTypes {
    pub(crate) inputs: Vec<InputType>,
    pub(crate) targets: Vec<InputType>,
}

/// What is known of a model besides its network and its parameters.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Metadata {
    /// The seed of all randomness of the last fit.
    pub seed: u64,
    /// Number of the epoch (from 1) these parameters are of; 0 before the end of the first.
    pub epoch: usize,
    /// For each part of the data the metrics of these parameters, as far as they are finite.
    pub metrics: BTreeMap<String, Metrics>,
}

impl Model {
    /// A model without parameters.
    ///
    /// # Errors
    /// The network is not sound, or there is not one loss for each output.
    pub(crate) fn new(network: Network, training: Training) -> Result<Self> {
        network.validate()?;
        training.check(&network)?;
        Ok(Self {
            network,
            training,
            rows: RowTypes::default(),
            params: Params::new(),
            metadata: Metadata::default(),
            table: None,
            library: crate::container::LIBRARY.to_owned(),
            format: crate::container::FORMAT,
            predictors: Predictors::default(),
            serving: Serving::default(),
        })
    }

    /// The same for rows of these types.
    pub(crate) fn with_rows(mut self, rows: RowTypes) -> Self {
        self.rows = rows;
        self
    }

    /// The same, whose rows are made of the cells of a table.
    pub(crate) fn with_table(mut self, table: Table) -> Self {
        self.metadata.seed = table.spec.train.seed;
        self.table = Some(table);
        self
    }

    /// The network: plain data.
    #[must_use]
    pub fn network(&self) -> &Network {
        &self.network
    }

    /// How rows are made of the cells of a table, and what its columns are.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if it was trained on arrays.
    pub fn table(&self) -> Result<&Table> {
        let error = || Error::config("this model was trained on arrays and knows no columns");
        self.table.as_ref().ok_or_else(|| error().hint("predict from arrays"))
    }

    /// What it is trained by.
    pub(crate) fn optimizer(&self) -> &dyn Optimizer {
        &*self.training.optimize.optimizer
    }

    /// The same with another way to optimize its parameters.
    pub(crate) fn set_optimize(&mut self, change: impl FnOnce(Optimize) -> Optimize) {
        self.training.optimize = change(self.training.optimize.clone());
    }

    /// Seed, epoch and metrics of its training.
    #[must_use]
    pub fn metadata(&self) -> &Metadata {
        &self.metadata
    }

    /// Name and version of the library that made it.
    #[must_use]
    pub fn library(&self) -> &str {
        &self.library
    }

    /// The version of the file format it was read from, or is written in.
    #[must_use]
    pub fn format(&self) -> u64 {
        self.format
    }

    /// What one row of each input is; empty before the first fit.
    #[must_use]
    pub fn input_types(&self) -> &[InputType] {
        &self.rows.inputs
    }

    /// Parameters and buffers by name, in their logical layout; empty before the first fit.
    #[must_use]
    pub fn params(&self) -> &Params {
        &self.params
    }

    /// Gives parameters and buffers new values; those that are not named keep theirs.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] for an unknown name, [`rosenblatt_tensor::ErrorKind::Shape`] for another shape.
    pub fn set_params(&mut self, params: &Params) -> Result<()> {
        for (name, value) in params {
            let Some(old) = self.params.get(name) else {
                let hint = rosenblatt_tensor::names::meant(name, self.params.keys().map(String::as_str));
                return Err(Error::config(format!("no parameter is called `{name}`")).hint(hint));
            };
            if old.shape() != value.shape() || old.dtype() != value.dtype() {
                let types = [old, value].map(|tensor| format!("{} {:?}", tensor.dtype(), tensor.shape()));
                return Err(Error::shape(format!("expected {}, got {}", types[0], types[1])).within(name));
            }
        }
        self.params.extend(params.clone());
        (self.predictors, self.serving) = (Predictors::default(), Serving::default());
        Ok(())
    }

    /// Names of the learned tensors; others are buffers, which layers keep themselves.
    ///
    /// # Errors
    /// The model was not fitted yet.
    pub fn parameter_names(&self) -> Result<Vec<String>> {
        let learned = self
            .tensors()?
            .into_iter()
            .filter(|spec| matches!(spec.role, Role::Parameter(_)));
        Ok(learned.map(|spec| spec.name).collect())
    }

    /// How many numbers are learned.
    ///
    /// # Errors
    /// The model was not fitted yet, or its layers do not fit each other.
    pub fn parameter_count(&self) -> Result<usize> {
        let learned = |spec: &&TensorSpec| matches!(spec.role, Role::Parameter(_));
        let specs = self.tensors()?;
        let sizes = specs.iter().filter(learned).map(|spec| spec.shape.elements());
        Ok(sizes.fold(0, usize::saturating_add))
    }

    pub(crate) fn tensors(&self) -> Result<Vec<TensorSpec>> {
        self.step(0)?.tensors()
    }

    /// What a step computes, for training that picks from so many rows.
    ///
    /// # Errors
    /// The model was not fitted yet.
    pub(crate) fn step(&self, rows: usize) -> Result<NetworkStep> {
        let RowTypes { inputs, targets } = &self.rows;
        if inputs.is_empty() {
            let error = Error::config("the model has not been fitted, so the shapes of its inputs are unknown");
            return Err(error.hint("call `fit` first"));
        }
        let head = |(output, targets): (&OutputTraining, &InputType)| Head {
            loss: output.loss.clone(),
            weight: output.weight,
            targets: targets.clone(),
            scale: output.scale.clone(),
            range: output.range,
            units: if self.format == 1 { DType::F32 } else { DType::F64 },
        };
        let heads: Vec<Head> = self.training.outputs.iter().zip(targets).map(head).collect();
        Ok(NetworkStep {
            network: self.network.clone(),
            optimize: self.training.optimize.clone(),
            inputs: inputs.clone(),
            dtype: self.training.dtype()?,
            weighting: Weighting::default(),
            reduction: Reduction::Mean,
            score: self.training.score(&heads),
            heads,
            rows,
            accumulates: false,
            augment: Vec::new(),
            mixup: false,
        })
    }

    /// Forgets its parameters: the next fit gives it the initial values of its seed.
    pub(crate) fn forget(&mut self) {
        (self.params, self.predictors, self.serving) = (Params::new(), Predictors::default(), Serving::default());
    }

    /// Gives every tensor its initial value: a function of the seed and its name.
    ///
    /// # Errors
    /// The layers do not fit each other or the inputs; [`rosenblatt_tensor::ErrorKind::Unsupported`] if the network is too large.
    pub(crate) fn initialize(&mut self, seed: u64) -> Result<()> {
        self.check_size()?;
        let Training { init, bias_init, .. } = &self.training;
        let gains = match init.needs_gain() {
            true => self.step(0)?.gains()?,
            false => BTreeMap::new(),
        };
        let first = |spec: TensorSpec| {
            let gain = gains.get(&spec.name).copied().unwrap_or(1.0);
            let value = init::first_value_with_gain(&spec, seed, gain, &**init, &**bias_init)?;
            Ok((spec.name, value))
        };
        self.params = self.tensors()?.into_iter().map(first).collect::<Result<_>>()?;
        self.metadata.seed = seed;
        Ok(())
    }

    /// Looks at the size before anything of it is made.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] if the network is too large.
    pub(crate) fn check_size(&self) -> Result<()> {
        let parameters = self.parameter_count()?;
        if parameters <= MAX_PARAMETERS {
            return Ok(());
        }
        let message = format!("a network of {parameters} parameters; the largest has {MAX_PARAMETERS}");
        Err(Error::unsupported(message))
    }

    /// Reads a model file, or the model of a checkpoint.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read; [`rosenblatt_tensor::ErrorKind::Data`] if it is damaged, cut
    /// short, or something else; [`rosenblatt_tensor::ErrorKind::Unsupported`] if it is of a newer version.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        Container::load(path)
            .and_then(|container| Self::from_container(&container))
            .map_err(|error| error.within(path.display().to_string()))
    }

    /// Writes the model file; a reader meets the old content or the new one.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be written; then the old file is intact.
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if a number of the model is not finite;
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a layer or loss is not registered, and so could not be read again, or if the
    /// model was not fitted.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_on(&*files::system(), path.as_ref())
    }

    /// As [`Model::save`], on another file system.
    ///
    /// # Errors
    /// As [`Model::save`].
    pub fn save_on(&self, disk: &dyn Disk, path: &Path) -> Result<()> {
        files::write(disk, path, &self.to_bytes()?)
    }

    /// The content of the file: the same bytes for the same model.
    ///
    /// # Errors
    /// As [`Model::save`].
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.step(0)?;
        let Metadata { epoch, metrics, .. } = &self.metadata;
        self.container(self.params.clone(), *epoch, metrics)?.to_bytes()
    }

    /// A model from the content of its file.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Self::from_container(&Container::from_bytes(bytes)?)
    }

    /// A file of this model with the given tensors.
    pub(crate) fn container(
        &self,
        tensors: Params,
        epoch: usize,
        metrics: &BTreeMap<String, Metrics>,
    ) -> Result<Container> {
        self.network.check_registered()?;
        let metadata = Metadata {
            epoch,
            metrics: metrics.clone(),
            ..self.metadata
        };
        let container = Container::new(tensors).with(METADATA, &metadata)?;
        match &self.table {
            // The rest follows from it.
            Some(table) => container.with(TABLE, &table.without_paths()),
            None => container
                .with(NETWORK, &self.network)?
                .with(ROWS, &self.rows)?
                .with(TRAINING, &self.training),
        }
    }

    pub(crate) fn from_container(container: &Container) -> Result<Self> {
        // Whoever uses a model has not written its settings: what is wrong with them is wrong with the file.
        let damaged = |error: Error| Error::data(error.to_string()).within("header");
        let table: Option<Table> = container.section(TABLE)?;
        let mut model = match table {
            Some(table) => {
                table.check().map_err(damaged)?;
                table.model().map_err(damaged)?
            }
            None => {
                let missing = || Error::data("this is not a model: it has no network").within("header");
                let network: Network = entries(container, NETWORK)?.ok_or_else(missing)?;
                let training = entries(container, TRAINING)?.ok_or_else(missing)?;
                let model = Self::new(network, training).map_err(damaged)?;
                let rows: RowTypes = container.required(ROWS)?;
                model.expect(&rows).map_err(damaged)?;
                model.with_rows(rows)
            }
        };
        (model.library, model.format) = (container.library.clone(), container.format);
        model.metadata = container.required(METADATA)?;
        if let Some(table) = &model.table
            && table.spec.train.seed != model.metadata.seed
        {
            let seeds = (model.metadata.seed, table.spec.train.seed);
            return Err(Error::data(format!("two seeds, {} and {}", seeds.0, seeds.1)).within("header"));
        }
        if let Some(table) = &model.table
            && model.metadata.epoch > table.spec.train.epochs
        {
            let message = format!("epoch {} of {}", model.metadata.epoch, table.spec.train.epochs);
            return Err(Error::data(message).within("header"));
        }
        let params = run::needed(&model.tensors().map_err(damaged)?, &container.tensors);
        model.params = params.map_err(|error| error.within("header"))?;
        Ok(model)
    }

    /// In which settings another file differs, one text a key.
    pub(crate) fn differences(&self, other: &Container) -> Result<Vec<String>> {
        let other = Self::from_container(other)?;
        if let (Some(before), Some(now)) = (&other.table, &self.table) {
            return now.differences(before);
        }
        let json = |model: &Self| {
            let value = |part: serde_json::Result<Value>| part.map_err(|error| Error::internal(error.to_string()));
            Ok::<_, Error>(json!({
                "network": value(serde_json::to_value(&model.network))?,
                "rows": value(serde_json::to_value(&model.rows))?,
                "training": value(serde_json::to_value(&model.training))?,
            }))
        };
        Ok(differences(&json(&other)?, &json(self)?))
    }

    /// Whether larger values of a metric are better: as the metric says, and not for the loss.
    pub(crate) fn higher_is_better(&self, name: &str) -> bool {
        let mut metrics = self.training.metrics.iter().filter(|metric| metric.name() == name);
        metrics.any(|metric| metric.better() == Better::Higher)
    }

    /// The type of parameters.
    pub(crate) fn dtype(&self) -> Result<DType> {
        self.training.dtype()
    }

    /// The metrics that a step does not sum up itself.
    pub(crate) fn metrics_beside(&self, score: Option<Score>) -> Vec<rosenblatt_nn::Entry<dyn rosenblatt_nn::Metric>> {
        let metrics = self.training.metrics.iter();
        metrics
            .filter(|metric| score.is_none_or(|score| score.name() != metric.name()))
            .cloned()
            .collect()
    }

    /// The tensor of a name, for callers that look at one.
    #[must_use]
    pub fn param(&self, name: &str) -> Option<&Tensor> {
        self.params.get(name)
    }
}

/// A section with entries of registries, of which some may be the caller's own.
fn entries<T: DeserializeOwned>(container: &Container, section: &str) -> Result<Option<T>> {
    container
        .section(section)
        .map_err(|error| match error.message().starts_with("unknown ") {
            true => error.hint(
                "an entry of your own is read after `rosenblatt::register::<…>()`, called where the program starts",
            ),
            false => error,
        })
}
