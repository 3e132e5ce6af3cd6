//! Tables and options that are refused.

use std::fs;
use std::path::PathBuf;

use rosenblatt_data::{DataOptions, load};
use rosenblatt_tensor::ErrorKind;

use crate::load::{folder_with, options, pets, text};

#[test]
fn contradictions_are_config_errors() {
    let folder = folder_with(&[("pets.csv", pets().as_bytes())]);
    let base = options(&folder, "pets.csv");
    let file = Some(PathBuf::from("x.csv"));
    for options in [
        DataOptions::default(),
        DataOptions {
            target: None,
            ..base.clone()
        },
        DataOptions {
            valid_fraction: Some(1.5),
            ..base.clone()
        },
        DataOptions {
            test_fraction: Some(f64::NAN),
            ..base.clone()
        },
        DataOptions {
            valid: file.clone(),
            valid_fraction: Some(0.5),
            ..base.clone()
        },
        DataOptions {
            test: file,
            test_fraction: Some(0.5),
            ..base.clone()
        },
        DataOptions {
            delimiter: Some('é'),
            ..base
        },
        DataOptions {
            test_fraction: Some(0.5),
            ..DataOptions::new("iris")
        },
    ] {
        assert_eq!(load(&options, 0).unwrap_err().kind(), ErrorKind::Config, "{options:?}");
    }
}

#[test]
fn tables_too_small_to_learn_from_are_data_errors() {
    for csv in ["", "x,y\n", "x,y\n1,a\n", "x,y\n,a\n,b\n", "y\na\nb\n"] {
        let folder = folder_with(&[("t.csv", csv.as_bytes())]);
        let options = DataOptions::new(text(&folder.path().join("t.csv"))).target("y");
        assert_eq!(load(&options, 0).unwrap_err().kind(), ErrorKind::Data, "{csv:?}");
    }
}

/// A category is kept in the model file: one as long as a book is refused with its cell, and how to leave the column out.
#[test]
fn categories_as_long_as_books_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let long = "x".repeat((1 << 20) + 1);
    let table = |column: usize, row: usize| {
        let cell = |at: usize, i: usize, text: &str| {
            if (at, i) == (column, row) {
                long.clone()
            } else {
                text.to_owned()
            }
        };
        let line = |i: usize| {
            let [k, y] = [cell(1, i, ["red", "blue"][i % 2]), cell(2, i, ["no", "yes"][i % 3 / 2])];
            format!("{}.5,{k},{y}\n", i * i % 17)
        };
        "a,k,y\n".to_owned() + &(0..40).map(line).collect::<String>()
    };
    for (column, row, name) in [(1, 0, "k"), (1, 39, "k"), (1, 5, "k"), (2, 7, "y")] {
        fs::write(&path, table(column, row)).unwrap();
        let mut options = DataOptions::new(path.to_str().unwrap()).target("y");
        let error = load(&options, 0).unwrap_err();
        let place = format!(
            "t.csv:{}:{}: column `{name}`: a category of 1.0 MiB",
            row + 2,
            column + 1
        );
        assert!(error.to_string().contains(&place), "{error}");
        let hint = match column {
            1 => "`data.drop = k` leaves the column out",
            _ => "shorten it",
        };
        assert_eq!(error.hint_text(), Some(hint));
        options.drop = vec!["k".to_owned()];
        assert_eq!(load(&options, 0).is_ok(), column == 1);
    }
}

/// Columns whose spellings are to be kept apart have to be there, and have spellings.
#[test]
fn exact_is_about_texts_that_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let line = |i: usize| {
        let (kind, day) = (["red", "Red", "blue"][i % 3], 1 + i % 28);
        format!("{}.5,{kind},2024-07-{day:02},{}\n", i * i % 17, ["no", "yes"][i % 2])
    };
    fs::write(&path, "a,k,day,y\n".to_owned() + &(0..40).map(line).collect::<String>()).unwrap();
    let with = |column: &str| {
        let mut options = DataOptions::new(path.to_str().unwrap()).target("y");
        options.exact = vec![column.to_owned()];
        load(&options, 0)
    };
    for (column, words) in [
        ("z", "no column `z`"),
        ("a", "`a` holds numbers"),
        ("day", "`day` holds dates"),
    ] {
        let error = with(column).unwrap_err();
        assert!(
            error.to_string().starts_with("data.exact: ") && error.to_string().contains(words),
            "{error}"
        );
        assert_eq!(error.kind(), ErrorKind::Config);
    }
    assert!(with("k").is_ok() && with("y").is_ok());
}

/// A target that is read as text for the sake of a cell, and a target that f32 cannot tell apart.
#[test]
fn targets_say_why_they_cannot_be_predicted() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let with = |target: &dyn Fn(usize) -> String| {
        let line = |i: usize| format!("{}.5,{}\n", i * i % 17, target(i));
        fs::write(&path, "a,y\n".to_owned() + &(0..40).map(line).collect::<String>()).unwrap();
        load(&DataOptions::new(path.to_str().unwrap()).target("y"), 0)
    };
    for start in [100_000_000_000_000_000_u64, 9_007_199_254_740_993, u64::MAX - 100] {
        let error = with(&|i| (start + i as u64).to_string()).unwrap_err();
        assert!(
            error.to_string().contains("target `y` has 40 distinct values"),
            "{error}"
        );
        let hint = error.hint_text().unwrap();
        assert!(
            hint.starts_with("`y` is read as text: `") && hint.contains("more digits than a number keeps"),
            "{hint}"
        );
    }
    for power in [-320, -200, -50] {
        let error = with(&|i| format!("{}e{power}", 1 + i * 7 % 13)).unwrap_err();
        assert!(
            error
                .to_string()
                .contains("t.csv: target `y` has a standard deviation of "),
            "{error}"
        );
    }
    for power in [-44, -30, 0, 30] {
        with(&|i| format!("{}e{power}", 1 + i * 7 % 13)).unwrap();
    }
}
