//! The model file: what it holds, and what becomes of damaged ones.

use crate::common;

use std::fs;

use common::{Job, alone};
use rosenblatt_data::DataOptions;
use rosenblatt_data::schema::FieldKind;
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_testkit::ModelParts;
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{CheckpointOptions, Model, RunOptions};
use serde_json::{Value, json};

fn small() -> Model {
    Job::new(
        Preset::Plain,
        "iris",
        &Overrides::default().set("hidden", [3]).set("epochs", 1),
    )
    .train(&alone())
    .unwrap()
    .model
}

#[test]
fn what_is_saved_is_what_is_loaded() {
    let model = small();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("iris.safetensors");
    model.save(&path).unwrap();
    let again = Model::load(&path).unwrap();
    assert_eq!(again.to_bytes().unwrap(), model.to_bytes().unwrap());
    assert_eq!(
        again.params().keys().collect::<Vec<_>>(),
        ["layers.0.bias", "layers.0.weight", "layers.2.bias", "layers.2.weight"]
    );
    assert_eq!(*again.params()["layers.0.weight"].shape(), [3, 4]);
    for (name, tensor) in model.params() {
        assert_eq!(
            tensor.to_vec::<f32>().unwrap(),
            again.params()[name].to_vec::<f32>().unwrap(),
            "{name}"
        );
    }
    assert_eq!(again.table().unwrap(), model.table().unwrap());
    assert_eq!(again.metadata(), model.metadata());
    assert_eq!(
        fs::read_dir(folder.path()).unwrap().count(),
        1,
        "nothing is left next to it"
    );
}

#[test]
fn any_flipped_bit_is_noticed() {
    let bytes = small().to_bytes().unwrap();
    for at in 0..bytes.len() {
        let mut damaged = bytes.clone();
        damaged[at] ^= 1 << (at % 8);
        let error = Model::from_bytes(&damaged).err();
        assert!(error.is_some_and(|error| error.kind() == ErrorKind::Data), "byte {at}");
    }
}

#[test]
fn any_cut_and_any_addition_is_noticed() {
    let bytes = small().to_bytes().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cut");
    for length in 0..bytes.len() {
        assert!(Model::from_bytes(&bytes[..length]).is_err(), "{length} bytes");
        if length % 97 < 12 {
            fs::write(&path, &bytes[..length]).unwrap();
            assert_eq!(
                Model::load(&path).unwrap_err().kind(),
                ErrorKind::Data,
                "{length} bytes"
            );
        }
    }
    assert!(Model::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
}

#[test]
fn other_files_are_refused_with_their_name() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("other");
    let huge = [&(1u64 << 62).to_le_bytes()[..], b"{}"].concat();
    for content in [&b""[..], b"a,b,c\n1,2,3\n", &huge, &[0; 64], b"\x02\0\0\0\0\0\0\0{}"] {
        fs::write(&path, content).unwrap();
        let error = Model::load(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data, "{content:?}");
        assert!(error.to_string().starts_with(&path.display().to_string()), "{error}");
    }
    assert_eq!(Model::load(folder.path()).unwrap_err().kind(), ErrorKind::Data);
    assert_eq!(
        Model::load(folder.path().join("missing")).unwrap_err().kind(),
        ErrorKind::Io
    );
}

#[test]
fn a_file_from_the_future_is_not_guessed_at() {
    let mut parts = ModelParts::of(&small().to_bytes().unwrap());
    assert_eq!(parts.document["format"], 2);
    parts.document["format"] = 3.into();
    let error = Model::from_bytes(&parts.to_bytes()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Unsupported);
}

#[test]
fn tensors_must_be_those_of_the_network() {
    let refused = |change: fn(&mut Value)| {
        let mut parts = ModelParts::of(&small().to_bytes().unwrap());
        change(&mut parts.header);
        let error = Model::from_bytes(&parts.to_bytes()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data, "{error}");
        error.message().to_owned()
    };
    let missing = refused(|header| {
        let bias = header["layers.0.bias"].take();
        header.as_object_mut().unwrap().remove("layers.0.bias");
        header["layers.0.offset"] = bias;
    });
    assert_eq!(missing, "there is no tensor `layers.0.bias`");
    let turned = refused(|header| header["layers.0.weight"]["shape"] = json!([4, 3]));
    assert_eq!(
        turned,
        "`layers.0.weight` is f32 [4, 3], but the network needs f32 [3, 4]"
    );
    let mut model = small();
    let nan = Tensor::from_vec(vec![0.0, f32::NAN, 0.0], &[3]).unwrap();
    model.set_params(&[("layers.0.bias".to_owned(), nan)].into()).unwrap();
    assert_eq!(model.to_bytes().unwrap_err().kind(), ErrorKind::NotFinite);
}

