//! The file of a model: tensors under their names, and JSON documents about them, one a section.
//!
//! The format is `safetensors`. Its metadata has one key, since the map is written in no fixed order; its value is JSON
//! with sorted keys. Nothing in the file depends on threads, the way to run, the instruction set, paths or time: the same
//! training gives the same bytes. What a section means is known to the code that writes and reads it, not here.
//!
//! Reading trusts nothing: sizes are looked at before memory is allocated, and the checksum before content is believed.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;

use rosenblatt_tensor::{Advice, DType, Element, Error, Result, Tensor};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use crate::files::{self, Disk};

mod checksum;
mod file;
mod format_1;
mod header_size;
mod unique;

use checksum::{NO_CHECKSUM, Place};
pub(crate) use header_size::HeaderSize;

/// The one key of the metadata.
const KEY: &str = "rosenblatt";
/// Name and version of the library.
pub(crate) const LIBRARY: &str = concat!("rosenblatt ", env!("CARGO_PKG_VERSION"));
/// The version of the format that is written; all versions up to it are read.
pub(crate) const FORMAT: u64 = 2;
/// The longest header that is read, in bytes.
const MAX_HEADER: u64 = 100_000_000;
/// The most commas in a header that is read: each part between them takes up to some hundred bytes in memory. Fifty
/// thousand epochs, or some hundred thousand categories, have fewer.
const MAX_PARTS: usize = 1_000_000;

/// Named tensors, and what the file says of them by section.
#[derive(Clone, Debug)]
pub(crate) struct Container {
    /// Version of the format it was read from, or will be written in.
    pub(crate) format: u64,
    /// Name and version of the library that wrote it.
    pub(crate) library: String,
    /// JSON by the name of the section.
    sections: BTreeMap<String, Box<RawValue>>,
    /// Tensors in their logical layout.
    pub(crate) tensors: BTreeMap<String, Tensor>,
}

/// What the metadata hold.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    /// CRC-32C of the file with these eight digits as `0`.
    checksum: String,
    format: u64,
    library: String,
    sections: BTreeMap<String, Box<RawValue>>,
}

/// The version of a file, whatever else it says.
#[derive(Deserialize)]
struct Version {
    format: Option<u64>,
}

impl Container {
    /// Tensors of which nothing is said yet.
    pub(crate) fn new(tensors: BTreeMap<String, Tensor>) -> Self {
        Self {
            format: FORMAT,
            library: LIBRARY.to_owned(),
            sections: BTreeMap::new(),
            tensors,
        }
    }

    /// The same with one more section; its keys are sorted.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if it cannot be written as JSON: a layer or loss that is not registered.
    pub(crate) fn with(mut self, name: &str, content: &impl Serialize) -> Result<Self> {
        // By way of a `Value`, whose maps are sorted.
        let text = serde_json::to_value(content).and_then(|value| serde_json::to_string(&value));
        let raw = text.and_then(RawValue::from_string);
        let raw = raw.map_err(|error| {
            let hint = "an entry of your own can be saved after `rosenblatt::register::<…>()`, called where the program starts";
            Error::config(error.to_string()).within(name).hint(hint)
        })?;
        self.sections.insert(name.to_owned(), raw);
        Ok(self)
    }

