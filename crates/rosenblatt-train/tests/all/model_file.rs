//! The model file: what it holds, and what becomes of damaged ones.

use crate::common;

use std::fs;

use common::{Job, alone};
use rosenblatt_data::DataOptions;
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_testkit::ModelParts;
use rosenblatt_train::Model;
use rosenblatt_train::presets::{Overrides, Preset};
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
