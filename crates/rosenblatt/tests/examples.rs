//! Every program of `examples/`, in one binary: what it gives, against PyTorch (`fixtures/make_examples.py`), numbers
//! computed by hand, or an identity.

mod catalogue;

use rosenblatt::{Result, Tensor};
use rosenblatt_testkit::{Tolerance, assert_close, fixture, rust_files};
use serde_json::Value;

/// Modules from paths, and the list of their names.
macro_rules! programs {
    ($($path:literal $name:ident;)*) => {
        $(
            #[path = $path]
            #[expect(dead_code, reason = "a program has a `main`, which prints what `run` gives")]
            mod $name;
        )*

        const PROGRAMS: &[&str] = &[$(stringify!($name)),*];
    };
}
programs! {
    "../examples/backprop_by_hand.rs" backprop_by_hand;
    "../examples/define_by_run.rs" define_by_run;
    "../examples/eight_threads.rs" eight_threads;
    "../examples/elastic_weights.rs" elastic_weights;
    "../examples/forward_mode.rs" forward_mode;
    "../examples/gates.rs" gates;
    "../examples/graph_convolution.rs" graph_convolution;
    "../examples/hessian.rs" hessian;
    "../examples/hopfield.rs" hopfield;
    "../examples/keras_thirty_seconds.rs" keras_thirty_seconds;
    "../examples/nielsen_network.rs" nielsen_network;
    "../examples/own_layer.rs" own_layer;
    "../examples/own_loop.rs" own_loop;
    "../examples/own_op.rs" own_op;
    "../examples/per_sample_gradients.rs" per_sample_gradients;
    "../examples/recurrent.rs" recurrent;
    "../examples/saddle_share.rs" saddle_share;
    "../examples/two_inputs.rs" two_inputs;
    "../examples/tying_and_freezing.rs" tying_and_freezing;
    "../examples/xor.rs" xor;
}

/// For programs in f32: PyTorch's side is in f64.
const F32: Tolerance = Tolerance::relative(1e-4);
/// For programs in f64.
const F64: f64 = 1e-13;

/// A number of the fixture, or the numbers of a list or tensor.
fn numbers(json: &Value) -> Vec<f64> {
    let list = json.get("data").unwrap_or(json);
    match list.as_array() {
        Some(numbers) => numbers.iter().map(|number| number.as_f64().unwrap()).collect(),
        None => vec![list.as_f64().unwrap()],
    }
}

fn expected(program: &str) -> Value {
    fixture("examples.json")[program].clone()
}

fn bits(tensor: &Tensor) -> Vec<u32> {
    tensor.to_vec::<f32>().unwrap().into_iter().map(f32::to_bits).collect()
}

#[test]
fn every_program_is_here() {
    let mut files = rust_files("examples");
    files.retain(|name| name != "peer_round");
    assert_eq!(files, PROGRAMS);
}

#[test]
fn keras_thirty_seconds() -> Result<()> {
    let ours = keras_thirty_seconds::run()?;
    let theirs = expected("keras_thirty_seconds");
    assert_close(ours.0, numbers(&theirs["losses"]), F32);
    assert_close(ours.1["loss"], theirs["loss"].as_f64().unwrap(), F32);
    assert_eq!(ours.1["accuracy"], theirs["accuracy"].as_f64().unwrap());
    assert_eq!(ours.2.shape()[..], [1000, 40]);
    assert_close(ours.2.slice(0, 0, 1)?.to_f64(), numbers(&theirs["first"]), F32);
    Ok(())
}

/// Truth tables; σ(−10) is 4.5e-5.
#[test]
fn gates() -> Result<()> {
    let [or, and, not] = gates::run()?;
    assert_close(or, [0.0, 1.0, 1.0, 1.0], 5e-5);
    assert_close(and, [0.0, 0.0, 0.0, 1.0], 5e-5);
    assert_close(not, [1.0, 0.0], 5e-5);
    Ok(())
}

#[test]
fn xor() -> Result<()> {
    let (or, xor, by_hand, trained) = xor::run()?;
    assert!(or.to_string().starts_with("yes"), "{or}");
    assert!(xor.to_string().starts_with("no (4 training rows"), "{xor}");
    assert_close(by_hand, [0.0, 1.0, 1.0, 0.0], 1e-4);
    assert_close(trained, [0.0, 1.0, 1.0, 0.0], 0.1);
    Ok(())
}

#[test]
fn own_loop() -> Result<()> {
    let losses = own_loop::run()?;
    let theirs = numbers(&expected("own_loop"));
    assert_eq!((losses.len(), theirs.len()), (320, 40));
    assert_close(losses[..40].to_vec(), theirs, F32);
    assert!(losses[319] < 0.1 * losses[0], "{}", losses[319]);
    Ok(())
}

