//! The network of a spec and a task: what stands between the rows as they are kept and the numbers of the last layer.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Type, Var};
use rosenblatt_data::preprocess::Standardise;
use rosenblatt_data::{Dataset, Preprocessing, Schema};
use rosenblatt_nn::layers::{CategoricalEmbedding, Linear, Sequential};
use rosenblatt_nn::{Entry, Goal, Layer, Role, Scope, TensorSpec, init, scope};
use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};
use serde::{Deserialize, Serialize};

use crate::model_file::About;
use crate::spec::{ModelSpec, Spec, goal};

/// The name of the network: its tensors are called `layers.0.weight` and so on.
pub(crate) const NAME: &str = "layers";
/// What stands before the layers, if some features are codes: `embedding.0.weight`.
pub(crate) const EMBEDDING: &str = "embedding";

/// The largest network that is trained: 8 GiB of parameters, and as much again for gradients and each optimiser state.
const MOST_PARAMETERS: usize = 1 << 31;

/// What one row of the network's input is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct InputType {
    /// How its numbers are kept.
    pub kind: InputKind,
    /// Their shape: `[features]`, or `[height, width]`.
    pub shape: Vec<usize>,
}

/// How the numbers of a row are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputKind {
    /// 32-bit floating point.
    F32,
    /// Bytes.
    U8,
}

impl InputType {
    /// The rows of a data set.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] if they are neither f32 nor bytes.
    pub fn of(data: &Dataset) -> Result<Self> {
        let kind = match data.features().dtype() {
            DType::F32 => InputKind::F32,
            DType::U8 => InputKind::U8,
            other => return Err(Error::unsupported(format!("rows of {other}"))),
        };
        Ok(Self {
            kind,
            shape: data.features().shape()[1..].to_vec(),
        })
    }

    /// Some rows together.
    pub(crate) fn rows(&self, rows: usize) -> Result<Type> {
        let dtype = match self.kind {
            InputKind::F32 => DType::F32,
            InputKind::U8 => DType::U8,
        };
        Ok(Type::new(dtype, Shape::new(&[&[rows], &self.shape[..]].concat())?))
    }

    fn features(&self) -> usize {
        // A file may claim any sizes; no memory holds so many, as the shape of a row then says.
        self.shape
            .iter()
            .fold(1, |product: usize, &size| product.saturating_mul(size))
    }
}

/// A network with its output layer.
#[derive(Clone, Debug)]
pub(crate) struct Network {
    /// What features that are codes of categories are replaced by, if there are any.
    embedding: Option<CategoricalEmbedding>,
    layers: Sequential,
    input: InputType,
    /// What pixels are multiplied by first.
    scale: Option<f64>,
    /// Mean and spread of the targets, if the network is trained on a scale of its own.
    target: Option<Standardise>,
    goal: Goal,
    outputs: usize,
}

impl Network {
    /// The network a spec describes for some data.
    ///
    /// # Errors
    /// The loss is not for this task.
    pub(crate) fn new(spec: &Spec, input: &InputType, schema: &Schema, preprocessing: &Preprocessing) -> Result<Self> {
        let goal = goal(&schema.task);
        let loss = spec.loss(&schema.task);
        let outputs = loss.outputs(goal).ok_or_else(|| {
            let what = match goal {
                Goal::Classes(n) if loss.outputs(Goal::Classes(2)).is_some() => {
                    format!("is for two classes, and there are {n}")
                }
                Goal::Classes(_) => "is not for classes".to_owned(),
                Goal::Numbers(_) => "is not for numbers".to_owned(),
            };
            Error::config(format!("the loss `{}` {what}", loss.name()))
                .within("train.loss")
                .hint("leave it out, and the usual one is taken")
        })?;
        let output = Linear::new(outputs).into();
        let layers = spec
            .model
            .layers
            .iter()
            .cloned()
            .chain([output])
            .collect::<Sequential>();
        let target = if spec.model.scale_target && !is_classes(goal) {
            preprocessing.target.clone()
        } else {
            None
        };
        // The targets of a constant column have no spread to divide by.
        let target = target.filter(|target| target.std > 0.0);
        let scale = preprocessing.divisor(schema).map(|divisor| 1.0 / divisor);
        let (values, dim) = (preprocessing.codes(), spec.model.embedding_dim);
        Ok(Self {
            embedding: (!values.is_empty()).then_some(CategoricalEmbedding { values, dim }),
            layers,
            input: input.clone(),
            scale,
            target,
            goal,
            outputs,
        })
    }

    /// The network of a model.
    pub(crate) fn of(about: &About) -> Result<Self> {
        Self::new(&about.spec, &about.input, &about.schema, &about.preprocessing)
    }

    /// What it predicts.
    pub(crate) fn goal(&self) -> Goal {
        self.goal
    }

    /// How many numbers a prediction has: one for each class, or each number of the target.
    pub(crate) fn width(&self) -> usize {
        match self.goal {
            Goal::Classes(width) | Goal::Numbers(width) => width,
        }
    }

