//! A run as a checkpoint, and a checkpoint as a run.

use std::collections::BTreeMap;
use std::time::Instant;

use rosenblatt_nn::optimize::Slot;
use rosenblatt_tensor::{Error, Result};

use super::{Best, Run};
use crate::checkpoint::{Fingerprint, Progress};
use crate::figures::Sums;
use crate::model_file::{About, Model};
use crate::spec::differences;

/// Before the name of a tensor of the best parameters so far.
const BEST: &str = "best.";

impl Run<'_> {
    /// The run as a checkpoint.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn snapshot(&self) -> Result<Model> {
        let (batch, sums, seconds) = match self.between {
            true => (0, Sums::default(), 0.0),
            false => (self.batch, self.sums, self.seconds + self.since.elapsed().as_secs_f64()),
        };
        let progress = Progress {
            step: self.step,
            epoch: self.epoch,
            batch,
            sums,
            seconds,
            history: self.history.clone(),
            best: self.best.as_ref().map(|best| best.epoch),
            finished: self.finished,
            data: self.fingerprint.clone(),
        };
        let mut tensors = self.trainer.weights()?;
        tensors.extend(self.trainer.optimizer_state()?);
        let best = self.best.iter().flat_map(|best| &best.weights);
        tensors.extend(best.map(|(name, tensor)| (format!("{BEST}{name}"), tensor.clone())));
        Ok(Model {
            about: About {
                epoch: self.epoch,
                progress: Some(progress),
                ..self.about.clone()
            },
            tensors,
        })
    }

    /// Goes on where a checkpoint stopped.
    ///
    /// # Errors
    /// It is of another run, or its content does not fit together.
    pub(super) fn resume(&mut self, model: Model) -> Result<()> {
        let Some(progress) = model.about.progress.clone() else {
            return Err(Error::data("this is a model, not a checkpoint"));
        };
        self.same_run(&model.about, &progress)?;
        let expected = (progress.epoch as u64)
            .saturating_mul(self.batches.len() as u64)
            .saturating_add(progress.batch as u64);
        if progress.batch > self.batches.len() || progress.step != expected {
            return Err(Error::data(format!(
                "{} steps do not make {} epochs",
                progress.step, progress.epoch
            )));
        }
        let weights = self.trainer.network().check(&model.tensors)?;
        self.trainer.put(&weights)?;
        let mut state = BTreeMap::new();
        for Slot { spec, .. } in self.trainer.runner().recipe().optimizer_state()? {
            let tensor = model
                .tensors
                .get(&spec.name)
                .filter(|tensor| *tensor.shape() == spec.shape);
            let tensor =
                tensor.ok_or_else(|| Error::data(format!("`{}` is missing or of another shape", spec.name)))?;
            state.insert(spec.name, tensor.clone());
        }
        self.trainer.put(&state)?;
        self.best = match progress.best {
            Some(epoch) => {
                let named = model
                    .tensors
                    .iter()
                    .filter_map(|(name, x)| Some((name.strip_prefix(BEST)?.to_owned(), x.clone())));
                Some(Best {
                    epoch,
                    weights: self.trainer.network().check(&named.collect())?,
                })
            }
            None => None,
        };
        self.batches.shuffle(progress.epoch as u64);
        (self.step, self.epoch, self.batch) = (progress.step, progress.epoch, progress.batch);
        (self.sums, self.seconds, self.since) = (progress.sums, progress.seconds, Instant::now());
        (self.history, self.finished) = (progress.history, progress.finished);
        self.notes.push(format!("resumed after step {}", self.step));
        Ok(())
    }

    /// The checkpoint is of this very run, or an error says in what it is not.
    fn same_run(&self, before: &About, progress: &Progress) -> Result<()> {
        let json = |value: serde_json::Result<serde_json::Value>| value.map_err(|e| Error::internal(e.to_string()));
        let describe = |about: &About, data: &Fingerprint| {
            json(serde_json::to_value((
                &about.spec,
                &about.input,
                &about.schema,
                &about.preprocessing,
                data,
            )))
        };
        if describe(before, &progress.data)? == describe(&self.about, &self.fingerprint)? {
            return Ok(());
        }
        let mut keys = differences(&before.spec.to_json()?, &self.about.spec.to_json()?);
        keys.extend(differences(
            &json(serde_json::to_value(&progress.data))?,
            &json(serde_json::to_value(&self.fingerprint))?,
        ));
        if keys.is_empty() {
            keys.push("columns of the data".to_owned());
        }
        Err(
            Error::config(format!("the checkpoint is of another run: {}", keys.join("; ")))
                .hint("use the same settings and data, or leave `--resume` out to start from the beginning"),
        )
    }
}
