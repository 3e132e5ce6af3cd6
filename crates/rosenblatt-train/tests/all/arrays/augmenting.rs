//! Augmentation in fits and trainers: in training alone, the same bits whatever runs it.

use rosenblatt_nn::augment::{AUGMENTATIONS, Flip, Noise, Shift, augmented};
use rosenblatt_nn::layers::{Flatten, Linear, Rescale, Sequential};
use rosenblatt_nn::losses::{CrossEntropy, Mse};
use rosenblatt_nn::metrics::Rmse;
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_nn::{Augmentation, Entry, Loss as _, optimize::OptimizeExt as _};
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_train::{Compile as _, Fit, RunOptions, Trainer, Validation};

use super::{bits, classes, fit};
use crate::common::{alone, dynamic};

/// 50 images of bytes, brighter at the left or at the right.
fn images() -> (Tensor, Tensor) {
    let pixel = |i: usize| (i % 5 * 40 * (i / 25 % 2) + (4 - i % 5) * 40 * (1 - i / 25 % 2) + i * 7 % 31) as u8;
    let x = Tensor::from_vec((0..50 * 25).map(pixel).collect(), &[50, 5, 5]).unwrap();
    let y = Tensor::from_vec((0..50).map(|row| row % 2).collect::<Vec<i64>>(), &[50]).unwrap();
    (x, y)
}

fn network() -> Sequential {
    let scale = Rescale {
        factor: 1.0 / 255.0,
        offset: 0.0,
    };
    Sequential::new().then(Flatten {}).then(scale).then(Linear::new(2))
}

fn all() -> Vec<Entry<dyn Augmentation>> {
    AUGMENTATIONS
        .iter()
        .map(|one| Entry::named(one.name).unwrap())
        .collect()
}

#[test]
fn only_training_rows_are_augmented() {
    let (x, y) = images();
    // So small a step changes no parameter: the losses of the epoch are those of the initial values.
    let of = |augment| {
        let mut model = network()
            .compile(CrossEntropy::default(), Sgd::default().lr(1e-30), [] as [Rmse; 0])
            .unwrap();
        let fit = Fit {
            augment,
            epochs: 1,
            validation: Validation::from((&x, &y)),
            test: Some((&x, &y).into()),
            ..fit()
        };
        let record = model.fit((&x, &y), &fit).unwrap().epochs[0].clone();
        let held_out = [record.valid.unwrap().loss(), record.test.unwrap().loss()];
        (record.train.loss(), held_out)
    };
    let plain = of(Vec::new());
    assert!((plain.0 - plain.1[0]).abs() < 1e-6, "all rows are the same: {plain:?}");
    for augmentation in all() {
        let (train, held_out) = of(vec![augmentation.clone()]);
        assert_eq!(held_out, plain.1, "{augmentation}");
        assert!(
            (train - plain.0).abs() > 1e-5,
            "{augmentation} changes nothing: {train}"
        );
    }
}

#[test]
fn rows_that_are_no_images_and_settings_out_of_range_are_refused() {
    let (x, y) = classes();
    let mut model = super::classifier(Sequential::new().then(Linear::new(3)));
    let augmenting = |augment| Fit { augment, ..fit() };
    let error = model
        .fit((&x, &y), &augmenting(vec![Flip::default().into()]))
        .unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    let text = error.to_string();
    assert_eq!(
        text,
        "augment: augmentation is for images, and the features are f32 [4] a row"
    );
    let (x, y) = images();
    let noise = Noise { std: -1.0, clip: false };
    let mut model = super::classifier(network());
    let error = model.fit((&x, &y), &augmenting(vec![noise.into()])).unwrap_err();
    assert!(
        error.to_string().starts_with("augment: noise: expected `std`"),
        "{error}"
    );
}

/// A closure over a scope augments its images itself.
#[test]
fn a_trainer_augments_in_steps_and_not_in_evaluation() {
    let (x, y) = images();
    let x = Tensor::from_vec(x.to_f64().iter().map(|&x| x as f32 / 255.0).collect(), x.shape()).unwrap();
    let y = Tensor::from_vec(y.to_f64().iter().map(|&y| y as f32).collect(), &[50, 1]).unwrap();
    let trained = |options: &RunOptions, augment: Vec<Entry<dyn Augmentation>>| {
        let mut trainer = Trainer::new(Sgd::default().lr(0.1), 4, move |m, [x, y]| {
            let x = augmented(m, &augment, x).reshape(&[50, 25]);
            let output = x.matmul(m.weight("w", &[1, 25]).matrix_transpose()) + m.bias("b", &[1], 25);
            Mse {}.per_example(output, y).mean_all()
        })
        .options(options);
        for _ in 0..5 {
            trainer.step([&x, &y]).unwrap();
        }
        bits(&trainer.params().unwrap())
    };
    let augment = || vec![Flip::default().into(), Shift { pixels: 1 }.into()];
    assert!(trained(&alone(), augment()) == trained(&dynamic(), augment()));
    assert!(trained(&alone(), augment()) != trained(&alone(), Vec::new()));
}
