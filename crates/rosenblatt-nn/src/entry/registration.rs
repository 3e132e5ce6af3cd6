//! Registries: what can be named, and how it is made.

use std::any::TypeId;
use std::sync::Arc;

use rosenblatt_tensor::names::{meant, nearest};
use rosenblatt_tensor::{Error, Result};
use schemars::generate::SchemaSettings;
use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use super::{Added, Configurable, Entry};

/// A kind of entry: the trait of layers, of losses and so on.
pub trait Registry: Configurable + 'static {
    /// What one of them is called in messages: `layer`.
    const KIND: &'static str;

    /// Every entry of this kind that comes with the library, in alphabetical order.
    fn registry() -> &'static [Registration<Self>];

    /// Those that were registered since the program started.
    fn added() -> &'static Added<Self>;

    /// Every entry of this kind, also those that were registered, in alphabetical order.
    fn all() -> Vec<&'static Registration<Self>> {
        let mut all: Vec<_> = Self::registry().iter().chain(Self::added().all()).collect();
        all.sort_by_key(|registration| registration.name);
        all
    }

    /// Names that entries had in older files.
    fn formerly() -> &'static [Alias] {
        &[]
    }
}

/// An old name of an entry, for files written before it was renamed.
pub struct Alias {
    /// The name in old files, which another entry may have now.
    pub old: &'static str,
    /// A setting that only the renamed entry has: it distinguishes old from new.
    pub with: &'static str,
    /// Its name now.
    pub new: &'static str,
}

/// The name now of an entry that is written as `name` with these settings.
pub(super) fn current<'n, K: Registry + ?Sized>(name: &'n str, fields: &Map<String, Value>) -> &'n str {
    let mut formerly = K::formerly().iter();
    let alias = formerly.find(|alias| alias.old == name && fields.contains_key(alias.with));
    alias.map_or(name, |alias| alias.new)
}

/// One line of a registry: makes entries of one name.
pub struct Registration<K: ?Sized> {
    /// The name of what it makes.
    pub name: &'static str,
    /// Other names that it is found by.
    pub aliases: &'static [&'static str],
    /// The setting that a value without a name is for, if there are several.
    pub(crate) main_setting: Option<&'static str>,
    pub(crate) type_of: fn() -> TypeId,
    pub(crate) make: fn(&'static str, Map<String, Value>) -> serde_json::Result<Arc<K>>,
    pub(crate) schema: fn(&'static str, &mut SchemaGenerator) -> Schema,
    pub(crate) examples: fn(&'static str) -> Vec<Arc<K>>,
}

impl<K: ?Sized> Clone for Registration<K> {
    fn clone(&self) -> Self {
        Self {
            name: self.name,
            aliases: self.aliases,
            main_setting: self.main_setting,
            type_of: self.type_of,
            make: self.make,
            schema: self.schema,
            examples: self.examples,
        }
    }
}

impl<K: Registry + ?Sized> Registration<K> {
    /// The registry's line with this name or alias.
    ///
    /// # Errors
    /// There is none; the hint has the nearest right name.
    pub fn find(name: &str) -> Result<&'static Self> {
        let called = |registration: &&Self| registration.is_called(name);
        let own = || K::added().all().into_iter().find(called);
        K::registry().iter().find(called).or_else(own).ok_or_else(|| {
            let all = K::all();
            let names = all.iter().map(|registration| registration.name);
            let aliases = all.iter().flat_map(|registration| registration.aliases).copied();
            let hint = match nearest(name, names.clone().chain(aliases)) {
                Some(near) => format!("did you mean `{near}`?"),
                None => meant(name, names),
            };
            Error::config(format!("unknown {} `{name}`", K::KIND)).hint(hint)
        })
    }

    /// Whether it has this name or alias.
    pub(super) fn is_called(&self, name: &str) -> bool {
        self.name == name || self.aliases.contains(&name)
    }

    /// An entry with the given settings, not yet checked.
    pub(super) fn make(&self, fields: Map<String, Value>) -> Result<Arc<K>> {
        let given: Vec<String> = fields.keys().cloned().collect();
        (self.make)(self.name, fields).map_err(|error| self.explain(&error, &given).within(self.name))
    }

    /// Says what to write instead of a setting that does not exist.
    fn explain(&self, error: &serde_json::Error, given: &[String]) -> Error {
        let known = self.fields();
        match given.iter().find(|field| !known.contains(field)) {
            Some(field) => {
                let hint = match known.is_empty() {
                    true => "there is nothing to set".to_owned(),
                    false => meant(field, known.iter().map(String::as_str)),
                };
                Error::config(format!("unknown setting `{field}`")).hint(hint)
            }
            None => Error::config(error.to_string()),
        }
    }

    /// Whether the name alone is an entry: every setting has a default.
    #[must_use]
    pub fn has_defaults(&self) -> bool {
        (self.make)(self.name, Map::new()).is_ok()
    }

    /// JSON schema of the settings.
    pub(super) fn schema(&self, generator: &mut SchemaGenerator) -> Schema {
        (self.schema)(self.name, generator)
    }

    /// Names of the settings, sorted.
    #[must_use]
    pub fn fields(&self) -> Vec<String> {
        let mut generator = SchemaSettings::default()
            .with(|s| s.inline_subschemas = true)
            .into_generator();
        let schema = self.schema(&mut generator);
        let fields = schema.get("properties").and_then(Value::as_object);
        fields.into_iter().flat_map(Map::keys).cloned().collect()
    }

    /// Members that tests look at.
    #[must_use]
    pub fn examples(&self) -> Vec<Entry<K>> {
        (self.examples)(self.name).into_iter().map(Entry::shared).collect()
    }
}

/// Makes a list of registrations the registry of a trait.
macro_rules! registry {
    ($trait:ident, $kind:literal, $entries:expr $(, $formerly:expr)?) => {
        impl $crate::entry::Registry for dyn $trait {
            const KIND: &'static str = $kind;

            fn registry() -> &'static [$crate::Registration<Self>] {
                $entries
            }

            fn added() -> &'static $crate::entry::Added<Self> {
                static ADDED: $crate::entry::Added<dyn $trait> = $crate::entry::Added::new();
                &ADDED
            }
            $(
                fn formerly() -> &'static [$crate::entry::Alias] {
                    $formerly
                }
            )?
        }

        impl $crate::Registration<dyn $trait> {
            /// The registry's line of an entry.
            #[must_use]
            pub const fn of<T: $trait + $crate::Config>() -> Self {
                Self {
                    name: T::NAME,
                    aliases: T::ALIASES,
                    main_setting: T::MAIN_SETTING,
                    type_of: std::any::TypeId::of::<T>,
                    make: |_, fields| Ok(std::sync::Arc::new(serde_json::from_value::<T>(fields.into())?)),
                    schema: |_, generator| generator.subschema_for::<T>(),
                    examples: |_| {
                        let share = |entry: T| std::sync::Arc::new(entry) as std::sync::Arc<dyn $trait>;
                        T::examples().into_iter().map(share).collect()
                    },
                }
            }
        }

        impl<T: $trait + $crate::Config> From<T> for $crate::Entry<dyn $trait> {
            fn from(entry: T) -> Self {
                Self::shared(std::sync::Arc::new(entry))
            }
        }
    };
}
pub(crate) use registry;