#[test]
fn define_by_run() -> Result<()> {
    let (root, derivative, iterations) = define_by_run::run()?;
    assert_close(root, std::f64::consts::SQRT_2, 1e-15);
    assert_close(derivative, 0.25 * std::f64::consts::SQRT_2, 1e-15);
    // From 2 the error is 0.5, 0.09, 2e-3, 2e-6, 2e-12 and then that of rounding.
    assert_eq!(iterations, 5);
    Ok(())
}

/// The second task can be learned by the weights of the two sensors that the first one does not read.
#[test]
fn elastic_weights() -> Result<()> {
    let elastic_weights::Outcome { first, forgotten, kept } = elastic_weights::run()?;
    assert!(first[0] < 0.01 && first[1] > 0.5, "{first:?}");
    assert!(forgotten[0] > 0.2 && forgotten[1] < 0.01, "{forgotten:?}");
    assert!(kept[0] < 0.03 && kept[1] < 0.03, "{kept:?}");
    Ok(())
}

/// `∂C/∂b1` by complex steps of the cost in NumPy, which use no equation of back-propagation.
const BIASES_BY_NUMPY: [f64; 3] = [
    -0.007_438_930_032_739_164,
    0.018_226_968_271_238_88,
    -0.002_844_388_010_438_314,
];

/// Term by term.
#[test]
fn backprop_by_hand() -> Result<()> {
    let pairs = backprop_by_hand::run()?;
    assert_eq!(
        pairs.iter().map(|pair| pair.by_hand.len()).collect::<Vec<_>>(),
        [8, 12, 6, 2, 6, 3]
    );
    for pair in &pairs {
        assert_close(pair.engine.clone(), pair.by_hand.clone(), F64);
        assert!(pair.engine.iter().all(|entry| entry.abs() > 1e-4), "{}", pair.name);
    }
    assert_close(pairs[5].engine.clone(), BIASES_BY_NUMPY, F64);
    Ok(())
}

#[test]
fn hessian() -> Result<()> {
    let ours = hessian::run()?;
    assert_close(ours.gradient[0], 4068869.785475098, F64);
    assert_eq!((ours.gradient[1], ours.third, ours.nested), (0.0, 48.0, 1.0));
    assert_eq!(ours.hessian, [4.0, 5.0, 2.0, 5.0, 0.0, 1.0, 2.0, 1.0, 0.0]);
    let theirs = expected("hessian");
    assert_eq!(ours.product.len(), 4);
    for (name, product) in ours.product {
        assert_close(product.to_f64(), numbers(&theirs[&name]), F64);
    }
    Ok(())
}

/// More than nine tenths of the built-in digits; a network that has learned nothing is right for a tenth.
#[test]
fn nielsen_network() -> Result<()> {
    let (correct, total) = nielsen_network::run(&nielsen_network::Digits::built_in()?, 6, 3.0)?;
    assert_eq!((correct.len(), total), (6, 360));
    assert!(correct[5] * 10 > total * 9 && correct[0] < correct[5], "{correct:?}");
    Ok(())
}

#[test]
fn per_sample_gradients() -> Result<()> {
    let (each, mean) = per_sample_gradients::run()?;
    let theirs = expected("per_sample_gradients");
    assert_eq!(each.len(), 4);
    for (name, gradients) in each {
        let gradients = gradients.to_f64();
        let rows: Vec<&[f64]> = gradients.chunks(gradients.len() / 256).collect();
        let norm = |row: &&[f64]| row.iter().map(|x| x * x).sum::<f64>().sqrt();
        assert_close(rows.iter().map(norm).collect::<Vec<_>>(), numbers(&theirs[&name]), F32);
        let sum = |i: usize| rows.iter().map(|row| row[i]).sum::<f64>() / 256.0;
        let average: Vec<f64> = (0..rows[0].len()).map(sum).collect();
        assert_close(average, mean[&name].to_f64(), 1e-6);
    }
    Ok(())
}

#[test]
fn forward_mode() -> Result<()> {
    let (y, dy) = forward_mode::run()?;
    let theirs = expected("forward_mode");
    assert_close(y, numbers(&theirs[0]), F64);
    assert_close(dy, numbers(&theirs[1]), F64);
    Ok(())
}

#[test]
fn own_layer() -> Result<()> {
    let (losses, before, after) = own_layer::run()?;
    assert_close(losses, numbers(&expected("own_layer")), F32);
    assert_eq!(bits(&before), bits(&after));
    Ok(())
}

