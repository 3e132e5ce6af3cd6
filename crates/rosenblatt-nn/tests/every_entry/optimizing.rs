//! Steps of an [`Optimize`], compiled and dynamic: every run here compares both, bit for bit.

use std::collections::BTreeMap;

use rosenblatt_autodiff::plan::{Options, Outcome, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Type, Var, reverse};
use rosenblatt_nn::constraints::{MaxNorm, NonNegative};
use rosenblatt_nn::init::Init;
use rosenblatt_nn::optimize::{Slot, Updates, slots, updates};
use rosenblatt_nn::optimizers::{Adam, AdamW, OPTIMIZERS, Scalars, Sgd, StateSpec};
use rosenblatt_nn::penalties::{ElasticNet, L1, L2};
use rosenblatt_nn::schedules::{At, Cosine, Plateau, WarmUp};
use rosenblatt_nn::{Config, Optimize, OptimizeExt, Optimizer, Role, Step, TensorSpec};
use rosenblatt_tensor::{DType, ErrorKind, Result, Shape, Tensor};
use rosenblatt_testkit::assert_close;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

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
        let step = Step::new(&*optimize.optimizer, scalar);
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
        let compiled = self.compiled(&optimize, dtype, steps)?;
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

    fn compiled(&self, optimize: &Optimize, dtype: DType, steps: u64) -> Result<Vec<Tensors>> {
        let initial = self.initial(optimize, dtype)?;
        let graph = Graph::new(Execution::Static);
        let mut variables = Variables::new(Engine::single());
        let mut inputs = Vec::new();
        let mut plan = {
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
            Plan::compile(&signature, &mut variables, &Options::default())?
        };
        let names: Vec<String> = variables.names().map(str::to_owned).collect();
        let used = |name: &&String| names.contains(name);
        initial
            .keys()
            .filter(used)
            .try_for_each(|name| variables.write(name, &initial[name]))?;
        let mut after = Vec::new();
        for t in 0..steps {
            let scalars = optimize.scalars(&At::new(t, steps))?;
            let values: Vec<Tensor> = scalars
                .iter()
                .map(|(_, value)| Tensor::scalar_of(dtype, *value))
                .collect();
            let outcome = plan.run(&mut variables, &values.iter().collect::<Vec<_>>())?;
            assert_eq!(outcome, Outcome::Done);
            let mut all = initial.clone();
            for name in &names {
                all.insert(name.clone(), variables.read(name)?);
            }
            after.push(all);
        }
        Ok(after)
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

#[test]
fn every_optimizer_takes_the_same_steps_compiled_and_dynamic_with_everything_asked_for() {
    for optimizer in OPTIMIZERS.iter().flat_map(|registration| registration.examples()) {
        let optimize = optimizer
            .lr(0.05)
            .schedule(WarmUp::default())
            .clip_norm(0.5)
            .group("enc", 0.3)
            .decay("bias", 0.0)
            .penalty(ElasticNet::default())
            .penalty_on("enc.bias", L1 { alpha: 0.1 })
            .constraint(MaxNorm { max: 0.8 })
            .constraint_on("enc.bias", NonNegative {})
            .ema(0.9);
        for dtype in DTYPES {
            network().run(optimize.clone(), dtype, STEPS).unwrap();
            network().run(optimize.clone().freeze("enc"), dtype, STEPS).unwrap();
        }
    }
}

#[test]
fn without_settings_the_graph_has_no_node_but_gradients_checks_and_rule() {
    for optimizer in OPTIMIZERS.iter().flat_map(|registration| registration.examples()) {
        let (problem, dtype) = (network(), DType::F32);
        let graph = |build: &dyn for<'g> Fn(&'g Graph)| {
            let graph = Graph::new(Execution::Static);
            build(&graph);
            graph.len()
        };
        fn variable<'g>(graph: &'g Graph, spec: &TensorSpec) -> Var<'g> {
            graph.variable(spec.name.clone(), spec.dtype, spec.shape)
        }
        let by_updates = graph(&|graph| {
            let scalar = |name| graph.input(name, dtype, Shape::SCALAR);
            let optimize = Optimize::new(optimizer.clone());
            problem
                .build(&optimize, dtype, |spec| variable(graph, spec), scalar)
                .unwrap();
        });
        let by_hand = graph(&|graph| {
            let specs = problem.tensors(dtype);
            let thetas: Vec<_> = specs.iter().map(|spec| variable(graph, spec)).collect();
            let step = Step::new(&*optimizer, |name| graph.input(name, dtype, Shape::SCALAR));
            let gradients = reverse::gradients((problem.loss)(&thetas), &thetas);
            for ((theta, g), spec) in thetas.iter().zip(gradients).zip(specs) {
                let state = optimizer.state(Type::new(dtype, theta.shape())).into_iter();
                let old: Vec<_> = state
                    .map(|state| graph.variable(format!("{}.{}", spec.name, state.name), dtype, state.shape))
                    .collect();
                let _ = optimizer.update(&step, g.check_finite(spec.name), *theta, &old);
            }
        });
        assert_eq!(by_updates, by_hand, "{optimizer}");
    }
}

