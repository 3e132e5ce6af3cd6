//! Permutation importance.

use std::ops::Range;

use rosenblatt_data::{ColumnFeatures, Dataset};
use rosenblatt_nn::metrics::{self, Better};
use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;
use serde::Serialize;

use rosenblatt_train::Predictor;

/// Rows that are used in any case: fewer are too noisy.
const MIN_ROWS: u64 = 200;

/// Permutation importance of every column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importance {
    /// The metric.
    pub metric: String,
    /// Its value on the rows as they are.
    pub score: f64,
    /// Number of rows used.
    pub rows: usize,
    /// How often each column was shuffled.
    pub repeats: usize,
    /// The most important first; equally important ones in the order of the columns.
    pub columns: Vec<ColumnImportance>,
}

/// Permutation importance of one column.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnImportance {
    /// Its name.
    pub column: String,
    /// By how much the metric is worse if the column is shuffled: mean over the repeats. About 0, or below, if the model does
    /// not use the column.
    pub mean: f64,
    /// Standard deviation over the repeats.
    pub spread: f64,
}

/// How permutation importance is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportanceOptions {
    /// Random seed of the shuffles.
    pub seed: u64,
    /// How often each column is shuffled, at least once.
    pub repeats: usize,
    /// Limit of the multiply-adds: beyond it fewer rows are used, but not fewer than 200.
    pub max_multiply_adds: u64,
}

impl ImportanceOptions {
    /// Five repeats, and at most 10¹¹ multiply-adds: a few seconds.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self {
            seed,
            repeats: 5,
            max_multiply_adds: 100_000_000_000,
        }
    }
}

/// Permutation importance: how much worse the primary metric is when one column, that is all features made of it, is
/// shuffled among the rows.
///
/// Every column is shuffled by the same permutations, so that the importance of one column does not depend on the others. `None` if the rows are images, or fewer than two.
///
/// # Errors
/// As [`Predictor::evaluate`].
///
/// # Reference
/// Breiman: Random Forests. Machine Learning 45, 2001, section 10; for any model Fisher, Rudin, Dominici: All Models are
/// Wrong, but Many are Useful. JMLR 20, 2019.
///
/// # Example
/// ```
/// use rosenblatt_train::presets::{Preset, Overrides};
/// use rosenblatt_report::{ImportanceOptions, importance};
/// use rosenblatt_train::{Predictor, RunOptions, fit};
///
/// let options = Preset::Auto.data(&rosenblatt_data::DataOptions::new("iris"));
/// let data = rosenblatt_data::load(&options, 0)?;
/// let spec = Preset::Auto.spec(&options, &Overrides::default().set("epochs", 30), &data)?.spec;
/// let trained = fit(&spec, &data, &RunOptions::default(), &mut [])?;
/// let mut predictor = Predictor::new(&trained.model, &RunOptions::default())?;
/// let found = importance(&mut predictor, &data.train, ImportanceOptions::new(0))?.unwrap();
/// assert!(found.columns[0].column.starts_with("petal"), "{found:?}");
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn importance(predictor: &mut Predictor, data: &Dataset, options: ImportanceOptions) -> Result<Option<Importance>> {
    let about = predictor.table();
    let columns = about.preprocessing.features_of_columns(&about.schema)?;
    if columns.is_empty() || data.len() < 2 {
        return Ok(None);
    }
    let metrics = [metrics::usual(about.target_kind())];
    let rng = Rng::new(options.seed);
    let rows = some_rows(data, most_rows(predictor, columns.len(), options)?, rng)?;
    let mut permutations = vec![vec![0; rows.len()]; options.repeats.max(1)];
    for (permutation, repeat) in permutations.iter_mut().zip(0..) {
        rng.purpose("importance.shuffle").at(repeat).permutation(permutation);
    }
    let mut score = |rows: &Dataset| predictor.measure(rows, &metrics).map(|values| values[0]);
    let before = score(&rows)?;
    let mut worse = |places: &Range<usize>, permutation: &[u64]| {
        let after = score(&rows.with_features_from(places.clone(), permutation)?)?;
        Ok(match metrics[0].better() {
            Better::Higher => before - after,
            Better::Lower => after - before,
        })
    };
    let mut of_column = |ColumnFeatures { column, places }| {
        let all = permutations.iter().map(|permutation| worse(&places, permutation));
        let (mean, spread) = mean_and_spread(&all.collect::<Result<Vec<f64>>>()?);
        Ok(ColumnImportance { column, mean, spread })
    };
    let mut found = columns.into_iter().map(&mut of_column).collect::<Result<Vec<_>>>()?;
    found.sort_by(|a, b| b.mean.total_cmp(&a.mean));
    Ok(Some(Importance {
        metric: metrics[0].name().to_owned(),
        score: before,
        rows: rows.len(),
        repeats: permutations.len(),
        columns: found,
    }))
}

/// Number of rows that stays within the limit.
fn most_rows(predictor: &Predictor, columns: usize, options: ImportanceOptions) -> Result<usize> {
    let passes = (columns as u64).saturating_mul(options.repeats.max(1) as u64);
    let a_row = passes.saturating_mul(predictor.model().parameter_count()?.max(1) as u64);
    Ok(usize::try_from((options.max_multiply_adds / a_row).max(MIN_ROWS)).unwrap_or(usize::MAX))
}

/// A random sample of rows, in their order.
fn some_rows(data: &Dataset, most: usize, rng: Rng) -> Result<Dataset> {
    if data.len() <= most {
        return Ok(data.clone());
    }
    let mut drawn = vec![0; data.len()];
    rng.purpose("importance.rows").permutation(&mut drawn);
    drawn.truncate(most);
    drawn.sort_unstable();
    data.select(&drawn)
}

/// Mean and population standard deviation.
fn mean_and_spread(numbers: &[f64]) -> (f64, f64) {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let squares = numbers.iter().map(|x| (x - mean) * (x - mean));
    (mean, (squares.sum::<f64>() / n).sqrt())
}
