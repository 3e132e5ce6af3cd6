//! Activations: functions of one number as layers of their names.
//!
//! They are those of the engine ([`rosenblatt_autodiff::pointwise`] says how to add one), with the settings that are declared
//! there. One that learns has a layer of its own: [`crate::layers::Prelu`], [`crate::layers::Swish`].
//!
//! # Example
//! ```
//! use rosenblatt_nn::activations::{LEAKY_RELU, RELU};
//! use rosenblatt_nn::{Entry, Layer, layers::{LeakyRelu, Sequential}};
//! assert_eq!(Entry::<dyn Layer>::from(RELU), Entry::named("relu")?);
//! assert_eq!(Entry::<dyn Layer>::from(LEAKY_RELU.with("slope", 0.1)?), Entry::parse("leaky_relu:0.1")?);
//! let network = Sequential::new().then(RELU).then(LeakyRelu { slope: 0.1 });
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```

use std::any::TypeId;
use std::sync::Arc;

use rosenblatt_autodiff::pointwise::Setting;
use rosenblatt_autodiff::{Var, for_each_activation};
use rosenblatt_tensor::{Error, Result};
use schemars::{Schema, json_schema};
use serde::de::Error as _;
use serde_json::{Map, Value};

use crate::entry::Configurable;
use crate::{Entry, Layer, Registration, Scope};

pub use rosenblatt_autodiff::pointwise::{ACTIVATIONS, Activation};

macro_rules! constants {
    ($($constant:ident = $type:ident, $name:ident;)*) => {
        pub use rosenblatt_autodiff::pointwise::{$($constant),*};

        $(
            impl From<rosenblatt_autodiff::pointwise::$type> for Entry<dyn Layer> {
                fn from(rule: rosenblatt_autodiff::pointwise::$type) -> Self {
                    Activation::from(&rule).into()
                }
            }
        )*
    };
}
for_each_activation!(constants);

impl From<Activation> for Entry<dyn Layer> {
    /// A layer of the same name that has its own file takes the settings, if it can be made with them.
    fn from(activation: Activation) -> Self {
        let made = Self::make(activation.name(), fields(&activation));
        made.unwrap_or_else(|_| Self::shared(Arc::new(activation)))
    }
}

fn fields(activation: &Activation) -> Map<String, Value> {
    let settings = activation.settings();
    settings
        .map(|(setting, value)| (setting.name.to_owned(), value.into()))
        .collect()
}

impl Configurable for Activation {
    fn name(&self) -> &str {
        Activation::name(self)
    }

    fn type_of(&self) -> TypeId {
        TypeId::of::<Self>()
    }

    fn to_fields(&self) -> Result<Map<String, Value>> {
        Ok(fields(self))
    }

    fn validate(&self) -> Result<()> {
        let check = |(setting, value): (&Setting, f64)| setting.check(value);
        self.settings()
            .try_for_each(check)
            .map_err(|error: Error| error.within(self.name()))
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
        aliases: activation.aliases(),
        main_setting: None,
        type_of: TypeId::of::<Activation>,
        make: |name, fields| Ok(Arc::new(made(name, &fields)?) as _),
        schema: |name, _| Activation::named(name).map_or_else(Schema::default, |found| schema(&found)),
        examples: |name| {
            let instances = Activation::named(name).map(|found| found.instances());
            let layers = instances.into_iter().flatten();
            layers.map(|activation| Arc::new(activation) as _).collect()
        },
    })
}

/// The activation of this name with these settings, whose ranges are not yet checked.
fn made(name: &str, fields: &Map<String, Value>) -> serde_json::Result<Activation> {
    let unknown = |what: &str, name: &str| serde_json::Error::custom(format!("unknown {what} `{name}`"));
    let mut made = Activation::named(name).ok_or_else(|| unknown("activation", name))?;
    for (field, value) in fields {
        let number: f64 = serde_json::from_value(value.clone())?;
        made = made.with(field, number).map_err(serde_json::Error::custom)?;
    }
    Ok(made)
}

fn schema(activation: &Activation) -> Schema {
    let property = |(setting, _): (&Setting, f64)| {
        let (min, max) = setting.range;
        let mut schema = json_schema!({
            "type": "number",
            "format": "double",
            "default": setting.default,
            "description": setting.about,
        });
        if (min, max) != Setting::FINITE {
            schema.insert("minimum".to_owned(), min.into());
            schema.insert("maximum".to_owned(), max.into());
        }
        (setting.name.to_owned(), schema.to_value())
    };
    let properties: Map<String, Value> = activation.settings().map(property).collect();
    let mut schema = json_schema!({ "type": "object", "properties": properties, "additionalProperties": false });
    if !activation.about().is_empty() {
        schema.insert("description".to_owned(), activation.about().into());
    }
    schema
}
