//! Predictions as CSV and JSON, written as they are made: there may be more of them than fit into memory.

use std::collections::BTreeMap;
use std::io::{self, Write};

use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::Prediction;
use serde::{Serialize, Serializer};
use serde_json::Value;

use crate::passthrough::Passthrough;
use crate::ui::shortest;

/// Predictions of all rows, with what is passed through.
pub(crate) struct Predictions {
    /// How many.
    pub(crate) rows: usize,
    /// What the network says.
    pub(crate) made: Prediction,
    /// Columns of the data.
    pub(crate) kept: Vec<Passthrough>,
}

impl Predictions {
    /// Names of the columns that are made.
    fn header(&self) -> Vec<String> {
        let classes = match &self.made {
            Prediction::Classes { names, .. } | Prediction::Scores { names, .. } => &names[..],
            Prediction::Numbers(_) => &[],
        };
        let what = match &self.made {
            Prediction::Scores { .. } => "score",
            Prediction::Classes { .. } | Prediction::Numbers(_) => "probability",
        };
        let of_classes = classes.iter().map(|name| format!("{what}_{name}"));
        std::iter::once("prediction".to_owned()).chain(of_classes).collect()
    }

    /// The prediction of a row, then its probabilities or scores.
    fn row(&self, row: usize) -> (Value, &[f32]) {
        match &self.made {
            Prediction::Numbers(numbers) => (Value::from(numbers[row]), &[]),
            Prediction::Classes {
                names,
                classes,
                probabilities: of_classes,
            }
            | Prediction::Scores {
                names,
                classes,
                scores: of_classes,
            } => {
                let width = names.len();
                (
                    Value::from(&*names[classes[row]]),
                    &of_classes[row * width..(row + 1) * width],
                )
            }
        }
    }

    /// Whether the columns have names of their own, and as many rows as there are predictions.
    ///
    /// # Errors
    /// A column that is passed through has the name of one that is made; the data changed.
    pub(crate) fn check(&self) -> Result<()> {
        let header = self.header();
        if let Some(twin) = self.kept.iter().find(|kept| header.contains(&kept.name)) {
            let error = Error::config(format!("`{}` is the name of a column of the output", twin.name));
            return Err(error.within("--keep"));
        }
        match self.kept.iter().find(|kept| kept.cells.len() != self.rows) {
            Some(_) => Err(Error::io("the data changed while it was read")),
            None => Ok(()),
        }
    }

    /// CSV, written row by row.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write_csv(&self, out: &mut dyn Write) -> io::Result<()> {
        self.write_records(out).map_err(|error| match error.into_kind() {
            csv::ErrorKind::Io(error) => error,
            other => io::Error::other(format!("{other:?}")),
        })
    }

    fn write_records(&self, out: &mut dyn Write) -> csv::Result<()> {
        let mut writer = csv::Writer::from_writer(out);
        let kept = self.kept.iter().map(|kept| kept.name.clone());
        writer.write_record(kept.chain(self.header()))?;
        for row in 0..self.rows {
            let (prediction, probabilities) = self.row(row);
            for kept in &self.kept {
                writer.write_field(kept.cells.get(row))?;
            }
            writer.write_field(text(&prediction))?;
            for probability in probabilities {
                writer.write_field(probability.to_string())?;
            }
            writer.write_record(None::<&[u8]>)?;
        }
        Ok(writer.flush()?)
    }

    /// One JSON document, written row by row; keys are sorted.
    ///
    /// # Errors
    /// It cannot be written.
    pub(crate) fn write_json(&self, warnings: &Value, out: &mut dyn Write) -> io::Result<()> {
        let kept = self
            .kept
            .iter()
            .enumerate()
            .map(|(i, kept)| (kept.name.clone(), Key::Kept(i)));
        let made = self.header().into_iter().enumerate().map(|(i, name)| match i {
            0 => (name, Key::Prediction),
            _ => (name, Key::OfClass(i - 1)),
        });
        // A name that is there twice is one key.
        let keys: BTreeMap<String, Key> = kept.chain(made).collect();
        let document = Document {
            predictions: Rows { of: self, keys: &keys },
            rows: self.rows,
            warnings,
        };
        serde_json::to_writer_pretty(&mut *out, &document)?;
        writeln!(out)
    }
}

/// All predictions as JSON.
#[derive(Serialize)]
struct Document<'a> {
    predictions: Rows<'a>,
    rows: usize,
    warnings: &'a Value,
}

/// An array with an object for each row.
struct Rows<'a> {
    of: &'a Predictions,
    keys: &'a BTreeMap<String, Key>,
}

