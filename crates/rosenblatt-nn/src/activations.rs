//! Activations: functions without parameters and settings as layers.
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
use std::fmt;
use std::sync::Arc;

use rosenblatt_autodiff::Var;
use rosenblatt_autodiff::functions::{self, Apply, activations};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result};
use schemars::json_schema;
use serde::de::Error as _;
use serde_json::{Map, Value};

use crate::entry::Configurable;
use crate::{Entry, Layer, Registration, Scope};

/// A function of the engine as a layer of its name: `relu`, `gelu`, `tanh`.
#[derive(Clone, Copy)]
pub struct Activation {
    name: &'static str,
    apply: Apply,
}

impl Activation {
    /// The function with the given name.
    ///
    /// # Errors
    /// There is none; the hint has the nearest right name.
    pub fn new(name: &str) -> Result<Self> {
        let known = activations();
        let unknown = || {
            let hint = meant(name, known.iter().map(|(name, _)| *name));
            Error::config(format!("unknown activation `{name}`")).hint(hint)
        };
        let &(name, apply) = known.iter().find(|(known, _)| *known == name).ok_or_else(unknown)?;
        Ok(Self { name, apply })
    }
}

/// A constant for each function, and the list of all, which a test compares with the engine's.
macro_rules! constants {
    ($($constant:ident = $name:literal, $apply:expr;)*) => {
        $(
            #[doc = concat!("The layer `", $name, "`.")]
            pub const $constant: Activation = Activation { name: $name, apply: $apply };
        )*

        /// Every activation that has no settings, in alphabetical order; `leaky_relu` is [`crate::layers::LeakyRelu`].
        pub static ACTIVATIONS: &[Activation] = &[$($constant),*];
    };
}
constants! {
    GELU = "gelu", functions::gelu;
    GELU_TANH = "gelu_tanh", functions::gelu_tanh;
    RELU = "relu", |x| x.relu();
    SIGMOID = "sigmoid", |x| x.sigmoid();
    SILU = "silu", functions::silu;
    SOFTPLUS = "softplus", functions::softplus;
    SQUARE = "square", functions::square;
    TANH = "tanh", |x| x.tanh();
}

impl From<Activation> for Entry<dyn Layer> {
    fn from(activation: Activation) -> Self {
        Self::shared(Arc::new(activation))
    }
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Configurable for Activation {
    fn name(&self) -> &str {
        self.name
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
        (self.apply)(x)
    }
}

/// Registry lines of the functions whose names are `wanted`.
pub(crate) fn registrations(wanted: impl Fn(&str) -> bool) -> impl Iterator<Item = Registration<dyn Layer>> {
    activations()
        .into_iter()
        .filter(move |(name, _)| wanted(name))
        .map(|(name, _)| Registration {
            name,
            type_of: TypeId::of::<Activation>,
            make: |name, fields| match fields.keys().next() {
                Some(field) => Err(serde_json::Error::custom(format!("unknown setting `{field}`"))),
                None => Activation::new(name)
                    .map(|layer| Arc::new(layer) as _)
                    .map_err(serde_json::Error::custom),
            },
            schema: |_| json_schema!({ "type": "object", "properties": {}, "additionalProperties": false }),
            examples: |name| {
                Activation::new(name)
                    .map(|layer| Arc::new(layer) as _)
                    .into_iter()
                    .collect()
            },
        })
}
