//! The run file.

use rosenblatt_nn::entry::Registry;
use rosenblatt_nn::{Entry, Initializer, Layer, Loss, Optimizer, Schedule};
use rosenblatt_tensor::ErrorKind;
use rosenblatt_train::presets::Overrides;
use rosenblatt_train::{EarlyStopping, Spec};

/// As written by hand.
const ADULT: &str = r#"
[data]
source = "adult.csv"
target = "income"
drop = ["fnlwgt"]
valid_fraction = 0.2

[data.columns]
education_num = "numeric"
zip = "categorical"

[model]
layers = [
  { linear = { out_features = 256 } },
  "gelu",
  { dropout = { p = 0.1 } },
  { linear = { out_features = 128 } },
  { leaky_relu = { slope = 0.01 } },
]

[train]
loss = "cross_entropy"
class_weight = { ">50K" = 2 }
optimizer = { adamw = { weight_decay = 0.01 } }
schedule = { cosine = { warmup = 0.05 } }
learning_rate = 1e-3
epochs = 50
batch_size = 256
early_stopping = { patience = 10 }
seed = 0
"#;

#[test]
fn a_run_file_is_read_as_it_looks() {
    let spec = Spec::from_toml(ADULT).unwrap();
    let names: Vec<_> = spec.model.layers.iter().map(ToString::to_string).collect();
    assert_eq!(names[0], "linear:bias=true,out_features=256");
    assert_eq!(&names[1..3], ["gelu", "dropout:0.1"]);
    assert_eq!(spec.data.columns.len(), 2);
    assert_eq!(spec.train.early_stopping, Some(EarlyStopping::default()));
    assert_eq!(spec.train.schedule, "cosine:warmup=0.05,final=0".parse().unwrap());
}

#[test]
fn text_and_json_give_back_the_same_spec() {
    for spec in [Spec::from_toml(ADULT).unwrap(), Spec::default()] {
        assert_eq!(Spec::from_toml(&spec.to_toml().unwrap()).unwrap(), spec);
        assert_eq!(Spec::from_json(&spec.to_json().unwrap()).unwrap(), spec);
    }
}

#[test]
fn every_entry_survives_the_run_file() {
    fn all<K: Registry + ?Sized>() -> Vec<Entry<K>> {
        K::registry()
            .iter()
            .flat_map(rosenblatt_nn::Registration::examples)
            .collect()
    }
    let mut spec = Spec::default();
    spec.model.layers = all::<dyn Layer>();
    let same = |spec: &Spec| {
        assert_eq!(Spec::from_toml(&spec.to_toml().unwrap()).unwrap(), *spec);
        assert_eq!(Spec::from_json(&spec.to_json().unwrap()).unwrap(), *spec);
    };
    same(&spec);
    for optimizer in all::<dyn Optimizer>() {
        spec.train.optimizer = optimizer;
        same(&spec);
    }
    for schedule in all::<dyn Schedule>() {
        spec.train.schedule = schedule;
        same(&spec);
    }
    for loss in all::<dyn Loss>() {
        spec.train.loss = Some(loss);
        same(&spec);
    }
    for init in all::<dyn Initializer>() {
        (spec.model.init, spec.model.bias_init) = (init.clone(), init);
        same(&spec);
    }
}

/// What is wrong, and the hint if there is one.
fn error(toml: &str) -> (String, String) {
    let error = Spec::from_toml(toml).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config, "{toml}");
    (error.to_string(), error.hint_text().unwrap_or_default().to_owned())
}

#[test]
fn what_does_not_exist_is_refused_with_its_place_and_the_nearest_name() {
    let hint = |name: &str| format!("did you mean `{name}`?");
    assert_eq!(
        error("[trian]\nepochs = 3"),
        ("unknown key `trian`".to_owned(), hint("train"))
    );
    assert_eq!(
        error("[train]\nlearning_rat = 3"),
        ("train: unknown key `learning_rat`".to_owned(), hint("learning_rate"))
    );
    assert_eq!(
        error("[data]\ntargets = 'x'"),
        ("data: unknown key `targets`".to_owned(), hint("target"))
    );
    let (message, layer) = error("[model]\nlayers = ['relu', 'rleu']");
    assert_eq!(
        (message.as_str(), layer),
        ("model: layers: 1: unknown layer `rleu`", hint("relu"))
    );
    let (message, _) = error("[model]\nlayers = [{ dropout = { q = 0.1 } }]");
    assert!(
        message.starts_with("model: layers: 0: dropout: unknown setting `q`"),
        "{message}"
    );
    let (message, _) = error("[train]\noptimizer = { adam = { beta = 0.1 } }");
    assert!(
        message.starts_with("train: optimizer:") && message.contains("`beta`"),
        "{message}"
    );
    let (message, _) = error("[train]\nearly_stopping = { patients = 3 }");
    assert!(
        message.starts_with("train: early_stopping:") && message.contains("`patience`"),
        "{message}"
    );
}

