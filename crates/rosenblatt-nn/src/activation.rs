//! Functions without parameters and settings as layers.

use std::fmt;
use std::sync::Arc;

use rosenblatt_autodiff::Var;
use rosenblatt_autodiff::functions::{Apply, activations};
use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result};
use schemars::json_schema;
use serde::de::Error as _;
use serde_json::{Map, Value};

use crate::entry::Configurable;
use crate::{Layer, Registration, Scope};

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

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl Configurable for Activation {
    fn name(&self) -> &str {
        self.name
    }

    fn fields(&self) -> Map<String, Value> {
        Map::new()
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
