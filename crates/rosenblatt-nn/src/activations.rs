//! Activations: functions without parameters as layers of their names, with their usual settings.
//!
//! They are those of the engine ([`rosenblatt_autodiff::pointwise`] says how to add one). One with a setting has a layer of its
//! own, too: [`crate::layers::LeakyRelu`].
//!
//! # Example
//! ```
//! use rosenblatt_nn::activations::RELU;
//! use rosenblatt_nn::{Entry, Layer, layers::Sequential};
//! assert_eq!(Entry::<dyn Layer>::from(RELU), Entry::named("relu")?);
//! let network = Sequential::new().then(RELU);
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```

use std::any::TypeId;
use std::sync::Arc;

use rosenblatt_autodiff::{Var, for_each_activation};
use rosenblatt_tensor::Result;
use schemars::json_schema;
use serde::de::Error as _;
use serde_json::{Map, Value};

use crate::entry::Configurable;
use crate::{Entry, Layer, Registration, Scope};

pub use rosenblatt_autodiff::pointwise::{ACTIVATIONS, Activation};

macro_rules! constants {
    ($($constant:ident = $type:ident, $name:ident;)*) => {
        pub use rosenblatt_autodiff::pointwise::{$($constant),*};
    };
}
for_each_activation!(constants);

impl From<Activation> for Entry<dyn Layer> {
    fn from(activation: Activation) -> Self {
        Self::named(activation.name()).unwrap_or_else(|_| Self::shared(Arc::new(activation)))
    }
}

impl Configurable for Activation {
    fn name(&self) -> &str {
        Activation::name(self)
    }

    fn type_of(&self) -> TypeId {
        TypeId::of::<Self>()
    }

    fn to_fields(&self) -> Result<Map<String, Value>> {
        Ok(Map::new())
    }

    fn validate(&self) -> Result<()> {
        Ok(())
    }
}

impl Layer for Activation {
    fn forward<'g>(&self, _scope: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        self.apply(x)
    }
}

/// Registry lines of the activations whose names are `wanted`.
pub(crate) fn registrations(wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = Registration<dyn Layer>> {
    let all = ACTIVATIONS.iter().filter(move |activation| wanted(activation.name()));
    all.map(|activation| Registration::<dyn Layer> {
        name: activation.name(),
        type_of: TypeId::of::<Activation>,
        make: |name, fields| match (fields.keys().next(), Activation::named(name)) {
            (Some(field), _) => Err(serde_json::Error::custom(format!("unknown setting `{field}`"))),
            (None, Some(activation)) => Ok(Arc::new(activation) as _),
            (None, None) => Err(serde_json::Error::custom(format!("unknown activation `{name}`"))),
        },
        schema: |_| json_schema!({ "type": "object", "properties": {}, "additionalProperties": false }),
        examples: |name| {
            Activation::named(name)
                .map(|found| Arc::new(found) as _)
                .into_iter()
                .collect()
        },
    })
}
