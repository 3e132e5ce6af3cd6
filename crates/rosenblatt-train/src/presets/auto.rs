//! One recipe for all: two hidden layers, AdamW, a cosine, about 3,000 steps, stopped early; a regression takes larger
//! steps, and on many rows more. `docs/defaults.md` compares each choice with others.

use rosenblatt_data::{DataOptions, Dataset, Prepared};
use rosenblatt_nn::optimizers::AdamW;
use rosenblatt_nn::schedules::{Cosine, Steps, WarmUp};
use rosenblatt_nn::{Entry, Link, Optimizer};
use rosenblatt_tensor::{Result, Tensor};
use serde_json::Value;

use super::convolutions::{HIDDEN, is_images};
use super::{Draft, Norm, Overrides, plain, widths};
use crate::spec::EarlyStopping;

/// The loss for targets with a long tail above 0.
const POISSON: &str = "poisson";
/// Share of the training rows that are held out for validation.
const VALID: f64 = 0.2;
/// Steps that were enough for the classifications and small regressions this was tried on.
const STEPS: usize = 3000;
/// For more classes than these in a table the steps grow with their number: with 55, the log loss on validation rows fell by 43 in 100
/// as the epochs grew from 58 to 200.
const FEW_CLASSES: usize = 5;
/// Size of the steps of a classification, a common default for AdamW.
const RATE: f64 = 1e-3;
/// Of a regression. What [`STEPS`] of size [`RATE`] reach is too little where the target is nearly a function of the
/// columns (the error of `credit` fell by 40 in 100), and the same elsewhere.
const NUMBER_RATE: f64 = 3e-3;
/// From this many training rows on, a regression is long. On validation rows of a table whose target jumps from hour to
/// hour the error fell to less than a half of that with [`STEPS`] and [`RATE`]; on smoother tables it stayed the same.
/// Of tables with fewer rows some gained and some lost.
const LONG_ROWS: usize = 1000;
/// Steps of a long run.
const LONG_STEPS: usize = 10_000;
/// Their size.
const LONG_RATE: f64 = 5e-3;
/// Size of the steps on many images, whose layers are normalized over the batch. On validation rows of Fashion-MNIST this
/// network with this rate was 2.6 points more accurate than one layer of 256 with ReLU and [`RATE`]; on 1,200 of its images
/// it was 2.6 points less.
const IMAGE_RATE: f64 = 1e-2;
/// Dropout on many images.
const IMAGE_DROPOUT: f64 = 0.2;
/// Fewer epochs without a lower validation loss say nothing.
const SHORTEST_WAIT: usize = 10;
/// From this many training rows on, batches are larger, and a network for images is.
const MANY_ROWS: usize = 10_000;

/// From this many training rows on, numeric columns are also given by their ranks. Tables with fewer rows lost by it.
const QUANTILE_ROWS: u64 = 1000;

/// Validation rows, unless the user has some; numeric columns by their ranks too, and without absurd numbers.
pub(super) fn data(options: &DataOptions) -> DataOptions {
    let mut options = options.clone();
    options.quantiles_from = options.quantiles_from.or(Some(QUANTILE_ROWS));
    options.soft_clip = options.soft_clip.or(Some(true));
    if options.valid.is_none() && options.valid_fraction.is_none() {
        options.valid_fraction = Some(VALID);
    }
    options
}

pub(super) fn draft(overrides: &Overrides, data: &Prepared) -> Result<Draft> {
    let mut draft = plain::draft()?;
    network(&mut draft, overrides, data)?;
    optimizer(&mut draft, overrides, data);
    length(&mut draft, overrides, data);
    Ok(draft)
}

