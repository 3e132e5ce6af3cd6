//! The check of gradients: correct ones pass, wrong ones are found, and the layer at fault is named.

use crate::common;

use common::alone;
use rosenblatt_autodiff::{Attributes, Elementwise, Real, Type, Unary, Var};
use rosenblatt_data::{DataOptions, Prepared, load};
use rosenblatt_nn::entry::Registry;
use rosenblatt_nn::layers::{Dropout, Linear};
use rosenblatt_nn::{Config, Entry, Layer, Link, Loss, Optimizer, OptimizerStep, Scope, TargetKind, optimizers};
use rosenblatt_train::check::{Checked, check, stand_in};
use rosenblatt_train::{RunOptions, Spec};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

const ENTRIES: usize = 6;

fn spec(source: &str, layers: Vec<Entry<dyn Layer>>) -> Spec {
    let mut spec = Spec {
        data: DataOptions::new(source),
        ..Spec::default()
    };
    spec.model.layers = layers;
    spec
}

fn checked(spec: &Spec) -> Checked {
    let data: Prepared = load(&spec.data, spec.train.seed).unwrap();
    check(spec, &data, &alone(), ENTRIES).unwrap()
}

#[track_caller]
fn is_right(spec: &Spec) {
    let checked = checked(spec);
    assert!(checked.faults.is_empty(), "{spec:?}: {checked:#?}");
    assert!(
        checked
            .tensors
            .iter()
            .all(|tensor| tensor.passed && tensor.error < 1e-6),
        "{checked:#?}"
    );
    assert!(checked.same_bits && checked.first_step.same_bits, "{checked:#?}");
    assert!(
        checked.first_step.loss.is_finite() && checked.tiny_step.after < checked.tiny_step.before,
        "{checked:#?}"
    );
}

#[test]
fn every_layer_loss_and_optimizer_is_right() {
    let around = |layer: Entry<dyn Layer>| {
        vec![
            Linear::new(5 * layer.inputs_per_output()).into(),
            layer,
            Linear::new(4).into(),
            Entry::named("relu").unwrap(),
        ]
    };
    for layer in <dyn Layer>::registry()
        .iter()
        .flat_map(rosenblatt_nn::Registration::examples)
    {
        println!("{layer}");
        // An `embedding` takes integers, and these rows are numbers; nothing is after the features, as it is after channels.
        let is_for_rows = !["embedding", "instance_norm", "spatial_dropout"].contains(&layer.name());
        if !takes_codes(&layer) && is_for_rows && layer.window_axes() < 2 {
            is_right(&spec("iris", around(layer)));
        }
    }
    for loss in <dyn Loss>::registry()
        .iter()
        .flat_map(rosenblatt_nn::Registration::examples)
    {
        println!("{loss}");
        let is_for = |classes| loss.outputs(TargetKind::Classes(classes)).is_some();
        let source = match (is_for(3), is_for(2)) {
            (true, _) => "penguins",
            (false, true) => "breast_cancer",
            (false, false) => "diabetes",
        };
        let mut spec = spec(source, around(Entry::named("tanh").unwrap()));
        spec.model.scale_target = loss.link() != Link::Exp;
        spec.train.loss = Some(loss);
        is_right(&spec);
    }
    for optimizer in <dyn Optimizer>::registry()
        .iter()
        .flat_map(rosenblatt_nn::Registration::examples)
    {
        println!("{optimizer}");
        let solves = optimizer.solver().is_some();
        let layer: Entry<dyn Layer> = if solves {
            Entry::named("tanh").unwrap()
        } else {
            Dropout { p: 0.5 }.into()
        };
        let mut spec = spec("iris", around(layer));
        spec.train.optimizer = optimizer;
        spec.train.clip_norm = (!solves).then_some(0.1);
        is_right(&spec);
    }
}

/// Embeddings are the first layer and take integers.
fn takes_codes(layer: &Entry<dyn Layer>) -> bool {
    let fields = layer.fields();
    fields.contains_key("num_embeddings")
        || fields
            .get("values")
            .is_some_and(|values| values.as_array().is_some_and(|values| !values.is_empty()))
}

#[test]
fn codes_and_weights_are_right() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    let lines = (0..60).map(|i| format!("{},{}.5,{},{}\n", i % 3, i % 7, 1 + i % 4, ["no", "yes"][i % 2]));
    std::fs::write(&path, format!("code,x,w,y\n{}", lines.collect::<String>())).unwrap();
    let mut spec = spec(
        path.to_str().unwrap(),
        vec![Linear::new(5).into(), Entry::named("gelu").unwrap()],
    );
    spec.data.target = Some("y".to_owned());
    is_right(&spec);
    let alike = checked(&spec).tiny_step.before;
    spec.train.class_weight = Some("no=1,yes=5".parse().unwrap());
    is_right(&spec);
    let by_class = checked(&spec).tiny_step.before;
    spec.data.sample_weight = Some("w".to_owned());
    is_right(&spec);
    let by_both = checked(&spec).tiny_step.before;
    assert!(alike != by_class && by_class != by_both, "{alike} {by_class} {by_both}");
}

