//! A learning-rate range test: which learning rate suits a model and its data.
//!
//! The learning rate rises from step to step of a short training run on a copy of the model. Where the loss falls fastest, the
//! learning rate is a good one; where the loss rises again, it is too large.

mod curve;
mod rise;

use rosenblatt_data::Prepared;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::{Entry, Optimize, Schedule};
use rosenblatt_tensor::{Error, ErrorKind, Result};

use crate::model::{BatchSource, Data, Fit, Model, Run, Validation};
use crate::options::RunOptions;
use crate::spec::Spec;
use crate::table::fit_of;

pub use curve::{LearningRates, RatePoint};
use rise::Rise;

/// The range of learning rates that are tried.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct RateRange {
    /// The first learning rate, above 0.
    pub min: f64,
    /// The last learning rate, above the first.
    pub max: f64,
    /// Steps of the optimizer from the first to the last, at least 10.
    pub steps: usize,
}

impl Default for RateRange {
    /// From 10⁻⁷ to 10 in 200 steps.
    fn default() -> Self {
        Self {
            min: 1e-7,
            max: 10.0,
            steps: 200,
        }
    }
}

impl RateRange {
    /// The fewest steps in which a curve can be seen.
    pub const MIN_STEPS: usize = 10;

    fn check(&self) -> Result<()> {
        let wrong = |key: &str, range: &str, got: String| {
            Err(Error::config(format!("expected {range}, got `{got}`")).within(key))
        };
        if !(self.min >= f64::from(f32::MIN_POSITIVE) && self.min.is_finite()) {
            let range = format!("a number of at least {:.3e}", f32::MIN_POSITIVE);
            return wrong("min_lr", &range, self.min.to_string());
        }
        if !(self.max > self.min && self.max <= f64::from(f32::MAX)) {
            let range = format!("a finite number above the first learning rate, {}", self.min);
            return wrong("max_lr", &range, self.max.to_string());
        }
        if self.steps < Self::MIN_STEPS {
            let range = format!("a whole number of at least {}", Self::MIN_STEPS);
            return wrong("steps", &range, self.steps.to_string());
        }
        Ok(())
    }
}

impl Model {
    /// Tries rising learning rates on a copy of the model, which itself stays as it is.
    ///
    /// Each step takes the next batch of a run with this `fit`, from epoch to epoch, and the learning rate rises by the same
    /// factor from step to step. The optimizer, clipping, groups and accumulation are those of the model and of `fit`; the
    /// schedule and averages are left out, and nothing is validated. The test ends early where the smoothed loss is four times
    /// its minimum, or where training diverges: that is what it looks for, and no error.
    ///
    /// # Errors
    /// As [`Model::fit`], but for training that diverges after the first step; [`rosenblatt_tensor::ErrorKind::Config`] for a
    /// range without a rise.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_nn::layers::{Linear, Sequential};
    /// use rosenblatt_nn::losses::Mse;
    /// use rosenblatt_nn::metrics::Rmse;
    /// use rosenblatt_nn::optimizers::Sgd;
    /// use rosenblatt_tensor::Tensor;
    /// use rosenblatt_train::{Compile as _, Fit, RateRange};
    ///
    /// let x = Tensor::from_vec((0..64).map(|i| (i % 7) as f32 - 3.0).collect(), &[64, 1])?;
    /// let y = Tensor::from_vec((0..64).map(|i| 2.0 * (i % 7) as f32).collect(), &[64, 1])?;
    /// let model = Sequential::new().then(Linear::new(1)).compile(Mse {}, Sgd::default(), [Rmse {}])?;
    /// let range = RateRange { min: 1e-5, max: 10.0, steps: 100 };
    /// let found = model.find_learning_rate((&x, &y), &Fit::epochs(1).batch_size(16), &range)?;
    /// let rate = found.suggested().unwrap();
    /// assert!(rate > 1e-4 && rate < 1.0, "{rate}");
    /// assert!(found.diverged().is_some());
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    ///
    /// # Reference
    /// Smith: Cyclical Learning Rates for Training Neural Networks. WACV 2017. arXiv:1506.01186, section 3.3.
    pub fn find_learning_rate(&self, data: impl Into<Data>, fit: &Fit, range: &RateRange) -> Result<LearningRates> {
        let data = data.into();
        match fit.validation {
            Validation::Fraction(share) => {
                fit.check()?;
                data.check_rows()?;
                let (train, _) = crate::model::split(&data, share, fit.seed)?;
                self.try_rates(&train, fit, range)
            }
            _ => self.try_rates(&data, fit, range),
        }
    }

    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if the optimizer has no learning rate.
    fn check_has_rate(&self) -> Result<()> {
        let optimizer = self.optimizer();
        if optimizer.solver().is_none() {
            return Ok(());
        }
        let message = format!(
            "`{}` has no learning rate: it finds the length of each step by a line search",
            optimizer.name()
        );
        let error = Error::config(message).within("optimizer");
        Err(error.hint("choose an optimizer that takes steps, such as `adam`"))
    }

    fn try_rates(&self, source: &dyn BatchSource, fit: &Fit, range: &RateRange) -> Result<LearningRates> {
        range.check()?;
        fit.check()?;
        self.check_has_rate()?;
        let fit = Fit {
            validation: Validation::None,
            test: None,
            early_stopping: None,
            swa: None,
            run: RunOptions {
                checkpoint: None,
                resume: false,
                ..fit.run.clone()
            },
            ..fit.clone()
        };
        let mut model = self.clone();
        let rise: Entry<dyn Schedule> = Rise::of(range).into();
        model.set_optimize(|optimize| Optimize {
            ema: None,
            ..optimize.lr(range.min).schedule(rise)
        });
        model.build_checked(source, &fit)?;
        let mut run = Run::start_or_resume(&model, source, &fit)?;
        let mut found = LearningRates::new(*range);
        for step in 0..range.steps {
            let rate = range.min * Rise::of(range).at(step as u64);
            match run.step_of_optimizer() {
                Ok(loss) if found.add(rate, loss) => {}
                Ok(_) => break,
                // Before any update it is not the learning rate.
                Err(error) if error.kind() == ErrorKind::NotFinite && step > 0 => {
                    found.end(rate);
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(found)
    }
}

/// Tries rising learning rates on the model that a spec and its data describe; see [`Model::find_learning_rate`].
///
/// # Errors
/// As [`crate::fit`], but for training that diverges after the first step, and as [`Model::find_learning_rate`].
pub fn find_learning_rate(
    spec: &Spec,
    data: &Prepared,
    options: &RunOptions,
    range: &RateRange,
) -> Result<LearningRates> {
    let model = Model::untrained(spec, data)?;
    let fit = Fit {
        // Validation rows were taken out of these already, and who stops early needs some.
        early_stopping: None,
        ..fit_of(spec, data, options)?
    };
    let found = model.find_learning_rate(&data.train, &fit, range);
    found.map_err(crate::table::in_spec)
}
