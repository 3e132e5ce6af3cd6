//! Model files and checkpoints whose checksum is right and whose content is not: every field with a range is checked where
//! the file is read.

use crate::common;

use std::fs;
use std::path::Path;
use std::sync::Arc;

use common::{Job, alone};
use rosenblatt_data::DataOptions;
use rosenblatt_tensor::ErrorKind;
use rosenblatt_testkit::{ModelParts, sealed};
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{CheckpointOptions, Every, Model, Progress, RunOptions, files};
use serde_json::{Value, json};

/// A table with a column of each kind; `target` is `class` or `y`.
fn table(folder: &Path, target: &str) -> Job {
    let path = folder.join("t.csv");
    let row = |i: usize| {
        let (day, kind) = (1 + i % 28, ["red", "blue", "green"][i % 3]);
        let class = if i.is_multiple_of(2) { "no" } else { "yes" };
        format!(
            "{}.5,{},{kind},2024-{:02}-{day:02},{class},{}.25\n",
            i * i % 17,
            i % 11,
            1 + i % 12,
            i % 13
        )
    };
    fs::write(
        &path,
        "a,b,kind,day,class,y\n".to_owned() + &(0..60).map(row).collect::<String>(),
    )
    .unwrap();
    let overrides = Overrides::default().set("epochs", 2).set("hidden", [3]);
    let options = DataOptions::new(path.to_str().unwrap()).target(target);
    Job::on(Preset::Auto, &options, &overrides)
}

fn trained(target: &str) -> ModelParts {
    let folder = tempfile::tempdir().unwrap();
    let model = table(folder.path(), target).train(&alone()).unwrap().model;
    ModelParts::of(&model.to_bytes().unwrap())
}

/// The fitted steps of a column.
fn steps<'v>(document: &'v mut Value, column: &str) -> &'v mut Value {
    let columns = document["sections"]["table"]["preprocessing"]["columns"].as_array_mut();
    let found = columns.unwrap().iter_mut().find(|steps| steps["column"] == column);
    &mut found.unwrap()["steps"]
}

/// A change of a sound document, and words of the refusal.
type Case = (&'static str, fn(&mut Value), &'static str);

fn assert_refused(parts: &ModelParts, cases: &[Case], read: impl Fn(&[u8]) -> rosenblatt_tensor::Result<()>) {
    read(&parts.with_document(&parts.document.to_string())).unwrap();
    for (name, change, words) in cases {
        let mut document = parts.document.clone();
        change(&mut document);
        assert_ne!(document, parts.document, "{name}");
        let error = read(&parts.with_document(&document.to_string())).expect_err(name);
        assert_eq!(error.kind(), ErrorKind::Data, "{name}: {error}");
        assert!(error.to_string().contains(words), "{name}: {error}");
    }
}

macro_rules! table_of {
    ($document:ident) => {
        $document["sections"]["table"]
    };
}

