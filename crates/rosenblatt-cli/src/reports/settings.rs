//! Every setting of a run and where its value comes from.

use rosenblatt_train::settings::{Origin, SettingOrigin, value_text};
use serde_json::Value;

use crate::ui::table;

/// The longest part of a value on one line, so that a line fits 80 columns.
const WIDTH: usize = 36;

/// A line for each setting and each layer; a value that is too long for a line goes on in the next.
pub(crate) fn settings(settings: &[SettingOrigin], decided_by: &str) -> String {
    let mut rows = Vec::new();
    for SettingOrigin { key, value, origin } in settings {
        let origin = origin_name(origin, decided_by);
        match value {
            Value::Array(layers) if key == "model.layers" && !layers.is_empty() => {
                let places = layers.iter().enumerate();
                places.for_each(|(i, layer)| rows.extend(lines(&format!("{key}.{i}"), layer, &origin)));
            }
            value => rows.extend(lines(key, value, &origin)),
        }
    }
    format!("all settings\n{}", table(2, &rows))
}

fn lines(key: &str, value: &Value, origin: &str) -> Vec<[String; 3]> {
    let letters: Vec<char> = value_text(value).chars().collect();
    let mut parts = letters.chunks(WIDTH).map(|part| part.iter().collect::<String>());
    let first = [key.to_owned(), parts.next().unwrap_or_default(), origin.to_owned()];
    let further = parts.map(|part| [String::new(), part, String::new()]);
    std::iter::once(first).chain(further).collect()
}

fn origin_name(origin: &Origin, decided_by: &str) -> String {
    match origin {
        Origin::Preset { .. } => decided_by.to_owned(),
        // Its name may be long, and stands in the command.
        Origin::RunFile(_) => "run file".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_values_go_on_in_the_next_line() {
        let setting = |key: &str, value: Value, origin| SettingOrigin {
            key: key.to_owned(),
            value,
            origin,
        };
        let text = settings(
            &[
                setting("train.seed", 7.into(), Origin::Default),
                setting(
                    "data.source",
                    "x".repeat(WIDTH + 1).into(),
                    Origin::Flag("DATA".to_owned()),
                ),
            ],
            "preset auto",
        );
        let x = "x".repeat(WIDTH);
        let seven = format!("7{}", " ".repeat(WIDTH - 1));
        assert_eq!(
            text,
            format!("all settings\n  train.seed   {seven}  default\n  data.source  {x}  DATA\n               x\n")
        );
    }
}