    /// Whether there is such a section.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.sections.contains_key(name)
    }

    /// What a section says; `None` if there is no such section.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if it does not read as what it should be.
    pub(crate) fn section<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>> {
        // Never by way of a `Value`, which takes many times the memory of the text and forgets the places of errors.
        let read = |raw: &RawValue| {
            let wrong = |error: serde_json::Error| Error::data(error.to_string()).within(name).within("header");
            serde_json::from_str(raw.get()).map_err(wrong)
        };
        self.sections.get(name).map(|raw| read(raw)).transpose()
    }

    /// What a section says.
    ///
    /// # Errors
    /// As [`Container::section`], and if there is no such section.
    pub(crate) fn required<T: DeserializeOwned>(&self, name: &str) -> Result<T> {
        let missing = || Error::data(format!("it has no section `{name}`")).within("header");
        self.section(name)?.ok_or_else(missing)
    }

    /// Reads a file.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read; [`rosenblatt_tensor::ErrorKind::Data`] if it is damaged,
    /// cut short, or something else; [`rosenblatt_tensor::ErrorKind::Unsupported`] if it is of a newer version.
    pub(crate) fn load(path: &Path) -> Result<Self> {
        file::read(path).and_then(|bytes| Self::from_bytes(&bytes))
    }

    /// Writes the file; a reader meets the old content or the new one.
    ///
    /// # Errors
    /// As [`Container::to_bytes`]; [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be written; then the old file is
    /// intact.
    pub(crate) fn save_on(&self, disk: &dyn Disk, path: &Path) -> Result<()> {
        files::write(disk, path, &self.to_bytes()?)
    }

    /// The content of the file: the same bytes for the same container.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if a number is not finite;
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] if its header is larger than what is read.
    pub(crate) fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut raw = Vec::with_capacity(self.tensors.len());
        for (name, tensor) in &self.tensors {
            raw.push((
                name,
                dtype(name, tensor)?,
                tensor.shape().to_vec(),
                bytes_of(name, tensor)?,
            ));
        }
        let wrong =
            |error: safetensors::SafeTensorError| Error::internal(format!("a model cannot be written: {error}"));
        let mut views = Vec::with_capacity(raw.len());
        for (name, dtype, shape, bytes) in &raw {
            views.push((*name, TensorView::new(*dtype, shape.clone(), bytes).map_err(wrong)?));
        }
        let metadata = HashMap::from([(KEY.to_owned(), self.header()?)]);
        let mut bytes = safetensors::serialize(views, Some(metadata)).map_err(wrong)?;
        check_header(&bytes)?;
        let place = Place::of(&bytes).ok_or_else(|| Error::internal("a model without a checksum"))?;
        place.seal(&mut bytes);
        Ok(bytes)
    }

    fn header(&self) -> Result<String> {
        let header = Header {
            checksum: NO_CHECKSUM.to_owned(),
            format: FORMAT,
            library: self.library.clone(),
            sections: self.sections.clone(),
        };
        serde_json::to_string(&header).map_err(|error| Error::internal(format!("a model cannot be described: {error}")))
    }

    /// A container from the content of its file.
    ///
    /// # Errors
    /// As [`Container::load`].
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let place = Place::of(bytes).ok_or_else(|| foreign(bytes))?;
        place.check(bytes, place.sum(bytes))?;
        check_parts(bytes)?;
        let header = header_of(bytes).map_err(|error| error.within("header"))?;
        let content =
            SafeTensors::deserialize(bytes).map_err(|error| Error::data(error.to_string()).within("header"))?;
        let tensor = |(name, view): (&str, TensorView<'_>)| Ok((name.to_owned(), tensor_of(name, &view)?));
        Ok(Self {
            format: header.format,
            library: header.library,
            sections: header.sections,
            tensors: content.iter().map(tensor).collect::<Result<_>>()?,
        })
    }
}

/// Refuses a model that could not be read again.
fn check_header(bytes: &[u8]) -> Result<()> {
    let (parts, length) = (parts(bytes), header_bytes(bytes).len() as u64);
    if parts <= MAX_PARTS && length <= MAX_HEADER {
        return Ok(());
    }
    let message = format!(
        "what the model knows of its data has {parts} parts in {length} bytes; the most are {MAX_PARTS} in {MAX_HEADER}"
    );
    Err(Error::unsupported(message)
        .hint(Advice::new("leave out columns with very many distinct values: ").setting("data.drop")))
}

/// Parts of the header, by the marks between them.
fn parts(bytes: &[u8]) -> usize {
    header_bytes(bytes).iter().filter(|&&byte| byte == b',').count()
}

/// Refuses a header of more parts than are read.
fn check_parts(bytes: &[u8]) -> Result<()> {
    match parts(bytes) {
        parts if parts <= MAX_PARTS => Ok(()),
        parts => {
            let message = format!("it has {parts} parts; the most that are read are {MAX_PARTS}");
            Err(Error::data(message).within("header"))
        }
    }
}

