//! Entries that are not in the library's lists.

use std::thread;

use rosenblatt_autodiff::Var;
use rosenblatt_nn::layers::{LeakyRelu, Linear, Sequential};
use rosenblatt_nn::{Config, Entry, Layer, Loss, Network, Registration, Registry, Scope, TargetKind, register};
use rosenblatt_tensor::{ErrorKind, Result};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::json;

/// Multiplies by a number.
macro_rules! scaling {
    ($type:ident, $name:literal) => {
        #[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
        #[serde(deny_unknown_fields)]
        struct $type {
            scale: f64,
        }

        impl Config for $type {
            const NAME: &'static str = $name;
        }

        impl Layer for $type {
            fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
                x * self.scale
            }
        }
    };
}
scaling!(Known, "test_known");
scaling!(Unknown, "test_unknown");
scaling!(Racing, "test_racing");
scaling!(NamedLinear, "linear");
scaling!(NamedKnown, "test_known");
scaling!(BadName, "Test Layer");

fn add<T: Config + Layer>() -> Result<()> {
    register(Registration::<dyn Layer>::of::<T>())
}

#[test]
fn a_registered_layer_is_named_read_written_and_in_the_schema() {
    add::<Known>().unwrap();
    add::<Known>().unwrap();
    let layer = Entry::<dyn Layer>::parse("test_known:0.5").unwrap();
    assert_eq!(layer, Known { scale: 0.5 }.into());
    assert!(layer.is_registered());
    let network = Sequential::new().then(Linear::new(2)).then(Known { scale: 2.0 });
    let json = serde_json::to_value(&network).unwrap();
    assert_eq!(json["layers"][1], json!({ "test_known": { "scale": 2.0 } }));
    assert_eq!(serde_json::from_value::<Sequential>(json).unwrap(), network);
    Network::from(network).check_registered().unwrap();
    let schema = serde_json::to_string(&schemars::schema_for!(Entry<dyn Layer>)).unwrap();
    assert!(schema.contains("test_known"));
    let names: Vec<&str> = <dyn Layer>::all()
        .iter()
        .map(|registration| registration.name)
        .collect();
    assert!(names.is_sorted() && names.contains(&"test_known"));
    assert!(
        <dyn Layer>::registry()
            .iter()
            .all(|registration| registration.name != "test_known")
    );
}

#[test]
fn a_layer_that_is_not_registered_compares_and_is_not_saved() {
    let layer = |scale| Entry::<dyn Layer>::from(Unknown { scale });
    assert!(!layer(1.0).is_registered());
    assert!(layer(1.0) == layer(1.0) && layer(1.0) != layer(2.0));
    let inside = |scale| Sequential::new().then(Sequential::new().then(Unknown { scale }));
    let [one, again, other] = [1.0, 1.0, 2.0].map(|scale| Entry::<dyn Layer>::from(inside(scale)));
    assert!(one == again && one != other);
    for error in [
        layer(1.0).to_json().unwrap_err(),
        one.to_json().unwrap_err(),
        Network::from(inside(1.0)).check_registered().unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(
            error.message().contains("the layer `test_unknown` is not registered"),
            "{error}"
        );
        assert!(error.hint_text().unwrap().contains("rosenblatt::register"), "{error:?}");
    }
    assert!(serde_json::to_string(&inside(1.0)).is_err());
}

#[test]
fn a_name_is_never_replaced() {
    add::<Known>().unwrap();
    for (result, message) in [
        (add::<NamedLinear>(), "there is a layer `linear` already"),
        (add::<NamedKnown>(), "there is a layer `test_known` already"),
        (add::<BadName>(), "`Test Layer` cannot be the name of a layer"),
    ] {
        let error = result.unwrap_err();
        assert_eq!((error.kind(), error.message()), (ErrorKind::Config, message));
    }
    let linear = Entry::<dyn Layer>::from(NamedLinear { scale: 1.0 });
    assert!(
        !linear.is_registered() && linear.to_json().is_err(),
        "it would be read as another layer"
    );
    assert!(Entry::<dyn Layer>::from(LeakyRelu::default()).is_registered());
}

#[test]
fn threads_may_register_and_read_at_once() {
    let work = || {
        add::<Racing>().unwrap();
        Entry::<dyn Layer>::parse("test_racing:1").unwrap()
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(work)).collect();
        threads.into_iter().for_each(|thread| drop(thread.join().unwrap()));
    });
    let found = <dyn Layer>::all().into_iter().filter(|one| one.name == "test_racing");
    assert_eq!(found.count(), 1);
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
struct Squared {}

impl Config for Squared {
    const NAME: &'static str = "test_squared";
}

impl Loss for Squared {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        matches!(target_kind, TargetKind::Values(_)).then_some(1)
    }

    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
        let error = prediction.reshape(&targets.shape()) - targets;
        error * error
    }
}

#[test]
fn each_kind_has_its_own_names() {
    register(Registration::<dyn Loss>::of::<Squared>()).unwrap();
    assert!(Entry::<dyn Loss>::named("test_squared").is_ok());
    assert!(Entry::<dyn Layer>::named("test_squared").is_err());
}
