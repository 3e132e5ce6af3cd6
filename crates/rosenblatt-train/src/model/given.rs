//! The inputs of a step.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{Error, Result};

use super::mixup::{self, Mix};

/// The inputs of a graph by name.
pub(super) struct Given<'g>(pub(super) Vec<(String, Var<'g>)>);

impl<'g> Given<'g> {
    pub(super) fn find(&self, name: &str) -> Option<Var<'g>> {
        self.0.iter().find(|(known, _)| known == name).map(|(_, var)| *var)
    }

    pub(super) fn get(&self, name: &str) -> Result<Var<'g>> {
        self.find(name)
            .ok_or_else(|| Error::internal(format!("a step without its input `{name}`")))
    }

    /// How rows are mixed, if they are.
    pub(super) fn mix(&self) -> Option<Mix<'g>> {
        let [partners, lambda] = mixup::INPUTS.map(|name| self.find(name));
        partners
            .zip(lambda)
            .map(|(partners, lambda)| Mix::new(partners, lambda))
    }

    /// The rows of the batch of an input: picked by number, if all rows were given.
    pub(super) fn rows_of(&self, name: &str) -> Result<Var<'g>> {
        let all = self.get(name)?;
        Ok(self.find("rows").map_or(all, |rows| all.take(rows)))
    }

    pub(super) fn features(&self, names: &[String]) -> Result<Vec<Var<'g>>> {
        names.iter().map(|name| self.rows_of(name)).collect()
    }
}
