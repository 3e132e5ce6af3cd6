//! One output of a network.

use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_data::preprocess::Standardize;
use rosenblatt_nn::{Entry, Link, Loss, Metric, TargetKind};
use rosenblatt_tensor::{DType, Result, Tensor};

use super::input_type::InputType;

/// One output of a network, and what it is held against.
#[derive(Clone, Debug)]
pub(crate) struct Head {
    pub(crate) loss: Entry<dyn Loss>,
    /// How much its loss counts.
    pub(crate) weight: f64,
    /// The type of a row of its targets.
    pub(crate) targets: InputType,
    /// Mean and spread of the targets, if they are learned on a scale of their own.
    pub(crate) scale: Option<Standardize>,
    /// No prediction is below or above these, in the units of the targets.
    pub(crate) range: Option<[f64; 2]>,
    /// The type in which outputs are put into units: f64, but for files of format 1, whose predictions stay as they were.
    pub(crate) units: DType,
}

impl Head {
    /// Targets on the network's own scale. Numbers are centered as they are given, and only then rounded to `dtype`: those
    /// of a table are f64, and far from 0 an f32 could not tell them apart.
    pub(crate) fn scaled<'g>(&self, targets: Var<'g>, dtype: DType) -> Var<'g> {
        let centered = self
            .scale
            .as_ref()
            .map_or(targets, |scale| (targets - scale.mean) / scale.std);
        if targets.dtype().is_float() {
            centered.cast(dtype)
        } else {
            centered
        }
    }

    /// What the network predicts on its own scale, from what the loss takes.
    pub(super) fn predicted<'g>(&self, output: Var<'g>) -> Var<'g> {
        match self.loss.link() {
            link @ Link::Exp => link.apply(output),
            Link::None | Link::Softmax | Link::Sigmoid => output,
        }
    }

    /// Predictions in the units of the targets, in the type for that, if the network learned them on a scale of its own; within
    /// the range, if there is one.
    pub(super) fn unscaled<'g>(&self, output: Var<'g>) -> Var<'g> {
        let in_units = self
            .scale
            .as_ref()
            .map_or(output, |scale| output.cast(self.units) * scale.std + scale.mean);
        self.range.map_or(in_units, |[low, high]| in_units.clamp(low, high))
    }

    /// How much larger a difference is in the units of the targets than on the network's own scale.
    pub(crate) fn unit(&self) -> f64 {
        self.scale.as_ref().map_or(1.0, |scale| scale.std)
    }

    /// What metrics are made from: for classes the logit or score of each, else the predictions in the units of the targets.
    ///
    /// A single output for two classes is the logit or score of the second one, and that of the first is 0: the softmax of
    /// logits is `[1 − σ(x), σ(x)]`. Only the loss that asks for single outputs also knows of them.
    ///
    /// # Shapes
    /// - `output`: `[…, outputs]`
    /// - returns `[…, classes]` or `[…, outputs]`
    pub(crate) fn scores<'g>(&self, output: Var<'g>) -> Var<'g> {
        if !self.is_classes() {
            return self.unscaled(self.predicted(output));
        }
        if output.shape().last() != Some(&1) {
            return output;
        }
        let first = output.full_like(0.0).broadcast_to(&output.shape());
        first.concat(&[output], -1)
    }

    /// Whether its targets are classes: indices, or a probability for each.
    pub(crate) fn is_classes(&self) -> bool {
        self.targets.dtype() == DType::I64 || self.loss.link() == Link::Softmax
    }

    /// The class whose rows, or time steps, do not count; probabilities of classes all do.
    pub(crate) fn ignored(&self) -> Option<i64> {
        self.loss.ignore_index().filter(|_| self.targets.dtype() == DType::I64)
    }

    /// Whether its classes have probabilities, the softmax of their scores.
    pub(crate) fn has_probabilities(&self) -> bool {
        self.is_classes() && self.loss.link().gives_probabilities()
    }

    /// Whether a metric is defined for its outputs, so many numbers a row.
    pub(crate) fn fits(&self, metric: &dyn Metric, width: usize) -> bool {
        let needed = self.is_classes() && metric.needs_probabilities(width);
        metric.fits(self.target_kind(width)) && (self.has_probabilities() || !needed)
    }

    /// What metrics take its outputs for.
    pub(crate) fn target_kind(&self, width: usize) -> TargetKind {
        if self.is_classes() {
            TargetKind::Classes(width)
        } else {
            TargetKind::Values(width)
        }
    }

    /// Targets as metrics take them: of probabilities the likeliest class.
    pub(crate) fn as_metric_targets(&self, targets: &Tensor) -> Result<Tensor> {
        if self.is_classes() && targets.dtype() != DType::I64 {
            return Graph::dynamic().constant(targets.clone()).argmax(-1).value();
        }
        Ok(targets.clone())
    }
}
