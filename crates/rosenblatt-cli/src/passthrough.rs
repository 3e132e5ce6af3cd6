//! Columns that go from the data to the predictions as they are.

use rosenblatt_data::Frame;
use rosenblatt_tensor::Result;

/// One of them.
pub(crate) struct Passthrough {
    /// Its name.
    pub(crate) name: String,
    /// One text a row; empty where missing.
    pub(crate) cells: Texts,
}

/// Texts in one piece of memory: there may be millions.
#[derive(Default)]
pub(crate) struct Texts {
    bytes: String,
    ends: Vec<usize>,
}

impl Texts {
    /// Adds one.
    pub(crate) fn push(&mut self, text: &str) {
        self.bytes.push_str(text);
        self.ends.push(self.bytes.len());
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    /// One that is there.
    pub(crate) fn get(&self, at: usize) -> &str {
        let start = if at == 0 { 0 } else { self.ends[at - 1] };
        &self.bytes[start..self.ends[at]]
    }
}

/// The named columns of a table, in the order they are asked for, for the rows that are taken.
///
/// # Errors
/// There is no such column.
pub(crate) fn keep(frame: &Frame, rows: Option<&[u64]>, names: &[String]) -> Result<Vec<Passthrough>> {
    let column = |name: &String| {
        let mut all = Texts::default();
        let read = frame.for_each_text(name, &mut |text| all.push(text));
        read.map_err(|error| error.for_setting("--keep"))?;
        let cells = match rows {
            None => all,
            Some(rows) => {
                let mut taken = Texts::default();
                rows.iter().for_each(|&row| taken.push(all.get(row as usize)));
                taken
            }
        };
        Ok(Passthrough {
            name: name.clone(),
            cells,
        })
    };
    names.iter().map(column).collect()
}
