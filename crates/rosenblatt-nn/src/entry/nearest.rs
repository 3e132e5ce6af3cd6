//! What to write instead of a name that does not exist.

use rosenblatt_tensor::nearest;

/// What to write as hint when `wanted` is none of `names`: the nearest one, or all of them.
pub(crate) fn hint<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    if let Some(name) = nearest(wanted, names.clone()) {
        return format!("did you mean `{name}`?");
    }
    let quoted: Vec<String> = names.into_iter().map(|name| format!("`{name}`")).collect();
    if quoted.is_empty() {
        "there is nothing to set".to_owned()
    } else {
        format!("there are {}", quoted.join(", "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_or_all_of_them() {
        assert_eq!(hint("rleu", ["gelu", "relu"]), "did you mean `relu`?");
        assert_eq!(hint("zzz", ["p", "q"]), "there are `p`, `q`");
        assert_eq!(hint("zzz", []), "there is nothing to set");
    }
}
