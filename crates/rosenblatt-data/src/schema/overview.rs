//! A table at a preview: its columns, and what one should look at.

use super::{Inferred, Profile, repeated_rows};
use crate::Table;
use crate::csv::{Dialect, Findings, Oddity};

/// A table, looked at.
#[derive(Clone, Debug)]
pub struct Overview {
    /// Number of rows.
    pub rows: usize,
    /// What its file looks like.
    pub dialect: Dialect,
    /// In the order of the file.
    pub columns: Vec<Profile>,
    /// Cells that keep a column from being one of numbers or dates.
    pub oddities: Vec<Oddity>,
    /// What else the user should look at, one sentence each; for identifiers see [`Overview::identifiers`].
    pub unusual: Vec<String>,
}

impl Overview {
    /// Looks at every column and every row.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::csv::{CsvOptions, read_with_findings};
    /// use rosenblatt_data::{Input, schema::Overview};
    /// let input = Input::memory("pets.csv", *b"age,legs\n3,4\n3,4\n");
    /// let (table, findings) = read_with_findings(&input, &CsvOptions::default())?;
    /// let overview = Overview::of(&table, &findings);
    /// assert_eq!(overview.unusual[0], "nothing can be learned from constants: `age`, `legs`");
    /// assert_eq!(overview.unusual[1], "1 row is equal to an earlier one in every column");
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    #[must_use]
    pub fn of(table: &Table, findings: &Findings) -> Self {
        let profile = |column| Profile::of(column, &findings.oddities);
        let columns: Vec<Profile> = table.columns().iter().map(profile).collect();
        let mut unusual = of_columns(&columns);
        let repeated = repeated_rows(table);
        if repeated > 0 {
            unusual.push(format!(
                "{} equal to an earlier one in every column",
                plural(repeated, "row is", "rows are")
            ));
        }
        unusual.extend(of_lines(&findings.dialect));
        Self {
            rows: table.len(),
            dialect: findings.dialect.clone(),
            columns,
            oddities: findings.oddities.clone(),
            unusual,
        }
    }

    /// A sentence about the columns that say which row this is, if there are any.
    #[must_use]
    pub fn identifiers(&self) -> Option<String> {
        let names = called(&self.columns, Inferred::Identifier)?;
        Some(format!("left out of training as identifiers: {names}"))
    }
}

/// `1 row is`, `2 rows are`.
fn plural(number: usize, one: &str, many: &str) -> String {
    format!("{number} {}", if number == 1 { one } else { many })
}

/// The names of the columns of a kind, if there are any.
fn called(columns: &[Profile], kind: Inferred) -> Option<String> {
    let named = columns.iter().filter(|column| column.kind == kind);
    let names: Vec<String> = named.map(|column| format!("`{}`", column.name)).collect();
    (!names.is_empty()).then(|| names.join(", "))
}

fn of_columns(columns: &[Profile]) -> Vec<String> {
    let constant = called(columns, Inferred::Constant);
    let constant = constant.map(|names| format!("nothing can be learned from constants: {names}"));
    let number = columns
        .iter()
        .find(|column| column.name.parse::<f64>().is_ok_and(f64::is_finite));
    let header = number.map(|column| {
        format!(
            "the name of a column is a number, `{}`: is the first line a header?",
            column.name
        )
    });
    constant.into_iter().chain(header).collect()
}

fn of_lines(dialect: &Dialect) -> Vec<String> {
    let (returns, feeds) = (dialect.returns, dialect.lines - dialect.returns);
    let mixed =
        (returns > 0 && feeds > 0).then(|| format!("some lines end in CRLF ({returns}), others in LF ({feeds})"));
    let blank = usize::try_from(dialect.blank_lines).unwrap_or(usize::MAX);
    let blank = (blank > 0).then(|| plural(blank, "blank line is no row", "blank lines are no rows"));
    mixed.into_iter().chain(blank).collect()
}
