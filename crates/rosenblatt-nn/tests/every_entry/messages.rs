//! What people read when an entry is wrong.

use rosenblatt_nn::layers::{LeakyRelu, Linear, Sequential};
use rosenblatt_nn::{Entry, Initializer, Layer, Optimizer};
use serde::Deserialize;
use serde_json::json;

fn layer(json: serde_json::Value) -> (String, String) {
    let error = Entry::<dyn Layer>::from_json(&json).unwrap_err();
    (error.to_string(), error.hint_text().unwrap_or_default().to_owned())
}

#[test]
fn names_and_settings_are_corrected() {
    for (json, message, hint) in [
        (json!("gelo"), "unknown layer `gelo`", "did you mean `gelu`?"),
        (
            json!({ "droput": { "p": 0.1 } }),
            "unknown layer `droput`",
            "did you mean `dropout`?",
        ),
        // Of an alias.
        (
            json!("logistik"),
            "unknown layer `logistik`",
            "did you mean `logistic`?",
        ),
        (
            json!({ "leaky_relu": { "slop": 0.1 } }),
            "leaky_relu: unknown setting `slop`",
            "did you mean `slope`?",
        ),
        (
            json!({ "elu": { "alpha": "big" } }),
            "elu: invalid type: string \"big\", expected f64",
            "",
        ),
        (
            json!({ "swish": { "beta": null } }),
            "swish: invalid type: null, expected f64",
            "",
        ),
        (
            json!({ "maxout": { "pieces": 0 } }),
            "maxout: expected `pieces` to be at least 1, got 0",
            "",
        ),
        (
            json!({ "dropout": { "q": 0.1 } }),
            "dropout: unknown setting `q`",
            "did you mean `p`?",
        ),
        (
            json!({ "gelu": { "slope": 1 } }),
            "gelu: unknown setting `slope`",
            "there is nothing to set",
        ),
        (
            json!({ "linear": { "out_feature": 3 } }),
            "linear: unknown setting `out_feature`",
            "did you mean `out_features`?",
        ),
        (json!("linear"), "linear: missing field `out_features`", ""),
        (
            json!({ "dropout": { "p": 1.0 } }),
            "dropout: expected `p` in [0, 1), got 1",
            "",
        ),
        (
            json!({ "linear": { "out_features": 0 } }),
            "linear: expected `out_features` to be at least 1, got 0",
            "",
        ),
        (
            json!({ "relu": {}, "gelu": {} }),
            "expected one layer, got `gelu` and `relu`",
            "",
        ),
        (json!({}), "expected one layer, got an empty table", ""),
        (json!(3), "expected the name of a layer, got 3", ""),
        (
            json!({ "dropout": 0.5 }),
            "dropout: expected a table of settings, got 0.5",
            "write `dropout = { … }`, or the name alone for its defaults",
        ),
    ] {
        assert_eq!(layer(json.clone()), (message.to_owned(), hint.to_owned()), "{json}");
    }
}

#[test]
fn a_wrong_type_names_setting_and_type() {
    let (message, _) = layer(json!({ "linear": { "out_features": -3 } }));
    assert!(
        message.starts_with("linear: invalid value: integer `-3`, expected usize"),
        "{message}"
    );
}

#[derive(Debug, Deserialize)]
struct Model {
    layers: Vec<Entry<dyn Layer>>,
}

#[test]
fn a_run_file_reads_as_the_conventions_write_it() {
    let text = r#"
        layers = [
          { linear = { out_features = 256 } },
          "gelu",
          { dropout = { p = 0.1 } },
          { leaky_relu = { slope = 0.01 } },
        ]"#;
    let Model { layers } = toml::from_str(text).unwrap();
    let names: Vec<&str> = layers.iter().map(|layer| layer.name()).collect();
    assert_eq!(names, ["linear", "gelu", "dropout", "leaky_relu"]);
    assert_eq!(layers[0], Linear::new(256).into());
}

#[test]
fn a_run_file_says_where_and_what() {
    let error = toml::from_str::<Model>("layers = [\n  \"gelu\",\n  \"reluu\",\n]\n")
        .unwrap_err()
        .to_string();
    assert!(error.contains("unknown layer `reluu`; did you mean `relu`?"), "{error}");
    assert!(error.contains("line 3"), "{error}");
    let error = toml::from_str::<Model>("layers = [{ linear = { out_features = 3, bais = true } }]").unwrap_err();
    assert!(
        error
            .to_string()
            .contains("linear: unknown setting `bais`; did you mean `bias`?"),
        "{error}"
    );
}

