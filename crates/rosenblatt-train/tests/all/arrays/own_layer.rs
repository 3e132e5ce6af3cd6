//! Layers of one's own.

use rosenblatt_autodiff::Var;
use rosenblatt_nn::layers::{Layer, Linear};
use rosenblatt_nn::{Config, Registration, Scope, register};
use rosenblatt_tensor::ErrorKind;
use rosenblatt_train::Model;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{classes, classifier, fit, hidden};

macro_rules! scaled {
    ($layer:ident, $name:literal) => {
        /// A learned factor for all numbers.
        #[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
        struct $layer {}

        impl Config for $layer {
            const NAME: &'static str = $name;

            fn examples() -> Vec<Self> {
                vec![Self {}]
            }
        }

        impl Layer for $layer {
            fn forward<'g>(&self, scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
                x * scope.param("factor", &[1], rosenblatt_nn::Init::Ones)
            }
        }
    };
}

scaled!(Unregistered, "test_unregistered");
scaled!(Registered, "test_registered");

#[test]
fn saving_refuses_what_loading_could_not_read() {
    let (x, y) = classes();
    let mut model = classifier(hidden().then(Unregistered {}).then(Linear::new(3)));
    model.fit((&x, &y), &fit()).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model");
    let error = model.save(&path).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("test_unregistered"), "{error}");
    assert!(error.hint_text().unwrap_or_default().contains("register"), "{error:?}");
    assert!(!path.exists());
    model.predict(&x).unwrap();
}

#[test]
fn a_registered_layer_is_read_again() {
    register(Registration::<dyn Layer>::of::<Registered>()).unwrap();
    let (x, y) = classes();
    let mut model = classifier(hidden().then(Registered {}).then(Linear::new(3)));
    model.fit((&x, &y), &fit()).unwrap();
    let read = Model::from_bytes(&model.to_bytes().unwrap()).unwrap();
    assert_ne!(model.params()["layers.2.factor"].to_f64(), [1.0]);
    assert_eq!(read.predict(&x).unwrap().to_f64(), model.predict(&x).unwrap().to_f64());
}
