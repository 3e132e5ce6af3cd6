//! Images and their labels.

use std::path::{Path, PathBuf};

use rosenblatt_tensor::{DType, Error, Result, Tensor};

use crate::{Dataset, Input, Task, idx};

/// Images as bytes, and the class of each if known.
#[derive(Clone, Debug)]
pub struct Images {
    /// `[rows, height, width]` of u8.
    pub pixels: Tensor,
    /// One class index a row.
    pub labels: Option<Vec<i64>>,
}

/// The parts of a folder, as the names of its files say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImagePart {
    /// `train-…`
    Train,
    /// `t10k-…`
    Test,
}

impl ImagePart {
    fn prefix(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Test => "t10k",
        }
    }
}

impl Images {
    /// Images without labels, from an IDX file.
    ///
    /// # Errors
    /// See [`idx::read`]; [`rosenblatt_tensor::ErrorKind::Data`] if the elements are no bytes or there is no axis
    /// for each of rows, height and width, or the images have no pixels.
    pub fn read(input: &Input) -> Result<Self> {
        let pixels = idx::read(input)?;
        if pixels.dtype() != DType::U8 || pixels.shape().len() != 3 {
            let found = format!("got {} {:?}", pixels.dtype(), pixels.shape());
            return Err(
                Error::data(format!("expected images as u8 [rows, height, width], {found}"))
                    .within("byte 2")
                    .within(input.name()),
            );
        }
        if pixels.shape()[1..].contains(&0) {
            let message = format!(
                "the images have no pixels: height and width are {:?}",
                &pixels.shape()[1..]
            );
            return Err(Error::data(message).within("byte 8").within(input.name()));
        }
        Ok(Self { pixels, labels: None })
    }

    /// One part of a folder with MNIST's file names, packed or not: `train-images-idx3-ubyte.gz` and the like.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a file is missing or damaged, or there are not as many labels as
    /// images.
    pub fn read_part(folder: &Path, part: ImagePart) -> Result<Self> {
        let images = Self::read(&Input::file(find(folder, part, "images", 3)?))?;
        let file = Input::file(find(folder, part, "labels", 1)?);
        let labels = idx::read(&file).and_then(|t| idx::labels(&t).map_err(|e| e.within(file.name())))?;
        let rows = images.pixels.shape()[0];
        if labels.len() != rows {
            return Err(Error::data(format!("{} labels for {rows} images", labels.len())).within(file.name()));
        }
        Ok(Self {
            labels: Some(labels),
            ..images
        })
    }

    /// Whether a folder holds images for training.
    #[must_use]
    pub fn are_in(folder: &Path) -> bool {
        Self::is_part(folder, ImagePart::Train)
    }

    /// Whether a folder holds images of a part.
    #[must_use]
    pub fn is_part(folder: &Path, part: ImagePart) -> bool {
        find(folder, part, "images", 3).is_ok()
    }

    /// Number of images.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pixels.shape()[0]
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Some of the images, in the given order; all of them without a copy.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] if there is no such row.
    pub fn select(&self, rows: &[u64]) -> Result<Self> {
        if rows.len() == self.len() && rows.iter().zip(0..).all(|(&row, i)| row == i) {
            return Ok(self.clone());
        }
        let mut shape = self.pixels.shape().to_vec();
        let width: usize = shape[1..].iter().product();
        let (all, mut some) = (self.pixels.as_slice::<u8>()?, Vec::with_capacity(rows.len() * width));
        for &row in rows {
            let image = all.get(row as usize * width..(row as usize + 1) * width);
            some.extend_from_slice(image.ok_or_else(|| Error::shape(format!("image {row} of {}", self.len())))?);
        }
        shape[0] = rows.len();
        let labels = self
            .labels
            .as_ref()
            .map(|labels| rows.iter().map(|&row| labels[row as usize]).collect());
        Ok(Self {
            pixels: Tensor::from_vec(some, &shape)?,
            labels,
        })
    }

    /// As rows for a network.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Data`] if a label is not a class.
    pub fn into_dataset(self, task: Task, pixel_scale: Option<f64>) -> Result<Dataset> {
        let targets = self
            .labels
            .map(|labels| Tensor::from_slice(&labels, &[labels.len()]))
            .transpose()?;
        Ok(Dataset::new(self.pixels, targets, task)?.with_pixel_scale(pixel_scale))
    }
}

/// The first of the usual names that exists.
fn find(folder: &Path, part: ImagePart, what: &str, rank: u8) -> Result<PathBuf> {
    let names = ["-", "."].map(|dot| format!("{}-{what}{dot}idx{rank}-ubyte", part.prefix()));
    let packed = names.each_ref().map(|name| format!("{name}.gz"));
    let found = names
        .iter()
        .chain(&packed)
        .map(|name| folder.join(name))
        .find(|path| path.is_file());
    found.ok_or_else(|| {
        Error::data(format!("there is no `{}` or `{}`", names[0], packed[0])).within(folder.display().to_string())
    })
}
