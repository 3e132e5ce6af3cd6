//! Whether a schema that was read from a file is one of a table or of images.

use std::collections::BTreeSet;

use rosenblatt_tensor::{Error, Result};

use super::{Field, FieldKind, Schema, Task};
use crate::places::short;

impl Schema {
    /// Whether it could have been inferred.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] with what is there twice, is missing, or does not fit.
    pub fn check(&self) -> Result<()> {
        let names = self.columns.iter().map(|field| &field.name);
        let others = [&self.target.name].into_iter().chain(&self.sample_weight);
        once("columns", names.chain(others))?;
        for field in &self.columns {
            field.check().map_err(|error| error.within("columns"))?;
        }
        self.target.check().map_err(|error| error.within("target"))?;
        let is_image = |field: &Field| matches!(field.kind, FieldKind::Image { .. });
        match self.columns.len() {
            0 => return Err(Error::data("there are no columns")),
            2.. if self.columns.iter().any(is_image) => return Err(Error::data("there are images and other columns")),
            _ => {}
        }
        match &self.task {
            Task::Classification { classes } if classes.len() < 2 => {
                Err(Error::data(format!("{} classes, expected at least 2", classes.len())))
            }
            Task::Classification { classes } => once("classes", classes),
            Task::Regression if self.target.kind == FieldKind::Numeric => Ok(()),
            Task::Regression => Err(Error::data("a regression of a target that does not hold numbers")),
        }
    }
}

impl Field {
    fn check(&self) -> Result<()> {
        match &self.kind {
            FieldKind::Categorical { levels } => once(&format!("`{}`", short(&self.name)), levels),
            FieldKind::Image { shape } if shape.len() != 2 || shape.contains(&0) => Err(Error::data(format!(
                "`{}`: images of {shape:?} pixels, expected height and width",
                short(&self.name)
            ))),
            _ => Ok(()),
        }
    }
}

/// # Errors
/// A text is there twice.
fn once<'a>(what: &str, texts: impl IntoIterator<Item = &'a String>) -> Result<()> {
    let mut known = BTreeSet::new();
    match texts.into_iter().find(|text| !known.insert(*text)) {
        Some(twice) => Err(Error::data(format!("{what}: `{}` is listed twice", short(twice)))),
        None => Ok(()),
    }
}
