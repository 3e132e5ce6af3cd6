//! Functions with parameters: against `torch.func`, against differences, and against each other.

use rosenblatt_autodiff::{Type, Var};
use rosenblatt_nn::layers::{BatchNorm, Linear, Sequential};
use rosenblatt_nn::losses::{CrossEntropy, Mse};
use rosenblatt_nn::transform::{
    Params, apply, grad_params, hessian_params, hvp_params, init, jvp_apply, per_sample_grad, value_and_grad_params,
    vjp_params,
};
use rosenblatt_nn::{Loss, Scope, activations};
use rosenblatt_tensor::{DType, Error, ErrorKind, Tensor};
use rosenblatt_testkit::{assert_close, fixture};
use serde_json::Value;

use crate::common::{random, tensor};

const NEAR: f64 = 1e-10;

/// A network of the fixture with its loss.
struct Case {
    network: Sequential,
    json: Value,
}

impl Case {
    fn all() -> Vec<Self> {
        let cases = fixture("params.json")["cases"].as_array().unwrap().clone();
        let case = |json: Value| Self {
            network: Sequential {
                layers: serde_json::from_value(json["layers"].clone()).unwrap(),
            },
            json,
        };
        cases.into_iter().map(case).collect()
    }

    fn tensor(&self, key: &str) -> Tensor {
        tensor(&self.json[key])
    }

    fn params(&self, key: &str) -> Params {
        named(&self.json[key])
    }

    fn output<'g>(&self, m: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        m.apply("layers", &self.network, x)
    }

    fn losses<'g>(&self, m: &Scope<'g>, x: Var<'g>, y: Var<'g>) -> Var<'g> {
        let output = self.output(m, x);
        match y.dtype() {
            DType::I64 => CrossEntropy::default().per_example(output, y),
            _ => Mse {}.per_example(output, y),
        }
    }

    fn mean<'g>(&self, m: &Scope<'g>, x: Var<'g>, y: Var<'g>) -> Var<'g> {
        self.losses(m, x, y).mean_all()
    }
}

fn named(json: &Value) -> Params {
    let tensors = json.as_object().unwrap().iter();
    tensors.map(|(name, json)| (name.clone(), tensor(json))).collect()
}

fn assert_near(got: &Params, expected: &Params) {
    assert_eq!(got.keys().collect::<Vec<_>>(), expected.keys().collect::<Vec<_>>());
    for (name, got) in got {
        println!("{name}");
        assert_eq!(got.shape(), expected[name].shape());
        assert_close(got.to_f64(), expected[name].to_f64(), NEAR);
    }
}

#[test]
fn all_derivatives_are_those_of_torch_func() {
    for case in Case::all() {
        let (params, x, y) = (case.params("params"), case.tensor("x"), case.tensor("y"));
        let output = apply(|m, [x]| case.output(m, x), &params, [&x]).unwrap();
        assert_close(output.to_f64(), case.tensor("output").to_f64(), NEAR);
        let gradient = grad_params(|m, [x, y]| case.mean(m, x, y), &params, [&x, &y]).unwrap();
        assert_near(&gradient, &case.params("gradient"));
        let each = per_sample_grad(|m, [x, y]| case.losses(m, x, y), &params, [&x, &y]).unwrap();
        assert_near(&each, &case.params("per_sample"));
        let (_, along) = jvp_apply(|m, [x]| case.output(m, x), &params, [&x], [&case.tensor("dx")]).unwrap();
        assert_close(along.to_f64(), case.tensor("jvp").to_f64(), NEAR);
        let (_, back) = vjp_params(|m, [x]| case.output(m, x), &params, [&x], &case.tensor("u")).unwrap();
        assert_near(&back, &case.params("vjp"));
        let product = hvp_params(|m, [x, y]| case.mean(m, x, y), &params, [&x, &y], &case.params("v")).unwrap();
        assert_near(&product, &case.params("hvp"));
        let hessian = hessian_params(|m, [x, y]| case.mean(m, x, y), &params, [&x, &y]).unwrap();
        assert_eq!(hessian.len(), params.len());
        for (name, row) in &hessian {
            assert_near(row, &named(&case.json["hessian"][name]));
        }
    }
}

