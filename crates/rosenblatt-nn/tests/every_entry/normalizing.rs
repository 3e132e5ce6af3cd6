//! Layers that normalize: large means, constant numbers, batches with nothing to average over.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Execution, Graph, Type};
use rosenblatt_nn::entry::Entry;
use rosenblatt_nn::layers::{BatchNorm, GroupNorm, InstanceNorm, LayerNorm, RmsNorm, Sequential};
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

/// Why the layers of a network cannot learn from a batch of this shape, if one cannot.
fn cannot_learn(shape: &[usize], counter: Option<[i64; 2]>) -> Option<String> {
    let network = Sequential::new()
        .then(RmsNorm::default())
        .then(Sequential::from([BatchNorm::default().into()]));
    let graph = Graph::new(Execution::Static);
    let source = |spec: &rosenblatt_nn::TensorSpec| Ok(graph.variable(spec.name.clone(), spec.dtype, spec.shape));
    let scope = Scope::new(&graph, DType::F32, mode(&graph, counter), source);
    scope.apply(
        "layers",
        &network,
        graph.input("x", DType::F32, Shape::new(shape).unwrap()),
    );
    scope.finish().unwrap().cannot_learn.map(|error| error.to_string())
}

#[test]
fn a_layer_says_that_it_cannot_learn_from_a_batch() {
    assert_eq!(
        cannot_learn(&[1, 3], TRAINING).unwrap(),
        "layers.1.0: batch_norm: in a batch [1, 3] there is at most one number for each feature, and so no variance"
    );
    for (shape, learns) in [
        (&[2, 3][..], true),
        (&[1, 3, 1, 1], false),
        (&[1, 3, 4, 4], true),
        (&[1, 3, 2], true),
    ] {
        assert_eq!(cannot_learn(shape, TRAINING).is_none(), learns, "{shape:?}");
    }
    assert_eq!(cannot_learn(&[1, 3], None), None);
}

/// Axes of channels and space in any arrangement: the same numbers, whichever layer normalizes them.
#[test]
fn groups_and_channels_are_normalized_as_rows_are() {
    let x = around(1e6, 240);
    let shaped = |shape: &[usize]| Tensor::from_slice(&x, shape).unwrap();
    let rows = |y: &Tensor, count: usize| -> f64 {
        let size = x.len() / count;
        let parts = (0..count).map(|i| {
            let part = Tensor::from_vec(y.to_f64()[i * size..(i + 1) * size].to_vec(), &[size]).unwrap();
            largest_error(&part, &x[i * size..(i + 1) * size])
        });
        parts.fold(0.0, f64::max)
    };
    let eps = 1e-5;
    for (layer, shape, groups) in [
        (Entry::<dyn Layer>::from(GroupNorm::new(1)), &[2, 6, 4, 5][..], 2),
        (GroupNorm::new(3).into(), &[2, 6, 20], 6),
        (GroupNorm::new(2).into(), &[4, 60], 8),
        (InstanceNorm { affine: true, eps }.into(), &[2, 6, 4, 5], 12),
    ] {
        let (y, updates) = run(&*layer, shaped(shape), TRAINING);
        assert!(updates.is_empty() && y.shape()[..] == *shape);
        let error = rows(&y, groups);
        assert!(error < 1e-5, "{layer} {shape:?}: {error:e}");
        let constant = Tensor::from_vec(vec![-1e6f32 - 0.25; 240], shape).unwrap();
        assert_eq!(run(&*layer, constant, TRAINING).0.to_f64(), [0.0; 240], "{layer}");
    }
    // One channel of images, so that its numbers are those of one row.
    let (y, updates) = run(&BatchNorm::default(), shaped(&[6, 1, 8, 5]), TRAINING);
    assert!(rows(&y, 1) < 1e-5);
    assert_eq!(updates.len(), 2);
}

#[test]
fn rms_norm_divides_by_the_root_of_the_mean_square() {
    let plain = RmsNorm {
        elementwise_affine: false,
        eps: Some(2.0),
    };
    let x = Tensor::from_vec(vec![1.0, 3.0, 0.0, 0.0], &[2, 2]).unwrap();
    // √((1 + 9) / 2 + 2) = √7
    let expected = [1.0 / 7f64.sqrt(), 3.0 / 7f64.sqrt(), 0.0, 0.0];
    rosenblatt_testkit::assert_close(run(&plain, x, None).0.to_f64(), expected, 1e-15);
    // The usual ε is machine epsilon of the numbers.
    let tiny = Tensor::from_vec(vec![1e-4f32, -1e-4], &[1, 2]).unwrap();
    let expected = 1e-4 / (1e-8 + f64::from(f32::EPSILON)).sqrt();
    rosenblatt_testkit::assert_close(
        run(&RmsNorm::default(), tiny, None).0.to_f64(),
        [expected, -expected],
        1e-6,
    );
}

#[test]
fn what_cannot_be_normalized_is_refused() {
    for (text, shape, message) in [
        (
            "group_norm:groups=4",
            &[2, 6][..],
            "6 channels do not make 4 groups of equal size",
        ),
        (
            "group_norm:groups=3",
            &[2, 3],
            "a group is a single number, and would be normalized to 0 whatever it is",
        ),
        ("group_norm:groups=2", &[6], "expected [batch, channels, …], got [6]"),
        (
            "instance_norm",
            &[2, 6],
            "expected [batch, channels, length, …], got [2, 6]",
        ),
        (
            "instance_norm",
            &[2, 6, 1, 1],
            "a channel is a single number, and would be normalized to 0 whatever it is",
        ),
        (
            "spatial_dropout",
            &[2, 6],
            "expected [batch, channels, length, …], got [2, 6]",
        ),
        (
            "batch_norm",
            &[2, 3, 4, 5, 6],
            "expected [batch, features], [batch, channels, length] or [batch, channels, height, width], got [2, 3, 4, 5, 6]",
        ),
    ] {
        let layer = Entry::<dyn Layer>::parse(text).unwrap();
        let x = Type::new(DType::F32, Shape::new(shape).unwrap());
        let error = scope::tensors("layer", &*layer, x).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert_eq!(error.to_string(), format!("layer: {}: {message}", layer.name()));
    }
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
        "rms_norm:eps=0",
        "group_norm:groups=0",
        "group_norm:groups=1,eps=0",
        "group_norm",
        "instance_norm:eps=-1",
        "alpha_dropout:1",
        "spatial_dropout:-0.1",
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

/// One feature has a root mean square, too: its size.
#[test]
fn rms_norm_of_one_feature_is_its_sign() {
    let plain = RmsNorm {
        elementwise_affine: false,
        ..RmsNorm::default()
    };
    let (y, _) = run(&plain, Tensor::from_vec(vec![3.0, -0.5, 1e6], &[3, 1]).unwrap(), None);
    let expected = [1.0, -1.0, 1.0];
    assert!(
        y.to_f64()
            .iter()
            .zip(expected)
            .all(|(y, sign)| (y - sign).abs() < 1e-12),
        "{y:?}"
    );
}
