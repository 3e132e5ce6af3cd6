//! Which parameters a path covers.

use rosenblatt_nn::OptimizeExt;
use rosenblatt_nn::optimize::covers;
use rosenblatt_nn::optimizers::Sgd;

#[test]
fn a_path_covers_whole_names_in_a_row() {
    for (path, name, expected) in [
        ("bias", "layers.0.bias", true),
        ("bias", "bias", true),
        ("bias", "layers.0.bias_2", false),
        ("encoder.", "encoder.0.weight", true),
        ("encoder", "net.encoder.0.weight", true),
        ("encoder", "encoder2.0.weight", false),
        ("layers.1", "layers.1.weight", true),
        ("layers.1", "layers.10.weight", false),
        ("layers.1", "layers.0.1.weight", false),
        ("layers.*.bias", "layers.3.bias", true),
        ("layers.*.bias", "layers.3.0.bias", false),
        ("layers.*.bias", "layers.bias", false),
        ("*.*", "weight", false),
        ("*", "weight", true),
        ("*", "layers.0.weight", true),
        ("layers.0.weight.m", "layers.0.weight", false),
    ] {
        assert_eq!(covers(path, name), expected, "{path} {name}");
    }
}

#[test]
fn a_path_that_covers_nothing_is_refused_with_the_nearest_one() {
    let parameters = ["encoder.0.weight", "encoder.0.bias", "head.weight"];
    for (path, hint) in [
        ("encodr.", "did you mean `encoder`?"),
        ("encoder.*.wieght", "did you mean `encoder.*.weight`?"),
        ("head.weihgt", "did you mean `head.weight`?"),
        (
            "a.b.c.d",
            "there are `encoder.0.bias`, `encoder.0.weight`, `head.weight`",
        ),
        ("decoder", "did you mean `encoder`?"),
    ] {
        let error = Sgd::default().freeze(path).rules(&parameters).unwrap_err();
        assert_eq!(error.message(), format!("no parameter's name contains `{path}`"));
        assert_eq!(error.hint_text(), Some(hint), "{path}");
    }
    assert!(Sgd::default().freeze("head").rules(&parameters).is_ok());
}

#[test]
fn an_empty_name_is_refused() {
    for path in ["", ".", "a..b", ".a", "a.."] {
        assert!(Sgd::default().freeze(path).check().is_err(), "{path:?}");
    }
    for path in ["a", "a.", "a.b", "*", "layers.*."] {
        assert!(Sgd::default().freeze(path).check().is_ok(), "{path:?}");
    }
}
