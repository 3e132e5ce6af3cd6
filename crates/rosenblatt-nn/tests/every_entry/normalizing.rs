//! Layers that normalize: large means, constant numbers, batches with nothing to average over.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type};
use rosenblatt_nn::entry::Entry;
use rosenblatt_nn::layers::{BatchNorm, LayerNorm, Linear, Sequential};
use rosenblatt_nn::scope::Found;
use rosenblatt_nn::{Init, Layer, Role, Scope, init, scope};
use rosenblatt_tensor::{DType, ErrorKind, Shape, Tensor};

use crate::common::random;
use crate::every_layer::mode;

const TRAINING: Option<[i64; 2]> = Some([0, 0]);

/// A layer with its initial values on some rows: the result, and the new values of its buffers.
fn run(layer: &dyn Layer, x: Tensor, counter: Option<[i64; 2]>) -> (Tensor, BTreeMap<String, Tensor>) {
    let rule = Entry::<dyn rosenblatt_nn::Initializer>::named("zeros").unwrap();
    let specs = scope::tensors("layer", layer, Type::of(&x)).unwrap();
    let first = |spec| init::first_value(spec, 0, &*rule, &*rule).unwrap();
    let values: BTreeMap<String, Tensor> = specs.iter().map(|spec| (spec.name.clone(), first(spec))).collect();
    let graph = Graph::dynamic();
    let scope = Scope::new(&graph, x.dtype(), mode(&graph, counter), scope::leaves(&graph, &values));
    let y = scope.apply("layer", layer, graph.constant(x));
    let Found { updates, .. } = scope.finish().unwrap();
    let updates = updates.into_iter().map(|(name, new)| (name, new.value().unwrap()));
    (y.value().unwrap(), updates.collect())
}

/// The same numbers as the mean and standard deviation say, in f64.
fn by_definition(values: &[f64]) -> Vec<f64> {
    let n = values.len() as f64;
    let mean = values.iter().sum::<f64>() / n;
    let variance = values.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
    values.iter().map(|x| (x - mean) / (variance + 1e-5).sqrt()).collect()
}

/// `count` f32 numbers of standard deviation about 1 around a mean.
fn around(mean: f64, count: usize) -> Vec<f32> {
    let noise = random("noise", &[count]).to_f64();
    noise.into_iter().map(|x| (mean + 3f64.sqrt() * x) as f32).collect()
}

fn largest_error(y: &Tensor, x: &[f32]) -> f64 {
    let x: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
    let errors = y
        .to_f64()
        .into_iter()
        .zip(by_definition(&x))
        .map(|(y, want)| (y - want).abs());
    errors.fold(0.0, f64::max)
}

#[test]
fn a_mean_of_a_million_deviations_costs_no_digit() {
    for count in [2, 7, 256, 10_000] {
        for mean in [0.0, 1.0, -1e3, 1e6] {
            let x = around(mean, count);
            let (rows, _) = run(
                &BatchNorm::default(),
                Tensor::from_slice(&x, &[count, 1]).unwrap(),
                TRAINING,
            );
            let (row, _) = run(
                &LayerNorm::default(),
                Tensor::from_slice(&x, &[1, count]).unwrap(),
                None,
            );
            for (name, error) in [("batch", largest_error(&rows, &x)), ("layer", largest_error(&row, &x))] {
                println!("{name}: {count} numbers around {mean}: {error:e}");
                assert!(error < 1e-5, "{name}: {count} numbers around {mean}: {error:e}");
            }
        }
    }
}

#[test]
fn the_first_number_may_lie_far_from_all_others() {
    for count in [3, 256, 10_000] {
        let mut x = around(1.0, count);
        x[0] = 1e6;
        let (rows, _) = run(
            &BatchNorm::default(),
            Tensor::from_slice(&x, &[count, 1]).unwrap(),
            TRAINING,
        );
        let (row, _) = run(
            &LayerNorm::default(),
            Tensor::from_slice(&x, &[1, count]).unwrap(),
            None,
        );
        for error in [largest_error(&rows, &x), largest_error(&row, &x)] {
            println!("{count}: {error:e}");
            // The result of the first number is nearly √n.
            assert!(error < 1e-5 * (count as f64).sqrt(), "{count}: {error:e}");
        }
    }
}

