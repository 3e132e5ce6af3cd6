//! Numbers and words for people, as every front end writes them.

pub use rosenblatt_tensor::names::one_line;
/// Four digits after the point, or an exponent where that says nothing.
#[must_use]
pub fn number(value: f64) -> String {
    let size = value.abs();
    if value == 0.0 || (1e-3..1e6).contains(&size) {
        format!("{value:.4}")
    } else {
        format!("{value:.3e}")
    }
}

/// Three digits that say something, at most: `0.0832`, `2.15`, `57.9`, `12300`; an exponent for what is very small or large.
#[must_use]
pub fn rounded(value: f64) -> String {
    let size = value.abs();
    if !value.is_finite() {
        return "–".to_owned();
    }
    if value != 0.0 && !(1e-3..1e9).contains(&size) {
        return format!("{value:.2e}");
    }
    // The exponent of what is rounded to three digits, since 9.996 has as many before the point as 10.
    let scientific = format!("{value:.2e}");
    let (_, exponent) = scientific.split_once('e').unwrap_or_default();
    let three: f64 = scientific.parse().unwrap_or(value);
    let before = exponent.parse::<i32>().unwrap_or_default();
    let digits = usize::try_from(2 - before).unwrap_or_default();
    let text = format!("{three:.digits$}");
    if three == 0.0 { "0".to_owned() } else { text }
}

/// Six digits that say something, at most, and none that says nothing: `1.488` of 1.4880000000000002.
#[must_use]
pub fn plain(value: f64) -> String {
    let six: f64 = format!("{value:.5e}").parse().unwrap_or(value);
    // Besides 0 a sign says nothing.
    let six = six + 0.0;
    if six == 0.0 || (1e-6..1e12).contains(&six.abs()) {
        six.to_string()
    } else {
        format!("{six:e}")
    }
}

/// The digits after the point that [`rounded`] gives a value.
#[must_use]
pub fn decimals(value: f64) -> usize {
    rounded(value).split_once('.').map_or(0, |(_, digits)| digits.len())
}

/// So many digits after the point; what is rounded to 0 has no sign.
#[must_use]
pub fn fixed(value: f64, digits: usize) -> String {
    let text = format!("{value:.digits$}");
    let digits = text.strip_prefix('-').unwrap_or(&text);
    if digits.bytes().all(|byte| b"0.".contains(&byte)) {
        digits.to_owned()
    } else {
        text
    }
}

/// `85.6 %` of 0.8563.
#[must_use]
pub fn percent(share: f64) -> String {
    if share.is_finite() {
        format!("{:.1} %", 100.0 * share)
    } else {
        "–".to_owned()
    }
}

/// `48,842` of 48842.
#[must_use]
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    let first = (digits.len() - 1) % 3 + 1;
    let (head, tail) = digits.split_at(first);
    let groups = tail.as_bytes().chunks(3).map(|group| String::from_utf8_lossy(group));
    groups.fold(head.to_owned(), |text, group| text + "," + &group)
}

/// `1 row`, `2 rows`.
#[must_use]
pub fn count(number: usize, thing: &str) -> String {
    format!("{number} {thing}{}", if number == 1 { "" } else { "s" })
}

/// A text for a terminal: control characters but line feeds and tabs, which may do anything there, are written as in Rust.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\n' | '\t' => printable.push(c),
            c if c.is_control() => printable.extend(c.escape_debug()),
            c => printable.push(c),
        }
    }
    printable
}

/// The name of a file as one types it in a shell after a command: no flag, whatever it begins with.
#[must_use]
pub fn quoted_file(name: &str) -> String {
    match name.starts_with('-') && name != "-" {
        true => quoted(&format!("./{name}")),
        false => quoted(name),
    }
}

/// The f64 that prints with the digits an f32 prints with: as many as tell it from other f32, and no more.
#[must_use]
pub fn shortest(value: f32) -> f64 {
    value.to_string().parse().unwrap_or_else(|_| value.into())
}

/// A word as one types it in a shell; with control characters, as in bash and zsh.
#[must_use]
pub fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./=:,+%@".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    if word.contains(char::is_control) {
        let typed = |c: char| match c {
            '\\' | '\'' => format!("\\{c}"),
            '\n' => "\\n".to_owned(),
            c if c.is_control() => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        };
        return format!("$'{}'", word.chars().map(typed).collect::<String>());
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}
