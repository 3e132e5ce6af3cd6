//! Settings are declared once: every descriptor is complete, a setting has one name, and its origin is known.

use std::collections::BTreeSet;
use std::path::Path;

use rosenblatt_data::{ColumnKind, DataOptions, load};
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::settings::{Assignment, Descriptor, Origin, descriptors};
use rosenblatt_train::{RunFile, Spec};
use serde_json::json;

#[test]
fn every_setting_is_described_and_named_once() {
    let mut names = BTreeSet::new();
    for setting in descriptors() {
        assert!(
            setting.doc.len() > 5 && setting.doc.len() < 130,
            "{}: {}",
            setting.key,
            setting.doc
        );
        assert!(
            ["Data", "Model", "Training"].contains(&&*setting.group),
            "{}",
            setting.key
        );
        assert!(names.insert(&setting.key), "{} is declared twice", setting.key);
        let flags = setting.flag.iter().chain(&setting.long_flag);
        for flag in flags
            .cloned()
            .chain(setting.earlier_flags().into_iter().filter(|_| setting.flag.is_some()))
        {
            let owner = descriptors().iter().filter(|other| {
                let earlier = other.flag.as_ref().map(|_| other.earlier_flags()).unwrap_or_default();
                other.flag.as_ref() == Some(&flag) || other.long_flag.as_ref() == Some(&flag) || earlier.contains(&flag)
            });
            assert_eq!(owner.count(), 1, "--{flag}");
        }
    }
}

#[test]
fn a_default_is_that_of_the_spec() {
    for setting in descriptors().iter().filter(|setting| !setting.is_shorthand()) {
        if let Some(default) = &setting.default {
            let given = Assignment::new(&setting.key, default.clone(), Origin::Argument);
            assert_eq!(Spec::default().set(&given).unwrap(), Spec::default(), "{}", setting.key);
        }
    }
    let of = |key: &str| Descriptor::find(key).unwrap().default.clone();
    assert_eq!(
        (of("train.epochs"), of("data.numeric_scale")),
        (Some(json!(10)), Some(json!("standardize")))
    );
}

#[test]
fn an_optimizer_has_its_usual_learning_rate_unless_one_is_given() {
    let options = DataOptions::new("iris");
    let data = load(&options, 0).unwrap();
    for (preset, overrides, rate) in [
        (Preset::Plain, Overrides::default(), 1e-3),
        (Preset::Auto, Overrides::default(), 1e-3),
        (Preset::Plain, Overrides::default().set("optimizer", "lion"), 1e-4),
        (
            Preset::Auto,
            Overrides::default().set("optimizer", "adadelta:rho=0.5"),
            1.0,
        ),
        (
            Preset::Auto,
            Overrides::default().set("lr", 0.5).set("optimizer", "lion"),
            0.5,
        ),
    ] {
        let chosen = preset.spec(&options, &overrides, &data).unwrap();
        assert_eq!(chosen.spec.train.learning_rate, rate, "{overrides:?}");
        let reasons = chosen.choices.iter().filter(|choice| choice.key == "lr");
        assert!(reasons.clone().count() < 2);
        let usual = reasons.filter(|choice| choice.reason.starts_with("the usual one of `"));
        assert_eq!(usual.count(), usize::from([1e-4, 1.0].contains(&rate)));
    }
}

#[test]
fn numbers_are_held_against_the_declared_ranges() {
    for (wrong, words) in [
        (
            "train.epochs=0",
            "train.epochs: expected a whole number of at least 1, got `0`",
        ),
        (
            "train.learning_rate=0",
            "train.learning_rate: expected a number above 0, got `0`",
        ),
        (
            "train.clip_norm=-1",
            "train.clip_norm: expected a number above 0, got `-1`",
        ),
        (
            "data.valid_fraction=1",
            "data.valid_fraction: expected a number between 0 and 1, got `1`",
        ),
        (
            "train.early_stopping.patience=0",
            "train.early_stopping.patience: expected a whole number of at least 1, got `0`",
        ),
    ] {
        assert_eq!(Spec::default().with(wrong).unwrap_err().to_string(), words);
    }
    let mut spec = Spec::default();
    spec.train.learning_rate = f64::NAN;
    let error = spec.check().unwrap_err().to_string();
    assert!(
        error.starts_with("train.learning_rate: expected a number above 0"),
        "{error}"
    );
}

/// JSON has no NaN: it must not become a setting that is left out.
#[test]
fn a_value_of_the_wrong_type_is_named() {
    let error = |name: &str, value: serde_json::Value| {
        let error = Overrides::default().set(name, value).over(&Spec::default());
        error.unwrap_err().to_string()
    };
    for name in ["clip_norm", "learning_rate", "dropout", "weight_decay"] {
        assert!(
            error(name, json!(f64::NAN)).ends_with("expected a finite number"),
            "{name}"
        );
    }
    assert_eq!(
        error("hidden", json!("wide")),
        "hidden: expected numbers above 0 such as `256,128`, or `none`, got `wide`"
    );
    assert_eq!(
        error("patience", json!(1.5)),
        "patience: expected a whole number of at least 0, got `1.5`"
    );
    assert_eq!(
        error("norm", json!("group")),
        "norm: expected `layer`, `batch` or `rms`, got `group`"
    );
    assert_eq!(error("epochz", json!(1)), "unknown setting `epochz`");
}

