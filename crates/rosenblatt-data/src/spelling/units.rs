//! Units and currencies that may be written beside a number.

/// Codes and words of currencies; signs such as `$` need no list.
const CURRENCIES: [&str; 63] = [
    "AED", "ARS", "AUD", "BDT", "BGN", "BRL", "CAD", "CHF", "CLP", "CNY", "COP", "CZK", "DKK", "DM", "EGP", "EUR",
    "Euro", "FRF", "Fr", "Ft", "GBP", "HKD", "HUF", "IDR", "ILS", "INR", "ISK", "ITL", "JPY", "KES", "KRW", "Kc",
    "K\u{10d}", "MAD", "MXN", "MYR", "NGN", "NOK", "NZD", "PEN", "PHP", "PKR", "PLN", "RM", "RON", "RSD", "RUB", "Rp",
    "Rs", "SAR", "SEK", "SFr", "SGD", "THB", "TRY", "TWD", "UAH", "USD", "VND", "XAF", "ZAR", "kr", "z\u{142}",
];

/// Units that may follow a number without a blank; `K`, `M` and `B` also count thousands, millions and thousand millions.
const UNITS: [&str; 72] = [
    "\"", "%", "'", "B", "BTU", "C", "CM", "F", "H", "K", "KB", "KG", "KM", "Kbps", "Kg", "M", "MM", "Mio", "Mrd",
    "ac", "acre", "atm", "bhp", "bn", "bp", "bps", "cc", "d", "dB", "day", "deg", "dpi", "ft", "gal", "h", "ha", "hp",
    "hr", "in", "inch", "k", "kn", "kt", "lb", "lm", "lx", "mi", "mile", "min", "mn", "mo", "month", "mph", "oz",
    "pct", "pp", "ppb", "ppm", "px", "rad", "rpm", "sec", "sqft", "sqm", "week", "wk", "y", "yd", "year", "yr",
    "\u{b0}", "\u{2030}",
];

/// Units that may have a prefix.
const SI_UNITS: [&str; 29] = [
    "Ah", "B", "Bq", "Gy", "Hz", "J", "K", "L", "N", "Nm", "Pa", "S", "Sv", "V", "VA", "W", "Wh", "bar", "bit", "cal",
    "eV", "g", "l", "m", "mol", "s", "t", "\u{b0}C", "\u{b0}F",
];

/// Prefixes of the SI before a unit.
const PREFIXES: &str = "numkcdhMGTp\u{b5}\u{3bc}";

/// Words after a number that make it a date or a time of day.
const OF_TIME: [&str; 25] = [
    "am",
    "pm",
    "a.m.",
    "p.m.",
    "jan",
    "feb",
    "mar",
    "apr",
    "may",
    "jun",
    "jul",
    "aug",
    "sep",
    "sept",
    "oct",
    "nov",
    "dec",
    "january",
    "february",
    "march",
    "april",
    "june",
    "july",
    "august",
    "september",
];

/// Characters of a unit at most.
const MAX_LENGTH: usize = 20;

/// Whether a word is in a list, which is sorted.
fn is_in(list: &[&str], word: &str) -> bool {
    list.binary_search(&word).is_ok()
}

/// Whether a text is a sign, a code or a word of a currency, such as `$`, `US$`, `EUR` or `Rs.`.
pub(super) fn is_currency(text: &str) -> bool {
    // No letter alone is one: this is asked of the keys of large columns.
    if text.len() == 1 && text.as_bytes()[0].is_ascii_alphabetic() {
        return false;
    }
    let text = text.trim_end_matches('.');
    if let Some(letters) = text.strip_suffix(is_currency_sign) {
        return letters.len() <= 3 && letters.bytes().all(|b| b.is_ascii_uppercase());
    }
    is_in(&CURRENCIES, text)
        || text.len() == 3
            && CURRENCIES
                .iter()
                .any(|code| code.len() == 3 && code.eq_ignore_ascii_case(text))
}

