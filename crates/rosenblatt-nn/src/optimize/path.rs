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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_covers_whole_names_in_a_row() {
        for (path, name, expected) in [
            ("bias", "layers.0.bias", true),
            ("bias", "bias", true),
            ("bias", "layers.0.bias_2", false),
            ("encoder.", "encoder.0.weight", true),
            ("encoder", "net.encoder.0.weight", true),
            ("encoder", "encoder2.0.weight", false),
            ("layers.1", "layers.1.weight", true),
            ("layers.1", "layers.10.weight", false),
            ("layers.1", "layers.0.1.weight", false),
            ("layers.*.bias", "layers.3.bias", true),
            ("layers.*.bias", "layers.3.0.bias", false),
            ("layers.*.bias", "layers.bias", false),
            ("*.*", "weight", false),
            ("*", "weight", true),
            ("*", "layers.0.weight", true),
            ("layers.0.weight.m", "layers.0.weight", false),
        ] {
            assert_eq!(covers(path, name), expected, "{path} {name}");
        }
    }

    #[test]
    fn a_path_that_covers_nothing_is_refused_with_the_nearest_one() {
        let parameters = ["encoder.0.weight", "encoder.0.bias", "head.weight"];
        for (path, hint) in [
            ("encodr.", "did you mean `encoder`?"),
            ("encoder.*.wieght", "did you mean `encoder.*.weight`?"),
            ("head.weihgt", "did you mean `head.weight`?"),
            (
                "a.b.c.d",
                "there are `encoder.0.bias`, `encoder.0.weight`, `head.weight`",
            ),
            ("decoder", "did you mean `encoder`?"),
        ] {
            let error = check_covers_some(path, &parameters).unwrap_err();
            assert_eq!(error.message(), format!("no parameter's name contains `{path}`"));
            assert_eq!(error.hint_text(), Some(hint), "{path}");
        }
        assert!(check_covers_some("head", &parameters).is_ok());
    }

    #[test]
    fn an_empty_name_is_refused() {
        for path in ["", ".", "a..b", ".a", "a.."] {
            assert!(check(path).is_err(), "{path:?}");
        }
        for path in ["a", "a.", "a.b", "*", "layers.*."] {
            assert!(check(path).is_ok(), "{path:?}");
        }
    }
}
