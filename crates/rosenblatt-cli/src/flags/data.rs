//! Which columns, which rows.

use std::path::PathBuf;

use rosenblatt_data::{ColumnKind, DataOptions};

use super::values;

/// Flags that become the `[data]` part of a run file.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct DataFlags {
    /// The column to predict; a named data set knows its own.
    #[arg(long, value_name = "COLUMN")]
    target: Option<String>,
    /// Columns to leave out.
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    drop: Vec<String>,
    /// A column with the weight of each row: it counts so much, and nothing is predicted from it.
    #[arg(long, value_name = "COLUMN")]
    sample_weight: Option<String>,
    #[command(flatten)]
    reading: ReadingFlags,
    /// A file with validation rows: they choose when to stop.
    #[arg(long, value_name = "FILE", conflicts_with = "valid_fraction")]
    valid: Option<PathBuf>,
    /// Share of the training rows to validate on.
    #[arg(long, value_name = "0..1", value_parser = values::share)]
    valid_fraction: Option<f64>,
    /// A file with test rows: they choose nothing.
    #[arg(long, value_name = "FILE", conflicts_with = "test_fraction")]
    test: Option<PathBuf>,
    /// Share of all rows to test on; a named data set has its own test rows.
    #[arg(long, value_name = "0..1", value_parser = values::share)]
    test_fraction: Option<f64>,
}

/// Flags that say how cells are read.
#[derive(Clone, Debug, Default, clap::Args)]
pub(crate) struct ReadingFlags {
    /// Columns whose numbers are names of categories; for the target: classes.
    #[arg(long, value_name = "COLUMN,...", value_delimiter = ',')]
    categorical: Vec<String>,
    /// A text for a missing cell, beside the empty one, NA, NaN, null and ?.
    #[arg(long, value_name = "TEXT")]
    na: Vec<String>,
    /// The character between cells, or `tab` [default: found in the header].
    #[arg(long, value_name = "CHARACTER", value_parser = delimiter)]
    delimiter: Option<char>,
}

impl ReadingFlags {
    /// Puts what is given in place of what the options say.
    pub(crate) fn over(&self, options: &mut DataOptions) {
        let categorical = self.categorical.iter();
        options
            .columns
            .extend(categorical.map(|name| (name.clone(), ColumnKind::Categorical)));
        if !self.na.is_empty() {
            options.missing.clone_from(&self.na);
        }
        options.delimiter = self.delimiter.or(options.delimiter);
    }

    /// The first that is given.
    pub(crate) fn given(&self) -> Option<&'static str> {
        let all = [
            ("--categorical", !self.categorical.is_empty()),
            ("--na", !self.na.is_empty()),
            ("--delimiter", self.delimiter.is_some()),
        ];
        all.into_iter().find(|(_, given)| *given).map(|(flag, _)| flag)
    }
}

impl DataFlags {
    /// Puts what is given in place of what the options say.
    pub(crate) fn over(&self, options: &mut DataOptions) {
        if self.target.is_some() {
            options.target.clone_from(&self.target);
        }
        if !self.drop.is_empty() {
            options.drop.clone_from(&self.drop);
        }
        if self.sample_weight.is_some() {
            options.sample_weight.clone_from(&self.sample_weight);
        }
        self.reading.over(options);
        if self.valid.is_some() || self.valid_fraction.is_some() {
            (options.valid, options.valid_fraction) = (self.valid.clone(), self.valid_fraction);
        }
        if self.test.is_some() || self.test_fraction.is_some() {
            (options.test, options.test_fraction) = (self.test.clone(), self.test_fraction);
        }
    }
}

impl DataFlags {
    /// The flag that gave what the library knows by its key in the run file.
    pub(crate) fn flag_of(&self, key: &str) -> Option<&'static str> {
        match key.strip_prefix("data.")? {
            "target" => self.target.as_ref().map(|_| "--target"),
            "sample_weight" => self.sample_weight.as_ref().map(|_| "--sample-weight"),
            "valid" => self.valid.as_ref().map(|_| "--valid"),
            "test" => self.test.as_ref().map(|_| "--test"),
            "drop" => self.drop.first().map(|_| "--drop"),
            key => {
                let column = key.strip_prefix("columns.")?;
                self.reading
                    .categorical
                    .iter()
                    .any(|name| name == column)
                    .then_some("--categorical")
            }
        }
    }
}

fn delimiter(text: &str) -> Result<char, String> {
    let mut characters = text.chars();
    match (text, characters.next(), characters.next()) {
        ("tab" | "\\t", ..) => Ok('\t'),
        (_, Some(only), None) => Ok(only),
        _ => Err("expected one character, or `tab`".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delimiter_is_one_character_or_a_tab() {
        assert_eq!(delimiter(";"), Ok(';'));
        assert_eq!(
            [delimiter("tab"), delimiter("\\t"), delimiter("\t")],
            [Ok('\t'), Ok('\t'), Ok('\t')]
        );
        assert!(delimiter("").is_err() && delimiter(";;").is_err());
    }
}
