//! Which name was meant.

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

/// Longer names are compared by equality only, so that a hostile file cannot cost time.
const LONGEST_COMPARED: usize = 64;

/// The name at most a third of the wanted letters away, at least one letter; of equally near ones the first.
///
/// `_`, `-` and the case of letters do not count.
fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = letters(wanted)?;
    let allowed = (wanted.len() / 3).max(1);
    let distances = names
        .into_iter()
        .filter_map(|name| Some((distance(&wanted, &letters(name)?), name)));
    let (least, name) = distances.min_by_key(|&(distance, _)| distance)?;
    (least <= allowed).then_some(name)
}

fn letters(name: &str) -> Option<Vec<char>> {
    let short = name.chars().nth(LONGEST_COMPARED).is_none();
    short.then(|| {
        name.chars()
            .filter(|c| !matches!(c, '_' | '-'))
            .flat_map(char::to_lowercase)
            .collect()
    })
}

/// Letters to insert, delete, change or swap with their neighbour to turn one word into the other.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut rows = vec![(0..=b.len()).collect::<Vec<usize>>()];
    for i in 1..=a.len() {
        let mut row = vec![i];
        for j in 1..=b.len() {
            let change = rows[i - 1][j - 1] + usize::from(a[i - 1] != b[j - 1]);
            let mut least = change.min(rows[i - 1][j] + 1).min(row[j - 1] + 1);
            if i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1] {
                least = least.min(rows[i - 2][j - 2] + 1);
            }
            row.push(least);
        }
        rows.push(row);
    }
    rows[a.len()][b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_slips_and_nothing_else() {
        let names = ["dropout", "leaky_relu", "relu"];
        for (wanted, found) in [
            ("droput", Some("dropout")),
            ("LeakyReLU", Some("leaky_relu")),
            ("rleu", Some("relu")),
            ("reluu", Some("relu")),
            ("sigmoid", None),
            ("", None),
        ] {
            assert_eq!(nearest(wanted, names), found, "{wanted}");
        }
        assert_eq!(nearest(&"x".repeat(100_000), names), None);
        assert_eq!(nearest("a", []), None);
    }

    #[test]
    fn without_a_near_name_all_are_listed() {
        assert_eq!(hint("zzz", ["p", "q"]), "there are `p`, `q`");
        assert_eq!(hint("zzz", []), "there is nothing to set");
    }
}
