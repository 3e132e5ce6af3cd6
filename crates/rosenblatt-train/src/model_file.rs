//! The model file: tensors under their names, and one JSON document about them.
//!
//! The format is `safetensors`. Its metadata has one key, since the map is written in no fixed order; under it stands
//! JSON with sorted keys. Nothing in the file depends on threads, the way to run, the instruction set, paths or time:
//! the same training gives the same bytes. A checkpoint is the same file with more tensors and [`About::progress`].
//!
//! Reading trusts nothing: sizes are looked at before memory is asked for, the checksum before content is believed, and
//! every tensor is held against what the network needs (`Network::check`).

use std::collections::{BTreeMap, HashMap};
use std::fs::File;
use std::io::Read;
use std::path::Path;

use rosenblatt_data::{Preprocessing, Schema};
use rosenblatt_nn::Role;
use rosenblatt_tensor::{DType, Error, Result, Tensor};
use safetensors::{Dtype, SafeTensors, tensor::TensorView};
use serde::{Deserialize, Serialize};

use crate::absent::MODEL;
use crate::checkpoint::Progress;
use crate::files::{self, Disk};
use crate::network::{InputType, Network};
use crate::spec::Spec;

/// The one key of the metadata.
const KEY: &str = "rosenblatt";
/// The version of the format that is written; all versions up to it are read.
const FORMAT: u64 = 1;
/// The longest header that is read, in bytes.
const LONGEST_HEADER: u64 = 100_000_000;
/// The most commas in a header that is read: each part between them takes up to some hundred bytes in memory. Fifty
/// thousand epochs, or some hundred thousand categories, have fewer.
const MOST_PARTS: usize = 1_000_000;
/// What stands where the checksum will be while it is computed.
const NO_CHECKSUM: &str = "00000000";
/// What stands before the checksum, as JSON inside JSON.
const BEFORE_CHECKSUM: &[u8] = br#"\"checksum\":\""#;

/// A trained network: its numbers, and all that is needed to use it on new data.
#[derive(Clone, Debug)]
pub struct Model {
    /// Everything but the numbers.
    pub about: About,
    /// Parameters and buffers by name, f32 in their logical layout; in a checkpoint also the optimiser's state under
    /// `optimizer.` and the best parameters so far under `best.`.
    pub tensors: BTreeMap<String, Tensor>,
}

/// What a model file says beside its tensors.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct About {
    /// Version of the format.
    pub format: u64,
    /// Name and version of the library that wrote it.
    pub library: String,
    /// How it was trained; paths are left out.
    pub spec: Spec,
    /// The seed of all randomness, as in the spec.
    pub seed: u64,
    /// What one row of the network's input is.
    pub input: InputType,
    /// What the columns are.
    pub schema: Schema,
    /// Fitted on the training rows.
    pub preprocessing: Preprocessing,
    /// Number of the epoch (from 1) these parameters are of; 0 before the end of the first.
    pub epoch: usize,
    /// For each part of the data the metrics of these parameters, as far as they are finite.
    pub metrics: BTreeMap<String, BTreeMap<String, f64>>,
    /// How far training is, in a checkpoint.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub progress: Option<Progress>,
    /// CRC-32C of the file with these eight digits as `0`.
    pub checksum: String,
}

/// The version of a file, whatever else it says.
#[derive(Deserialize)]
struct Version {
    format: Option<u64>,
}

impl About {
    /// The parts that every file of this version shares, around what a run knows.
    pub(crate) fn new(spec: Spec, input: InputType, schema: Schema, preprocessing: Preprocessing) -> Self {
        Self {
            format: FORMAT,
            library: concat!("rosenblatt ", env!("CARGO_PKG_VERSION")).to_owned(),
            seed: spec.train.seed,
            spec,
            input,
            schema,
            preprocessing,
            epoch: 0,
            metrics: BTreeMap::new(),
            progress: None,
            checksum: NO_CHECKSUM.to_owned(),
        }
    }

    /// Names of the tensors that are learned; a network's others are buffers, which its layers keep themselves.
    ///
    /// # Errors
    /// The layers do not fit each other or the input.
    pub fn parameters(&self) -> Result<Vec<String>> {
        let tensors = Network::of(self)?.tensors()?.into_iter();
        let learned = tensors.filter(|spec| matches!(spec.role, Role::Parameter(_)));
        Ok(learned.map(|spec| spec.name).collect())
    }

    /// JSON with sorted keys.
    fn to_json(&self) -> Result<String> {
        let about = Self {
            checksum: NO_CHECKSUM.to_owned(),
            ..self.clone()
        };
        // By way of a `Value`, whose maps are sorted.
        let text = serde_json::to_value(about).and_then(|value| serde_json::to_string(&value));
        text.map_err(|error| Error::internal(format!("a model cannot be described: {error}")))
    }

