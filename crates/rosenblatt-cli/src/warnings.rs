//! Warnings in both forms: lines for people, objects for programs.

use rosenblatt_data::WarningLine;
use rosenblatt_tensor::{Advice, Error, Result};
use rosenblatt_train::Warning;
use serde_json::{Value, json};

use crate::flags::typed;
use crate::ui::Ui;

/// One sentence for each, or for all columns of which the same is to be said, with the flags that answer it.
pub(crate) fn lines(warnings: &[Warning]) -> Vec<String> {
    let line = |line: WarningLine| sentence(&line.text, line.advice);
    Warning::lines(warnings).into_iter().map(line).collect()
}

/// Prints them on stderr, also for those who asked for silence.
pub(crate) fn print(warnings: &[Warning], ui: &Ui) {
    lines(warnings).iter().for_each(|line| ui.warning(line));
}

/// A list of objects with `kind`, fields such as `column` and `count`, and `message`.
///
/// # Errors
/// None that a user can cause.
pub(crate) fn json(warnings: &[Warning]) -> Result<Value> {
    let object = |warning: &Warning| {
        let object = serde_json::to_value(warning).map_err(|error| Error::internal(error.to_string()));
        let mut object = object?;
        object["message"] = json!(message(warning));
        Ok(object)
    };
    warnings.iter().map(object).collect()
}

/// The sentence about one of them.
pub(crate) fn message(warning: &Warning) -> String {
    sentence(&warning.to_string(), warning.advice())
}

fn sentence(text: &str, advice: Option<Advice>) -> String {
    // Advice that answers a question is a sentence of its own.
    let mark = if text.ends_with('?') { " " } else { "; " };
    let advice = advice.map_or(String::new(), |advice| mark.to_owned() + &advice.named(typed));
    format!("{text}{advice}")
}