fn network(draft: &mut Draft, overrides: &Overrides, data: &Prepared) -> Result<()> {
    let given = overrides.shorthands()?;
    let is_convolutional = given.is_convolutional();
    let (hidden, activation, [layers, function]) = match (is_images(data), has_many_rows(data)) {
        _ if is_convolutional => (
            vec![HIDDEN],
            "relu",
            [
                "behind two blocks of convolution and pooling, of 16 and 32 channels",
                "ReLU: works well with convolutions",
            ],
        ),
        (true, true) => (
            vec![256, 128],
            "gelu",
            [
                "images: the first layer sees all pixels",
                "GELU: smooth, works well with normalization",
            ],
        ),
        (true, false) => (
            vec![256],
            "relu",
            [
                "images: one wide layer sees all pixels",
                "ReLU: works better on few images",
            ],
        ),
        (false, _) => (
            vec![64, 64],
            "gelu",
            [
                "two hidden layers suffice for most tables",
                "GELU: smooth, works well on tables",
            ],
        ),
    };
    draft.choose("model.hidden", widths(&hidden), layers);
    draft.choose("model.activation", activation, function);
    (draft.hidden, draft.activation) = (hidden, Entry::named(activation)?);
    let is_shallow = given.is_linear() || given.hidden.as_ref().is_some_and(|hidden| hidden.is_empty());
    let solves = overrides
        .optimizer()
        .is_some_and(|optimizer| optimizer.solver().is_some());
    let is_for_images = is_convolutional || is_images(data) && has_many_rows(data) && !is_shallow;
    if is_for_images && !solves {
        draft.norm = Some(Norm::Batch);
        draft.choose("model.norm", "batch", "images: faster training");
        if !is_shallow {
            draft.dropout = IMAGE_DROPOUT;
            draft.choose("model.dropout", IMAGE_DROPOUT, "images: against overfitting");
        }
    }
    let has_class_weights = overrides.value::<Value>("train.class_weight").is_some();
    if !is_regression(data) && data.valid.is_some() && !has_class_weights {
        draft.train.calibrate = true;
        draft.choose("train.calibrate", true, "probabilities fit the validation rows");
    }
    if is_regression(data) {
        if !is_shallow && overrides.loss().is_none() && is_skewed(data) {
            let loss = Entry::named(POISSON)?;
            let reason = "no target is below 0, and few are very large: the network learns its logarithm";
            draft.choose("train.loss", POISSON, reason);
            draft.train.loss = Some(loss);
        }
        let loss = overrides.loss().or_else(|| draft.train.loss.clone());
        let logarithm = loss.is_some_and(|loss| loss.link() == Link::Exp);
        draft.model.scale_target = !logarithm;
        let reason = if logarithm {
            "the network learns the logarithm of the target by its mean"
        } else {
            "target standardized, so the learning rate fits any scale"
        };
        draft.choose("model.scale_target", !logarithm, reason);
        if !is_shallow && !logarithm && !is_images(data) {
            draft.model.linear_path = true;
            let reason = "the network adds to a linear model";
            draft.choose("model.linear_path", true, reason);
        }
        if !given.is_linear() {
            draft.model.clip_predictions = true;
            let reason = "predictions stay within the range of the training targets";
            draft.choose("model.clip_predictions", true, reason);
        }
    }
    Ok(())
}

fn optimizer(draft: &mut Draft, overrides: &Overrides, data: &Prepared) {
    let (learning_rate, reason) = match (is_regression(data), is_long(data)) {
        _ if draft.norm.is_some() => (IMAGE_RATE, "normalized layers allow a higher learning rate"),
        (true, true) => (
            LONG_RATE,
            "regression with many rows: a higher learning rate works better",
        ),
        (true, false) => (NUMBER_RATE, "regression: a higher learning rate works better"),
        (false, _) => (RATE, "a common default for AdamW"),
    };
    draft.train.optimizer = AdamW::default().into();
    draft.train.learning_rate = learning_rate;
    draft.choose(
        "train.optimizer",
        "adamw",
        "per-parameter learning rates; weight decay 0.01",
    );
    draft.choose("train.learning_rate", learning_rate, reason);
    schedule(draft, overrides);
}