const OF_A_TABLE: &[Case] = &[
    (
        "a class twice",
        |d| table_of!(d)["schema"]["task"]["classification"]["classes"][1] = "no".into(),
        "classes: `no` is listed twice",
    ),
    (
        "one class",
        |d| table_of!(d)["schema"]["task"]["classification"]["classes"] = json!(["no"]),
        "1 classes",
    ),
    (
        "a column twice",
        |d| table_of!(d)["schema"]["columns"][1]["name"] = "a".into(),
        "columns: `a` is listed twice",
    ),
    (
        "the target among the columns",
        |d| table_of!(d)["schema"]["target"]["name"] = "a".into(),
        "`a` is listed twice",
    ),
    (
        "weights among the columns",
        |d| table_of!(d)["schema"]["sample_weight"] = "b".into(),
        "`b` is listed twice",
    ),
    (
        "no columns",
        |d| table_of!(d)["schema"]["columns"] = json!([]),
        "there are no columns",
    ),
    (
        "a category twice",
        |d| table_of!(d)["schema"]["columns"][2]["kind"]["categorical"]["levels"][0] = "red".into(),
        "`red` is listed twice",
    ),
    (
        "another kind",
        |d| table_of!(d)["schema"]["columns"][0]["kind"] = "date".into(),
        "its steps are not those",
    ),
    (
        "images without pixels",
        |d| table_of!(d)["schema"]["columns"][0]["kind"] = json!({"image": {"shape": [0, 5]}}),
        "images of [0, 5] pixels",
    ),
    (
        "steps of an unknown column",
        |d| table_of!(d)["preprocessing"]["columns"][0]["column"] = "z".into(),
        "not those of the schema",
    ),
    (
        "a column without steps",
        |d| *steps(d, "a") = json!([]),
        "column `a`: its steps",
    ),
    (
        "20,000 steps",
        |d| *steps(d, "a") = vec![steps(d, "a")[0].clone(); 20_000].into(),
        "column `a`: its steps",
    ),
    (
        "std 0",
        |d| steps(d, "a")[2]["standardize"]["std"] = 0.into(),
        "std is 0, but the mean",
    ),
    (
        "a unit below 0",
        |d| steps(d, "a")[0]["soft_clip"]["unit"] = (-1).into(),
        "soft_clip: unit is -1",
    ),
    (
        "limits the wrong way round",
        |d| steps(d, "a")[0]["soft_clip"]["lower"] = 1e9.into(),
        "above upper",
    ),
    (
        "quantiles without values",
        |d| {
            let quantiles = json!({ "quantiles": { "values": [], "quantiles": [1.0] } });
            steps(d, "a").as_array_mut().unwrap().insert(2, quantiles);
        },
        "0 values have 1 quantiles",
    ),
    (
        "std below 0",
        |d| steps(d, "b")[2]["standardize"]["std"] = (-1).into(),
        "standardize: std is -1",
    ),
    (
        "a mean beyond f64",
        |d| steps(d, "b")[2]["standardize"]["mean"] = Value::Null,
        "null",
    ),
    (
        "a median of text",
        |d| steps(d, "b")[0]["median_impute"]["median"] = "1".into(),
        "invalid type",
    ),
    (
        "levels out of order",
        |d| steps(d, "kind")[0]["one_hot"]["levels"] = json!(["red", "blue", "green"]),
        "not in ascending order",
    ),
    (
        "a level twice",
        |d| steps(d, "kind")[0]["one_hot"]["levels"][1] = "blue".into(),
        "levels: `blue` is listed twice",
    ),
    (
        "frequent and rare",
        |d| steps(d, "kind")[0]["one_hot"]["rare"] = json!(["red"]),
        "`red` is in levels and in rare",
    ),
    (
        "no parts of a date",
        |d| steps(d, "day")[0]["date_parts"]["parts"] = json!([]),
        "there are no parts",
    ),
    (
        "a part twice",
        |d| {
            steps(d, "day")[0]["date_parts"]["parts"][1]["part"] =
                steps(d, "day")[0]["date_parts"]["parts"][0]["part"].clone()
        },
        "is listed twice",
    ),
    (
        "std 0 of a part",
        |d| steps(d, "day")[0]["date_parts"]["parts"][0]["scale"]["std"] = 0.into(),
        "std is 0",
    ),
    (
        "a mean of classes",
        |d| table_of!(d)["preprocessing"]["target"] = json!({"mean": 0.0, "std": 1.0}),
        "classes have no mean",
    ),
    (
        "other features",
        |d| table_of!(d)["input"]["shape"] = json!([3]),
        "but the columns make",
    ),
    (
        "bytes",
        |d| table_of!(d)["input"]["kind"] = "u8".into(),
        "but the columns make",
    ),
    (
        "epoch beyond the last",
        |d| d["sections"]["metadata"]["epoch"] = 3.into(),
        "epoch 3 of 2",
    ),
    (
        "a learning rate of 0",
        |d| table_of!(d)["spec"]["train"]["learning_rate"] = 1e-300.into(),
        "learning_rate",
    ),
];

#[test]
fn senseless_models_are_refused() {
    assert_refused(&trained("class"), OF_A_TABLE, |bytes| {
        Model::from_bytes(bytes).map(|_| ())
    });
}

const OF_A_REGRESSION: &[Case] = &[
    (
        "std 0 of the target",
        |d| table_of!(d)["preprocessing"]["target"]["std"] = 0.into(),
        "target: std is 0",
    ),
    (
        "a range of targets the wrong way round",
        |d| table_of!(d)["preprocessing"]["target_range"] = json!([2.0, 1.0]),
        "target_range: 2 to 1 is no range",
    ),
    (
        "std below 0 of the target",
        |d| table_of!(d)["preprocessing"]["target"]["std"] = (-2.5).into(),
        "std is -2.5",
    ),
    (
        "categories as the target",
        |d| table_of!(d)["schema"]["target"]["kind"] = json!({"categorical": {"levels": ["a"]}}),
        "does not hold numbers",
    ),
];

#[test]
fn senseless_models_of_numbers_are_refused() {
    assert_refused(&trained("y"), OF_A_REGRESSION, |bytes| {
        Model::from_bytes(bytes).map(|_| ())
    });
}

