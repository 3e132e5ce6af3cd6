//! Misuse of `Optimize`: what was written, and the kind, the message with its place, and the hint of the error.

#![cfg(test)]

use rosenblatt_nn::constraints::MaxNorm;
use rosenblatt_nn::optimize::Group;
use rosenblatt_nn::optimizers::{Adam, Sgd};
use rosenblatt_nn::penalties::{ElasticNet, L1};
use rosenblatt_nn::schedules::{Cosine, Exponential, Linear, Plateau, Step, Steps, WarmUp};
use rosenblatt_nn::{Optimize, OptimizeExt};
use rosenblatt_tensor::{Error, ErrorKind};

/// The parameters of a network.
const PARAMETERS: [&str; 5] = [
    "encoder.0.weight",
    "encoder.0.bias",
    "layers.1.weight",
    "layers.1.bias",
    "head.weight",
];

/// What was written, the error with its place, and its hint (none: empty).
type Row = (Optimize, &'static str, &'static str);

/// Refused when the network's parameters are known.
fn settings() -> Vec<Row> {
    let sgd = Sgd::default;
    let nearest = "optimize: groups.0: no parameter's name contains `encodr.`";
    let path = "`*` is any one name: alone it covers every parameter";
    vec![
        (sgd().freeze("encodr."), nearest, "did you mean `encoder`?"),
        (sgd().group("encodr.", 0.1), nearest, "did you mean `encoder`?"),
        (sgd().decay("encodr.", 0.0), nearest, "did you mean `encoder`?"),
        (
            sgd().freeze("encoder").freeze("layer.1"),
            "optimize: groups.1: no parameter's name contains `layer.1`",
            "did you mean `layers.1`?",
        ),
        (
            sgd().freeze("layers.*.wieght"),
            "optimize: groups.0: no parameter's name contains `layers.*.wieght`",
            "did you mean `layers.*.weight`?",
        ),
        (
            sgd().freeze("layers.2"),
            "optimize: groups.0: no parameter's name contains `layers.2`",
            "did you mean `layers.1`?",
        ),
        (
            sgd().penalty_on("kernel", L1::default()),
            "optimize: penalties.0: no parameter's name contains `kernel`",
            "there are `0`, `1`, `bias`, `encoder`, `head`, `layers`, `weight`",
        ),
        (
            sgd().constraint_on("haed", MaxNorm::default()),
            "optimize: constraints.0: no parameter's name contains `haed`",
            "did you mean `head`?",
        ),
        (
            sgd().freeze(""),
            "optimize: groups.0: expected names separated by dots, got the path ``",
            path,
        ),
        (
            sgd().penalty_on("encoder..weight", L1::default()),
            "optimize: penalties.0: expected names separated by dots, got the path `encoder..weight`",
            path,
        ),
        (
            sgd().constraint_on(".", MaxNorm::default()),
            "optimize: constraints.0: expected names separated by dots, got the path `.`",
            path,
        ),
        (
            Optimize {
                groups: vec![Group {
                    path: "head".to_owned(),
                    ..Group::default()
                }],
                ..sgd().into()
            },
            "optimize: groups.0: the group `head` changes nothing",
            "there are `learning_rate`, `weight_decay`, `frozen`",
        ),
        (
            sgd().lr(0.0),
            "optimize: expected `learning_rate` to be above 0, got 0",
            "",
        ),
        (
            sgd().lr(-0.1),
            "optimize: expected `learning_rate` to be above 0, got -0.1",
            "",
        ),
        (
            sgd().lr(f64::NAN),
            "optimize: expected `learning_rate` to be above 0, got NaN",
            "",
        ),
        (
            sgd().lr(f64::INFINITY),
            "optimize: expected `learning_rate` to be above 0, got inf",
            "",
        ),
        (
            sgd().clip_norm(0.0),
            "optimize: expected `clip_norm` to be above 0, got 0",
            "",
        ),
        (
            sgd().clip_value(-1.0),
            "optimize: expected `clip_value` to be above 0, got -1",
            "",
        ),
        (
            sgd().clip_parameter_norm(f64::NAN),
            "optimize: expected `clip_parameter_norm` to be above 0, got NaN",
            "",
        ),
        (sgd().ema(1.0), "optimize: expected `ema` in (0, 1), got 1", ""),
        (sgd().ema(0.0), "optimize: expected `ema` in (0, 1), got 0", ""),
        (
            sgd().group("head", -1.0),
            "optimize: groups.0: expected `learning_rate` to be at least 0, got -1",
            "",
        ),
        (
            sgd().decay("head", f64::NAN),
            "optimize: groups.0: expected `weight_decay` to be at least 0, got NaN",
            "",
        ),
        (
            sgd().penalty(L1 { alpha: -1.0 }),
            "optimize: penalties.0: l1: expected `alpha` to be at least 0, got -1",
            "",
        ),
        (
            sgd().penalty(ElasticNet {
                l1_ratio: 2.0,
                ..ElasticNet::default()
            }),
            "optimize: penalties.0: elastic_net: expected `l1_ratio` in [0, 1], got 2",
            "",
        ),
        (
            sgd().constraint(MaxNorm { max: 0.0 }),
            "optimize: constraints.0: max_norm: expected `max` to be finite and above 0, got 0",
            "",
        ),
        (
            Adam {
                beta1: 1.0,
                ..Adam::default()
            }
            .into(),
            "optimize: optimizer: adam: expected `beta1` in [0, 1), got 1",
            "",
        ),
        (
            sgd().schedule(Plateau {
                factor: 1.0,
                ..Plateau::default()
            }),
            "optimize: schedule: plateau: expected `factor` in (0, 1), got 1",
            "",
        ),
    ]
}

