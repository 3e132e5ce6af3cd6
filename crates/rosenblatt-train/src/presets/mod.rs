//! Where a spec comes from when no one writes one: a preset, and what the user overrides on top.
//!
//! To add a preset: write `presets/<name>.rs` with a `draft`, then add its lines here.

mod auto;
mod convolutions;
mod overrides;
mod plain;
mod solver;

use std::fmt;
use std::str::FromStr;

use rosenblatt_data::preprocess::{Quantiles, SoftClip, Transform as _};
use rosenblatt_data::{DataOptions, Prepared};
use rosenblatt_nn::layers::{Dropout, Linear};
use rosenblatt_nn::optimizers::AdamW;
use rosenblatt_nn::{Entry, Layer, Optimizer as _};
use rosenblatt_tensor::{Error, Result};
use serde::Serialize;

use crate::settings::{Descriptor, Shorthands};
use crate::spec::{ModelSpec, Spec, TrainSpec};

pub use crate::settings::{ModelKind, Norm};
pub use overrides::Overrides;

/// How unset options are chosen.
///
/// # Example
/// ```
/// use rosenblatt_data::{DataOptions, load};
/// use rosenblatt_train::presets::{Preset, Overrides};
///
/// let overrides = Overrides::default().set("epochs", 20);
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
    /// Fixed defaults, those of [`Spec`]; no validation split.
    Plain,
}

/// Something a preset has chosen.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// What it is about, as the flag is called.
    pub key: &'static str,
    /// The key of a run file that it decides.
    #[serde(skip)]
    pub setting: &'static str,
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
    /// Channels of the blocks of convolution before the hidden layers.
    pub(crate) convolutions: Vec<usize>,
    pub(crate) hidden: Vec<usize>,
    pub(crate) norm: Option<Norm>,
    pub(crate) activation: Entry<dyn Layer>,
    pub(crate) dropout: f64,
    /// Its layers follow from what is above.
    pub(crate) model: ModelSpec,
    pub(crate) train: TrainSpec,
    pub(crate) choices: Vec<Choice>,
}

impl Draft {
    /// Blocks of convolution, if there are any; then for each width a linear layer, a normalizing one if there is any, the activation, and dropout if there is any. The
    /// width is what comes out of the activation.
    pub(crate) fn layers(&self) -> Vec<Entry<dyn Layer>> {
        let block = |&width: &usize| {
            let out_features = width.saturating_mul(self.activation.inputs_per_output());
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
        let hidden = self.hidden.iter().flat_map(block).flatten();
        self.convolution_layers().into_iter().chain(hidden).collect()
    }

    /// Takes the place of what is given about the hidden layers.
    pub(crate) fn shape(&mut self, given: &Shorthands) {
        if given.is_convolutional() {
            self.begin_with_convolutions();
        }
        if let Some(hidden) = &given.hidden {
            self.hidden.clone_from(hidden);
        }
        if let Some(activation) = &given.activation {
            self.activation = activation.clone();
        }
        if given.is_linear() {
            self.hidden.clear();
        }
        if self.hidden.is_empty() && self.convolutions.is_empty() {
            self.choices.retain(|choice| choice.setting != "model.layers");
        }
        self.norm = given.norm.or(self.norm);
        self.dropout = given.dropout.unwrap_or(self.dropout);
    }

    /// Notes a choice for the setting of this key.
    fn choose(&mut self, key: &str, value: impl fmt::Display, reason: impl Into<String>) {
        self.choices.extend(Choice::of(key, value, reason));
    }
}

impl Choice {
    fn of(key: &str, value: impl fmt::Display, reason: impl Into<String>) -> Option<Self> {
        let setting = Descriptor::find(key)?;
        Some(Self {
            key: setting.flag.as_deref().unwrap_or_else(|| setting.name()),
            setting: setting.target(),
            value: value.to_string(),
            reason: reason.into(),
        })
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

    /// What [`Preset::data`] has chosen for such options and made a difference to the data.
    #[must_use]
    pub fn data_choices(self, options: &DataOptions, data: &Prepared) -> Vec<Choice> {
        let chosen = self.data(options);
        let fraction = chosen.valid_fraction.filter(|_| options.valid_fraction.is_none());
        let reason = "held out for validation; picks the best epoch";
        let fraction = fraction.and_then(|fraction| Choice::of("data.valid_fraction", fraction, reason));
        let has = |name| data.preprocessing.has_step(name);
        let clip = chosen
            .soft_clip
            .filter(|_| options.soft_clip.is_none() && has(SoftClip::NAME));
        let reason = "numbers far outside all others count as missing";
        let clip = clip.and_then(|clip| Choice::of("data.soft_clip", clip, reason));
        let rows = chosen
            .quantiles_from
            .filter(|_| options.quantiles_from.is_none() && has(Quantiles::NAME));
        let reason = format!(
            "{} training rows: numbers are also given by their rank",
            data.train.len()
        );
        let rows = rows.and_then(|rows| Choice::of("data.quantiles_from", rows, reason));
        fraction.into_iter().chain(clip).chain(rows).collect()
    }

    /// The spec for some data.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if a setting does not exist or is out of range.
    pub fn spec(self, options: &DataOptions, overrides: &Overrides, data: &Prepared) -> Result<Chosen> {
        let shorthands = overrides.shorthands()?;
        shorthands.check_model()?;
        if shorthands.is_convolutional() {
            convolutions::check(data)?;
        }
        let mut draft = match self {
            Self::Auto => auto::draft(overrides, data)?,
            Self::Plain => plain::draft()?,
        };
        draft.shape(&shorthands);
        shorthands.needs_hidden_layers(&draft.hidden)?;
        draft.model.layers = draft.layers();
        let Draft {
            model,
            train,
            mut choices,
            ..
        } = draft;
        let mut spec = overrides.apply(Spec {
            data: options.clone(),
            model,
            train,
        })?;
        usual_rate(&mut spec.train, overrides, &mut choices);
        solver::adapt(&mut spec.train, self, overrides, &mut choices);
        choices.retain(|choice| !Descriptor::find(choice.key).is_some_and(|setting| overrides.decides(setting)));
        Ok(Chosen { spec, choices })
    }
}

/// The learning rates of presets are those of Adam and AdamW. An optimizer of the user's own choice comes with its own, where
/// that is another one and the user gives none.
fn usual_rate(train: &mut TrainSpec, overrides: &Overrides, choices: &mut Vec<Choice>) {
    const KEY: &str = "train.learning_rate";
    let decided = |key| Descriptor::find(key).is_some_and(|setting| overrides.decides(setting));
    let usual = train.optimizer.usual_rate();
    if usual == AdamW::default().usual_rate() || decided(KEY) || !decided("train.optimizer") {
        return;
    }
    train.learning_rate = usual;
    choices.retain(|choice| choice.setting != KEY);
    choices.extend(Choice::of(
        KEY,
        usual,
        format!("the usual one of `{}`", train.optimizer.name()),
    ));
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
