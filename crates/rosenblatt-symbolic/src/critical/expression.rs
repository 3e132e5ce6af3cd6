//! Critical points of an expression.

use rosenblatt_tensor::{Error, Result};

use super::{CriticalPoints, Search, critical_points};
use crate::Derivation;

impl Derivation {
    /// The range of a variable for which none is given.
    pub const DEFAULT_RANGE: [f64; 2] = [-5.0, 5.0];

    /// The critical points of the expression within a box; coordinates are in the order of the variables. See
    /// [`critical_points`].
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if there are several expressions, or no variable; if a name is not a variable, or a
    /// range is not one; if the expression is finite nowhere in the box.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_symbolic::Derivation;
    /// use rosenblatt_symbolic::critical::{Kind, Search};
    /// let found = Derivation::new("x^3 - 3*x")?.critical_points(&[("x".to_owned(), [-2.0, 2.0])], &Search::default())?;
    /// let points: Vec<_> = found.points.iter().map(|point| (point.point[0], point.kind)).collect();
    /// assert_eq!(points, [(1.0, Kind::Minimum), (-1.0, Kind::Maximum)]);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn critical_points(&self, within: &[(String, [f64; 2])], search: &Search) -> Result<CriticalPoints> {
        let [output] = &self.outputs[..] else {
            let message = format!("expected one expression, got {}", self.outputs.len());
            return Err(Error::config(message));
        };
        if self.variables.is_empty() {
            return Err(Error::config("expected an expression with a variable"));
        }
        self.check_names(within)?;
        if let Some((name, [from, to])) = within
            .iter()
            .find(|(_, [from, to])| from.partial_cmp(to) != Some(std::cmp::Ordering::Less))
        {
            return Err(Error::config(format!(
                "expected a range of `{name}` from a number to a larger one, got {from}..{to}"
            )));
        }
        let range = |name: &String| {
            within
                .iter()
                .find(|(known, _)| known == name)
                .map_or(Self::DEFAULT_RANGE, |(_, range)| *range)
        };
        let ranges: Vec<[f64; 2]> = self.variables.iter().map(range).collect();
        critical_points(
            |x| {
                let variable = |name: &str| Some(x.at(self.variables.iter().position(|known| known == name)?));
                output
                    .expression
                    .on_graph(x.graph(), &variable)
                    .unwrap_or_else(|error| x.fail(error))
            },
            &ranges,
            search,
        )
    }
}
