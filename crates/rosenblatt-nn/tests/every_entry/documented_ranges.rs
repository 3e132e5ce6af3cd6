//! What the documentation of a setting says about its range is what is checked: both ends, and what is just beyond.

use rosenblatt_nn::{Constraint, Entry, Initializer, Layer, Loss, Optimizer, Penalty, Registry, Schedule};
use serde_json::{Value, json};

/// Numbers that a range has, and some that it has not.
#[derive(Debug, Default, PartialEq)]
struct Ends {
    inside: Vec<f64>,
    outside: Vec<f64>,
}

/// The ends of the range that a sentence names; `step` is the smallest difference that counts.
fn ends(about: &str, step: f64) -> Option<Ends> {
    let mut ends = Ends::default();
    let mut end = |number: f64, belongs: bool, inwards: f64| {
        let (inside, outside) = match belongs {
            true => (number, number - inwards),
            false => (number + inwards, number),
        };
        ends.inside.push(inside);
        ends.outside.push(outside);
    };
    let number_after = |words: &str| {
        let rest = about.split_once(words)?.1;
        let number = rest.split([' ', ',', ';', ':', '`', ']', ')']).next()?;
        number.trim_end_matches('.').parse::<f64>().ok()
    };
    if let Some(range) = about.split_once("in `").and_then(|(_, rest)| rest.split('`').next()) {
        let (low, high) = range
            .strip_prefix(['[', '('])?
            .strip_suffix([']', ')'])?
            .split_once(", ")?;
        end(low.parse().ok()?, range.starts_with('['), step);
        end(high.parse().ok()?, range.ends_with(']'), -step);
    } else if let (Some(low), Some(high)) = (number_after("from "), number_after(" to ")) {
        end(low, true, step);
        end(high, true, -step);
    } else {
        let low = number_after("at least ").map(|number| (number, true));
        let (low, belongs) = low.or_else(|| Some((number_after(", above ")?, false)))?;
        end(low, belongs, step);
    }
    Some(ends)
}

/// A schema, or what it refers to.
fn resolved<'s>(all: &'s Value, schema: &'s Value) -> &'s Value {
    let target = schema["$ref"].as_str().and_then(|path| all.pointer(&path[1..]));
    target.unwrap_or(schema)
}

/// Tries the ends of every documented range of a registry; returns how many ranges there are.
fn check<K: Registry + ?Sized>() -> usize
where
    Entry<K>: schemars::JsonSchema,
{
    let all = serde_json::to_value(schemars::schema_for!(Entry<K>)).unwrap();
    let forms = all["oneOf"].as_array().unwrap();
    let mut count = 0;
    for registration in K::registry() {
        let of_this = forms.iter().find_map(|form| form["properties"].get(registration.name));
        let Some(settings) = of_this.map(|settings| &resolved(&all, settings)["properties"]) else {
            continue;
        };
        let entry = &registration.examples()[0];
        for (name, setting) in settings.as_object().into_iter().flatten() {
            let kind = setting["type"].as_str().unwrap_or_default();
            let step = if kind == "integer" { 1.0 } else { 1e-9 };
            let about = setting["description"].as_str().unwrap_or_default();
            let Some(ends) = ends(about, step).filter(|_| ["integer", "number"].contains(&kind)) else {
                continue;
            };
            println!("{entry}, {name}: {about} {ends:?}");
            let value = |number: f64| match kind {
                "integer" => json!(number as i64),
                _ => json!(number),
            };
            for number in ends.inside {
                entry.with(name, value(number)).unwrap();
            }
            for number in ends.outside {
                let error = entry.with(name, value(number)).expect_err("out of range");
                assert!(error.to_string().contains(name.as_str()), "{error}");
            }
            count += 1;
        }
    }
    println!("cases: documented ranges of the registry {} {count}", K::KIND);
    count
}

#[test]
fn documented_ranges_are_those_that_are_checked() {
    let counts = [
        check::<dyn Optimizer>(),
        check::<dyn Loss>(),
        check::<dyn Schedule>(),
        check::<dyn Layer>(),
        check::<dyn Initializer>(),
        check::<dyn Penalty>(),
        check::<dyn Constraint>(),
    ];
    assert!(counts.iter().sum::<usize>() > 70, "{counts:?}");
}

#[test]
fn ranges_are_read_as_they_are_written() {
    let of = |about: &str| ends(about, 0.5).map(|ends| (ends.inside, ends.outside));
    assert_eq!(of("A share, in `[0, 1)`."), Some((vec![0.0, 0.5], vec![-0.5, 1.0])));
    assert_eq!(of("A share, in `(0, 1]`."), Some((vec![0.5, 1.0], vec![0.0, 1.5])));
    assert_eq!(of("Steps, from 1 to 99."), Some((vec![1.0, 99.0], vec![0.5, 99.5])));
    assert_eq!(of("A threshold, above 0, on a scale."), Some((vec![0.5], vec![0.0])));
    assert_eq!(of("A power, at least 2; 3 is more."), Some((vec![2.0], vec![1.5])));
    assert_eq!(of("Steps; at least one."), None);
}
