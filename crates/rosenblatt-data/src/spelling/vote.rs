//! Counts how the cells of a column are written, so that [`Decision`](super::Decision) can say whether they are numbers.

use super::MissingMarkers;
use super::marks::{ANY, POINT, SYSTEMS, system};
use super::missing::Missing;
use super::numbers::{Decimal, is_out_of_range, is_simple, plain, simple, value};
use super::scan::{Scanned, scan};
use super::tally::{Distinct, Group, Kind, OddCell, short};
use super::units::is_currency;

/// The vote of the cells of a column.
///
/// ```text
/// let mut vote = NumberVote::new(&MissingMarkers::default());
/// cells.enumerate().for_each(|(row, text)| vote.add(row, text));
/// let decision = vote.decide(delimiter == ';');
/// ```
#[derive(Clone, Debug)]
pub(crate) struct NumberVote {
    markers: MissingMarkers,
    /// Whether a plain number may be a marker.
    has_number_markers: bool,
    /// Cells that are written alike. The first ones are those of [`Plain`].
    pub(super) groups: Vec<Group>,
    /// The group of the cell before.
    last: usize,
    pub(super) distinct: Distinct,
    /// The first cell whose digits are a name, and why.
    pub(super) name: Option<(NameReason, OddCell)>,
    /// Cells such as `None`, which are categories among texts.
    pub(super) missing_among_numbers: u64,
}

/// Why digits are a name rather than a quantity: as numbers, different ones would become the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum NameReason {
    /// `007`
    StartsWithZero,
    /// `12345678901234567`
    TooManyDigits,
}

/// Groups that are told apart; numbers in further units are texts.
const MAX_GROUPS: usize = 64;

/// Numbers with a point at most, by what else they may mean.
#[derive(Clone, Copy)]
enum Plain {
    /// 0 without a point, which needs no unit.
    Zero,
    Whole,
    /// `1.5`
    Point,
    /// `1.234`, which could be 1234.
    PointOrThousands,
}

impl NumberVote {
    /// No cell yet.
    pub fn new(markers: &MissingMarkers) -> Self {
        let thousands = POINT | system(b',', Some(b'.'));
        let shapes = [(ANY, true), (ANY, false), (POINT, false), (thousands, false)];
        let group = |(systems, zero)| {
            Group::new(Kind::Number {
                systems,
                parentheses: false,
                zero,
                prefix: String::new(),
                suffix: String::new(),
            })
        };
        Self {
            markers: markers.clone(),
            has_number_markers: markers
                .missing
                .iter()
                .any(|marker| plain(marker.as_bytes(), b'.').is_some()),
            groups: shapes.map(group).into(),
            last: 0,
            distinct: Distinct::default(),
            name: None,
            missing_among_numbers: 0,
        }
    }

    /// Counts a cell; missing ones may be left out. `text` has no blanks at its ends, and `index` is what a report about the
    /// cell will say.
    pub fn add(&mut self, index: usize, text: &str) {
        if self.add_number(index, text).is_none() {
            self.add_other(index, text);
        }
    }

    /// As [`NumberVote::add`] if the cell is a number with a point at most, which is returned.
    #[inline]
    pub fn add_number(&mut self, index: usize, text: &str) -> Option<f64> {
        let (decimal, digits) = plain(text.as_bytes(), b'.')?;
        if self.has_number_markers && self.markers.find(text).is_some() {
            return None;
        }
        self.add_plain(index, text, decimal, digits);
        Some(decimal.value())
    }

    /// Cells that are no numbers in any format.
    pub fn texts(&self) -> u64 {
        let texts = self
            .groups
            .iter()
            .filter(|group| matches!(group.kind, Kind::Text | Kind::Code));
        texts.map(|group| group.count).sum()
    }

    #[inline]
    fn add_plain(&mut self, index: usize, text: &str, decimal: Decimal, digits: usize) {
        self.distinct.add(decimal);
        let first = text.as_bytes()[0];
        let shape = if digits == text.len() || decimal.places == 0 && !text.ends_with('.') {
            if first == b'0' && digits > 1 && digits == text.len() {
                self.add_name(NameReason::StartsWithZero, index, text);
            }
            if decimal.mantissa == 0 {
                Plain::Zero
            } else {
                Plain::Whole
            }
        } else if decimal.places == 3 && (4..=6).contains(&digits) && has_no_zero_first(text) {
            Plain::PointOrThousands
        } else {
            Plain::Point
        };
        self.groups[shape as usize].add(index, text);
    }

    #[cold]
    fn add_name(&mut self, reason: NameReason, index: usize, text: &str) {
        let text = short(text);
        self.name.get_or_insert((reason, OddCell { index, text }));
    }

    /// As [`NumberVote::add`] if the cell is no such number.
    pub fn add_other(&mut self, index: usize, text: &str) {
        match self.markers.find(text) {
            Some(Missing::Always) => {}
            Some(Missing::AmongNumbers) => self.missing_among_numbers += 1,
            Some(Missing::Word) => self.add_to(Kind::Word, index, text),
            Some(Missing::ErrorMark) => self.add_to(Kind::ErrorMark, index, text),
            None => self.add_present(index, text),
        }
    }