#[test]
fn the_hessian_is_symmetric_and_its_product_is_the_derivative_of_the_gradient() {
    for case in Case::all() {
        let (params, x, y, v) = (
            case.params("params"),
            case.tensor("x"),
            case.tensor("y"),
            case.params("v"),
        );
        let product = hvp_params(|m, [x, y]| case.mean(m, x, y), &params, [&x, &y], &v).unwrap();
        let gradient = |step: f64| {
            let moved = |(name, value): (&String, &Tensor)| {
                let values = value.to_f64().into_iter().zip(v[name].to_f64());
                let values = values.map(|(value, v)| value + step * v).collect();
                (name.clone(), Tensor::from_vec::<f64>(values, value.shape()).unwrap())
            };
            let moved: Params = params.iter().map(moved).collect();
            grad_params(|m, [x, y]| case.mean(m, x, y), &moved, [&x, &y]).unwrap()
        };
        let (after, before) = (gradient(1e-5), gradient(-1e-5));
        for (name, product) in &product {
            let differences = after[name].to_f64().into_iter().zip(before[name].to_f64());
            let differences: Vec<f64> = differences.map(|(after, before)| (after - before) / 2e-5).collect();
            assert_close(product.to_f64(), differences, 1e-7);
        }
        let hessian = hessian_params(|m, [x, y]| case.mean(m, x, y), &params, [&x, &y]).unwrap();
        for (row, blocks) in &hessian {
            let rows = params[row].elements();
            let mut total = vec![0.0; rows];
            for (column, block) in blocks {
                let (block, turned) = (block.to_f64(), hessian[column][row].to_f64());
                let columns = params[column].elements();
                for i in 0..rows {
                    for j in 0..columns {
                        assert_close(block[i * columns + j], turned[j * rows + i], 1e-12);
                        total[i] += block[i * columns + j] * v[column].to_f64()[j];
                    }
                }
            }
            assert_close(product[row].to_f64(), total, 1e-12);
        }
    }
}

#[test]
fn the_vjp_is_the_gradient_of_the_product_with_its_cotangent() {
    for case in Case::all() {
        let (params, x, u) = (case.params("params"), case.tensor("x"), case.tensor("u"));
        let (output, back) = vjp_params(|m, [x]| case.output(m, x), &params, [&x], &u).unwrap();
        let (value, gradient) =
            value_and_grad_params(|m, [x, u]| (case.output(m, x) * u).sum_all(), &params, [&x, &u]).unwrap();
        let expected: f64 = output.to_f64().iter().zip(u.to_f64()).map(|(y, u)| y * u).sum();
        assert_close(value.item().unwrap(), expected, 1e-13);
        assert_near(&gradient, &back);
    }
}

#[test]
fn gradients_of_samples_add_up_and_are_those_of_the_row_alone_to_the_bit() {
    for dtype in [DType::F64, DType::F32] {
        let net = Sequential::new()
            .then(Linear::new(7))
            .then(activations::GELU)
            .then(Linear::new(3));
        let (x, y) = (
            random("x", &[6, 5]),
            Tensor::from_vec(vec![0i64, 2, 1, 1, 0, 2], &[6]).unwrap(),
        );
        let x = match dtype {
            DType::F32 => Tensor::from_vec(x.to_f64().iter().map(|&x| x as f32).collect(), &[6, 5]).unwrap(),
            _ => x,
        };
        let params = init(|m, [x]| m.apply("layers", &net, x), 3, [Type::of(&x)]).unwrap();
        assert!(params.values().all(|value| value.dtype() == dtype));
        let each = per_sample_grad(
            |m, [x, y]| CrossEntropy::default().per_example(m.apply("layers", &net, x), y),
            &params,
            [&x, &y],
        )
        .unwrap();
        let sum_of = |from: usize, to: usize| {
            let (x, y) = (x.slice(0, from, to).unwrap(), y.slice(0, from, to).unwrap());
            grad_params(
                |m, [x, y]| {
                    CrossEntropy::default()
                        .per_example(m.apply("layers", &net, x), y)
                        .sum_all()
                },
                &params,
                [&x, &y],
            )
            .unwrap()
        };
        let whole = sum_of(0, 6);
        for row in 0..6 {
            let alone = sum_of(row, row + 1);
            for (name, each) in &each {
                let own = each.slice(0, row, row + 1).unwrap().to_f64();
                assert_eq!(own, alone[name].to_f64(), "{name} of row {row}");
            }
        }
        for (name, each) in &each {
            let width = whole[name].elements();
            let values = each.to_f64();
            let sums: Vec<f64> = (0..width).map(|i| values.iter().skip(i).step_by(width).sum()).collect();
            assert_close(
                sums,
                whole[name].to_f64(),
                if dtype == DType::F64 { 1e-14 } else { 1e-6 },
            );
        }
    }
}

