//! Single keys of a spec.

use rosenblatt_tensor::{Error, Result};
use serde_json::{Map, Value};

use super::Spec;
use crate::settings::Assignment;

impl Spec {
    /// The same with another value for one key: `train.epochs=20`, `model.layers.0.linear.out_features=64`.
    ///
    /// The value is written as in TOML; what is no TOML is a text.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if there is no such key or the value does not fit it.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_train::Spec;
    /// let spec = Spec::default().with("train.epochs=20")?.with("train.optimizer=sgd")?;
    /// assert_eq!(spec.train.epochs, 20);
    /// assert_eq!(spec.train.optimizer.name(), "sgd");
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn with(&self, assignment: &str) -> Result<Self> {
        self.set(&assignment.parse()?)
    }

    /// As [`Spec::with`], of what was read before.
    ///
    /// # Errors
    /// As [`Spec::with`].
    pub fn set(&self, assignment: &Assignment) -> Result<Self> {
        let mut json = self.to_json()?;
        put(&mut json, assignment.path(), assignment.normal()?)?;
        // What is set key by key says what it wants: a contradiction is refused where it is read.
        let replaces = !assignment.origin.is_key();
        let excluded = assignment
            .descriptor()
            .and_then(|setting| setting.excludes.as_ref()?.split_once('.'));
        if let Some((part, key)) = excluded.filter(|_| replaces)
            && let Some(table) = json[part].as_object_mut()
        {
            table.remove(key);
        }
        Self::from_json(&json)
    }
}

fn put(json: &mut Value, path: &[String], value: Value) -> Result<()> {
    let whole = || path.join(".");
    let mut place = json;
    for key in path {
        place = match place {
            Value::Array(items) => {
                let count = items.len();
                let item = key.parse().ok().and_then(|index: usize| items.get_mut(index));
                let none = || Error::config(format!("expected a number below {count}, got `{key}`"));
                item.ok_or_else(|| none().within(whole()))?
            }
            Value::Object(table) => table.entry(key).or_insert(Value::Null),
            // A name with its defaults gets a table for the setting that follows.
            other => match other.as_str() {
                Some(name) if name == key => {
                    *other = Value::Object(Map::from_iter([(key.clone(), Value::Object(Map::new()))]));
                    &mut other[key]
                }
                _ if other.is_null() => {
                    *other = Value::Object(Map::new());
                    &mut other[key]
                }
                _ => return Err(Error::config(format!("`{key}`: {other} has no keys")).within(whole())),
            },
        };
    }
    *place = value;
    Ok(())
}
