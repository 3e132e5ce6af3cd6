//! Mixup: each row of a batch is mixed with another one, and so are their losses.

use super::beta::symmetric_beta;
use rosenblatt_autodiff::{Type, Var};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Error, Result, Shape, Tensor};

/// The inputs of a step that mixes: for each row the number of its partner, and how much of each row is its own.
pub(crate) const INPUTS: [&str; 2] = ["mixup_partners", "mixup_lambda"];

/// The types of these inputs.
///
/// # Errors
/// None that a user can cause.
pub(crate) fn types(rows: usize, dtype: DType) -> Result<[Type; 2]> {
    let partners = Type::new(DType::I64, Shape::new(&[rows])?);
    Ok([partners, Type::new(dtype, Shape::SCALAR)])
}

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if `alpha` is not above 0.
pub(crate) fn check_alpha(alpha: Option<f64>) -> Result<()> {
    match alpha {
        Some(alpha) if !(alpha > 0.0 && alpha.is_finite()) => {
            let message = format!("expected a number above 0, got `{alpha}`");
            Err(Error::config(message).within("mixup"))
        }
        _ => Ok(()),
    }
}

/// How the rows of a batch are mixed.
#[derive(Clone, Copy)]
pub(crate) struct Mix<'g> {
    /// A permutation of the rows, i64 `[rows]`.
    partners: Var<'g>,
    /// λ, a scalar.
    lambda: Var<'g>,
}

impl<'g> Mix<'g> {
    pub(crate) fn new(partners: Var<'g>, lambda: Var<'g>) -> Self {
        Self { partners, lambda }
    }

    /// `λ xᵢ + (1 − λ) x_partner(i)`, written so that a row that is its own partner keeps its bits.
    pub(crate) fn inputs(self, x: Var<'g>) -> Var<'g> {
        let x = x.cast(self.lambda.dtype());
        let others = self.of_partners(x);
        others + (x - others) * self.lambda
    }

    /// What belongs to the partner of each row.
    pub(crate) fn of_partners(self, x: Var<'g>) -> Var<'g> {
        x.take(self.partners)
    }

    /// `λ own + (1 − λ) others`
    pub(crate) fn losses(self, own: Var<'g>, others: Var<'g>) -> Var<'g> {
        let lambda = self.lambda.cast(own.dtype());
        own * lambda + others * (-lambda + 1.0)
    }
}

/// The inputs of steps on batches of some sizes, as numbers.
#[derive(Debug)]
pub(crate) struct Mixup {
    alpha: f64,
    order: Vec<u64>,
    numbers: Vec<i64>,
    /// Partners, for each size of a batch.
    partners: Vec<Tensor>,
    lambda: Tensor,
}

impl Mixup {
    /// # Errors
    /// None that a user can cause.
    pub(crate) fn new(alpha: f64, sizes: &[usize], dtype: DType) -> Result<Self> {
        let partners = sizes.iter().map(|&size| Tensor::from_vec(vec![0i64; size], &[size]));
        let largest = sizes.iter().copied().max().unwrap_or(0);
        Ok(Self {
            alpha,
            order: Vec::with_capacity(largest),
            numbers: Vec::with_capacity(largest),
            partners: partners.collect::<Result<_>>()?,
            lambda: Tensor::scalar_of(dtype, 1.0),
        })
    }

    /// Draws partners and λ for a batch of the run: a function of the seed and its number.
    ///
    /// # Errors
    /// No batch has so many rows.
    pub(crate) fn draw(&mut self, rows: usize, seed: u64, batch: u64) -> Result<()> {
        let rng = Rng::new(seed).purpose("mixup").at(batch);
        self.order.resize(rows, 0);
        rng.purpose("partners").permutation(&mut self.order);
        self.numbers.clear();
        self.numbers.extend(self.order.iter().map(|&row| row as i64));
        let lambda = symmetric_beta(&mut rng.purpose("lambda").stream(), self.alpha);
        match self.lambda.dtype() {
            DType::F64 => self.lambda.write(&[lambda])?,
            _ => self.lambda.write(&[lambda as f32])?,
        }
        let cell = self.partners.iter_mut().find(|cell| cell.elements() == rows);
        let none = || Error::internal(format!("mixup of {rows} rows"));
        cell.ok_or_else(none)?.write(&self.numbers)
    }

    /// What was drawn last for a batch of so many rows, in the order of [`INPUTS`].
    pub(crate) fn tensors(&self, rows: usize) -> impl Iterator<Item = &Tensor> {
        let partners = self.partners.iter().filter(move |cell| cell.elements() == rows);
        partners.take(1).chain([&self.lambda])
    }
}
