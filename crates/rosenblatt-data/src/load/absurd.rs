//! Rows whose target is absurd: one of them would decide the loss alone.

use rosenblatt_tensor::Result;

use super::divide::Rows;
use crate::preprocess::SoftClip;
use crate::warning::{Part, Warning};
use crate::{ColumnData, Schema, Table, Task};

/// Leaves out the training and validation rows whose target is far outside all others of the training rows, if the target is a number.
/// Test rows stay.
pub(super) fn drop_absurd_targets(schema: &Schema, table: &Table, rows: &mut Rows) -> Result<Vec<Warning>> {
    let column = table.column(&schema.target.name)?;
    let (Task::Regression, ColumnData::Numeric(numbers)) = (&schema.task, &column.data) else {
        return Ok(Vec::new());
    };
    let target = |row: &u64| numbers.get(*row as usize);
    let fitted = SoftClip::fit(&rows.train.iter().map(target).collect::<Vec<_>>());
    let mut warnings = Vec::new();
    for (part, rows) in [(Part::Train, Some(&mut rows.train)), (Part::Valid, rows.valid.as_mut())] {
        let Some(rows) = rows else { continue };
        let before = rows.len();
        let first = rows.iter().map(target).find(|&x| fitted.is_absurd(x));
        // A part without rows is of no use to anyone.
        if rows.iter().all(|row| fitted.is_absurd(target(row))) {
            continue;
        }
        rows.retain(|row| !fitted.is_absurd(target(row)));
        warnings.extend(first.map(|first| Warning::AbsurdTargets {
            column: column.name.clone(),
            count: before - rows.len(),
            number: first.to_string(),
            part: Some(part),
        }));
    }
    Ok(warnings)
}
