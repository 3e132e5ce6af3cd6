//! Selective synaptic plasticity: parameters that matter for an earlier task stay near their values.

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{DType, Error, Result, Tensor};

use crate::Scope;
use crate::entry::expect;
use crate::transform::Params;

/// Elastic weight consolidation: a penalty towards the parameters of an earlier task, each by how much it matters there.
///
/// `value = λ Σᵢ bᵢ (θᵢ − θᵢ*)²`, gradient `2 λ bᵢ (θᵢ − θᵢ*)`
///
/// with `θ*` the parameters after the earlier task, and `b` their importance, the diagonal of the Fisher information: see
/// [`diagonal_fisher`]. It is added to the loss of the next task inside the closure of a trainer or of
/// [`crate::transform::grad_params`]; of several earlier tasks each has its own. It holds tensors, so it is no [`crate::Penalty`],
/// which is a line of a run file. The program `elastic_weights` learns two tasks with it.
///
/// # Differences
/// The paper's `λ` is twice this one.
///
/// # Reference
/// Kirkpatrick, Pascanu, Rabinowitz and others: Overcoming Catastrophic Forgetting in Neural Networks. PNAS 114, 2017, equation 3.
///
/// # Example
/// ```
/// use rosenblatt_nn::consolidation::{Consolidation, diagonal_fisher};
/// use rosenblatt_nn::layers::Linear;
/// use rosenblatt_nn::transform::{Params, grad_params, per_sample_grad};
/// use rosenblatt_tensor::Tensor;
///
/// let params: Params = [("net.weight", vec![2.0, 3.0], vec![1, 2]), ("net.bias", vec![0.0], vec![1])]
///     .into_iter()
///     .map(|(name, values, shape)| Ok((name.to_owned(), Tensor::from_vec(values, &shape)?)))
///     .collect::<Result<_, rosenblatt_tensor::Error>>()?;
/// // The second number of every row is 0: its weight does not matter.
/// let x = Tensor::from_vec(vec![1.0, 0.0, 2.0, 0.0], &[2, 2])?;
/// let rows = per_sample_grad(|m, [x]| m.apply("net", &Linear::new(1), x).sum_all(), &params, [&x])?;
/// let importance = diagonal_fisher(&rows)?;
/// assert_eq!(importance["net.weight"].to_f64(), [2.5, 0.0]);
///
/// let keep = Consolidation::new(0.5, &params, &importance)?;
/// let mut moved = params.clone();
/// moved.insert("net.weight".to_owned(), Tensor::from_vec(vec![4.0, 9.0], &[1, 2])?);
/// let penalty = grad_params(
///     |m, [x]| 0.0 * m.apply("net", &Linear::new(1), x).sum_all() + keep.penalty(m),
///     &moved,
///     [&x],
/// )?;
/// assert_eq!(penalty["net.weight"].to_f64(), [2.0 * 0.5 * 2.5 * 2.0, 0.0]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug)]
pub struct Consolidation {
    strength: f64,
    anchors: Vec<Anchor>,
}

/// A parameter of the earlier task.
#[derive(Clone, Debug)]
struct Anchor {
    name: String,
    value: Tensor,
    importance: Tensor,
}

impl Consolidation {
    /// A penalty of this strength, `λ`, on the parameters that `importance` names, towards those of `params`.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if the strength is not a number of at least 0, or `params` has no such parameter;
    /// [`rosenblatt_tensor::ErrorKind::Shape`] for importances of another shape; [`rosenblatt_tensor::ErrorKind::Data`] for
    /// importances that are negative or not finite.
    pub fn new(strength: f64, params: &Params, importance: &Params) -> Result<Self> {
        let is_strength = (0.0..f64::INFINITY).contains(&strength);
        expect(is_strength, "strength", "to be at least 0", strength)?;
        let anchor = |(name, importance): (&String, &Tensor)| {
            let value = params.get(name).ok_or_else(|| unknown(name, params.keys()))?;
            let anchor = Anchor {
                name: name.clone(),
                value: value.clone(),
                importance: importance.clone(),
            };
            anchor.check().map_err(|error| error.within(name.clone()))?;
            Ok(anchor)
        };
        let anchors = importance.iter().map(anchor).collect::<Result<_>>()?;
        Ok(Self { strength, anchors })
    }