#[test]
fn a_key_is_there_once() {
    let parts = trained("class");
    let (header, document) = (parts.header.to_string(), parts.document.to_string());
    let doubled = |text: &str, key: &str| {
        let at = text.find(key).unwrap_or_else(|| panic!("{key}: {text}"));
        let end = at + text[at..].find('}').unwrap() + 1;
        format!("{}{},{}", &text[..at], &text[at..end], &text[at..])
    };
    let weight = r#""layers.0.weight":{"#;
    let escaped = doubled(&header, weight).replacen("layers.0.weight", "layers\\u002e0.weight", 1);
    for header in [doubled(&header, weight), escaped] {
        let error = Model::from_bytes(&sealed(header.as_bytes(), &parts.data)).unwrap_err();
        assert!(error.to_string().contains("duplicate key `layers.0.weight`"), "{error}");
    }
    for key in [r#""one_hot":"#, r#""mean":"#, r#""metrics":"#] {
        let twice = document.replacen(key, &format!("{key}0,{key}"), 1);
        let error = Model::from_bytes(&parts.with_document(&twice)).unwrap_err();
        assert!(error.to_string().contains("duplicate key"), "{key}: {error}");
    }
}

const OF_A_CHECKPOINT: &[Case] = &[
    (
        "no history",
        |d| d["sections"]["progress"]["history"] = json!([]),
        "history: the records of 0 epochs",
    ),
    (
        "an epoch more",
        |d| d["sections"]["progress"]["epoch"] = 60.into(),
        "do not end with epoch 60",
    ),
    (
        "an epoch less",
        |d| d["sections"]["progress"]["epoch"] = 0.into(),
        "do not end with epoch 0",
    ),
    (
        "an epoch twice",
        |d| d["sections"]["progress"]["history"][1]["epoch"] = 1.into(),
        "do not end with epoch 2",
    ),
    (
        "epoch 0",
        |d| d["sections"]["progress"]["history"][0]["epoch"] = 0.into(),
        "the records of 2 epochs",
    ),
    (
        "the best beyond the last",
        |d| d["sections"]["progress"]["best"] = 3.into(),
        "best: epoch 3 of 2",
    ),
    (
        "the best before the first",
        |d| d["sections"]["progress"]["best"] = 0.into(),
        "best: epoch 0 of 2",
    ),
    (
        "time below 0",
        |d| d["sections"]["progress"]["seconds"] = (-1.0).into(),
        "negative or not finite",
    ),
    (
        "an epoch's time below 0",
        |d| d["sections"]["progress"]["history"][0]["seconds"] = (-1.0).into(),
        "negative or not finite",
    ),
    (
        "rows below 0",
        |d| d["sections"]["progress"]["sums"]["rows"] = (-4.0).into(),
        "negative or not finite",
    ),
];

#[test]
fn senseless_checkpoints_are_refused() {
    let folder = tempfile::tempdir().unwrap();
    let job = table(folder.path(), "class");
    let place = CheckpointOptions {
        every: Every::Steps(1),
        ..CheckpointOptions::next_to(&folder.path().join("m"))
    };
    let saved = Arc::clone(&place.disk);
    let options = |resume| RunOptions {
        checkpoint: Some(place.clone()),
        resume,
        ..alone()
    };
    job.train(&options(false)).unwrap();
    let newest = files_of(&place.folder).pop().unwrap();
    let mut parts = ModelParts::of(&fs::read(&newest).unwrap());
    // As checkpoints were before there was a file of records.
    let records = fs::read_to_string(place.folder.join("epochs.jsonl")).unwrap();
    let records = records.lines().map(|line| serde_json::from_str::<Value>(line).unwrap());
    let progress = &mut parts.document["sections"]["progress"];
    progress["history"] = records.collect();
    progress.as_object_mut().unwrap().remove("log").unwrap();
    assert_refused(&parts, OF_A_CHECKPOINT, |bytes| {
        files::write(&*saved, &newest, bytes)?;
        Progress::load(&newest).map(|_| ())
    });
    // The file that is left says something senseless: nothing is resumed from it.
    files_of(&place.folder)
        .into_iter()
        .filter(|file| *file != newest)
        .for_each(|file| fs::remove_file(file).unwrap());
    assert_eq!(job.train(&options(true)).unwrap_err().kind(), ErrorKind::Data);
}

fn files_of(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut files: Vec<_> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|end| end == "safetensors"))
        .collect();
    files.sort();
    files
}
