//! Entries of a run file: things chosen by name, with settings.
//!
//! A run file says `"gelu"` (an entry with its defaults) or `{ dropout = { p = 0.1 } }` (a table with one key). Layers,
//! losses, optimizers, schedules, initializers and metrics are read, checked, written and listed by the code here, and
//! by nothing else.
//!
//! To add an entry, write [`Config`] (plain serde data with a name) and the trait of its kind, such
//! as [`crate::Layer`]; the list of its folder gets a line `Registration::of::<NewEntry>()`. Start reading at [`Entry`].

mod json;
mod open;
pub(crate) mod range;
mod registration;
mod schema;
pub(crate) mod text;

use std::any::TypeId;
use std::fmt::{self, Debug};
use std::ops::Deref;
use std::sync::Arc;

use rosenblatt_tensor::{Error, Result};
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};

pub(crate) use open::not_saved;
pub use open::{Added, Own, register};
pub(crate) use registration::registry;
pub use registration::{Alias, Registration, Registry};

/// Plain data with a name: the settings of one entry.
///
/// Unknown fields are refused, and every field but the indispensable ones has a default.
pub trait Config: Clone + Debug + Serialize + DeserializeOwned + JsonSchema + Send + Sync + 'static {
    /// Its name: file, registry key, key of the run file.
    const NAME: &'static str;

    /// Other names that it is found by; what is written is the name.
    const ALIASES: &'static [&'static str] = &[];

    /// The setting that a value without a name is for on the command line (`swish:1.5`), if there are several.
    const MAIN_SETTING: Option<&'static str> = None;

    /// Checks that numbers are in their ranges.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`], saying what was expected and what came.
    fn check(&self) -> Result<()> {
        Ok(())
    }

    /// Members that tests look at: the defaults, and whatever takes another way through the code.
    fn examples() -> Vec<Self> {
        Vec::new()
    }
}

/// What every entry reports about itself; comes for free with [`Config`].
pub trait Configurable: Debug + Send + Sync {
    /// Its name: file, registry key, key of the run file.
    fn name(&self) -> &str;

    /// Which type it is.
    fn type_of(&self) -> TypeId;

    /// Its settings by name, all of them, as they are saved.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if one of them holds an entry that is not registered.
    fn to_fields(&self) -> Result<Map<String, Value>>;

    /// Its settings by name, all of them, to look at; as one text if they cannot be saved.
    fn fields(&self) -> Map<String, Value> {
        let text = |_| Map::from_iter([("settings".to_owned(), Value::from(format!("{self:?}")))]);
        self.to_fields().unwrap_or_else(text)
    }

    /// Checks that numbers are in their ranges.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`], saying what was expected and what came.
    fn validate(&self) -> Result<()>;
}

impl<T: Config> Configurable for T {
    fn name(&self) -> &str {
        T::NAME
    }

    fn type_of(&self) -> TypeId {
        TypeId::of::<T>()
    }

    fn to_fields(&self) -> Result<Map<String, Value>> {
        match serde_json::to_value(self) {
            Ok(Value::Object(fields)) => Ok(fields),
            Ok(other) => {
                Err(Error::config(format!("settings are a struct with named fields, not {other}")).within(T::NAME))
            }
            Err(error) => Err(not_saved(&error).within(T::NAME)),
        }
    }

    fn validate(&self) -> Result<()> {
        self.check().map_err(|error| error.within(T::NAME))
    }
}

/// One entry of a run file: a layer, a loss, an optimizer and so on; dereferences to it.
///
/// # Example
/// ```
/// use rosenblatt_nn::{Entry, Layer, layers::Dropout};
/// let plain: Entry<dyn Layer> = serde_json::from_str(r#""dropout""#)?;
/// let table: Entry<dyn Layer> = serde_json::from_str(r#"{"dropout": {"p": 0.1}}"#)?;
/// assert_eq!(plain, Entry::from(Dropout { p: 0.5 }));
/// assert_eq!(table, Entry::parse("dropout:0.1")?);
/// assert_eq!(serde_json::to_string(&table)?, r#"{"dropout":{"p":0.1}}"#);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct Entry<K: ?Sized>(Arc<K>);

impl<K: Registry + ?Sized> Entry<K> {
    /// An entry that exists already; [`From`] makes one from settings.
    #[must_use]
    pub fn shared(entry: Arc<K>) -> Self {
        Self(entry)
    }

    /// An entry with its defaults, by its name or an alias.
    ///
    /// # Errors
    /// No entry has this name, or it has settings without a default.
    pub fn named(name: &str) -> Result<Self> {
        Self::make(name, Map::new())
    }

    /// An entry with the given settings, checked; the others have their defaults. A name of older files
    /// ([`Registry::formerly`]) is read as the name now.
    ///
    /// # Errors
    /// No entry has this name; a setting is unknown, missing, of the wrong type or out of range.
    pub fn make(name: &str, fields: Map<String, Value>) -> Result<Self> {
        let registration = Registration::<K>::find(registration::current::<K>(name, &fields))?;
        let entry = Self(registration.make(fields)?);
        entry.validate()?;
        Ok(entry)
    }

    /// The same entry with another value for one of its settings, checked.
    ///
    /// # Errors
    /// It has no such setting, or the value is out of range.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_nn::{Entry, Optimizer};
    /// let sgd: Entry<dyn Optimizer> = Entry::parse("sgd:momentum=0.9")?;
    /// assert_eq!(sgd.with("weight_decay", 0.1)?, Entry::parse("sgd:momentum=0.9,weight_decay=0.1")?);
    /// assert!(sgd.with("beta", 0.1).is_err());
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn with(&self, key: &str, value: impl Into<Value>) -> Result<Self> {
        let mut fields = self.fields();
        if fields.insert(key.to_owned(), value.into()).is_none() {
            let message = format!("the {} `{}` has no `{key}`", K::KIND, self.name());
            return Err(Error::config(message));
        }
        Self::make(self.name(), fields)
    }
}

impl<K: ?Sized> Deref for Entry<K> {
    type Target = K;

    fn deref(&self) -> &K {
        &self.0
    }
}

impl<K: ?Sized> Clone for Entry<K> {
    fn clone(&self) -> Self {
        Self(Arc::clone(&self.0))
    }
}

impl<K: Debug + ?Sized> Debug for Entry<K> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// The same name and the same settings.
impl<K: Registry + ?Sized> PartialEq for Entry<K> {
    fn eq(&self, other: &Self) -> bool {
        self.name() == other.name() && self.fields() == other.fields()
    }
}

/// A range error: `expected p in [0, 1), got 1.5`.
pub(crate) fn expect(holds: bool, field: &str, range: &str, got: impl fmt::Display) -> Result<()> {
    if holds {
        Ok(())
    } else {
        Err(Error::config(format!("expected `{field}` {range}, got {got}")))
    }
}
