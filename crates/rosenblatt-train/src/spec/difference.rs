//! In what two documents differ.

use serde_json::Value;

/// The keys under which two JSON documents differ, each with both values: `train.epochs: 3 became 4`.
pub(crate) fn differences(before: &Value, after: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare("", before, after, &mut found);
    found
}

fn compare(path: &str, before: &Value, after: &Value, found: &mut Vec<String>) {
    match (before, after) {
        (Value::Object(a), Value::Object(b)) => {
            let mut keys: Vec<&String> = a.keys().chain(b.keys()).collect();
            keys.sort_unstable();
            keys.dedup();
            for key in keys {
                let place = if path.is_empty() {
                    key.clone()
                } else {
                    format!("{path}.{key}")
                };
                compare(
                    &place,
                    a.get(key).unwrap_or(&Value::Null),
                    b.get(key).unwrap_or(&Value::Null),
                    found,
                );
            }
        }
        _ if before == after => {}
        _ => found.push(format!("`{path}`: {} became {}", short(before), short(after))),
    }
}

/// A value cut to a length fit for a message.
fn short(value: &Value) -> String {
    const MAX_LENGTH: usize = 80;
    let text = if value.is_null() {
        "nothing".to_owned()
    } else {
        value.to_string()
    };
    match text.char_indices().nth(MAX_LENGTH) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}
