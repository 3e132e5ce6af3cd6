//! A learning curve: how loss and metrics depend on the number of training rows.
//!
//! The same model is trained on more and more of the training rows, and each time evaluated on the same validation rows. Where
//! their loss still falls at the end, more rows would help.

mod curve;

use rosenblatt_data::Prepared;
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{Advice, Error, Result};

use crate::callbacks::EarlyStopping;
use crate::model::{Data, Fit, Model, Validation};
use crate::options::RunOptions;
use crate::spec::Spec;
use crate::table::{fit_of, in_spec};

pub use curve::{LastFall, LearningCurve, LearningPoint, MoreRows, mean_and_std};

/// On how many rows a model is trained, and how often.
#[derive(Clone, Debug, PartialEq)]
pub struct CurveOptions {
    /// Sizes of the training rows: shares of them up to 1, or numbers of rows above 1. Each has at least 2 rows.
    pub sizes: Vec<f64>,
    /// Repetitions of each size, at least 1, with the seeds from that of the fit on.
    pub repeats: usize,
}

impl Default for CurveOptions {
    /// A tenth of the rows and more, in five equal steps, each three times.
    fn default() -> Self {
        Self {
            sizes: vec![0.1, 0.325, 0.55, 0.775, 1.0],
            repeats: 3,
        }
    }
}

impl CurveOptions {
    /// The fewest rows a model is trained on.
    pub const MIN_ROWS: usize = 2;

    /// The numbers of rows, in rising order, each once.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a size is out of range, or there are not two.
    fn rows(&self, all: usize) -> Result<Vec<usize>> {
        let wrong = |message: String| Err(Error::config(message).within("train_sizes"));
        let mut counts = Vec::new();
        for &size in &self.sizes {
            let is_share = size > 0.0 && size <= 1.0;
            let is_count = size > 1.0 && libm::trunc(size) == size;
            let rows = match is_share {
                true => libm::floor(size * all as f64) as usize,
                false => size as usize,
            };
            if !is_share && !is_count {
                return wrong(format!(
                    "expected shares up to 1 or whole numbers of rows, got `{size}`"
                ));
            }
            if rows > all {
                return wrong(format!("{size} rows, and there are {all} training rows"));
            }
            if rows < Self::MIN_ROWS {
                let least = Self::MIN_ROWS;
                let message = format!("{size} of {all} training rows leaves {rows}, and at least {least} are needed");
                let error = Error::config(message).within("train_sizes");
                return Err(error.hint("leave the smallest sizes out; a learning curve needs some dozens of rows"));
            }
            counts.push(rows);
        }
        counts.sort_unstable();
        counts.dedup();
        match counts.len() {
            0 | 1 => wrong("expected at least two different numbers of rows".to_owned()),
            _ => Ok(counts),
        }
    }

    fn check(&self) -> Result<()> {
        match self.repeats {
            0 => Err(Error::config("expected at least 1, got `0`").within("repeats")),
            _ => Ok(()),
        }
    }
}

