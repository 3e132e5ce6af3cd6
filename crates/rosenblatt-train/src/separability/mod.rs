//! Whether two classes are linearly separable.

mod search;

use std::fmt;

use rosenblatt_data::Prepared;
use rosenblatt_tensor::{Advice, Error, Result, Tensor};
use serde::Serialize;

use search::{Found, Rows, TOLERANCE};

/// Whether a plane separates two classes.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(rename_all = "snake_case", tag = "result")]
#[non_exhaustive]
pub enum Separability {
    /// A plane separates them: `w · x + b` is above 0 for every row of the second class, and below 0 for every one of the first.
    Separable {
        /// `w`, one number for each feature.
        weights: Vec<f64>,
        /// `b`.
        bias: f64,
        /// Rows that were checked.
        rows: usize,
    },
    /// None does: a weighted mean of rows of the one class is a weighted mean of rows of the other.
    NotSeparable {
        /// Numbers of these rows, from 0.
        conflicting_rows: Vec<usize>,
    },
    /// It could not be decided.
    Undecided {
        /// Why.
        reason: String,
    },
}

/// Decides whether a plane separates two classes of rows.
///
/// A linear program maximizes the margin `δ` under `t (w · x + b) ≥ δ`, `|wⱼ| ≤ 1`, `|b| ≤ 1`, where each feature is divided
/// by a power of two so that it is in `[-1, 1]`. It has few rows at first; those that its plane has on the wrong side are added,
/// until there are none or `δ` is 0.
///
/// # Shapes
/// - `features`: `[rows, …]`, numbers of any type
/// - `targets`: `[rows]`, integers 0 or 1
///
/// # Numerics
/// Both answers are checked. The plane: the sign of `w · x + b` is right for every row, whatever the rounding of the sum. The
/// conflict: the two weighted means, computed anew, differ by at most 10⁻⁹ in all features together, so that no plane with such
/// weights has a larger margin. Classes that are nearer to each other than this, or too near for the solver, are
/// [`Separability::Undecided`] or, within 10⁻⁹, not separable.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if there is not one target for each row; [`rosenblatt_tensor::ErrorKind::Data`] if a
/// target is not 0 or 1, or a feature not finite.
///
/// # Example
/// ```
/// use rosenblatt_tensor::Tensor;
/// use rosenblatt_train::{Separability, separability};
///
/// let inputs = Tensor::from_vec(vec![0f32, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], &[4, 2])?;
/// let or = Tensor::from_vec(vec![0i64, 1, 1, 1], &[4])?;
/// assert!(matches!(separability(&inputs, &or)?, Separability::Separable { .. }));
/// let xor = Tensor::from_vec(vec![0i64, 1, 1, 0], &[4])?;
/// let all = vec![0, 1, 2, 3];
/// assert_eq!(separability(&inputs, &xor)?, Separability::NotSeparable { conflicting_rows: all });
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
///
/// # Reference
/// Mangasarian: Linear and Nonlinear Separation of Patterns by Linear Programming. Operations Research 13, 1965.
pub fn separability(features: &Tensor, targets: &Tensor) -> Result<Separability> {
    let rows = targets.elements();
    if features.shape().first() != Some(&rows) || targets.shape().len() != 1 {
        let (features, targets) = (features.shape(), targets.shape());
        let message = format!("expected rows and a target for each, got shapes {features:?} and {targets:?}");
        return Err(Error::shape(message));
    }
    let second = |(row, &class): (usize, &i64)| match class {
        0 | 1 => Ok(class == 1),
        other => Err(Error::data(format!("expected class 0 or 1, got {other}")).within(format!("row {row}"))),
    };
    let classes = targets.to_vec::<i64>()?;
    let second = classes.iter().enumerate().map(second).collect::<Result<Vec<bool>>>()?;
    let values = features.to_f64();
    if let Some(at) = values.iter().position(|x| !x.is_finite()) {
        let row = at * rows / values.len();
        return Err(Error::data("a feature is not finite").within(format!("row {row}")));
    }
    Ok(match Rows::new(values, second).search() {
        Found::Plane { weights, bias } => Separability::Separable { weights, bias, rows },
        Found::Conflict { rows } => Separability::NotSeparable { conflicting_rows: rows },
        Found::Nothing { reason } => Separability::Undecided { reason },
    })
}

impl Separability {
    /// Decides it for the training rows of a table, as a network gets them.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if there are not two classes, or if a column becomes an embedding, which is
    /// learned.
    pub fn of(data: &Prepared) -> Result<Self> {
        let classes = data.schema.task.classes().map_or(0, <[String]>::len);
        let (2, Some(targets)) = (classes, data.train.targets()) else {
            return Err(Error::config("linear separability is decided for two classes"));
        };
        if !data.preprocessing.codes().is_empty() {
            let error = Error::config("a column with many categories becomes an embedding, whose numbers are learned");
            let hint = Advice::new("encode it one-hot with a larger ").setting("data.max_one_hot");
            return Err(error.hint(hint.text(", or leave it out")));
        }
        separability(data.train.features(), targets)
    }
}

impl fmt::Display for Separability {
    /// `yes (…)`, `no (…)` or `undecided (…)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Separable { rows, .. } => write!(f, "yes (a plane was found, and checked on all {rows} rows)"),
            Self::NotSeparable { conflicting_rows } => write!(
                f,
                "no ({} training rows conflict: a weighted mean of those of one class is one of the other, within {TOLERANCE:.0e})",
                conflicting_rows.len()
            ),
            Self::Undecided { reason } => write!(f, "undecided ({reason})"),
        }
    }
}
