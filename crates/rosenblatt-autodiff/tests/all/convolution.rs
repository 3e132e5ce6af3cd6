//! Convolution in a plan: what follows joins its tiles, its windows are never written down, and no row changes another.

use rosenblatt_autodiff::images::Convolution;
use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var, eval};
use rosenblatt_tensor::{DType, Isa, Shape, Tensor};

use super::common::bits;

/// 5 × 5 windows of 28 × 28 images, a bias for each channel, ReLU.
fn layer<'g>(x: Var<'g>, w: Var<'g>, bias: Var<'g>) -> Var<'g> {
    let padded = Convolution {
        padding: [[2, 2]; 2],
        ..Convolution::default()
    };
    (x.conv2d(w, &padded) + bias.reshape(&[1, 6, 1, 1])).relu()
}

fn numbers(shape: &[usize]) -> Tensor {
    let count = shape.iter().product::<usize>();
    let values: Vec<f32> = (0..count).map(|i| (i * 7919 % 1013) as f32 / 1013.0 - 0.5).collect();
    Tensor::from_vec(values, shape).unwrap()
}

#[test]
fn bias_and_activation_are_part_of_the_task() {
    let graph = Graph::new(Execution::Static);
    let input = |name, shape: &[usize]| graph.input(name, DType::F32, Shape::new(shape).unwrap());
    let shapes: [&[usize]; 3] = [&[64, 3, 28, 28], &[6, 3, 5, 5], &[6]];
    let inputs = vec![input("x", shapes[0]), input("w", shapes[1]), input("bias", shapes[2])];
    let y = layer(inputs[0], inputs[1], inputs[2]);
    let signature = Signature {
        inputs,
        outputs: vec![y],
        ..Signature::default()
    };
    let values = shapes.map(numbers);
    let dynamic = eval(|[x, w, bias]| layer(x, w, bias), [&values[0], &values[1], &values[2]]).unwrap();
    for threads in [1, 2] {
        let mut store = Variables::new(Engine::new(Isa::detect(), threads).unwrap());
        let plan = Plan::compile(&signature, &mut store, &Options::default()).unwrap();
        let tasks: Vec<&str> = plan.tasks().map(|(label, _)| label).collect();
        assert_eq!(tasks, ["convolve + add + relu [64, 6, 28, 28]"]);
        // The result, and nothing of the 75 numbers of each window.
        let result = 64 * 6 * 28 * 28 * size_of::<f32>();
        assert!(plan.arena_bytes() < result + result / 8, "{}", plan.arena_bytes());
        plan.run(&mut store, &[&values[0], &values[1], &values[2]]).unwrap();
        assert_eq!(bits(&plan.output(&store, 0).unwrap()), bits(&dynamic));
    }
}

#[test]
fn an_image_has_the_same_result_in_any_batch() {
    let (x, w, bias) = (numbers(&[5, 3, 28, 28]), numbers(&[6, 3, 5, 5]), numbers(&[6]));
    let all = bits(&eval(|[x, w, b]| layer(x, w, b), [&x, &w, &bias]).unwrap());
    for row in 0..5 {
        let one = x.slice(0, row, row + 1).unwrap();
        let alone = bits(&eval(|[x, w, b]| layer(x, w, b), [&one, &w, &bias]).unwrap());
        assert_eq!(alone, all[row * alone.len()..(row + 1) * alone.len()]);
    }
}

/// The windows of each image written down, `[n, channels · taps, windows]`.
fn windows_of(x: &Tensor, taps: [usize; 2], count: [usize; 2]) -> Tensor {
    let (shape, numbers) = (x.shape(), x.to_vec::<f32>().unwrap());
    let at = |n: usize, c: usize, y: usize, x: usize| ((n * shape[1] + c) * shape[2] + y) * shape[3] + x;
    let mut all = Vec::new();
    for (n, c) in (0..shape[0]).flat_map(|n| (0..shape[1]).map(move |c| (n, c))) {
        for (i, j) in (0..taps[0]).flat_map(|i| (0..taps[1]).map(move |j| (i, j))) {
            for (v, u) in (0..count[0]).flat_map(|v| (0..count[1]).map(move |u| (v, u))) {
                all.push(numbers[at(n, c, v + i, u + j)]);
            }
        }
    }
    let rows = shape[1] * taps[0] * taps[1];
    Tensor::from_vec(all, &[shape[0], rows, count[0] * count[1]]).unwrap()
}

/// Windows of thousands of elements are summed in parts: alone, where each image takes the part of the weights that is near, and
/// with an activation behind.
#[test]
fn a_long_sum_has_the_bits_of_the_product() {
    let (x, w) = (numbers(&[5, 2, 42, 43]), numbers(&[70, 2, 40, 39]));
    let rows = w.reshape(&[70, 2 * 40 * 39]).unwrap();
    let product = eval(|[w, x]| w.matmul(x), [&rows, &windows_of(&x, [40, 39], [3, 5])]).unwrap();
    let active = eval(|[y]| y.relu(), [&product]).unwrap();
    for threads in [1, 2] {
        let run = |f: for<'g> fn(Var<'g>, Var<'g>) -> Var<'g>| {
            let graph = Graph::dynamic_on(Engine::new(Isa::detect(), threads).unwrap());
            let y = f(graph.constant(x.clone()), graph.constant(w.clone()));
            bits(&y.value().unwrap())
        };
        assert_eq!(run(|x, w| x.conv2d(w, &Convolution::default())), bits(&product));
        assert_eq!(run(|x, w| x.conv2d(w, &Convolution::default()).relu()), bits(&active));
    }
    let graph = Graph::new(Execution::Static);
    let input = |name, of: &Tensor| graph.input(name, DType::F32, *of.shape());
    let inputs = vec![input("x", &x), input("w", &w)];
    let y = inputs[0].conv2d(inputs[1], &Convolution::default()).relu();
    let signature = Signature {
        inputs,
        outputs: vec![y],
        ..Signature::default()
    };
    let mut store = Variables::new(Engine::new(Isa::detect(), 2).unwrap());
    let plan = Plan::compile(&signature, &mut store, &Options::default()).unwrap();
    assert_eq!(plan.tasks().count(), 1);
    plan.run(&mut store, &[&x, &w]).unwrap();
    assert_eq!(bits(&plan.output(&store, 0).unwrap()), bits(&active));
}

#[test]
fn what_does_not_fit_is_refused() {
    let refused = |x: &[usize], w: &[usize], convolution: Convolution| {
        let error = eval(|[x, w]| x.conv2d(w, &convolution), [&numbers(x), &numbers(w)]).unwrap_err();
        error.to_string()
    };
    let plain = Convolution::default();
    let narrow = refused(&[1, 1, 4, 4], &[1, 1, 3, 5], plain);
    assert!(
        narrow.contains("a window that reaches over 5 elements does not fit 4"),
        "{narrow}"
    );
    let channels = refused(&[1, 3, 4, 4], &[4, 2, 3, 3], plain);
    assert!(
        channels.contains("do not fit images [1, 3, 4, 4] in 1 groups"),
        "{channels}"
    );
    let groups = refused(&[1, 4, 4, 4], &[3, 2, 3, 3], Convolution { groups: 2, ..plain });
    assert!(groups.contains("in 2 groups"), "{groups}");
    let axes = refused(&[4, 4], &[3, 3], plain);
    assert!(axes.contains("four axes"), "{axes}");
    let stride = refused(
        &[1, 1, 4, 4],
        &[1, 1, 3, 3],
        Convolution {
            stride: [0, 1],
            ..plain
        },
    );
    assert!(stride.contains("at least 1"), "{stride}");
}
