//! What initial values do to training: symmetry, sizes through many layers, and gains by the activation that follows.

use rosenblatt_data::DataOptions;
use rosenblatt_nn::activations::{RELU, TANH};
use rosenblatt_nn::init::{Constant, FanMode, Gain, HeNormal, LecunNormal, Normal, Orthogonal, Zeros, activation_gain};
use rosenblatt_nn::layers::{BatchNorm, LeakyRelu, Linear, Sequential};
use rosenblatt_nn::losses::Mse;
use rosenblatt_nn::metrics::Rmse;
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_nn::{Entry, Initializer, Layer};
use rosenblatt_tensor::Tensor;
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{Compile as _, Fit, Trainer};

use crate::common::{Job, alone};
use crate::trainer::numbers;

/// Hidden units with equal weights have equal gradients, so they stay equal for ever: the network has one unit.
#[test]
fn weights_that_are_all_alike_never_separate() {
    let (x, y) = (numbers(1, &[32, 3]), numbers(2, &[32, 1]));
    let rows = |init: Entry<dyn Initializer>| {
        let layers = Sequential::new().then(Linear::new(4)).then(TANH).then(Linear::new(1));
        let mut model = layers
            .compile(Mse {}, Sgd::default(), [Rmse {}])
            .unwrap()
            .init(init, Zeros {});
        model.fit((&x, &y), &Fit::epochs(20).batch_size(8)).unwrap();
        let weights = model.params()["layers.0.weight"].to_f64();
        assert!(weights[..3].iter().any(|w| (w - 0.5).abs() > 1e-3), "they were trained");
        weights.chunks(3).map(<[f64]>::to_vec).collect::<Vec<_>>()
    };
    let alike = rows(Constant { value: 0.5 }.into());
    assert!(alike.iter().all(|row| *row == alike[0]), "{alike:?}");
    let apart = rows(HeNormal::default().into());
    assert!(apart.iter().skip(1).all(|row| *row != apart[0]));
}

/// Root mean squares of the numbers after the last of 12 activations, and of the gradient of the first weights.
fn sizes(activation: impl Into<Entry<dyn Layer>>, init: impl Into<Entry<dyn Initializer>>) -> [f64; 2] {
    let activation = activation.into();
    let layers = |network: Sequential, _| network.then(Linear::new(64)).then(activation.clone());
    let network = (0..12).fold(Sequential::new(), layers);
    let mut trainer = Trainer::new(Sgd::default(), 0, |m, [x]| {
        let y = m.apply("layers", &network, x);
        (y * y).mean_all().sqrt()
    })
    .init(init, Zeros {});
    let mut normal = vec![0.0; 128 * 64];
    rosenblatt_tensor::rng::Rng::new(1)
        .purpose("x")
        .fill_normal(0, &mut normal);
    let (size, gradient) = trainer
        .gradient([&Tensor::from_vec(normal, &[128, 64]).unwrap()])
        .unwrap();
    let gradient = gradient["layers.0.weight"].to_f64();
    let square = gradient.iter().map(|g| g * g).sum::<f64>() / gradient.len() as f64;
    [size, square.sqrt()]
}

#[test]
fn numbers_and_gradients_explode_or_vanish_without_the_right_spread() {
    let [he, he_gradient] = sizes(RELU, HeNormal::default());
    println!("{he} {he_gradient}");
    assert!((0.3..3.0).contains(&he));
    let [small, small_gradient] = sizes(RELU, Normal { std: 0.01 });
    assert!(
        small < 1e-10 && small_gradient < 1e-8 * he_gradient,
        "{small} {small_gradient}"
    );
    let [large, large_gradient] = sizes(RELU, Normal { std: 1.0 });
    assert!(
        large > 1e7 && large_gradient > 1e7 * he_gradient,
        "{large} {large_gradient}"
    );
}

