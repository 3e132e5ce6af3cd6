//! What the layers of a model are, and what they compute.

use rosenblatt_autodiff::{Execution, Graph, Type, Var};
use rosenblatt_nn::scope::{self, Found};
use rosenblatt_nn::{Mode, Scope, TensorSpec};
use rosenblatt_tensor::{Result, Tensor};
use serde_json::{Map, Value};

use super::data::Data;
use super::{InputType, Inputs, Model};

/// A layer, with what it puts out: its type, or its values.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerOutput<O> {
    /// Its path, as in the names of its tensors: `layers.0`. A layer that is applied again has a number from the second time on:
    /// `layers.0#2`.
    pub path: String,
    /// Its name in the registry: `conv2d`.
    pub layer: String,
    /// Its settings.
    pub settings: Map<String, Value>,
    /// Along how many axes it looks at windows ([`Layer::window_axes`](rosenblatt_nn::Layer::window_axes)).
    pub window_axes: usize,
    /// Whether it only passes on what was computed before: dropout in prediction, or a layer that is made of others.
    pub passes_on: bool,
    /// Of all rows; the first axis is the batch.
    pub output: O,
}

impl Model {
    /// The layers for one row, in the order they are computed; inner layers are before the layer that holds them.
    ///
    /// # Errors
    /// The model was not fitted yet, or its layers do not fit each other.
    pub fn layers(&self) -> Result<Vec<LayerOutput<Type>>> {
        let graph = Graph::new(Execution::Static);
        let source = |spec: &TensorSpec| Ok(graph.variable(spec.name.clone(), spec.dtype, spec.shape));
        let scope = Scope::new(&graph, self.dtype()?, Mode::Eval, source);
        let input = |(i, input): (usize, &InputType)| {
            let rows = input.rows(1)?;
            Ok(graph.input(format!("x{i}"), rows.dtype, rows.shape))
        };
        let step = self.step(0)?;
        let inputs = step.inputs.iter().enumerate().map(input);
        let inputs = inputs.collect::<Result<Vec<_>>>()?;
        self.network().forward(&scope, &inputs);
        of_layers(&scope.finish()?, &inputs, |output| Ok(output.ty()))
    }

    /// The shape of what each layer or node puts out for one row, by path, in the order they are computed.
    ///
    /// # Errors
    /// As [`Model::layers`].
    pub fn output_shapes(&self) -> Result<Vec<(String, Vec<usize>)>> {
        let layers = self.layers()?.into_iter();
        let of_row = |layer: LayerOutput<Type>| (layer.path, layer.output.shape.iter().skip(1).copied().collect());
        Ok(layers.map(of_row).collect())
    }

    /// What each layer puts out for some rows in prediction, in the order they are computed.
    ///
    /// A value is the same bits as in [`Model::predict`], and may be NaN or infinite, as there.
    ///
    /// # Shapes
    /// - `x`: `[rows, …]` for each input, rows as in training
    /// - each output: `[rows, …]`
    ///
    /// # Errors
    /// As [`Model::predict`].
    ///
    /// # Example
    /// ```
    /// use rosenblatt_nn::activations::RELU;
    /// use rosenblatt_nn::layers::{Linear, Sequential};
    /// use rosenblatt_nn::{losses::Mse, metrics::Rmse, optimizers::Sgd};
    /// use rosenblatt_tensor::Tensor;
    /// use rosenblatt_train::{Compile, Fit};
    ///
    /// let (x, y) = (Tensor::new(vec![1.0f32, 2.0], &[2, 1])?, Tensor::new(vec![2.0f32, 4.0], &[2, 1])?);
    /// let layers = Sequential::new().then(Linear::new(4)).then(RELU).then(Linear::new(1));
    /// let mut model = layers.compile(Mse {}, Sgd::default(), [Rmse {}])?;
    /// model.fit((&x, &y), &Fit::epochs(1))?;
    /// let outputs = model.layer_outputs(&x)?;
    /// assert_eq!((&*outputs[1].path, &*outputs[1].layer), ("layers.1", "relu"));
    /// assert!(outputs[1].output.to_f64().iter().all(|&value| value >= 0.0));
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn layer_outputs(&self, x: impl Into<Inputs>) -> Result<Vec<LayerOutput<Tensor>>> {
        let data = self.check_rows(self.prepared(&Data::of_inputs(x.into().0))?)?;
        let graph = Graph::dynamic();
        let scope = Scope::new(&graph, self.dtype()?, Mode::Eval, scope::leaves(&graph, self.params()));
        let inputs: Vec<_> = data.inputs.iter().map(|input| graph.constant(input.clone())).collect();
        self.network().forward(&scope, &inputs);
        of_layers(&scope.finish()?, &inputs, |output| output.value())
    }
}

/// The layers that were put on a graph, with a part of their outputs.
fn of_layers<'g, O>(
    found: &Found<'g>,
    inputs: &[Var<'g>],
    read: impl Fn(Var<'g>) -> Result<O>,
) -> Result<Vec<LayerOutput<O>>> {
    let layer = |(i, (path, output)): (usize, &(String, Var<'g>))| {
        let known = found.layers.get(path.split('#').next().unwrap_or(path));
        let mut before = inputs.iter().chain(found.outputs[..i].iter().map(|(_, before)| before));
        Ok(LayerOutput {
            path: path.clone(),
            layer: known.map(|known| known.name.clone()).unwrap_or_default(),
            settings: known.map(|known| known.fields.clone()).unwrap_or_default(),
            window_axes: known.map_or(0, |known| known.window_axes),
            passes_on: before.any(|before| before.id() == output.id()),
            output: read(*output)?,
        })
    };
    found.outputs.iter().enumerate().map(layer).collect()
}