#[test]
fn the_place_of_the_data_leaves_no_trace() {
    let train = |name: &str| {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join(name);
        let row = |i: usize| {
            format!(
                "{},{},{}\n",
                i % 7,
                (i * i) % 11,
                if i.is_multiple_of(3) { "yes" } else { "no" }
            )
        };
        fs::write(&path, "a,b,answer\n".to_owned() + &(0..60).map(row).collect::<String>()).unwrap();
        let options = DataOptions {
            valid: Some(path.clone()),
            ..DataOptions::new(path.to_str().unwrap())
        };
        let overrides = Overrides::default().set("epochs", 2);
        let job = Job::on(Preset::Plain, &options.target("answer"), &overrides);
        job.train(&alone()).unwrap().model.to_bytes().unwrap()
    };
    let (one, other) = (train("one.csv"), train("other.csv"));
    assert!(one == other);
    assert!(!String::from_utf8_lossy(&one).contains("one.csv"));
}

/// What would not fit into the header of a file is refused before the first step, with the column to leave out.
#[test]
fn columns_that_no_file_could_hold_are_refused_before_training() {
    let long = |length: usize| "x".repeat(length);
    for (column, levels) in [
        ("kind", vec![long(99_000_001)]),
        ("class", vec![long(50_000_000), long(50_000_000)]),
    ] {
        let mut job = with_a_category();
        let schema = &mut job.data.schema;
        let field = match column {
            "class" => &mut schema.target,
            _ => schema.columns.iter_mut().find(|field| field.name == column).unwrap(),
        };
        field.kind = FieldKind::Categorical { levels };
        let folder = tempfile::tempdir().unwrap();
        let options = RunOptions {
            checkpoint: Some(CheckpointOptions::next_to(&folder.path().join("m"))),
            ..alone()
        };
        let error = job.train(&options).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Unsupported, "{error}");
        assert!(
            error.to_string().contains(&format!("`{column}` alone takes ")),
            "{error}"
        );
        let hint = error.hint_text().unwrap();
        match column {
            "class" => assert!(hint.contains("classes"), "{hint}"),
            _ => assert!(
                hint.starts_with("`data.drop = [\"kind\"]`") || hint.contains("data.drop"),
                "{hint}"
            ),
        }
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 0, "nothing was trained");
    }
}

/// A table with a column of categories.
fn with_a_category() -> Job {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    let row = |i: usize| {
        format!(
            "{}.5,{},{}\n",
            i * i % 17,
            ["red", "blue"][i % 2],
            ["no", "yes"][i % 3 / 2]
        )
    };
    fs::write(
        &path,
        "a,kind,class\n".to_owned() + &(0..40).map(row).collect::<String>(),
    )
    .unwrap();
    let options = DataOptions::new(path.to_str().unwrap()).target("class");
    Job::on(Preset::Plain, &options, &Overrides::default().set("epochs", 1))
}

/// What a header claims is compared with the length of the file before anything else of it is read.
#[test]
fn a_file_of_another_length_than_its_header_says_is_refused() {
    let bytes = small().to_bytes().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("m");
    for length in [9, 100, bytes.len() - 1, bytes.len() + 1, 2 * bytes.len(), 10 << 30] {
        fs::write(&path, &bytes).unwrap();
        fs::File::options()
            .write(true)
            .open(&path)
            .unwrap()
            .set_len(length as u64)
            .unwrap();
        let error = Model::load(&path).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data, "{error}");
        let text = error.to_string();
        assert!(text.contains("damaged"), "{text}");
    }
}

#[test]
fn versions_of_the_format_that_there_are_not() {
    let parts = ModelParts::of(&small().to_bytes().unwrap());
    for (format, words, hint) in [
        (json!(0), "version 0, and the first version is 1", None),
        (
            json!(3),
            "version 3, and this library reads up to 2",
            Some("use a newer version of the library"),
        ),
        (
            json!(u64::MAX),
            "reads up to 2",
            Some("use a newer version of the library"),
        ),
        (json!(-1), "invalid value", None),
        (json!(null), "it does not say the version", None),
    ] {
        let mut document = parts.document.clone();
        document["format"] = format;
        let error = Model::from_bytes(&parts.with_document(&document.to_string())).unwrap_err();
        assert!(error.to_string().contains(words), "{error}");
        assert_eq!(error.hint_text(), hint);
    }
}
