//! An `Optimize` as data.

use rosenblatt_nn::constraints::MaxNorm;
use rosenblatt_nn::optimize::slots;
use rosenblatt_nn::optimizers::{Adam, OPTIMIZERS, Sgd};
use rosenblatt_nn::penalties::L1;
use rosenblatt_nn::schedules::{At, Cosine, Plateau};
use rosenblatt_nn::{Entry, Optimize, OptimizeExt};
use rosenblatt_tensor::{DType, ErrorKind};

use super::apart;

#[test]
fn it_is_plain_data() {
    let full = Adam::default()
        .lr(0.01)
        .schedule(Cosine::default())
        .clip_value(0.5)
        .clip_parameter_norm(0.75)
        .clip_norm(1.0)
        .freeze("enc.")
        .group("head.", 0.1)
        .decay("bias", 0.0)
        .penalty(L1 { alpha: 0.1 })
        .constraint_on("head", MaxNorm::default())
        .ema(0.99);
    for optimize in [
        full.clone(),
        Sgd::default().into(),
        Optimize::from(full.optimizer.clone()),
    ] {
        let json = serde_json::to_string(&optimize).unwrap();
        assert_eq!(serde_json::from_str::<Optimize>(&json).unwrap(), optimize, "{json}");
        let toml = toml::to_string(&optimize).unwrap();
        assert_eq!(toml::from_str::<Optimize>(&toml).unwrap(), optimize, "{toml}");
    }
    let short = r#"{"optimizer": "adam", "learning_rate": 0.01, "penalties": [{"penalty": "l1"}]}"#;
    let short: Optimize = serde_json::from_str(short).unwrap();
    assert_eq!(short, Adam::default().lr(0.01).penalty(L1::default()));
}

#[test]
fn usual_learning_rates() {
    let rates = OPTIMIZERS.iter().map(|registration| {
        let optimizer = Entry::named(registration.name).unwrap();
        (registration.name, Optimize::new(optimizer).learning_rate)
    });
    assert_eq!(
        rates.collect::<Vec<_>>(),
        [
            ("adadelta", 1.0),
            ("adafactor", 1e-2),
            ("adagrad", 1e-2),
            ("adam", 1e-3),
            ("adamax", 2e-3),
            ("adamw", 1e-3),
            ("averaged_sgd", 1e-2),
            ("lbfgs", 1.0),
            ("lion", 1e-4),
            ("muon", 1e-3),
            ("nadam", 2e-3),
            ("radam", 1e-3),
            ("rmsprop", 1e-2),
            ("schedule_free_adamw", 2.5e-3),
            ("schedule_free_sgd", 1.0),
            ("sgd", 1e-2),
        ]
    );
}

#[test]
fn a_tensor_of_the_network_may_not_have_the_name_of_a_kept_one() {
    let mut tensors = apart().tensors(DType::F32);
    tensors[1].name = "ema.a.weight".to_owned();
    let error = slots(&Sgd::default().ema(0.9), &tensors, &[]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(error.to_string(), "optimize: `ema.a.weight` is a tensor of the network");
}

#[test]
fn the_rate_is_the_learning_rate_times_the_factor_of_the_schedule() {
    let optimize = Sgd::default().lr(0.5).schedule(Plateau {
        patience: 1,
        ..Plateau::default()
    });
    let rate = |observed| {
        let at = At {
            step: 7,
            total: None,
            observed,
        };
        optimize.rate(&at).unwrap()
    };
    assert_eq!([rate(&[]), rate(&[1.0, 1.0]), rate(&[1.0, 1.0, 1.0])], [0.5, 0.5, 0.05]);
    let cosine = Adam::default().schedule(Cosine::default());
    assert_eq!(
        *cosine.scalars(&At::new(5, 10)).unwrap(),
        *cosine.optimizer.inputs(6, 1e-3 * 0.5)
    );
}
