//! Models of tables and folders of images: a [`Spec`] and prepared data become a network, arrays and a fit.
//!
//! Everything here is a user of [`Model`]: the network of a spec is `rescale` or `categorical_embedding`, the hidden layers,
//! and a linear output of as many numbers as the loss wants.

mod calibrate;
mod file_size;
mod fit;
mod predictor;
mod temperature;

use rosenblatt_data::preprocess::Standardize;
use rosenblatt_data::schema::{Field, FieldKind};
use rosenblatt_data::{Prepared, Preprocessing, Schema};
use rosenblatt_nn::layers::{CategoricalEmbedding, Exp, Flatten, Functional, Linear, Rescale, Sequential};
use rosenblatt_nn::optimize::Optimize;
use rosenblatt_nn::{Config, Entry, Init, Layer, Link, Loss, Network, Role, TargetKind, metrics};
use rosenblatt_tensor::{Advice, DType, Error, Result};
use serde::{Deserialize, Serialize};

use crate::model::compile::{OutputTraining, Training};
use crate::model::{InputKind, InputType, Model, RowTypes};
use crate::spec::{Spec, differences, target_kind};

pub use calibrate::Calibration;
pub use fit::{FitResult, fit};
pub(crate) use fit::{fit_of, in_spec};
pub use predictor::{Prediction, Predictor};

/// The name of the network's layers: their tensors are called `layers.0.weight` and so on.
const LAYERS: &str = "layers";
/// What is behind the layers, if the loss takes the logarithm of what is predicted.
const EXP: &str = "exp";
/// The logarithm of the mean target, which is added before that.
const LOG_MEAN: &str = "log_mean";
/// The linear layer next to the layers: `linear_path.weight`.
const LINEAR_PATH: &str = "linear_path";
/// What is before the layers, if some features are codes: `embedding.0.weight`.
const EMBEDDING: &str = "embedding";

/// How a model of tables was trained, and how its rows are made of cells.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Table {
    /// How it was trained; paths are left out in files.
    pub spec: Spec,
    /// What one row of the network's input is.
    pub input: InputType,
    /// What the columns are.
    pub schema: Schema,
    /// Fitted on the training rows.
    pub preprocessing: Preprocessing,
}

impl Table {
    /// A spec and the data it was made for.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] for rows that are neither f32 nor bytes.
    pub(crate) fn new(spec: &Spec, data: &Prepared) -> Result<Self> {
        Ok(Self {
            spec: spec.clone(),
            input: InputType::of(data.train.features())?,
            schema: data.schema.clone(),
            preprocessing: data.preprocessing.clone(),
        })
    }

    /// What is predicted: one of some classes, or a value.
    #[must_use]
    pub fn target_kind(&self) -> TargetKind {
        target_kind(&self.schema.task)
    }

    /// Whether it could have been trained, for one that was read from a file.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] with the section and field that is out of range, or does not fit another.
    pub(crate) fn check(&self) -> Result<()> {
        self.spec.check()?;
        self.schema.check().map_err(|error| error.within("schema"))?;
        let preprocessing = self.preprocessing.check(&self.schema);
        preprocessing.map_err(|error| error.within("preprocessing"))?;
        let expected = match &self.schema.columns[..] {
            [
                Field {
                    kind: FieldKind::Image { shape },
                    ..
                },
            ] => (InputKind::U8, shape.clone()),
            _ => {
                let columns = self.preprocessing.features_of_columns(&self.schema)?;
                (
                    InputKind::F32,
                    vec![columns.last().map_or(0, |column| column.places.end)],
                )
            }
        };
        if (self.input.kind, &self.input.shape) != (expected.0, &expected.1) {
            let message = format!(
                "{:?} {:?}, but the columns make {:?} {:?}",
                self.input.kind, self.input.shape, expected.0, expected.1
            );
            return Err(Error::data(message).within("input"));
        }
        Ok(())
    }

    /// The same without what says where files lie.
    pub(crate) fn without_paths(&self) -> Self {
        Self {
            spec: self.spec.without_paths(),
            ..self.clone()
        }
    }

    /// The loss of the task, and how many numbers it wants for a row.
    fn loss(&self) -> Result<(Entry<dyn Loss>, usize)> {
        let (target_kind, loss) = (target_kind(&self.schema.task), self.spec.loss(&self.schema.task));
        match loss.outputs(target_kind) {
            Some(outputs) => Ok((loss, outputs)),
            None => Err(not_for(&loss, target_kind)),
        }
    }

