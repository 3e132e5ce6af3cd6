//! Which columns a model leans on.

use std::ops::Range;

use rosenblatt_data::{ColumnFeatures, Dataset};
use rosenblatt_nn::metrics::{self, Better};
use rosenblatt_tensor::Result;
use rosenblatt_tensor::rng::Rng;
use serde::Serialize;

use rosenblatt_train::Predictor;

/// Fewer rows say nothing, whatever they cost.
const MIN_ROWS: u64 = 200;

/// How much each column matters to a model.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Importance {
    /// The score that suffers.
    pub metric: String,
    /// The score of the rows as they are.
    pub score: f64,
    /// Rows that were looked at.
    pub rows: usize,
    /// How often each column was shuffled.
    pub repeats: usize,
    /// The most important first; of equally important ones in the order of the columns.
    pub columns: Vec<ColumnImportance>,
}

/// How much one column matters.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct ColumnImportance {
    /// Its name.
    pub column: String,
    /// By how much the score is worse if the column is shuffled: mean over the repeats. About 0, or below, if the model
    /// does without it.
    pub mean: f64,
    /// Standard deviation over the repeats.
    pub spread: f64,
}

/// How hard to look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ImportanceOptions {
    /// Decides every shuffle.
    pub seed: u64,
    /// How often each column is shuffled, at least once.
    pub repeats: usize,
    /// About how many multiply-adds all of it may take; beyond that fewer rows are looked at, but not fewer than 200.
    pub most: u64,
}

impl ImportanceOptions {
    /// Five repeats, a few seconds.
    #[must_use]
    pub fn usual(seed: u64) -> Self {
        Self {
            seed,
            repeats: 5,
            most: 100_000_000_000,
        }
    }
}

/// Permutation importance: how much worse the usual score of the task gets when the cells of one column, that is all
/// features that came from it, are dealt out anew among the rows.
///
/// Every column is shuffled by the same permutations, so that what one column scores does not depend on which others
/// there are. `None` if the rows are images, or fewer than two.
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
/// let spec = Preset::Auto.spec(&options, &Overrides { epochs: Some(30), ..Overrides::default() }, &data)?.spec;
/// let trained = fit(&spec, &data, &RunOptions::default(), &mut [])?;
/// let mut predictor = Predictor::new(&trained.model, &RunOptions::default())?;
/// let found = importance(&mut predictor, &data.train, ImportanceOptions::usual(0))?.unwrap();
/// assert!(found.columns[0].column.starts_with("petal"), "{found:?}");
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn importance(predictor: &mut Predictor, data: &Dataset, effort: ImportanceOptions) -> Result<Option<Importance>> {
    let about = predictor.table();
    let columns = about.preprocessing.features_of_columns(&about.schema)?;
    if columns.is_empty() || data.len() < 2 {
        return Ok(None);
    }
    let metrics = [metrics::usual(about.target_kind())];
    let rng = Rng::new(effort.seed);
    let rows = some_rows(data, most_rows(predictor, columns.len(), effort)?, rng)?;
    let mut permutations = vec![vec![0; rows.len()]; effort.repeats.max(1)];
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

/// How many rows the effort is enough for.
fn most_rows(predictor: &Predictor, columns: usize, effort: ImportanceOptions) -> Result<usize> {
    let passes = (columns as u64).saturating_mul(effort.repeats.max(1) as u64);
    let a_row = passes.saturating_mul(predictor.model().parameter_count()?.max(1) as u64);
    Ok(usize::try_from((effort.most / a_row).max(MIN_ROWS)).unwrap_or(usize::MAX))
}

/// At most so many rows, drawn from all, in their order.
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

/// Mean and standard deviation of the numbers themselves, not of what they were drawn from.
fn mean_and_spread(numbers: &[f64]) -> (f64, f64) {
    let n = numbers.len() as f64;
    let mean = numbers.iter().sum::<f64>() / n;
    let squares = numbers.iter().map(|x| (x - mean) * (x - mean));
    (mean, (squares.sum::<f64>() / n).sqrt())
}
