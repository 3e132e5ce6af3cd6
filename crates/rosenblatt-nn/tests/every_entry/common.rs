//! What all registries have in common, and graphs of f64 values.

use rosenblatt_autodiff::{Graph, Var};
use rosenblatt_nn::{Entry, Registration, Registry};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_testkit::{assert_close, rust_files};
use serde_json::{Value, json};

/// Files of the folder are registered, names are in order, and every entry keeps the laws of plain data.
pub fn registry_laws<K: Registry + ?Sized>(folder: &str, helpers: &[&str]) {
    let names: Vec<&str> = K::registry().iter().map(|registration| registration.name).collect();
    assert!(names.is_sorted(), "keep the registry in alphabetical order: {names:?}");
    for file in rust_files(folder) {
        let known = names.contains(&file.as_str()) || helpers.contains(&file.as_str());
        assert!(known, "{folder}/{file}.rs is not in the registry");
    }
    let aliases = K::registry().iter().flat_map(|registration| registration.aliases);
    let mut all: Vec<&str> = aliases.copied().chain(names).collect();
    let count = all.len();
    all.sort_unstable();
    all.dedup();
    assert_eq!(all.len(), count, "an alias is a name, or twice: {all:?}");
    for registration in K::registry() {
        println!("{} {}", K::KIND, registration.name);
        let examples = registration.examples();
        assert!(!examples.is_empty(), "there is nothing to test");
        examples.iter().for_each(survives_writing_and_reading);
        refuses_unknown_settings::<K>(registration.name, &examples[0]);
        is_found_by_its_aliases(registration, &examples);
        if registration.has_defaults() {
            let plain = Entry::<K>::named(registration.name).unwrap();
            assert_eq!(plain, Entry::from_json(&json!({ registration.name: {} })).unwrap());
            assert_eq!(plain, Entry::parse(registration.name).unwrap());
        }
    }
    println!("cases: entries of the registry {} {}", K::KIND, K::registry().len());
}

fn survives_writing_and_reading<K: Registry + ?Sized>(entry: &Entry<K>) {
    entry.validate().unwrap();
    let json = serde_json::to_string(entry).unwrap();
    assert_eq!(&serde_json::from_str::<Entry<K>>(&json).unwrap(), entry, "{json}");
    assert_eq!(&Entry::<K>::from_json(&entry.to_json().unwrap()).unwrap(), entry);
    let toml = toml::to_string(&json!({ "entry": entry })).unwrap();
    let back: std::collections::BTreeMap<String, Entry<K>> = toml::from_str(&toml).unwrap();
    assert_eq!(&back["entry"], entry, "{toml}");
    if entry
        .fields()
        .values()
        .all(|value| !value.is_array() && !value.is_object())
    {
        assert_eq!(&Entry::<K>::parse(&entry.to_string()).unwrap(), entry, "{entry}");
    }
}

/// Wherever a name is read; what is written is the name.
fn is_found_by_its_aliases<K: Registry + ?Sized>(registration: &Registration<K>, examples: &[Entry<K>]) {
    for (alias, example) in registration
        .aliases
        .iter()
        .flat_map(|alias| examples.iter().map(move |e| (alias, e)))
    {
        let fields = example.fields();
        assert_eq!(&Entry::<K>::make(alias, fields.clone()).unwrap(), example);
        assert_eq!(&Entry::<K>::from_json(&json!({ *alias: fields })).unwrap(), example);
        let written = example.to_string().replacen(registration.name, alias, 1);
        assert_eq!(&Entry::<K>::parse(&written).unwrap(), example);
        assert_eq!(example.name(), registration.name);
        let near = Entry::<K>::named(&format!("{alias}x")).unwrap_err();
        assert_eq!(near.hint_text().unwrap(), format!("did you mean `{alias}`?"));
    }
    if let Some(alias) = registration.aliases.iter().find(|_| registration.has_defaults()) {
        assert_eq!(
            Entry::<K>::named(alias).unwrap(),
            Entry::named(registration.name).unwrap()
        );
        let read: Entry<K> = serde_json::from_value(Value::from(*alias)).unwrap();
        assert_eq!(serde_json::to_value(&read).unwrap(), read.to_json().unwrap());
    }
}

fn refuses_unknown_settings<K: Registry + ?Sized>(name: &str, example: &Entry<K>) {
    let with = |field: &str| {
        let mut fields = example.fields();
        fields.insert(field.to_owned(), Value::from(1));
        Entry::<K>::make(name, fields).unwrap_err()
    };
    let error = with("no_such_setting");
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(error.to_string(), format!("{name}: unknown setting `no_such_setting`"));
    for field in example.fields().keys() {
        let error = with(&format!("{field}x"));
        assert!(error.hint_text().unwrap().contains(&format!("`{field}`")), "{error:?}");
    }
}

/// Repeatable numbers in `[−1, 1)`.
pub fn random(name: &str, shape: &[usize]) -> Tensor {
    let mut values = vec![0.0; shape.iter().product()];
    Rng::new(1).purpose(name).fill_uniform(0, &mut values);
    Tensor::from_vec(values.into_iter().map(|u: f64| 2.0 * u - 1.0).collect(), shape).unwrap()
}

/// Compares the gradients of a scalar function of tensors with central differences.
///
/// `f` puts the function on a graph; it must be smooth at `at`.
pub fn check_gradients(at: &[Tensor], f: impl for<'g> Fn(&'g Graph, &[Var<'g>]) -> Var<'g>) {
    let value = |at: &[Tensor]| {
        let graph = Graph::dynamic();
        let x: Vec<_> = at.iter().map(|x| graph.constant(x.clone())).collect();
        f(&graph, &x).value().unwrap().item().unwrap()
    };
    let graph = Graph::dynamic();
    let x: Vec<_> = at.iter().map(|x| graph.constant(x.clone())).collect();
    let gradients = rosenblatt_autodiff::reverse::gradients(f(&graph, &x), &x);
    for (i, gradient) in gradients.iter().enumerate() {
        let gradient = gradient.value().unwrap();
        assert_eq!(gradient.shape(), at[i].shape());
        let numeric: Vec<f64> = (0..at[i].elements())
            .map(|element| {
                let moved = |by: f64| {
                    let mut values = at[i].to_f64();
                    values[element] += by;
                    let mut at = at.to_vec();
                    at[i] = Tensor::from_vec(values, at[i].shape()).unwrap();
                    value(&at)
                };
                (moved(STEP) - moved(-STEP)) / (2.0 * STEP)
            })
            .collect();
        assert_close(gradient.to_f64(), numeric, 1e-7);
    }
}

const STEP: f64 = 1e-5;

/// A tensor of a fixture.
pub fn tensor(json: &Value) -> Tensor {
    let shape: Vec<usize> = serde_json::from_value(json["shape"].clone()).unwrap();
    if json["dtype"] == "i64" {
        return Tensor::from_vec::<i64>(serde_json::from_value(json["data"].clone()).unwrap(), &shape).unwrap();
    }
    Tensor::from_vec::<f64>(serde_json::from_value(json["data"].clone()).unwrap(), &shape).unwrap()
}
