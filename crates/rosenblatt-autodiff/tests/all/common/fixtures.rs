//! Cases computed by PyTorch: `fixtures/ops.json`.

use rosenblatt_autodiff::functions::FUNCTIONS;
use rosenblatt_autodiff::ops::Convolve;
use rosenblatt_autodiff::pointwise::Activation;
use rosenblatt_autodiff::{Graph, Real, Var, reverse};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{Tolerance, assert_close, fixture};
use serde_json::Value;

/// Names of all ops and functions with cases.
pub fn names() -> Vec<String> {
    fixture("ops.json")
        .as_object()
        .expect("a table")
        .keys()
        .cloned()
        .collect()
}

/// Compares values and gradients of every case of `name` with the engine; returns how many there are.
pub fn check(name: &str) -> usize {
    let all = fixture("ops.json");
    let cases = all[name]
        .as_array()
        .unwrap_or_else(|| panic!("fixtures/ops.json has no case of `{name}`: add one to fixtures/make_ops.py, then `cargo xtask fixtures ops`"));
    assert!(!cases.is_empty(), "fixtures/ops.json has no case of {name}");
    for (i, case) in cases.iter().enumerate() {
        println!("{name}, case {i}: {}", case["attributes"]);
        check_case(name, case);
    }
    cases.len()
}

fn check_case(name: &str, case: &Value) {
    let graph = Graph::dynamic();
    let inputs: Vec<Var<'_>> = list(&case["inputs"])
        .iter()
        .map(|input| graph.constant(tensor(input)))
        .collect();
    let y = apply(name, &case["attributes"], &inputs);
    compare(&y.value().unwrap(), &case["y"]);
    let dy = graph.constant(tensor(&case["dy"]));
    let wanted: Vec<usize> = (0..inputs.len()).filter(|&i| !case["grads"][i].is_null()).collect();
    let wrt: Vec<Var<'_>> = wanted.iter().map(|&i| inputs[i]).collect();
    for (i, gradient) in wanted.iter().zip(reverse::vjp(y, dy, &wrt)) {
        println!("gradient of operand {i}");
        compare(&gradient.value().unwrap(), &case["grads"][*i]);
    }
}

/// Equal to 1e-10, relative above 1 and absolute below; NaN is NaN.
fn compare(actual: &Tensor, expected: &Value) {
    let expected = tensor(expected);
    assert_eq!((actual.dtype(), actual.shape()), (expected.dtype(), expected.shape()));
    if let Ok(integers) = expected.to_vec::<i64>() {
        assert_eq!(actual.to_vec::<i64>().unwrap(), integers);
        return;
    }
    assert_close(actual.to_f64(), expected.to_f64(), Tolerance::from(1e-10).nan_equal());
}

fn list(value: &Value) -> &[Value] {
    value.as_array().expect("a list")
}

fn sizes(value: &Value) -> Vec<usize> {
    list(value)
        .iter()
        .map(|size| size.as_u64().expect("a size") as usize)
        .collect()
}

fn number(value: &Value) -> f64 {
    match value.as_str() {
        Some("NaN") => f64::NAN,
        Some("inf") => f64::INFINITY,
        Some("-inf") => f64::NEG_INFINITY,
        Some(other) => panic!("not a number: {other}"),
        None => value.as_f64().expect("a number"),
    }
}

/// A tensor as fixtures hold it.
pub fn tensor(value: &Value) -> Tensor {
    let (data, shape) = (list(&value["data"]), sizes(&value["shape"]));
    let result = match value["dtype"].as_str() {
        Some("i64") => Tensor::from_vec(data.iter().map(|x| x.as_i64().expect("whole")).collect(), &shape),
        Some("bool") => Tensor::from_vec(data.iter().map(|x| x.as_bool().expect("a bool")).collect(), &shape),
        _ => Tensor::from_vec(data.iter().map(number).collect(), &shape),
    };
    result.unwrap()
}