    /// The network: plain data.
    ///
    /// # Errors
    /// The loss is not for this task, or the last hidden layer is a softmax.
    fn network(&self) -> Result<Network> {
        let hidden = &self.spec.model.layers;
        if let Some(last) = hidden
            .last()
            .filter(|layer| ["softmax", "log_softmax"].contains(&layer.name()))
        {
            let message = format!(
                "`{}` is the last of the hidden layers, and the output layer follows it",
                last.name()
            );
            let error = Error::config(message)
                .within(format!("layers.{}", hidden.len() - 1))
                .within("model");
            return Err(error.hint("leave it out: probabilities are computed from the output layer"));
        }
        let layers: Sequential = self.layers()?.into_iter().map(|(_, layer)| layer).collect();
        let scale = self
            .preprocessing
            .pixel_scale(&self.schema)
            .map(|pixel_scale| 1.0 / pixel_scale);
        let (values, dim) = (self.preprocessing.codes(), self.spec.model.embedding_dim);
        let as_rows = self.input.shape.len() > 1 && !self.looks_at_windows();
        let log_mean = self.log_mean()?;
        let linear_path = self.linear_path()?;
        let nodes = Functional::of(|[mut x]| {
            if as_rows {
                x = x.then(Flatten {});
            }
            if let Some(factor) = scale {
                x = x.then(Rescale { factor, offset: 0.0 });
            }
            if !values.is_empty() {
                x = x
                    .then(CategoricalEmbedding {
                        values: values.clone(),
                        dim,
                    })
                    .named(EMBEDDING);
            }
            let features = x;
            x = x.then(layers).named(LAYERS);
            if let Some(outputs) = linear_path {
                x = x + features.then(Linear::new(outputs)).named(LINEAR_PATH);
            }
            match log_mean {
                Some(offset) => x
                    .then(Rescale { factor: 1.0, offset })
                    .named(LOG_MEAN)
                    .then(Exp {})
                    .named(EXP),
                None => x,
            }
        });
        Ok(Network::Functional(nodes))
    }

    /// The outputs of the linear layer next to the hidden layers, if there is one.
    fn linear_path(&self) -> Result<Option<usize>> {
        let model = &self.spec.model;
        let is_asked = model.linear_path && !model.layers.is_empty() && !self.looks_at_windows();
        self.loss().map(|(_, outputs)| is_asked.then_some(outputs))
    }

    /// Whether a hidden layer looks at neighbors, so that images are not flattened before the first one.
    fn looks_at_windows(&self) -> bool {
        self.spec.model.layers.iter().any(|layer| layer.window_axes() > 0)
    }

    /// The layers with their names, the output layer included; what is not flattened by a layer among them is before it.
    ///
    /// # Errors
    /// The loss is not for this task.
    pub fn layers(&self) -> Result<Vec<(String, Entry<dyn Layer>)>> {
        let (_, outputs) = self.loss()?;
        let hidden = &self.spec.model.layers;
        // What is behind the last layer that looks at windows.
        let behind = hidden
            .iter()
            .rposition(|layer| layer.window_axes() > 0)
            .map(|last| &hidden[last..]);
        let is_flat = behind.is_none_or(|behind| behind.iter().any(|layer| layer.name() == Flatten::NAME));
        let flatten = (!is_flat).then(|| Flatten {}.into());
        let layers = hidden
            .iter()
            .cloned()
            .chain(flatten)
            .chain([Linear::new(outputs).into()]);
        Ok(layers
            .enumerate()
            .map(|(i, layer)| (format!("{LAYERS}.{i}"), layer))
            .collect())
    }

    /// The logarithm of the mean of the training targets, if the loss takes the logarithm of what is predicted: there a network
    /// begins, or its weights would have to learn the unit of the target first. 0 where there is none.
    fn log_mean(&self) -> Result<Option<f64>> {
        let (loss, _) = self.loss()?;
        let mean = self.preprocessing.target.as_ref().map(|target| target.mean);
        let mean = mean.filter(|&mean| mean > 0.0).unwrap_or(1.0);
        Ok((loss.link() == Link::Exp).then(|| libm::log(mean)))
    }

