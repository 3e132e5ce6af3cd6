//! What a solver cannot be asked for: the kind of the error, what it says and where, and what it hints at.

use rosenblatt_nn::augment::Flip;
use rosenblatt_nn::constraints::MaxNorm;
use rosenblatt_nn::layers::{BatchNorm, Dropout, Linear, Sequential};
use rosenblatt_nn::losses::{CrossEntropy, Mse};
use rosenblatt_nn::metrics::{Accuracy, Rmse};
use rosenblatt_nn::optimize::{Optimize, OptimizeExt as _};
use rosenblatt_nn::optimizers::Lbfgs;
use rosenblatt_nn::penalties::{L1, L1Proximal};
use rosenblatt_nn::schedules::Cosine;
use rosenblatt_nn::{Entry, Layer};
use rosenblatt_tensor::{Error, ErrorKind};
use rosenblatt_train::{Compile as _, Fit, RateRange, Trainer};

use crate::misuse::{Row, check, one, refused, rows, with, x, y};
use crate::trainer::{classes, numbers};

fn solving(optimize: impl Into<Optimize>, layer: impl Into<Entry<dyn Layer>>, fit: &Fit) -> Error {
    let layers = Sequential::new().then(Linear::new(4)).then(layer).then(Linear::new(3));
    let model = layers.compile(CrossEntropy::default(), optimize, [Accuracy {}]);
    refused(model.and_then(|mut model| model.fit((&x(), &y()), fit)))
}

const ROWS: &[Row] = rows![
    "L-BFGS with batches", Config, "batch_size: `lbfgs` takes all training rows in each iteration", "leave it out": {
        solving(Lbfgs::default(), Linear::new(3), &Fit { batch_size: 8, ..one() })
    };
    "L-BFGS with accumulation", Config, "accumulate_steps: `lbfgs` takes all training rows", "leave it out": {
        solving(Lbfgs::default(), Linear::new(3), &Fit { accumulate_steps: 2, ..one() })
    };
    "L-BFGS with mixup", Config, "mixup: `lbfgs` needs the same loss for the same weights", "leave it out": {
        solving(Lbfgs::default(), Linear::new(3), &Fit { mixup: Some(0.2), ..one() })
    };
    "L-BFGS with augmentation", Config, "augment: `lbfgs` needs the same loss for the same weights", "leave it out": {
        solving(Lbfgs::default(), Linear::new(3), &Fit { augment: vec![Flip::default().into()], ..one() })
    };
    "L-BFGS with SWA", Config, "swa: `lbfgs` has no noise of batches", "leave it out": {
        solving(Lbfgs::default(), Linear::new(3), &Fit { epochs: 4, swa: Some(0.5), ..one() })
    };
    "L-BFGS with dropout", Config, "layers.1.mask: `lbfgs` needs the same loss for the same weights", "leave it out": {
        solving(Lbfgs::default(), Dropout { p: 0.5 }, &one())
    };
    "L-BFGS with a learning rate", Config, "learning_rate: `lbfgs` finds the length of each step by a line search", "leave it out": {
        solving(Lbfgs::default().lr(0.1), Linear::new(3), &one())
    };
    "L-BFGS with a schedule", Config, "schedule: `lbfgs` finds the length of each step by a line search", "leave it out": {
        solving(Lbfgs::default().schedule(Cosine::default()), Linear::new(3), &one())
    };
    "L-BFGS with clipping", Config, "clip_parameter_norm: `lbfgs` needs the gradient as it is", "leave it out": {
        solving(Lbfgs::default().clip_parameter_norm(1.0), Linear::new(3), &one())
    };
    "L-BFGS with EMA", Config, "ema: `lbfgs` has no noise of batches", "leave it out": {
        solving(Lbfgs::default().ema(0.9), Linear::new(3), &one())
    };
    "L-BFGS with a constraint", Config, "constraints: `lbfgs` would leave the point", "leave it out": {
        solving(Lbfgs::default().constraint(MaxNorm { max: 1.0 }), Linear::new(3), &one())
    };
    "L-BFGS with an L1 penalty", Config, "penalties: `lbfgs` needs a smooth function, and the penalty `l1` has a kink at 0", "use `l2`": {
        solving(Lbfgs::default().penalty(L1::default()), Linear::new(3), &one())
    };
    "L-BFGS with a proximal penalty", Config, "penalties: `lbfgs` needs a smooth function, and the penalty `l1_proximal`", "use `l2`": {
        solving(Lbfgs::default().penalty(L1Proximal::default()), Linear::new(3), &one())
    };
    "L-BFGS with a group", Config, "groups: `lbfgs` has one step for all parameters", "leave it out": {
        solving(Lbfgs::default().group("bias", 0.1), Linear::new(3), &one())
    };
    "L-BFGS with batch normalization over several blocks", Config, "layers.1: `lbfgs` takes 1025 rows in blocks of 1024", "use `layer_norm`": {
        let layers = Sequential::new().then(Linear::new(4)).then(BatchNorm::default()).then(Linear::new(3));
        let mut model = layers.compile(CrossEntropy::default(), Lbfgs::default(), [Accuracy {}]).unwrap();
        refused(model.fit((&numbers(1, &[1025, 3]), &classes(2, 3, &[1025])), &one()))
    };
    "L-BFGS from where the loss is not finite", NotFinite, "step 1: the loss is not finite", "look at the inputs": {
        let model = Sequential::new().then(Linear::new(1)).compile(Mse {}, Lbfgs::default(), [Rmse {}]);
        refused(model.unwrap().fit((&with(x(), 7, f32::MAX), &numbers(1, &[12])), &one()))
    };
    "L-BFGS in a trainer", Unsupported, "`lbfgs` evaluates the loss of all rows at several points", "`Model::fit`": {
        let mut trainer = Trainer::new(Lbfgs::default(), 0, |m, [x]| x.matmul(m.weight("w", &[3, 1])).mean_all());
        refused(trainer.step([&x()]))
    };
    "the learning rate of L-BFGS", Config, "optimizer: `lbfgs` has no learning rate", "`adam`": {
        let model = Sequential::new().then(Linear::new(3)).compile(CrossEntropy::default(), Lbfgs::default(), [Accuracy {}]);
        refused(model.unwrap().find_learning_rate((&x(), &y()), &one(), &RateRange::default()))
    };
];

#[test]
fn what_a_solver_cannot_be_asked_for_is_an_error_that_says_what_and_where() {
    check(ROWS);
}
