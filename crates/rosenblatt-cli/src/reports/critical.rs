//! Critical points.

use rosenblatt_symbolic::critical::{CriticalPoint, CriticalPoints, Kind, Search};
use rosenblatt_symbolic::{Derivation, number};
use serde_json::{Map, Value, json};

use crate::ui::{count, folded, table};

/// Seven digits; the JSON has all.
fn short(value: f64) -> String {
    number(format!("{value:.6e}").parse().unwrap_or(value))
}

fn kind(point: &CriticalPoint) -> String {
    match (point.degenerate, point.isolated) {
        (false, _) => point.kind_name().to_owned(),
        (true, true) => format!("{} (degenerate)", point.kind_name()),
        (true, false) => format!("{} (degenerate, not isolated)", point.kind_name()),
    }
}

/// `x = -5..5, y = -5..5`
fn within(found: &CriticalPoints, derivation: &Derivation) -> String {
    let ranges = derivation.variables.iter().zip(&found.within);
    let ranges = ranges.map(|(name, [from, to])| format!("{name} = {}..{}", short(*from), short(*to)));
    ranges.collect::<Vec<_>>().join(", ")
}

/// A table of the points, and what to know about it.
pub(super) fn text(found: &CriticalPoints, derivation: &Derivation) -> String {
    let title = format!("\ncritical points within {}\n", within(found, derivation));
    let mut header = derivation.variables.clone();
    header.extend([
        derivation.outputs[0].name.clone(),
        "eigenvalues".to_owned(),
        "kind".to_owned(),
    ]);
    let row = |point: &CriticalPoint| {
        let eigenvalues: Vec<String> = point.eigenvalues.iter().map(|value| short(*value)).collect();
        let numbers = point.point.iter().chain([&point.value]).map(|value| short(*value));
        numbers.chain([eigenvalues.join(", "), kind(point)]).collect()
    };
    let rows: Vec<Vec<String>> = std::iter::once(header).chain(found.points.iter().map(row)).collect();
    let rows = if found.points.is_empty() {
        String::new()
    } else {
        table(2, &rows)
    };
    folded(&title) + &rows + &folded(&notes(found))
}

fn notes(found: &CriticalPoints) -> String {
    let mut notes = summary(found);
    if found.points.is_empty() {
        // After so many it ends in any case.
        let or_starts = match found.starts < Search::MIN_STARTS {
            true => " or more starts (`--starts N`)",
            false => "",
        };
        notes += &format!("  another box (`--within NAME=FROM..TO`){or_starts} may have some\n");
    }
    if found.points.iter().any(|point| point.degenerate) {
        notes += "  degenerate: an eigenvalue of the Hessian is 0; unless others have both signs, values around the point decide\n";
    }
    if found.not_isolated > 0 {
        let shown = found.points.iter().filter(|point| !point.isolated).count();
        notes += &format!(
            "  not isolated: points of curves or regions on which the gradient is 0; {shown} of {} that were found are shown\n",
            found.not_isolated
        );
    }
    notes
}

/// `  4 minima, 4 saddles, 1 maximum; 200 starts, the last new point at start 17`
fn summary(found: &CriticalPoints) -> String {
    let (kinds, starts) = (isolated(found), count(found.starts, "start"));
    match (kinds.is_empty(), found.points.is_empty()) {
        (true, true) => format!("  none found from {starts}\n"),
        (true, false) => format!("  no isolated point found from {starts}\n"),
        _ => format!(
            "  {}; {starts}, the last new point at start {}\n",
            kinds.join(", "),
            found.last_found
        ),
    }
}

/// How many isolated points there are of each kind.
fn isolated(found: &CriticalPoints) -> Vec<String> {
    let saddle = match found.within.len() {
        1 => (Kind::Saddle, "inflection point", "inflection points"),
        _ => (Kind::Saddle, "saddle", "saddles"),
    };
    let kinds = [
        (Kind::Minimum, "minimum", "minima"),
        saddle,
        (Kind::Maximum, "maximum", "maxima"),
        (Kind::Flat, "flat point", "flat points"),
    ];
    let plural = |(kind, one, many): (Kind, &str, &str)| {
        let is_it = |point: &&CriticalPoint| point.kind == kind && point.isolated;
        match found.points.iter().filter(is_it).count() {
            0 => None,
            1 => Some(format!("1 {one}")),
            n => Some(format!("{n} {many}")),
        }
    };
    kinds.into_iter().filter_map(plural).collect()
}

/// All digits.
pub(super) fn json(found: &CriticalPoints, derivation: &Derivation) -> Value {
    fn by_name<T: Into<Value>>(derivation: &Derivation, values: impl Iterator<Item = T>) -> Map<String, Value> {
        derivation
            .variables
            .iter()
            .cloned()
            .zip(values.map(Into::into))
            .collect()
    }
    let point = |point: &CriticalPoint| {
        json!({
            "point": by_name(derivation, point.point.iter().copied()),
            "value": point.value,
            "eigenvalues": point.eigenvalues,
            "kind": point.kind_name(),
            "index": point.index,
            "degenerate": point.degenerate,
            "isolated": point.isolated,
        })
    };
    json!({
        "within": by_name(derivation, found.within.iter().map(|range| range.to_vec())),
        "points": found.points.iter().map(point).collect::<Vec<_>>(),
        "not_isolated": found.not_isolated,
        "starts": found.starts,
        "max_starts": found.max_starts,
        "last_found": found.last_found,
        "may_lack_some": found.may_lack_some(),
    })
}
