//! From files to rows and back again with a trained model's preprocessing.
#![cfg(test)]

use std::fs;
use std::path::Path;

use rosenblatt_data::read::{self, ReadOptions};
use rosenblatt_data::{
    Applied, ColumnKind, DataOptions, Dataset, Input, Prepared, Purpose, Warning, apply, apply_input, load, load_input,
};
use rosenblatt_tensor::{DType, Error, ErrorKind};
use tempfile::TempDir;

pub fn folder_with(files: &[(&str, &[u8])]) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    folder
}

pub fn texts(warnings: &[Warning]) -> Vec<String> {
    warnings.iter().map(Warning::to_string).collect()
}

pub fn text(path: &Path) -> &str {
    path.to_str().unwrap()
}

/// Forty rows of two classes, one number, one category, gaps, an id.
pub fn pets() -> String {
    (0..40).fold("id,age,color,kind\n".to_owned(), |csv, i| {
        let age = if i % 10 == 3 {
            "?".to_owned()
        } else {
            format!("{}.5", i % 7)
        };
        format!(
            "{csv}{i},{age},{},{}\n",
            ["red", "blue", "green"][i % 3],
            ["cat", "dog"][i / 20]
        )
    })
}

pub fn options(folder: &TempDir, file: &str) -> DataOptions {
    DataOptions::new(text(&folder.path().join(file))).target("kind")
}

fn features(data: &Dataset) -> Vec<f32> {
    data.features().to_vec().unwrap()
}

fn reapply(trained: &Prepared, path: &Path, purpose: Purpose) -> Result<Applied, Error> {
    apply(&trained.schema, &trained.preprocessing, text(path), purpose)
}

#[test]
fn a_file_without_wishes_is_all_training() {
    let folder = folder_with(&[("pets.csv", pets().as_bytes())]);
    let data = load(&options(&folder, "pets.csv"), 0).unwrap();
    assert_eq!(
        (data.train.len(), data.valid.is_none(), data.test.is_none()),
        (40, true, true)
    );
    assert_eq!(
        data.train.feature_names(),
        ["age", "age_missing", "color=blue", "color=green", "color=red"]
    );
    assert_eq!(
        data.summary,
        [
            "task: classification of `kind`, 2 classes: `cat`, `dog`",
            "features: 5 from 2 columns (1 numeric, 1 categorical)",
            "rows: 40 training",
        ]
    );
    let left_out = Warning::ColumnDropped {
        column: "id".to_owned(),
        reason: "it numbers the rows".to_owned(),
    };
    assert_eq!(data.warnings, [left_out]);
    assert_eq!(data.left_out("id"), Some("it numbers the rows"));
}

#[test]
fn fractions_are_stratified_disjoint_and_follow_the_seed() {
    let folder = folder_with(&[("pets.csv", pets().as_bytes())]);
    let options = DataOptions {
        test_fraction: Some(0.25),
        valid_fraction: Some(0.2),
        ..options(&folder, "pets.csv")
    };
    let data = load(&options, 1).unwrap();
    let (valid, test) = (data.valid.as_ref().unwrap(), data.test.as_ref().unwrap());
    assert_eq!([data.train.len(), valid.len(), test.len()], [24, 6, 10]);
    let dogs = |d: &Dataset| d.targets().unwrap().to_vec::<i64>().unwrap().iter().sum::<i64>();
    assert_eq!([dogs(&data.train), dogs(valid), dogs(test)], [12, 3, 5]);
    assert_eq!(features(&load(&options, 1).unwrap().train), features(&data.train));
    assert_ne!(features(&load(&options, 2).unwrap().train), features(&data.train));
}

#[test]
fn files_for_validation_and_test_are_read_with_the_training_schema() {
    let other = "kind,color,age\ndog,pink,2\ncat,red,\n,blue,1\n";
    let folder = folder_with(&[("pets.csv", pets().as_bytes()), ("more.csv", other.as_bytes())]);
    let more = Some(folder.path().join("more.csv"));
    let options = DataOptions {
        valid: more.clone(),
        test: more,
        ..options(&folder, "pets.csv")
    };
    let data = load(&options, 0).unwrap();
    let valid = data.valid.unwrap();
    assert_eq!((data.train.len(), valid.len()), (40, 2));
    assert_eq!(
        features(&valid)[1..5],
        [0.0; 4],
        "pink is no color of the training rows"
    );
    let said = texts(&data.warnings);
    assert!(
        said.contains(&"validation rows: dropped 1 row without a value in the target `kind`".to_owned()),
        "{said:?}"
    );
    let unseen = "test rows: `color`: 1 cell with a category not seen in training, such as `pink`".to_owned();
    assert!(said.contains(&unseen), "{said:?}");
}

