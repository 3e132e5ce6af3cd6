//! Laws of optimizers.

mod facts;

use rosenblatt_autodiff::{Graph, Type, Var};
use rosenblatt_nn::optimizers::OPTIMIZERS;
use rosenblatt_nn::{Entry, Optimizer, OptimizerStep};
use rosenblatt_tensor::{Element, Tensor};
use rosenblatt_testkit::{assert_close, fixture};

use crate::common::registry_laws;

#[test]
fn every_file_is_registered_and_every_entry_is_plain_data() {
    registry_laws::<dyn Optimizer>("src/optimizers", &["schedule_free", "state", "step"]);
}

/// A parameter and its state while it is optimized, one dynamic graph a step.
#[derive(Clone)]
struct Run<'o> {
    optimizer: &'o dyn Optimizer,
    lr: f64,
    t: u64,
    groups: (f64, f64),
    theta: Tensor,
    state: Vec<Tensor>,
}

impl<'o> Run<'o> {
    fn new<T: Element>(optimizer: &'o dyn Optimizer, lr: f64, theta: Vec<T>) -> Self {
        let shape = [theta.len()];
        Self::shaped(optimizer, lr, theta, &shape)
    }

    fn shaped<T: Element>(optimizer: &'o dyn Optimizer, lr: f64, theta: Vec<T>, shape: &[usize]) -> Self {
        let theta = Tensor::from_slice(&theta, shape).unwrap();
        let state = initial(optimizer, &theta);
        Self {
            optimizer,
            lr,
            t: 0,
            groups: (1.0, 1.0),
            theta,
            state,
        }
    }

    /// What a network is evaluated with.
    fn evaluated(&self) -> Vec<f64> {
        let specs = self.optimizer.state(Type::of(&self.theta));
        let name = self.optimizer.evaluated_state();
        match specs.iter().position(|spec| Some(spec.name) == name) {
            Some(at) => self.state[at].to_f64(),
            None => self.theta.to_f64(),
        }
    }

    fn step(&mut self, gradient: &[f64]) {
        self.t += 1;
        let graph = Graph::dynamic();
        let dtype = self.theta.dtype();
        let inputs = self.optimizer.inputs(self.t, self.lr);
        let value = |name| inputs.iter().find(|(known, _)| *known == name).unwrap().1;
        let step = OptimizerStep::new(self.optimizer, |name| {
            graph.constant(Tensor::scalar_of(dtype, value(name)))
        });
        let step = step.group(self.groups.0, self.groups.1);
        let g = graph
            .constant(Tensor::from_slice(gradient, self.theta.shape()).unwrap())
            .cast(dtype);
        let state: Vec<Var<'_>> = self.state.iter().map(|state| graph.constant(state.clone())).collect();
        let (theta, state) = self
            .optimizer
            .update(&step, g, graph.constant(self.theta.clone()), &state);
        let new = theta.value().unwrap();
        assert_eq!(Type::of(&new), Type::of(&self.theta), "{:?}", self.optimizer);
        self.theta = new;
        let state = state.iter().map(|state| state.value().unwrap());
        let types = self.state.iter().map(Type::of).collect::<Vec<_>>();
        self.state = state.collect();
        assert!(self.state.iter().map(Type::of).eq(types), "{:?}", self.optimizer);
    }
}

/// The initial state of an optimizer for a parameter.
pub fn initial(optimizer: &dyn Optimizer, theta: &Tensor) -> Vec<Tensor> {
    let specs = optimizer.state(Type::of(theta)).into_iter();
    specs.map(|spec| spec.initial(theta).unwrap()).collect()
}

