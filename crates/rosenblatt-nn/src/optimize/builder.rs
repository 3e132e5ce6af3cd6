//! Writing an [`Optimize`] in a line.

use super::{Constrain, Group, Optimize, Penalize, WEIGHTS};
use crate::{Constraint, Entry, Penalty, Schedule};

/// Methods of everything that is, or becomes, an [`Optimize`]: optimizers, entries of optimizers, and itself.
///
/// # Example
/// ```
/// use rosenblatt_nn::optimize::OptimizeExt;
/// use rosenblatt_nn::optimizers::Sgd;
///
/// let optimize = Sgd::default().lr(0.1).freeze("encoder.").clip_norm(1.0);
/// assert_eq!(optimize.learning_rate, 0.1);
/// assert_eq!(optimize.groups[0].frozen, Some(true));
/// ```
pub trait OptimizeExt: Into<Optimize> {
    /// With this learning rate.
    #[must_use]
    fn lr(self, learning_rate: f64) -> Optimize {
        Optimize {
            learning_rate,
            ..self.into()
        }
    }

    /// With this schedule of the learning rate.
    #[must_use]
    fn schedule(self, schedule: impl Into<Entry<dyn Schedule>>) -> Optimize {
        Optimize {
            schedule: schedule.into(),
            ..self.into()
        }
    }

    /// With each element of a gradient limited to this size.
    #[must_use]
    fn clip_value(self, value: f64) -> Optimize {
        Optimize {
            clip_value: Some(value),
            ..self.into()
        }
    }

    /// With the gradient of each parameter clipped to this norm.
    #[must_use]
    fn clip_parameter_norm(self, norm: f64) -> Optimize {
        Optimize {
            clip_parameter_norm: Some(norm),
            ..self.into()
        }
    }

    /// With gradients clipped to this norm, over all parameters together.
    #[must_use]
    fn clip_norm(self, norm: f64) -> Optimize {
        Optimize {
            clip_norm: Some(norm),
            ..self.into()
        }
    }

    /// The parameters that `path` covers keep their values.
    #[must_use]
    fn freeze(self, path: impl Into<String>) -> Optimize {
        with_group(self, path, |group| group.frozen = Some(true))
    }

    /// The learning rate of the parameters that `path` covers is multiplied by `factor`.
    #[must_use]
    fn group(self, path: impl Into<String>, factor: f64) -> Optimize {
        with_group(self, path, |group| group.learning_rate = Some(factor))
    }

    /// The weight decay of the parameters that `path` covers is multiplied by `factor`; 0 is none.
    #[must_use]
    fn decay(self, path: impl Into<String>, factor: f64) -> Optimize {
        with_group(self, path, |group| group.weight_decay = Some(factor))
    }

    /// With a penalty on weights, that is on parameters called `weight`.
    #[must_use]
    fn penalty(self, penalty: impl Into<Entry<dyn Penalty>>) -> Optimize {
        self.penalty_on(WEIGHTS, penalty)
    }

    /// With a penalty on the parameters that `path` covers.
    #[must_use]
    fn penalty_on(self, path: impl Into<String>, penalty: impl Into<Entry<dyn Penalty>>) -> Optimize {
        let mut optimize = self.into();
        let (path, penalty) = (path.into(), penalty.into());
        optimize.penalties.push(Penalize { path, penalty });
        optimize
    }

    /// With a constraint on weights, that is on parameters called `weight`.
    #[must_use]
    fn constraint(self, constraint: impl Into<Entry<dyn Constraint>>) -> Optimize {
        self.constraint_on(WEIGHTS, constraint)
    }

    /// With a constraint on the parameters that `path` covers.
    #[must_use]
    fn constraint_on(self, path: impl Into<String>, constraint: impl Into<Entry<dyn Constraint>>) -> Optimize {
        let mut optimize = self.into();
        let (path, constraint) = (path.into(), constraint.into());
        optimize.constraints.push(Constrain { path, constraint });
        optimize
    }

    /// With an exponential moving average of the parameters.
    #[must_use]
    fn ema(self, decay: f64) -> Optimize {
        Optimize {
            ema: Some(decay),
            ..self.into()
        }
    }
}

impl<T: Into<Optimize>> OptimizeExt for T {}

fn with_group(optimize: impl Into<Optimize>, path: impl Into<String>, set: impl FnOnce(&mut Group)) -> Optimize {
    let mut optimize = optimize.into();
    let mut group = Group {
        path: path.into(),
        ..Group::default()
    };
    set(&mut group);
    optimize.groups.push(group);
    optimize
}