/// Refused in a loop whose length is unknown.
fn lengths() -> Vec<Row> {
    let sgd = Sgd::default;
    let hint = "give the number of steps of the run, or use settings in steps instead of shares of the run";
    vec![
        (
            sgd().schedule(Cosine::default()),
            "optimize: schedule: `cosine` needs the number of steps of the run",
            hint,
        ),
        (
            sgd().schedule(Linear::default()),
            "optimize: schedule: `linear` needs the number of steps of the run",
            hint,
        ),
        (
            sgd().schedule(Exponential::default()),
            "optimize: schedule: `exponential` needs the number of steps of the run",
            hint,
        ),
        (
            sgd().schedule(Step::default()),
            "optimize: schedule: `step` needs the number of steps of the run",
            hint,
        ),
        (
            sgd().schedule(WarmUp {
                steps: Steps(10.0),
                then: Cosine::default().into(),
            }),
            "optimize: schedule: `warm_up` needs the number of steps of the run",
            hint,
        ),
    ]
}

fn is_as_written(error: &Error, (message, hint): (&str, &str)) {
    assert_eq!(error.kind(), ErrorKind::Config, "{error}");
    assert_eq!(error.to_string(), message);
    assert_eq!(error.hint_text().unwrap_or_default(), hint, "{message}");
}

#[test]
fn every_wrong_setting_is_named() {
    for (optimize, message, hint) in settings() {
        let error = optimize.rules(&PARAMETERS).expect_err(message);
        is_as_written(&error, (message, hint));
    }
}

#[test]
fn a_schedule_that_needs_the_length_of_the_run_says_so() {
    for (optimize, message, hint) in lengths() {
        let error = optimize.check_total(None).expect_err(message);
        is_as_written(&error, (message, hint));
        assert!(optimize.check_total(Some(100)).is_ok());
    }
}

#[test]
fn schedules_counted_in_steps_need_no_length() {
    let every = Steps(100.0);
    let sgd = Sgd::default;
    for optimize in [
        sgd().into(),
        sgd().schedule(Plateau::default()),
        sgd().schedule(Exponential { every, gamma: 0.5 }),
        sgd().schedule(Step { every, gamma: 0.5 }),
        sgd().schedule(WarmUp {
            steps: every,
            then: Plateau::default().into(),
        }),
    ] {
        assert!(optimize.check_total(None).is_ok(), "{}", optimize.schedule);
    }
}

#[test]
fn data_with_unknown_or_missing_keys_is_refused() {
    for (json, message) in [
        (
            r#"{"optimizer": "adam", "learning_rate": 0.1, "clip": 1}"#,
            "unknown field `clip`",
        ),
        (r#"{"optimizer": "adam"}"#, "missing field `learning_rate`"),
        (r#"{"learning_rate": 0.1}"#, "missing field `optimizer`"),
        (
            r#"{"optimizer": "adm", "learning_rate": 0.1}"#,
            "unknown optimizer `adm`; did you mean `adam`?",
        ),
        (
            r#"{"optimizer": "sgd", "learning_rate": 0.1, "groups": [{"path": "a", "lr": 1}]}"#,
            "unknown field `lr`",
        ),
        (
            r#"{"optimizer": "sgd", "learning_rate": 0.1, "penalties": [{"path": "a", "penalty": "lasso"}]}"#,
            "unknown penalty `lasso`",
        ),
        (
            r#"{"optimizer": "sgd", "learning_rate": 0.1, "constraints": [{"constraint": "maxnorm"}]}"#,
            "unknown constraint `maxnorm`; did you mean `max_norm`?",
        ),
    ] {
        let error = serde_json::from_str::<Optimize>(json).expect_err(json).to_string();
        assert!(error.starts_with(message), "{error}");
    }
}
