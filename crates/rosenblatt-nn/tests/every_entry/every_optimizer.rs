//! Laws of optimizers.

use rosenblatt_autodiff::{Graph, Type, Var};
use rosenblatt_nn::optimizers::{Adam, AdamW, OPTIMIZERS, Sgd};
use rosenblatt_nn::{Config, Entry, Optimizer, OptimizerStep};
use rosenblatt_tensor::{Element, Tensor};
use rosenblatt_testkit::{assert_close, fixture};

use crate::common::registry_laws;

#[test]
fn every_file_is_registered_and_every_entry_is_plain_data() {
    registry_laws::<dyn Optimizer>("src/optimizers", &["range", "schedule_free", "state", "step"]);
}

/// A parameter and its state while it is optimized, one dynamic graph a step.
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
        let theta = Tensor::from_slice(&theta, &[theta.len()]).unwrap();
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
            .constant(Tensor::from_slice(gradient, &[gradient.len()]).unwrap())
            .cast(dtype);
        let state: Vec<Var<'_>> = self.state.iter().map(|state| graph.constant(state.clone())).collect();
        let (theta, state) = self
            .optimizer
            .update(&step, g, graph.constant(self.theta.clone()), &state);
        self.theta = theta.value().unwrap();
        self.state = state.iter().map(|state| state.value().unwrap()).collect();
    }
}

/// The initial state of an optimizer for a parameter.
pub fn initial(optimizer: &dyn Optimizer, theta: &Tensor) -> Vec<Tensor> {
    let specs = optimizer.state(Type::of(theta)).into_iter();
    specs.map(|spec| spec.initial(theta).unwrap()).collect()
}

#[test]
fn trajectories_are_those_of_pytorch() {
    let fixture = fixture("training.json");
    let numbers = |json: &serde_json::Value| serde_json::from_value::<Vec<f64>>(json.clone()).unwrap();
    let (curvature, start) = (numbers(&fixture["curvature"]), numbers(&fixture["start"]));
    let mut missing: Vec<&str> = OPTIMIZERS.iter().map(|registration| registration.name).collect();
    for case in fixture["trajectories"].as_array().unwrap() {
        let optimizer = Entry::<dyn Optimizer>::from_json(&case["optimizer"]).unwrap();
        println!("{optimizer}");
        missing.retain(|name| *name != optimizer.name());
        let mut run = Run::new(&*optimizer, case["learning_rate"].as_f64().unwrap(), start.clone());
        for t in 1..=1000 {
            let noise = |i: usize| (((7 * t + 3 * i) % 11) as f64 - 5.0) / 8.0;
            let theta = run.theta.to_f64();
            let gradient: Vec<f64> = (0..4).map(|i| curvature[i] * theta[i] + noise(i)).collect();
            run.step(&gradient);
            if let Some(expected) = case["theta"].get(t.to_string()) {
                assert_close(run.theta.to_f64(), numbers(expected), 1e-12);
            }
        }
    }
    assert!(missing.is_empty(), "no trajectory in the fixture: {missing:?}");
}

