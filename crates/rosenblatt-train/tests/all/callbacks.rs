//! The list of callbacks.

use rosenblatt_train::callbacks::CALLBACKS;

#[test]
fn every_file_is_registered() {
    assert!(CALLBACKS.is_sorted(), "keep CALLBACKS in alphabetical order");
    for entry in std::fs::read_dir(concat!(env!("CARGO_MANIFEST_DIR"), "/src/callbacks")).unwrap() {
        let stem = entry.unwrap().path().file_stem().unwrap().to_str().unwrap().to_owned();
        assert!(
            stem == "mod" || CALLBACKS.contains(&stem.as_str()),
            "{stem}.rs is not in CALLBACKS"
        );
    }
}
