//! Calibration of probabilities.

use rosenblatt_data::{Dataset, Prepared};
use rosenblatt_tensor::{DType, Result, Tensor};
use serde::Serialize;

use super::temperature::Rows;
use super::{LAYERS, LINEAR_PATH};
use crate::Params;
use crate::model::head::Head;
use crate::model::step_kind::StepKind;
use crate::model::{Data, Model};
use crate::options::RunOptions;
use crate::spec::Spec;

/// How the probabilities of a model were calibrated.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub struct Calibration {
    /// What logits were divided by: above 1 the network was overconfident.
    pub temperature: f64,
    /// The log loss of the validation rows before.
    pub before: f64,
    /// The log loss of the validation rows after.
    pub after: f64,
}

/// Divides the logits of a model by the temperature with the least log loss on the validation rows, if it predicts probabilities and
/// there are such rows. The layers of the output are divided, so that nothing else has to know.
///
/// Class weights ask for other probabilities than those of the data: with them nothing is changed.
///
/// # Reference
/// Guo, Pleiss, Sun, Weinberger: On Calibration of Modern Neural Networks. ICML 2017. arXiv:1706.04599.
pub(super) fn calibrate(
    model: &mut Model,
    spec: &Spec,
    data: &Prepared,
    options: &RunOptions,
) -> Result<Option<Calibration>> {
    let Some(valid) = data.valid.as_ref().filter(|valid| !valid.is_empty()) else {
        return Ok(None);
    };
    if !spec.train.calibrate || spec.train.class_weight.is_some() || !has_probabilities(model)? {
        return Ok(None);
    }
    let rows = logits_of(model, valid, options)?;
    let inverse = rows.best_inverse();
    let last = format!("{LAYERS}.{}.", model.table()?.layers()?.len() - 1);
    let linear_path = format!("{LINEAR_PATH}.");
    let is_output = |name: &str| name.starts_with(&last) || name.starts_with(&linear_path);
    let divided = |tensor: &Tensor| {
        let values = tensor.to_f64().into_iter().map(|value| (value * inverse) as f32);
        Tensor::from_vec(values.collect::<Vec<_>>(), tensor.shape())
    };
    let outputs = model.params().iter().filter(|(name, _)| is_output(name));
    let divided: Result<Params> = outputs
        .map(|(name, tensor)| Ok((name.clone(), divided(tensor)?)))
        .collect();
    model.set_params(&divided?)?;
    for (part, rows) in [("valid", Some(valid)), ("test", data.test.as_ref())] {
        rows.map_or(Ok(()), |rows| model.measure_again(part, rows, options))?;
    }
    Ok(Some(Calibration {
        temperature: 1.0 / inverse,
        before: rows.log_loss(1.0),
        after: rows.log_loss(inverse),
    }))
}

fn has_probabilities(model: &Model) -> Result<bool> {
    let step = model.step(0)?;
    Ok(step.dtype == DType::F32 && step.heads.iter().all(Head::has_probabilities))
}

/// The logits of some rows.
fn logits_of(model: &Model, rows: &Dataset, options: &RunOptions) -> Result<Rows> {
    let (mut runner, mut logits) = (model.runner(options)?, Vec::new());
    let data = model.check_rows(Data::of_inputs(vec![rows.features().clone()]))?;
    model.in_batches(&mut runner, StepKind::Score, &data, |runner, kind, _| {
        logits.extend(runner.output(kind, 0)?.to_f64());
        Ok(())
    })?;
    let targets = rows.targets().map(Tensor::to_vec::<i64>).transpose()?;
    Ok(Rows {
        logits,
        targets: targets.unwrap_or_default(),
        weights: rows.weights().map(|weights| weights.to_f64()),
    })
}