/// An optimizer that averages its points takes the place of a decay.
fn schedule(draft: &mut Draft, overrides: &Overrides) {
    let averages = |optimizer: Entry<dyn Optimizer>| optimizer.evaluated_state().is_some();
    let (schedule, text, reason) = match overrides.optimizer().is_some_and(averages) {
        true => (
            WarmUp::default().into(),
            "warm_up",
            "warm-up, then constant: the average of the weights takes the place of a decay",
        ),
        false => (
            Cosine {
                warmup: Steps(0.05),
                r#final: 0.0,
            }
            .into(),
            "cosine:warmup=0.05",
            "warm-up, then cosine decay to 0",
        ),
    };
    draft.train.schedule = schedule;
    draft.choose("train.schedule", text, reason);
}

fn has_many_rows(data: &Prepared) -> bool {
    data.train.len() >= MANY_ROWS
}

fn is_regression(data: &Prepared) -> bool {
    data.schema.task.classes().is_none()
}

/// Whether targets are as counts, prices and durations are: none below 0, widely spread, and with a long tail above.
///
/// On validation rows the RMSE of such tables fell by 0 to 12 in 100 with [`POISSON`]; it rose by 1 to 5 on others.
fn is_skewed(data: &Prepared) -> bool {
    const LEAST_SKEWNESS: f64 = 1.0;
    const LEAST_SPREAD: f64 = 0.5;
    let targets = data.train.targets().map(Tensor::to_f64).unwrap_or_default();
    let mean = |of: &dyn Fn(f64) -> f64| targets.iter().map(|&x| of(x)).sum::<f64>() / targets.len() as f64;
    let center = mean(&|x| x);
    let spread = mean(&|x| (x - center) * (x - center)).sqrt();
    let skewness = mean(&|x| (x - center) * (x - center) * (x - center)) / (spread * spread * spread);
    let held_out = [&data.valid, &data.test]
        .into_iter()
        .flatten()
        .filter_map(Dataset::targets);
    let is_positive = |x: &f64| *x >= 0.0;
    let are_all_positive =
        targets.iter().all(is_positive) && held_out.flat_map(Tensor::to_f64).all(|x| is_positive(&x));
    are_all_positive && spread >= LEAST_SPREAD * center && skewness >= LEAST_SKEWNESS
}

/// Whether the run is a regression on many rows.
fn is_long(data: &Prepared) -> bool {
    is_regression(data) && data.train.len() >= LONG_ROWS
}

fn length(draft: &mut Draft, overrides: &Overrides, data: &Prepared) {
    let rows = data.train.len();
    let batch_size = if has_many_rows(data) { 256 } else { 32 };
    draft.choose("train.batch_size", batch_size, format!("{rows} training rows"));
    draft.train.batch_size = batch_size;
    let batch_size = overrides.value("train.batch_size").unwrap_or(batch_size).max(1);
    let steps = match data.schema.task.classes() {
        None if is_long(data) => LONG_STEPS,
        Some(classes) if !is_images(data) => STEPS * classes.len().max(FEW_CLASSES) / FEW_CLASSES,
        _ => STEPS,
    };
    let wanted = steps / rows.div_ceil(batch_size).max(1);
    let epochs = wanted.clamp(10, 200);
    let reason = match wanted {
        0..10 => "the minimum".to_owned(),
        10..=200 => format!("about {steps} steps"),
        _ => "the maximum: few steps per epoch".to_owned(),
    };
    draft.choose("train.epochs", epochs, reason);
    draft.train.epochs = epochs;
    let pocket = overrides.value("train.pocket") == Some(true);
    if data.valid.is_some() && !pocket {
        let (patience, reason) = patience(overrides.value("train.epochs").unwrap_or(epochs));
        draft.train.early_stopping = Some(EarlyStopping {
            patience,
            ..EarlyStopping::default()
        });
        draft.choose("train.patience", patience, reason);
    }
}

/// How many epochs without a lower validation loss end a run, and why.
pub(super) fn patience(epochs: usize) -> (usize, String) {
    let patience = (epochs / 5).max(SHORTEST_WAIT);
    let wait = match patience {
        _ if patience >= epochs => {
            let reason = "too few epochs to stop early; the best epoch is kept";
            return (epochs.max(1), reason.to_owned());
        }
        SHORTEST_WAIT => "ten",
        _ => "a fifth",
    };
    let reason = format!("no more when the validation loss has not fallen for {wait} of the {epochs} epochs");
    (patience, reason)
}
