//! The run file that explains itself.

use std::collections::BTreeSet;

use rosenblatt_data::DataOptions;
use rosenblatt_nn::entry::Registry;
use rosenblatt_nn::{Entry, Initializer, Layer, Loss, Optimizer, Schedule};
use rosenblatt_train::{EarlyStopping, ModelSpec, Spec, TrainSpec};
use schemars::{JsonSchema, schema_for};
use serde_json::Value;

/// The shortest that explains anything.
const WORDS: usize = 2;

/// `part.key` of all fields.
fn fields<T: JsonSchema>(part: &str) -> Vec<String> {
    let schema = Value::from(schema_for!(T));
    let fields = schema["properties"].as_object().unwrap();
    fields.keys().map(|key| format!("{part}.{key}")).collect()
}

/// Each key of a run file with the comments before it.
fn explained(text: &str) -> Vec<(String, Vec<String>)> {
    let (mut part, mut comments, mut found) = (String::new(), Vec::new(), Vec::new());
    let is_key = |word: &str| {
        word.chars()
            .all(|c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_')
            && !word.is_empty()
    };
    for line in text.lines() {
        let bare = line.strip_prefix("# ").unwrap_or(line);
        match bare.split_once(" =") {
            Some((key, _)) if is_key(key) => found.push((format!("{part}.{key}"), std::mem::take(&mut comments))),
            _ if line.starts_with('#') => comments.push(bare.to_owned()),
            _ if line.starts_with('[') => part = line.trim_matches(['[', ']']).to_owned(),
            _ => {}
        }
    }
    found
}

/// All there is, with every key set.
fn full() -> Spec {
    let text = r#"
        [data]
        source = "a.csv"
        target = "y"
        drop = ["a"]
        columns = { b = "categorical" }
        sample_weight = "w"
        missing = ["-"]
        delimiter = ";"
        valid = "v.csv"
        test = "t.csv"
        [model]
        layers = [{ linear = { out_features = 3 } }, "gelu", { dropout = { p = 0.1 } }, { linear = { out_features = 2 } }]
        [train]
        loss = { cross_entropy = { label_smoothing = 0.1 } }
        class_weight = { yes = 5.0 }
        optimizer = { adamw = { weight_decay = 0.5 } }
        schedule = { warm_up = { steps = 3.0, then = { cosine = { final = 0.5 } } } }
        clip_norm = 1.0
        early_stopping = { patience = 7 }
    "#;
    Spec::from_toml(text).unwrap()
}

#[test]
fn every_key_is_explained_whether_it_is_set_or_not() {
    let all = [
        fields::<DataOptions>("data"),
        fields::<ModelSpec>("model"),
        fields::<TrainSpec>("train"),
    ]
    .concat();
    for spec in [Spec::default(), full()] {
        let text = spec.to_commented_toml(&[]).unwrap();
        assert_eq!(Spec::from_toml(&text).unwrap(), spec, "{text}");
        let explained = explained(&text);
        let keys: BTreeSet<&str> = explained.iter().map(|(key, _)| &**key).collect();
        assert_eq!(keys, all.iter().map(String::as_str).collect(), "{text}");
        assert_eq!(keys.len(), explained.len(), "{text}");
        for (key, comments) in explained {
            let what = &comments[0];
            assert!(!what.is_empty() && !what.starts_with("Takes"), "{key}: {comments:?}");
            let takes = |line: &String| line.starts_with("Takes ") || line.starts_with("Names: ");
            assert!(comments[1..].iter().any(takes), "{key}: {comments:?}");
        }
        assert!(!text.contains("[`") && !text.contains("::"), "{text}");
        assert!(
            text.lines()
                .all(|line| !line.starts_with('#') || line.chars().count() <= 100),
            "{text}"
        );
    }
}

#[test]
fn settings_inside_a_value_are_explained_too() {
    let text = full().to_commented_toml(&[]).unwrap();
    for line in [
        "# `adamw`: Adam with decoupled weight decay",
        "#   `weight_decay`: Weight decay coefficient `λ`",
        "#   `then`: Schedule after the warm-up.",
        "#     `cosine`: ",
        "#       `final`: ",
        "# `patience`: Epochs without improvement before training stops.",
        "#   `p`: Probability of dropping an element, in `[0, 1)`.",
        "# Names: categorical, ",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
    assert_eq!(text.matches("# `linear`: ").count(), 1, "{text}");
}

/// Every setting of every entry, at its place in a run file.
fn every_setting<K: Registry + ?Sized>(put: impl Fn(&mut Spec, Entry<K>)) {
    for entry in K::registry().iter().flat_map(rosenblatt_nn::Registration::examples) {
        let mut spec = Spec::default();
        put(&mut spec, entry.clone());
        let text = spec.to_commented_toml(&[]).unwrap();
        assert_eq!(Spec::from_toml(&text).unwrap(), spec, "{text}");
        let names = text.lines().filter_map(|line| line.strip_prefix("# Names: "));
        let mut names = names.flat_map(|names| names.trim_end_matches('.').split(", "));
        assert!(
            names.any(|name| name == entry.name()) || text.contains(&format!(" {}", entry.name())),
            "{text}"
        );
        for field in entry.fields().keys() {
            let about = format!("`{field}`: ");
            let line = text
                .lines()
                .find_map(|line| line.strip_prefix('#')?.trim_start().strip_prefix(&*about));
            let words = line.unwrap_or_default().split_whitespace().count();
            assert!(
                words >= WORDS,
                "{} {}: `{field}` is not explained\n{text}",
                K::KIND,
                entry.name()
            );
        }
    }
}

#[test]
fn every_setting_of_every_entry_is_explained() {
    every_setting::<dyn Layer>(|spec, layer| spec.model.layers = vec![layer]);
    every_setting::<dyn Initializer>(|spec, init| spec.model.init = init);
    every_setting::<dyn Initializer>(|spec, init| spec.model.bias_init = init);
    every_setting::<dyn Loss>(|spec, loss| spec.train.loss = Some(loss));
    every_setting::<dyn Optimizer>(|spec, optimizer| spec.train.optimizer = optimizer);
    every_setting::<dyn Schedule>(|spec, schedule| spec.train.schedule = schedule);
}

#[test]
fn remarks_stand_with_their_keys() {
    let remarks = [
        ("train.epochs", "Because of this.".to_owned()),
        ("train.epochs", "And of that.".to_owned()),
        ("data.target", "Known.".to_owned()),
    ];
    let mut spec = Spec::default();
    spec.train.early_stopping = Some(EarlyStopping::default());
    let text = spec.to_commented_toml(&remarks).unwrap();
    assert!(
        text.contains("# Because of this.\n# And of that.\nepochs = 10\n"),
        "{text}"
    );
    assert!(text.contains("# Known.\n# target =\n"), "{text}");
    assert_eq!(Spec::from_toml(&text).unwrap(), spec);
}
