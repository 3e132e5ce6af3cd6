//! Names: those that flags take, and earlier names of flags.

use std::collections::BTreeSet;
use std::ffi::OsString;

use rosenblatt_train::settings::{Descriptor, Kind};

use super::settings::{All, flags};

/// The arguments with the present names of flags, and what was renamed: earlier names with present ones.
pub(crate) fn present_flags(arguments: Vec<OsString>) -> (Vec<OsString>, Vec<(String, String)>) {
    let mut renamed = Vec::new();
    let mut is_flag = true;
    let present = |argument: OsString| {
        is_flag &= argument != "--";
        let Some(text) = argument
            .to_str()
            .and_then(|text| text.strip_prefix("--"))
            .filter(|_| is_flag)
        else {
            return argument;
        };
        let (name, rest) = text.split_at(text.find('=').unwrap_or(text.len()));
        let is_earlier =
            |(setting, _): &(&Descriptor, &str)| setting.earlier_flags().iter().any(|earlier| earlier == name);
        match flags::<All>().find(is_earlier) {
            Some((_, flag)) => {
                renamed.push((format!("--{name}"), format!("--{flag}")));
                format!("--{flag}{rest}").into()
            }
            None => argument,
        }
    };
    let arguments = arguments.into_iter().map(present).collect();
    (arguments, renamed)
}

/// Names that flags take, from the registries, for the long help.
pub(crate) fn names() -> String {
    let mut text = "Names:\n".to_owned();
    let mut kinds = BTreeSet::from(["ClassWeight"]);
    for (setting, _) in flags::<All>() {
        let Kind::Entry(kind, names) = &setting.kind else {
            continue;
        };
        if !kinds.insert(kind) {
            continue;
        }
        text += &format!("  {kind}:");
        let mut width = kind.len() + 3;
        for name in names {
            if width + name.len() + 1 > 78 {
                text += "\n   ";
                width = 3;
            }
            text += &format!(" {name}");
            width += name.len() + 1;
        }
        text += "\n";
    }
    text + "A setting follows a name: `normal:0.01`, `sgd:momentum=0.9,nesterov=true`."
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_from_the_registries_and_fit_a_terminal() {
        let names = names();
        assert!(names.lines().all(|line| line.chars().count() <= 80), "{names}");
        for name in ["gelu", "leaky_relu", "he_normal", "cross_entropy", "adamw", "cosine"] {
            assert!(names.split_whitespace().any(|word| word == name), "{name}");
        }
    }

    #[test]
    fn earlier_flags_become_present_ones() {
        let given = [
            "rosenblatt",
            "train",
            "--na=x",
            "--most-one-hot",
            "3",
            "--lr",
            "1",
            "--",
            "--na",
        ];
        let (arguments, renamed) = present_flags(given.map(OsString::from).to_vec());
        let expected = [
            "rosenblatt",
            "train",
            "--missing=x",
            "--max-one-hot",
            "3",
            "--lr",
            "1",
            "--",
            "--na",
        ];
        assert_eq!(arguments, expected.map(OsString::from));
        let pair = |earlier: &str, present: &str| (earlier.to_owned(), present.to_owned());
        assert_eq!(
            renamed,
            [pair("--na", "--missing"), pair("--most-one-hot", "--max-one-hot")]
        );
    }
}
