//! Readers, preprocessing, splits, batches and named data sets.
//!
//! The way of the data, from a name to the rows of a training step:
//!
//! 1. [`resolve`] decides whether a word names a file or one of the [`sets`];
//! 2. [`read`] and [`idx`] read it, and name the place of whatever is wrong: a [`Frame`] has cells as they are written;
//! 3. [`Table::of`] decides what the texts of each column mean, and [`schema`] infers what each column is, and the task from the target;
//! 4. [`split`] sets test and validation rows apart;
//! 5. [`preprocess`] is fitted on the training rows alone, and turns every part into numbers;
//! 6. a [`Dataset`] holds the numbers, [`batches`] says which rows come next, a [`RowSource`] gathers them.
//!
//! Start reading at [`load`], which does all of it, and [`apply`], which repeats it for new data and a trained model.
//!
//! # Example
//! ```
//! use rosenblatt_data::{DataOptions, load};
//! let data = load(&DataOptions::new("penguins"), 0)?;
//! assert_eq!(data.schema.task.classes().unwrap(), ["Adelie", "Chinstrap", "Gentoo"]);
//! assert_eq!(data.train.len() + data.test.unwrap().len(), 344);
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```
//!
//! The same step by step:
//! ```
//! use rosenblatt_data::read::{ReadOptions, read};
//! use rosenblatt_data::schema::Overrides;
//! use rosenblatt_data::split::{HeldOut, split};
//! use rosenblatt_data::{Input, Preprocessing, Schema, Table, TableOptions};
//!
//! let input = Input::memory("pets.csv", *b"age,color,kind\n3,red,cat\n5,gray,dog\n4,red,cat\n7,gray,dog\n");
//! let (frame, _) = read(&input, &ReadOptions::default())?;
//! let (table, _) = Table::of(frame, &TableOptions::default())?;
//! let (schema, _) = Schema::infer(&table, Overrides::of("kind"))?;
//! let parts = split(&[0, 1, 2, 3], None, 0.25, HeldOut::Test, 0)?;
//! let (preprocessing, _) = Preprocessing::fit(&schema, &table, &parts.rest)?;
//! let train = preprocessing.transform(&table, &parts.rest)?;
//! assert_eq!(train.names[0], "age");
//! # Ok::<(), rosenblatt_tensor::Error>(())
//! ```
#![forbid(unsafe_code)]
#![warn(clippy::unwrap_used)]
#![cfg_attr(not(test), warn(clippy::disallowed_methods))]

pub mod batches;
pub mod idx;
pub mod preprocess;
pub mod read;
pub mod schema;
pub mod sets;
pub mod split;

mod categories;
mod cell;
mod dataset;
mod dates;
mod dictionary;
mod foreign;
mod frame;
mod images;
mod input;
mod leakage;
mod load;
mod numbers;
mod options;
mod pipeline;
mod places;
mod resolve;
mod source;
mod spelling;
mod store;
mod table;
mod typed;
mod warning;

pub use batches::Batches;
pub use cell::{Cell, CellError};
pub use dataset::Dataset;
pub use dictionary::{Dictionary, Levels};
pub use frame::{Cells, Frame};
pub use images::{ImagePart, Images};
pub use input::Input;
pub use load::{
    Applied, ImageGroup, ImageSet, Look, LookAtFrame, Prepared, Preview, Purpose, apply, apply_and_look, apply_input,
    load, load_and_look, load_input, preview, table_options,
};
pub use numbers::Numbers;
pub use options::{DataOptions, HeaderLine, NumericScale};
pub use pipeline::{ColumnFeatures, Preprocessing};
pub use places::nearest;
pub use resolve::{DataRef, resolve};
pub use schema::{Schema, Task};
pub use source::{Batch, Lent, RowSource, Values};
pub use spelling::{DecimalMark, NumberFormat, ThousandsMark};
pub use table::{Column, ColumnData, ColumnKind, MISSING, Table};
pub use typed::{TableOptions, Trained, Written};
pub use warning::{Imputed, Part, Warning, WarningLine};
