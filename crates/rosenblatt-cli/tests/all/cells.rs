//! New data that is written in another way than that of training.

use crate::common;

use common::{Sandbox, flowers, idx};

/// A model of a table with commas and the usual missing cells, and what it predicts for that table.
fn trained() -> (Sandbox, String) {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(120));
    folder.ok("train flowers.csv --target kind --preset plain --hidden 8 --epochs 5 --quiet -o model");
    let predictions = folder.ok("predict model flowers.csv --keep id --quiet").stdout;
    (folder, predictions)
}

#[test]
fn tomorrows_file_may_have_another_delimiter_and_other_missing_cells() {
    let (folder, expected) = trained();
    folder.write("b.csv", flowers(120).replace(",,", ",nothing,").replace(',', "!"));
    folder.write("c.csv", flowers(120).replace(",,", ",-1,"));
    for (file, flags) in [("b.csv", "--delimiter ! --missing nothing"), ("c.csv", "--missing -1")] {
        let found = folder
            .ok(&format!("predict model {file} {flags} --keep id --quiet"))
            .stdout;
        let gaps = folder.ok(&format!("predict model {file} {flags}")).stderr;
        assert!(found == expected, "{file}");
        assert_eq!(gaps, folder.ok("predict model flowers.csv").stderr, "{file}");
        let metrics = |command: &str| folder.json(command)["metrics"].clone();
        let (with, without) = (format!("evaluate model {file} {flags}"), "evaluate model flowers.csv");
        assert_eq!(metrics(&with), metrics(without), "{file}");
    }
    // Without the flag the text is a number that training never saw.
    assert!(folder.ok("predict model c.csv --keep id --quiet").stdout != expected);
}

#[test]
fn what_training_was_told_holds_until_something_else_is_said() {
    let folder = Sandbox::new();
    let table = flowers(120).replace(',', "!");
    folder.write("a.csv", table.replace("!!", "!gone!"));
    folder.write("b.csv", table.replace("!!", "!lost!").replace('!', ","));
    let train = "train a.csv --target kind --preset plain --hidden 8 --epochs 5 --quiet -o model";
    folder.ok(&format!("{train} --delimiter ! --missing gone"));
    let remembered = folder.ok("predict model a.csv --quiet").stdout;
    assert_eq!(
        folder
            .ok("predict model b.csv --delimiter , --missing lost --quiet")
            .stdout,
        remembered
    );
    folder.fails(1, "predict model b.csv --quiet");
}

#[test]
fn flags_about_cells_go_with_tables() {
    let (folder, _) = trained();
    for (flag, error) in [
        (
            "--delimiter ab",
            "--delimiter: expected one character, or `tab`, got `ab`",
        ),
        ("--delimiter é", "--delimiter: `é` cannot be a delimiter"),
        ("--delimiter \"", "--delimiter: `\"` cannot be a delimiter"),
        ("--delimiter x", "--delimiter: `x` cannot be a delimiter"),
    ] {
        for command in ["predict", "evaluate"] {
            let found = folder.fails(2, &format!("{command} model flowers.csv {flag}"));
            assert!(
                found.starts_with(&format!("error: {error}\n")),
                "{command} {flag}: {found}"
            );
        }
        let found = folder.fails(2, &format!("inspect flowers.csv {flag}"));
        assert!(found.starts_with(&format!("error: {error}\n")), "{flag}: {found}");
    }
    // Twelve images of four pixels, and their labels.
    std::fs::create_dir(folder.path("pixels")).unwrap();
    folder.write("pixels/train-images-idx3-ubyte", idx(&[12, 2, 2], (0..48).collect()));
    folder.write("pixels/train-labels-idx1-ubyte", idx(&[12], [0, 1].repeat(6)));
    folder.ok("train pixels --preset plain --epochs 1 --quiet -o seen");
    folder.ok("predict seen pixels/train-images-idx3-ubyte");
    let error = folder.fails(2, "predict seen pixels/train-images-idx3-ubyte --missing x");
    assert!(
        error.starts_with("error: --missing: does not apply to images"),
        "{error}"
    );
}