#[test]
fn what_begins_at_0_and_networks_without_hidden_layers_are_right() {
    let mut zeros = spec("digits", vec![Linear::new(30).into(), Entry::named("relu").unwrap()]);
    zeros.model.init = Entry::named("zeros").unwrap();
    zeros.model.bias_init = Entry::named("zeros").unwrap();
    is_right(&zeros);
    is_right(&spec("diabetes", Vec::new()));
}

#[test]
fn the_entries_are_those_of_the_seed_and_the_largest_is_among_them() {
    let spec = spec("iris", vec![Linear::new(5).into()]);
    let data = load(&spec.data, 0).unwrap();
    let one = check(&spec, &data, &alone(), 3).unwrap();
    assert_eq!(
        one,
        check(&spec, &data, &RunOptions { threads: 2, ..alone() }, 3).unwrap()
    );
    assert_ne!(
        one.tensors,
        check(&spec.with("train.seed=1").unwrap(), &data, &alone(), 3)
            .unwrap()
            .tensors
    );
    let [weight, bias] = &one.tensors[..2] else {
        panic!("{one:?}")
    };
    assert_eq!((&*weight.name, &*weight.shape), ("layers.0.weight", &[5, 4][..]));
    assert_eq!((&*bias.name, &*bias.shape), ("layers.0.bias", &[5][..]));
    assert!(check(&spec, &data, &alone(), 0).unwrap().faults.is_empty());
}

/// The hyperbolic tangent with something wrong.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
enum Fault {
    Doubled,
    Zeroed,
    SignFlipped,
    /// Wrong for large outputs only.
    Rarely,
    /// By a hundredth.
    Slightly,
    /// Nothing: what the others are held against.
    Nothing,
}

#[derive(Clone, Copy, Debug)]
struct WrongTanh(Fault);

impl Elementwise for WrongTanh {
    const NAME: &'static str = "wrong_tanh";

    fn f<T: Real>(&self, x: T) -> T {
        x.tanh()
    }

    fn df<T: Real>(&self, x: T, y: T) -> T {
        let right = x.full_like(1.0) - y * y;
        match self.0 {
            Fault::Nothing => right,
            Fault::Doubled => right * x.full_like(2.0),
            Fault::Zeroed => right * x.full_like(0.0),
            Fault::SignFlipped => right * x.full_like(-1.0),
            Fault::Slightly => right * x.full_like(1.01),
            Fault::Rarely => T::select(y.gt(y.full_like(0.7)), right * x.full_like(1.001), right),
        }
    }

    fn attributes(&self) -> Attributes {
        Attributes::new().with("fault", format!("{:?}", self.0).as_str())
    }
}

/// A layer around it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Wrong {
    fault: Fault,
}

impl Config for Wrong {
    const NAME: &'static str = "wrong";

    fn examples() -> Vec<Self> {
        Vec::new()
    }
}

impl Layer for Wrong {
    fn forward<'g>(&self, _: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        x.graph().apply(Unary(WrongTanh(self.fault)), &[x])
    }
}

#[test]
fn a_wrong_derivative_is_found_and_its_layer_named() {
    let with = |fault| {
        let wrong = Wrong { fault };
        let layers = vec![
            Linear::new(6).into(),
            Entry::named("gelu").unwrap(),
            wrong.into(),
            Linear::new(5).into(),
        ];
        checked(&spec("penguins", layers))
    };
    assert_eq!(with(Fault::Nothing).faults, [""; 0]);
    for fault in [
        Fault::Doubled,
        Fault::Zeroed,
        Fault::SignFlipped,
        Fault::Rarely,
        Fault::Slightly,
    ] {
        let found = with(fault);
        let wrong: Vec<&str> = found.tensors.iter().filter(|t| !t.passed).map(|t| &*t.name).collect();
        assert_eq!(wrong, ["layers.0.weight", "layers.0.bias"], "{fault:?}: {found:#?}");
        let words = "the gradient of `layers.0.weight`, `layers.0.bias` is wrong: the derivative is wrong in layer \
                     `layers.2` (`wrong`)";
        assert_eq!(found.faults[0], words, "{fault:?}");
        assert!(found.same_bits, "what is wrong is wrong both ways");
    }
}