    /// What predictions and metrics are made from: the logit of each class, or the outputs as they are.
    ///
    /// A single output for two classes is the logit of the second one, and that of the first is 0: their softmax is
    /// `[1 − σ(x), σ(x)]`. Nothing else knows of single outputs but the loss that asks for one.
    ///
    /// # Shapes
    /// - `output`: `[batch, outputs]`
    /// - returns `[batch, width]`
    pub(crate) fn scores<'g>(&self, output: Var<'g>) -> Var<'g> {
        if self.outputs == self.width() {
            return output;
        }
        let first = output.full_like(0.0).broadcast_to(&output.shape());
        first.concat(&[output], -1)
    }

    /// What it takes.
    pub(crate) fn input(&self) -> &InputType {
        &self.input
    }

    /// Number of its layers, the output layer included.
    pub(crate) fn depth(&self) -> usize {
        self.layers.layers.len()
    }

    /// A layer by its number, with its name.
    pub(crate) fn layer(&self, number: usize) -> (String, &Entry<dyn Layer>) {
        (format!("{NAME}.{number}"), &self.layers.layers[number])
    }

    /// How many rows a step of training needs: see [`Layer::min_batch_size`].
    pub(crate) fn min_batch_size(&self) -> usize {
        self.layers.min_batch_size()
    }

    /// The same without its last layers.
    pub(crate) fn cut(&self, depth: usize) -> Self {
        Self {
            layers: Sequential::from(&self.layers.layers[..depth]),
            ..self.clone()
        }
    }

    /// The same without any layer and without its embedding: what it takes, as numbers.
    pub(crate) fn bare(&self) -> Self {
        Self {
            embedding: None,
            ..self.cut(0)
        }
    }

    /// Parameters and buffers, in the order of the layers.
    ///
    /// # Errors
    /// The layers do not fit each other or the input.
    pub(crate) fn tensors(&self) -> Result<Vec<TensorSpec>> {
        let row = Type::new(DType::F32, Shape::new(&[1, self.input.features()])?);
        scope::tensors_of(row, |scope, x| self.layers(scope, x))
    }

    /// Number of learned numbers.
    ///
    /// # Errors
    /// As [`Network::tensors`].
    pub(crate) fn parameters(&self) -> Result<usize> {
        let learned = |spec: &&TensorSpec| matches!(spec.role, Role::Parameter(_));
        let sizes = self.tensors()?;
        Ok(sizes
            .iter()
            .filter(learned)
            .fold(0, |sum: usize, spec| sum.saturating_add(spec.shape.elements())))
    }

    /// Looks at the size before anything of it is made.
    ///
    /// # Errors
    /// As [`Network::tensors`]; [`rosenblatt_tensor::ErrorKind::Unsupported`] if the network is too large.
    pub(crate) fn check_size(&self) -> Result<()> {
        let parameters = self.parameters()?;
        if parameters <= MOST_PARAMETERS {
            return Ok(());
        }
        let message = format!("a network of {parameters} parameters; the largest has {MOST_PARAMETERS}");
        Err(Error::unsupported(message))
    }

    /// The first values of all tensors: a function of the seed and their names.
    ///
    /// # Errors
    /// As [`Network::check_size`].
    pub(crate) fn first_values(&self, spec: &ModelSpec, seed: u64) -> Result<BTreeMap<String, Tensor>> {
        self.check_size()?;
        let first = |tensor: TensorSpec| {
            let value = init::first_value(&tensor, seed, &*spec.init, &*spec.bias_init)?;
            Ok((tensor.name, value))
        };
        self.tensors()?.into_iter().map(first).collect()
    }

    /// The network's own tensors among those of a file, checked against what it needs.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if one is missing or has another shape.
    pub(crate) fn check(&self, tensors: &BTreeMap<String, Tensor>) -> Result<BTreeMap<String, Tensor>> {
        let find = |spec: TensorSpec| {
            let tensor = tensors
                .get(&spec.name)
                .ok_or_else(|| Error::data(format!("there is no tensor `{}`", spec.name)))?;
            if *tensor.shape() != spec.shape || tensor.dtype() != spec.dtype {
                let (want, got) = (Type::new(spec.dtype, spec.shape), Type::of(tensor));
                return Err(Error::data(format!(
                    "`{}` is {got:?}, but the network needs {want:?}",
                    spec.name
                )));
            }
            Ok((spec.name, tensor.clone()))
        };
        self.tensors()?.into_iter().map(find).collect()
    }

    /// Puts the network on a graph: logits, or numbers on the network's own scale.
    ///
    /// # Shapes
    /// - `x`: `[batch, …]` as the rows are kept
    /// - returns `[batch, outputs]`
    pub(crate) fn output<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let batch = x.shape().first().copied().unwrap_or(0);
        let flat = if x.shape().rank() == 2 {
            x
        } else {
            x.reshape(&[batch, self.input.features()])
        };
        let x = flat.cast(scope.dtype());
        let x = self.scale.map_or(x, |scale| x * scale);
        self.layers(scope, x)
    }

    /// What has tensors, for features as numbers.
    fn layers<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let embedding = self.embedding.as_ref();
        let x = embedding.map_or(x, |embedding| scope.apply(EMBEDDING, embedding, x));
        scope.apply(NAME, &self.layers, x)
    }

    /// Targets on the network's own scale.
    pub(crate) fn scaled<'g>(&self, targets: Var<'g>) -> Var<'g> {
        self.target
            .as_ref()
            .map_or(targets, |scale| (targets - scale.mean) / scale.std)
    }

    /// Outputs in the units of the targets.
    pub(crate) fn unscaled<'g>(&self, output: Var<'g>) -> Var<'g> {
        self.target
            .as_ref()
            .map_or(output, |scale| output * scale.std + scale.mean)
    }

    /// How much larger a difference is in the units of the targets than on the network's own scale.
    pub(crate) fn unit(&self) -> f64 {
        self.target.as_ref().map_or(1.0, |scale| scale.std)
    }
}

/// Whether the goal is one of some classes.
pub(crate) fn is_classes(goal: Goal) -> bool {
    matches!(goal, Goal::Classes(_))
}
