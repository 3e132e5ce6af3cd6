//! Stochastic weight averaging.

use rosenblatt_autodiff::Graph;
use rosenblatt_nn::Optimize;
use rosenblatt_tensor::{Error, Result};

use crate::Params;

/// The first epoch whose weights are averaged, from 1.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if there is none in a run of so many epochs.
pub(super) fn first_epoch(from: f64, epochs: usize) -> Result<usize> {
    let wrong = |range: String| Err(Error::config(format!("expected {range}, got `{from}`")).within("swa"));
    if !(from >= 0.0 && from.is_finite()) || from > 1.0 && libm::trunc(from) != from {
        return wrong("a share of the epochs in [0, 1) or the number of an epoch".to_owned());
    }
    if from < 1.0 {
        return Ok(libm::floor(from * epochs as f64) as usize + 1);
    }
    match from <= epochs as f64 {
        true => Ok(from as usize),
        false => wrong(format!("at most the {epochs} epochs of the run")),
    }
}

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if there are two averages, of which only one can be evaluated; as [`first_epoch`].
pub(crate) fn check_averages(optimize: Option<&Optimize>, swa: Option<f64>, epochs: usize) -> Result<()> {
    let Some(from) = swa else { return Ok(()) };
    let name = |optimize: &Optimize| match optimize.ema {
        Some(_) => Some("ema".to_owned()),
        None => optimize
            .optimizer
            .evaluated_state()
            .map(|_| optimize.optimizer.name().to_owned()),
    };
    if let Some(name) = optimize.and_then(name) {
        let error = Error::config(format!("weights are averaged by `{name}` already")).within("swa");
        return Err(error.hint("leave one of the two out"));
    }
    if optimize.is_some_and(Optimize::is_proximal) {
        let error = Error::config("an average of weights has no zeros").within("swa");
        return Err(error.hint("leave out the average, or the proximal penalty"));
    }
    first_epoch(from, epochs).map(|_| ())
}

/// The mean of the weights at the ends of `count` epochs, of which `new` are the last, and `mean` that of the others.
///
/// `mean ← mean + (new − mean) / count`
///
/// # Reference
/// Izmailov, Podoprikhin, Garipov, Vetrov, Wilson: Averaging Weights Leads to Wider Optima and Better Generalization. UAI
/// 2018. arXiv:1803.05407, algorithm 1.
pub(super) fn averaged(mean: Option<&Params>, new: &Params, count: usize) -> Result<Params> {
    let graph = Graph::dynamic();
    let average = |(name, new): (&String, &rosenblatt_tensor::Tensor)| {
        let Some(mean) = mean.and_then(|mean| mean.get(name)) else {
            return Ok((name.clone(), new.clone()));
        };
        let [mean, new] = [mean, new].map(|tensor| graph.constant(tensor.clone()));
        Ok((name.clone(), (mean + (new - mean) / count as f64).flush().value()?))
    };
    new.iter().map(average).collect()
}
