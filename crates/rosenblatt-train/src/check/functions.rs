//! Scalar functions of named tensors, built the same way whether they are computed or compiled.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_data::Prepared;
use rosenblatt_nn::scope::Found;
use rosenblatt_nn::{Entry, Layer, Mode, Scope, TensorSpec};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use super::{Point, first_rows, targets};
use crate::model::head::Head;
use crate::model::network_step::NetworkStep;
use crate::model::weights::{self, RowWeights, Weighting};
use crate::model::{Data, Model};

/// The tensor that stands for what a layer, or the loss, takes.
const INPUT: &str = "input";

/// A scalar function of a point.
pub(super) trait Function {
    /// Puts it on a graph: its value, and what it may be differentiated by.
    ///
    /// # Errors
    /// What it is made of does not fit together.
    fn build<'g>(&'g self, graph: &'g Graph, source: Source<'g>) -> Result<FunctionGraph<'g>>;
}

/// A function on a graph.
pub(super) struct FunctionGraph<'g> {
    /// A scalar.
    pub(super) value: Var<'g>,
    /// Tensors of the point, in the order they were asked for.
    pub(super) parameters: Vec<(String, Var<'g>)>,
    /// What a compiled function is given for each run, with its values.
    pub(super) given: Vec<(Var<'g>, &'g Tensor)>,
}

/// Where the values at the ends of a graph come from.
#[derive(Clone, Copy)]
pub(super) enum Source<'g> {
    /// They are known.
    Point(&'g Point),
    /// From nowhere yet: the graph is compiled.
    Symbols,
}

impl<'g> Source<'g> {
    /// A tensor of the point.
    fn tensor(self, graph: &'g Graph, spec: &TensorSpec) -> Result<Var<'g>> {
        match self {
            Self::Symbols => Ok(graph.variable(spec.name.clone(), spec.dtype, spec.shape)),
            Self::Point(point) => match point.get(&spec.name) {
                Some(value) => Ok(graph.constant(value.clone())),
                None => Err(Error::internal(format!("there is no tensor `{}`", spec.name))),
            },
        }
    }

    /// A tensor that is not differentiated by.
    fn given(self, graph: &'g Graph, name: &str, value: &'g Tensor) -> Var<'g> {
        match self {
            Self::Symbols => graph.input(name, value.dtype(), *value.shape()),
            Self::Point(_) => graph.constant(value.clone()),
        }
    }
}

/// The loss of a whole network on some rows, as in training.
pub(super) struct FullBatch {
    step: NetworkStep,
    /// The layers with their names.
    pub(super) layers: Vec<(String, Entry<dyn Layer>)>,
    features: Tensor,
    targets: Tensor,
    rows: Tensor,
    counter: Tensor,
    batch_weight: Tensor,
    /// How much each row counts, unless all count alike.
    weights: Option<Tensor>,
}

impl FullBatch {
    /// On the first rows of a run.
    ///
    /// # Errors
    /// There are none, or they have no targets.
    pub(super) fn new(model: &Model, data: &Prepared) -> Result<Self> {
        let table = model.table()?;
        let (spec, train) = (&table.spec, Data::from(&data.train));
        let rows = first_rows(data, spec.train.seed)?;
        let class_weight = spec.train.class_weight.as_ref();
        let classes = class_weight
            .map(|rule| rule.weights(&data.schema.task, &train))
            .transpose();
        let classes = classes.map_err(|error| error.within("train.class_weight"))?;
        let score = data.schema.sample_weight.is_some();
        let step = model.step(data.train.len())?;
        let weighting = Weighting {
            loss: score || classes.is_some(),
            score,
            ignored: step.ignored(),
        };
        let weights = RowWeights::new(weighting, &train, classes.as_deref(), DType::F32)?;
        let totals = weights.totals(rows.to_vec::<i64>()?.into_iter().map(|row| row as usize))?;
        Ok(Self {
            step: NetworkStep {
                dtype: DType::F64,
                ..step
            },
            layers: table.layers()?,
            features: match data.train.features().dtype() {
                DType::F32 => in_f64(data.train.features())?,
                _ => data.train.features().clone(),
            },
            targets: targets(data)?,
            counter: Tensor::from_vec(vec![spec.train.seed as i64, 0], &[2])?,
            batch_weight: Tensor::scalar(totals.batch_weight()),
            weights: weights.loss().map(in_f64).transpose()?,
            rows,
        })
    }

    /// How many rows.
    pub(super) fn len(&self) -> usize {
        self.rows.elements()
    }

    /// The one output and what it is held against.
    pub(super) fn head(&self) -> &Head {
        &self.step.heads[0]
    }

