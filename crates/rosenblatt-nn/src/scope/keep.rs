//! Parameters and buffers of layers, and their new values.

use std::panic::Location;

use rosenblatt_autodiff::{Type, Var};
use rosenblatt_tensor::{Error, Result, Shape, Tensor};

use super::{Mode, Role, Scope, TensorSpec, at};
use crate::Init;

/// # Parameters and buffers
///
/// Asking again for the same name gives the same tensor; with another shape or another initialization it is an error.
impl<'g> Scope<'g> {
    /// A learned tensor that multiplies inputs, `[out, in, …]`: the run file chooses its initializer.
    ///
    /// Fan-in is `in · …` and fan-out `out · …`, where `…` are the sizes of a kernel; a vector has one output.
    #[track_caller]
    pub fn weight(&self, name: &str, shape: &[usize]) -> Var<'g> {
        let (fan_in, fan_out) = match *shape {
            [] => (1, 1),
            [inputs] => (inputs, 1),
            [out, inputs, ref kernel @ ..] => {
                let kernel: usize = kernel.iter().product();
                (inputs * kernel, out * kernel)
            }
        };
        self.param(name, shape, Init::Weight { fan_in, fan_out })
    }

    /// A learned tensor that is added to outputs, each of which `fan_in` inputs reach: the run file chooses its
    /// initializer.
    #[track_caller]
    pub fn bias(&self, name: &str, shape: &[usize], fan_in: usize) -> Var<'g> {
        self.param(name, shape, Init::Bias { fan_in })
    }

    /// A learned tensor with any initialization.
    #[track_caller]
    pub fn param(&self, name: &str, shape: &[usize], init: Init) -> Var<'g> {
        self.tensor(name, shape, Role::Parameter(init), Location::caller())
    }

    /// A tensor that is not learned, `start` everywhere at first.
    ///
    /// If it was updated earlier in this step, it is the new value: a layer that is applied twice updates its buffers one
    /// application after the other.
    #[track_caller]
    pub fn buffer(&self, name: &str, shape: &[usize], start: f64) -> Var<'g> {
        self.tensor(name, shape, Role::Buffer { start }, Location::caller())
    }

    /// A parameter or buffer of the whole network that was asked for before, by its name there: `layers.0.weight`.
    #[must_use]
    pub fn known(&self, name: &str) -> Option<Var<'g>> {
        let found = self.run.found.borrow();
        let known = found.tensors.iter().find(|(spec, _)| spec.name == name);
        known.map(|(_, var)| *var)
    }

    /// The value that a buffer or parameter of this layer has from the next step on; in evaluation nothing is updated.
    ///
    /// A parameter that its layer updates is not touched by the optimizer: so a rule that is no gradient step (the
    /// perceptron rule, Hebb's rule, contrastive divergence) is a layer.
    ///
    /// It is an error if the layer has not asked for `name`, if `value` has another type or shape, or if `name` is updated
    /// twice without being read in between.
    #[track_caller]
    pub fn update(&self, name: &str, value: Var<'g>) {
        if let Err(error) = self.try_update(self.place(name), value) {
            self.fail(at(error, Location::caller()));
        }
    }

    fn try_update(&self, name: String, value: Var<'g>) -> Result<()> {
        let mut found = self.run.found.borrow_mut();
        let Some((spec, _)) = found.tensors.iter().find(|(spec, _)| spec.name == name) else {
            let error = Error::config(format!(
                "`{name}` cannot be updated: there is no such parameter or buffer"
            ));
            return Err(error.hint("ask for it first, with `buffer`, `weight`, `bias` or `param`"));
        };
        fits(spec, value.ty())?;
        if matches!(self.run.mode, Mode::Eval) {
            return Ok(());
        }
        match found.updates.iter_mut().find(|(known, _)| *known == name) {
            None => found.updates.push((name, value)),
            Some((_, last)) if self.run.read_again.borrow_mut().remove(&name) => *last = value,
            Some(_) => return Err(Error::config(format!("`{name}` is updated twice in one step"))),
        }
        Ok(())
    }

    fn tensor(&self, name: &str, shape: &[usize], role: Role, place: &Location<'_>) -> Var<'g> {
        let (dtype, name) = (self.run.dtype, self.place(name));
        let shape = match Shape::new(shape) {
            Ok(shape) => shape,
            Err(error) => return self.fail(error.within(name)),
        };
        let spec = TensorSpec {
            name,
            shape,
            dtype,
            role,
        };
        self.find(&spec, place)
            .unwrap_or_else(|error| self.fail_as(error, Tensor::zeros(dtype, shape)))
    }

    fn find(&self, spec: &TensorSpec, place: &Location<'_>) -> Result<Var<'g>> {
        let known = self
            .run
            .found
            .borrow()
            .tensors
            .iter()
            .find(|(known, _)| known.name == spec.name)
            .cloned();
        let Some((known, var)) = known else {
            let var = (self.run.source)(spec)?;
            fits(spec, var.ty())?;
            self.run.found.borrow_mut().tensors.push((spec.clone(), var));
            return Ok(var);
        };
        fits(spec, Type::new(known.dtype, known.shape))?;
        if known.role != spec.role {
            let message = format!(
                "`{}` is {:?} already, and cannot be {:?} too",
                spec.name, known.role, spec.role
            );
            return Err(at(Error::config(message), place));
        }
        Ok(self.updated(spec).unwrap_or(var))
    }

    /// The new value of a buffer that was updated in this step.
    fn updated(&self, spec: &TensorSpec) -> Option<Var<'g>> {
        let Role::Buffer { .. } = spec.role else { return None };
        let value = self.run.found.borrow().update_of(&spec.name)?;
        self.run.read_again.borrow_mut().insert(spec.name.clone());
        Some(value)
    }
}

fn fits(spec: &TensorSpec, given: Type) -> Result<()> {
    let wanted = Type::new(spec.dtype, spec.shape);
    if given == wanted {
        return Ok(());
    }
    Err(Error::shape(format!(
        "`{}` is {given:?}, but this network and its input need {wanted:?}",
        spec.name
    )))
}
