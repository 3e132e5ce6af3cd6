//! Errors of activations in f32, in units in the last place: over a sample of all numbers, or all of them with
//! `ROSENBLATT_SOAK=1`, against f64 by the crate `libm`.

use rosenblatt_autodiff::Graph;
use rosenblatt_autodiff::for_each_activation;
use rosenblatt_autodiff::pointwise::{self, Activation};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{soak, ulp_error};

macro_rules! tests {
    ($($constant:ident = $type:ident, $name:ident;)*) => {$(
        #[test]
        fn $name() {
            pointwise::$constant.instances().iter().for_each(is_accurate);
        }
    )*};
}
for_each_activation!(tests);

/// The largest error that the documentation of the function allows.
pub fn max_ulps(activation: &Activation) -> f64 {
    match activation.name() {
        "selu" => 4.0,
        "elu" => 3.0,
        "sigmoid" => 2.5,
        "hard_swish" | "softplus" => 2.0,
        "hard_sigmoid" | "softsign" | "tanh" => 1.5,
        _ => 1.0,
    }
}

/// The function again, in f64 and by another formula; none for one that is not known here.
fn truth(activation: &Activation) -> Option<Box<dyn Fn(f64) -> f64>> {
    let setting = activation.settings().next().map_or(f64::NAN, |(_, value)| value);
    // Settings are rounded to f32, but where all is computed in f64.
    let single = f64::from(setting as f32);
    let sigmoid = |x: f64| 1.0 / (1.0 + libm::exp(-x));
    // Where e⁻ˣ overflows there is no such value.
    let gated = move |x: f64, steep: f64| {
        if steep * x < -700.0 {
            0.0
        } else {
            x * sigmoid(steep * x)
        }
    };
    Some(match activation.name() {
        "elu" => Box::new(move |x| if x > 0.0 { x } else { single * libm::expm1(x) }),
        "gelu" => Box::new(|x| 0.5 * x * libm::erfc(-x / 2_f64.sqrt())),
        "gelu_logistic" => Box::new(move |x| gated(x, 1.702)),
        "gelu_tanh" => Box::new(move |x| gated(x, (8.0 / std::f64::consts::PI).sqrt() * (1.0 + 0.044715 * x * x))),
        "hard_logistic" => Box::new(|x| (0.25 * x + 0.5).clamp(0.0, 1.0)),
        "hard_sigmoid" => Box::new(|x| (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        "hard_swish" => Box::new(|x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        "hard_tanh" => Box::new(|x| x.clamp(-1.0, 1.0)),
        "leaky_relu" => Box::new(move |x| if x > 0.0 { x } else { single * x }),
        "mish" => Box::new(mish_by_definition),
        "relu" => Box::new(|x| if x > 0.0 { x } else { 0.0 }),
        "selu" => Box::new(|x| SELU_SCALE * if x > 0.0 { x } else { SELU_ALPHA * libm::expm1(x) }),
        "sigmoid" => Box::new(sigmoid),
        "sign" => Box::new(|x| f64::from(x > 0.0) - f64::from(x < 0.0)),
        "silu" => Box::new(move |x| gated(x, 1.0)),
        "softplus" => Box::new(|x| libm::log1p(libm::exp(-x.abs())) + x.max(0.0)),
        "softsign" => Box::new(|x| x / (1.0 + x.abs())),
        "square" => Box::new(|x| x * x),
        "swish" => Box::new(move |x| gated(x, setting)),
        "tanh" => Box::new(libm::tanh),
        _ => return None,
    })
}

/// Appendix A.1 of the paper.
const SELU_SCALE: f64 = 1.050_700_987_355_480_493_419_334_985_294_6;
const SELU_ALPHA: f64 = 1.673_263_242_354_377_284_817_042_991_671_7;

/// `tanh(ln(1 + eˣ))` by its definition for positive `x`; where `1 + eˣ` rounds, by its quotient.
fn mish_by_definition(x: f64) -> f64 {
    let w = libm::exp(x.min(0.0));
    let gate = if x > 0.0 {
        libm::tanh(x + libm::log1p(libm::exp(-x)))
    } else {
        w * (w + 2.0) / (w * (w + 2.0) + 2.0)
    };
    x * gate
}

/// The error of a result; one that overflows next to the largest number counts as the number after that one.
fn error(y: f32, exact: f64) -> f64 {
    let after_largest = 2_f64.powi(128);
    if y.is_infinite() && exact.abs() < after_largest {
        (after_largest - exact.abs()) / 2_f64.powi(104)
    } else {
        ulp_error(y, exact)
    }
}

fn is_accurate(activation: &Activation) {
    let step = if soak() { 1 } else { 8191 };
    let edges = [-3.0_f32, -2.0, -1.0, 0.0, 1.0, 2.0, 3.0, -87.5, -104.0, -708.0, 88.7];
    let near = edges
        .iter()
        .flat_map(|x| (0..400).map(|i| x.to_bits().wrapping_add(i).wrapping_sub(200)));
    let mut patterns = (0..=u32::MAX)
        .step_by(step)
        .chain(near)
        .map(f32::from_bits)
        .filter(|x| x.is_finite());
    let truth = truth(activation).unwrap_or_else(|| {
        let activation = *activation;
        Box::new(move |x| activation.number(x))
    });
    let (mut worst, mut cases) = ((0.0, 0.0), 0);
    loop {
        let points: Vec<f32> = patterns.by_ref().take(1 << 16).collect();
        if points.is_empty() {
            break;
        }
        cases += points.len();
        let graph = Graph::dynamic();
        let x = graph.constant(Tensor::from_slice(&points, &[points.len()]).unwrap());
        let y = activation.apply(x).value().unwrap().to_vec::<f32>().unwrap();
        for (&x, y) in points.iter().zip(y) {
            let error = error(y, truth(f64::from(x)));
            worst = if error > worst.0 { (error, x) } else { worst };
        }
    }
    println!("{activation}: at most {:.3} ULP, at {:e}", worst.0, worst.1);
    assert!(
        worst.0 <= max_ulps(activation),
        "{activation}: {} ULP at {}",
        worst.0,
        worst.1
    );
    println!("cases: activation-f32 {cases}");
}
