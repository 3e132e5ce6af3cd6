//! Parameters, buffers and what the optimizer keeps: set, copied out, saved.

use rosenblatt_autodiff::Var;
use rosenblatt_nn::Scope;
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result, Tensor};

use super::known::{Known, is_kept};
use super::{EMA, Trainer, TrainerState, lost};
use crate::Params;

impl<F, const N: usize> Trainer<F, N>
where
    F: for<'g> Fn(&Scope<'g>, [Var<'g>; N]) -> Var<'g>,
{
    /// Copies of parameters and buffers by name; before the first batch those it will start from.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn params(&self) -> Result<Params> {
        self.values(|name| !is_kept(name))
    }

    /// Copies of the averaged parameters by the names of the parameters; see `ema` of
    /// [`Optimize`](rosenblatt_nn::optimize::Optimize).
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if no average is kept.
    pub fn averaged_params(&self) -> Result<Params> {
        let averages = self.values(|name| name.starts_with(EMA))?;
        if averages.is_empty() {
            return Err(Error::config("no averages of parameters are kept").hint("set `ema` of the optimizer"));
        }
        Ok(averages
            .into_iter()
            .map(|(name, value)| (name[EMA.len()..].to_owned(), value))
            .collect())
    }

    /// Gives parameters and buffers new values; those that are not named keep theirs. An error changes nothing.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] for an unknown name, [`rosenblatt_tensor::ErrorKind::Shape`] for another shape
    /// or type; before the first batch the first step finds them.
    pub fn set_params(&mut self, params: &Params) -> Result<()> {
        if self.known.is_empty() {
            self.waiting.extend(params.clone());
            return Ok(());
        }
        check_names(params.keys(), self.known.iter().map(|known| known.name.as_str()))?;
        for known in &self.known {
            params.get(&known.name).map_or(Ok(()), |value| known.check(value))?;
        }
        params.iter().try_for_each(|(name, value)| self.write(name, value))
    }

    /// All that the next step depends on: save it, and another process goes on with the same bits.
    ///
    /// # Errors
    /// None that a user can cause.
    pub fn state(&self) -> Result<TrainerState> {
        Ok(TrainerState {
            seed: self.seed,
            step: self.step,
            observed: self.observed.clone(),
            tensors: self.values(|_| true)?,
        })
    }

    /// Goes on from a state; the closure and the settings must be those it was taken with. An error changes nothing.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] or [`rosenblatt_tensor::ErrorKind::Shape`] if its tensors are not those of this
    /// trainer; before the first batch the first step finds this out.
    pub fn restore(&mut self, state: &TrainerState) -> Result<()> {
        if !self.known.is_empty() {
            let known = self.known.iter().map(|known| known.name.as_str());
            check_state(&state.tensors, known.filter(|name| !is_kept(name)))?;
        }
        let values = self.restored_values(state)?;
        (self.seed, self.step) = (state.seed, state.step);
        self.observed.clone_from(&state.observed);
        self.waiting = state.tensors.clone();
        self.waiting.retain(|name, _| !values.contains_key(name));
        self.restored = true;
        values.iter().try_for_each(|(name, value)| self.write(name, value))
    }

    /// The values of all known tensors: those of a state, and initial ones of those that it had not asked for yet.
    fn restored_values(&self, state: &TrainerState) -> Result<Params> {
        let mut values = Params::new();
        for known in &self.known {
            let value = match state.tensors.get(&known.name) {
                Some(value) => value.clone(),
                None => known.initial(state.seed, (&*self.init, &*self.bias_init), &values)?,
            };
            known.check(&value)?;
            values.insert(known.name.clone(), value);
        }
        Ok(values)
    }

    /// The values with which the tensors begin that no plan holds yet: what was set for them, or initial ones.
    pub(super) fn first_values(&self, asked: &[Known]) -> Result<Params> {
        self.check_asked(asked)?;
        let (mut values, mut params) = (Params::new(), self.params()?);
        for known in asked {
            if self.find(&known.name).is_some_and(|before| before.held) {
                continue;
            }
            let value = match self.waiting.get(&known.name) {
                Some(value) => value.clone(),
                None => known.initial(self.seed, (&*self.init, &*self.bias_init), &params)?,
            };
            known.check(&value)?;
            params.insert(known.name.clone(), value.clone());
            values.insert(known.name.clone(), value);
        }
        Ok(values)
    }

    /// Whether what a batch asks for agrees with what earlier ones asked for, and with the parameters that were given.
    fn check_asked(&self, asked: &[Known]) -> Result<()> {
        for known in asked {
            self.find(&known.name)
                .map_or(Ok(()), |before| before.check_again(known))?;
        }
        if !self.known.is_empty() {
            return Ok(());
        }
        let names = asked.iter().map(|known| known.name.as_str());
        match self.restored {
            true => check_state(&self.waiting, names.filter(|name| !is_kept(name))),
            false => check_names(self.waiting.keys().filter(|name| !is_kept(name)), names),
        }
    }

    /// Gives tensors that a plan was just compiled for their values.
    pub(super) fn begin(&mut self, asked: Vec<Known>, values: Params) -> Result<()> {
        for known in asked {
            if self.find(&known.name).is_none() {
                self.known.push(known);
            }
        }
        for (name, value) in values {
            self.waiting.remove(&name);
            self.write(&name, &value)?;
        }
        Ok(())
    }

    fn find(&self, name: &str) -> Option<&Known> {
        self.known.iter().find(|known| known.name == name)
    }

    /// Copies of the tensors whose names are wanted.
    fn values(&self, wanted: impl Fn(&str) -> bool) -> Result<Params> {
        let mut values: Params = self.waiting.clone();
        if let Some(runner) = &self.runner {
            for Known { name, .. } in self.known.iter().filter(|known| known.held) {
                values.insert(name.clone(), runner.read(name)?);
            }
        }
        values.retain(|name, _| wanted(name));
        Ok(values)
    }

    /// Gives a known tensor a value of its type: in the runner if a plan needs it, else for a later plan.
    fn write(&mut self, name: &str, value: &Tensor) -> Result<()> {
        let runner = self.runner.as_mut().ok_or_else(lost)?;
        if !runner.holds(name) {
            self.waiting.insert(name.to_owned(), value.clone());
            return Ok(());
        }
        if let Some(known) = self.known.iter_mut().find(|known| known.name == name) {
            known.held = true;
        }
        runner.write(name, value)
    }
}

/// Whether a state is of a trainer with these parameters and buffers. Each may have some that the other has not: those of
/// batches it has not seen.
fn check_state<'a>(state: &'a Params, known: impl Iterator<Item = &'a str> + Clone) -> Result<()> {
    let mut given = state.keys().filter(|name| !is_kept(name));
    let surplus = given.find(|name| !known.clone().any(|known| known == *name));
    let mut missing = known.filter(|name| !state.contains_key(*name)).peekable();
    match (surplus, missing.peek()) {
        (Some(name), Some(_)) => Err(nothing_called(name, missing)),
        _ => Ok(()),
    }
}

fn check_names<'a>(
    given: impl IntoIterator<Item = &'a String>,
    known: impl Iterator<Item = &'a str> + Clone,
) -> Result<()> {
    let unknown = given
        .into_iter()
        .find(|name| !known.clone().any(|known| known == *name));
    unknown.map_or(Ok(()), |name| Err(nothing_called(name, known)))
}

fn nothing_called<'a>(name: &str, known: impl Iterator<Item = &'a str>) -> Error {
    let known: Vec<&str> = known.filter(|name| !is_kept(name)).collect();
    Error::config(format!("no parameter or buffer is called `{name}`")).hint(meant(name, known))
}
