//! What the values of keys must be, in words.

use serde_json::Value;

/// The key under which a date of TOML stands in JSON.
const DATE: &str = "$__toml_private_datetime";

/// What a key takes; nothing for keys that take entries, which say so themselves.
pub(super) fn words(key: &str) -> Option<&'static str> {
    Some(match key {
        "learning_rate" | "clip_norm" => "a number above 0",
        "epochs" | "batch_size" | "patience" | "embedding_dim" => "a whole number of at least 1",
        "seed" => "a whole number from 0 to 18446744073709551615",
        "max_one_hot" => "a whole number of at least 0",
        "valid_fraction" | "test_fraction" => "a number between 0 and 1",
        "scale_target" => "`true` or `false`",
        "delimiter" => "one character",
        "source" | "target" | "sample_weight" | "valid" | "test" => "a text",
        "numeric" => "`standardize` or `robust_scale`",
        "more" | "drop" | "missing" => "a list of texts such as `[\"a\", \"b\"]`",
        "columns" => "a table of columns and their kinds such as `{ zip = \"categorical\" }`",
        "layers" => "a list of layers such as `[{ linear = { out_features = 64 } }, \"relu\"]`",
        "class_weight" => "`balanced`, or a table of classes and their weights such as `{ yes = 5 }`",
        "early_stopping" => "a table such as `{ patience = 10 }`",
        _ => return None,
    })
}

/// What was expected and what came, for a value of the wrong type; nothing where a name in a table is wrong.
pub(super) fn instead_of(key: &str, got: &Value) -> Option<String> {
    let got = match got {
        // What TOML calls `inf` and `nan` has no place in JSON.
        Value::Null => return Some("expected a finite number".to_owned()),
        Value::String(text) => text.clone(),
        // A date of TOML, as its reader passes it on.
        Value::Object(date) if date.contains_key(DATE) => date[DATE].as_str().unwrap_or_default().to_owned(),
        Value::Object(_) if matches!(key, "columns" | "early_stopping") => return None,
        other => other.to_string(),
    };
    Some(format!("expected {}, got `{got}`", words(key)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_has_words_or_takes_an_entry() {
        let entries = ["init", "bias_init", "loss", "optimizer", "schedule"];
        for key in super::super::text::KEYS.iter().flat_map(|(_, keys)| *keys) {
            assert_ne!(words(key).is_some(), entries.contains(key), "{key}");
        }
    }

    #[test]
    fn texts_are_shown_as_they_were_written() {
        assert_eq!(
            instead_of("epochs", &Value::from("abc")).as_deref(),
            Some("expected a whole number of at least 1, got `abc`")
        );
        assert_eq!(
            instead_of("seed", &Value::from(1.5)).as_deref(),
            Some("expected a whole number from 0 to 18446744073709551615, got `1.5`")
        );
        assert_eq!(instead_of("loss", &Value::from(3)), None);
        assert_eq!(instead_of("columns", &serde_json::json!({ "a": "texts" })), None);
    }
}