#[test]
fn a_frozen_parameter_keeps_its_bits_and_has_no_state() {
    for dtype in DTYPES {
        let optimize = Adam::default().freeze("enc.").penalty(L1 { alpha: 1.0 }).ema(0.5);
        let after = last(network().run(optimize.clone(), dtype, STEPS).unwrap());
        let before = network().initial(&optimize, dtype).unwrap();
        for name in ["enc.weight", "enc.bias"] {
            assert_eq!(after[name].to_f64(), before[name].to_f64());
        }
        assert_ne!(after["head.weight"].to_f64(), before["head.weight"].to_f64());
        let kept: Vec<&str> = after
            .keys()
            .map(String::as_str)
            .filter(|name| name.contains("enc"))
            .collect();
        assert_eq!(kept, ["enc.bias", "enc.weight"]);
    }
}

#[test]
fn a_frozen_parameter_does_not_change_how_the_others_are_trained() {
    let frozen = last(
        apart()
            .run(Adam::default().freeze("b.bias"), DType::F32, STEPS)
            .unwrap(),
    );
    let all = last(apart().run(Adam::default(), DType::F32, STEPS).unwrap());
    assert_eq!(frozen["a.weight"].to_f64(), all["a.weight"].to_f64());
}

#[test]
fn a_factor_on_the_learning_rate_is_a_smaller_learning_rate_for_that_tensor_alone() {
    for optimizer in OPTIMIZERS.iter().flat_map(|registration| registration.examples()) {
        let run = |optimize: Optimize| last(apart().run(optimize, DType::F64, STEPS).unwrap());
        let grouped = run(optimizer.clone().lr(0.05).group("b", 0.1));
        let (whole, tenth) = (run(optimizer.clone().lr(0.05)), run(optimizer.clone().lr(0.005)));
        assert_eq!(grouped["a.weight"].to_f64(), whole["a.weight"].to_f64(), "{optimizer}");
        assert_close(grouped["b.bias"].to_f64(), tenth["b.bias"].to_f64(), 1e-14);
    }
}

#[test]
fn a_factor_0_on_the_decay_excludes_biases() {
    for dtype in DTYPES {
        let decaying = |weight_decay| AdamW {
            weight_decay,
            ..AdamW::default()
        };
        let run = |optimize: Optimize| last(apart().run(optimize, dtype, STEPS).unwrap());
        let excluded = run(decaying(0.5).lr(0.05).decay("bias", 0.0));
        let (with, without) = (run(decaying(0.5).lr(0.05)), run(decaying(0.0).lr(0.05)));
        assert_eq!(excluded["a.weight"].to_f64(), with["a.weight"].to_f64());
        assert_eq!(excluded["b.bias"].to_f64(), without["b.bias"].to_f64());
        assert_ne!(with["b.bias"].to_f64(), without["b.bias"].to_f64());
    }
}

#[test]
fn for_each_setting_the_last_group_that_has_it_decides() {
    let optimize = Sgd::default()
        .freeze("enc")
        .group("*", 0.5)
        .group("enc.weight", 0.25)
        .decay("bias", 0.0);
    let rules = optimize.rules(&["enc.weight", "enc.bias", "head.bias"]).unwrap();
    let all: Vec<_> = (rules.iter())
        .map(|rule| (rule.learning_rate, rule.weight_decay, rule.frozen))
        .collect();
    assert_eq!(all, [(0.25, 1.0, true), (0.5, 0.0, true), (0.5, 0.0, false)]);
}

#[test]
fn l1_adds_its_sign_to_the_gradient() {
    let problem = slope(vec![0.5, -0.5, 0.0], &[3]);
    let after = last(
        problem
            .run(Sgd::default().lr(0.25).penalty(L1 { alpha: 2.0 }), DType::F64, 1)
            .unwrap(),
    );
    // θ − 0.25 · (slope + 2 sign θ)
    assert_eq!(after["a.weight"].to_f64(), [0.5 - 0.75, -0.5, -0.75]);
}

