//! Whether what a model knows of its columns can be saved.

use rosenblatt_data::schema::Field;
use rosenblatt_tensor::names::short;
use rosenblatt_tensor::{Advice, Error, Result};

use super::Table;
use crate::container::HeaderSize;

/// Room for the rest of a header: names of tensors, progress of a run.
const REST: f64 = 0.01;

impl Table {
    /// Looks at the size of a model file before anything is trained.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] with the column that takes the most, if a file could not hold its columns.
    pub(super) fn check_file_size(&self) -> Result<()> {
        let share = HeaderSize::of(&self.without_paths())?.share();
        if share <= 1.0 - REST {
            return Ok(());
        }
        let fields = self.schema.columns.iter().chain([&self.schema.target]);
        let sizes = fields.map(|field| Ok((self.share_of(field)?, field)));
        let sizes = sizes.collect::<Result<Vec<_>>>()?;
        let largest = sizes.into_iter().max_by(|(one, _), (other, _)| one.total_cmp(other));
        Err(match largest {
            Some((of_column, field)) => self.too_large(share, of_column, field),
            None => Error::unsupported("its settings are too long for a model file"),
        })
    }

    /// How much of a header a column takes.
    fn share_of(&self, field: &Field) -> Result<f64> {
        let steps = self
            .preprocessing
            .columns
            .iter()
            .find(|steps| steps.column == field.name);
        let classes = (field.name == self.schema.target.name).then_some(&self.schema.task);
        Ok(HeaderSize::of(&(field, steps, classes))?.share())
    }

    fn too_large(&self, share: f64, of_column: f64, field: &Field) -> Error {
        let name = short(&field.name);
        let message = format!(
            "a model file cannot hold what is known of the columns: {:.0} % of the room, and `{name}` alone takes {:.0} %",
            share * 100.0,
            of_column * 100.0
        );
        let error = Error::unsupported(message);
        if field.name == self.schema.target.name {
            return error.hint("use fewer classes, or shorter names of them");
        }
        error.hint(Advice::default().set("data.drop", &field.name).text(" leaves it out"))
    }
}
