//! Reading fixtures and listing sources.

use std::panic::catch_unwind;

use rosenblatt_testkit::{fixture, rust_files};

#[test]
fn a_missing_fixture_names_the_command_that_makes_it() {
    let payload = catch_unwind(|| fixture("no_such_fixture.json")).expect_err("there is no such file");
    let text = payload
        .downcast_ref::<String>()
        .expect("formatted messages are strings");
    assert!(
        text.contains("no_such_fixture.json") && text.contains("cargo xtask fixtures"),
        "{text}"
    );
}

#[test]
fn a_fixture_is_found_from_any_package() {
    assert!(fixture("philox.json").is_object());
}

#[test]
fn sources_are_listed_by_name_without_their_mod_file() {
    let names = rust_files("src");
    for name in ["allocations", "bits", "cases", "close", "files", "guarded", "lib"] {
        assert!(
            names.iter().any(|found| found == name),
            "{name} is missing from {names:?}"
        );
    }
    assert!(names.is_sorted());
    assert!(names.iter().all(|name| name != "mod" && !name.contains('.')));
}

#[test]
fn a_missing_folder_is_an_error_not_an_empty_list() {
    assert!(catch_unwind(|| rust_files("src/no_such_folder")).is_err());
}
