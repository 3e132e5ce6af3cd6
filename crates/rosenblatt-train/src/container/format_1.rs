//! Files of format 1, which knew models of tables only: one document, here taken apart into sections.

use std::collections::BTreeMap;

use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::Header;
use crate::model::sections::{METADATA, PROGRESS, TABLE};

/// What the one document said.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    format: u64,
    library: String,
    spec: Box<RawValue>,
    seed: u64,
    input: Box<RawValue>,
    schema: Box<RawValue>,
    preprocessing: Box<RawValue>,
    epoch: usize,
    metrics: Box<RawValue>,
    #[serde(default)]
    progress: Option<Box<RawValue>>,
    checksum: String,
}

/// As [`crate::model::Metadata`] reads.
#[derive(Serialize)]
struct Metadata {
    seed: u64,
    epoch: usize,
    metrics: Box<RawValue>,
}

/// As [`crate::table::Table`] reads.
#[derive(Serialize)]
struct Table {
    spec: Box<RawValue>,
    input: Box<RawValue>,
    schema: Box<RawValue>,
    preprocessing: Box<RawValue>,
}

/// The header of a file of format 1 as one of the present format.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] if it does not read as what it should be.
pub(super) fn header(text: &str) -> Result<Header> {
    let wrong = |error: serde_json::Error| Error::data(error.to_string());
    let Document {
        format,
        library,
        spec,
        seed,
        input,
        schema,
        preprocessing,
        epoch,
        metrics,
        progress,
        checksum,
    } = serde_json::from_str(text).map_err(wrong)?;
    let table = Table {
        spec,
        input,
        schema,
        preprocessing,
    };
    let metadata = Metadata { seed, epoch, metrics };
    let mut sections = BTreeMap::new();
    let mut put = |name: &str, raw: serde_json::Result<Box<RawValue>>| {
        sections.insert(name.to_owned(), raw.map_err(wrong)?);
        Ok::<_, Error>(())
    };
    put(TABLE, serde_json::value::to_raw_value(&table))?;
    put(METADATA, serde_json::value::to_raw_value(&metadata))?;
    if let Some(progress) = progress {
        put(PROGRESS, Ok(progress))?;
    }
    Ok(Header {
        checksum,
        format,
        library,
        sections,
    })
}