/// With the gain of the activation that follows numbers keep their size: exactly for ReLU and its like, where `f(c z) = c f(z)`, and
/// better than without it for the others.
#[test]
fn gains_keep_the_size_of_numbers() {
    let auto = || LecunNormal {
        gain: Some(Gain::AUTO),
        ..LecunNormal::default()
    };
    let orthogonal = || Orthogonal { gain: Some(Gain::AUTO) };
    for activation in [Entry::from(RELU), LeakyRelu { slope: 0.25 }.into()] {
        for [size, _] in [
            sizes(activation.clone(), auto()),
            sizes(activation.clone(), orthogonal()),
        ] {
            assert!((0.5..2.0).contains(&size), "{activation}: {size}");
        }
    }
    for name in ["gelu", "mish", "silu", "tanh"] {
        let activation = || Entry::<dyn Layer>::named(name).unwrap();
        let [with, without] = [
            sizes(activation(), auto())[0],
            sizes(activation(), LecunNormal::default())[0],
        ];
        println!("{name}: {with}, without gain {without}");
        assert!(
            with.ln().abs() < without.ln().abs(),
            "{name}: {with}, without gain {without}"
        );
    }
}

/// The same weights in a model, a closure and a table, with the factor of each activation.
#[test]
fn every_way_to_build_a_network_knows_what_follows() {
    let auto = HeNormal {
        gain: Some(Gain::AUTO),
        mode: FanMode::FanOut,
    };
    let network = || {
        Sequential::new()
            .then(Linear::new(5))
            .then(BatchNorm::default())
            .then(TANH)
            .then(Linear::new(1))
    };
    let (x, y) = (numbers(1, &[8, 4]), numbers(2, &[8, 1]));
    let mut model = network()
        .compile(Mse {}, Sgd::default(), [Rmse {}])
        .unwrap()
        .init(auto.clone(), Zeros {});
    // A learning rate of 0 is refused; the initial values are those of a run that is not saved.
    let rate = 1e-30;
    let optimize = || rosenblatt_nn::optimize::OptimizeExt::lr(Sgd::default(), rate);
    let mut still = network()
        .compile(Mse {}, optimize(), [Rmse {}])
        .unwrap()
        .init(auto.clone(), Zeros {});
    still.fit((&x, &y), &Fit::epochs(1)).unwrap();
    model.fit((&x, &y), &Fit::epochs(1)).unwrap();
    let mut trainer = Trainer::new(optimize(), 0, |m, [x, y]| {
        let error = m.apply("layers", &network(), x) - y;
        (error * error).mean_all()
    })
    .init(auto, Zeros {});
    trainer.step([&x, &y]).unwrap();
    let expected = |name: &str, gain: f64| {
        let rule = HeNormal {
            gain: Some(Gain::Number(gain)),
            mode: FanMode::FanOut,
        };
        let specs = still
            .network()
            .tensors(&[rosenblatt_autodiff::Type::of(&x)], x.dtype())
            .unwrap();
        let spec = specs.iter().find(|spec| spec.name == name).unwrap();
        rosenblatt_nn::init::first_value(spec, 0, &rule, &rule)
            .unwrap()
            .to_f64()
    };
    let params = trainer.params().unwrap();
    for (name, gain) in [
        ("layers.0.weight", activation_gain(&TANH).unwrap()),
        ("layers.3.weight", 1.0),
    ] {
        assert_eq!(still.params()[name].to_f64(), expected(name, gain));
        assert_eq!(params[name].to_f64(), expected(name, gain));
        assert_ne!(
            model.params()[name].to_f64(),
            expected(name, gain),
            "this one was trained"
        );
    }
}

#[test]
fn a_table_knows_what_follows() {
    let first = |init: &str| {
        let overrides = Overrides::default()
            .set("hidden", [8])
            .set("activation", "tanh")
            .set("init", init)
            .set("learning_rate", 1e-30)
            .set("epochs", 1);
        let job = Job::on(Preset::Plain, &DataOptions::new("iris"), &overrides);
        let model = job.train(&alone()).unwrap().model;
        ["layers.0.weight", "layers.2.weight"].map(|name| model.params()[name].to_f64())
    };
    let tanh = activation_gain(&TANH).unwrap();
    let [hidden, output] = first("lecun_normal:gain=auto");
    assert_eq!(hidden, first(&format!("lecun_normal:gain={tanh}"))[0]);
    assert_eq!(output, first("lecun_normal")[1], "nothing follows the output");
}