#[test]
fn l2_is_the_weight_decay_of_sgd() {
    let decay = |weight_decay| Sgd {
        momentum: 0.9,
        weight_decay,
        ..Sgd::default()
    };
    let penalty = network()
        .run(decay(0.0).penalty_on("*", L2 { alpha: 0.1 }), DType::F64, STEPS)
        .unwrap();
    let decay = network().run(decay(0.1), DType::F64, STEPS).unwrap();
    for (penalty, decay) in penalty.iter().zip(&decay) {
        penalty
            .iter()
            .for_each(|(name, value)| assert_close(value.to_f64(), decay[name].to_f64(), 1e-14));
    }
}

#[test]
fn the_loss_that_is_reported_contains_the_penalties() {
    let problem = slope(vec![3.0, -1.0], &[2]);
    let graph = Graph::dynamic();
    let optimize = Sgd::default().penalty(L1 { alpha: 0.5 });
    let bind = |_: &TensorSpec| graph.constant(problem.parameters[0].1.clone());
    let built = problem
        .build(&optimize, DType::F64, bind, |_| graph.constant(Tensor::scalar(0.1)))
        .unwrap();
    assert_eq!(built.loss.value().unwrap().item().unwrap(), 3.0 - 2.0 + 0.5 * 4.0);
}

#[test]
fn max_norm_holds_after_every_step_and_is_the_projection_by_hand() {
    let values = vec![0.1, 0.2, 0.3, -0.4];
    let optimize = Sgd::default().lr(0.125).constraint(MaxNorm { max: 1.0 });
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-15)] {
        let mut theta = values.clone();
        let mut held = 0;
        for after in slope(values.clone(), &[2, 2]).run(optimize.clone(), dtype, 20).unwrap() {
            theta
                .iter_mut()
                .zip([1.0, 2.0, 3.0, 4.0])
                .for_each(|(theta, g)| *theta -= 0.125 * g);
            for row in theta.chunks_mut(2) {
                let norm = row[0].hypot(row[1]);
                held += usize::from(norm > 1.0);
                row.iter_mut().for_each(|theta| *theta *= (1.0 / norm).min(1.0));
            }
            assert_close(after["a.weight"].to_f64(), &theta, tolerance);
        }
        assert!((20..40).contains(&held), "both kinds of rows are met: {held}");
    }
}

#[test]
fn a_moving_average_is_the_one_by_hand_and_begins_as_a_copy() {
    let (decay, optimize) = (0.9, Adam::default().lr(0.05).ema(0.9));
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-15)] {
        let initial = network().initial(&optimize, dtype).unwrap();
        let mut average: Vec<f64> = initial["enc.weight"].to_f64();
        assert_eq!(initial["ema.enc.weight"].to_f64(), average);
        for after in network().run(optimize.clone(), dtype, 10).unwrap() {
            let theta = after["enc.weight"].to_f64();
            average
                .iter_mut()
                .zip(theta)
                .for_each(|(e, theta)| *e = decay * *e + (1.0 - decay) * theta);
            assert_close(after["ema.enc.weight"].to_f64(), &average, tolerance);
        }
    }
}

#[test]
fn the_moving_average_of_what_does_not_change_is_exact() {
    // With weights 0.9999 and 0.0001 rounded to f32 the average would move away from 0.7 by 3·10⁻⁴ of it.
    let problem = Problem {
        loss: |parameters| (parameters[0] * 0.0).sum_all(),
        ..slope(vec![0.7, -0.3], &[2])
    };
    let after = last(problem.run(Sgd::default().ema(0.9999), DType::F32, 100).unwrap());
    assert_eq!(after["ema.a.weight"].to_f64(), after["a.weight"].to_f64());
}

#[test]
fn clipping_bounds_the_norm_of_all_gradients_in_both_types() {
    let problem = slope(vec![0.0; 4], &[2, 2]);
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-15)] {
        let after = last(problem.run(Sgd::default().lr(1.0).clip_norm(0.5), dtype, 1).unwrap());
        let factor = 0.5 / (30f64.sqrt() + 1e-6);
        assert_close(
            after["a.weight"].to_f64(),
            [1.0, 2.0, 3.0, 4.0].map(|g| -g * factor),
            tolerance,
        );
    }
}

