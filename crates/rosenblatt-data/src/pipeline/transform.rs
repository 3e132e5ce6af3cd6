//! The features of a table.

use rosenblatt_tensor::{Error, Result, Tensor};

use super::{ColumnSteps, Preprocessing};
use crate::places::short;
use crate::preprocess::{Feature, FeatureValues, Fitted, Made};
use crate::{CellError, Column, ColumnData, Table, Warning};

/// Features of some rows.
#[derive(Clone, Debug)]
pub struct Matrix {
    /// `[rows, features]`, f32
    pub features: Tensor,
    /// One name a feature.
    pub names: Vec<String>,
    /// Cells that are imputed, or hold what training has not seen.
    pub warnings: Vec<Warning>,
}

impl Matrix {
    /// The features, row-major.
    #[must_use]
    pub fn values(&self) -> &[f32] {
        self.features.as_slice().unwrap_or_default()
    }
}

impl Preprocessing {
    /// The features of the given rows of a table.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a column is missing or of another kind; with the cell if a feature is
    /// beyond f32.
    pub fn transform(&self, table: &Table, rows: &[u64]) -> std::result::Result<Matrix, CellError> {
        // Without rows transforms still name their features: so the matrix is made once, and filled column by column.
        let names: Vec<String> = made(table, &self.columns, &[])?
            .features
            .into_iter()
            .map(|f| f.name)
            .collect();
        for steps in &self.columns {
            if let [Fitted::DateParts(parts)] = &steps.steps[..] {
                parts.check_order(table.column(&steps.column)?, rows)?;
            }
        }
        let mut features = table.store().rows(rows.len(), names.len())?;
        let mut warnings = vec![Vec::new(); self.columns.len()];
        for strip in rows.chunks(table.store().rows_at_once(names.len())) {
            features.push(self.strip(table, strip, names.len(), &mut warnings)?)?;
        }
        Ok(Matrix {
            features: features.finish()?,
            names,
            warnings: warnings.into_iter().flatten().collect(),
        })
    }

    /// The features of some rows, row-major; adds the warnings of each column.
    fn strip(
        &self,
        table: &Table,
        rows: &[u64],
        width: usize,
        warnings: &mut [Vec<Warning>],
    ) -> std::result::Result<Vec<f32>, CellError> {
        let mut values = vec![0f32; rows.len() * width];
        let mut places = 0..width;
        for (steps, warnings) in self.columns.iter().zip(warnings) {
            let made = made(table, std::slice::from_ref(steps), rows)?;
            for (feature, at) in made.features.iter().zip(&mut places) {
                let to = values.iter_mut().skip(at).step_by(width);
                feature
                    .write(to)
                    .map_err(|row| too_far(table, &steps.column, rows[row]))?;
            }
            for warning in made.warnings {
                let warning = warning.of_rows(rows);
                if !warnings.iter_mut().any(|before| before.absorb(&warning)) {
                    warnings.push(warning);
                }
            }
        }
        Ok(values)
    }
}

/// What some of the columns give for some rows.
fn made(table: &Table, columns: &[ColumnSteps], rows: &[u64]) -> Result<Made> {
    let mut made = Made::default();
    for steps in columns {
        let column = table.column(&steps.column)?.select_used(rows);
        steps.apply(column, &mut made).map_err(|e| e.within(table.name()))?;
    }
    Ok(made)
}

/// A cell whose feature has no f32.
fn too_far(table: &Table, name: &str, row: u64) -> CellError {
    let what = match table.column(name) {
        Ok(Column {
            data: ColumnData::Numeric(values),
            ..
        }) => format!("{:e}", values.get(row as usize)),
        _ => "the value".to_owned(),
    };
    let message = format!(
        "column `{}`: {what} is too far from the values seen in training",
        short(name)
    );
    let hint = "correct the cell, or leave it empty: then it counts as missing";
    CellError::at(row, name, Error::data(message).hint(hint))
}

impl ColumnSteps {
    /// The column itself comes first among its features, then what else was made of it.
    pub(super) fn apply(&self, column: Column, made: &mut Made) -> Result<()> {
        let first = made.features.len();
        let mut current = Some(column);
        for step in &self.steps {
            let Some(column) = current.take() else { break };
            current = step.apply(column, made)?;
        }
        match current {
            Some(Column {
                name,
                data: ColumnData::Numeric(values),
            }) => {
                made.features.insert(
                    first,
                    Feature {
                        name,
                        values: FeatureValues::Numbers(values.to_vec()),
                    },
                );
                Ok(())
            }
            Some(Column { name, .. }) => Err(Error::data(format!("column `{name}` still holds categories"))),
            None => Ok(()),
        }
    }
}

impl Feature {
    /// Rounds the values to f32; fails with the first row that has none there.
    fn write<'a>(&self, to: impl Iterator<Item = &'a mut f32>) -> std::result::Result<(), usize> {
        match &self.values {
            FeatureValues::Numbers(numbers) => {
                for (row, (&number, to)) in numbers.iter().zip(to).enumerate() {
                    *to = number as f32;
                    if !to.is_finite() {
                        return Err(row);
                    }
                }
            }
            FeatureValues::Flags(flags) => to.zip(flags).for_each(|(to, &flag)| *to = f32::from(u8::from(flag))),
        }
        Ok(())
    }
}