#[test]
fn own_op() -> Result<()> {
    let [y, dy, ddy] = own_op::run()?;
    // x / (1 + |x|), 1 / (1 + |x|)², −2 sign(x) / (1 + |x|)³ at −1, 1/2 and 3.
    assert_close(y, vec![-0.5, 1.0 / 3.0, 0.75], F64);
    assert_close(dy, vec![0.25, 4.0 / 9.0, 0.0625], F64);
    assert_close(ddy, vec![0.25, -16.0 / 27.0, -1.0 / 32.0], F64);
    Ok(())
}

#[test]
fn two_inputs() -> Result<()> {
    let (losses, before, after) = two_inputs::run()?;
    assert_close(losses[..41].to_vec(), numbers(&expected("two_inputs")), F32);
    assert!(losses[200] < 1e-6 * losses[0], "{}", losses[200]);
    for (name, value) in &after {
        let frozen = name.starts_with("right.");
        assert_eq!(bits(value) == bits(&before[name]), frozen, "{name}");
    }
    Ok(())
}

#[test]
fn tying_and_freezing() -> Result<()> {
    let ours = tying_and_freezing::run()?;
    let theirs = expected("tying_and_freezing");
    assert_close(ours.losses.to_vec(), numbers(&theirs["losses"]), F32);
    assert_eq!(ours.tied.len(), 1);
    assert_close(ours.tied["weight"].to_f64(), numbers(&theirs["weight"]), F32);
    let [before, after, gradient] = ours.step;
    for (name, value) in &after {
        let rate = match &name[..9] {
            "layers.0." => 0.0,
            "layers.2." => 0.01,
            _ => 0.1,
        };
        let start = before[name].to_f64();
        let moved = start.iter().zip(gradient[name].to_f64()).map(|(x, dx)| x - rate * dx);
        assert_close(value.to_f64(), moved.collect::<Vec<_>>(), 1e-7);
        assert_eq!(bits(value) == bits(&before[name]), rate == 0.0, "{name}");
    }
    Ok(())
}

#[test]
fn recurrent() -> Result<()> {
    assert_close(recurrent::run()?, numbers(&expected("recurrent")), F32);
    Ok(())
}

/// Closed forms: exactly for the separable function, within four standard errors for random matrices.
#[test]
fn saddle_share() -> Result<()> {
    for n in 1..=5 {
        let points = saddle_share::cosines(n)?;
        let all = 1 << n;
        assert_eq!((points.minima, points.saddles, points.maxima), (1, all - 2, 1), "{n}");
        assert_eq!(points.saddle_share(), 1.0 - 2.0_f64.powi(1 - n as i32));
    }
    let waves: Vec<f64> = (1..=3)
        .map(|n| Ok(saddle_share::waves(n, 8)?.saddle_share()))
        .collect::<Result<_>>()?;
    // In one dimension minima and maxima take turns.
    assert!(waves[0] == 0.0 && waves.is_sorted_by(|a, b| a < b), "{waves:?}");
    let pi = std::f64::consts::PI;
    for (n, expected) in [(2, 0.5_f64.sqrt()), (3, 1.0 - (pi - 8_f64.sqrt()) / (2.0 * pi))] {
        let (share, count) = (saddle_share::matrices(n, 3000)?.saddle_share(), 3000.0);
        let error = (expected * (1.0 - expected) / count).sqrt();
        assert!((share - expected).abs() < 4.0 * error, "{n}: {share}, {expected}");
    }
    Ok(())
}

#[test]
fn graph_convolution() -> Result<()> {
    let (losses, accuracy) = graph_convolution::run()?;
    let theirs = expected("graph_convolution");
    assert_close(losses, numbers(&theirs["losses"]), F32);
    assert_eq!(accuracy, theirs["accuracy"].as_f64().unwrap());
    Ok(())
}

#[test]
fn hopfield() -> Result<()> {
    let [patterns, recalled, before, after] = hopfield::run()?;
    assert_eq!(recalled.to_f64(), patterns.to_f64());
    // −½ Σ (sᵀp)² / 16 over the patterns: the damaged ones have products 10 and ±2 with them, the stored ones 16 and 0.
    assert_eq!(before.to_f64(), [-3.25, -3.25]);
    assert_eq!(after.to_f64(), [-8.0, -8.0]);
    Ok(())
}

#[test]
fn eight_threads() -> Result<()> {
    let (together, alone) = eight_threads::run()?;
    assert_eq!(together.shape()[..], [8, 3]);
    assert_eq!(
        alone.concat().into_iter().map(f32::to_bits).collect::<Vec<_>>(),
        bits(&together)
    );
    Ok(())
}
