//! Pixels to the unit interval.

use rosenblatt_tensor::Result;
use serde::{Deserialize, Serialize};

use super::{Made, Transform, in_range, numbers};
use crate::Column;

/// Divides by a constant.
///
/// `y = x / pixel_scale`
///
/// Images are not touched here: they stay bytes, and the network divides them as its first step
/// ([`crate::Dataset::pixel_scale`]), a quarter of the memory and of its traffic. Columns of a table are divided at once.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ImageScale {
    /// The largest value a pixel can have: 255 for bytes.
    #[serde(alias = "divisor")]
    pub pixel_scale: f64,
}

impl Transform for ImageScale {
    const NAME: &'static str = "image_scale";

    fn apply(&self, column: Column, _made: &mut Made) -> Result<Option<Column>> {
        let (name, mut values) = numbers(column)?;
        values.iter_mut().for_each(|x| *x /= self.pixel_scale);
        Ok(Some(Column::numeric(name, values)))
    }

    fn check(&self) -> Result<()> {
        in_range("pixel_scale", self.pixel_scale, f64::MIN_POSITIVE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ColumnData;

    #[test]
    fn columns_of_a_table_are_divided() {
        let scale = ImageScale { pixel_scale: 255.0 };
        let column = scale
            .apply(Column::numeric("p", vec![0.0, 51.0, 255.0]), &mut Made::default())
            .unwrap()
            .unwrap();
        assert_eq!(column.data, ColumnData::Numeric(vec![0.0, 51.0 / 255.0, 1.0].into()));
        let text = Column::categorical("p", [Some("a")]);
        assert!(scale.apply(text, &mut Made::default()).is_err());
    }
}