#[test]
fn shuffled_and_further_columns_change_nothing() {
    let folder = folder_with(&[("pets.csv", pets().as_bytes())]);
    let trained = load(&options(&folder, "pets.csv"), 0).unwrap();
    let shuffled: String = pets().lines().enumerate().fold(String::new(), |csv, (i, line)| {
        let cells: Vec<&str> = line.split(',').collect();
        let extra = if i == 0 { "extra" } else { "7" };
        format!("{csv}{};{extra};{};{}\n", cells[2], cells[3], cells[1])
    });
    let path = folder.path().join("shuffled.csv");
    fs::write(&path, shuffled).unwrap();
    let again = reapply(&trained, &path, Purpose::Evaluate).unwrap();
    assert_eq!(features(&again.dataset), features(&trained.train));
    let targets = |d: &Dataset| d.targets().unwrap().to_vec::<i64>().unwrap();
    assert_eq!(targets(&again.dataset), targets(&trained.train));
    let missing = |warning: &Warning| matches!(warning, Warning::MissingValues { in_training: true, .. });
    assert!(again.warnings.iter().all(missing), "{:?}", again.warnings);
}

#[test]
fn prediction_needs_no_target_and_keeps_every_row() {
    let folder = folder_with(&[
        ("pets.csv", pets().as_bytes()),
        ("new.csv", b"age,color\n1,red\n,mauve\n3,\n"),
        ("odd.csv", b"age,color,kind\n1,red,?\n2,red,gnu\n"),
        ("none.csv", b"age,color\n"),
    ]);
    let trained = load(&options(&folder, "pets.csv"), 0).unwrap();
    let predict = |file: &str| reapply(&trained, &folder.path().join(file), Purpose::Predict).unwrap();
    let new = predict("new.csv");
    assert_eq!((new.dataset.len(), new.dataset.targets().is_none()), (3, true));
    assert_eq!(
        texts(&new.warnings),
        [
            "1 missing value: `age` 1; imputed: numbers with the training median",
            "`color`: 1 cell with a category not seen in training, such as `mauve`",
            "1 missing value: `color` 1 (none in training); imputed: categories as unknown",
        ]
    );
    assert_eq!(predict("odd.csv").dataset.len(), 2);
    assert_eq!(*predict("none.csv").dataset.features().shape(), [0, 5]);
    let evaluate = |file: &str| reapply(&trained, &folder.path().join(file), Purpose::Evaluate).unwrap_err();
    assert_eq!(evaluate("new.csv").message(), "there is no column `kind`");
    assert_eq!(evaluate("odd.csv").message(), "`gnu` was not seen in training");
}

#[test]
fn columns_of_names_are_found_unless_they_are_meant() {
    let rows: String = (0..40)
        .map(|i| format!("{},no {},{}\n", i % 7, i % 20, ["a", "b"][i % 2]))
        .collect();
    let folder = folder_with(&[("t.csv", format!("x,name,kind\n{rows}").as_bytes())]);
    let data = load(&options(&folder, "t.csv"), 0).unwrap();
    let nearly_unique = Warning::NearlyUnique {
        column: "name".to_owned(),
        count: 20,
        rows: 40,
    };
    assert_eq!(data.warnings, [nearly_unique]);
    let mut given = options(&folder, "t.csv");
    given.columns.insert("name".to_owned(), ColumnKind::Categorical);
    assert!(load(&given, 0).unwrap().warnings.is_empty());
}

/// A category of training that happens to look like a number later, and the other way round.
#[test]
fn kinds_are_those_of_training() {
    let train = "zip,n,y\n007,1,a\nx12,2,b\n007,3,a\nx12,4,b\n";
    let folder = folder_with(&[
        ("train.csv", train.as_bytes()),
        ("p.csv", b"zip,n\n007,1\n"),
        ("q.csv", b"zip,n\n007,one\n"),
    ]);
    let trained = load(&DataOptions::new(text(&folder.path().join("train.csv"))).target("y"), 0).unwrap();
    let predicted = reapply(&trained, &folder.path().join("p.csv"), Purpose::Predict).unwrap();
    assert_eq!(features(&predicted.dataset), features(&trained.train)[..3]);
    let error = reapply(&trained, &folder.path().join("q.csv"), Purpose::Predict).unwrap_err();
    assert!(
        error
            .to_string()
            .ends_with("q.csv:2:2: column `n`: expected a number, got `one`"),
        "{error}"
    );
}

#[test]
fn missing_columns_are_all_named() {
    let folder = folder_with(&[("pets.csv", pets().as_bytes()), ("p.csv", b"agee,kind\n1,cat\n")]);
    let trained = load(&options(&folder, "pets.csv"), 0).unwrap();
    let error = reapply(&trained, &folder.path().join("p.csv"), Purpose::Predict).unwrap_err();
    assert_eq!(
        error.message(),
        "the model was trained with columns that are missing here: `age`, `color`"
    );
    assert_eq!(error.hint_text(), Some("did you mean `agee`?"));
}