    /// The output of the network for the rows in training, and what each of its layers does.
    fn output<'g>(&'g self, graph: &'g Graph, source: Source<'g>) -> Result<(FunctionGraph<'g>, Found<'g>)> {
        let given = [
            ("features", &self.features),
            ("rows", &self.rows),
            ("counter", &self.counter),
        ];
        let [features, rows, counter] = given.map(|(name, value)| source.given(graph, name, value));
        let scope = Scope::new(graph, DType::F64, Mode::Training { counter }, move |spec| {
            source.tensor(graph, spec)
        });
        let outputs = self.step.outputs(&scope, &[features.take(rows)]);
        let found = scope.finish()?;
        let parameters = found
            .parameters()
            .map(|(spec, var)| (spec.name.clone(), *var))
            .collect();
        let built = FunctionGraph {
            value: outputs[0],
            parameters,
            given: vec![(features, &self.features), (rows, &self.rows), (counter, &self.counter)],
        };
        Ok((built, found))
    }

    /// The loss of given outputs.
    fn loss<'g>(
        &'g self,
        graph: &'g Graph,
        source: Source<'g>,
        output: Var<'g>,
        given: &mut Vec<(Var<'g>, &'g Tensor)>,
    ) -> Var<'g> {
        let rows = source.given(graph, "rows of targets", &self.rows);
        let targets = source.given(graph, "targets", &self.targets);
        let batch_weight = source.given(graph, "batch_weight", &self.batch_weight);
        given.extend([
            (rows, &self.rows),
            (targets, &self.targets),
            (batch_weight, &self.batch_weight),
        ]);
        let targets = self.head().scaled(targets.take(rows), DType::F64);
        let weights = self.weights.as_ref().map(|weights| {
            let of_all = source.given(graph, "weights", weights);
            given.push((of_all, weights));
            of_all.take(rows)
        });
        weights::mean_loss(&*self.head().loss, (output, targets), weights, batch_weight)
    }

    /// The output of the network at a point.
    fn value(&self, point: &Point) -> Result<Tensor> {
        let graph = Graph::dynamic();
        self.output(&graph, Source::Point(point))?.0.value.value()
    }

    /// The input and output of a layer at a point.
    fn around(&self, point: &Point, layer: &str) -> Result<(Tensor, Tensor)> {
        let graph = Graph::dynamic();
        let (_, found) = self.output(&graph, Source::Point(point))?;
        let at = found.outputs.iter().position(|(path, _)| path == layer);
        let at = at.ok_or_else(|| Error::internal(format!("no layer is called `{layer}`")))?;
        let input = match at.checked_sub(1) {
            Some(before) => found.outputs[before].1.value()?,
            None => graph
                .constant(self.features.clone())
                .take(graph.constant(self.rows.clone()))
                .value()?,
        };
        Ok((input, found.outputs[at].1.value()?))
    }
}

impl Function for FullBatch {
    fn build<'g>(&'g self, graph: &'g Graph, source: Source<'g>) -> Result<FunctionGraph<'g>> {
        let (mut built, _) = self.output(graph, source)?;
        built.value = self.loss(graph, source, built.value, &mut built.given);
        graph.error().map_or(Ok(built), Err)
    }
}

/// One layer by itself: a fixed sum of its outputs, for the input it has in the network.
pub(super) struct Alone<'s> {
    layer: &'s dyn Layer,
    name: &'s str,
    counter: &'s Tensor,
    weights: Tensor,
}

impl<'s> Alone<'s> {
    /// A layer of a network, and the point: its input and its own tensors.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(super) fn new(
        whole: &'s FullBatch,
        point: &Point,
        name: &'s str,
        layer: &'s Entry<dyn Layer>,
    ) -> Result<(Self, Point)> {
        let mut at: Point = point.clone();
        let (input, output) = whole.around(point, name)?;
        at.insert(INPUT.to_owned(), in_f64(&input)?);
        let alone = Self {
            layer: &**layer,
            name,
            counter: &whole.counter,
            weights: fixed(output.shape())?,
        };
        Ok((alone, at))
    }
}

impl Function for Alone<'_> {
    fn build<'g>(&'g self, graph: &'g Graph, source: Source<'g>) -> Result<FunctionGraph<'g>> {
        let counter = source.given(graph, "counter", self.counter);
        let x = input(graph, source)?;
        let scope = Scope::new(graph, DType::F64, Mode::Training { counter }, move |spec| {
            source.tensor(graph, spec)
        });
        let y = scope.apply(self.name, self.layer, x);
        let found = scope.finish()?;
        let own = found.parameters().map(|(spec, var)| (spec.name.clone(), *var));
        let parameters = std::iter::once((INPUT.to_owned(), x)).chain(own).collect();
        let weights = source.given(graph, "weights", &self.weights);
        Ok(FunctionGraph {
            value: (y * weights).sum_all(),
            parameters,
            given: vec![(counter, self.counter), (weights, &self.weights)],
        })
    }
}

/// The loss by itself, as a function of the output of the network.
pub(super) struct LossAlone<'s>(&'s FullBatch);

impl<'s> LossAlone<'s> {
    /// The loss of a network, and the point: the network's output.
    ///
    /// # Errors
    /// None that a user can cause.
    pub(super) fn new(whole: &'s FullBatch, point: &Point) -> Result<(Self, Point)> {
        let output = in_f64(&whole.value(point)?)?;
        Ok((Self(whole), BTreeMap::from([(INPUT.to_owned(), output)])))
    }
}

impl Function for LossAlone<'_> {
    fn build<'g>(&'g self, graph: &'g Graph, source: Source<'g>) -> Result<FunctionGraph<'g>> {
        let (x, mut given) = (input(graph, source)?, Vec::new());
        Ok(FunctionGraph {
            value: self.0.loss(graph, source, x, &mut given),
            parameters: vec![(INPUT.to_owned(), x)],
            given,
        })
    }
}

fn input<'g>(graph: &'g Graph, source: Source<'g>) -> Result<Var<'g>> {
    match source {
        Source::Point(point) if point.contains_key(INPUT) => Ok(graph.constant(point[INPUT].clone())),
        _ => Err(Error::internal("a part of a network without its input")),
    }
}

fn in_f64(x: &Tensor) -> Result<Tensor> {
    Tensor::from_vec(x.to_f64(), x.shape())
}

/// Numbers in `[−1, 1)`, always the same.
fn fixed(shape: &[usize]) -> Result<Tensor> {
    let mut numbers = vec![0.0; shape.iter().product()];
    Rng::new(0)
        .purpose("check")
        .purpose("weights")
        .fill_uniform(0, &mut numbers);
    Tensor::from_vec(numbers.into_iter().map(|u: f64| 2.0 * u - 1.0).collect(), shape)
}
