//! The reference page of all settings, `docs/settings.md`, held against what the settings say.
//!
//! `UPDATE_DOCS=1 cargo test -p rosenblatt-cli reference_page` writes it anew.

use std::path::Path;

use rosenblatt_train::settings::{Descriptor, Kind, descriptors};

const HEAD: &str = "# Settings

Every setting has the same name in a run file (`[train]`, `epochs = 20`), after `--set` (`--set train.epochs=20`) and as a flag
(`--epochs 20`). A shorthand is a flag only: it decides a part of the key that is named. A part of a key that has a dot in it is
quoted: `--set 'data.columns.\"a.b\"=categorical'`. `rosenblatt init-config DATA` writes a run file with all keys and explanations;
`rosenblatt init-config --schema` prints their JSON schema.

This page is made from the declarations of the settings; a test keeps it up to date.
";

/// The page, in Markdown.
fn reference() -> String {
    let mut page = HEAD.to_owned();
    let mut groups: Vec<&str> = Vec::new();
    for setting in descriptors() {
        if !groups.contains(&&*setting.group) {
            groups.push(&setting.group);
        }
    }
    for group in groups {
        page += &format!("\n## {group}\n\n| key | flag | what | takes | default |\n|---|---|---|---|---|\n");
        let of_group = descriptors().iter().filter(|setting| setting.group == group);
        of_group.for_each(|setting| page += &row(setting));
    }
    page
}

fn row(setting: &Descriptor) -> String {
    let key = match &setting.sets {
        Some(target) => format!("shorthand for a part of `{target}`"),
        None => format!("`{}`", setting.key),
    };
    let flags = setting.flag.iter().cloned().chain(setting.long_flag.clone());
    let flags: Vec<String> = flags.map(|flag| format!("`--{flag}`")).collect();
    let takes = match &setting.kind {
        Kind::Entry(_, names) if setting.takes().is_empty() => names.join(", "),
        _ => setting.takes(),
    };
    let unit = setting
        .unit
        .as_ref()
        .map(|unit| format!(" ({unit})"))
        .unwrap_or_default();
    let default = setting
        .default
        .as_ref()
        .map(|default| format!("`{default}`"))
        .unwrap_or_default();
    let cells = [key, flags.join(", "), setting.help(), takes + &unit, default];
    let cells = cells.map(|cell| cell.replace('|', "\\|"));
    format!("| {} |\n", cells.join(" | "))
}

#[test]
fn the_reference_page_is_up_to_date() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/settings.md");
    if std::env::var_os("UPDATE_DOCS").is_some() {
        std::fs::write(&path, reference()).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == reference(),
        "docs/settings.md is not what the settings say: see the head of this file"
    );
    let rate = "| `train.learning_rate` | `--lr`, `--learning-rate` | Learning rate; by default the usual one of the optimizer \
                | a number above 0 | `0.001` |";
    assert!(committed.contains(rate));
}
