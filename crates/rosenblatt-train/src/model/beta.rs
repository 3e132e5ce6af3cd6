//! Random numbers of a beta distribution.

use rosenblatt_tensor::rng::Stream;

/// A number in `[0, 1]` of the beta distribution with both parameters `alpha`, above 0: mean ½, variance `1 / (4 (2 alpha + 1))`.
///
/// From `alpha` of 10¹⁵ on it is that of 10¹⁵: ½ but for 10⁻⁸.
///
/// # Reference
/// - Jöhnk: Erzeugung von betaverteilten und gammaverteilten Zufallszahlen. Metrika 8, 1964 (up to 1).
/// - Marsaglia, Tsang: A Simple Method for Generating Gamma Variables. ACM TOMS 26, 2000 (above 1).
pub(crate) fn symmetric_beta(draw: &mut Stream, alpha: f64) -> f64 {
    let alpha = alpha.clamp(1e-300, 1e15);
    if alpha <= 1.0 {
        return of_powers(draw, alpha);
    }
    let x = gamma(draw, alpha);
    x / (x + gamma(draw, alpha))
}

/// `x / (x + y)` of two powers `x = u^(1/alpha)`, `y = v^(1/alpha)` whose sum is at most 1; of their logarithms, since most
/// powers are 0 if `alpha` is small.
fn of_powers(draw: &mut Stream, alpha: f64) -> f64 {
    loop {
        let [x, y] = [(); 2].map(|()| libm::log(1.0 - draw.next_f64()) / alpha);
        if libm::exp(x) + libm::exp(y) <= 1.0 {
            return 1.0 / (1.0 + libm::exp(y - x));
        }
    }
}

/// A number of the gamma distribution with this shape, above 1, and scale 1.
fn gamma(draw: &mut Stream, shape: f64) -> f64 {
    let d = shape - 1.0 / 3.0;
    let c = 1.0 / libm::sqrt(9.0 * d);
    loop {
        let x = draw.normal();
        let t = 1.0 + c * x;
        let v = t * t * t;
        let u = 1.0 - draw.next_f64();
        if v > 0.0 && libm::log(u) < 0.5 * x * x + d - d * v + d * libm::log(v) {
            return d * v;
        }
    }
}
