//! Steps of an `Optimize`, compiled and dynamic: every run here compares both, bit for bit.

mod data;
mod features;
mod fused;
mod groups;
mod paths;
mod state;

use std::collections::BTreeMap;
use std::ops::Range;

use rosenblatt_autodiff::plan::{Options, Plan, RunStatus, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var};
use rosenblatt_nn::init::Init;
use rosenblatt_nn::optimize::{Slot, Updates, slots, updates};
use rosenblatt_nn::optimizers::Scalars;
use rosenblatt_nn::schedules::At;
use rosenblatt_nn::{Optimize, OptimizerStep, Role, TensorSpec};
use rosenblatt_tensor::{DType, Result, Shape, Tensor};

use crate::common::random;

type Tensors = BTreeMap<String, Tensor>;
/// New values that the step itself gives.
type Set<'g> = Vec<(String, Var<'g>)>;

/// Parameters, and what is computed with them.
struct Problem {
    parameters: Vec<(&'static str, Tensor)>,
    loss: for<'g> fn(&[Var<'g>]) -> Var<'g>,
    set: for<'g> fn(&[Var<'g>]) -> Set<'g>,
}

const DTYPES: [DType; 2] = [DType::F32, DType::F64];
const STEPS: u64 = 5;

/// A network of two layers, `enc` and `head`.
fn network() -> Problem {
    Problem {
        parameters: vec![
            ("enc.weight", random("enc.weight", &[3, 2])),
            ("enc.bias", random("enc.bias", &[3])),
            ("head.weight", random("head.weight", &[2, 3])),
        ],
        loss: |parameters| {
            let &[w, b, h] = parameters else { unreachable!() };
            let constant = |name, shape: &[usize]| w.graph().constant(random(name, shape)).cast(w.dtype());
            let y = (constant("x", &[8, 2]).matmul(w.matrix_transpose()) + b).tanh();
            let e = y.matmul(h.matrix_transpose()) - constant("y", &[8, 2]);
            (e * e).mean_all()
        },
        set: |_| Vec::new(),
    }
}

