//! All that the next step of a trainer depends on.

use std::path::Path;

use crate::Params;
use rosenblatt_tensor::{Error, Result};
use serde::{Deserialize, Serialize};

use crate::container::Container;
use crate::files;

/// The section of its file.
const SECTION: &str = "trainer";

/// The state of a [`super::Trainer`] between two steps.
///
/// # Example
/// ```
/// # use rosenblatt_nn::{Init, optimizers::Sgd, optimize::OptimizeExt as _};
/// # use rosenblatt_tensor::Tensor;
/// use rosenblatt_train::{TrainerState, Trainer};
/// let new = || {
///     Trainer::new(Sgd::default().lr(0.1), 7, |m, [x]| {
///         let error = x.matmul(m.param("w", &[2, 1], Init::Weight { fan_in: 2, fan_out: 1 })) - 1.0;
///         (error * error).mean_all()
///     })
/// };
/// let x = Tensor::from_vec(vec![1f32, 2.0], &[1, 2])?;
/// let mut straight = new();
/// straight.step([&x])?;
/// let saved = straight.state()?.to_bytes()?;
/// straight.step([&x])?;
///
/// let mut resumed = new();
/// resumed.restore(&TrainerState::from_bytes(&saved)?)?;
/// resumed.step([&x])?;
/// assert_eq!(resumed.params()?["w"].to_vec::<f32>()?, straight.params()?["w"].to_vec::<f32>()?);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct TrainerState {
    /// The seed of randomness.
    pub seed: u64,
    /// Steps taken.
    pub step: u64,
    /// Metrics the schedule has observed.
    pub observed: Vec<f64>,
    /// Parameters, buffers, what the optimizer keeps (`optimizer.<parameter>.<name>`) and averages (`ema.<parameter>`).
    pub tensors: Params,
}

/// The metadata of the file.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Header {
    seed: u64,
    step: u64,
    /// As text: JSON has no NaN and no infinity.
    observed: Vec<String>,
}

impl TrainerState {
    /// Writes it to a file; a reader meets the old content or the new one.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be written; [`rosenblatt_tensor::ErrorKind::NotFinite`] if a number is not finite.
    pub fn save(&self, path: impl AsRef<Path>) -> Result<()> {
        self.container()?.save_on(&*files::system(), path.as_ref())
    }

    /// Reads it from a file.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Io`] if it cannot be read, [`rosenblatt_tensor::ErrorKind::Data`] if it is damaged or something else.
    pub fn load(path: impl AsRef<Path>) -> Result<Self> {
        let path = path.as_ref();
        let read = Container::load(path).and_then(Self::from_container);
        read.map_err(|error| error.within(path.display().to_string()))
    }

    /// The content of its file.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::NotFinite`] if a number is not finite.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        self.container()?.to_bytes()
    }

    /// A state from the content of its file.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if it is damaged or something else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        Container::from_bytes(bytes).and_then(Self::from_container)
    }

    fn container(&self) -> Result<Container> {
        let header = Header {
            seed: self.seed,
            step: self.step,
            observed: self.observed.iter().map(f64::to_string).collect(),
        };
        Container::new(self.tensors.clone()).with(SECTION, &header)
    }

    fn from_container(container: Container) -> Result<Self> {
        let header: Option<Header> = container.section(SECTION)?;
        let Some(Header { seed, step, observed }) = header else {
            return Err(Error::data("this is a model, not the state of a trainer"));
        };
        let number = |text: &String| text.parse::<f64>().map_err(|error| Error::data(error.to_string()));
        Ok(Self {
            seed,
            step,
            observed: observed.iter().map(number).collect::<Result<_>>()?,
            tensors: container.tensors,
        })
    }
}
