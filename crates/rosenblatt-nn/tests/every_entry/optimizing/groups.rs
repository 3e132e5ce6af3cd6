//! Groups: freezing, and factors on learning rate and weight decay.

use rosenblatt_nn::optimizers::{Adam, AdamW, Sgd};
use rosenblatt_nn::penalties::L1;
use rosenblatt_nn::{Optimize, OptimizeExt};
use rosenblatt_tensor::DType;
use rosenblatt_testkit::assert_close;

use super::super::every_optimizer::rules;
use super::{DTYPES, STEPS, apart, last, network};

#[test]
fn a_frozen_parameter_keeps_its_bits_and_has_no_state() {
    for dtype in DTYPES {
        let optimize = Adam::default().freeze("enc.").penalty(L1 { alpha: 1.0 }).ema(0.5);
        let after = last(network().run(optimize.clone(), dtype, STEPS).unwrap());
        let before = network().initial(&optimize, dtype).unwrap();
        for name in ["enc.weight", "enc.bias"] {
            assert_eq!(after[name].to_f64(), before[name].to_f64());
        }
        assert_ne!(after["head.weight"].to_f64(), before["head.weight"].to_f64());
        let kept: Vec<&str> = after
            .keys()
            .map(String::as_str)
            .filter(|name| name.contains("enc"))
            .collect();
        assert_eq!(kept, ["enc.bias", "enc.weight"]);
    }
}

#[test]
fn a_frozen_parameter_does_not_change_how_the_others_are_trained() {
    let frozen = last(
        apart()
            .run(Adam::default().freeze("b.bias"), DType::F32, STEPS)
            .unwrap(),
    );
    let all = last(apart().run(Adam::default(), DType::F32, STEPS).unwrap());
    assert_eq!(frozen["a.weight"].to_f64(), all["a.weight"].to_f64());
}

#[test]
fn a_factor_on_the_learning_rate_is_a_smaller_learning_rate_for_that_tensor_alone() {
    for optimizer in rules() {
        let run = |optimize: Optimize| last(apart().run(optimize, DType::F64, STEPS).unwrap());
        let grouped = run(optimizer.clone().lr(0.05).group("b", 0.1));
        let (whole, tenth) = (run(optimizer.clone().lr(0.05)), run(optimizer.clone().lr(0.005)));
        assert_eq!(grouped["a.weight"].to_f64(), whole["a.weight"].to_f64(), "{optimizer}");
        assert_close(grouped["b.bias"].to_f64(), tenth["b.bias"].to_f64(), 1e-14);
    }
}

#[test]
fn a_factor_0_on_the_decay_excludes_biases() {
    for dtype in DTYPES {
        let decaying = |weight_decay| AdamW {
            weight_decay,
            ..AdamW::default()
        };
        let run = |optimize: Optimize| last(apart().run(optimize, dtype, STEPS).unwrap());
        let excluded = run(decaying(0.5).lr(0.05).decay("bias", 0.0));
        let (with, without) = (run(decaying(0.5).lr(0.05)), run(decaying(0.0).lr(0.05)));
        assert_eq!(excluded["a.weight"].to_f64(), with["a.weight"].to_f64());
        assert_eq!(excluded["b.bias"].to_f64(), without["b.bias"].to_f64());
        assert_ne!(with["b.bias"].to_f64(), without["b.bias"].to_f64());
    }
}

#[test]
fn for_each_setting_the_last_group_that_has_it_decides() {
    let optimize = Sgd::default()
        .freeze("enc")
        .group("*", 0.5)
        .group("enc.weight", 0.25)
        .decay("bias", 0.0);
    let rules = optimize.rules(&["enc.weight", "enc.bias", "head.bias"]).unwrap();
    let all: Vec<_> = (rules.iter())
        .map(|rule| (rule.learning_rate, rule.weight_decay, rule.frozen))
        .collect();
    assert_eq!(all, [(0.25, 1.0, true), (0.5, 0.0, true), (0.5, 0.0, false)]);
}
