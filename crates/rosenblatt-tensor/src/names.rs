//! Which name was meant, and names in messages.

/// How many names a message lists before it says "…".
const LISTED: usize = 40;

/// The longest name that is shown whole, in characters.
const MAX_SHOWN: usize = 60;

/// Longer names are not compared, so that a hostile file cannot cost time.
const MAX_COMPARED: usize = 64;

/// What to write as a hint when `wanted` is none of `names`: the nearest one, or which there are.
///
/// # Example
/// ```
/// use rosenblatt_tensor::names::meant;
/// assert_eq!(meant("ilsand", ["species", "island"]), "did you mean `island`?");
/// assert_eq!(meant("zebra", ["species", "island"]), "there are `species`, `island`");
/// ```
pub fn meant<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str> + Clone) -> String {
    match (nearest(wanted, names.clone()), listing(names)) {
        (Some(name), _) => format!("did you mean `{}`?", one_line(name)),
        (None, names) if names.is_empty() => "there is none".to_owned(),
        (None, names) => format!("there are {names}"),
    }
}

/// Names in quotes, the first forty of them.
///
/// # Example
/// ```
/// use rosenblatt_tensor::names::listing;
/// assert_eq!(listing(["species", "island"]), "`species`, `island`");
/// ```
pub fn listing<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let mut names = names.into_iter().map(|name| format!("`{}`", short(name)));
    let shown: Vec<_> = names.by_ref().take(LISTED).collect();
    shown.join(", ") + if names.next().is_some() { ", …" } else { "" }
}

/// Text from outside on one line, cut to a length fit for a message: 60 characters. A line break in a name would look like a line
/// of the program.
#[must_use]
pub fn short(text: &str) -> String {
    let cut = match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    };
    one_line(&cut)
}

/// Text from outside on one line: control characters are written as in Rust.
///
/// # Example
/// ```
/// use rosenblatt_tensor::names::one_line;
/// assert_eq!(one_line("a\nhint: b"), "a\\nhint: b");
/// ```
#[must_use]
pub fn one_line(text: &str) -> String {
    let mut shown = String::with_capacity(text.len());
    for c in text.chars() {
        match c.is_control() {
            true => shown.extend(c.escape_debug()),
            false => shown.push(c),
        }
    }
    shown
}

/// The name most like `wanted`, if one is near enough to be a slip of the keyboard.
///
/// Near means: at most a third of the wanted letters, but always one, added, lost, changed or swapped with a neighbor.
/// `_`, `-` and the case of letters do not count. Of equally near names the one that shares more letters wins (`rellu` is
/// `relu`, not `reglu`), then the first; names of more than 64 characters are near to none.
///
/// # Example
/// ```
/// use rosenblatt_tensor::nearest;
/// assert_eq!(nearest("speceis", ["island", "species"]), Some("species"));
/// assert_eq!(nearest("LeakyReLU", ["leaky_relu", "relu"]), Some("leaky_relu"));
/// assert_eq!(nearest("weight", ["island", "species"]), None);
/// ```
pub fn nearest<'a>(wanted: &str, names: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let wanted = letters(wanted)?;
    let allowed = (wanted.chars().count() / 3).max(1);
    let near = |name: &'a str| {
        let letters = letters(name)?;
        let distance = strsim::osa_distance(&wanted, &letters);
        (distance <= allowed).then(|| (distance, 1.0 - strsim::jaro(&wanted, &letters), name))
    };
    let further = |a: &(usize, f64, _), b: &(usize, f64, _)| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1));
    let best = names.into_iter().filter_map(near).min_by(further);
    best.map(|(.., name)| name)
}

/// What is compared of a name; nothing of one that is too long.
fn letters(name: &str) -> Option<String> {
    let short = name.chars().nth(MAX_COMPARED).is_none();
    short.then(|| name.replace(['_', '-'], "").to_lowercase())
}
