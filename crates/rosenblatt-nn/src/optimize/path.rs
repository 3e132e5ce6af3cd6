//! Which parameters a path covers.

use rosenblatt_tensor::names::meant;
use rosenblatt_tensor::{Error, Result};

/// Stands for any one name.
const ANY: &str = "*";

/// Whether `path` covers the parameter called `name`.
///
/// The rule: a path is names separated by dots, and it covers every parameter whose own name contains them in a row,
/// whole names only. `*` stands for any one name; a dot at the end changes nothing.
///
/// | path | covers | does not cover |
/// |---|---|---|
/// | `bias` | `layers.0.bias` | `layers.0.weight`, `layers.0.bias_2` |
/// | `encoder.` | `encoder.0.weight`, `net.encoder.0.bias` | `encoder2.0.weight` |
/// | `layers.1` | `layers.1.weight` | `layers.10.weight` |
/// | `layers.*.bias` | `layers.3.bias` | `layers.3.0.bias` |
/// | `*` | every parameter | |
///
/// # Example
/// ```
/// use rosenblatt_nn::optimize::covers;
/// assert!(covers("layers.*.bias", "layers.3.bias"));
/// assert!(!covers("layers.1", "layers.10.weight"));
/// ```
#[must_use]
pub fn covers(path: &str, name: &str) -> bool {
    let (wanted, name): (Vec<&str>, Vec<&str>) = (names(path).collect(), name.split('.').collect());
    let same = |(wanted, found): (&&str, &&str)| *wanted == ANY || wanted == found;
    name.windows(wanted.len()).any(|part| wanted.iter().zip(part).all(same))
}

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if a name of the path is empty.
pub(super) fn check(path: &str) -> Result<()> {
    if names(path).all(|name| !name.is_empty()) {
        return Ok(());
    }
    let error = Error::config(format!("expected names separated by dots, got the path `{path}`"));
    Err(error.hint("`*` is any one name: alone it covers every parameter"))
}

/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if no parameter is covered; the hint is the nearest path that covers one.
pub(super) fn check_covers_some(path: &str, parameters: &[&str]) -> Result<()> {
    if parameters.iter().any(|name| covers(path, name)) {
        return Ok(());
    }
    let mut near: Vec<String> = parameters.iter().flat_map(|name| alike(path, name)).collect();
    if near.is_empty() {
        near = parameters.iter().map(|&name| name.to_owned()).collect();
    }
    near.sort();
    near.dedup();
    let written = path.strip_suffix('.').unwrap_or(path);
    let hint = meant(written, near.iter().map(String::as_str));
    Err(Error::config(format!("no parameter's name contains `{path}`")).hint(hint))
}

fn names(path: &str) -> impl Iterator<Item = &str> {
    path.strip_suffix('.').unwrap_or(path).split('.')
}

/// The paths of as many names that cover a parameter, with `*` where the wanted one has it.
fn alike(path: &str, name: &str) -> Vec<String> {
    let (wanted, name): (Vec<&str>, Vec<&str>) = (names(path).collect(), name.split('.').collect());
    let path = |part: &[&str]| {
        let name = |(wanted, found): (&&str, &&str)| if *wanted == ANY { ANY } else { *found }.to_owned();
        wanted.iter().zip(part).map(name).collect::<Vec<_>>().join(".")
    };
    name.windows(wanted.len()).map(path).collect()
}
