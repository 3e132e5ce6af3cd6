//! Where a spec comes from when nobody writes one: a preset, and what the user overrides on top.
//!
//! To add a preset: write `presets/<name>.rs` with a `draft`, then add its lines here.

mod auto;
mod overrides;
mod plain;

use std::fmt;
use std::str::FromStr;

use rosenblatt_data::{DataOptions, Prepared};
use rosenblatt_nn::layers::{Dropout, Linear};
use rosenblatt_nn::{Entry, Layer};
use rosenblatt_tensor::{Error, Result};
use serde::Serialize;

use crate::spec::{ModelSpec, Spec, TrainSpec};

pub use overrides::{Norm, Overrides};

/// Who decides what the user leaves open.
///
/// # Example
/// ```
/// use rosenblatt_data::{DataOptions, load};
/// use rosenblatt_train::presets::{Preset, Overrides};
///
/// let overrides = Overrides { epochs: Some(20), ..Overrides::default() };
/// let options = Preset::Auto.data(&DataOptions::new("penguins"));
/// let chosen = Preset::Auto.spec(&options, &overrides, &load(&options, 0)?)?;
/// assert_eq!(chosen.spec.train.epochs, 20);
/// assert!(chosen.choices.iter().any(|choice| choice.key == "hidden" && choice.value == "64,64"));
/// assert!(chosen.choices.iter().all(|choice| choice.key != "epochs"));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Preset {
    /// Rules choose by task, rows and columns, each with a reason.
    #[default]
    Auto,
    /// Exactly what the flags say, over the defaults of [`Spec`]; no validation part unless asked.
    Plain,
}

/// Something a preset has chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What it is about, as the flag is called.
    pub key: &'static str,
    /// What was chosen, as one would write it after the flag.
    pub value: String,
    /// Why.
    pub reason: String,
}

/// A complete spec, and what the preset had to do with it.
#[derive(Clone, Debug, PartialEq)]
pub struct Chosen {
    /// What will be run.
    pub spec: Spec,
    /// What the user left to the preset.
    pub choices: Vec<Choice>,
}

/// A spec in the making.
pub(crate) struct Draft {
    pub(crate) hidden: Vec<usize>,
    pub(crate) norm: Option<Norm>,
    pub(crate) activation: Entry<dyn Layer>,
    pub(crate) dropout: f64,
    /// Its layers follow from the four above.
    pub(crate) model: ModelSpec,
    pub(crate) train: TrainSpec,
    pub(crate) choices: Vec<Choice>,
}

impl Draft {
    /// For each width a linear layer, a normalizing one if there is any, the activation, and dropout if there is any.
    pub(crate) fn layers(&self) -> Vec<Entry<dyn Layer>> {
        let block = |&out_features: &usize| {
            // Batch normalization takes away whatever a bias adds.
            let bias = self.norm != Some(Norm::Batch);
            let linear = Linear { out_features, bias }.into();
            let dropout = (self.dropout > 0.0).then(|| Dropout { p: self.dropout }.into());
            [
                Some(linear),
                self.norm.map(Norm::layer),
                Some(self.activation.clone()),
                dropout,
            ]
        };
        self.hidden.iter().flat_map(block).flatten().collect()
    }

    fn choose(&mut self, key: &'static str, value: impl fmt::Display, reason: impl Into<String>) {
        self.choices.push(Choice {
            key,
            value: value.to_string(),
            reason: reason.into(),
        });
    }
}

impl Preset {
    /// The data a run with this preset needs: [`Preset::Auto`] sets validation rows apart.
    #[must_use]
    pub fn data(self, options: &DataOptions) -> DataOptions {
        match self {
            Self::Auto => auto::data(options),
            Self::Plain => options.clone(),
        }
    }

    /// What [`Preset::data`] chooses for such options, if anything.
    #[must_use]
    pub fn data_choice(self, options: &DataOptions) -> Option<Choice> {
        let fraction = self.data(options).valid_fraction;
        let chosen = fraction.filter(|_| fraction != options.valid_fraction)?;
        Some(Choice {
            key: "valid-fraction",
            value: chosen.to_string(),
            reason: "training rows set apart: they say which epoch was best".to_owned(),
        })
    }

    /// The spec for some data.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a wish is out of range.
    pub fn spec(self, options: &DataOptions, overrides: &Overrides, data: &Prepared) -> Result<Chosen> {
        let mut draft = match self {
            Self::Auto => auto::draft(overrides, data)?,
            Self::Plain => plain::draft()?,
        };
        overrides.shape(&mut draft);
        overrides.needs_hidden_layers(&draft.hidden)?;
        draft.model.layers = draft.layers();
        let Draft {
            model,
            train,
            mut choices,
            ..
        } = draft;
        let spec = overrides.apply(Spec {
            data: options.clone(),
            model,
            train,
        })?;
        choices.retain(|choice| !overrides.decides(choice.key));
        Ok(Chosen { spec, choices })
    }
}

impl fmt::Display for Preset {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Auto => "auto",
            Self::Plain => "plain",
        })
    }
}

impl FromStr for Preset {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "auto" => Ok(Self::Auto),
            "plain" => Ok(Self::Plain),
            other => Err(Error::config(format!("expected `auto` or `plain`, got `{other}`"))),
        }
    }
}

/// Widths as one writes them: `64,64`, or `none`.
fn widths(hidden: &[usize]) -> String {
    match hidden {
        [] => "none".to_owned(),
        widths => widths.iter().map(usize::to_string).collect::<Vec<_>>().join(","),
    }
}
