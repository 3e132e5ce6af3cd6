//! Which activation follows a weight.

use std::collections::BTreeMap;

use rosenblatt_autodiff::Var;

use super::{Application, Role, Scope};
use crate::init::{Response, response};
use crate::{Entry, Init, Layer};

impl Scope<'_> {
    /// For each weight the gain of the activation that follows its layer: see [`crate::init::activation_gain`].
    ///
    /// What follows is the next layer that reads the result of the weight's layer. Layers that normalize ([`Layer::normalizes`])
    /// and those that only pass on or scale numbers in prediction (dropout, flatten, batch normalization) are looked through. The
    /// gain is 1 if no activation follows: the end of the network, a layer with weights, one with several inputs, layers that do not
    /// agree, an activation that is no layer but written as a function, or a layer that is not registered.
    #[must_use]
    pub fn gains(&self) -> BTreeMap<String, f64> {
        let (found, applications) = (self.run.found.borrow(), self.run.applications.borrow());
        let weights = found.tensors.iter().map(|(spec, _)| spec);
        let weights = weights.filter(|spec| matches!(spec.role, Role::Parameter(Init::Weight { .. })));
        let gain = |name: &str| {
            let (layer, _) = name.rsplit_once('.')?;
            let of_layer = applications.iter().find(|one| one.path == layer)?;
            self.gain_after(&applications, of_layer.output)
        };
        weights
            .map(|spec| (spec.name.clone(), gain(&spec.name).unwrap_or(1.0)))
            .collect()
    }

    /// The gain of the activation that reads `y`, if there is one, and all that read it agree.
    fn gain_after(&self, applications: &[Application<'_>], y: Var<'_>) -> Option<f64> {
        // Not a layer that passes `y` on as it is: what reads its result reads `y`.
        let reads =
            |one: &&Application<'_>| one.output.id() != y.id() && one.inputs.iter().any(|input| input.id() == y.id());
        let readers: Vec<_> = applications.iter().filter(reads).collect();
        // A layer of layers reads what the first of them reads.
        let holds = |one: &Application<'_>| {
            let inside = format!("{}.", one.path);
            readers.iter().any(|other| other.path.starts_with(&inside))
        };
        let mut gains = readers
            .iter()
            .filter(|one| !holds(one))
            .map(|one| self.gain_of(applications, one));
        let first = gains.next()??;
        gains.all(|gain| gain == Some(first)).then_some(first)
    }

    /// The gain of a layer, or of what follows it.
    fn gain_of(&self, applications: &[Application<'_>], one: &Application<'_>) -> Option<f64> {
        let [x] = one.inputs[..] else { return None };
        let layers = self.run.layers.borrow();
        let path = one.path.split('#').next()?;
        let fields = layers.get(path)?.fields.clone();
        let layer = Entry::<dyn Layer>::make(&one.layer, fields).ok()?;
        if layer.normalizes() {
            return self.gain_after(applications, one.output);
        }
        match response(&*layer, x.shape().rank()) {
            Response::Gain(gain) => Some(gain),
            Response::Linear(_) => self.gain_after(applications, one.output),
            Response::Other => None,
        }
    }
}