#[test]
fn equal_numbers_give_exactly_zero_before_scale_and_offset() {
    for count in [1, 2, 3, 129, 5000] {
        for constant in [0.1f32, -1e6 - 0.25, 1e30, f32::MIN_POSITIVE, 0.0] {
            let constants = vec![constant; count];
            let (row, _) = run(
                &LayerNorm::default(),
                Tensor::from_slice(&constants, &[1, count]).unwrap(),
                None,
            );
            assert_eq!(row.to_f64(), vec![0.0; count], "{constant}");
            let column = Tensor::from_slice(&constants, &[count, 1]).unwrap();
            let (rows, updates) = run(
                &BatchNorm {
                    momentum: 1.0,
                    ..BatchNorm::default()
                },
                column,
                TRAINING,
            );
            if count > 1 {
                assert_eq!(rows.to_f64(), vec![0.0; count], "{constant}");
                assert_eq!(updates["layer.running_var"].to_f64(), [0.0]);
                let kept = if constant.abs() < 1e-30 {
                    0.0
                } else {
                    f64::from(constant)
                };
                assert_eq!(updates["layer.running_mean"].to_f64(), [kept]);
            }
        }
    }
}

/// PyTorch refuses one number for each feature; see the documentation of the layer.
#[test]
fn a_batch_with_nothing_to_average_over_is_treated_as_in_prediction() {
    for shape in [&[1, 3][..], &[0, 3], &[1, 3, 1], &[2, 3, 0]] {
        let x = random("x", shape);
        let (trained, updates) = run(&BatchNorm::default(), x.clone(), TRAINING);
        assert!(updates.is_empty(), "{shape:?}");
        assert_eq!(trained.to_f64(), run(&BatchNorm::default(), x, None).0.to_f64());
    }
    let (_, updates) = run(&BatchNorm::default(), random("x", &[1, 3, 2]), TRAINING);
    assert_eq!(updates.len(), 2, "two numbers for each feature");
}

#[test]
fn a_layer_says_how_many_rows_it_learns_from() {
    let norm = || BatchNorm::default().into();
    let inner = Sequential::from([norm()]);
    assert_eq!(Sequential::new().then(Linear::new(3)).then(inner).min_batch_size(), 2);
    assert_eq!(
        Sequential::new()
            .then(Linear::new(3))
            .then(LayerNorm::default())
            .min_batch_size(),
        1
    );
    assert_eq!(Sequential::default().min_batch_size(), 1);
}

#[test]
fn tensors_are_named_as_in_pytorch() {
    let rows = Type::new(DType::F32, Shape::new(&[8, 2]).unwrap());
    let tensors = |layer: &dyn Layer| scope::tensors("layers.1", layer, rows).unwrap();
    let expected = [
        ("layers.1.weight", Role::Parameter(Init::Ones)),
        ("layers.1.bias", Role::Parameter(Init::Zeros)),
        ("layers.1.running_mean", Role::Buffer { start: 0.0 }),
        ("layers.1.running_var", Role::Buffer { start: 1.0 }),
    ];
    let found = tensors(&BatchNorm::default());
    assert_eq!(found.len(), 4);
    for (spec, (name, role)) in found.iter().zip(expected) {
        assert_eq!((spec.name.as_str(), &spec.shape[..], spec.role), (name, &[2][..], role));
    }
    let found = tensors(&LayerNorm::default());
    assert_eq!(found.len(), 2);
    for (spec, (name, role)) in found.iter().zip(expected) {
        assert_eq!((spec.name.as_str(), &spec.shape[..], spec.role), (name, &[2][..], role));
    }
}

/// Whatever the run file says about weights and biases.
#[test]
fn scales_are_1_and_offsets_0_at_first() {
    let rule = Entry::<dyn rosenblatt_nn::Initializer>::parse("constant:0.5").unwrap();
    let rows = Type::new(DType::F32, Shape::new(&[8, 2]).unwrap());
    let tensors = scope::tensors("l", &LayerNorm::default(), rows).unwrap();
    let first: Vec<_> = tensors
        .iter()
        .map(|spec| init::first_value(spec, 0, &*rule, &*rule).unwrap().to_f64())
        .collect();
    assert_eq!(first, [[1.0, 1.0], [0.0, 0.0]]);
}

#[test]
fn settings_out_of_range_are_refused() {
    for text in [
        "layer_norm:eps=0",
        "layer_norm:eps=-1",
        "batch_norm:eps=0",
        "batch_norm:momentum=0",
    ] {
        assert!(Entry::<dyn Layer>::parse(text).is_err(), "{text}");
    }
    let error = Entry::<dyn Layer>::parse("batch_norm:momentum=1.5").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(
        error.to_string(),
        "batch_norm: expected `momentum` above 0 and at most 1, got 1.5"
    );
}
