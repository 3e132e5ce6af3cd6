//! Errors of activations in f32, in units in the last place: over a sample of all numbers, or all of them with
//! `ROSENBLATT_SOAK=1` (24 minutes of one core in an optimized build: `cargo xtask prove units`), against f64 by the crate
//! `libm`. Computed alone and fused, and by every instruction set, they have the same bits.

mod walk;

use rosenblatt_autodiff::for_each_activation;
use rosenblatt_autodiff::pointwise::{self, Activation};

use walk::Truth;

macro_rules! tests {
    ($($constant:ident = $type:ident, $name:ident;)*) => {$(
        #[test]
        fn $name() {
            pointwise::$constant.instances().iter().for_each(is_accurate);
        }
    )*};
}
for_each_activation!(tests);

/// The largest error of all f32, as the documentation of the function says.
pub fn max_ulps(activation: &Activation) -> f64 {
    match activation.name() {
        "selu" => 3.4,
        "elu" => 2.6,
        "hard_swish" => 1.9,
        "softplus" | "softsign" => 1.5,
        "tanh" => 1.1,
        "hard_sigmoid" | "sigmoid" => 1.0,
        "hard_tanh" | "relu" | "sign" => 0.0,
        _ => 0.51,
    }
}

/// The function again, in f64 and by another formula; none for one that is not known here.
fn truth(activation: &Activation) -> Option<Truth> {
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
        "elu" => each(move |x| if x > 0.0 { x } else { single * libm::expm1(x) }),
        "gelu" => each(|x| 0.5 * x * libm::erfc(-x / 2_f64.sqrt())),
        "gelu_logistic" => each(move |x| gated(x, 1.702)),
        "gelu_tanh" => each(move |x| gated(x, (8.0 / std::f64::consts::PI).sqrt() * (1.0 + 0.044715 * x * x))),
        "hard_logistic" => each(|x| (0.25 * x + 0.5).clamp(0.0, 1.0)),
        "hard_sigmoid" => each(|x| (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        "hard_swish" => each(|x| x * (x / 6.0 + 0.5).clamp(0.0, 1.0)),
        "hard_tanh" => each(|x| x.clamp(-1.0, 1.0)),
        "leaky_relu" => each(move |x| if x > 0.0 { x } else { single * x }),
        "mish" => each(mish_by_definition),
        "relu" => each(|x| if x > 0.0 { x } else { 0.0 }),
        "selu" => each(|x| SELU_SCALE * if x > 0.0 { x } else { SELU_ALPHA * libm::expm1(x) }),
        "sigmoid" => each(sigmoid),
        "sign" => each(|x| f64::from(x > 0.0) - f64::from(x < 0.0)),
        "silu" => each(move |x| gated(x, 1.0)),
        "softplus" => each(|x| libm::log1p(libm::exp(-x.abs())) + x.max(0.0)),
        "softsign" => each(|x| x / (1.0 + x.abs())),
        "square" => each(|x| x * x),
        "swish" => each(move |x| gated(x, setting)),
        "tanh" => each(libm::tanh),
        _ => return None,
    })
}

/// A function of one number for many: a loop of its own, since a call for each number takes longer than most functions.
fn each(f: impl Fn(f64) -> f64 + 'static) -> Truth {
    Box::new(move |x, y| {
        for (y, &x) in y.iter_mut().zip(x) {
            *y = f(f64::from(x));
        }
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

fn is_accurate(activation: &Activation) {
    let truth = truth(activation).unwrap_or_else(|| {
        let activation = *activation;
        each(move |x| activation.number(x))
    });
    let walked = walk::walk(activation, &truth);
    println!("{activation}: at most {:.3} ULP, at {:e}", walked.ulps, walked.at);
    assert!(
        walked.ulps <= max_ulps(activation),
        "{activation}: {} ULP at {}",
        walked.ulps,
        walked.at
    );
    println!("cases: activation-f32 {}", walked.cases);
    println!("cases: activation-paths {}", walked.paths);
}