impl Model {
    /// Trains copies of the model on more and more of the rows, each from initial values, and evaluates them on the validation
    /// rows; the model itself stays as it is.
    ///
    /// A repetition takes the rows in a random order, that of its seed, and each size has the first of them: so smaller sizes
    /// are parts of larger ones. Each size is trained for as many batches as all rows would be, that is for more epochs of
    /// fewer rows, so that the sizes differ by their rows and not by their steps; the patience of early stopping and the first
    /// epoch of SWA grow with the epochs. A solver has as many iterations at each size. Everything else is as `fit` says.
    /// Checkpoints are left out.
    ///
    /// With early stopping the validation rows also choose the epoch of each run: then their loss is a little too low, most for
    /// the smallest sizes, which have most epochs to choose from.
    ///
    /// `done` is told after each run how many are done, and of how many.
    ///
    /// # Errors
    /// As [`Model::fit`]; [`rosenblatt_tensor::ErrorKind::Config`] if there are no validation rows or too few training rows.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_nn::layers::{Linear, Sequential};
    /// use rosenblatt_nn::losses::Mse;
    /// use rosenblatt_nn::metrics::Rmse;
    /// use rosenblatt_nn::optimizers::Sgd;
    /// use rosenblatt_nn::optimize::OptimizeExt as _;
    /// use rosenblatt_tensor::Tensor;
    /// use rosenblatt_train::{Compile as _, CurveOptions, Fit, Validation};
    ///
    /// let x = Tensor::from_vec((0..64).map(|i| (i % 7) as f32 - 3.0).collect(), &[64, 1])?;
    /// let y = Tensor::from_vec((0..64).map(|i| 2.0 * (i % 7) as f32).collect(), &[64, 1])?;
    /// let model = Sequential::new().then(Linear::new(1)).compile(Mse {}, Sgd::default().lr(0.05), [Rmse {}])?;
    /// let fit = Fit { validation: Validation::Fraction(0.25), ..Fit::epochs(5).batch_size(8) };
    /// let options = CurveOptions { sizes: vec![0.25, 0.5, 1.0], repeats: 2 };
    /// let curve = model.learning_curve((&x, &y), &fit, &options, &mut |_, _| {})?;
    /// assert_eq!(curve.points().iter().map(|point| point.rows).collect::<Vec<_>>(), [12, 24, 48]);
    /// assert!(curve.points()[2].valid[0].loss() < 5.0);
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    ///
    /// # Reference
    /// Perlich, Provost, Simonoff: Tree Induction vs. Logistic Regression: A Learning-Curve Analysis. JMLR 4, 2003; sizes as in
    /// scikit-learn's `learning_curve`.
    pub fn learning_curve(
        &self,
        data: impl Into<Data>,
        fit: &Fit,
        options: &CurveOptions,
        done: &mut dyn FnMut(usize, usize),
    ) -> Result<LearningCurve> {
        fit.check()?;
        options.check()?;
        let data = data.into();
        data.check_rows()?;
        let (train, valid) = match &fit.validation {
            Validation::None => {
                return Err(Error::config("a learning curve needs validation rows").within("validation"));
            }
            Validation::Fraction(share) => crate::model::split(&data, *share, fit.seed)?,
            Validation::Data(valid) => (data, valid.clone()),
        };
        let rows = options.rows(train.len())?;
        let mut points: Vec<_> = rows.iter().map(|&rows| LearningPoint::new(rows)).collect();
        for repeat in 0..options.repeats {
            let seed = fit.seed.wrapping_add(repeat as u64);
            let mut order = vec![0; train.len()];
            Rng::new(seed).purpose("learning_curve").permutation(&mut order);
            for (i, point) in points.iter_mut().enumerate() {
                let some = train.select(&order[..point.rows])?;
                let trained = self.trained_on(&some, &valid, seed, (fit, train.len()));
                let model = trained.map_err(|error| error.within(format!("{} training rows", point.rows)))?;
                point.train.push(model.evaluate(&some)?);
                point.valid.push(model.evaluate(&valid)?);
                done(repeat * rows.len() + i + 1, options.repeats * rows.len());
            }
        }
        Ok(LearningCurve::new(points, valid.len()))
    }

    /// A copy that is trained on some rows for as many batches as it would be on `all`.
    fn trained_on(&self, some: &Data, valid: &Data, seed: u64, (fit, all): (&Fit, usize)) -> Result<Self> {
        let mut model = self.clone();
        model.forget();
        let fit = Fit {
            seed,
            validation: Validation::Data(valid.clone()),
            ..for_rows(fit, some.len(), all, self.optimizer().solver().is_some())
        };
        model.fit(some, &fit)?;
        Ok(model)
    }
}

/// The same fit with as many batches on `some` rows as on `all`; a solver takes all rows in each of its epochs.
fn for_rows(fit: &Fit, some: usize, all: usize, solves: bool) -> Fit {
    let batches = |rows: usize| if solves { 1 } else { rows.div_ceil(fit.batch_size) };
    let (before, now) = (batches(all), batches(some));
    let more = |epochs: usize| epochs.saturating_mul(before).div_ceil(now);
    Fit {
        epochs: more(fit.epochs),
        swa: fit.swa.map(|from| match from < 1.0 {
            true => from,
            false => more(from as usize) as f64,
        }),
        early_stopping: fit.early_stopping.clone().map(|stopping| EarlyStopping {
            patience: more(stopping.patience),
            ..stopping
        }),
        test: None,
        run: RunOptions {
            checkpoint: None,
            resume: false,
            ..fit.run.clone()
        },
        ..fit.clone()
    }
}

/// The learning curve of the model that a spec and its data describe; see [`Model::learning_curve`].
///
/// The network takes the same features at every size: columns are transformed as all training rows say.
///
/// # Errors
/// As [`crate::fit`] and [`Model::learning_curve`].
pub fn learning_curve(
    spec: &Spec,
    data: &Prepared,
    options: &RunOptions,
    curve: &CurveOptions,
    done: &mut dyn FnMut(usize, usize),
) -> Result<LearningCurve> {
    if data.valid.is_none() {
        let error = Error::config("a learning curve needs validation rows");
        return Err(error.hint(Advice::new("hold some out: ").set("data.valid_fraction", 0.2)));
    }
    let model = Model::untrained(spec, data)?;
    let fit = fit_of(spec, data, options)?;
    model.learning_curve(&data.train, &fit, curve, done).map_err(in_spec)
}
