//! What an optimizer keeps for a parameter.

use rosenblatt_autodiff::Type;
use rosenblatt_tensor::Shape;

/// A tensor that an optimizer keeps for one parameter, of the parameter's element type.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::Type;
/// use rosenblatt_nn::optimizers::{Adam, StateSpec};
/// use rosenblatt_nn::Optimizer;
/// use rosenblatt_tensor::{DType, Shape};
///
/// let weight = Type::new(DType::F32, Shape::new(&[64, 20])?);
/// assert_eq!(Adam::default().state(weight), [StateSpec::like("m", weight), StateSpec::like("v", weight)]);
/// // One number for each row, 0.1 at first.
/// let rows = StateSpec { name: "rows", shape: Shape::new(&[64])?, start: 0.1 };
/// assert_eq!(StateSpec::like("rows", weight).shaped(rows.shape).starting_at(0.1), rows);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StateSpec {
    /// Its name, different from the others of this optimizer: `m`.
    pub name: &'static str,
    /// Its sizes.
    pub shape: Shape,
    /// The initial value of each element.
    pub start: f64,
}

impl StateSpec {
    /// A tensor of the parameter's shape, 0 at first.
    #[must_use]
    pub fn like(name: &'static str, parameter: Type) -> Self {
        Self {
            name,
            shape: parameter.shape,
            start: 0.0,
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
        Self { start, ..self }
    }
}
