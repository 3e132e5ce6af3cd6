//! Stochastic weight averaging.

use rosenblatt_autodiff::Graph;
use rosenblatt_tensor::{Error, Result};

use crate::Params;

/// The first epoch whose weights are averaged, from 1.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if there is none in a run of so many epochs.
pub(crate) fn first_epoch(from: f64, epochs: usize) -> Result<usize> {
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

/// The error where `ema` averages weights, too: only one average can be what is evaluated.
pub(crate) fn is_second_average() -> Error {
    let error = Error::config("weights are averaged by `ema` already").within("swa");
    error.hint("leave one of the two out")
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_is_of_epochs_and_a_number_is_an_epoch() {
        let first = |from, epochs| first_epoch(from, epochs).map_err(|error| error.to_string());
        assert_eq!(
            [
                first(0.0, 5),
                first(0.75, 8),
                first(0.99, 3),
                first(1.0, 3),
                first(3.0, 3)
            ],
            [1, 7, 3, 1, 3].map(Ok)
        );
        for wrong in [-0.5, f64::NAN, f64::INFINITY, 1.5] {
            assert!(first(wrong, 5).is_err(), "{wrong}");
        }
        let error = first(4.0, 3).unwrap_err();
        assert_eq!(error, "swa: expected at most the 3 epochs of the run, got `4`");
    }
}