#[test]
fn trajectories_are_those_of_the_references() {
    let fixture = fixture("training.json");
    let numbers = |json: &serde_json::Value| serde_json::from_value::<Vec<f64>>(json.clone()).unwrap();
    let (curvature, start) = (numbers(&fixture["curvature"]), numbers(&fixture["start"]));
    let rules: Vec<_> = rules().collect();
    let mut missing: Vec<&str> = rules.iter().map(|optimizer| optimizer.name()).collect();
    for case in fixture["trajectories"].as_array().unwrap() {
        let optimizer = Entry::<dyn Optimizer>::from_json(&case["optimizer"]).unwrap();
        missing.retain(|name| *name != optimizer.name());
        let shape = serde_json::from_value(case["shape"].clone()).unwrap_or(vec![4]);
        println!("{optimizer} {shape:?}");
        let count = shape.iter().product();
        let theta = (0..count).map(|i: usize| start[i % 4] - (i / 4) as f64 / 4.0);
        let learning_rate = case["learning_rate"].as_f64().unwrap();
        let mut run = Run::shaped(&*optimizer, learning_rate, theta.collect(), &shape);
        for t in 1..=1000 {
            if let Some(steps) = case["warm_up"].as_u64() {
                run.lr = learning_rate * (t as f64 / steps as f64).min(1.0);
            }
            let noise = |i: usize| (((7 * t + 3 * i) % 11) as f64 - 5.0) / 8.0;
            let theta = run.theta.to_f64();
            let gradient: Vec<f64> = (0..count).map(|i| curvature[i % 4] * theta[i] + noise(i)).collect();
            run.step(&gradient);
            if let Some(expected) = case["theta"].get(t.to_string()) {
                assert_close(run.theta.to_f64(), numbers(expected), 1e-12);
                let evaluated = case.get("evaluated").map_or(expected, |all| &all[t.to_string()]);
                assert_close(run.evaluated(), numbers(evaluated), 1e-12);
            }
        }
    }
    assert!(missing.is_empty(), "no trajectory in the fixture: {missing:?}");
}

#[test]
fn inputs_have_the_same_names_at_every_step_and_are_finite() {
    for optimizer in rules() {
        let names = |t| {
            optimizer
                .inputs(t, 0.1)
                .iter()
                .map(|(name, _)| *name)
                .collect::<Vec<_>>()
        };
        for t in [1, 2, 1000, u64::from(u32::MAX), u64::MAX] {
            assert_eq!(names(t), names(1), "{optimizer}");
            assert!(
                optimizer.inputs(t, 0.1).iter().all(|(_, value)| value.is_finite()),
                "{optimizer} at {t}"
            );
        }
    }
}

/// Every optimizer that takes steps with each of its examples; solvers have tests of their own.
pub fn rules() -> impl Iterator<Item = Entry<dyn Optimizer>> {
    let all = OPTIMIZERS.iter().flat_map(|registration| registration.examples());
    all.filter(|optimizer| optimizer.solver().is_none())
}

/// A vector, and a matrix: some rules treat them differently.
const SHAPES: [&[usize]; 2] = [&[2], &[1, 2]];

#[test]
fn every_optimizer_finds_the_minimum_of_a_bowl() {
    for optimizer in rules() {
        let of_matrices = ["adafactor", "muon"].contains(&optimizer.name());
        for shape in SHAPES.into_iter().take(1 + usize::from(of_matrices)) {
            let found = end_in_a_bowl(&optimizer, shape, 1.0);
            assert!(is_minimum(&found), "{optimizer} {shape:?}: {found:?}");
        }
    }
}

/// Where an optimizer comes to from (1, −1) in `θ₁² + θ₂²`, if its gradient is multiplied by `factor`.
pub fn end_in_a_bowl(optimizer: &Entry<dyn Optimizer>, shape: &[usize], factor: f64) -> Vec<f64> {
    // The first steps of AdaDelta have the size of the root of its ε.
    let steps = if optimizer.name() == "adadelta" { 2000 } else { 500 };
    let rate = optimizer.usual_rate().max(0.1);
    let mut run = Run::shaped(&**optimizer, rate, vec![1.0, -1.0], shape);
    for t in 0..steps {
        // Rules whose steps do not shrink by themselves come to rest.
        run.lr = rate * f64::from(steps - t) / f64::from(steps);
        let gradient: Vec<f64> = run.theta.to_f64().iter().map(|theta| factor * 2.0 * theta).collect();
        run.step(&gradient);
    }
    run.evaluated()
}

pub fn is_minimum(found: &[f64]) -> bool {
    found.iter().all(|theta| theta.abs() < 0.02)
}