#[test]
fn mistakes_inside_layers_are_found() {
    let nested = json!({ "sequential": { "layers": ["relu", { "dropout": { "p": 2.0 } }] } });
    assert_eq!(layer(nested).0, "sequential: dropout: expected `p` in [0, 1), got 2");
    let built = Sequential::new().then(rosenblatt_nn::layers::Dropout { p: 2.0 });
    let error = Entry::<dyn Layer>::from(built).validate().unwrap_err();
    assert_eq!(
        error.to_string(),
        "sequential: layers.0: dropout: expected `p` in [0, 1), got 2"
    );
}

#[test]
fn words_of_the_command_line() {
    let parse = |text| Entry::<dyn Optimizer>::parse(text).map(|entry| entry.to_json().unwrap());
    let sgd = json!({ "sgd": { "momentum": 0.9, "nesterov": true, "weight_decay": 0.0 } });
    assert_eq!(parse("sgd:momentum=0.9,nesterov=true").unwrap(), sgd);
    assert_eq!(parse("sgd: momentum = 0.9 , nesterov = true").unwrap(), sgd);
    for (text, message) in [
        ("sgd:0.9", "sgd: a value needs the name of its setting"),
        ("sgd:momentum=0.9,momentum=0.8", "sgd: `momentum` is given twice"),
        ("sgd:momentun=0.9", "sgd: unknown setting `momentun`"),
        ("sgd:momentum=much", "sgd: invalid type: string \"much\", expected f64"),
        ("adan", "unknown optimizer `adan`"),
        ("adam:", "adam: a value needs the name of its setting"),
    ] {
        assert_eq!(parse(text).unwrap_err().to_string(), message, "{text}");
    }
    let error = Entry::<dyn Initializer>::parse("zeros:1").unwrap_err();
    assert_eq!(error.to_string(), "zeros: there is nothing to set");
}

#[test]
fn a_value_without_a_name_is_for_the_main_setting() {
    let parse = |text| Entry::<dyn Layer>::parse(text).unwrap().to_json().unwrap();
    assert_eq!(
        parse("swish:1.5"),
        json!({ "swish": { "beta": 1.5, "learned": false } })
    );
    assert_eq!(
        parse("swish:0.5,learned=true"),
        json!({ "swish": { "beta": 0.5, "learned": true } })
    );
    assert_eq!(parse("maxout:3"), json!({ "maxout": { "pieces": 3 } }));
    assert_eq!(parse("elu:0.5"), json!({ "elu": { "alpha": 0.5 } }));
    assert_eq!(parse("prelu:0.1"), json!({ "prelu": { "init": 0.1 } }));
    assert_eq!(parse("quick_gelu"), json!("gelu_logistic"));
    let error = Entry::<dyn Layer>::from(LeakyRelu { slope: f64::INFINITY })
        .validate()
        .unwrap_err();
    assert_eq!(error.to_string(), "leaky_relu: expected `slope` to be finite, got inf");
}

#[test]
fn the_schema_lists_every_layer_and_its_settings() {
    let schema = serde_json::to_value(schemars::schema_for!(Entry<dyn Layer>)).unwrap();
    let forms = schema["oneOf"].as_array().unwrap();
    let names = forms[0]["enum"].as_array().unwrap();
    assert!(
        names.contains(&json!("gelu")) && !names.contains(&json!("linear")),
        "{names:?}"
    );
    assert!(!names.contains(&json!("logistic")), "an alias is read, and not offered");
    assert!(
        forms
            .iter()
            .any(|form| form["pattern"].as_str().is_some_and(|names| names.contains("logistic")))
    );
    assert!(forms.iter().any(|form| form["properties"].get("logistic").is_some()));
    let slope = &forms
        .iter()
        .find_map(|form| form["properties"].get("leaky_relu"))
        .unwrap()["properties"]["slope"];
    assert_eq!((&slope["default"], &slope["type"]), (&json!(0.01), &json!("number")));
    let linear = forms.iter().find_map(|form| form["properties"].get("linear")).unwrap();
    assert!(
        linear["$ref"].is_string() || linear["properties"]["out_features"].is_object(),
        "{linear}"
    );
}