    fn from_json(text: &str) -> Result<Self> {
        // Never by way of a `Value`, which takes many times the memory of the text and forgets the places of errors.
        let wrong = |error: serde_json::Error| Error::data(error.to_string());
        match serde_json::from_str::<Version>(text).map_err(wrong)?.format {
            Some(1..=FORMAT) => {}
            Some(newer) => {
                let message = format!("its format has version {newer}, and this library reads up to {FORMAT}");
                return Err(Error::unsupported(message).hint("use a newer version of the library"));
            }
            None => return Err(Error::data("it does not say the version of its format")),
        }
        let about: Self = serde_json::from_str(text).map_err(wrong)?;
        // Whoever uses a model has not written its settings: what is wrong with them is wrong with the file.
        let damaged = |error: Error| Error::data(error.to_string());
        about.spec.check().map_err(damaged)?;
        Network::of(&about).map_err(damaged)?;
        if about.seed != about.spec.train.seed {
            return Err(Error::data(format!(
                "two seeds, {} and {}",
                about.seed, about.spec.train.seed
            )));
        }
        Ok(about)
    }
}

impl Model {
    /// Reads a model file or a checkpoint.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read; [`rosenblatt_tensor::ErrorKind::Data`] if it is
    /// damaged, cut short, or something else; [`rosenblatt_tensor::ErrorKind::Unsupported`] if it is from the future.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        read(path)
            .and_then(|bytes| Self::from_bytes(&bytes))
            .map_err(|error| error.within(path.display().to_string()))
    }

    /// Writes the model file; whoever opens it meets the old content or the new one.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be written; then the old file is intact.
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if a number of the model is not finite.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.save_on(&*files::system(), path.as_ref())
    }

    /// As [`Model::save`], on another file system.
    ///
    /// # Errors
    /// As [`Model::save`].
    pub fn save_on(&self, disk: &dyn Disk, path: &Path) -> Result<()> {
        files::write(disk, path, &self.to_bytes()?)
    }

    /// The content of the file: the same bytes for the same model.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if a number is not finite;
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] if its columns have more categories than a model file holds.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        let mut raw = Vec::with_capacity(self.tensors.len());
        for (name, tensor) in &self.tensors {
            raw.push((name, tensor.shape().to_vec(), little_endian(name, tensor)?));
        }
        let wrong =
            |error: safetensors::SafeTensorError| Error::internal(format!("a model cannot be written: {error}"));
        let mut views = Vec::with_capacity(raw.len());
        for (name, shape, bytes) in &raw {
            views.push((*name, TensorView::new(Dtype::F32, shape.clone(), bytes).map_err(wrong)?));
        }
        let metadata = HashMap::from([(KEY.to_owned(), self.about.to_json()?)]);
        let mut bytes = safetensors::serialize(views, Some(metadata)).map_err(wrong)?;
        check_header(&bytes)?;
        let (at, checksum) = checksum(&bytes).ok_or_else(|| Error::internal("a model without a checksum"))?;
        bytes[at..at + NO_CHECKSUM.len()].copy_from_slice(checksum.as_bytes());
        Ok(bytes)
    }

    /// A model from the content of its file.
    ///
    /// # Errors
    /// As [`Model::load`].
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let (at, checksum) = checksum(bytes).ok_or_else(|| foreign(bytes))?;
        if bytes.get(at..at + checksum.len()) != Some(checksum.as_bytes()) {
            let error = Error::data("the checksum does not match: the file is damaged or cut short");
            return Err(error.within(format!("byte {at}")));
        }
        let about = about(bytes).map_err(|error| error.within("header"))?;
        let content =
            SafeTensors::deserialize(bytes).map_err(|error| Error::data(error.to_string()).within("header"))?;
        let tensor = |(name, view): (&str, TensorView<'_>)| Ok((name.to_owned(), from_little_endian(name, &view)?));
        let tensors = content.iter().map(tensor).collect::<Result<_>>()?;
        Ok(Self { about, tensors })
    }
}

/// Refuses a model that could not be read again.
fn check_header(bytes: &[u8]) -> Result<()> {
    let (parts, length) = (parts(bytes), header(bytes).len() as u64);
    if parts <= MOST_PARTS && length <= LONGEST_HEADER {
        return Ok(());
    }
    let message = format!(
        "what the model knows of its data has {parts} parts in {length} bytes; the most are {MOST_PARTS} in {LONGEST_HEADER}"
    );
    Err(Error::unsupported(message).hint("leave columns with very many different texts out with `--drop`"))
}

