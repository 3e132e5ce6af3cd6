//! Tables and settings that nothing can be learned from, or not what is meant.

use rosenblatt_tensor::memory::Size;
use rosenblatt_tensor::{Advice, Error, Result};

use crate::dates::given::Given;
use crate::places::{count, short};
use crate::read::ReadInfo;
use crate::schema::FieldKind;
use crate::typed::Odd;
use crate::{CellError, Column, ColumnData, DataOptions, Schema, Table, Warning};

/// Refuses a target of numbers that one cell turns into texts: each number would be a class.
pub(super) fn refuse_nearly_numeric(table: &Table, target: &str, options: &DataOptions) -> Result<()> {
    let odd = table
        .nearly_numeric(target)
        .filter(|_| !options.columns.contains_key(target));
    let Some(Odd { row, text, reason }) = odd else {
        return Ok(());
    };
    let (name, text) = (short(target), short(text));
    let hint = Advice::new("correct it, or count it as missing with ").set("data.missing", &text);
    let hint = hint
        .text("; ")
        .set(format!("data.columns.{target}"), "categorical")
        .text(" makes each value a class");
    let error = Error::data(format!("target `{name}` is mostly numbers, but `{text}` {reason}")).hint(hint);
    Err(table.place(CellError::at(*row, target, error)))
}

/// Refuses a target of texts that nearly all differ: no class could be learned.
pub(super) fn refuse_names(target: &Column, table: &Table, info: &ReadInfo) -> Result<()> {
    const FEW: usize = 20;
    let (ColumnData::Categorical(texts), present) = (&target.data, target.present_rows()) else {
        return Ok(());
    };
    let levels = texts.levels();
    if levels.len() <= FEW || 2 * levels.len() <= present.len() {
        return Ok(());
    }
    let name = short(&target.name);
    let message = format!(
        "target `{name}` has {} distinct values in {}, such as `{}`: too many for classes",
        levels.len(),
        count(present.len(), "row"),
        short(levels.get(0))
    );
    // One cell may be the reason that they are no numbers.
    let is_why = |warning: &&Warning| warning.kind() == "read_as_text" && warning.column() == Some(&target.name);
    let hint = match info.warnings.iter().find(is_why) {
        Some(why) => Advice::new(format!("{why}; ")),
        None => Advice::new("if they are numbers, write them in one way; "),
    };
    let hint = hint.set(format!("data.columns.{}", target.name), "categorical");
    Err(Error::data(message)
        .within(table.name())
        .hint(hint.text(" makes each text a class")))
}

/// The longest category, in bytes: a model keeps each in its file.
const MAX_CATEGORY: usize = 1 << 20;

/// Refuses a column of categories that are too long to be some.
pub(super) fn check_lengths(table: &Table, schema: &Schema) -> Result<()> {
    for field in schema.columns.iter().chain([&schema.target]) {
        let ColumnData::Categorical(texts) = &table.column(&field.name)?.data else {
            continue;
        };
        let (codes, levels) = (texts.codes(), texts.levels());
        let Some(long) = levels.iter().position(|level| level.len() > MAX_CATEGORY) else {
            continue;
        };
        let (name, size) = (short(&field.name), Size(levels.get(long).len() as f64));
        let message = format!(
            "column `{name}`: a category of {size}, expected at most {}",
            Size(MAX_CATEGORY as f64)
        );
        let error = match field.name == schema.target.name {
            true => Error::data(message).hint("shorten it"),
            false => {
                let hint = Advice::default().set("data.drop", &field.name);
                Error::data(message).hint(hint.text(" leaves the column out"))
            }
        };
        let row = codes.iter().position(|&code| code == long as u32).unwrap_or(0);
        return Err(table.place(CellError::at(row as u64, &field.name, error)));
    }
    Ok(())
}

/// Refuses columns whose spellings are to be kept apart, and that are no texts.
pub(super) fn check_exact(table: &Table, schema: &Schema, options: &DataOptions) -> Result<()> {
    const KEY: &str = "data.exact";
    for name in &options.exact {
        let column = table.column(name).map_err(|error| error.for_setting(KEY))?;
        let is_date = || {
            schema
                .columns
                .iter()
                .any(|field| field.name == *name && field.kind == FieldKind::Date)
        };
        let what = match &column.data {
            ColumnData::Numeric(_) => "numbers",
            ColumnData::Categorical(_) if is_date() => "dates",
            ColumnData::Categorical(_) => continue,
        };
        let message = format!(
            "column `{}` holds {what}, which have no spellings to keep apart",
            short(name)
        );
        let hint = Advice::default().set(format!("data.columns.{name}"), "categorical");
        let error = Error::config(message).within(table.name()).within(KEY);
        return Err(error.hint(hint.text(" makes each text a category, or leave it out")));
    }
    Ok(())
}

/// Refuses columns that are given to be dates, and have a cell that is none.
pub(super) fn check_dates(table: &Table, schema: &Schema, options: &DataOptions) -> std::result::Result<(), CellError> {
    let dates = schema.columns.iter().filter(|field| field.kind == FieldKind::Date);
    for field in dates {
        Given::of(options, &field.name).check(table.column(&field.name)?)?;
    }
    Ok(())
}
