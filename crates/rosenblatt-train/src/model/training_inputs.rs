//! What a network is given in training: images are augmented, then rows are mixed.

use rosenblatt_autodiff::Var;
use rosenblatt_nn::Scope;
use rosenblatt_nn::augment::{augmented, check_images};
use rosenblatt_tensor::{Advice, DType, Error, Result};

use super::Fit;
use super::mixup::Mix;
use super::network_step::NetworkStep;
use super::weights::Weighting;

impl NetworkStep {
    /// The same as a fit says, with these weights.
    pub(super) fn of_fit(self, fit: &Fit, weighting: Weighting) -> Self {
        Self {
            weighting,
            accumulates: fit.accumulate_steps > 1,
            reduction: fit.reduction,
            augment: fit.augment.clone(),
            mixup: fit.mixup.is_some(),
            ..self
        }
    }

    /// The inputs of the network in training, from rows as they are.
    pub(crate) fn training_inputs<'g>(
        &self,
        scope: &Scope<'g>,
        mut inputs: Vec<Var<'g>>,
        mix: Option<Mix<'g>>,
    ) -> Vec<Var<'g>> {
        if let [images] = &mut inputs[..] {
            *images = augmented(scope, &self.augment, *images);
        }
        match mix {
            Some(mix) => inputs.into_iter().map(|input| mix.inputs(input)).collect(),
            None => inputs,
        }
    }

    /// Whether the rows are images, if they are to be augmented, and numbers that can be mixed, if they are to be mixed.
    ///
    /// # Errors
    /// They are not, or there are several inputs.
    pub(crate) fn check_training_inputs(&self) -> Result<()> {
        self.check_augment().map_err(|error| error.within("augment"))?;
        self.check_mixup().map_err(|error| error.within("mixup"))
    }

    fn check_augment(&self) -> Result<()> {
        match &self.inputs[..] {
            _ if self.augment.is_empty() => Ok(()),
            [images] => check_images(&images.shape, images.dtype()),
            several => Err(Error::config(format!(
                "augmentation is for networks with one input, and there are {}",
                several.len()
            ))),
        }
    }

    fn check_mixup(&self) -> Result<()> {
        if !self.mixup {
            return Ok(());
        }
        let has_integers = self.inputs.iter().any(|input| input.dtype() == DType::I64);
        let what = match self.on_training_graph(1, |found| found.codes)? {
            Some(layer) => format!("`{layer}` looks up codes"),
            None if has_integers => "some inputs are integers".to_owned(),
            None => return Ok(()),
        };
        let error = Error::config(format!("mixup is for numbers, and {what}, which have no mean"));
        let hint = Advice::new("one-hot encode the categories: raise ").setting("data.max_one_hot");
        Err(error.hint(hint))
    }
}
