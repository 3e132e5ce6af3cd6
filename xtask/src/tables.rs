//! `cargo xtask tables OUT [NAME ...]`: real tables as CSV files, with the rows to test on.
//!
//! `benches/tables/fetch.py` does the work.

use std::path::{Path, PathBuf};

use serde_json::Value;

use crate::args::Args;
use crate::random::Random;
use crate::shell::{self, Outcome};
use crate::trial::Rows;
use crate::{Command, python};

/// See the module.
pub const COMMAND: Command = Command {
    name: "tables",
    help: "OUT [NAME ...]  fetch real tables as CSV files",
    run,
};

fn run(mut args: Args) -> Outcome {
    let out = args.word().ok_or("expected a folder to write into")?;
    let names: Vec<String> = std::iter::from_fn(|| args.word()).collect();
    args.finish()?;
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    fetch(Path::new(&out), &names)
}

/// Where tables are kept: the folder `tables` next to the data sets the library looks for.
///
/// # Errors
/// If the user has no home.
pub fn folder() -> Outcome<PathBuf> {
    let set = |name| std::env::var_os(name).filter(|path| !path.is_empty());
    let place = |name, below: &str| set(name).map(|folder| Path::new(&folder).join(below));
    Ok(place("ROSENBLATT_DATA", "tables")
        .or_else(|| place("XDG_CACHE_HOME", "rosenblatt/tables"))
        .or_else(|| place("HOME", ".cache/rosenblatt/tables"))
        .ok_or("set ROSENBLATT_DATA to a folder for tables")?)
}

/// Writes `NAME.csv` and `NAME.splits.json` into a folder; without names, all tables.
///
/// # Errors
/// If there is no such table, or no network.
fn fetch(folder: &Path, names: &[&str]) -> Outcome {
    let mut script = python::script("benches/tables/fetch.py")?;
    shell::run(script.arg(std::path::absolute(folder)?).args(names))
}

/// A fetched table, row by row as text.
pub struct Table {
    /// The column to predict.
    pub target: String,
    header: String,
    rows: Vec<String>,
    /// Numbers of the test rows of each split.
    splits: Vec<Vec<usize>>,
}

impl Table {
    /// Reads a table, fetching it first if it is not in the folder.
    ///
    /// # Errors
    /// If it cannot be fetched, or its files are not as the fetcher writes them.
    pub fn open(folder: &Path, name: &str) -> Outcome<Self> {
        let csv = folder.join(format!("{name}.csv"));
        let splits = folder.join(format!("{name}.splits.json"));
        if !csv.exists() || !splits.exists() {
            fetch(folder, &[name])?;
        }
        Self::read(&shell::read(&csv)?, &shell::read(&splits)?).map_err(|error| format!("{name}: {error}").into())
    }

    fn read(csv: &str, splits: &str) -> Outcome<Self> {
        let mut lines = csv.lines().map(str::to_owned);
        let header = lines.next().ok_or("an empty file")?;
        let rows: Vec<String> = lines.collect();
        if rows.iter().any(|row| row.matches('"').count() % 2 == 1) {
            return Err("a cell with a line break".into());
        }
        let known: Value = serde_json::from_str(splits)?;
        let target = known["target"].as_str().ok_or("splits: no `target`")?.to_owned();
        let row = |number: &Value| usize::try_from(number.as_u64()?).ok().filter(|row| *row < rows.len());
        let split = |split: &Value| split.as_array()?.iter().map(row).collect::<Option<Vec<_>>>();
        let splits = known["splits"].as_array().into_iter().flatten().map(split);
        let splits: Vec<_> = splits
            .collect::<Option<_>>()
            .ok_or("splits: not lists of row numbers of the table")?;
        if splits.is_empty() {
            return Err("splits: none".into());
        }
        Ok(Self {
            target,
            header,
            rows,
            splits,
        })
    }

