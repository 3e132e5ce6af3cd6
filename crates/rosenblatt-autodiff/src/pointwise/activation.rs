//! The registry of activations.

use std::fmt;

use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result};

use super::{ACTIVATIONS, Setting};
use crate::{Attributes, Elementwise, Family, Unary, Var};

/// An activation with a value for each of its settings; those of the registry have the defaults.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::{eval, pointwise::{Activation, LEAKY_RELU, RELU, SIGMOID}};
/// assert_eq!(eval(|[x]| RELU.apply(x), [&(-1.0).into()])?.item()?, 0.0);
/// assert_eq!(Activation::named("relu"), Some(RELU));
/// assert_eq!(Activation::named("logistic"), Some(SIGMOID));
/// assert_eq!(LEAKY_RELU.with("slope", 0.5)?.number(-4.0), -2.0);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Copy)]
pub struct Activation {
    family: Family,
    pub(super) derivative: Option<Family>,
    aliases: &'static [&'static str],
    about: &'static str,
    settings: &'static [Setting],
    /// In the order of `settings`; what is left over is 0.
    values: [f64; MAX_SETTINGS],
    apply: for<'g> fn(&Attributes, Var<'g>) -> Var<'g>,
    number: fn(&Attributes, f64) -> f64,
    instances: fn() -> Vec<Attributes>,
}

/// How many settings an activation may have: the compiler refuses more.
const MAX_SETTINGS: usize = 2;

impl Activation {
    /// The entry of a function of one number, with its defaults.
    #[must_use]
    pub const fn of<E: Elementwise>() -> Self {
        let mut values = [0.0; MAX_SETTINGS];
        let mut i = 0;
        while i < E::SETTINGS.len() {
            values[i] = E::SETTINGS[i].default;
            i += 1;
        }
        Self {
            family: Family::unary::<E>(),
            derivative: E::DERIVATIVE,
            aliases: E::ALIASES,
            about: E::ABOUT,
            settings: E::SETTINGS,
            values,
            apply: |attributes, x| match E::make(attributes) {
                Ok(rule) => x.apply(Unary(rule)),
                Err(error) => x.fail(error),
            },
            number: |attributes, x| E::make(attributes).map_or(f64::NAN, |rule| rule.value(x)),
            instances: || E::instances().iter().map(Elementwise::attributes).collect(),
        }
    }

    /// The activation of this name or alias, with its defaults, if there is one.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        let is_called = |activation: &&Self| activation.name() == name || activation.aliases.contains(&name);
        ACTIVATIONS.iter().find(is_called).copied()
    }

    /// Its name: file, op, layer.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.family.name
    }

    /// Other names that it is found by.
    #[must_use]
    pub const fn aliases(&self) -> &'static [&'static str] {
        self.aliases
    }

    /// What it is, in one sentence; empty for one without settings.
    #[must_use]
    pub const fn about(&self) -> &'static str {
        self.about
    }

    /// Its settings with their values.
    pub fn settings(&self) -> impl Iterator<Item = (&'static Setting, f64)> {
        self.settings.iter().zip(self.values)
    }

    /// The same with another value of a setting.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if it has no such setting, or the value is out of range.
    pub fn with(mut self, name: &str, value: f64) -> Result<Self> {
        let mut known = self.settings.iter().zip(&mut self.values);
        let Some((setting, place)) = known.find(|(setting, _)| setting.name == name) else {
            let names: Vec<&str> = self.settings.iter().map(|setting| setting.name).collect();
            return Err(Error::config(format!("unknown setting `{name}`")).hint(meant(name, names)));
        };
        setting.check(value)?;
        *place = value;
        Ok(self)
    }

    /// The settings of a rule: `From` without a conflict of names.
    fn with_attributes(mut self, attributes: &Attributes) -> Self {
        for (setting, place) in self.settings.iter().zip(&mut self.values) {
            *place = attributes.float(setting.name).unwrap_or(f64::NAN);
        }
        self
    }

    /// Members that tests look at: the defaults, and other values of its settings.
    #[must_use]
    pub fn instances(&self) -> Vec<Self> {
        let instances = (self.instances)();
        instances
            .iter()
            .map(|attributes| self.with_attributes(attributes))
            .collect()
    }

    fn attributes(&self) -> Attributes {
        self.settings()
            .fold(Attributes::new(), |all, (setting, value)| all.with(setting.name, value))
    }

    /// Its value, element-wise.
    #[must_use]
    #[track_caller]
    pub fn apply<'g>(&self, x: Var<'g>) -> Var<'g> {
        (self.apply)(&self.attributes(), x)
    }

    /// Its value for one number.
    #[must_use]
    pub fn number(&self, x: f64) -> f64 {
        (self.number)(&self.attributes(), x)
    }

    /// The registry entry of its op.
    pub(crate) const fn family(&self) -> &Family {
        &self.family
    }
}

impl<E: Elementwise> From<&E> for Activation {
    /// The activation that a rule is; values of its settings are not checked.
    fn from(rule: &E) -> Self {
        Self::of::<E>().with_attributes(&rule.attributes())
    }
}

/// The same name and the same settings.
impl PartialEq for Activation {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.values == other.values
    }
}

/// As the command line writes it: `relu`, `elu:0.5`, `name:first=1,second=2`.
impl fmt::Display for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())?;
        let named = self.settings.len() > 1;
        for (i, (setting, value)) in self.settings().enumerate() {
            let before = if i == 0 { ":" } else { "," };
            match named {
                true => write!(f, "{before}{}={value}", setting.name)?,
                false => write!(f, "{before}{value}")?,
            }
        }
        Ok(())
    }
}

impl fmt::Debug for Activation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
