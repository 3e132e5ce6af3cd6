//! Hints about files that are not there.

use std::fs::{create_dir, write};
use std::io;
use std::path::Path;

use rosenblatt_train::absent::MODEL;

fn hint_of(path: &Path) -> String {
    let error = MODEL.unopened(path, &io::Error::from(io::ErrorKind::NotFound));
    error.hint_text().unwrap_or_default().to_owned()
}

#[test]
fn the_hint_names_what_is_meant_or_there_or_how_to_make_it() {
    let folder = tempfile::tempdir().unwrap();
    let hint = |name: &str| hint_of(&folder.path().join(name));
    assert_eq!(hint("mine.safetensors"), "`rosenblatt train DATA` makes one");
    assert_eq!(hint("iris"), "`rosenblatt train iris` makes one");
    let there = |name: &str| folder.path().join(name).display().to_string();
    write(folder.path().join("penguins.safetensors"), "").unwrap();
    write(folder.path().join("penguin.csv"), "").unwrap();
    create_dir(folder.path().join("pengui.safetensors")).unwrap();
    let expected = format!("did you mean `{}`?", there("penguins.safetensors"));
    assert_eq!(
        [hint("pengins.safetensors"), hint("penguins")],
        [expected.clone(), expected]
    );
    let expected = format!(
        "there are `{}`; `rosenblatt train DATA` makes one",
        there("penguins.safetensors")
    );
    assert_eq!(hint("mine.safetensors"), expected);
    (0..9).for_each(|i| write(folder.path().join(format!("a{i}.safetensors")), "").unwrap());
    assert!(hint("mine").contains("a4.safetensors`, …; "), "{}", hint("mine"));
    assert_eq!(
        hint_of(&folder.path().join("no/such/folder")),
        "`rosenblatt train DATA` makes one"
    );
}

#[test]
fn only_what_is_not_there_is_called_missing() {
    let refused = io::Error::from(io::ErrorKind::PermissionDenied);
    let error = MODEL.unopened(Path::new("a"), &refused);
    assert!(error.message().contains("cannot be read") && error.hint_text().is_none());
}
