//! The marks in a number: before its decimals, and between its thousands.

/// Two marks that a number may be written with: before its decimals, and between its thousands.
///
/// A set of systems is a `u8`, one bit for each of [`SYSTEMS`].
pub(super) type Systems = u8;

/// The decimal mark and the mark between thousands of each system; those between thousands are `,`, `.`, an apostrophe, a
/// blank, or none.
pub(super) const SYSTEMS: [(u8, Option<u8>); 8] = [
    (b'.', None),
    (b'.', Some(b',')),
    (b'.', Some(b' ')),
    (b'.', Some(b'\'')),
    (b',', None),
    (b',', Some(b'.')),
    (b',', Some(b' ')),
    (b',', Some(b'\'')),
];

/// All systems.
pub(super) const ANY: Systems = 0xff;
/// Those with a decimal point.
pub(super) const POINT: Systems = 0x0f;
/// Those with a decimal comma.
pub(super) const COMMA: Systems = 0xf0;

/// The system of the two marks.
pub(super) fn system(decimal: u8, thousands: Option<u8>) -> Systems {
    let found = SYSTEMS.iter().position(|&known| known == (decimal, thousands));
    found.map_or(0, |at| 1 << at)
}

pub(super) fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '\u{2019}')
}

/// A space, or one of the blanks that do not break a line.
pub(super) fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\u{a0}' | '\u{2007}' | '\u{2009}' | '\u{202f}')
}

fn kind_of(c: char) -> u8 {
    match c {
        ',' | '.' => c as u8,
        c if is_blank(c) => b' ',
        _ => b'\'',
    }
}

/// Runs of digits between marks, from the first one on.
#[derive(Default)]
struct Runs {
    /// Marks so far; all but the last one are alike.
    marks: usize,
    kind: u8,
    last_kind: u8,
    /// Length of the first run, and of the one before the last mark unless that is the first.
    first: usize,
    before: Option<usize>,
    /// Whether all runs between the first and the last mark have three digits, and all of them but the last two.
    all_three: bool,
    all_two: bool,
    /// Length of the run behind the last mark.
    last: usize,
}

impl Runs {
    fn of(mantissa: &str) -> Option<Self> {
        let mut runs = Self {
            all_three: true,
            all_two: true,
            ..Self::default()
        };
        for c in mantissa.chars() {
            match c.is_ascii_digit() {
                true => runs.last += 1,
                false => runs.end(kind_of(c))?,
            }
        }
        Some(runs)
    }

    /// Ends a run at a mark; nothing if a mark of another kind came before the last.
    fn end(&mut self, kind: u8) -> Option<()> {
        if self.marks == 0 {
            (self.first, self.kind) = (self.last, kind);
        } else if self.last_kind != self.kind {
            return None;
        } else {
            self.all_three &= self.last == 3;
            self.all_two &= self.before.is_none_or(|before| before == 2);
            self.before = Some(self.last);
        }
        (self.marks, self.last_kind, self.last) = (self.marks + 1, kind, 0);
        Some(())
    }

    /// Whether the runs up to the last mark (or all of them) are groups of thousands; with commas those of India will do.
    fn are_thousands(&self, with_last: bool) -> bool {
        let (all_two, end) = match with_last {
            true => (self.all_two && self.before.is_none_or(|before| before == 2), self.last),
            false => (self.all_two, self.before.unwrap_or(0)),
        };
        let of_three = (1..=3).contains(&self.first) && self.all_three && end == 3;
        of_three || self.kind == b',' && (1..=2).contains(&self.first) && all_two && end == 3
    }
}

/// Which systems read digits with these marks, and in how many groups.
pub(super) fn systems_of(mantissa: &str, has_exponent: bool, plus: bool) -> Option<(Systems, usize)> {
    let runs = Runs::of(mantissa)?;
    if runs.marks == 0 {
        return Some((ANY, 1));
    }
    let is_one_kind = runs.kind == runs.last_kind;
    let has_decimals = !is_one_kind || runs.marks == 1;
    let decimals = if has_decimals {
        decimal_systems(runs.last_kind)
    } else {
        0
    };
    // `+49 891 234` is a telephone number; `0,123` and `007,123` have no thousands.
    let is_other = has_exponent || mantissa.starts_with('0') || plus && runs.kind == b' ';
    let is_grouped = !is_other && runs.are_thousands(is_one_kind);
    let grouped = if is_grouped { grouped_systems(runs.kind) } else { 0 };
    let (systems, marks) = match is_one_kind {
        true => (decimals | grouped, runs.marks),
        false => (decimals & grouped, runs.marks - 1),
    };
    (systems != 0).then_some((systems, if grouped == 0 { 1 } else { marks + 1 }))
}

fn decimal_systems(mark: u8) -> Systems {
    match mark {
        b'.' => POINT,
        b',' => COMMA,
        _ => 0,
    }
}

/// Systems with this mark between thousands.
fn grouped_systems(mark: u8) -> Systems {
    let with_mark = (0..8).filter(|&at| SYSTEMS[at].1 == Some(mark));
    with_mark.fold(0, |set, at| set | 1 << at)
}
