//! What an optimizer keeps for a parameter.

use rosenblatt_autodiff::Type;
use rosenblatt_tensor::{Result, Shape, Tensor};

/// A tensor that an optimizer keeps for one parameter, of the parameter's element type.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::Type;
/// use rosenblatt_nn::optimizers::{Adam, StateSpec, StateStart};
/// use rosenblatt_nn::Optimizer;
/// use rosenblatt_tensor::{DType, Shape};
///
/// let weight = Type::new(DType::F32, Shape::new(&[64, 20])?);
/// assert_eq!(Adam::default().state(weight), [StateSpec::like("m", weight), StateSpec::like("v", weight)]);
/// // One number for each row, 0.1 at first.
/// let rows = StateSpec { name: "rows", shape: Shape::new(&[64])?, start: StateStart::Constant(0.1) };
/// assert_eq!(StateSpec::like("rows", weight).shaped(rows.shape).starting_at(0.1), rows);
/// // An average of the weights, which begins as a copy of them.
/// assert_eq!(StateSpec::like("average", weight).copied().start, StateStart::Parameter);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateSpec {
    /// Its name, different from the others of this optimizer: `m`.
    pub name: &'static str,
    /// Its sizes.
    pub shape: Shape,
    /// Its initial value.
    pub start: StateStart,
}

/// The initial value of a tensor that an optimizer keeps.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum StateStart {
    /// The same number everywhere.
    Constant(f64),
    /// A copy of the parameter; the shapes are the same.
    Parameter,
}

impl StateSpec {
    /// A tensor of the parameter's shape, 0 at first.
    #[must_use]
    pub fn like(name: &'static str, parameter: Type) -> Self {
        Self {
            name,
            shape: parameter.shape,
            start: StateStart::Constant(0.0),
        }
    }

    /// The same with another shape.
    #[must_use]
    pub fn shaped(self, shape: Shape) -> Self {
        Self { shape, ..self }
    }

    /// The same with another initial value of each element.
    #[must_use]
    pub fn starting_at(self, start: f64) -> Self {
        Self {
            start: StateStart::Constant(start),
            ..self
        }
    }

    /// The same, beginning as a copy of the parameter.
    #[must_use]
    pub fn copied(self) -> Self {
        Self {
            start: StateStart::Parameter,
            ..self
        }
    }

    /// Its initial value for a parameter.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if the parameter cannot have such a shape.
    pub fn initial(&self, parameter: &Tensor) -> Result<Tensor> {
        match self.start {
            StateStart::Constant(start) => {
                let start = Tensor::scalar_of(parameter.dtype(), start).broadcast_to(&self.shape)?;
                Ok(start.contiguous())
            }
            StateStart::Parameter => Ok(parameter.clone()),
        }
    }
}