    /// The training and the test rows of every split.
    pub fn splits(&self) -> impl ExactSizeIterator<Item = Rows> {
        (0..self.splits.len()).map(|split| {
            let [train, test] = self.parts(split);
            self.rows(&train, &test)
        })
    }

    /// For every split the training rows without a fifth of them, and that fifth, drawn at random; no test row is seen.
    pub fn splits_of_training_rows(&self) -> impl ExactSizeIterator<Item = Rows> {
        (0..self.splits.len()).map(|split| {
            let [train, _] = self.parts(split);
            let mut random = Random::new(split as u64);
            let (held_out, train): (Vec<_>, Vec<_>) = train.iter().partition(|_| random.unit() < 0.2);
            self.rows(&train, &held_out)
        })
    }

    /// Training and test rows of a split.
    fn parts(&self, split: usize) -> [Vec<usize>; 2] {
        let mut is_test = vec![false; self.rows.len()];
        self.splits[split].iter().for_each(|&row| is_test[row] = true);
        [false, true].map(|wanted| (0..self.rows.len()).filter(|&row| is_test[row] == wanted).collect())
    }

    fn rows(&self, train: &[usize], held_out: &[usize]) -> Rows {
        let text = |rows: &[usize]| {
            let lines = std::iter::once(&self.header).chain(rows.iter().map(|&row| &self.rows[row]));
            lines.flat_map(|line| [line, "\n"]).collect()
        };
        Rows {
            target: self.target.clone(),
            train: text(train),
            held_out: text(held_out),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Table;

    const CSV: &str = "a,b\n1,x\n2,\"y,z\"\n3,\n";

    #[test]
    fn each_row_is_in_one_part_of_a_split() {
        let table = Table::read(CSV, r#"{"target": "b", "splits": [[1], [0, 2], []]}"#).unwrap();
        let parts: Vec<_> = table.splits().map(|rows| [rows.train, rows.held_out]).collect();
        assert_eq!(table.splits().next().unwrap().target, "b");
        assert_eq!(parts[0], ["a,b\n1,x\n3,\n", "a,b\n2,\"y,z\"\n"]);
        assert_eq!(parts[1], ["a,b\n2,\"y,z\"\n", "a,b\n1,x\n3,\n"]);
        assert_eq!(parts[2], [CSV, "a,b\n"]);
    }

    #[test]
    fn experiments_see_no_test_row() {
        let csv: String = (0..1000).map(|row| format!("{row},x\n")).collect();
        let table = Table::read(&format!("a,b\n{csv}"), r#"{"target": "b", "splits": [[1, 999], [5]]}"#).unwrap();
        let parts: Vec<_> = table.splits_of_training_rows().collect();
        for (rows, test) in parts.iter().zip([&["1,x", "999,x"][..], &["5,x"]]) {
            let both: Vec<&str> = rows
                .train
                .lines()
                .chain(rows.held_out.lines())
                .filter(|line| *line != "a,b")
                .collect();
            assert_eq!(both.len(), 1000 - test.len());
            assert!(test.iter().all(|line| !both.contains(line)));
            let evaluated = rows.held_out.lines().count() - 1;
            assert!((150..250).contains(&evaluated), "{evaluated}");
        }
        assert_ne!(parts[0].held_out, parts[1].held_out);
    }

    #[test]
    fn broken_files_are_refused() {
        let splits = |rows: &str| format!(r#"{{"target": "b", "splits": {rows}}}"#);
        for rows in ["[[3]]", "[[-1]]", "[1]", "[]", "null"] {
            assert!(Table::read(CSV, &splits(rows)).is_err(), "{rows}");
        }
        assert!(Table::read("", &splits("[[]]")).is_err());
        assert!(Table::read("a\n\"1\n2\"\n", &splits("[[0]]")).is_err());
        assert!(Table::read(CSV, r#"{"splits": [[0]]}"#).is_err());
        assert!(Table::read(CSV, &splits("[[0]]")).is_ok());
    }
}
