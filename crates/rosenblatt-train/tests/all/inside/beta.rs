//! Random numbers of a beta distribution.

#[path = "../../../src/model/beta.rs"]
mod code;

use code::symmetric_beta;
use rosenblatt_tensor::rng::Rng;

/// Mean ½, variance `1 / (4 (2α + 1))`, kurtosis `3 − 6 / (2α + 3)`; within six standard errors, and as many below ½ as above.
#[test]
fn moments_are_those_of_the_distribution() {
    let n = 1 << 17;
    for alpha in [0.05, 0.2, 0.4, 1.0, 1.5, 8.0, 1000.0] {
        let mut draw = Rng::new(1).purpose("beta").stream();
        let x: Vec<f64> = (0..n).map(|_| symmetric_beta(&mut draw, alpha)).collect();
        assert!(x.iter().all(|x| (0.0..=1.0).contains(x)));
        let mean_of = |f: &dyn Fn(f64) -> f64| x.iter().map(|&x| f(x)).sum::<f64>() / f64::from(n);
        let variance = 0.25 / (2.0 * alpha + 1.0);
        let kurtosis = 3.0 - 6.0 / (2.0 * alpha + 3.0);
        let error = 6.0 / f64::from(n).sqrt();
        let mean = mean_of(&|x| x);
        assert!((mean - 0.5).abs() < error * variance.sqrt(), "{alpha}: mean {mean}");
        let second = mean_of(&|x| (x - 0.5).powi(2)) / variance;
        assert!(
            (second - 1.0).abs() < error * (kurtosis - 1.0).sqrt(),
            "{alpha}: variance {second}"
        );
        let fourth = mean_of(&|x| (x - 0.5).powi(4)) / (variance * variance);
        // The eighth moment is at most that of a normal number, 105.
        assert!(
            (fourth - kurtosis).abs() < error * 96f64.sqrt(),
            "{alpha}: kurtosis {fourth}"
        );
        let below = mean_of(&|x| f64::from(u8::from(x < 0.5)));
        assert!((below - 0.5).abs() < error * 0.5, "{alpha}: {below} below ½");
    }
}

#[test]
fn extreme_parameters_are_numbers_too() {
    let mut draw = Rng::new(1).stream();
    for alpha in [f64::MIN_POSITIVE, 1e-300, 1e-9, 1e15, f64::MAX] {
        for _ in 0..100 {
            let x = symmetric_beta(&mut draw, alpha);
            assert!((0.0..=1.0).contains(&x), "{alpha}: {x}");
            assert!(alpha < 1.0 || (x - 0.5).abs() < 1e-6, "{alpha}: {x}");
            assert!(alpha > 1e-6 || !(1e-6..=1.0 - 1e-6).contains(&x), "{alpha}: {x}");
        }
    }
}
