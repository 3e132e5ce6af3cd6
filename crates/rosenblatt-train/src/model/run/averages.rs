//! The parameters to evaluate with, where they are not those that are trained.

use rosenblatt_tensor::Result;

use super::Run;
use crate::Params;
use crate::model::Fit;
use crate::model::swa;

/// Averages of weights in a run.
pub(super) struct Averages {
    /// The first epoch whose weights are averaged uniformly, if they are.
    first: Option<usize>,
    /// The mean of the weights at the ends of epochs.
    pub(super) mean: Option<Params>,
    /// Parameters and buffers that are trained, while the fitter has those to evaluate with.
    pub(super) trained: Option<Params>,
}

impl Averages {
    pub(super) fn new(fit: &Fit) -> Result<Self> {
        let first = fit.swa.map(|from| swa::first_epoch(from, fit.epochs)).transpose()?;
        Ok(Self {
            first,
            mean: None,
            trained: None,
        })
    }

    /// What a checkpoint after so many epochs has in place of parameters.
    pub(super) fn has_mean(&self, epoch: usize) -> bool {
        self.first.is_some_and(|first| epoch >= first)
    }
}

impl Run<'_> {
    /// The first epoch whose weights are averaged uniformly; the first of all if none are.
    pub(crate) fn first_averaged(&self) -> usize {
        self.averages.first.unwrap_or(1)
    }

    /// Takes the weights at the end of an epoch into their mean.
    pub(super) fn average(&mut self) -> Result<()> {
        let Some(first) = self.averages.first.filter(|&first| self.epoch >= first) else {
            return Ok(());
        };
        let mut weights = self.fitter.params()?;
        let learned = self.fitter.parameter_names()?;
        weights.retain(|name, _| learned.contains(name));
        let count = self.epoch + 1 - first;
        self.averages.mean = Some(swa::averaged(self.averages.mean.as_ref(), &weights, count)?);
        Ok(())
    }

    /// Whether a checkpoint may have averages in place of what is trained.
    pub(super) fn averages_weights(&self) -> Result<bool> {
        Ok(self.averages.first.is_some() || !self.fitter.evaluated()?.is_empty())
    }

    /// The parameters to evaluate with, as far as they are not those that are trained.
    pub(super) fn evaluated(&self) -> Result<Params> {
        match &self.averages.mean {
            Some(mean) => Ok(mean.clone()),
            None => self.fitter.evaluated(),
        }
    }

    /// Puts the parameters to evaluate with in place of those that are trained, with statistics that fit them.
    pub(super) fn show_evaluated(&mut self) -> Result<()> {
        let evaluated = self.evaluated()?;
        if evaluated.is_empty() || self.averages.trained.is_some() {
            return Ok(());
        }
        self.averages.trained = Some(self.fitter.params()?);
        self.fitter.put(&evaluated)?;
        self.fitter.recompute_batch_norm()
    }

    /// Puts the parameters that are trained back.
    pub(super) fn show_trained(&mut self) -> Result<()> {
        self.averages
            .trained
            .take()
            .map_or(Ok(()), |trained| self.fitter.put(&trained))
    }
}
