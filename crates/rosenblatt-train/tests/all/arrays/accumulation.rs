//! Gradients accumulated over several batches against the same rows in one batch.

use rosenblatt_nn::layers::Linear;
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::metrics::Accuracy;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Adam;
use rosenblatt_nn::penalties::L2;
use rosenblatt_nn::schedules::Linear as Fall;
use rosenblatt_tensor::{DType, Result, Tensor};
use rosenblatt_train::{BatchSource, Compile as _, Data, Fit, Model, Reduction};

use super::{close, fit, hidden};
use crate::trainer::doubles;

/// A regression in f64 with everything that looks at the gradient of a step.
fn model() -> Model {
    let optimize = Adam::default()
        .lr(0.05)
        .schedule(Fall::default())
        .penalty(L2 { alpha: 0.1 });
    let optimize = optimize
        .clip_value(0.6)
        .clip_parameter_norm(0.5)
        .clip_norm(0.4)
        .ema(0.5);
    let layers = hidden().then(Linear::new(1));
    let no_metrics: [Accuracy; 0] = [];
    let model = layers.compile(Mse {}, optimize, no_metrics).unwrap();
    model.with_dtype(DType::F64).unwrap()
}

/// Rows that are read as they are needed.
struct Read(Data);

impl BatchSource for Read {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn rows(&self, rows: &[u64]) -> Result<Data> {
        self.0.select(rows)
    }
}

/// 22 rows: three batches of 4, then two and a short one.
fn rows() -> Data {
    Data::from((&doubles(1, &[22, 3]), &doubles(2, &[22, 1])))
}

fn weights(of: fn(usize) -> f32) -> Tensor {
    Tensor::from_vec((0..22).map(of).collect(), &[22]).unwrap()
}

fn fitted(source: &dyn BatchSource, batch_size: usize, accumulate_steps: usize) -> (Vec<f64>, Vec<f64>, u64) {
    fitted_by(Reduction::Mean, source, batch_size, accumulate_steps)
}

fn fitted_by(
    reduction: Reduction,
    source: &dyn BatchSource,
    batch_size: usize,
    accumulate_steps: usize,
) -> (Vec<f64>, Vec<f64>, u64) {
    let fit = Fit {
        epochs: 3,
        batch_size,
        accumulate_steps,
        reduction,
        ..fit()
    };
    let mut model = model();
    let history = model.fit_source(source, &fit, &mut []).unwrap();
    let params = model.params().values().flat_map(Tensor::to_f64).collect();
    (params, history.curve("loss"), history.steps)
}

#[test]
fn several_batches_are_one_large_one() {
    let weighted = |of| rows().weighted(weights(of));
    // Some batches have no weight at all.
    let cases = [
        rows(),
        weighted(|row| [0.5, 3.0, 0.1, 7.0][row % 4]),
        weighted(|row| if row.is_multiple_of(7) { 2.0 } else { 0.0 }),
    ];
    for data in cases {
        let read = Read(data.clone());
        for source in [&data as &dyn BatchSource, &read] {
            let (large, _, steps) = fitted(source, 12, 1);
            assert_eq!(steps, 6);
            let (accumulated, _, batches) = fitted(source, 4, 3);
            assert_eq!(batches, 18);
            close(&accumulated, &large, 1e-12);
            let [large, accumulated] =
                [(12, 1), (4, 3)].map(|(rows, steps)| fitted_by(Reduction::Sum, source, rows, steps).0);
            close(&accumulated, &large, 1e-12);
            // More batches than an epoch has are all of it.
            close(&fitted(source, 4, 100).0, &fitted(source, 22, 1).0, 1e-12);
        }
    }
    // It matters at all.
    assert!(fitted(&rows(), 4, 1).0[0] - fitted(&rows(), 4, 3).0[0] != 0.0);
}
