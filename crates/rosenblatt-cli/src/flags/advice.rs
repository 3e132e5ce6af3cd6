//! Settings that libraries name by key, as this command line names them.

use crate::ui::quoted;

/// Keys whose flag has another name.
const FLAGS: [(&str, &str); 4] = [
    ("data.missing", "na"),
    ("train.learning_rate", "lr"),
    ("data.more", "MORE"),
    ("data.source", "DATA"),
];

/// Keys whose flag is called as their last part.
const SAME_NAME: [&str; 31] = [
    "data.target",
    "data.drop",
    "data.sample_weight",
    "data.delimiter",
    "data.valid",
    "data.valid_fraction",
    "data.test",
    "data.test_fraction",
    "model.hidden",
    "model.activation",
    "model.norm",
    "model.dropout",
    "model.init",
    "model.bias_init",
    "train.loss",
    "train.class_weight",
    "train.optimizer",
    "train.schedule",
    "train.warmup",
    "train.weight_decay",
    "train.clip_norm",
    "train.epochs",
    "train.batch_size",
    "train.early_stopping",
    "train.seed",
    "threads",
    "execution",
    "isa",
    "precision",
    "preset",
    "resume",
];

/// The flag of a setting, if it has one: `--valid-fraction` of `data.valid_fraction`.
fn flag(key: &str) -> Option<String> {
    let other = FLAGS.iter().find(|(known, _)| *known == key).map(|(_, name)| *name);
    let same = SAME_NAME.contains(&key).then(|| key.rsplit('.').next()).flatten();
    let name = other.or(same)?.replace('_', "-");
    let is_positional = name.bytes().all(|byte| byte.is_ascii_uppercase());
    Some(if is_positional { name } else { format!("--{name}") })
}

/// A setting, with its value if there is one, as it is typed: `--na unknown`, `--set data.columns.x=numeric`.
pub(crate) fn typed(key: &str, value: Option<&str>) -> String {
    if let (Some(column), Some("categorical")) = (key.strip_prefix("data.columns."), value) {
        return format!("--categorical {}", quoted(column));
    }
    match (flag(key), value) {
        (Some(flag), None) => flag,
        // A value that begins with a dash looks like a flag.
        (Some(flag), Some(value)) if value.starts_with('-') => format!("{flag}={}", quoted(value)),
        (Some(flag), Some(value)) => format!("{flag} {}", quoted(value)),
        (None, Some(value)) => format!("--set {}", quoted(&format!("{key}={value}"))),
        (None, None) => key.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::command;

    #[test]
    fn settings_are_named_as_they_are_typed() {
        for (key, value, expected) in [
            ("data.valid_fraction", Some("0.2"), "--valid-fraction 0.2"),
            ("data.target", None, "--target"),
            ("data.missing", Some("not known"), "--na 'not known'"),
            ("data.missing", Some("--"), "--na=--"),
            ("data.columns.zip", Some("categorical"), "--categorical zip"),
            ("data.columns.zip", Some("numeric"), "--set data.columns.zip=numeric"),
            ("model.layers", None, "model.layers"),
        ] {
            assert_eq!(typed(key, value), expected);
        }
    }

    #[test]
    fn every_flag_is_one_of_train() {
        let command = command();
        let train = command.find_subcommand("train").unwrap();
        let keys = SAME_NAME.iter().chain(FLAGS.iter().map(|(key, _)| key));
        for flag in keys.filter_map(|key| flag(key)).filter(|flag| flag.starts_with("--")) {
            let known = train.get_arguments().any(|known| known.get_long() == Some(&flag[2..]));
            assert!(known, "{flag}");
        }
    }
}
