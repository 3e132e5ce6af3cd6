//! Absurd cells, targets with a long tail, and rows outside the training range.

use crate::common;

use common::Sandbox;
use serde_json::Value;

/// Numbers between 0 and 1 that look random.
fn unit(row: usize, salt: u64) -> f64 {
    let mixed = (row as u64 + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15 ^ salt.wrapping_mul(0xd134_2543_de82_ef95));
    ((mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 11) as f64 / (1u64 << 53) as f64
}

/// The cells of a row, and its target.
type Row = ([f64; 3], f64);

/// `y = 3a − 2b² + c` and a little noise.
fn smooth(row: usize) -> Row {
    let [a, b, c] = [1, 2, 3].map(|salt| 4.0 * unit(row, salt) - 2.0);
    ([a, b, c], 3.0 * a - 2.0 * b * b + c + 0.2 * unit(row, 4))
}

/// A table of some rows, changed by `change`.
fn table(rows: std::ops::Range<usize>, of: fn(usize) -> Row, change: impl Fn(usize, &mut Row)) -> String {
    let line = |row| {
        let mut cells = of(row);
        change(row, &mut cells);
        let ([a, b, c], y) = cells;
        format!("{a},{b},{c},{y}\n")
    };
    "a,b,c,y\n".to_owned() + &rows.map(line).collect::<String>()
}

/// The root mean squared error on new rows, and the kinds of warnings of training.
fn trained(text: &str, new: &str, more: &str) -> (f64, Vec<String>, Sandbox) {
    let folder = Sandbox::new();
    folder.write("t.csv", text);
    folder.write("new.csv", new);
    let trained = folder.json(&format!("train t.csv --target y --epochs 12 --threads 1 -o m {more}"));
    let kinds = trained["warnings"].as_array().unwrap().iter();
    let kinds = kinds
        .map(|warning| warning["kind"].as_str().unwrap().to_owned())
        .collect();
    let evaluated = folder.json("evaluate m new.csv");
    (evaluated["metrics"]["rmse"].as_f64().unwrap(), kinds, folder)
}

/// Rows that training has not seen.
fn new_rows(of: fn(usize) -> Row) -> String {
    table(2000..2400, of, |_, _| ())
}

#[test]
fn two_absurd_cells_change_little_elsewhere_and_are_told() {
    let new = new_rows(smooth);
    let (clean, kinds, _) = trained(&table(0..1200, smooth, |_, _| ()), &new, "");
    assert!(!kinds.iter().any(|kind| kind == "outliers"), "{kinds:?}");
    for absurd in [1e9, -3e12] {
        let text = table(0..1200, smooth, |row, (cells, _)| {
            if row % 700 == 11 {
                cells[0] = absurd;
            }
        });
        let (error, kinds, _) = trained(&text, &new, "");
        assert!(kinds.iter().any(|kind| kind == "outliers"), "{kinds:?}");
        assert!(error < 1.1 * clean, "{absurd}: {error}, {clean} without");
        let (error, ..) = trained(&text, &new, "--set data.soft_clip=false --quantiles-from 1000000");
        assert!(error > 2.0 * clean, "{absurd}: {error} without protection");
    }
}

#[test]
fn one_absurd_target_changes_little_elsewhere_and_is_told() {
    let new = new_rows(smooth);
    let (clean, ..) = trained(&table(0..1200, smooth, |_, _| ()), &new, "");
    for absurd in [1e7, -4e12] {
        let text = table(0..1200, smooth, |row, (_, y)| {
            if row == 500 {
                *y = absurd;
            }
        });
        let (error, kinds, _) = trained(&text, &new, "");
        for kind in ["outliers", "absurd_targets"] {
            assert!(kinds.iter().any(|found| found == kind), "{kinds:?}");
        }
        assert!(error < 1.1 * clean, "{absurd}: {error}, {clean} without");
    }
}

/// A fifth of the cells are a mark for missing values.
#[test]
fn marks_of_missing_values_are_told() {
    let text = table(0..300, smooth, |row, (cells, _)| {
        if row % 5 == 0 {
            cells[1] = 9999.0;
        }
    });
    let folder = Sandbox::new();
    folder.write("t.csv", &text);
    let message = "`b`: 60 numbers are far outside all others, such as 9999 in row 1; the others are from -1.9";
    let advice = "`--missing 9999` is for a mark of missing values";
    for command in ["inspect t.csv", "train t.csv --target y --epochs 1 --quiet -o m"] {
        let said = folder.ok(command);
        let said = said.stdout + &said.stderr;
        let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(said.contains(message) && said.contains(advice), "{command}: {said}");
    }
    let trained = folder.ok("train t.csv --target y --epochs 1 --quiet --missing 9999 -o m --force");
    assert!(!trained.stderr.contains("far outside"), "{}", trained.stderr);
}

/// Counts with a mean that grows exponentially.
fn counts(row: usize) -> Row {
    let ([a, b, c], _) = smooth(row);
    let mean = (1.0 + a + 0.5 * b).exp();
    ([a, b, c], (mean * (0.5 + unit(row, 5))).round())
}

#[test]
fn counts_are_learned_by_their_logarithm_and_none_is_below_0() {
    let text = table(0..800, counts, |_, _| ());
    let (error, _, folder) = trained(&text, &new_rows(counts), "");
    let chosen = folder.json("train t.csv --target y --epochs 1 -o other");
    let choice = |key: &str| {
        let choices = chosen["choices"].as_array().unwrap().iter();
        choices
            .clone()
            .find(|choice| choice["key"] == key)
            .map(|choice| choice["value"].clone())
    };
    assert_eq!(choice("loss"), Some(Value::from("poisson")));
    assert_eq!(choice("clip-predictions"), Some(Value::from("true")));
    let predicted = folder.ok("predict m new.csv ").stdout;
    let lowest = predicted
        .lines()
        .skip(1)
        .filter_map(|line| line.split(',').next_back()?.parse().ok());
    assert!(lowest.fold(f64::INFINITY, f64::min) >= 0.0, "{predicted}");
    let (squared, ..) = trained(&text, &new_rows(counts), "--loss mse");
    assert!(error < squared, "{error}, with squared errors {squared}");
}

#[test]
fn rows_outside_the_training_range_are_told_and_predicted_within_it() {
    let text = table(0..600, smooth, |_, _| ());
    let far = table(2000..2003, smooth, |row, (cells, _)| {
        cells[0] = [1e3, -1e30, 0.5][row - 2000]
    });
    let (_, _, folder) = trained(&text, &far, "");
    let said = folder.ok("predict m new.csv ");
    let warning = "warning: `a`: 2 numbers are far outside the training range, such as 1000";
    assert!(said.stderr.contains(warning), "{}", said.stderr);
    let targets: Vec<f64> = text
        .lines()
        .skip(1)
        .map(|line| line.rsplit(',').next().unwrap().parse().unwrap())
        .collect();
    let range =
        targets.iter().copied().fold(f64::INFINITY, f64::min)..=targets.iter().copied().fold(f64::MIN, f64::max);
    for line in said.stdout.lines().skip(1) {
        let predicted: f64 = line.rsplit(',').next().unwrap().parse().unwrap();
        assert!(range.contains(&predicted), "{predicted} is not in {range:?}");
    }
}

/// A linear model goes on along its line.
#[test]
fn a_linear_model_is_linear_everywhere() {
    let line = |row: usize| format!("{},{}\n", row as f64 / 10.0, 3.0 * row as f64 / 10.0 + 1.0);
    let folder = Sandbox::new();
    folder.write("t.csv", "x,y\n".to_owned() + &(0..200).map(line).collect::<String>());
    folder.write("new.csv", "x\n100\n");
    folder.ok("train t.csv --target y --model linear --optimizer lbfgs --quiet --threads 1 -o m");
    let said = folder.ok("predict m new.csv ").stdout;
    let predicted: f64 = said
        .lines()
        .nth(1)
        .unwrap()
        .rsplit(',')
        .next()
        .unwrap()
        .parse()
        .unwrap();
    assert!((predicted - 301.0).abs() < 0.5, "{said}");
}