/// Two parameters that do not meet: `a.weight` and `b.bias`, each pulled towards a point.
fn apart() -> Problem {
    Problem {
        parameters: vec![("a.weight", random("a", &[2, 3])), ("b.bias", random("b", &[4]))],
        loss: |parameters| {
            fn distance(theta: Var<'_>) -> Var<'_> {
                ((theta - 0.3) * (theta - 0.3)).sum_all()
            }
            distance(parameters[0]) + distance(parameters[1])
        },
        set: |_| Vec::new(),
    }
}

/// One parameter `a.weight` with the constant gradient 1, 2, 3, …
fn slope(values: Vec<f64>, shape: &[usize]) -> Problem {
    Problem {
        parameters: vec![("a.weight", Tensor::from_vec(values, shape).unwrap())],
        loss: |parameters| {
            let theta = parameters[0];
            let count = theta.shape().elements();
            let slope = Tensor::from_vec((1..=count).map(|i| i as f64).collect(), &theta.shape()).unwrap();
            (theta * theta.graph().constant(slope).cast(theta.dtype())).sum_all()
        },
        set: |_| Vec::new(),
    }
}

impl Problem {
    fn tensors(&self, dtype: DType) -> Vec<TensorSpec> {
        let spec = |(name, value): &(&str, Tensor)| TensorSpec {
            name: (*name).to_owned(),
            shape: *value.shape(),
            dtype,
            role: Role::Parameter(Init::Zeros),
        };
        self.parameters.iter().map(spec).collect()
    }

    /// Parameters and what the optimizer keeps, at first.
    fn initial(&self, optimize: &Optimize, dtype: DType) -> Result<Tensors> {
        let mut all: Tensors = (self.parameters.iter())
            .map(|(name, value)| ((*name).to_owned(), of_type(value, dtype)))
            .collect();
        for slot in slots(optimize, &self.tensors(dtype), &self.names_set())? {
            let initial = slot.initial(&all)?;
            assert_eq!((initial.dtype(), *initial.shape()), (dtype, slot.spec.shape));
            all.insert(slot.spec.name, initial);
        }
        Ok(all)
    }

    fn names_set(&self) -> Vec<&'static str> {
        let graph = Graph::new(Execution::Static);
        let thetas: Vec<Var<'_>> = (self.parameters.iter())
            .map(|(name, value)| graph.variable(*name, DType::F32, *value.shape()))
            .collect();
        let set = (self.set)(&thetas);
        let is_set = |name: &&'static str| set.iter().any(|(known, _)| known == name);
        self.parameters.iter().map(|(name, _)| *name).filter(is_set).collect()
    }

    /// A step on a graph; `bind` gives what lives from step to step, `scalar` the inputs of the optimizer.
    fn build<'g>(
        &self,
        optimize: &Optimize,
        dtype: DType,
        bind: impl Fn(&TensorSpec) -> Var<'g>,
        scalar: impl FnMut(&'static str) -> Var<'g>,
    ) -> Result<Updates<'g>> {
        let tensors: Vec<_> = self
            .tensors(dtype)
            .into_iter()
            .map(|spec| (spec.clone(), bind(&spec)))
            .collect();
        let thetas: Vec<Var<'g>> = tensors.iter().map(|(_, theta)| *theta).collect();
        let step = OptimizerStep::new(&*optimize.optimizer, scalar);
        let slot = |slot: &Slot| Ok(bind(&slot.spec));
        updates(
            optimize,
            &step,
            (self.loss)(&thetas),
            &tensors,
            &(self.set)(&thetas),
            slot,
        )
    }

    /// All that is kept after each of some steps, computed dynamically and by a plan, which give the same bits.
    fn run(&self, optimize: impl Into<Optimize>, dtype: DType, steps: u64) -> Result<Vec<Tensors>> {
        let optimize = optimize.into();
        let dynamic = self.dynamic(&optimize, dtype, steps)?;
        let (compiled, _) = self.compiled(&optimize, dtype, steps, Engine::single(), &Options::default())?;
        assert_eq!(dynamic.len(), compiled.len());
        for (dynamic, compiled) in dynamic.iter().zip(&compiled) {
            assert_eq!(bits(dynamic), bits(compiled), "{dtype}");
        }
        Ok(dynamic)
    }

    fn dynamic(&self, optimize: &Optimize, dtype: DType, steps: u64) -> Result<Vec<Tensors>> {
        let mut kept = self.initial(optimize, dtype)?;
        let mut after = Vec::new();
        for t in 0..steps {
            let scalars = optimize.scalars(&At::new(t, steps))?;
            let graph = Graph::dynamic();
            let bind = |spec: &TensorSpec| graph.constant(kept[&spec.name].clone());
            let scalar = |name| graph.constant(Tensor::scalar_of(dtype, number(&scalars, name)));
            let Updates { variables, .. } = self.build(optimize, dtype, bind, scalar)?;
            assert_eq!(graph.not_finite(), Vec::<String>::new());
            let new: Tensors = (variables.into_iter())
                .map(|(name, _, new)| Ok((name, new.value()?)))
                .collect::<Result<_>>()?;
            kept.extend(new);
            after.push(kept.clone());
        }
        Ok(after)
    }

    /// As [`Problem::dynamic`] by a plan, which is returned too.
    fn compiled(
        &self,
        optimize: &Optimize,
        dtype: DType,
        steps: u64,
        engine: Engine,
        options: &Options,
    ) -> Result<(Vec<Tensors>, Plan)> {
        let initial = self.initial(optimize, dtype)?;
        self.resumed(optimize, (&initial, 0..steps), engine, options)
    }

    /// As [`Problem::compiled`], from what was kept at some step; all of it has the type of the parameters.
    fn resumed(
        &self,
        optimize: &Optimize,
        (initial, steps): (&Tensors, Range<u64>),
        engine: Engine,
        options: &Options,
    ) -> Result<(Vec<Tensors>, Plan)> {
        let dtype = initial[self.parameters[0].0].dtype();
        let graph = Graph::new(Execution::Static);
        let mut variables = Variables::new(engine);
        let mut inputs = Vec::new();
        let plan = {
            let bind = |spec: &TensorSpec| graph.variable(spec.name.clone(), spec.dtype, spec.shape);
            let scalar = |name| {
                let input = graph.input(name, dtype, Shape::SCALAR);
                inputs.push(input);
                input
            };
            let built = self.build(optimize, dtype, bind, scalar)?;
            let signature = Signature {
                inputs,
                outputs: vec![built.loss],
                updates: built.variables.into_iter().map(|(_, old, new)| (old, new)).collect(),
                check: Some(built.loss),
            };
            Plan::compile(&signature, &mut variables, options)?
        };
        let names: Vec<String> = variables.names().map(str::to_owned).collect();
        let used = |name: &&String| names.contains(name);
        initial
            .keys()
            .filter(used)
            .try_for_each(|name| variables.write(name, &initial[name]))?;
        let mut after = Vec::new();
        let total = steps.end;
        for t in steps {
            let scalars = optimize.scalars(&At::new(t, total))?;
            let values: Vec<Tensor> = scalars
                .iter()
                .map(|(_, value)| Tensor::scalar_of(dtype, *value))
                .collect();
            let outcome = plan.run(&mut variables, &values.iter().collect::<Vec<_>>())?;
            assert_eq!(outcome, RunStatus::Done);
            let mut all = initial.clone();
            for name in &names {
                all.insert(name.clone(), variables.read(name)?);
            }
            after.push(all);
        }
        Ok((after, plan))
    }
}

fn number(scalars: &Scalars, name: &str) -> f64 {
    scalars.iter().find(|(known, _)| *known == name).unwrap().1
}

fn of_type(value: &Tensor, dtype: DType) -> Tensor {
    match dtype {
        DType::F32 => Tensor::from_vec(value.to_f64().into_iter().map(|x| x as f32).collect(), value.shape()).unwrap(),
        _ => value.clone(),
    }
}

fn bits(tensors: &Tensors) -> BTreeMap<&str, Vec<u64>> {
    let bits = |tensor: &Tensor| tensor.to_f64().into_iter().map(f64::to_bits).collect();
    tensors
        .iter()
        .map(|(name, tensor)| (name.as_str(), bits(tensor)))
        .collect()
}

fn last(states: Vec<Tensors>) -> Tensors {
    states.into_iter().last().unwrap()
}