#[test]
fn regression_keeps_units_and_offers_their_scale() {
    let data = load(&DataOptions::new("diabetes"), 0).unwrap();
    let scale = data.preprocessing.target.as_ref().unwrap();
    let targets: Vec<f64> = data.train.targets().unwrap().to_vec().unwrap();
    let mean = targets.iter().sum::<f64>() / targets.len() as f64;
    assert!((scale.mean - mean).abs() < 1e-9, "{} {mean}", scale.mean);
    assert!(scale.std > 10.0);
    assert_eq!(data.train.features().dtype(), DType::F32);
}

#[test]
fn rows_without_a_target_are_left_out_and_counted() {
    let folder = folder_with(&[("t.csv", b"x,y\n1,a\n2,\n3,b\n4,NA\n")]);
    let data = load(&DataOptions::new(text(&folder.path().join("t.csv"))).target("y"), 0).unwrap();
    assert_eq!(data.train.len(), 2);
    assert_eq!(
        texts(&data.warnings),
        ["dropped 2 rows without a value in the target `y`"]
    );
}

#[test]
fn another_target_of_a_named_set_keeps_its_test_rows() {
    let rows = |target: &str| load(&DataOptions::new("penguins").target(target), 0).unwrap();
    let (species, mass) = (rows("species"), rows("body_mass_g"));
    let test = |data: &Prepared| data.test.as_ref().unwrap().len();
    assert_eq!(
        (species.train.len() + test(&species), mass.train.len() + test(&mass)),
        (344, 342)
    );
    assert!(mass.schema.task.classes().is_none());
    assert!(test(&species) - test(&mass) <= 2);
}

fn idx(shape: &[u32], elements: &[u8]) -> Vec<u8> {
    let mut bytes = vec![0, 0, 8, shape.len() as u8];
    shape.iter().for_each(|size| bytes.extend(size.to_be_bytes()));
    bytes.extend(elements);
    bytes
}

fn image_folder(train: (u32, &[u8]), test: Option<(u32, &[u8])>) -> TempDir {
    let pixels = |n: u32| idx(&[n, 2, 2], &(0..4 * n).map(|i| i as u8).collect::<Vec<_>>());
    let folder = folder_with(&[
        ("train-images-idx3-ubyte", &pixels(train.0)),
        ("train-labels-idx1-ubyte", &idx(&[train.1.len() as u32], train.1)),
    ]);
    if let Some((rows, labels)) = test {
        fs::write(folder.path().join("t10k-images.idx3-ubyte"), pixels(rows)).unwrap();
        fs::write(
            folder.path().join("t10k-labels.idx1-ubyte"),
            idx(&[labels.len() as u32], labels),
        )
        .unwrap();
    }
    folder
}

#[test]
fn a_folder_of_images() {
    let folder = image_folder((10, &[0, 1, 2, 0, 1, 2, 0, 1, 2, 0]), Some((2, &[2, 0])));
    let data = load(&DataOptions::new(text(folder.path())).valid_fraction(0.3), 0).unwrap();
    let valid = data.valid.as_ref().unwrap();
    assert_eq!(
        (data.train.len(), valid.len(), data.test.as_ref().unwrap().len()),
        (7, 3, 2)
    );
    assert_eq!(data.schema.task.classes().unwrap(), ["0", "1", "2"]);
    let mut labels = valid.targets().unwrap().to_vec::<i64>().unwrap();
    labels.sort_unstable();
    assert_eq!(labels, [0, 1, 2]);
    for (image, label) in valid
        .features()
        .to_vec::<u8>()
        .unwrap()
        .chunks(4)
        .zip(valid.targets().unwrap().to_vec::<i64>().unwrap())
    {
        assert_eq!(i64::from(image[0] / 4 % 3), label, "an image has lost its label");
    }
    let evaluated = reapply(&data, folder.path(), Purpose::Evaluate).unwrap().dataset;
    assert_eq!(evaluated.targets().unwrap().to_vec::<i64>().unwrap(), [2, 0]);
    assert_eq!(evaluated.pixel_scale(), Some(255.0));
    let single = folder.path().join("t10k-images.idx3-ubyte");
    assert!(
        reapply(&data, &single, Purpose::Predict)
            .unwrap()
            .dataset
            .targets()
            .is_none()
    );
    assert_eq!(
        reapply(&data, &single, Purpose::Evaluate).unwrap_err().kind(),
        ErrorKind::Data
    );
}

