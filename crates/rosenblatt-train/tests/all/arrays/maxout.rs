//! Maxout learns a convex function.

use rosenblatt_nn::layers::{Maxout, Sequential};
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::metrics::Rmse;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Adam;
use rosenblatt_tensor::Tensor;
use rosenblatt_train::{Compile as _, Fit};

use crate::common::alone;

/// One unit of six lines, for x² on [−1, 1], where the best line is off by 0.298. A random start leaves some lines below the
/// others everywhere, so that they are never learned: not all six are used.
#[test]
fn one_maxout_unit_learns_a_parabola() {
    let points: Vec<f32> = (0..64).map(|i| i as f32 / 31.5 - 1.0).collect();
    let squares = points.iter().map(|x| x * x).collect();
    let [x, y] = [points, squares].map(|values| Tensor::from_vec(values, &[64, 1]).unwrap());
    let rmse = |pieces| {
        let network = Sequential::new().hidden(1, Maxout { pieces });
        let mut model = network.compile(Mse {}, Adam::default().lr(0.02), [Rmse {}]).unwrap();
        let fit = Fit {
            epochs: 600,
            batch_size: 64,
            seed: 3,
            run: alone(),
            ..Fit::default()
        };
        model.fit((&x, &y), &fit).unwrap();
        model.evaluate((&x, &y)).unwrap()["rmse"]
    };
    let [line, several] = [rmse(1), rmse(6)];
    println!("one piece {line}, six pieces {several}");
    assert!(
        line > 0.298 && several < line / 3.0,
        "one piece {line}, six pieces {several}"
    );
}
