//! Several files as one table.
#![cfg(test)]

use rosenblatt_data::{DataOptions, Input, Purpose, Table, TableOptions, apply, load};
use rosenblatt_tensor::{Error, ErrorKind};

/// Reads a table without looking at how it was read.
fn read(input: &Input, options: &TableOptions) -> Result<Table, Error> {
    Table::read(input, options).map(|(table, _)| table)
}

fn files(parts: &[(&'static str, &'static str)]) -> Input {
    let part = |&(name, text): &(&'static str, &'static str)| Input::embedded(name, text.as_bytes());
    Input::several(parts.iter().map(part).collect())
}

fn table(parts: &[(&'static str, &'static str)]) -> Result<Table, Error> {
    read(&files(parts), &TableOptions::default())
}

/// Several files give the table of one file with all their rows.
#[track_caller]
fn assert_same(parts: &[(&'static str, &'static str)], whole: &'static str) {
    let one = read(
        &Input::embedded("whole.csv", whole.as_bytes()),
        &TableOptions::default(),
    )
    .unwrap();
    let found = table(parts).unwrap();
    assert_eq!(format!("{:?}", found.columns()), format!("{:?}", one.columns()));
}

#[test]
fn columns_are_matched_by_name_and_kinds_are_those_of_all_rows() {
    assert_same(
        &[("a", "x,y\n1,u\n"), ("b", "y,x\nv,2.5\nu,\n")],
        "x,y\n1,u\n2.5,v\n,u\n",
    );
    assert_same(&[("a", "x\n1\n2\n"), ("b", "x\nold\n")], "x\n1\n2\nold\n");
    assert_same(&[("a", "x\n\n"), ("b", "x\n007\n"), ("c", "x\n7")], "x\n007\n7\n");
    assert_same(&[("a", "x,y\n"), ("b", "x,y\n1,2\n")], "x,y\n1,2\n");
    assert_same(&[("a", "x;y\n1,5;2\n"), ("b", "x,y\n2.5,3\n")], "x,y\n1.5,2\n2.5,3\n");
}

#[test]
fn other_columns_are_an_error_that_names_both_files() {
    let error = table(&[("may.csv", "x,y\n1,2\n"), ("june.csv", "x,z\n1,2\n")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "june.csv: other columns than in may.csv: `y` missing, `z` only here"
    );
    assert_eq!(
        (error.kind(), error.hint_text()),
        (
            ErrorKind::Data,
            Some("files that are one table have the same columns, in any order")
        )
    );
    let message = |text| table(&[("a", "x,y\n"), ("b", text)]).unwrap_err().to_string();
    assert_eq!(message("x\n1\n"), "b: other columns than in a: `y` missing");
    assert_eq!(message("y,x,w\n"), "b: other columns than in a: `w` only here");
    assert_eq!(message(""), "b:1: is empty, expected a header line");
}

#[test]
fn errors_and_warnings_name_the_file() {
    let error = table(&[("a", "x,y\n1,2\n"), ("b", "y,x\n1,2\n3\n")]).unwrap_err();
    assert_eq!(error.to_string(), "b:3: 1 cell, but the header has 2");
    let error = table(&[("a", "x,y\n1,2\n"), ("b", "y,x\n1,2\n1e999,1\n")]).unwrap_err();
    assert_eq!(
        error.to_string(),
        "b:3:1: column `y`: `1e999` is out of range, expected a finite number"
    );
    let odd = files(&[("a", "x\n1\n"), ("b", "x\n2\nold\n")]);
    let (_, info) = Table::read(&odd, &TableOptions::default()).unwrap();
    let said: Vec<String> = info.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(said, ["`x` is read as text: `old` in line 3 of b is not a number"]);
    assert_eq!(info.dialect.lines, 5);
}

/// Dates without dashes are numbers at first; once the column is one of dates, nothing is odd about the others.
#[test]
fn nothing_is_odd_about_dates_that_began_as_numbers() {
    let said = |text: &'static str| {
        let (_, info) = Table::read(&Input::embedded("a", text.as_bytes()), &TableOptions::default()).unwrap();
        info.warnings.iter().map(ToString::to_string).collect::<Vec<_>>()
    };
    assert_eq!(said("d,y\n20240101,1\n20240102,2\n2024-01-16,3\n"), [""; 0]);
    let odd = said("d,y\n20240101,1\n20240102,2\nsoon,3\n");
    assert_eq!(odd.len(), 1, "{odd:?}");
}

#[test]
fn names_of_several() {
    assert_eq!(files(&[]).name(), "no file");
    assert_eq!(files(&[("a", "")]).name(), "a");
    assert_eq!(files(&[("a", ""), ("b", ""), ("c", "")]).name(), "a and 2 more files");
    assert_eq!(files(&[("a", "x\n1\n"), ("b", "x\n")]).parts().len(), 2);
}

/// A folder of tables, or a file and further ones, train and predict as one table.
#[test]
fn a_folder_or_further_files_are_loaded_as_one() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    write("a.csv", "x,kind\n1,cat\n2,dog\n3,cat\n");
    write("b.CSV", "kind,x\ndog,7\ncat,8\n");
    write("notes.txt", "not a table");
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let whole = load(&DataOptions::new(at("")).target("kind"), 0).unwrap();
    assert_eq!(whole.train.len(), 5);
    let listed = DataOptions {
        more: vec![at("b.CSV").into()],
        ..DataOptions::new(at("a.csv")).target("kind")
    };
    let again = load(&listed, 0).unwrap();
    let features = |data: &rosenblatt_data::Dataset| data.features().to_vec::<f32>().unwrap();
    assert_eq!(features(&again.train), features(&whole.train));
    let applied = apply(&whole.schema, &whole.preprocessing, &at(""), Purpose::Evaluate).unwrap();
    assert_eq!(features(&applied.dataset), features(&whole.train));

    let of_set = DataOptions {
        more: vec![at("a.csv").into()],
        ..DataOptions::new("iris")
    };
    let error = load(&of_set, 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "data.more: expected a file before further files, got `iris`"
    );
    let missing = DataOptions {
        more: vec![at("c.csv").into()],
        ..listed
    };
    assert_eq!(load(&missing, 0).unwrap_err().kind(), ErrorKind::Io);
}
