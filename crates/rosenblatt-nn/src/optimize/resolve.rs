//! What the groups, penalties and constraints of an [`Optimize`] mean for each parameter.

use rosenblatt_tensor::Result;

use super::path::{check_covers_some, covers};
use super::{Group, Optimize, each};
use crate::{Constraint, Entry, Penalty};

/// How one parameter is optimized.
#[derive(Clone, Debug, PartialEq)]
pub struct ParameterRule {
    /// Factor on the learning rate.
    pub learning_rate: f64,
    /// Factor on the weight decay.
    pub weight_decay: f64,
    /// Whether it keeps its value.
    pub frozen: bool,
    /// Its terms of the loss.
    pub penalties: Vec<Entry<dyn Penalty>>,
    /// What holds for it after every step.
    pub constraints: Vec<Entry<dyn Constraint>>,
}

impl Optimize {
    /// How each of the parameters with these names is optimized, in their order.
    ///
    /// # Errors
    /// As [`Optimize::check`]; [`rosenblatt_tensor::ErrorKind::Config`] for a path that covers no parameter, with the
    /// nearest one that does.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_nn::optimize::OptimizeExt;
    /// use rosenblatt_nn::optimizers::Sgd;
    ///
    /// let optimize = Sgd::default().group("layers.0", 0.1).freeze("bias");
    /// let [weight, bias] = &optimize.rules(&["layers.0.weight", "layers.0.bias"])?[..] else { panic!() };
    /// assert_eq!((weight.learning_rate, weight.frozen), (0.1, false));
    /// assert_eq!((bias.learning_rate, bias.frozen), (0.1, true));
    ///
    /// let error = Sgd::default().freeze("encodr.").rules(&["encoder.weight"]).unwrap_err();
    /// assert_eq!(error.to_string(), "optimize: groups.0: no parameter's name contains `encodr.`");
    /// assert_eq!(error.hint_text(), Some("did you mean `encoder`?"));
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn rules(&self, parameters: &[&str]) -> Result<Vec<ParameterRule>> {
        self.check()
            .and_then(|()| self.check_paths(parameters))
            .map_err(|error| error.within("optimize"))?;
        Ok(parameters.iter().map(|name| self.rule(name)).collect())
    }

    fn check_paths(&self, parameters: &[&str]) -> Result<()> {
        let known = |path: &str| check_covers_some(path, parameters);
        each("groups", &self.groups, |group| known(&group.path))?;
        each("penalties", &self.penalties, |penalize| known(&penalize.path))?;
        each("constraints", &self.constraints, |constrain| known(&constrain.path))
    }

    fn rule(&self, name: &str) -> ParameterRule {
        let covering: Vec<&Group> = self.groups.iter().filter(|group| covers(&group.path, name)).collect();
        let factor = |of: fn(&Group) -> Option<f64>| covering.iter().rev().find_map(|group| of(group)).unwrap_or(1.0);
        ParameterRule {
            learning_rate: factor(|group| group.learning_rate),
            weight_decay: factor(|group| group.weight_decay),
            frozen: covering.iter().rev().find_map(|group| group.frozen).unwrap_or(false),
            penalties: (self.penalties.iter())
                .filter(|penalize| covers(&penalize.path, name))
                .map(|penalize| penalize.penalty.clone())
                .collect(),
            constraints: (self.constraints.iter())
                .filter(|constrain| covers(&constrain.path, name))
                .map(|constrain| constrain.constraint.clone())
                .collect(),
        }
    }
}