#[test]
fn a_parameter_that_the_step_sets_has_no_gradient_and_no_state_and_is_averaged() {
    let problem = Problem {
        set: |parameters| vec![("b.bias".to_owned(), parameters[1] + 1.0)],
        ..apart()
    };
    let optimize = Adam::default()
        .lr(0.05)
        .constraint_on("*", MaxNorm { max: 0.1 })
        .ema(0.5);
    for dtype in DTYPES {
        let before = problem.initial(&optimize, dtype).unwrap();
        let after = last(problem.run(optimize.clone(), dtype, 1).unwrap());
        let (old, new) = (before["b.bias"].to_f64(), after["b.bias"].to_f64());
        assert_close(&new, old.iter().map(|old| old + 1.0).collect::<Vec<_>>(), 1e-7);
        let half: Vec<f64> = old.iter().zip(&new).map(|(old, new)| (old + new) / 2.0).collect();
        assert_close(after["ema.b.bias"].to_f64(), half, 1e-6);
        assert!(
            after.keys().all(|name| !name.starts_with("optimizer.b.")),
            "{:?}",
            after.keys()
        );
        assert_ne!(after["a.weight"].to_f64(), before["a.weight"].to_f64());
    }
}

#[test]
fn the_same_tensor_used_twice_has_the_sum_of_both_gradients() {
    let tied = Problem {
        loss: |parameters| (parameters[0] * parameters[0] * 0.5).sum_all() + parameters[0].sum_all(),
        ..slope(vec![2.0, -4.0], &[2])
    };
    let after = last(tied.run(Sgd::default().lr(0.5), DType::F64, 1).unwrap());
    assert_eq!(after["a.weight"].to_f64(), [0.5, -2.5]);
}

/// As Adafactor: the second moment of a matrix is the product of a row and a column.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Factored {}

impl Config for Factored {
    const NAME: &'static str = "factored";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Optimizer for Factored {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        let spec = |name, size| StateSpec::like(name, parameter).shaped(Shape::new(&[size]).unwrap());
        vec![spec("rows", parameter.shape[0]), spec("columns", parameter.shape[1])]
    }

    fn inputs(&self, _: u64, lr: f64) -> Scalars {
        Scalars::new([("lr", lr)])
    }

    fn update<'g>(&self, step: &Step<'g>, g: Var<'g>, theta: Var<'g>, state: &[Var<'g>]) -> (Var<'g>, Vec<Var<'g>>) {
        let &[rows, columns] = state else { unreachable!() };
        let rows = rows.moving_average(0.9, (g * g).mean(&[1], false));
        let columns = columns.moving_average(0.9, (g * g).mean(&[0], false));
        let v = rows.reshape(&[theta.shape()[0], 1]) * columns / rows.mean_all();
        (theta - step.lr() * g / v.sqrt(), vec![rows, columns])
    }
}

/// As Rprop: each number has a step size of its own, 0.1 at first, that grows while the sign of its gradient stays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Sizes {}

impl Config for Sizes {
    const NAME: &'static str = "sizes";

    fn examples() -> Vec<Self> {
        vec![Self {}]
    }
}

impl Optimizer for Sizes {
    fn state(&self, parameter: Type) -> Vec<StateSpec> {
        let size = StateSpec::like("size", parameter).starting_at(0.1);
        vec![size, StateSpec::like("before", parameter)]
    }

    fn inputs(&self, _: u64, _: f64) -> Scalars {
        Scalars::new([])
    }

    fn update<'g>(&self, _: &Step<'g>, g: Var<'g>, theta: Var<'g>, state: &[Var<'g>]) -> (Var<'g>, Vec<Var<'g>>) {
        let &[size, before] = state else { unreachable!() };
        let zero = g.full_like(0.0);
        let size = (g * before)
            .lt(zero)
            .select(size * 0.5, (g * before).gt(zero).select(size * 1.2, size));
        let sign = g.gt(zero).select(g.full_like(1.0), g.full_like(-1.0));
        (theta - sign * size, vec![size, g])
    }
}

