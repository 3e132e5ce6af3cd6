//! Each activation of the engine is a layer, a constant and a name: a test for each.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, for_each_activation, reverse};
use rosenblatt_nn::activations::{self, Activation};
use rosenblatt_nn::{Entry, Layer, Mode, Scope, scope};
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_testkit::assert_close;

macro_rules! tests {
    ($($constant:ident = $type:ident, $name:ident;)*) => {$(
        #[test]
        fn $name() {
            let usual = activations::$constant;
            assert_eq!(Entry::<dyn Layer>::from(usual), Entry::named(stringify!($name)).unwrap());
            for activation in usual.instances() {
                is_a_layer(activation, stringify!($name));
            }
        }
    )*};
}
for_each_activation!(tests);

fn is_a_layer(activation: Activation, name: &str) {
    let layer = Entry::<dyn Layer>::from(activation);
    assert_eq!(layer.name(), name);
    assert!(layer.is_registered());
    for (setting, value) in activation.settings() {
        assert_eq!(layer.fields()[setting.name], value);
    }

    let again: Entry<dyn Layer> = layer.to_string().parse().unwrap();
    assert_eq!(again, layer);

    let points: Vec<f64> = (-40..=40).map(|i| (f64::from(i) + 0.37) / 8.0).collect();
    let graph = Graph::dynamic();
    let x = graph.constant(Tensor::from_slice(&points, &[points.len()]).unwrap());
    let values = BTreeMap::new();
    let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &values));
    let y = scope.apply("layers.0", &*layer, x);
    let found = scope.finish().unwrap();
    let slopes = reverse::gradients(y.sum_all(), &[x])[0];
    let number = |shift: f64| {
        points
            .iter()
            .map(move |x| activation.number(x + shift))
            .collect::<Vec<_>>()
    };
    assert_close(y.value().unwrap().to_f64(), number(0.0), 1e-14);
    assert!(found.tensors.is_empty());
    let (left, right) = (number(-1e-6), number(1e-6));
    let numeric: Vec<f64> = right
        .iter()
        .zip(&left)
        .map(|(right, left)| (right - left) / 2e-6)
        .collect();
    assert_close(slopes.value().unwrap().to_f64(), numeric, 1e-8);
}
