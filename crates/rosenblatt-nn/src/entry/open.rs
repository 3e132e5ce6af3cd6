//! Entries of one's own: registries are open at the end.

use std::any::TypeId;
use std::sync::{PoisonError, RwLock};

use rosenblatt_tensor::{Error, Result};

use super::{Entry, Registration, Registry};

/// What was registered while the program runs.
pub struct Added<K: ?Sized + 'static>(RwLock<Vec<&'static Registration<K>>>);

impl<K: ?Sized + 'static> Added<K> {
    /// Nothing yet.
    pub(crate) const fn new() -> Self {
        Self(RwLock::new(Vec::new()))
    }

    pub(super) fn all(&self) -> Vec<&'static Registration<K>> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

/// Makes an entry of one's own known: it can be named, read and saved from then on, in this process.
///
/// Registering the same type again does nothing. Registrations live as long as the program, and no thread sees half of
/// one.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if another entry of this kind has the name or an alias, or the name has other characters than
/// `a`–`z`, `0`–`9` and `_`.
pub fn register<K: Registry + ?Sized>(registration: Registration<K>) -> Result<()> {
    let name = registration.name;
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
    if name.is_empty() || !name.bytes().all(plain) {
        let error = Error::config(format!("`{name}` cannot be the name of a {}", K::KIND));
        return Err(error.hint("write it in lower case, digits and `_`"));
    }
    let mut added = K::added().0.write().unwrap_or_else(PoisonError::into_inner);
    let known = K::registry()
        .iter()
        .chain(added.iter().copied())
        .find(|known| known.is_called(name) || registration.aliases.iter().any(|alias| known.is_called(alias)));
    match known {
        None => added.push(Box::leak(Box::new(registration))),
        Some(known) if known.name == name && (known.type_of)() == (registration.type_of)() => {}
        Some(known) => {
            let taken = if known.is_called(name) { name } else { known.name };
            let error = Error::config(format!("there is a {} `{taken}` already", K::KIND));
            return Err(error.hint("choose another name: a registered one is never replaced"));
        }
    }
    Ok(())
}

/// An entry that knows its kind: see `rosenblatt::register`.
pub trait Own {
    /// Registers it.
    ///
    /// # Errors
    /// As [`register`].
    fn register() -> Result<()>;
}

impl<K: Registry + ?Sized> Entry<K> {
    /// Whether its name leads back to its type: it can be saved, and read again.
    #[must_use]
    pub fn is_registered(&self) -> bool {
        let type_of: TypeId = self.type_of();
        let found = Registration::<K>::find(self.name());
        found.is_ok_and(|registration| (registration.type_of)() == type_of)
    }
}

/// The error of plain data that holds an entry which is not registered, or another mistake of serde.
pub(crate) fn not_saved(error: &serde_json::Error) -> Error {
    let error = Error::config(error.to_string());
    error.hint("an entry of your own can be saved after `rosenblatt::register::<…>()`, called where the program starts")
}