/// Besides a loss of 1e14 small steps show nothing but rounding; that is no excuse.
#[test]
fn a_wrong_derivative_is_found_beside_a_huge_loss() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    let lines = (0..60).map(|row| format!("{},{}.5\n", row % 7, 10_000_000 + row % 9));
    std::fs::write(&path, format!("x,y\n{}", lines.collect::<String>())).unwrap();
    let with = |fault| {
        let layers = vec![Linear::new(6).into(), Wrong { fault }.into()];
        let mut spec = spec(path.to_str().unwrap(), layers);
        spec.data.target = Some("y".to_owned());
        spec.train.learning_rate = 1e-9;
        checked(&spec)
    };
    assert_eq!(with(Fault::Nothing).faults, [""; 0]);
    let found = with(Fault::Slightly);
    assert!(!found.tensors[0].passed, "{found:#?}");
}

/// The pull towards 0 may make the loss larger, and rightly so.
#[test]
fn a_strong_weight_decay_is_no_fault() {
    for optimizer in [
        "adamw:weight_decay=1000",
        "sgd:weight_decay=1000",
        "adam:weight_decay=1000",
    ] {
        let mut spec = spec("iris", vec![Linear::new(5).into()]);
        spec.train.optimizer = Entry::parse(optimizer).unwrap();
        is_right(&spec);
    }
}

/// A loss that is constant where its gradient is not.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct WrongLoss {}

impl Config for WrongLoss {
    const NAME: &'static str = "wrong_loss";

    fn examples() -> Vec<Self> {
        Vec::new()
    }
}

impl Loss for WrongLoss {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        matches!(target_kind, TargetKind::Values(_)).then_some(1)
    }

    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
        let shape = targets.shape();
        let error = prediction.reshape(&shape) - targets;
        error.graph().apply(Unary(WrongTanh(Fault::Doubled)), &[error * error])
    }
}

#[test]
fn a_wrong_loss_is_named() {
    let mut spec = spec("diabetes", vec![Linear::new(3).into()]);
    spec.model.scale_target = true;
    spec.train.loss = Some(WrongLoss {}.into());
    let found = checked(&spec);
    assert!(found.tensors.iter().all(|tensor| !tensor.passed), "{found:#?}");
    assert!(
        found.faults[0].ends_with("the derivative is wrong in loss `wrong_loss`"),
        "{found:#?}"
    );
}

/// Gradient descent that climbs.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
struct Uphill {}

impl Config for Uphill {
    const NAME: &'static str = "uphill";

    fn examples() -> Vec<Self> {
        Vec::new()
    }
}

impl Optimizer for Uphill {
    fn state(&self, _: Type) -> Vec<optimizers::StateSpec> {
        Vec::new()
    }

    fn inputs(&self, _: u64, lr: f64) -> optimizers::Scalars {
        optimizers::Scalars::new([("lr", lr)])
    }

    fn update<'g>(
        &self,
        step: &OptimizerStep<'g>,
        g: Var<'g>,
        theta: Var<'g>,
        _: &[Var<'g>],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        (theta + step.lr() * g, Vec::new())
    }
}

#[test]
fn a_step_the_wrong_way_is_found() {
    let mut spec = spec("iris", vec![Linear::new(3).into()]);
    spec.train.optimizer = Uphill {}.into();
    let found = checked(&spec);
    assert!(found.tensors.iter().all(|tensor| tensor.passed), "{found:#?}");
    assert_eq!(found.faults.len(), 1, "{found:#?}");
    assert!(found.faults[0].starts_with("a step of `uphill` of size "), "{found:#?}");
}

#[test]
fn numbers_that_are_not_finite_are_found() {
    let mut spec = spec("diabetes", vec![Linear::new(3).into()]);
    spec.model.init = "constant:1e38".parse().unwrap();
    let found = checked(&spec);
    let fault = found.first_step.not_finite.unwrap();
    assert!(
        fault.contains("not finite") && found.faults.contains(&fault),
        "{:?}",
        found.faults
    );
}

#[test]
fn a_spec_without_data_gets_rows_of_the_right_kind() {
    let mut spec = Spec::default();
    assert_eq!(stand_in(&spec).source, "iris");
    spec.train.loss = Some(Entry::named("bce_with_logits").unwrap());
    assert_eq!(stand_in(&spec).source, "breast_cancer");
    spec.train.loss = Some(Entry::named("huber").unwrap());
    assert_eq!(stand_in(&spec).source, "diabetes");
    spec.train.early_stopping = Some(rosenblatt_train::EarlyStopping::default());
    spec.data = stand_in(&spec);
    assert!(spec.data.valid_fraction.is_some());
    is_right(&spec);
}
