//! Layers that drop: what is left has the expectation of what came, and in prediction nothing is dropped.

use rosenblatt_nn::layers::{AlphaDropout, Dropout, Sequential, SpatialDropout};
use rosenblatt_nn::{Entry, Layer};
use rosenblatt_tensor::Tensor;
use rosenblatt_tensor::rng::Rng;

use crate::common::random;
use crate::every_layer::run;

#[test]
fn dropout_scales_what_it_keeps_and_keeps_the_mean() {
    let rows = 1 << 16;
    let ones = Tensor::from_vec(vec![1.0f32; rows], &[rows, 1]).unwrap();
    for p in [0.1, 0.5, 0.9] {
        let y = run(&Dropout { p }, ones.clone(), Some([0, 0])).unwrap().to_f64();
        let kept = f64::from((1.0 / (1.0 - p)) as f32);
        assert!(y.iter().all(|&y| y == 0.0 || y == kept), "{p}");
        let dropped = y.iter().filter(|&&y| y == 0.0).count() as f64 / rows as f64;
        assert!(
            (dropped - p).abs() < 5.0 * (p * (1.0 - p) / rows as f64).sqrt(),
            "{dropped} instead of {p}"
        );
    }
}

/// What Klambauer and others prove: standard normal numbers keep mean 0 and variance 1.
#[test]
fn alpha_dropout_keeps_mean_and_variance_and_saturates_what_it_drops() {
    let rows = 1 << 16;
    let mut numbers = vec![0.0; rows];
    Rng::new(4).purpose("x").fill_normal(0, &mut numbers);
    let x = Tensor::from_vec(numbers, &[rows, 1]).unwrap();
    for p in [0.05, 0.1, 0.5] {
        let y = run(&AlphaDropout { p }, x.clone(), Some([0, 0])).unwrap().to_f64();
        let n = rows as f64;
        let mean = y.iter().sum::<f64>() / n;
        let variance = y.iter().map(|y| (y - mean).powi(2)).sum::<f64>() / n;
        assert!(mean.abs() < 5.0 / n.sqrt(), "mean {mean}");
        // The fourth moment is below 4.
        assert!((variance - 1.0).abs() < 5.0 * (3.0 / n).sqrt(), "variance {variance}");
        // PyTorch's formula, for an element that is dropped.
        let alpha = 1.758_099_340_847_376_6;
        let a = 1.0 / ((alpha * alpha * p + 1.0) * (1.0 - p)).sqrt();
        let dropped = a * alpha * p - a * alpha;
        let share = y.iter().filter(|y| (*y - dropped).abs() < 1e-12).count() as f64 / n;
        assert!(
            (share - p).abs() < 5.0 * (p * (1.0 - p) / n).sqrt(),
            "{share} instead of {p}"
        );
        let kept = |(x, y): (&f64, &f64)| (y - dropped).abs() < 1e-12 || (y - (a * x + a * alpha * p)).abs() < 1e-12;
        assert!(x.to_f64().iter().zip(&y).all(kept));
    }
}

#[test]
fn spatial_dropout_drops_whole_channels() {
    let (rows, channels, size) = (200, 20, 6);
    let ones = Tensor::from_vec(vec![1.0; rows * channels * size], &[rows, channels, 2, 3]).unwrap();
    let y = run(&SpatialDropout { p: 0.2 }, ones, Some([0, 0])).unwrap().to_f64();
    let channels: Vec<&[f64]> = y.chunks(size).collect();
    assert!(channels.iter().all(|channel| channel.iter().all(|y| y == &channel[0])));
    let dropped = channels.iter().filter(|channel| channel[0] == 0.0).count() as f64 / channels.len() as f64;
    assert!(
        (dropped - 0.2).abs() < 5.0 * (0.16 / channels.len() as f64).sqrt(),
        "{dropped}"
    );
    assert!(y.iter().all(|&y| y == 0.0 || y == 1.25));
}

/// The expectation over many steps is what prediction gives.
#[test]
fn every_dropout_is_off_in_prediction() {
    for name in ["alpha_dropout", "dropout", "spatial_dropout"] {
        let layer = Entry::<dyn Layer>::named(name).unwrap();
        let x = random("x", &[4, 3, 2]);
        assert_eq!(run(&*layer, x.clone(), None).unwrap().to_f64(), x.to_f64(), "{name}");
        assert_ne!(
            run(&*layer, x.clone(), Some([1, 2])).unwrap().to_f64(),
            x.to_f64(),
            "{name}"
        );
    }
}

/// Where what is kept times its scale is not exactly 1, a mask of expectations would change the last bit.
#[test]
fn prediction_keeps_every_bit() {
    let x = random("x", &[4, 3, 2]);
    let p = (1..100)
        .map(|i| f64::from(i) / 100.0)
        .find(|p| (1.0 - p) * (1.0 / (1.0 - p)) != 1.0);
    let p = p.unwrap();
    for layer in [&Dropout { p } as &dyn Layer, &SpatialDropout { p }, &AlphaDropout { p }] {
        assert_eq!(run(layer, x.clone(), None).unwrap().to_f64(), x.to_f64(), "{p}");
    }
}

#[test]
fn dropout_depends_on_seed_step_and_place_and_on_nothing_in_prediction() {
    let x = random("x", &[64, 8]);
    let layer = Dropout { p: 0.5 };
    let masked = |counter| run(&layer, x.clone(), counter).unwrap().to_f64();
    assert_eq!(masked(Some([1, 2])), masked(Some([1, 2])));
    assert_ne!(masked(Some([1, 2])), masked(Some([1, 3])));
    assert_ne!(masked(Some([1, 2])), masked(Some([2, 2])));
    assert_eq!(masked(None), x.to_f64());
    let twice = Sequential::new().then(layer.clone()).then(layer);
    let kept = |y: Vec<f64>| y.iter().filter(|&&y| y != 0.0).count() as f64 / y.len() as f64;
    let both = kept(run(&twice, x, Some([1, 2])).unwrap().to_f64());
    assert!(
        (0.15..0.35).contains(&both),
        "the masks of two layers are not independent: {both}"
    );
}