#[test]
fn inputs_have_the_same_names_at_every_step_and_are_finite() {
    for optimizer in OPTIMIZERS.iter().flat_map(|registration| registration.examples()) {
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

#[test]
fn every_optimizer_finds_the_minimum_of_a_bowl() {
    for optimizer in OPTIMIZERS.iter().flat_map(|registration| registration.examples()) {
        let mut run = Run::new(&*optimizer, 0.02, vec![1.0, -1.0]);
        for _ in 0..2000 {
            let gradient: Vec<f64> = run.theta.to_f64().iter().map(|theta| 2.0 * theta).collect();
            run.step(&gradient);
        }
        assert!(
            run.theta.to_f64().iter().all(|theta| theta.abs() < 0.02),
            "{optimizer}: {:?}",
            run.theta
        );
    }
}

#[test]
fn a_learning_rate_of_zero_changes_no_parameter() {
    for optimizer in OPTIMIZERS.iter().flat_map(|registration| registration.examples()) {
        let mut run = Run::new(&*optimizer, 0.0, vec![1.0f32, -2.0]);
        run.step(&[0.5, 1e30]);
        assert_eq!(run.theta.to_f64(), [1.0, -2.0], "{optimizer}");
    }
}

#[test]
fn a_group_scales_learning_rate_and_decay() {
    for optimizer in OPTIMIZERS.iter().flat_map(|registration| registration.examples()) {
        let run = |lr: f64, groups: (f64, f64)| {
            let mut run = Run {
                groups,
                ..Run::new(&*optimizer, lr, vec![1.0, -2.0])
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

#[test]
fn an_empty_tensor_stays_empty() {
    for optimizer in OPTIMIZERS.iter().flat_map(|registration| registration.examples()) {
        let mut run = Run::new(&*optimizer, 0.1, Vec::<f32>::new());
        run.step(&[]);
        assert_eq!(run.theta.elements(), 0);
    }
}

#[test]
fn tiny_state_becomes_zero() {
    for optimizer in OPTIMIZERS.iter().flat_map(|registration| registration.examples()) {
        let mut run = Run::new(&*optimizer, 0.1, vec![0.0f32]);
        run.step(&[1e-3]);
        assert!(
            run.state.iter().all(|state| state.to_f64() != [0.0]),
            "{optimizer} keeps what is not tiny"
        );
        // The slowest state, 0.999ᵗ, needs as many steps; the state before its end is above 2⁻¹⁰⁰.
        run.state
            .iter_mut()
            .for_each(|state| *state = Tensor::from_vec(vec![2f32.powi(-100)], &[1]).unwrap());
        run.theta = Tensor::from_vec(vec![0.0f32], &[1]).unwrap();
        run.step(&[0.0]);
        assert!(
            run.state.iter().all(|state| state.to_f64() == [0.0]),
            "{optimizer}: {:?}",
            run.state
        );
    }
}

#[test]
fn first_step_of_adam_has_size_lr_whatever_the_gradient_scale() {
    for optimizer in [
        Entry::<dyn Optimizer>::from(Adam::default()),
        AdamW {
            weight_decay: 0.0,
            ..AdamW::default()
        }
        .into(),
    ] {
        for scale in [1e-4, 1.0, 1e4] {
            let mut run = Run::new(&*optimizer, 0.01, vec![0.0, 0.0]);
            run.step(&[scale, -2.0 * scale]);
            assert_close(run.theta.to_f64(), [-0.01, 0.01], 2e-6);
        }
    }
}

#[test]
fn momentum_in_a_constant_slope_reaches_its_final_speed() {
    let sgd = Sgd {
        momentum: 0.9,
        ..Sgd::default()
    };
    let mut run = Run::new(&sgd, 0.1, vec![0.0]);
    (0..400).for_each(|_| run.step(&[1.0]));
    let before = run.theta.item().unwrap();
    run.step(&[1.0]);
    assert_close(before - run.theta.item().unwrap(), 0.1 / (1.0 - 0.9), 1e-12);
}

#[test]
fn decoupled_decay_does_not_pass_through_the_moments() {
    let adamw = AdamW {
        weight_decay: 0.5,
        ..AdamW::default()
    };
    let mut run = Run::new(&adamw, 0.1, vec![2.0]);
    run.step(&[0.0]);
    assert_close(run.theta.to_f64(), [2.0 - 0.1 * 0.5 * 2.0], 1e-15);
    assert_eq!(run.state[0].to_f64(), [0.0]);
}

#[test]
fn coupled_decay_is_a_part_of_the_gradient() {
    let sgd = Sgd {
        momentum: 0.9,
        nesterov: true,
        weight_decay: 0.0,
    };
    let (decay, adam) = (0.25, Adam::default());
    for (with, without) in [
        (
            Entry::<dyn Optimizer>::from(Sgd {
                weight_decay: decay,
                ..sgd.clone()
            }),
            Entry::from(sgd),
        ),
        (
            Adam {
                weight_decay: decay,
                ..adam.clone()
            }
            .into(),
            adam.into(),
        ),
    ] {
        let mut with = Run::new(&*with, 0.05, vec![1.0, -2.0]);
        let mut without = Run::new(&*without, 0.05, vec![1.0, -2.0]);
        for t in 0..50 {
            let gradient = [f64::from(t % 7) - 3.0, f64::from(t % 5) - 2.0];
            let theta = without.theta.to_f64();
            with.step(&gradient);
            without.step(&[gradient[0] + decay * theta[0], gradient[1] + decay * theta[1]]);
            assert_close(with.theta.to_f64(), without.theta.to_f64(), 1e-13);
        }
    }
}

#[test]
fn settings_out_of_range_are_refused() {
    for text in [
        "sgd:momentum=1",
        "sgd:momentum=-0.1",
        "adam:beta1=1",
        "adam:beta2=1.5",
        "adam:eps=0",
        "adamw:weight_decay=-1",
        "sgd:nesterov=true",
    ] {
        assert!(Entry::<dyn Optimizer>::parse(text).is_err(), "{text}");
    }
}

#[test]
fn nesterov_without_momentum_is_refused() {
    let error = Sgd {
        nesterov: true,
        ..Sgd::default()
    }
    .check()
    .unwrap_err();
    assert_eq!(error.message(), "`nesterov` needs momentum");
}