    /// What it adds to the loss, a scalar; the closure asks for the parameters first, that is applies the network.
    ///
    /// # Errors
    /// Recorded in the scope: a parameter was not asked for, or has another shape.
    #[track_caller]
    pub fn penalty<'g>(&self, scope: &Scope<'g>) -> Var<'g> {
        let zero = scope.constant(Tensor::scalar_of(scope.dtype(), 0.0));
        let values = self.anchors.iter().map(|anchor| anchor.value(scope));
        values.fold(zero, |sum, value| sum + value) * self.strength
    }
}

impl Anchor {
    fn check(&self) -> Result<()> {
        let [value, importance] = [self.value.shape(), self.importance.shape()];
        if value != importance {
            return Err(Error::shape(format!(
                "expected importances {value:?}, got {importance:?}"
            )));
        }
        match self
            .importance
            .to_f64()
            .iter()
            .find(|b| !(0.0..f64::INFINITY).contains(*b))
        {
            Some(b) => Err(Error::data(format!("expected importances of at least 0, got {b}"))),
            None => Ok(()),
        }
    }

    /// `Σᵢ bᵢ (θᵢ − θᵢ*)²`
    #[track_caller]
    fn value<'g>(&self, scope: &Scope<'g>) -> Var<'g> {
        let Some(theta) = scope.known(&self.name) else {
            let error = Error::config(format!("no parameter `{}` was asked for before the penalty", self.name));
            return scope.fail(error.hint("apply the network first"));
        };
        if theta.shape()[..] != self.value.shape()[..] {
            let message = format!(
                "expected `{}` {:?}, got {:?}",
                self.name,
                self.value.shape(),
                theta.shape()
            );
            return scope.fail(Error::shape(message));
        }
        let [anchor, importance] =
            [&self.value, &self.importance].map(|x| scope.constant(x.clone()).cast(theta.dtype()));
        let moved = theta - anchor;
        (importance * moved * moved).sum_all()
    }
}

/// The importance of parameters, `bᵢ = mean over rows of (∂ row / ∂θᵢ)²`: the diagonal of the Fisher information if a row is the
/// logarithm of the likelihood of its target, drawn from what the network predicts.
///
/// With the targets of the data instead it is the empirical Fisher information, which is nearly 0 where the network fits them. For a
/// regression, that is a normal distribution of deviation 1, it is exact with the network's output in place of the logarithm.
///
/// # Shapes
/// - `gradients`: `[rows, …]` by the name of the parameter, as [`crate::transform::per_sample_grad`] returns
/// - returns `[…]`
///
/// # Numerics
/// Added up in f64, in the order of the rows.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Shape`] if there is no row.
pub fn diagonal_fisher(gradients: &Params) -> Result<Params> {
    let of = |(name, rows): (&String, &Tensor)| {
        let (count, shape) = match rows.shape()[..] {
            [count, ref shape @ ..] if count > 0 => (count, shape),
            _ => return Err(Error::shape(format!("expected rows, got {:?}", rows.shape())).within(name.clone())),
        };
        let mut sums = vec![0.0; shape.iter().product()];
        for row in rows.to_f64().chunks_exact(sums.len().max(1)) {
            sums.iter_mut().zip(row).for_each(|(sum, g)| *sum += g * g);
        }
        let means = sums.into_iter().map(|sum| sum / count as f64);
        let means = match rows.dtype() {
            DType::F64 => Tensor::from_vec(means.collect(), shape)?,
            _ => Tensor::from_vec(means.map(|mean| mean as f32).collect(), shape)?,
        };
        Ok((name.clone(), means))
    };
    gradients.iter().map(of).collect()
}

fn unknown<'n>(name: &str, known: impl Iterator<Item = &'n String> + Clone) -> Error {
    let hint = meant(name, known.map(String::as_str));
    Error::config(format!("there is no parameter `{name}`")).hint(hint)
}
