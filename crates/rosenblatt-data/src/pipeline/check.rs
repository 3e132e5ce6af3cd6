//! Whether transforms that were read from a file fit the columns they are for.

use std::collections::HashMap;

use rosenblatt_tensor::{Error, Result};

use super::{ColumnSteps, Preprocessing};
use crate::places::short;
use crate::preprocess::{Fitted, MedianImpute, Standardize, Transform as _};
use crate::schema::{Field, FieldKind};
use crate::{Schema, Task};

impl Preprocessing {
    /// Whether it could have been fitted for the columns of a schema.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] with what is out of range, or does not fit the column.
    pub fn check(&self, schema: &Schema) -> Result<()> {
        let mut names: Vec<&str> = self.columns.iter().map(|steps| steps.column.as_str()).collect();
        let mut fields: Vec<&str> = schema.columns.iter().map(|field| field.name.as_str()).collect();
        names.sort_unstable();
        fields.sort_unstable();
        if names != fields {
            return Err(Error::data("its columns are not those of the schema"));
        }
        let coded = self.columns.iter().filter(|steps| steps.code().is_some()).count();
        if self.codes().len() != coded {
            return Err(Error::data("codes of categories are not the first features"));
        }
        let by_name: HashMap<&str, &Field> = schema.columns.iter().map(|field| (&*field.name, field)).collect();
        for steps in &self.columns {
            let kind = by_name.get(steps.column.as_str());
            let checked = kind.map_or(Ok(()), |field| steps.check(&field.kind));
            checked.map_err(|error| error.within(format!("column `{}`", short(&steps.column))))?;
        }
        if let Some([low, high]) = self
            .target_range
            .filter(|[low, high]| !(low <= high && low.is_finite() && high.is_finite()))
        {
            return Err(Error::data(format!("{low} to {high} is no range")).within("target_range"));
        }
        match (&self.target, &schema.task) {
            (Some(_), Task::Classification { .. }) => Err(Error::data("classes have no mean").within("target")),
            // That of equal targets is not kept.
            (Some(Standardize { std, .. }), _) if *std == 0.0 => {
                Err(Error::data("std is 0, expected a positive number").within("target"))
            }
            (Some(scale), _) => scale.check().map_err(|error| error.within("target")),
            (None, _) => Ok(()),
        }
    }
}

impl ColumnSteps {
    fn check(&self, kind: &FieldKind) -> Result<()> {
        self.steps.iter().try_for_each(Fitted::check)?;
        match (kind, &self.steps[..]) {
            (FieldKind::Numeric, [Fitted::SoftClip(_), Fitted::MedianImpute(filled), further @ ..])
            | (FieldKind::Numeric, [Fitted::MedianImpute(filled), further @ ..]) => check_numbers(filled, further),
            (FieldKind::Categorical { .. }, [Fitted::OneHot(_) | Fitted::CategoryCode(_)])
            | (FieldKind::Date, [Fitted::DateParts(_)])
            | (FieldKind::Image { .. }, [Fitted::ImageScale(_)]) => Ok(()),
            _ => Err(not_of_its_kind()),
        }
    }
}

/// The steps of a column of numbers after the first one.
fn check_numbers(filled: &MedianImpute, further: &[Fitted]) -> Result<()> {
    let scale = match further {
        [Fitted::Quantiles(_), scale @ ..] => scale,
        scale => scale,
    };
    match scale {
        // Rows that are all equal have one number as their mean and their median.
        [Fitted::Standardize(scale)] if scale.std == 0.0 && scale.mean != filled.median => {
            let message = format!(
                "std is 0, but the mean {} is not the median {}",
                scale.mean, filled.median
            );
            Err(Error::data(message).within(Standardize::NAME))
        }
        [Fitted::Standardize(_) | Fitted::RobustScale(_)] => Ok(()),
        _ => Err(not_of_its_kind()),
    }
}

fn not_of_its_kind() -> Error {
    Error::data("its steps are not those of a column of its kind")
}