#[test]
fn a_learning_rate_of_zero_changes_no_parameter() {
    for optimizer in rules() {
        for shape in SHAPES {
            let mut run = Run::shaped(&*optimizer, 0.0, vec![1.0f32, -2.0], shape);
            for gradient in [[0.5, 1e10], [0.0, 0.0], [-1.0, 2.0]] {
                run.step(&gradient);
                assert_eq!(run.theta.to_f64(), [1.0, -2.0], "{optimizer} {shape:?}");
                assert_eq!(run.evaluated(), [1.0, -2.0], "{optimizer} {shape:?}");
            }
        }
    }
}

#[test]
fn a_group_scales_learning_rate_and_decay() {
    for optimizer in rules() {
        for shape in SHAPES {
            let run = |lr: f64, groups: (f64, f64)| {
                let mut run = Run {
                    groups,
                    ..Run::shaped(&*optimizer, lr, vec![1.0, -2.0], shape)
                };
                (0..5).for_each(|_| run.step(&[0.5, 0.25]));
                run.theta.to_f64()
            };
            assert_close(run(0.1, (0.5, 1.0)), run(0.05, (1.0, 1.0)), 1e-14);
            let decays = optimizer
                .fields()
                .get("weight_decay")
                .is_some_and(|decay| decay.as_f64() != Some(0.0));
            assert_eq!(run(0.1, (1.0, 0.0)) != run(0.1, (1.0, 1.0)), decays, "{optimizer}");
        }
    }
}

#[test]
fn parameters_of_every_size_keep_their_type_and_stay_finite() {
    for optimizer in rules() {
        for shape in [
            &[][..],
            &[1],
            &[1, 1],
            &[3, 1],
            &[1, 3],
            &[2, 1, 3],
            &[0],
            &[0, 3],
            &[3, 0],
            &[0, 0],
        ] {
            let count = shape.iter().product();
            let mut run = Run::shaped(&*optimizer, 0.1, vec![0.5f32; count], shape);
            for gradient in [0.0, 1.0, 1e-30, -1e5, 0.0] {
                run.step(&vec![gradient; count]);
                let tensors = run.state.iter().chain([&run.theta]);
                let finite = tensors.flat_map(Tensor::to_f64).all(f64::is_finite);
                assert!(finite, "{optimizer} {shape:?} {gradient}: {:?}", run.state);
            }
        }
    }
}

#[test]
fn without_gradient_nothing_moves_but_by_decay() {
    for optimizer in rules() {
        for (shape, decay) in SHAPES.into_iter().flat_map(|shape| [(shape, 0.0), (shape, 0.25)]) {
            let Ok(optimizer) = optimizer.with("weight_decay", decay) else {
                continue;
            };
            let mut run = Run::shaped(&*optimizer, 0.1, vec![1.0f32, 0.0], shape);
            (0..3).for_each(|_| run.step(&[0.0, 0.0]));
            let [first, second] = run.theta.to_f64()[..] else {
                unreachable!()
            };
            assert_eq!((first < 1.0, second), (decay > 0.0, 0.0), "{optimizer} {shape:?}");
        }
    }
}

#[test]
fn state_is_never_subnormal() {
    let tiny = 2f32.powi(-100);
    for optimizer in rules() {
        for shape in [&[1][..], &[1, 1]] {
            let mut run = Run::shaped(&*optimizer, 0.1, vec![0.0f32], shape);
            run.step(&[1e-3]);
            assert!(
                run.state.iter().all(|state| state.to_f64() != [0.0]),
                "{optimizer} keeps what is not tiny"
            );
            // The slowest decay, 0.999ᵗ, needs many steps to get here: all numbers are just above what is tiny.
            for state in &mut run.state {
                *state = Tensor::from_slice(&[tiny], state.shape()).unwrap();
            }
            run.theta = Tensor::from_slice(&[0.0f32], shape).unwrap();
            run.step(&[0.0]);
            for state in &run.state {
                let size = state.item().unwrap().abs();
                assert!(size == 0.0 || size >= f64::from(tiny), "{optimizer}: {size:e}");
            }
        }
    }
}