#[test]
fn what_is_out_of_range_is_refused_with_its_key() {
    for (text, start) in [
        (
            "[train]\nepochs = 0",
            "train.epochs: expected a whole number of at least 1, got `0`",
        ),
        ("[train]\nepochs = -1", "train: epochs: "),
        ("[train]\nepochs = 'many'", "train: epochs: "),
        (
            "[train]\nbatch_size = 0",
            "train.batch_size: expected a whole number of at least 1, got `0`",
        ),
        (
            "[train]\nlearning_rate = 0",
            "train.learning_rate: expected a number above 0, got `0`",
        ),
        (
            "[train]\nlearning_rate = nan",
            "train.learning_rate: expected a finite number",
        ),
        (
            "[train]\nlearning_rate = inf",
            "train.learning_rate: expected a finite number",
        ),
        ("[train]\nclip_norm = -1.0", "train.clip_norm: "),
        (
            "[train]\nearly_stopping = { patience = 0 }",
            "train.early_stopping.patience: ",
        ),
        (
            "[model]\nlayers = [{ linear = { out_features = 0 } }]",
            "model: layers: 0: ",
        ),
        ("[model]\nlayers = 3", "model: layers: "),
        ("train = 3", "train: expected a table, got 3"),
        (
            "[data]\ntarget = 2020-01-01",
            "data: target: expected a string, got `2020-01-01`",
        ),
        ("[train", "TOML parse error at line 1"),
    ] {
        let (message, _) = error(text);
        assert!(message.starts_with(start), "{text}\n{message}");
    }
    assert!(Spec::from_json(&serde_json::json!([1])).is_err());
}

#[test]
fn single_keys_are_set() {
    let spec = Spec::from_toml(ADULT).unwrap();
    let set = |assignment: &str| spec.with(assignment).unwrap();
    assert_eq!(set("train.epochs=20").train.epochs, 20);
    assert_eq!(set("data.source = other.csv").data.source, "other.csv");
    assert_eq!(set("data.drop=['a', 'b']").data.drop, ["a", "b"]);
    assert_eq!(set("data.target=2020-01-01").data.target.as_deref(), Some("2020-01-01"));
    assert_eq!(
        set("model.layers.2.dropout.p=0.5").model.layers[2].to_string(),
        "dropout:0.5"
    );
    assert_eq!(
        set("train.optimizer.adamw.eps=1e-6").train.optimizer.fields()["eps"],
        1e-6
    );
    assert_eq!(set("train.clip_norm=2").train.clip_norm, Some(2.0));
    assert_eq!(
        set("train.optimizer={ sgd = { momentum = 0.9 } }")
            .train
            .optimizer
            .name(),
        "sgd"
    );
    for wrong in [
        "train.epochs",
        "train.epoch=3",
        "trian.epochs=3",
        "model.layers.9=relu",
        "train.epochs.x=3",
    ] {
        assert_eq!(spec.with(wrong).unwrap_err().kind(), ErrorKind::Config, "{wrong}");
    }
}

#[test]
fn overrides_go_over_a_run_file() {
    let spec = Spec::from_toml(ADULT).unwrap();
    let overrides = Overrides::default()
        .set("hidden", [8])
        .set("weight_decay", 0.5)
        .set("warmup", 0.1);
    let over = overrides.over(&spec).unwrap();
    assert_eq!(
        over.model.layers.iter().map(|layer| layer.name()).collect::<Vec<_>>(),
        ["linear", "relu"]
    );
    assert_eq!(over.train.optimizer.fields()["weight_decay"], 0.5);
    assert_eq!(over.train.schedule.fields()["warmup"], 0.1);
    assert_eq!(over.train.epochs, 50);
    assert_eq!(Overrides::default().over(&spec).unwrap(), spec);
    let no_stop = overrides.set("early_stopping", 0).set("schedule", "constant");
    let over = no_stop.over(&spec).unwrap();
    assert_eq!(over.train.early_stopping, None);
    assert_eq!(over.train.schedule.name(), "warm_up");
    let dropout = Overrides::default().set("dropout", 0.5);
    assert!(
        dropout
            .over(&spec)
            .unwrap_err()
            .hint_text()
            .unwrap()
            .contains("model.hidden = 64")
    );
    let wrong = Overrides::default().set("epochs", 0);
    assert_eq!(wrong.over(&spec).unwrap_err().kind(), ErrorKind::Config);
}

/// JSON has no word for them: they would be taken for keys that are left out.
#[test]
fn numbers_that_are_not_finite_are_no_way_to_leave_a_key_out() {
    for (setting, words) in [
        ("data.valid_fraction=nan", "a number between 0 and 1, got `nan`"),
        ("train.clip_norm=inf", "a number above 0, got `inf`"),
        (
            "train.class_weight={ yes = nan }",
            "train.class_weight.yes: expected a finite number",
        ),
    ] {
        let error = Spec::default().with(setting).unwrap_err().to_string();
        assert!(error.contains(words), "{setting}: {error}");
    }
    assert_eq!(
        Spec::default().with("data.target=inf").unwrap().data.target.as_deref(),
        Some("inf")
    );
    for (text, place) in [
        ("[train]\nclip_norm = nan", "train.clip_norm"),
        ("[data]\nvalid_fraction = -inf", "data.valid_fraction"),
        (
            "[model]\nlayers = [{ dropout = { p = nan } }]",
            "model.layers.0.dropout.p",
        ),
    ] {
        let error = Spec::from_toml(text).unwrap_err().to_string();
        assert_eq!(error, format!("{place}: expected a finite number"));
    }
}

/// Names with line ends are written on one line, and read as they were.
#[test]
fn texts_of_several_lines_stay_on_one() {
    let mut spec = Spec::default();
    let name = |name: &str| format!("{name}\n\"\"\"x\\ \u{7f}\u{1b}\r\ttarget = 1");
    spec.data.source = name("data");
    spec.data.target = Some(name("y"));
    spec.data.drop = vec![name("a"), "b".to_owned()];
    spec.data.columns = [(name("c"), rosenblatt_data::ColumnKind::Date)].into();
    let text = spec.to_toml().unwrap();
    assert!(!text.lines().any(|line| line.starts_with("target = 1")), "{text}");
    assert_eq!(Spec::from_toml(&text).unwrap(), spec);
}
