//! Random numbers have the distribution they claim: moments, histograms, independence of neighbors.
//!
//! Seeds are fixed, so nothing here fails by chance; bounds are six standard errors or the 0.999999 quantile.

use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::{Rng, Sampled};

/// `Σ (observed − expected)² / expected`
fn chi_square(observed: &[u64], expected: f64) -> f64 {
    observed.iter().map(|&n| (n as f64 - expected).powi(2) / expected).sum()
}

/// Mean, variance, skewness, kurtosis.
fn moments<T: Float>(x: &[T]) -> [f64; 4] {
    let n = x.len() as f64;
    let mean = x.iter().map(|x| x.to_f64()).sum::<f64>() / n;
    let central = |k: i32| x.iter().map(|x| (x.to_f64() - mean).powi(k)).sum::<f64>() / n;
    [
        mean,
        central(2),
        central(3) / central(2).powf(1.5),
        central(4) / central(2).powi(2),
    ]
}

const MANY: usize = 1 << 20;

fn uniform_numbers_are_uniform<T: Sampled>(largest: f64) {
    let mut x = vec![T::ZERO; MANY];
    Rng::new(1).purpose("uniform").fill_uniform(0, &mut x);
    let x: Vec<f64> = x.into_iter().map(Float::to_f64).collect();
    assert!(x.iter().all(|x| (0.0..=largest).contains(x)));
    // Six standard errors each.
    let [mean, variance, skewness, kurtosis] = moments(&x);
    let error = 6.0 / (MANY as f64).sqrt();
    assert!((mean - 0.5).abs() < error * 0.289 && (variance - 1.0 / 12.0).abs() < error * 0.075);
    assert!(skewness.abs() < error && (kurtosis - 1.8).abs() < error);
    let mut counts = [0; 256];
    x.iter().for_each(|x| counts[(x * 256.0) as usize] += 1);
    assert!(chi_square(&counts, MANY as f64 / 256.0) < 372.0);
    // Pairs of neighbors, also across blocks.
    let mut counts = [0; 256];
    x.windows(2)
        .for_each(|pair| counts[(pair[0] * 16.0) as usize * 16 + (pair[1] * 16.0) as usize] += 1);
    assert!(chi_square(&counts, MANY as f64 / 256.0) < 372.0);
}

#[test]
fn uniform_numbers_are_uniform_in_both_precisions() {
    uniform_numbers_are_uniform::<f32>(1.0 - f64::from(f32::EPSILON) / 2.0);
    uniform_numbers_are_uniform::<f64>(1.0 - f64::EPSILON / 2.0);
}

fn normal_numbers_are_normal<T: Sampled>() {
    let mut x = vec![T::ZERO; MANY];
    Rng::new(1).purpose("normal").fill_normal(0, &mut x);
    assert!(x.iter().all(|x| x.is_finite()));
    let [mean, variance, skewness, kurtosis] = moments(&x);
    let error = 6.0 / (MANY as f64).sqrt();
    assert!(mean.abs() < error && (variance - 1.0).abs() < error * 2.0_f64.sqrt());
    assert!(skewness.abs() < error * 6.0_f64.sqrt() && (kurtosis - 3.0).abs() < error * 24.0_f64.sqrt());
    // Φ turns them into uniform numbers.
    let mut counts = [0; 256];
    x.iter()
        .for_each(|x| counts[(Float::erfc(-x.to_f64() / 2.0_f64.sqrt()) * 128.0) as usize] += 1);
    assert!(chi_square(&counts, MANY as f64 / 256.0) < 372.0);
    // The two of a pair, which share a radius, do not correlate; nor do neighbors across pairs.
    for start in [0, 1] {
        let product: f64 = x[start..]
            .chunks_exact(2)
            .map(|pair| (pair[0] * pair[1]).to_f64())
            .sum();
        assert!((product / (MANY / 2) as f64).abs() < error * 2.0_f64.sqrt());
    }
}

#[test]
fn normal_numbers_are_normal_in_both_precisions() {
    normal_numbers_are_normal::<f32>();
    normal_numbers_are_normal::<f64>();
}

#[test]
fn choices_have_their_probability_and_its_ends_are_exact() {
    let rng = Rng::new(1).purpose("choice");
    let share = |p: f64| {
        let mut mask = vec![2_u8; MANY];
        rng.fill_bernoulli(p, [0, 1], 0, &mut mask);
        assert!(mask.iter().all(|&bit| bit < 2));
        mask.iter().filter(|&&bit| bit == 1).count() as f64 / MANY as f64
    };
    for p in [1e-4, 0.1, 0.5, 0.9] {
        assert!((share(p) - p).abs() < 6.0 * (p * (1.0 - p) / MANY as f64).sqrt(), "{p}");
    }
    for p in [0.0, -0.0, -1.0, f64::NEG_INFINITY, f64::NAN] {
        assert_eq!(share(p), 0.0, "{p}");
    }
    for p in [1.0, 2.0, f64::INFINITY] {
        assert_eq!(share(p), 1.0, "{p}");
    }
}

#[test]
fn bounded_numbers_are_below_and_equally_likely() {
    let mut stream = Rng::new(1).purpose("below").stream();
    let mut counts = [0; 6];
    (0..60_000).for_each(|_| counts[stream.below(6) as usize] += 1);
    assert!(chi_square(&counts, 10_000.0) < 36.0);
    // Without rejection every third number below 3·2³⁰ would come twice as often.
    let mut counts = [0; 3];
    (0..60_000).for_each(|_| counts[(stream.below(3 << 30) % 3) as usize] += 1);
    assert!(chi_square(&counts, 20_000.0) < 28.0);
    let mut counts = [0; 3];
    (0..60_000).for_each(|_| counts[(stream.below(3 << 62) % 3) as usize] += 1);
    assert!(chi_square(&counts, 20_000.0) < 28.0);
    assert!((0..100).all(|_| stream.below(1) == 0));
}

#[test]
fn every_order_of_four_is_equally_likely() {
    let mut counts = [0; 256];
    for epoch in 0..24_000 {
        let mut rows = [0; 4];
        Rng::new(1).purpose("orders").at(epoch).permutation(&mut rows);
        let code = rows.iter().fold(0, |code, row| code * 4 + row);
        counts[code as usize] += 1;
    }
    let orders: Vec<u64> = counts.into_iter().filter(|&n| n > 0).collect();
    assert_eq!(orders.len(), 24);
    assert!(chi_square(&orders, 1000.0) < 70.0);
}
