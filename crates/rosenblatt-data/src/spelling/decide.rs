//! Whether the cells of a column are numbers, and in which format.

use std::cmp::Reverse;

use super::NumberFormat;
use super::numbers::{ThousandsMark, may_be_unit};
use super::tally::{Group, KEPT, Kind, MAX_DISTINCT, OddCell};
use super::units::{is_letter, is_same_unit};
use super::vote::{NameReason, NumberVote, SYSTEM_COUNT};

/// What a column is, by the vote of its cells.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Decision {
    /// Whether its cells are numbers.
    pub verdict: Verdict,
    /// The format that most cells have; also if the verdict is text, for a user who says that it is numeric.
    pub format: NumberFormat,
    /// Cells that are numbers in this format, with those out of range.
    pub numbers: u64,
    /// Distinct numbers among them, counted up to 21.
    pub distinct: usize,
    /// Cells that are no such number and no mark of a missing one.
    pub odd: OddCells,
    /// Cells such as `unknown` and `#DIV/0!`: missing among numbers, but to be reported.
    pub marks: OddCells,
    /// Infinite numbers, and those beyond f64.
    pub out_of_range: OddCells,
}

/// Cells of some kind.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct OddCells {
    /// How many there are.
    pub count: u64,
    /// The first few, each text once.
    pub first: Vec<OddCell>,
}

/// Whether the cells of a column are numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// All are missing.
    Missing,
    /// They are; the odd ones are missing.
    Numbers,
    /// They are not. The reason is there if one would expect numbers, and should be reported.
    Text(Option<Reason>),
}

/// Why a column that looks like numbers is text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reason {
    /// Digits are a name: see [`NameReason`].
    Name(NameReason, OddCell),
    /// There are numbers in two units; the empty one is no unit.
    Units(String, String),
    /// Some numbers have a decimal point, others a decimal comma, or marks between thousands differ.
    Marks,
    /// The first cell that is not a number.
    NotANumber(OddCell),
}

impl Decision {
    /// Whether at least half of the cells are numbers, and more than 20 distinct ones: if a user wants to predict this
    /// column, an odd cell is more likely a mistake than all of them names of classes.
    pub fn is_nearly_numeric(&self) -> bool {
        self.numbers >= self.odd.count && self.distinct >= MAX_DISTINCT
    }
}

/// A part of the cells, beside all of them.
#[derive(Clone, Copy)]
struct Share {
    numbers: u64,
    odd: u64,
    /// Distinct numbers.
    distinct: usize,
}

impl Share {
    /// Odd cells are one in ten at most: a column of numbers with a few that were damaged, annotated or cut off.
    fn is_odd_rare(self) -> bool {
        10 * self.odd <= self.numbers + self.odd
    }

    /// One in a hundred is no category of its own, however few numbers there are.
    fn is_odd_very_rare(self) -> bool {
        100 * self.odd <= self.numbers + self.odd
    }

    fn is_half(self) -> bool {
        self.numbers >= self.odd
    }

    /// More than 20 distinct numbers, or in a small table nearly as many as rows: quantities. Fewer are codes or sizes, as
    /// 1 to 5 and `other`, or 38, 40 and `XL`.
    fn is_quantity(self) -> bool {
        self.distinct >= MAX_DISTINCT || 2 * self.distinct as u64 > self.numbers
    }
}