#[test]
fn state_of_another_shape_than_the_parameter() {
    // The gradient [1 2 3]·[1 2 3]ᵀ has squares that are a product of a row and a column, so the factors are exact:
    // v = 0.1 g², and every step is lr / √0.1 · sign g.
    let problem = Problem {
        parameters: vec![("a.weight", Tensor::from_vec(vec![0.0; 6], &[2, 3]).unwrap())],
        loss: |parameters| {
            let theta = parameters[0];
            let slope = Tensor::from_vec(vec![1.0, -2.0, 3.0, 2.0, -4.0, 6.0], &[2, 3]).unwrap();
            (theta * theta.graph().constant(slope).cast(theta.dtype())).sum_all()
        },
        set: |_| Vec::new(),
    };
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-14)] {
        let after = problem.run(Factored {}.lr(0.5), dtype, 3).unwrap();
        let step = 0.5 / 0.1f64.sqrt();
        let expected = [-1.0, 1.0, -1.0].repeat(2).into_iter().map(|sign| sign * step);
        assert_close(after[0]["a.weight"].to_f64(), expected.collect::<Vec<_>>(), tolerance);
        assert_eq!(*after[0]["optimizer.a.weight.rows"].shape(), [2]);
        assert_close(
            after[0]["optimizer.a.weight.columns"].to_f64(),
            [0.25, 1.0, 2.25],
            tolerance,
        );
    }
}

#[test]
fn state_that_does_not_begin_at_0() {
    let problem = Problem {
        loss: |parameters| (parameters[0] * parameters[0]).sum_all(),
        ..slope(vec![0.15, 1.0], &[2])
    };
    for (dtype, tolerance) in [(DType::F32, 1e-6), (DType::F64, 1e-14)] {
        let initial = problem.initial(&Sizes {}.into(), dtype).unwrap();
        assert_close(initial["optimizer.a.weight.size"].to_f64(), [0.1, 0.1], 1e-8);
        let after = problem.run(Sizes {}, dtype, 3).unwrap();
        let expected = [[0.05, 0.9], [-0.07, 0.78], [-0.01, 0.636]];
        for (after, expected) in after.iter().zip(expected) {
            assert_close(after["a.weight"].to_f64(), expected, tolerance);
        }
    }
}

#[test]
fn the_rate_is_the_learning_rate_times_the_factor_of_the_schedule() {
    let optimize = Sgd::default().lr(0.5).schedule(Plateau {
        patience: 1,
        ..Plateau::default()
    });
    let rate = |observed| {
        let at = At {
            step: 7,
            total: None,
            observed,
        };
        optimize.rate(&at).unwrap()
    };
    assert_eq!([rate(&[]), rate(&[1.0, 1.0]), rate(&[1.0, 1.0, 1.0])], [0.5, 0.5, 0.05]);
    let cosine = Adam::default().schedule(Cosine::default());
    assert_eq!(
        *cosine.scalars(&At::new(5, 10)).unwrap(),
        *cosine.optimizer.inputs(6, 1e-3 * 0.5)
    );
}

#[test]
fn it_is_plain_data() {
    let full = Adam::default()
        .lr(0.01)
        .schedule(Cosine::default())
        .clip_norm(1.0)
        .freeze("enc.")
        .group("head.", 0.1)
        .decay("bias", 0.0)
        .penalty(L1 { alpha: 0.1 })
        .constraint_on("head", MaxNorm::default())
        .ema(0.99);
    for optimize in [
        full.clone(),
        Sgd::default().into(),
        Optimize::from(full.optimizer.clone()),
    ] {
        let json = serde_json::to_string(&optimize).unwrap();
        assert_eq!(serde_json::from_str::<Optimize>(&json).unwrap(), optimize, "{json}");
        let toml = toml::to_string(&optimize).unwrap();
        assert_eq!(toml::from_str::<Optimize>(&toml).unwrap(), optimize, "{toml}");
    }
    let short = r#"{"optimizer": "adam", "learning_rate": 0.01, "penalties": [{"penalty": "l1"}]}"#;
    let short: Optimize = serde_json::from_str(short).unwrap();
    assert_eq!(short, Adam::default().lr(0.01).penalty(L1::default()));
}

#[test]
fn usual_rates_are_those_of_pytorch_and_torchs_habits() {
    let rates = [Sgd::default().into(), Adam::default().into(), AdamW::default().into()];
    assert_eq!(
        rates.map(|optimize: Optimize| optimize.learning_rate),
        [1e-2, 1e-3, 1e-3]
    );
}

#[test]
fn a_tensor_of_the_network_may_not_have_the_name_of_a_kept_one() {
    let mut tensors = apart().tensors(DType::F32);
    tensors[1].name = "ema.a.weight".to_owned();
    let error = slots(&Sgd::default().ema(0.9), &tensors, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(error.to_string(), "optimize: `ema.a.weight` is a tensor of the network");
}