/// The metadata of the header.
fn header_of(bytes: &[u8]) -> Result<Header> {
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| Error::data(error.to_string()))?;
    let text = header.metadata().as_ref().and_then(|metadata| metadata.get(KEY));
    let text = text.ok_or_else(|| foreign(bytes))?;
    unique::check(header_bytes(bytes))?;
    unique::check(text.as_bytes())?;
    let wrong = |error: serde_json::Error| Error::data(error.to_string());
    match serde_json::from_str::<Version>(text).map_err(wrong)?.format {
        Some(1) => format_1::header(text),
        Some(FORMAT) => serde_json::from_str(text).map_err(wrong),
        Some(0) => Err(Error::data("its format has version 0, and the first version is 1")),
        Some(other) => {
            let message = format!("its format has version {other}, and this library reads up to {FORMAT}");
            Err(Error::unsupported(message).hint("use a newer version of the library"))
        }
        None => Err(Error::data("it does not say the version of its format")),
    }
}

fn foreign(bytes: &[u8]) -> Error {
    let error = Error::data("this is not a model of this library, or its beginning is damaged").within("byte 0");
    let text = bytes.first().is_some_and(|byte| byte.is_ascii_graphic()) && bytes.get(7).is_some_and(|&byte| byte != 0);
    if text {
        error.hint("it looks like text: name it as data, not as a model")
    } else {
        error
    }
}

/// The header, or as much of it as there is.
fn header_bytes(bytes: &[u8]) -> &[u8] {
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return &[];
    };
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    &rest[..length.min(rest.len())]
}

/// The types of tensors that a file holds.
fn dtype(name: &str, tensor: &Tensor) -> Result<Dtype> {
    match tensor.dtype() {
        DType::F32 => Ok(Dtype::F32),
        DType::F64 => Ok(Dtype::F64),
        DType::I64 => Ok(Dtype::I64),
        other => Err(Error::unsupported(format!(
            "`{name}` is {other}; a file holds f32, f64 and i64"
        ))),
    }
}

fn bytes_of(name: &str, tensor: &Tensor) -> Result<Vec<u8>> {
    fn bytes<T: Element, const N: usize>(tensor: &Tensor, bytes: impl Fn(T) -> [u8; N]) -> Result<Vec<u8>> {
        Ok(tensor.as_slice::<T>()?.iter().flat_map(|&value| bytes(value)).collect())
    }
    if let Some(message) = not_finite(name, tensor) {
        return Err(Error::not_finite(message));
    }
    let tensor = tensor.contiguous();
    match tensor.dtype() {
        DType::F64 => bytes(&tensor, f64::to_le_bytes),
        DType::I64 => bytes(&tensor, i64::to_le_bytes),
        _ => bytes(&tensor, f32::to_le_bytes),
    }
}

fn tensor_of(name: &str, view: &TensorView<'_>) -> Result<Tensor> {
    fn values<T, const N: usize>(data: &[u8], value: impl Fn([u8; N]) -> T) -> Vec<T> {
        data.as_chunks::<N>().0.iter().map(|&word| value(word)).collect()
    }
    let (data, shape) = (view.data(), view.shape());
    let tensor = match view.dtype() {
        Dtype::F32 => Tensor::from_vec(values(data, f32::from_le_bytes), shape),
        Dtype::F64 => Tensor::from_vec(values(data, f64::from_le_bytes), shape),
        Dtype::I64 => Tensor::from_vec(values(data, i64::from_le_bytes), shape),
        other => return Err(Error::data(format!("`{name}` is {other:?}, expected F32, F64 or I64"))),
    };
    let tensor = tensor.map_err(|error| Error::data(error.message()).within(name))?;
    not_finite(name, &tensor).map_or(Ok(tensor), |message| Err(Error::data(message)))
}

fn not_finite(name: &str, tensor: &Tensor) -> Option<String> {
    let tensor = tensor.contiguous();
    let at = match tensor.dtype() {
        DType::F32 => tensor
            .as_slice::<f32>()
            .ok()?
            .iter()
            .position(|value| !value.is_finite()),
        DType::F64 => tensor
            .as_slice::<f64>()
            .ok()?
            .iter()
            .position(|value| !value.is_finite()),
        _ => None,
    }?;
    Some(format!("`{name}` has a value that is not finite (number {at})"))
}