#[test]
fn a_column_with_a_dot_in_its_name_can_be_set() {
    let spec = Spec::default().with(r#"data.columns."a.b"=categorical"#).unwrap();
    assert_eq!(spec.data.columns["a.b"], ColumnKind::Categorical);
    let spec = spec.with("data . columns . 'x=\"y\".z' = date").unwrap();
    assert_eq!(spec.data.columns["x=\"y\".z"], ColumnKind::Date);
    assert!("data.columns.\"a=1".parse::<Assignment>().is_err());
}

#[test]
fn earlier_spellings_are_read_and_named() {
    let text = "[data]\nmost_one_hot = 5\nnumeric = 'standardise'\n";
    let file = RunFile::from_bytes(text.as_bytes()).unwrap();
    assert_eq!(file.spec.data.max_one_hot, Some(5));
    let pair = |earlier: &str, present: &str| (earlier.to_owned(), present.to_owned());
    assert_eq!(file.keys, ["data.max_one_hot", "data.numeric_scale"]);
    assert_eq!(
        file.renamed,
        [
            pair("most_one_hot", "max_one_hot"),
            pair("numeric", "numeric_scale"),
            pair("standardise", "standardize")
        ]
    );
    let set: Assignment = "data.most_one_hot=7".parse().unwrap();
    assert_eq!(
        (set.key().as_str(), set.earlier()),
        ("data.max_one_hot", Some(("most_one_hot", "max_one_hot")))
    );
    assert_eq!(Spec::default().set(&set).unwrap().data.max_one_hot, Some(7));
    // A setting that has two values has no value.
    let twice = RunFile::from_bytes(b"[data]\nmost_one_hot = 5\nmax_one_hot = 6\n").unwrap_err();
    assert!(twice.to_string().contains("most_one_hot"), "{twice}");
}

/// The value of every setting, whoever gave it: the last that did.
#[test]
fn the_origin_of_every_value_is_known() {
    let file = RunFile::from_bytes(b"[train]\nepochs = 7\nseed = 3\n[data]\nsource = 'iris'\n").unwrap();
    let overrides = Overrides::default()
        .with(Assignment::new(
            "train.learning_rate",
            json!(0.5),
            Origin::Flag("--lr".to_owned()),
        ))
        .with(Assignment::new(
            "train.warmup",
            json!(3),
            Origin::Flag("--warmup".to_owned()),
        ))
        .with("train.seed=5".parse().unwrap())
        .set("batch_size", 8);
    let spec = overrides.over(&file.spec).unwrap();
    let origins = overrides.origins(&spec, Some((&file, Path::new("run.toml"))), &[]);
    let keys = descriptors().iter().filter(|setting| !setting.is_shorthand()).count();
    assert_eq!(origins.len(), keys);
    let of = |key: &str| {
        let found = origins.iter().find(|one| one.key == key).unwrap();
        (found.value.clone(), found.origin.clone())
    };
    assert_eq!(of("train.learning_rate"), (json!(0.5), Origin::Flag("--lr".to_owned())));
    assert_eq!(of("train.schedule").1, Origin::Flag("--warmup".to_owned()));
    assert_eq!(of("train.seed"), (json!(5), Origin::Set("key".to_owned())));
    assert_eq!(of("train.batch_size"), (json!(8), Origin::Argument));
    assert_eq!(of("train.epochs"), (json!(7), Origin::RunFile("run.toml".into())));
    assert_eq!(of("train.clip_norm"), (json!(null), Origin::Default));

    let options = Preset::Auto.data(&DataOptions::new("iris"));
    let data = load(&options, 0).unwrap();
    let chosen = Preset::Auto.spec(&options, &Overrides::default(), &data).unwrap();
    let origins = Overrides::default().origins(&chosen.spec, None, &chosen.choices);
    for key in [
        "model.layers",
        "train.optimizer",
        "train.epochs",
        "train.early_stopping",
    ] {
        let found = origins.iter().find(|one| one.key == key).unwrap();
        assert!(
            matches!(&found.origin, Origin::Preset { reason } if !reason.is_empty()),
            "{found:?}"
        );
    }
}

#[test]
fn a_key_set_by_itself_goes_over_calls_in_any_order() {
    let overrides = Overrides::default()
        .with("train.epochs=1".parse().unwrap())
        .set("epochs", 5);
    assert_eq!(overrides.over(&Spec::default()).unwrap().train.epochs, 1);
    assert_eq!(overrides.value::<usize>("train.epochs"), Some(1));
}

#[test]
fn parts_of_a_key_with_dots_are_quoted() {
    let parts = |key| Assignment::new(key, json!(1), Origin::Argument).path().join("|");
    assert_eq!(parts("data . columns.\"a.b\""), "data|columns|a.b");
    assert_eq!(parts("a.'x = \"y\".z'"), "a|x = \"y\".z");
    assert_eq!(parts("a."), "a|");
    assert_eq!(parts(""), "");
    // A quote that does not end is a part of the name.
    assert_eq!(parts("a.\"b"), "a.\"b");
}