#[test]
fn a_gradient_that_does_not_depend_on_its_parameter_is_found_too() {
    let (x, scale) = (random("x", &[3, 2]), random("w", &[2]));
    let params = Params::from([("w".to_owned(), scale)]);
    let each = per_sample_grad(|m, [x]| (x * m.weight("w", &[2])).sum_all(), &params, [&x]).unwrap();
    assert_eq!(each["w"].to_f64(), x.to_f64());
    let none = per_sample_grad(
        |m, [x]| (x * m.weight("w", &[2])).sum_all(),
        &params,
        [&x.slice(0, 0, 0).unwrap()],
    );
    assert_eq!(&none.unwrap()["w"].shape()[..], [0, 2]);
}

#[test]
fn initial_values_are_those_of_pytorch_and_buffers_have_no_gradient() {
    let net = Sequential::new().then(Linear::new(50)).then(BatchNorm::default());
    let x = random("x", &[4, 100]);
    let params = init(|m, [x]| m.apply("layers", &net, x), 0, [Type::of(&x)]).unwrap();
    let names: Vec<&str> = params.keys().map(String::as_str).collect();
    let norm = ["bias", "running_mean", "running_var", "weight"].map(|name| format!("layers.1.{name}"));
    assert_eq!(names[..2], ["layers.0.bias", "layers.0.weight"]);
    assert_eq!(names[2..], norm.each_ref().map(String::as_str));
    // Uniform in ±1/√fan_in.
    let weight = params["layers.0.weight"].to_f64();
    assert!(weight.iter().all(|w| w.abs() <= 0.1) && weight.iter().any(|w| w.abs() > 0.099));
    let gradient = grad_params(|m, [x]| m.apply("layers", &net, x).sum_all(), &params, [&x]).unwrap();
    assert!(
        gradient.keys().all(|name| !name.contains("running")),
        "{:?}",
        gradient.keys()
    );
    assert_eq!(gradient["layers.1.bias"].to_f64(), [4.0; 50]);
}

#[test]
fn what_does_not_fit_is_named() {
    let net = Linear::new(2);
    let x = random("x", &[3, 4]);
    let params = init(|m, [x]| m.apply("l", &net, x), 0, [Type::of(&x)]).unwrap();
    let with = |change: &dyn Fn(&mut Params)| {
        let mut changed = params.clone();
        change(&mut changed);
        changed
    };
    let run = |params: &Params| grad_params(|m, [x]| m.apply("l", &net, x).sum_all(), params, [&x]).unwrap_err();
    let along = |v: &Params| hvp_params(|m, [x]| m.apply("l", &net, x).sum_all(), &params, [&x], v).unwrap_err();
    let missing = |p: &mut Params| drop(p.remove("l.bias"));
    let extra = |p: &mut Params| drop(p.insert("l.bais".into(), random("b", &[2])));
    let wrong = |p: &mut Params| drop(p.insert("l.bias".into(), random("b", &[3])));
    let rows = random("y", &[2]);
    let table: Vec<(Error, ErrorKind, &str)> = vec![
        (
            run(&with(&missing)),
            ErrorKind::Shape,
            "l: linear: there is no tensor `l.bias`",
        ),
        (
            run(&with(&extra)),
            ErrorKind::Config,
            "the function has no parameter `l.bais`",
        ),
        (
            run(&with(&wrong)),
            ErrorKind::Shape,
            "l: linear: `l.bias` is f64 [3], but this network and its input need f64 [2]",
        ),
        (
            along(&with(&missing)),
            ErrorKind::Shape,
            "direction: there is no `l.bias`",
        ),
        (
            along(&with(&extra)),
            ErrorKind::Config,
            "direction: the function has no parameter `l.bais`",
        ),
        (
            along(&with(&wrong)),
            ErrorKind::Shape,
            "direction: `l.bias` is f64 [3], expected f64 [2]",
        ),
        (
            per_sample_grad(
                |m, [x, y]| m.apply("l", &net, x).sum_all() + y.sum_all(),
                &params,
                [&x, &rows],
            )
            .unwrap_err(),
            ErrorKind::Shape,
            "expected inputs with equal numbers of rows, got [f64 [3, 4], f64 [2]]",
        ),
    ];
    for (error, kind, message) in table {
        assert_eq!((error.kind(), error.to_string().as_str()), (kind, message));
    }
    let not_scalar = grad_params(|m, [x]| m.apply("l", &net, x), &params, [&x]).unwrap_err();
    let text = not_scalar.to_string();
    assert!(
        text.starts_with(file!()) && text.ends_with("expected a scalar loss, got f64 [3, 2]"),
        "{text}"
    );
}