/// Where the value of a key is.
enum Key {
    Kept(usize),
    Prediction,
    OfClass(usize),
}

impl Serialize for Rows<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.collect_seq((0..self.of.rows).map(|row| Row { rows: self, row }))
    }
}

struct Row<'a> {
    rows: &'a Rows<'a>,
    row: usize,
}

impl Serialize for Row<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        let predictions = self.rows.of;
        let (prediction, of_classes) = predictions.row(self.row);
        let value = |key: &Key| match *key {
            Key::Kept(i) => Value::from(predictions.kept[i].cells.get(self.row)),
            Key::Prediction => prediction.clone(),
            Key::OfClass(i) => Value::from(shortest(of_classes[i])),
        };
        serializer.collect_map(self.rows.keys.iter().map(|(name, key)| (name, value(key))))
    }
}

fn text(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::passthrough::Texts;

    /// Takes a few bytes at a time, and no more than `room` in all.
    struct Narrow {
        taken: Vec<u8>,
        room: usize,
    }

    impl Write for Narrow {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            assert!(bytes.len() <= 1 << 16, "{} bytes at once", bytes.len());
            if self.taken.len() >= self.room {
                return Err(io::ErrorKind::StorageFull.into());
            }
            self.taken.extend_from_slice(bytes);
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    fn predictions(rows: usize) -> Predictions {
        let mut cells = Texts::default();
        (0..rows).for_each(|row| cells.push(&format!("é,{row}\n")));
        Predictions {
            rows,
            made: Prediction::Classes {
                names: vec!["no".to_owned(), "a \"b\"".to_owned()],
                classes: (0..rows).map(|row| row % 2).collect(),
                probabilities: (0..2 * rows).map(|i| (i % 3) as f32 / 4.0).collect(),
            },
            kept: vec![Passthrough {
                name: "id".to_owned(),
                cells,
            }],
        }
    }

    fn written(write: impl Fn(&mut dyn Write) -> io::Result<()>, room: usize) -> (io::Result<()>, String) {
        let mut out = Narrow {
            taken: Vec::new(),
            room,
        };
        let result = write(&mut out);
        (result, String::from_utf8(out.taken).unwrap())
    }

    #[test]
    fn json_and_csv_say_the_same_and_are_written_row_by_row() {
        let (all, warnings) = (predictions(10_000), serde_json::json!([]));
        let (done, json) = written(|out| all.write_json(&warnings, out), usize::MAX);
        done.unwrap();
        let document: Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json, format!("{document:#}\n"), "keys are sorted");
        assert_eq!(document["rows"], 10_000);
        let (done, csv) = written(|out| all.write_csv(out), usize::MAX);
        done.unwrap();
        let mut reader = csv::Reader::from_reader(csv.as_bytes());
        let header = reader.headers().unwrap().clone();
        let rows = document["predictions"].as_array().unwrap();
        assert_eq!(rows.len(), 10_000);
        for (record, row) in reader.records().zip(rows) {
            for (name, cell) in header.iter().zip(&record.unwrap()) {
                let of_json = row[name].as_str().map_or_else(|| row[name].to_string(), str::to_owned);
                let equal = of_json == cell || of_json.parse::<f64>() == cell.parse::<f64>();
                assert!(equal, "{name}: {of_json}, {cell}");
            }
            assert_eq!(row.as_object().unwrap().len(), header.len());
        }
    }

    #[test]
    fn what_cannot_be_written_is_an_error() {
        let (all, warnings) = (predictions(100_000), serde_json::json!([]));
        for room in [0, 10, 1000, 70_000] {
            let csv = written(|out| all.write_csv(out), room);
            let json = written(|out| all.write_json(&warnings, out), room);
            for (result, text) in [csv, json] {
                assert_eq!(result.unwrap_err().kind(), io::ErrorKind::StorageFull);
                assert!(text.len() < room + (1 << 16), "not all was made");
            }
        }
    }

    #[test]
    fn no_rows() {
        let (none, warnings) = (predictions(0), serde_json::json!(["w"]));
        let (_, json) = written(|out| none.write_json(&warnings, out), usize::MAX);
        assert_eq!(
            json,
            "{\n  \"predictions\": [],\n  \"rows\": 0,\n  \"warnings\": [\n    \"w\"\n  ]\n}\n"
        );
        let (_, csv) = written(|out| none.write_csv(out), usize::MAX);
        assert_eq!(csv, "id,prediction,probability_no,\"probability_a \"\"b\"\"\"\n");
    }
}