/// The op or function of this name and these attributes, applied.
fn apply<'g>(name: &str, attributes: &Value, x: &[Var<'g>]) -> Var<'g> {
    let size = |key: &str| attributes[key].as_u64().expect("a size") as usize;
    let signed = |key: &str| attributes[key].as_i64().expect("an axis") as isize;
    let axes = || {
        list(&attributes["axes"])
            .iter()
            .map(|axis| axis.as_i64().unwrap() as isize)
            .collect::<Vec<_>>()
    };
    let flag = |key: &str| attributes[key].as_bool().expect("a flag");
    let keep = || flag("keep");
    match name {
        "abs" => x[0].abs(),
        "add" => x[0] + x[1],
        "argsort" => x[0].argsort(signed("axis"), flag("descending")),
        "broadcast_to" => x[0].broadcast_to(&sizes(&attributes["shape"])),
        "clamp" => x[0].clamp(number(&attributes["min"]), number(&attributes["max"])),
        "concat" => x[0].concat(&x[1..], signed("axis")),
        "cos" => x[0].cos(),
        "cumsum" => x[0].cumsum(signed("axis")),
        "div" => x[0] / x[1],
        "eq" => x[0].eq(x[1]),
        "erf" => x[0].erf(),
        "erfc" => x[0].erfc(),
        "exp" => x[0].exp(),
        "floor_div" => x[0].floor_div(x[1]),
        "take" => x[0].take(x[1]),
        "ge" => x[0].ge(x[1]),
        "gt" => x[0].gt(x[1]),
        "le" => x[0].le(x[1]),
        "ln" => x[0].ln(),
        "ln_1p" => x[0].ln_1p(),
        "log_softmax" => x[0].log_softmax(),
        "lt" => x[0].lt(x[1]),
        "convolve" => {
            let pair = |key: &str| {
                let pair: Vec<isize> = list(&attributes[key])
                    .iter()
                    .map(|x| x.as_i64().expect("whole") as isize)
                    .collect();
                [pair[0], pair[1]]
            };
            let [count, spread] = ["count", "spread"].map(|key| pair(key).map(isize::unsigned_abs));
            let op = Convolve {
                groups: size("groups"),
                count,
                step: pair("step"),
                dilation: pair("dilation"),
                before: pair("before"),
                spread,
            };
            x[0].graph().apply(op, x)
        }
        "matmul" => x[0].matmul(x[1]),
        "max" => x[0].max(&axes(), keep()),
        "maximum" => x[0].maximum(x[1]),
        "mean" => x[0].mean(&axes(), keep()),
        "minimum" => x[0].minimum(x[1]),
        "moving_average" => x[0].moving_average(number(&attributes["decay"]), x[1]),
        "moving_average_of_squares" => x[0].moving_average(number(&attributes["decay"]), x[1].flushed_square()),
        "mul" => x[0] * x[1],
        "ne" => x[0].ne(x[1]),
        "neg" => -x[0],
        "div_sqrt" => x[0] / (x[1].sqrt() + x[2]),
        "take_along_axis" => x[0].take_along_axis(x[1]),
        "pow" => x[0].pow(x[1]),
        "relu" => x[0].relu(),
        "remainder" => x[0].remainder(x[1]),
        "reshape" => x[0].reshape(&sizes(&attributes["shape"])),
        "scatter_along_axis" => x[0].scatter_along_axis(x[1], size("n")),
        "scatter_add" => x[0].scatter_add(x[1], size("rows")),
        "segment_max" => x[0].segment_max(x[1], size("segments")),
        "segment_sum" => x[0].segment_sum(x[1], size("segments")),
        "select" => x[0].select(x[1], x[2]),
        "sigmoid" => x[0].sigmoid(),
        "sign" => x[0].sign(),
        "sin" => x[0].sin(),
        "slice" => x[0].slice(signed("axis"), size("start"), size("end")),
        "softmax" => x[0].softmax(),
        "softmax_residual" => x[0].softmax_residual(x[1]),
        "softmax_cross_entropy" => x[0].softmax_cross_entropy(x[1]),
        "sort" => x[0].sort(signed("axis"), flag("descending")).0,
        "sqrt" => x[0].sqrt(),
        "sub" => x[0] - x[1],
        "sum" => x[0].sum(&axes(), keep()),
        "tanh" => x[0].tanh(),
        "topk" => x[0].topk(size("k"), signed("axis"), flag("largest")).0,
        "transpose" => x[0].permute(&sizes(&attributes["axes"])),
        name => match (
            Activation::named(name),
            FUNCTIONS.iter().find(|entry| entry.name == name),
        ) {
            (Some(activation), _) => {
                let settings = activation.settings();
                let set = |activation: Activation, name| activation.with(name, number(&attributes[name])).unwrap();
                settings
                    .fold(activation, |activation, (setting, _)| set(activation, setting.name))
                    .apply(x[0])
            }
            (None, Some(function)) => (function.apply)(x[0]),
            (None, None) => panic!("no way to apply {name}"),
        },
    }
}
