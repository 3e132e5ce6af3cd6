//! How far a clock is ahead of UTC.

use std::sync::LazyLock;

use jiff::civil::DateTime;
use jiff::tz::{TimeZone, TimeZoneDatabase};

use super::cursor::Cursor;

/// What a text says about the time zone of its clock.
#[derive(Clone, Debug, Default)]
pub(super) enum Zone {
    /// Nothing.
    #[default]
    Unknown,
    /// Seconds ahead of UTC.
    Fixed(i32),
    /// A zone with rules, by its name in the IANA data base.
    Named(TimeZone),
}

/// The data base within the program: that of the machine could give other bits.
static ZONES: LazyLock<TimeZoneDatabase> = LazyLock::new(TimeZoneDatabase::bundled);

/// Usual abbreviations, and the minutes that each is ahead of UTC. Those that several zones share mean what RFC 2822
/// says, or the most common one.
const ABBREVIATIONS: [(&str, i32); 44] = [
    ("ACDT", 630),
    ("ACST", 570),
    ("ADT", -180),
    ("AEDT", 660),
    ("AEST", 600),
    ("AKDT", -480),
    ("AKST", -540),
    ("AST", -240),
    ("AWST", 480),
    ("BRT", -180),
    ("BST", 60),
    ("CAT", 120),
    ("CDT", -300),
    ("CEST", 120),
    ("CET", 60),
    ("CST", -360),
    ("EAT", 180),
    ("EDT", -240),
    ("EEST", 180),
    ("EET", 120),
    ("EST", -300),
    ("GMT", 0),
    ("HKT", 480),
    ("HST", -600),
    ("ICT", 420),
    ("IST", 330),
    ("JST", 540),
    ("KST", 540),
    ("MDT", -360),
    ("MSK", 180),
    ("MST", -420),
    ("NZDT", 780),
    ("NZST", 720),
    ("PDT", -420),
    ("PHT", 480),
    ("PKT", 300),
    ("PST", -480),
    ("SAST", 120),
    ("SGT", 480),
    ("UT", 0),
    ("UTC", 0),
    ("WEST", 60),
    ("WET", 0),
    ("Z", 0),
];

impl Zone {
    /// The seconds that a clock with this zone is ahead of UTC when it shows `time`; 0 if the text does not say.
    pub fn offset_seconds(&self, time: DateTime) -> Option<i32> {
        match self {
            Self::Unknown => Some(0),
            Self::Fixed(seconds) => Some(*seconds),
            Self::Named(zone) => {
                // Of an hour that comes twice it is the first one; one that does not come is an hour later.
                let moment = zone.to_ambiguous_timestamp(time).compatible().ok()?;
                Some(zone.to_offset(moment).seconds())
            }
        }
    }

    /// Whether it is UTC, by its name.
    pub fn is_utc(&self) -> bool {
        matches!(self, Self::Fixed(0))
    }

    /// Reads what follows a time: nothing, or a zone at the end of the text.
    pub fn at_end(mut text: Cursor<'_>) -> Option<Self> {
        text.blanks();
        if text.is_empty() {
            return Some(Self::Unknown);
        }
        let zone = Self::next(&mut text)?;
        Self::skip_comment(&mut text);
        text.is_empty().then_some(zone)
    }

    /// Reads a zone; more may follow.
    fn next(text: &mut Cursor<'_>) -> Option<Self> {
        match text.peek()? {
            b'+' | b'-' => offset(text, 2).map(Self::Fixed),
            b'[' => Self::bracketed(text),
            b'(' => Self::in_parentheses(text),
            _ => Self::by_name(text),
        }
    }

    /// `UTC`, `GMT+2`, `CEST`, `Europe/Berlin`.
    fn by_name(text: &mut Cursor<'_>) -> Option<Self> {
        let is_name = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'/' | b'_');
        let rest = text.rest();
        if let Some(slash) = rest.iter().take_while(is_name).position(|&byte| byte == b'/') {
            let part = |byte: &&u8| is_name(byte) || matches!(byte, b'-' | b'+');
            let length = slash + rest[slash..].iter().take_while(part).count();
            text.skip(length);
            return Self::named(&rest[..length]);
        }
        let word = text.word()?;
        let &(name, minutes) = ABBREVIATIONS
            .iter()
            .find(|(name, _)| name.as_bytes().eq_ignore_ascii_case(word))?;
        let takes_offset = matches!(name, "GMT" | "UTC" | "UT") && matches!(text.peek(), Some(b'+' | b'-'));
        match takes_offset {
            true => offset(text, 1).map(Self::Fixed),
            false => Some(Self::Fixed(60 * minutes)),
        }
    }

    fn named(name: &[u8]) -> Option<Self> {
        let name = std::str::from_utf8(name).ok()?;
        ZONES.get(name).ok().map(Self::Named)
    }

    /// `[Europe/Berlin]`.
    fn bracketed(text: &mut Cursor<'_>) -> Option<Self> {
        let rest = text.rest().strip_prefix(b"[")?;
        let length = rest.iter().position(|&byte| byte == b']')?;
        text.skip(length + 2);
        Self::named(&rest[..length])
    }

    /// `(EST)`.
    fn in_parentheses(text: &mut Cursor<'_>) -> Option<Self> {
        text.skip(1);
        let zone = Self::by_name(text)?;
        text.eat(b')').then_some(zone)
    }

    /// What may follow an offset: the name of the zone, which says no more than it.
    fn skip_comment(text: &mut Cursor<'_>) {
        text.blanks();
        for (open, close) in [(b'(', b')'), (b'[', b']')] {
            if text.peek() == Some(open) {
                let closed = text.rest().iter().position(|&byte| byte == close);
                text.skip(closed.map_or(0, |at| at + 1));
            }
        }
    }
}

/// `+02`, `+0230` or `-02:30`, in seconds; an hour has at least so many digits.
fn offset(text: &mut Cursor<'_>, least: usize) -> Option<i32> {
    let ahead = match text.eat_any(b"+-")? {
        b'-' => -1,
        _ => 1,
    };
    let digits = text.digits().filter(|digits| digits.len() >= least)?;
    let (hours, minutes) = match digits.len() {
        1 | 2 if text.eat(b':') => (digits.number(), text.two_digits(60)?),
        1 | 2 => (digits.number(), 0),
        4 => (digits.part(0, 2), digits.part(2, 2)),
        _ => return None,
    };
    let within = hours < 24 && minutes < 60;
    within.then_some(ahead * 60 * (60 * hours as i32 + minutes as i32))
}
