//! What is wrong with a cell is said with its file, line and number, whatever way the table came.
#![cfg(test)]

use rosenblatt_data::{DataOptions, Prepared, Purpose, apply, load};
use rosenblatt_tensor::Error;
use tempfile::TempDir;

fn folder_with(files: &[(&str, &str)]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        std::fs::write(folder.path().join(name), text).unwrap();
    }
    folder
}

/// Twenty rows of two classes.
fn pets() -> String {
    let row = |i: usize| format!("{}.5,{},{}\n", i % 7, ["red", "blue"][i % 2], ["cat", "dog"][i / 10]);
    "age,color,kind\n".to_owned() + &(0..20).map(row).collect::<String>()
}

fn options(folder: &TempDir, file: &str) -> DataOptions {
    DataOptions::new(folder.path().join(file).to_str().unwrap()).target("kind")
}

/// The error, without the folder of the files.
fn refused(result: Result<impl Sized, Error>, folder: &TempDir) -> String {
    let error = result.err().map(|error| error.to_string()).unwrap_or_default();
    error.replace(&format!("{}/", folder.path().display()), "")
}

fn again(trained: &Prepared, folder: &TempDir, file: &str, purpose: Purpose) -> String {
    let source = folder.path().join(file);
    let applied = apply(
        &trained.schema,
        &trained.preprocessing,
        source.to_str().unwrap(),
        purpose,
    );
    refused(applied, folder)
}

/// Blank lines, quoted line ends and several files: the place is the one that an editor shows.
#[test]
fn a_wrong_cell_is_named_by_file_line_and_cell() {
    let folder = folder_with(&[
        ("pets.csv", &pets()),
        ("class.csv", "color,age,kind\n\"a\nb\",1,cat\n\nred,1,cat\nred,1,gnu\n"),
        (
            "far.csv",
            "color,age,kind\n\"a\nb\",1,cat\n\nred,1,cat\nred,-1e300,cat\n",
        ),
        ("one.csv", "x,y\n1,1.5\n2,2.5\n"),
        ("two.csv", "y,x\n\n1e99,3\n4.5,5\n"),
    ]);
    let trained = load(&options(&folder, "pets.csv"), 0).unwrap();
    let again = |file: &str, purpose| again(&trained, &folder, file, purpose);
    assert_eq!(
        again("class.csv", Purpose::Evaluate),
        "class.csv:6:3: target `kind`: `gnu` was not seen in training"
    );
    let far = "far.csv:6:2: column `age`: -1e300 is too far from the values seen in training";
    assert_eq!(again("far.csv", Purpose::Evaluate), far);
    assert_eq!(again("far.csv", Purpose::Predict), far);
    let valid = DataOptions {
        valid: Some(folder.path().join("class.csv")),
        ..options(&folder, "pets.csv")
    };
    assert_eq!(
        refused(load(&valid, 0), &folder),
        "data.valid: class.csv:6:3: target `kind`: `gnu` was not seen in training"
    );
    let both = DataOptions {
        more: vec![folder.path().join("two.csv")],
        ..options(&folder, "one.csv").target("y")
    };
    let message = "target `y`: 1e99 exceeds the largest float32, 3.4028235e38";
    assert_eq!(refused(load(&both, 0), &folder), format!("two.csv:3:1: {message}"));
}
