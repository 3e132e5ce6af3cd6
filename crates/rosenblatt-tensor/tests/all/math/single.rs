//! f32 functions against f64 ones of the crate `libm`: a sample of all bit patterns, or all of them (of
//! `pow` more of them) with `ROSENBLATT_SOAK=1`.

use rosenblatt_testkit::{soak, ulp_error};

use rosenblatt_tensor::math::Float;

/// Every `step`-th bit pattern, and every one within 2,000 of `edges`.
fn patterns(step: usize, edges: &[f32]) -> impl Iterator<Item = f32> {
    let near = edges
        .iter()
        .flat_map(|x| (0..4000).map(|i| x.to_bits().wrapping_add(i).wrapping_sub(2000)));
    (0..=u32::MAX).step_by(step).chain(near).map(f32::from_bits)
}

/// Checks `f` on the patterns, and prints the largest error.
fn check(name: &str, bound: f64, edges: &[f32], f: fn(f32) -> f32, truth: fn(f64) -> f64) {
    let mut worst = (0.0, 0.0);
    for x in patterns(if soak() { 1 } else { 4099 }, edges) {
        let error = ulp_error(f(x), truth(f64::from(x)));
        if error > worst.0 {
            worst = (error, x);
        }
    }
    println!(
        "{name}: {:.3} ULP at {:e} ({:#010x})",
        worst.0,
        worst.1,
        worst.1.to_bits()
    );
    assert!(worst.0 <= bound, "{name}: {:.3} ULP at {:e}", worst.0, worst.1);
}

#[test]
fn exp() {
    check(
        "exp",
        1.0,
        &[0.0, 88.72284, -87.33655, -103.97208, 0.346_573_6, -0.346_573_6],
        Float::exp,
        libm::exp,
    );
}

#[test]
fn ln() {
    check(
        "ln",
        1.0,
        &[
            1.0,
            std::f32::consts::SQRT_2,
            std::f32::consts::FRAC_1_SQRT_2,
            f32::MIN_POSITIVE,
            0.0,
            f32::MAX,
        ],
        Float::ln,
        libm::log,
    );
}

#[test]
fn ln_1p() {
    check(
        "ln_1p",
        1.0,
        &[0.0, -0.0, -1.0, 0.414_213_57, -0.292_893_23, f32::MAX],
        Float::ln_1p,
        libm::log1p,
    );
}

#[test]
fn tanh() {
    check("tanh", 1.5, &[0.0, 0.8, -0.8, 9.01, 0.17328], Float::tanh, libm::tanh);
}

#[test]
fn sigmoid() {
    let truth = |x: f64| {
        if x < 0.0 {
            libm::exp(x) / (1.0 + libm::exp(x))
        } else {
            1.0 / (1.0 + libm::exp(-x))
        }
    };
    check(
        "sigmoid",
        1.5,
        &[0.0, -87.33655, -88.72284, -103.97208, 17.3],
        Float::sigmoid,
        truth,
    );
}

#[test]
fn erf() {
    check("erf", 1.0, &[0.0, 0.75, 3.92, 3.9375], Float::erf, libm::erf);
}

#[test]
fn erfc() {
    check("erfc", 1.0, &[0.0, 9.19, 10.05, 0.75, -3.8], Float::erfc, libm::erfc);
}

/// Multiples of π/2 are the hard inputs: there one of the two nearly vanishes.
fn quarter_turns() -> Vec<f32> {
    (1..40)
        .map(|k| (f64::from(k * k * k) * std::f64::consts::FRAC_PI_2) as f32)
        .collect()
}

#[test]
fn sin() {
    const LIMIT: f64 = (1_u64 << 48) as f64;
    check("sin", 1.0, &quarter_turns(), Float::sin, |x| {
        if x.abs() <= LIMIT { libm::sin(x) } else { x * 0.0 }
    });
}

#[test]
fn cos() {
    const LIMIT: f64 = (1_u64 << 48) as f64;
    check("cos", 1.0, &quarter_turns(), Float::cos, |x| {
        if x.abs() <= LIMIT { libm::cos(x) } else { 1.0 + x * 0.0 }
    });
}

/// All bases with exponents of every kind, and all exponents with bases of every kind.
#[test]
fn pow() {
    let mut worst = (0.0, 0.0, 0.0);
    let sides = [
        -30.5,
        -3.0,
        -2.0,
        -1.0,
        -0.5,
        0.0,
        1e-3,
        1.0 / 3.0,
        0.5,
        0.999_999_9,
        1.000_000_1,
        2.0,
        2.5,
        7.0,
        1e30,
    ];
    for x in patterns(if soak() { 997 } else { 65_537 }, &[1.0, 0.0, -1.0]) {
        for side in sides {
            for (base, exponent) in [(x, side), (side, x)] {
                let error = ulp_error(base.pow(exponent), libm::pow(f64::from(base), f64::from(exponent)));
                if error > worst.0 {
                    worst = (error, base, exponent);
                }
            }
        }
    }
    println!("pow: {:.3} ULP at {:e}, {:e}", worst.0, worst.1, worst.2);
    assert!(
        worst.0 <= 1.0,
        "pow: {:.3} ULP at {:e}, {:e}",
        worst.0,
        worst.1,
        worst.2
    );
}

#[test]
fn flush() {
    let limit = f32::from_bits((127 - 100) << 23);
    for x in patterns(4099, &[0.0, limit, -limit]) {
        let expected = if x.is_nan() || x.abs() >= limit { x.to_bits() } else { 0 };
        assert_eq!(Float::flush(x).to_bits(), expected, "{x:e}");
    }
}
