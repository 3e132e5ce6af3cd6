//! Gains of activations, and which activation follows a weight.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Type, Var};
use rosenblatt_nn::activations::{ACTIVATIONS, RELU, SIGMOID, TANH};
use rosenblatt_nn::init::activation_gain;
use rosenblatt_nn::layers::{
    BatchNorm, Dropout, Flatten, Functional, GroupNorm, LayerNorm, LeakyRelu, Linear, Prelu, RmsNorm, Sequential,
    Softmax,
};
use rosenblatt_nn::scope::gains_for;
use rosenblatt_nn::{Entry, Layer, Network, Scope};
use rosenblatt_tensor::{DType, Shape};
use rosenblatt_testkit::{assert_close, fixture};
use serde_json::Value;

#[test]
fn gains_are_the_integrals_of_mpmath() {
    let fixture = fixture("gains.json");
    for case in fixture["gains"].as_array().unwrap() {
        let layer = Entry::<dyn Layer>::from_json(&case["layer"]).unwrap();
        println!("{layer}");
        assert_close(activation_gain(&*layer).unwrap(), case["gain"].as_f64().unwrap(), 1e-14);
    }
    // By hand: 1 / √E[z²], and the identity.
    assert_eq!(
        activation_gain(&*Entry::<dyn Layer>::named("identity").unwrap()),
        Some(1.0)
    );
    // Every activation has a gain, without a table.
    for activation in ACTIVATIONS {
        let gain = activation_gain(activation).unwrap();
        assert!((0.1..10.0).contains(&gain), "{activation:?}: {gain}");
    }
}

#[test]
fn gains_are_those_of_pytorch_where_the_rule_is_the_same() {
    let pytorch: BTreeMap<String, Value> = serde_json::from_value(fixture("gains.json")["pytorch"].clone()).unwrap();
    let of = |name: &str| pytorch[name].as_f64().unwrap();
    assert_close(activation_gain(&RELU).unwrap(), of("relu"), 1e-14);
    let leaky = Entry::<dyn Layer>::from(LeakyRelu { slope: 0.25 });
    assert_close(activation_gain(&*leaky).unwrap(), of("leaky_relu_0.25"), 1e-14);
    // The slope that PReLU begins with.
    assert_close(
        activation_gain(&Prelu::default()).unwrap(),
        of("leaky_relu_0.25"),
        1e-14,
    );
    // Rules of thumb, which the documentation of `Gain` names.
    assert_eq!((of("tanh"), of("sigmoid"), of("selu")), (5.0 / 3.0, 1.0, 0.75));
    assert!((activation_gain(&TANH).unwrap() - 1.5925).abs() < 1e-4);
    assert!((activation_gain(&SIGMOID).unwrap() - 1.8462).abs() < 1e-4);
}

#[test]
fn what_mixes_numbers_or_has_weights_has_no_gain() {
    let inner = Sequential::new().then(Linear::new(1)).then(RELU);
    let layers: [&dyn Layer; 4] = [&Softmax {}, &LayerNorm::default(), &Linear::new(1), &inner];
    for layer in layers {
        assert_eq!(activation_gain(layer), None, "{layer:?}");
    }
    assert_eq!(activation_gain(&Sequential::new().then(RELU)), activation_gain(&RELU));
}

fn gains(network: impl Into<Network>, row: &[usize]) -> Vec<f64> {
    let rows = Type::new(DType::F32, Shape::new(row).unwrap());
    network
        .into()
        .gains(&[rows], DType::F32)
        .unwrap()
        .into_values()
        .collect()
}

#[test]
fn the_next_activation_counts_whatever_lies_between() {
    let [relu, tanh] = [RELU, TANH].map(|activation| activation_gain(&activation).unwrap());
    let blocks = Sequential::new()
        .then(Linear::new(8))
        .then(BatchNorm::default())
        .then(Dropout::default())
        .then(RELU)
        .then(Linear::new(8))
        .then(LayerNorm::default())
        .then(RmsNorm::default())
        .then(TANH)
        .then(Linear::new(8))
        .then(Linear::new(2))
        .then(Softmax {});
    assert_eq!(gains(blocks, &[1, 4]), [relu, tanh, 1.0, 1.0]);
    // Nested, and with other axes.
    let inner = Sequential::new()
        .then(GroupNorm::new(2))
        .then(Sequential::new().then(TANH));
    let nested = Sequential::new()
        .then(Sequential::new().then(Linear::new(6)))
        .then(inner)
        .then(Flatten {})
        .then(Linear::new(3))
        .then(Flatten {})
        .then(RELU);
    assert_eq!(gains(nested, &[1, 4, 5]), [tanh, relu]);
}

#[test]
fn readers_that_do_not_agree_give_no_gain() {
    let relu = activation_gain(&RELU).unwrap();
    let both = |second: Entry<dyn Layer>| {
        Functional::with_outputs(|[x]| {
            let hidden = x.then(Linear::new(3)).named("hidden");
            [hidden.then(RELU), hidden.then(second)]
        })
    };
    assert_eq!(gains(both(RELU.into()), &[1, 4]), [relu]);
    assert_eq!(gains(both(TANH.into()), &[1, 4]), [1.0]);
    let sum = Functional::of(|[x]| {
        let hidden = x.then(Linear::new(4)).named("hidden");
        (hidden + x).then(RELU)
    });
    assert_eq!(gains(sum, &[1, 4]), [1.0], "a sum is no function of one number");
}

/// The same for closures: layers are seen, functions are not.
#[test]
fn closures_have_gains_too() {
    let rows = Type::new(DType::F64, Shape::new(&[2, 3]).unwrap());
    let found = gains_for(&[rows], DType::F64, |scope: &Scope<'_>, xs: &[Var<'_>]| {
        let hidden = scope.apply("a", &Linear::new(3), xs[0]);
        let hidden = scope.apply("f", &TANH, hidden);
        let hidden = scope.apply("b", &Linear::new(3), hidden).relu();
        let _ = hidden.matmul(scope.weight("w", &[3, 3]));
    });
    let tanh = activation_gain(&TANH).unwrap();
    let expected = [("a.weight", tanh), ("b.weight", 1.0), ("w", 1.0)].map(|(name, gain)| (name.to_owned(), gain));
    assert_eq!(found.unwrap(), BTreeMap::from(expected));
}
