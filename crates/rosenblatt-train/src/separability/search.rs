//! The search for a plane, by linear programs over a working set of rows.

use microlp::{ComparisonOp, OptimizationDirection, Problem, Solution, Variable};

/// A margin or a distance up to this is 0, where features are scaled to `[-1, 1]`.
pub(crate) const TOLERANCE: f64 = 1e-9;
/// Rows that join the working set at once, at least.
const MIN_JOINING: usize = 50;
/// Rounds after which the search is given up; each adds rows that the plane of the last round has on the wrong side.
const MAX_ROUNDS: usize = 500;

/// Rows of numbers in two classes.
pub(crate) struct Rows {
    /// Row after row, each column divided by `scales`.
    values: Vec<f64>,
    /// Powers of two, so that scaling changes no bit of the numbers.
    scales: Vec<f64>,
    /// Whether a row is of the second class.
    second: Vec<bool>,
}

/// What the search has found.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Found {
    /// `w · x + b` is above 0 for the second class and below 0 for the first.
    Plane { weights: Vec<f64>, bias: f64 },
    /// A weighted mean of rows of one class is a weighted mean of rows of the other: these rows.
    Conflict { rows: Vec<usize> },
    /// Neither: why.
    Nothing { reason: String },
}

/// A plane in scaled features, and by how much it separates the working set.
struct Candidate {
    weights: Vec<f64>,
    bias: f64,
    margin: f64,
}

impl Rows {
    /// Rows of `second.len()` equally many numbers, all of them finite.
    pub(crate) fn new(mut values: Vec<f64>, second: Vec<bool>) -> Self {
        let width = values.len() / second.len().max(1);
        let mut scales = vec![1.0; width];
        for row in values.chunks_exact(width.max(1)) {
            for (scale, x) in scales.iter_mut().zip(row) {
                while *scale < x.abs() {
                    *scale *= 2.0;
                }
            }
        }
        for row in values.chunks_exact_mut(width.max(1)) {
            row.iter_mut().zip(&scales).for_each(|(x, scale)| *x /= scale);
        }
        Self { values, scales, second }
    }

    fn row(&self, at: usize) -> &[f64] {
        let width = self.scales.len();
        &self.values[at * width..(at + 1) * width]
    }

    /// 1 for the second class, −1 for the first.
    fn sign(&self, at: usize) -> f64 {
        if self.second[at] { 1.0 } else { -1.0 }
    }

    /// `t (w · x + b)` of a row, and how large its rounding error can be.
    fn side(&self, at: usize, plane: &Candidate) -> (f64, f64) {
        let (mut sum, mut size) = (plane.bias, plane.bias.abs());
        for (w, x) in plane.weights.iter().zip(self.row(at)) {
            sum += w * x;
            size += (w * x).abs();
        }
        // One rounding for each product and sum, of `sum` and of `size`.
        let error = (self.scales.len() + 2) as f64 * f64::EPSILON * size;
        (self.sign(at) * sum, error)
    }

    /// As many rows of each class as a plane has numbers, spread over all of them.
    fn first_set(&self) -> Vec<usize> {
        let of = |class: bool| {
            let rows: Vec<usize> = (0..self.second.len()).filter(|&at| self.second[at] == class).collect();
            let count = rows.len().min(self.scales.len() + 1);
            (0..count)
                .map(move |i| rows[i * rows.len() / count])
                .collect::<Vec<_>>()
        };
        [of(false), of(true)].concat()
    }

    /// Decides whether a plane separates the classes.
    ///
    /// The plane with the largest margin on a working set is found by a linear program; rows on its wrong side join the set.
    pub(crate) fn search(&self) -> Found {
        let mut set = self.first_set();
        for _ in 0..MAX_ROUNDS {
            let plane = match self.widest(&set) {
                Ok(plane) => plane,
                Err(reason) => return Found::Nothing { reason },
            };
            if plane.margin <= TOLERANCE {
                return self.conflict(&set);
            }
            let mut wrong = self.wrong(&plane);
            if wrong.is_empty() {
                let weights = plane.weights.iter().zip(&self.scales).map(|(w, scale)| w / scale);
                return Found::Plane {
                    weights: weights.collect(),
                    bias: plane.bias,
                };
            }
            wrong.retain(|(_, at)| !set.contains(at));
            if wrong.is_empty() {
                let reason = format!("the margin {:.1e} is too small for the solver", plane.margin);
                return Found::Nothing { reason };
            }
            wrong.truncate(self.scales.len().max(MIN_JOINING));
            set.extend(wrong.into_iter().map(|(_, at)| at));
        }
        let reason = format!("after {MAX_ROUNDS} linear programs");
        Found::Nothing { reason }
    }