/// The characters of the Unicode category Sc that people write.
fn is_currency_sign(c: char) -> bool {
    matches!(
        c,
        '$' | '\u{a2}'..='\u{a5}' | '\u{58f}' | '\u{60b}' | '\u{9f2}' | '\u{9f3}' | '\u{e3f}' | '\u{17db}'
    ) || matches!(
        c,
        '\u{20a0}'
            ..='\u{20c0}' | '\u{fdfc}' | '\u{fe69}' | '\u{ff04}' | '\u{ffe0}' | '\u{ffe1}' | '\u{ffe5}' | '\u{ffe6}'
    )
}

/// Whether a text behind a number may be its unit; `is_attached` says that no blank is between them.
///
/// After a blank, any words are one that are no time and no single letter. Without a blank it has to be a known unit, as
/// `1Story` and `5th` are names.
pub(super) fn is_unit(text: &str, is_attached: bool) -> bool {
    if text == "%" {
        return true;
    }
    let begins = |c: char| c.is_alphabetic() || is_currency_sign(c) || matches!(c, '\u{2030}' | '\u{b0}' | '\'' | '"');
    if !text.starts_with(begins)
        || text.chars().count() > MAX_LENGTH
        || !text.chars().all(|c| is_of_unit(c) || c.is_ascii_digit())
    {
        return false;
    }
    if is_currency(text) {
        return true;
    }
    if is_of_time(text) {
        return false;
    }
    let mut factors = text.split(['/', '\u{b7}', '*']).map(without_exponent);
    if factors.clone().all(is_known) {
        return true;
    }
    let is_word = |word: &str| word.chars().any(char::is_alphabetic) && !word.bytes().any(|b| b.is_ascii_digit());
    !is_attached && factors.all(is_word) && text.chars().count() > 1
}

fn is_of_unit(c: char) -> bool {
    c.is_alphabetic()
        || is_currency_sign(c)
        || c.is_whitespace()
        || "%\u{2030}\u{b0}\u{b2}\u{b3}\u{b9}\u{207b}/\u{b7}*^.-_'\"".contains(c)
}

/// `m` of `m2`, `m^2` and `m²`.
fn without_exponent(factor: &str) -> &str {
    let negative = ["-1", "\u{207b}\u{b9}"]
        .iter()
        .find_map(|power| factor.strip_suffix(power));
    let end = negative
        .unwrap_or(factor)
        .trim_end_matches(['2', '3', '\u{b2}', '\u{b3}']);
    end.trim_end_matches(['^', '-', '\u{207b}']).trim()
}

fn is_known(unit: &str) -> bool {
    let plain = unit.trim_end_matches('.');
    let singular = plain.strip_suffix('s').filter(|unit| unit.len() > 1).unwrap_or(plain);
    let without_prefix = plain.strip_prefix(|c| PREFIXES.contains(c)).unwrap_or(plain);
    UNITS.contains(&plain)
        || UNITS.contains(&singular)
        || SI_UNITS.contains(&plain)
        || SI_UNITS.contains(&without_prefix)
}

fn is_of_time(text: &str) -> bool {
    let word = text.trim_end_matches('.').to_lowercase();
    OF_TIME.iter().any(|other| other.trim_end_matches('.') == word)
        || matches!(
            word.as_str(),
            "october" | "november" | "december" | "bc" | "ad" | "bce" | "ce"
        )
}

/// The same for units that differ in a plural `s` and in the kind of blanks only: `year` and `years`.
pub(super) fn is_same_unit(one: &str, other: &str) -> bool {
    one == other || simple(one).eq(simple(other))
}

fn simple(unit: &str) -> impl Iterator<Item = &str> {
    unit.split_whitespace().map(|word| {
        let word = word.trim_end_matches('.');
        word.strip_suffix('s').filter(|one| one.len() > 1).unwrap_or(word)
    })
}

/// Whether a unit is one capital letter, which may be a part of a code such as `14A`.
pub(super) fn is_letter(unit: &str) -> bool {
    unit.len() == 1 && unit.bytes().all(|b| b.is_ascii_uppercase())
}

/// Words are looked up by halves.
#[cfg(test)]
pub(super) fn lists_are_sorted() -> bool {
    [&CURRENCIES[..], &UNITS, &SI_UNITS].iter().all(|list| list.is_sorted())
}
