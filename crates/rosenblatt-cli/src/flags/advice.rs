//! Settings that libraries name by key, as this command line names them.

use rosenblatt_train::settings::descriptors;

use crate::ui::quoted;

/// Flags and arguments that are not settings of a run file, as they are typed.
const OTHERS: [(&str, &str); 9] = [
    ("data.more", "MORE"),
    ("data.source", "DATA"),
    ("execution", "--execution"),
    ("isa", "--isa"),
    ("precision", "--precision"),
    ("preset", "--preset"),
    ("resume", "--resume"),
    ("checkpoint_every", "--checkpoint-every"),
    ("threads", "--threads"),
];

/// The flag of a setting, if it has one: `--valid-fraction` of `data.valid_fraction`.
fn flag(key: &str) -> Option<String> {
    let other = OTHERS
        .iter()
        .find(|(known, _)| *known == key)
        .map(|(_, typed)| (*typed).to_owned());
    other.or_else(|| {
        let setting = descriptors().iter().find(|setting| setting.key == key)?;
        setting.flag.as_ref().map(|name| format!("--{name}"))
    })
}

/// A setting, with its value if there is one, as it is typed: `--missing unknown`, `--set data.columns.x=numeric`.
pub(crate) fn typed(key: &str, value: Option<&str>) -> String {
    if let (Some(column), Some(kind @ ("categorical" | "numeric" | "date"))) =
        (key.strip_prefix("data.columns."), value)
    {
        return format!("--{kind} {}", quoted(column));
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
            ("data.missing", Some("not known"), "--missing 'not known'"),
            ("data.missing", Some("--"), "--missing=--"),
            ("data.columns.zip", Some("categorical"), "--categorical zip"),
            ("data.columns.zip", Some("numeric"), "--numeric zip"),
            ("model.layers", None, "model.layers"),
        ] {
            assert_eq!(typed(key, value), expected);
        }
    }

    #[test]
    fn every_flag_is_one_of_train() {
        let command = command();
        let train = command.find_subcommand("train").unwrap();
        for (_, flag) in OTHERS.iter().filter(|(_, typed)| typed.starts_with("--")) {
            let known = train.get_arguments().any(|known| known.get_long() == Some(&flag[2..]));
            assert!(known, "{flag}");
        }
    }
}