/// Parts of the header, by the marks between them.
fn parts(bytes: &[u8]) -> usize {
    header(bytes).iter().filter(|&&byte| byte == b',').count()
}

/// What the header says beside the tensors.
fn about(bytes: &[u8]) -> Result<About> {
    let parts = parts(bytes);
    if parts > MOST_PARTS {
        return Err(Error::data(format!(
            "it has {parts} parts; the most that are read are {MOST_PARTS}"
        )));
    }
    let (_, header) = SafeTensors::read_metadata(bytes).map_err(|error| Error::data(error.to_string()))?;
    let text = header.metadata().as_ref().and_then(|metadata| metadata.get(KEY));
    About::from_json(text.ok_or_else(|| foreign(bytes))?)
}

/// Reads a file whose first bytes fit its length.
fn read(path: &Path) -> Result<Vec<u8>> {
    let mut file = File::open(path).map_err(|error| MODEL.unopened(path, &error))?;
    let about = file.metadata()?;
    if !about.is_file() {
        return Err(Error::data("expected the file of a model, got a folder or a device"));
    }
    let mut head = [0; 8];
    let complete = file.read_exact(&mut head).is_ok();
    let header = u64::from_le_bytes(head);
    if !complete || header > LONGEST_HEADER || header + 8 > about.len() {
        return Err(foreign(&head));
    }
    let mut bytes = head.to_vec();
    bytes.reserve_exact(usize::try_from(about.len() - 8).unwrap_or(0));
    file.take(about.len() - 8).read_to_end(&mut bytes)?;
    Ok(bytes)
}

fn foreign(bytes: &[u8]) -> Error {
    let error = Error::data("this is not a model of this library, or its beginning is damaged").within("byte 0");
    let text = bytes.first().is_some_and(|byte| byte.is_ascii_graphic()) && bytes.get(7).is_some_and(|&byte| byte != 0);
    if text {
        error.hint("it looks like a text; data goes where DATA stands")
    } else {
        error
    }
}

/// The header, or as much of it as there is.
fn header(bytes: &[u8]) -> &[u8] {
    let Some((length, rest)) = bytes.split_first_chunk() else {
        return &[];
    };
    let length = usize::try_from(u64::from_le_bytes(*length)).unwrap_or(usize::MAX);
    &rest[..length.min(rest.len())]
}

/// Where the checksum stands and what it should be, if the header has a place for it.
fn checksum(bytes: &[u8]) -> Option<(usize, String)> {
    let length: [u8; 8] = bytes.get(..8)?.try_into().ok()?;
    let end = usize::try_from(u64::from_le_bytes(length)).ok()?.checked_add(8)?;
    let header = bytes.get(..end)?;
    let at = header
        .windows(BEFORE_CHECKSUM.len())
        .position(|window| window == BEFORE_CHECKSUM)?
        + BEFORE_CHECKSUM.len();
    let after = bytes.get(at + NO_CHECKSUM.len()..)?;
    let sum = crc32c::crc32c_append(crc32c::crc32c(&bytes[..at]), NO_CHECKSUM.as_bytes());
    Some((at, format!("{:08x}", crc32c::crc32c_append(sum, after))))
}

fn little_endian(name: &str, tensor: &Tensor) -> Result<Vec<u8>> {
    if tensor.dtype() != DType::F32 {
        return Err(Error::internal(format!("`{name}` is {}, expected f32", tensor.dtype())));
    }
    let tensor = tensor.contiguous();
    let values = tensor.as_slice::<f32>()?;
    if let Some(message) = not_finite(name, values) {
        return Err(Error::not_finite(message));
    }
    Ok(values.iter().flat_map(|value| value.to_le_bytes()).collect())
}

fn from_little_endian(name: &str, view: &TensorView<'_>) -> Result<Tensor> {
    if view.dtype() != Dtype::F32 {
        return Err(Error::data(format!("`{name}` is {:?}, expected F32", view.dtype())));
    }
    let (words, _) = view.data().as_chunks::<4>();
    let values: Vec<f32> = words.iter().map(|&word| f32::from_le_bytes(word)).collect();
    if let Some(message) = not_finite(name, &values) {
        return Err(Error::data(message));
    }
    Tensor::from_vec(values, view.shape()).map_err(|error| Error::data(error.message()).within(name))
}

fn not_finite(name: &str, values: &[f32]) -> Option<String> {
    let at = values.iter().position(|value| !value.is_finite())?;
    Some(format!("`{name}` has a value that is not finite (number {at})"))
}