impl NumberVote {
    /// Decides whether the cells are numbers. `semicolons` says that cells are delimited by `;`, as where `,` is the decimal
    /// mark.
    ///
    /// The format is the one that reads the most cells; if several do, the one with the fewest marks, and of `1,234` as 1234
    /// and as 1.234 the former, unless `semicolons`. A column with odd cells is numeric if
    /// - at most one in a hundred is odd; or
    /// - at most one in ten is odd, and there are more than 20 distinct numbers or, in small tables, more than half of the
    ///   numbers are distinct; or
    /// - at most half are odd, there are more than 20 distinct numbers, and the odd ones have at most three distinct texts:
    ///   a mark of a missing number or of a limit, such as `<40`;
    ///
    /// but not if the odd ones have more than three distinct texts of letters and digits: then it is one of codes, such as
    /// `22752`, `85123A`, `84029G`. Digits that begin with 0, or that f64 does not keep, make all of them names.
    pub fn decide(&self, semicolons: bool) -> Decision {
        let format = self.best_format(semicolons);
        let cells_of = |is: &dyn Fn(&Group) -> bool| cells(self.groups.iter().filter(|group| is(group)));
        let out_of_range = cells_of(&|group| group.kind == Kind::OutOfRange);
        let is_mark = |group: &Group| matches!(group.kind, Kind::Word | Kind::ErrorMark);
        let is_odd = |group: &Group| !is_mark(group) && group.kind != Kind::OutOfRange && !fits(group, &format);
        let fitting = self.groups.iter().filter(|group| fits(group, &format));
        let numbers = fitting.map(|group| group.count).sum::<u64>() + out_of_range.count;
        let mut decision = Decision {
            verdict: Verdict::Numbers,
            numbers,
            distinct: self.distinct.count,
            odd: cells_of(&is_odd),
            marks: cells_of(&is_mark),
            out_of_range,
            format,
        };
        decision.verdict = self.verdict(&decision);
        decision
    }

    fn best_format(&self, semicolons: bool) -> NumberFormat {
        const OF_COMMAS: [usize; SYSTEM_COUNT] = [0, 1, 4, 2, 3, 5, 6, 7];
        const OF_SEMICOLONS: [usize; SYSTEM_COUNT] = [0, 4, 1, 6, 2, 7, 3, 5];
        let mut best = (0, NumberFormat::default());
        for (prefix, suffix) in self.units() {
            for at in if semicolons { OF_SEMICOLONS } else { OF_COMMAS } {
                let mut format = NumberFormat::with_system(at);
                (format.prefix, format.suffix) = (prefix.to_owned(), suffix.to_owned());
                format.parentheses = true;
                let fitting = self.groups.iter().filter(|group| fits(group, &format));
                let count = fitting.map(|group| group.count).sum::<u64>();
                if count > best.0 {
                    best = (count, format);
                }
            }
        }
        let (_, mut format) = best;
        let is_negative = |group: &Group| matches!(group.kind, Kind::Number { parentheses: true, .. });
        format.parentheses = self
            .groups
            .iter()
            .any(|group| is_negative(group) && fits(group, &format));
        format
    }

    /// The units that numbers have, in pairs of before and behind: none first, then from the most frequent spelling on.
    fn units(&self) -> Vec<(&str, &str)> {
        let mut counts: Vec<((&str, &str), u64)> = Vec::new();
        for group in &self.groups {
            let Kind::Number { prefix, suffix, .. } = &group.kind else {
                continue;
            };
            let pair = (prefix.as_str(), suffix.as_str());
            match counts.iter_mut().find(|(known, _)| *known == pair) {
                Some((_, count)) => *count += group.count,
                None => counts.push((pair, group.count)),
            }
        }
        counts.sort_by(|(one, many), (other, few)| {
            (*one != ("", ""))
                .cmp(&(*other != ("", "")))
                .then(few.cmp(many))
                .then(one.cmp(other))
        });
        counts.into_iter().map(|(pair, _)| pair).collect()
    }

    fn verdict(&self, decision: &Decision) -> Verdict {
        let share = Share {
            numbers: decision.numbers,
            odd: decision.odd.count,
            distinct: self.distinct.count,
        };
        if share.numbers == 0 {
            return self.without_numbers(share.odd);
        }
        if let Some((reason, cell)) = &self.name {
            return Verdict::Text(share.is_half().then(|| Reason::Name(*reason, cell.clone())));
        }
        if self.are_names(&decision.format) || self.are_codes(&decision.format) {
            return Verdict::Text(None);
        }
        let is_few = decision.odd.first.len() <= MAX_ODD_TEXTS && share.is_half() && share.distinct >= MAX_DISTINCT;
        if share.is_odd_very_rare() || share.is_odd_rare() && share.is_quantity() || is_few {
            return Verdict::Numbers;
        }
        Verdict::Text(self.reason(decision, share))
    }

    /// Words such as `unknown` and `None` are texts, without a number among them.
    fn without_numbers(&self, odd: u64) -> Verdict {
        let has_words = self.groups.iter().any(|group| group.kind == Kind::Word);
        match odd + self.missing_among_numbers > 0 || has_words {
            true => Verdict::Text(None),
            false => Verdict::Missing,
        }
    }