    /// Mean and spread of the targets, if the network learns them on a scale of its own.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if the loss takes the logarithm of what is predicted.
    fn target_scale(&self, loss: &Entry<dyn Loss>) -> Result<Option<Standardize>> {
        if !self.spec.model.scale_target || is_classes(target_kind(&self.schema.task)) {
            return Ok(None);
        }
        if loss.link() == Link::Exp {
            let name = loss.name();
            let message = format!("the loss `{name}` predicts positive numbers, and a standardized target has others");
            let error = Error::config(message).within("model.scale_target");
            return Err(error.hint(Advice::new("leave the target as it is: ").set("model.scale_target", false)));
        }
        Ok(self.preprocessing.target.clone())
    }

    /// The model, without parameters.
    ///
    /// # Errors
    /// As [`Table::network`].
    pub(crate) fn model(&self) -> Result<Model> {
        let (loss, _) = self.loss()?;
        let (model, train) = (&self.spec.model, &self.spec.train);
        let target_kind = target_kind(&self.schema.task);
        let output = OutputTraining {
            scale: self.target_scale(&loss)?,
            range: self.preprocessing.target_range.filter(|_| model.clip_predictions),
            loss,
            weight: 1.0,
        };
        let network = self.network()?;
        let optimize = match train.regularizes() {
            true => self.regularized(&network)?,
            false => train.optimize(),
        };
        let training = Training {
            init: model.init.clone(),
            bias_init: model.bias_init.clone(),
            ..Training::new(vec![output], optimize, vec![metrics::usual(target_kind)])
        };
        let targets = InputType {
            kind: if is_classes(target_kind) {
                InputKind::I64
            } else {
                InputKind::F64
            },
            shape: Vec::new(),
        };
        let rows = RowTypes {
            inputs: vec![self.input.clone()],
            targets: vec![targets],
        };
        Ok(Model::new(network, training)?.with_rows(rows).with_table(self.clone()))
    }

    /// What happens to parameters in a step, with what is for weights alone: those that multiply inputs.
    ///
    /// # Errors
    /// The layers do not fit each other or the input.
    fn regularized(&self, network: &Network) -> Result<Optimize> {
        let train = &self.spec.train;
        let tensors = network.tensors(&[self.input.rows(1)?], DType::F32);
        let tensors = tensors.map_err(|error| error.within("model"))?;
        let weights = tensors
            .iter()
            .filter(|spec| matches!(spec.role, Role::Parameter(Init::Weight { .. })));
        Ok(train.regularize(train.optimize(), weights.map(|spec| spec.name.as_str())))
    }

    /// In which settings another differs, one text a key.
    pub(crate) fn differences(&self, before: &Self) -> Result<Vec<String>> {
        let now = self.without_paths();
        let mut keys = differences(&before.spec.to_json()?, &now.spec.to_json()?);
        // What follows from these is compared below.
        keys.retain(|key| {
            !["`data.soft_clip`", "`data.quantiles_from`"]
                .iter()
                .any(|seen| key.starts_with(seen))
        });
        let rest = |table: &Self| (table.input.clone(), table.schema.clone(), table.preprocessing.clone());
        if keys.is_empty() && rest(before) != rest(self) {
            keys.push("columns of the data".to_owned());
        }
        Ok(keys)
    }
}

impl Model {
    /// The untrained model of a spec and its data, with initial values.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] or [`rosenblatt_tensor::ErrorKind::Shape`] if spec and data do not fit each other.
    pub fn untrained(spec: &Spec, data: &Prepared) -> Result<Self> {
        spec.check_complete()?;
        let mut model = Table::new(spec, data)?.model()?;
        model
            .initialize(spec.train.seed)
            .map_err(|error| error.within("model"))?;
        Ok(model)
    }
}

/// Whether the target is one of some classes.
pub(crate) fn is_classes(target_kind: TargetKind) -> bool {
    matches!(target_kind, TargetKind::Classes(_))
}

fn not_for(loss: &Entry<dyn Loss>, target_kind: TargetKind) -> Error {
    let mut hint = "omit it to use the default";
    let what = match target_kind {
        TargetKind::Classes(n) if loss.outputs(TargetKind::Classes(2)).is_some() => {
            if !loss.link().gives_probabilities() {
                hint = "for more classes there is `multi_class_hinge`, `crammer_singer`, or `cross_entropy`, which is the default";
            }
            format!("is for two classes, and there are {n}")
        }
        TargetKind::Classes(_) => "is for regression only".to_owned(),
        TargetKind::Values(_) => "is for classification only".to_owned(),
    };
    Error::config(format!("the loss `{}` {what}", loss.name()))
        .within("train.loss")
        .hint(hint)
}
