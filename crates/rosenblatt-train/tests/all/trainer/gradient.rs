//! Gradients without a step.

use rosenblatt_nn::activations::TANH;
use rosenblatt_nn::layers::{Dropout, Linear, Sequential};
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_tensor::Tensor;
use rosenblatt_train::Trainer;

use super::doubles;
use crate::common::{alone, dynamic};

#[test]
fn gradients_are_differences() {
    let net = Sequential::new()
        .then(Linear::new(4))
        .then(TANH)
        .then(Dropout { p: 0.5 })
        .then(Linear::new(2));
    for options in [alone(), dynamic()] {
        let mut trainer = Trainer::new(Sgd::default().lr(0.1), 6, |m, [x, y]| {
            let error = m.apply("layers", &net, x) - y;
            (error * error).mean_all()
        })
        .options(&options);
        let (x, y) = (doubles(1, &[5, 3]), doubles(2, &[5, 2]));
        let (loss, gradients) = trainer.gradient([&x, &y]).unwrap();
        let params = trainer.params().unwrap();
        assert_eq!(gradients.keys().collect::<Vec<_>>(), params.keys().collect::<Vec<_>>());
        // Dropout's mask is that of the next step, each time.
        assert_eq!(trainer.gradient([&x, &y]).unwrap().0, loss);
        let h = 1e-6;
        for (name, gradient) in &gradients {
            let value = params[name].to_vec::<f64>().unwrap();
            for (i, &slope) in gradient.to_vec::<f64>().unwrap().iter().enumerate() {
                let mut loss_at = |shift: f64| {
                    let mut moved = value.clone();
                    moved[i] += shift;
                    let mut moved_params = params.clone();
                    moved_params.insert(name.clone(), Tensor::from_vec(moved, gradient.shape()).unwrap());
                    trainer.set_params(&moved_params).unwrap();
                    trainer.gradient([&x, &y]).unwrap().0
                };
                let difference = (loss_at(h) - loss_at(-h)) / (2.0 * h);
                assert!((difference - slope).abs() < 1e-8, "{name}[{i}]: {difference} {slope}");
            }
        }
        trainer.set_params(&params).unwrap();
        assert_eq!(trainer.steps(), 0);
        // Without momentum a step is the gradient times the rate.
        assert_eq!(trainer.step([&x, &y]).unwrap(), loss);
        for (name, after) in trainer.params().unwrap() {
            let [before, after, slope] = [&params[&name], &after, &gradients[&name]].map(Tensor::to_f64);
            let expected = before.iter().zip(&slope).map(|(before, slope)| before - 0.1 * slope);
            assert!(
                expected.zip(&after).all(|(want, got)| (want - got).abs() <= 1e-15),
                "{name}"
            );
        }
    }
}

#[test]
fn evaluation_has_no_dropout_and_changes_nothing() {
    let net = Sequential::new().then(Dropout { p: 0.5 });
    let mut trainer = Trainer::new(Sgd::default().lr(0.1), 0, |m, [x]| {
        m.apply("layers", &net, x).mean_all()
    });
    let x = Tensor::from_vec(vec![1.0; 64], &[64]).unwrap();
    assert_eq!(trainer.evaluate([&x]).unwrap(), 1.0);
    assert_ne!(trainer.step([&x]).unwrap(), 1.0);
    assert_eq!((trainer.evaluate([&x]).unwrap(), trainer.steps()), (1.0, 1));
}