    /// Numbers that are telephone numbers or addresses of computers: all of nine digits or more, in groups of three.
    fn are_names(&self, format: &NumberFormat) -> bool {
        let grouped = || {
            self.groups
                .iter()
                .filter(|group| group.digits.is_some() && fits(group, format))
        };
        let (mut fewest, mut most) = (usize::MAX, 0);
        grouped().filter_map(|group| group.digits).for_each(|(few, many)| {
            (fewest, most) = (fewest.min(few), most.max(many));
        });
        let count: u64 = grouped().map(|group| group.count).sum();
        match format.thousands_mark {
            Some(ThousandsMark::Blank) => count > 1 && fewest == most && most >= 9,
            Some(ThousandsMark::Point) => count > 0 && grouped().all(|group| group.addresses),
            _ => false,
        }
    }

    /// Whether the odd cells have many codes of letters and digits; a capital letter behind the digits may look like a unit.
    fn are_codes(&self, format: &NumberFormat) -> bool {
        let is_code = |group: &Group| match &group.kind {
            Kind::Code => true,
            Kind::Number { suffix, .. } => is_letter(suffix) && !fits(group, format),
            _ => false,
        };
        let codes = self.groups.iter().filter(|group| is_code(group));
        codes.map(|group| group.cells.len()).sum::<usize>() > MAX_ODD_TEXTS
    }

    fn reason(&self, decision: &Decision, share: Share) -> Option<Reason> {
        let format = &decision.format;
        let others = || self.groups.iter().filter(|group| !fits(group, format));
        let in_other_units = || others().filter_map(|group| Some((group.count, other_unit(group, format)?)));
        let with_other_marks = others()
            .filter(|group| has_unit(group, format))
            .map(|group| group.count);
        let explains = |count: u64| 2 * count >= share.odd && share.numbers + count >= share.odd - count;
        if explains(in_other_units().map(|(count, _)| count).sum())
            && let Some((_, unit)) = in_other_units().max_by_key(|&(count, unit)| (count, Reverse(unit)))
        {
            let known = either(&format.prefix, &format.suffix);
            return Some(Reason::Units(known.to_owned(), unit.to_owned()));
        }
        if explains(with_other_marks.sum()) {
            return Some(Reason::Marks);
        }
        let is_expected = share.is_odd_rare() || share.is_half() && share.is_quantity();
        let first = decision.odd.first.first().filter(|_| is_expected)?;
        Some(Reason::NotANumber(first.clone()))
    }
}

/// So many distinct odd texts may be marks of missing numbers.
const MAX_ODD_TEXTS: usize = 3;

/// The unit behind a number, or the one before it.
fn either<'a>(prefix: &'a str, suffix: &'a str) -> &'a str {
    if suffix.is_empty() { prefix } else { suffix }
}

/// Whether numbers have the units of this format.
fn has_unit(group: &Group, format: &NumberFormat) -> bool {
    matches!(&group.kind, Kind::Number { prefix, suffix, .. }
        if is_same_unit(prefix, &format.prefix) && is_same_unit(suffix, &format.suffix))
}

/// The unit of numbers that is not the one of this format. A capital letter may be none.
fn other_unit<'a>(group: &'a Group, format: &NumberFormat) -> Option<&'a str> {
    match &group.kind {
        Kind::Number { prefix, suffix, .. } if !has_unit(group, format) && !is_letter(suffix) => {
            Some(either(prefix, suffix))
        }
        _ => None,
    }
}

/// Whether the cells of a group are numbers in this format.
fn fits(group: &Group, format: &NumberFormat) -> bool {
    match &group.kind {
        Kind::Number {
            systems,
            parentheses,
            zero,
            prefix,
            suffix,
        } => {
            let has_unit = may_be_unit(prefix, &format.prefix, *zero) && may_be_unit(suffix, &format.suffix, *zero);
            has_unit && format.reads(*systems, *parentheses)
        }
        _ => false,
    }
}

/// All cells of some groups, and the first few.
fn cells<'a>(groups: impl Iterator<Item = &'a Group>) -> OddCells {
    let mut all = OddCells::default();
    for group in groups {
        all.count += group.count;
        all.first.extend_from_slice(&group.cells);
    }
    all.first.sort_by_key(|cell| cell.index);
    all.first.truncate(KEPT);
    all
}