    fn add_present(&mut self, index: usize, text: &str) {
        if is_simple(text)
            && let Some(value) = simple(text)
        {
            return self.add_simple(index, text, value);
        }
        let Some((scanned, value)) = scanned_number(text) else {
            return self.add_to(kind_of_text(text), index, text);
        };
        self.distinct.add_value(value);
        self.add_scanned(&scanned, value == 0.0, index, text)
    }

    /// A number with an exponent or many digits, and with a decimal point, if with any mark.
    fn add_simple(&mut self, index: usize, text: &str, value: f64) {
        if let Some(reason) = name_reason(text) {
            self.add_name(reason, index, text);
        }
        self.distinct.add_value(value);
        let shape = if text.contains('.') { Plain::Point } else { Plain::Whole };
        self.groups[shape as usize].add(index, text);
    }

    fn add_scanned(&mut self, scanned: &Scanned<'_>, zero: bool, index: usize, text: &str) {
        let is_last = matches!(&self.groups[self.last].kind, Kind::Number { systems, parentheses, zero: is_zero, prefix, suffix }
            if (*systems, *parentheses, *is_zero) == (scanned.systems, scanned.parentheses, zero)
                && prefix == scanned.prefix && suffix == scanned.suffix);
        if is_last {
            self.groups[self.last].add(index, text);
        } else {
            let kind = Kind::Number {
                systems: scanned.systems,
                parentheses: scanned.parentheses,
                zero,
                prefix: scanned.prefix.to_owned(),
                suffix: scanned.suffix.to_owned(),
            };
            self.add_to(kind, index, text);
        }
        if scanned.groups > 1 {
            self.groups[self.last].add_digits(scanned);
        }
    }

    /// Adds to the group of this kind.
    fn add_to(&mut self, kind: Kind, index: usize, text: &str) {
        if self.groups[self.last].kind != kind {
            let found = self.groups.iter().position(|group| group.kind == kind);
            self.last = match found {
                Some(at) => at,
                None if self.groups.len() < MAX_GROUPS || !matches!(kind, Kind::Number { .. }) => {
                    self.groups.push(Group::new(kind));
                    self.groups.len() - 1
                }
                None => return self.add_to(Kind::Code, index, text),
            };
        }
        self.groups[self.last].add(index, text);
    }
}

/// Whether a text begins with letters and digits that are no currency and its amount, as keys do: quickly seen.
fn is_key(text: &str) -> bool {
    let letters = text.bytes().take_while(u8::is_ascii_alphabetic).count();
    let is_digit = text.as_bytes().get(letters).is_some_and(u8::is_ascii_digit);
    letters > 0 && is_digit && !is_currency(&text[..letters])
}

/// Whether a text is neither missing nor a number in any format.
pub(crate) fn is_no_number(text: &str, markers: &MissingMarkers) -> bool {
    if is_key(text) {
        return markers.find(text).is_none();
    }
    let is_simple = || is_simple(text) && simple(text).is_some();
    let is_number = plain(text.as_bytes(), b'.').is_some() || is_simple() || scanned_number(text).is_some();
    !is_number && markers.find(text).is_none() && kind_of_text(text) != Kind::OutOfRange
}

/// The parts of a text that is a finite number, with whatever is around its digits.
fn scanned_number(text: &str) -> Option<(Scanned<'_>, f64)> {
    let scanned = scan(text)?;
    let mark = if scanned.systems & POINT != 0 { b'.' } else { b',' };
    let value = value(&scanned, mark)?;
    Some((scanned, value))
}

/// What a text is that is not a finite number.
fn kind_of_text(text: &str) -> Kind {
    let has_digit = text.bytes().any(|b| b.is_ascii_digit());
    if is_out_of_range(text) {
        Kind::OutOfRange
    } else if has_digit && text.chars().any(char::is_alphabetic) {
        Kind::Code
    } else {
        Kind::Text
    }
}

/// Whether the digits begin with another one than 0, as those of a number with thousands do.
fn has_no_zero_first(text: &str) -> bool {
    let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
    !digits.starts_with('0')
}

/// Why digits that need a closer look are a name.
pub(super) fn name_reason(text: &str) -> Option<NameReason> {
    /// Whole numbers of so many digits are all different as f64.
    const EXACT: usize = 15;
    let size = text.strip_prefix(['-', '+']).unwrap_or(text);
    if !size.bytes().all(|b| b.is_ascii_digit()) {
        None
    } else if text.len() > 1 && text.starts_with('0') {
        Some(NameReason::StartsWithZero)
    } else {
        let is_exact = size.len() <= EXACT || size.parse::<f64>().is_ok_and(|x| format!("{x:.0}") == size);
        (!is_exact).then_some(NameReason::TooManyDigits)
    }
}

/// Number of systems, for loops over them.
pub(super) const SYSTEM_COUNT: usize = SYSTEMS.len();