/// What training learned from can be predicted, whatever else is in the folder.
#[test]
fn a_folder_without_test_images_gives_those_for_training() {
    let folder = image_folder((4, &[0, 1, 0, 1]), None);
    fs::write(folder.path().join("notes.csv"), "a,b\n1,2\n").unwrap();
    let data = load(&DataOptions::new(text(folder.path())), 0).unwrap();
    let again = reapply(&data, folder.path(), Purpose::Evaluate).unwrap();
    assert_eq!(again.dataset.len(), 4);
    assert_eq!(
        again.warnings,
        [Warning::NoTestImages {
            file: text(folder.path()).to_owned()
        }]
    );
}

#[test]
fn images_that_do_not_fit_are_refused() {
    let kind = |folder: &TempDir| load(&DataOptions::new(text(folder.path())), 0).unwrap_err().kind();
    assert_eq!(
        kind(&image_folder((3, &[0, 1]), None)),
        ErrorKind::Data,
        "labels are missing"
    );
    assert_eq!(kind(&image_folder((2, &[1, 1]), None)), ErrorKind::Data, "one class");
    assert_eq!(kind(&image_folder((0, &[]), None)), ErrorKind::Data, "no images");
    assert_eq!(kind(&folder_with(&[])), ErrorKind::Data, "no files");
    let folder = image_folder((4, &[0, 1, 0, 1]), Some((1, &[2])));
    assert_eq!(kind(&folder), ErrorKind::Data, "an unknown label in the test part");
    let options = DataOptions::new(text(folder.path())).target("y");
    assert_eq!(
        load(&options, 0).unwrap_err().to_string(),
        format!("{}: data.target: does not apply to images", text(folder.path()))
    );

    let good = image_folder((4, &[0, 1, 0, 1]), None);
    let images = load(&DataOptions::new(text(good.path())), 0).unwrap();
    let table = load(&DataOptions::new("iris"), 0).unwrap();
    assert!(apply(&images.schema, &images.preprocessing, "iris", Purpose::Evaluate).is_err());
    let file = good.path().join("train-images-idx3-ubyte");
    assert!(apply(&table.schema, &table.preprocessing, text(&file), Purpose::Predict).is_err());
    fs::write(good.path().join("wide.idx"), idx(&[1, 2, 3], &[0; 6])).unwrap();
    let error = reapply(&images, &good.path().join("wide.idx"), Purpose::Predict).unwrap_err();
    assert_eq!(
        error.message(),
        "expected images of [2, 2] pixels, as in training, got [2, 3]"
    );
}

#[test]
fn options_are_plain_data() {
    let options = DataOptions {
        drop: vec!["a".into()],
        ..DataOptions::new("iris")
    };
    let text = serde_json::to_string(&options).unwrap();
    assert_eq!(text, r#"{"source":"iris","drop":["a"]}"#);
    assert_eq!(serde_json::from_str::<DataOptions>(&text).unwrap(), options);
    assert!(serde_json::from_str::<DataOptions>(r#"{"sorce":"iris"}"#).is_err());
}

/// Where a file has semicolons, `1,109` is a decimal number, in its frame too.
#[test]
fn frames_keep_decimal_commas() {
    let rows: String = (0..30)
        .map(|i| format!("{},{:03};{}\n", i % 9 + 1, 100 + i, ["no", "yes"][i % 2]))
        .collect();
    let file = Input::memory("t.csv", format!("x;y\n{rows}").into_bytes());
    let options = DataOptions::new("t.csv").target("y");
    let (frame, _) = read::read(&file, &ReadOptions::default()).unwrap();
    let [of_file, of_frame] = [file, frame.into()].map(|input| load_input(&input, &options, 3).unwrap());
    assert_eq!(of_frame.preprocessing, of_file.preprocessing);
    assert_eq!(features(&of_frame.train), features(&of_file.train));
}

/// A frame in memory, in several batches, gives the rows that its file gives.
#[test]
fn frames_in_memory_are_as_their_files() {
    let folder = folder_with(&[("pets.csv", pets().as_bytes())]);
    let options = options(&folder, "pets.csv");
    let of_file = load(&options, 3).unwrap();
    let read = |lines: &str| {
        let csv = Input::memory("part", format!("id,age,color,kind\n{lines}").into_bytes());
        read::read(&csv, &ReadOptions::default()).unwrap().0
    };
    let all = pets();
    let rows: Vec<&str> = all.lines().skip(1).collect();
    let parts: Vec<Input> = rows.chunks(13).map(|rows| read(&rows.join("\n")).into()).collect();
    let several = Input::several(parts);
    for input in [Input::from(read(&rows.join("\n"))), several] {
        let data = load_input(&input, &options, 3).unwrap();
        assert_eq!(data.schema, of_file.schema);
        assert_eq!(features(&data.train), features(&of_file.train));
        let [again, expected] = [
            apply_input(&data.schema, &data.preprocessing, &input, Purpose::Predict).unwrap(),
            reapply(&of_file, &folder.path().join("pets.csv"), Purpose::Predict).unwrap(),
        ];
        assert_eq!(features(&again.dataset), features(&expected.dataset));
    }
}