    /// Rows that are not certainly on the right side of a plane, the farthest first.
    fn wrong(&self, plane: &Candidate) -> Vec<(f64, usize)> {
        let all = (0..self.second.len()).map(|at| (self.side(at, plane), at));
        let wrong = all.filter(|&((side, error), _)| side <= error);
        let mut wrong: Vec<(f64, usize)> = wrong.map(|((side, _), at)| (side, at)).collect();
        wrong.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
        wrong
    }

    /// The plane with the largest margin `δ`: maximize `δ` with `t (w · x + b) ≥ δ`, `|w| ≤ 1` in each coordinate, `|b| ≤ 1`.
    fn widest(&self, set: &[usize]) -> Result<Candidate, String> {
        let mut problem = Problem::new(OptimizationDirection::Maximize);
        let margin = problem.add_var(1.0, (0.0, self.scales.len() as f64 + 1.0));
        let bias = problem.add_var(0.0, (-1.0, 1.0));
        let weights: Vec<Variable> = self.scales.iter().map(|_| problem.add_var(0.0, (-1.0, 1.0))).collect();
        for &at in set {
            let sign = self.sign(at);
            let terms = weights.iter().zip(self.row(at)).map(|(&w, x)| (w, sign * x));
            let terms = terms.filter(|(_, x)| *x != 0.0);
            let row: Vec<_> = terms.chain([(bias, sign), (margin, -1.0)]).collect();
            problem.add_constraint(row, ComparisonOp::Ge, 0.0);
        }
        let found = solved(&problem)?;
        Ok(Candidate {
            weights: weights.iter().map(|&w| found.var_value(w)).collect(),
            bias: found.var_value(bias),
            margin: found.var_value(margin),
        })
    }

    /// Shares `λ` of the rows of a set that make the weighted means of both classes the same.
    ///
    /// Minimize `‖Σ λ t (x, 1)‖₁` with `λ ≥ 0` and `Σ λ = 1`: no plane has a larger margin than this, by duality.
    fn conflict(&self, set: &[usize]) -> Found {
        let mut problem = Problem::new(OptimizationDirection::Minimize);
        let shares: Vec<Variable> = set.iter().map(|_| problem.add_var(0.0, (0.0, 1.0))).collect();
        for column in 0..=self.scales.len() {
            let [above, below] = [(); 2].map(|()| problem.add_var(1.0, (0.0, f64::INFINITY)));
            let terms = shares
                .iter()
                .zip(set)
                .map(|(&share, &at)| (share, self.signed(at, column)));
            let terms = terms.filter(|(_, x)| *x != 0.0);
            let row: Vec<_> = terms.chain([(above, 1.0), (below, -1.0)]).collect();
            problem.add_constraint(row, ComparisonOp::Eq, 0.0);
        }
        let all: Vec<_> = shares.iter().map(|&share| (share, 1.0)).collect();
        problem.add_constraint(all, ComparisonOp::Eq, 1.0);
        match solved(&problem) {
            Ok(found) => self.checked(
                set,
                &shares.iter().map(|&share| found.var_value(share)).collect::<Vec<_>>(),
            ),
            Err(reason) => Found::Nothing { reason },
        }
    }

    /// A number of a row, or 1 after the last, with the sign of its class.
    fn signed(&self, at: usize, column: usize) -> f64 {
        self.sign(at) * self.row(at).get(column).copied().unwrap_or(1.0)
    }

    /// Whether the means of these shares are the same, computed anew.
    fn checked(&self, set: &[usize], shares: &[f64]) -> Found {
        let used = set.iter().zip(shares).filter(|(_, share)| **share > TOLERANCE);
        let used: Vec<(usize, f64)> = used.map(|(&at, &share)| (at, share)).collect();
        let total: f64 = used.iter().map(|(_, share)| share).sum();
        let difference = |column| {
            let sum: f64 = used.iter().map(|&(at, share)| share * self.signed(at, column)).sum();
            sum.abs() / total
        };
        let distance: f64 = (0..=self.scales.len()).map(difference).sum();
        // A sum of nothing is NaN here, and is no conflict.
        if distance <= TOLERANCE {
            let mut rows: Vec<usize> = used.into_iter().map(|(at, _)| at).collect();
            rows.sort_unstable();
            return Found::Conflict { rows };
        }
        let reason = format!("the classes come as near to each other as {distance:.1e}");
        Found::Nothing { reason }
    }
}

/// The solution of a linear program, or why there is none.
fn solved(problem: &Problem) -> Result<Solution, String> {
    let outcome = problem.solve().map_err(|error| format!("the solver failed: {error}"))?;
    outcome
        .into_solution()
        .map_err(|_| "the solver was interrupted".to_owned())
}
