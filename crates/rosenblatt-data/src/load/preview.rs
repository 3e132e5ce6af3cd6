//! What a source holds, before anything is decided about it.

use std::path::PathBuf;

use rosenblatt_tensor::Result;

use super::images::{class_names, folder_parts};
use super::{Found, find};
use crate::images::ImagePart;
use crate::{Images, Input};

/// What a source holds.
#[derive(Debug)]
pub enum Preview {
    /// A table, which is not read yet.
    Table(Input),
    /// Images, counted.
    Images(ImageSet),
}

/// A summary of image data.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageSet {
    /// Size of the training pictures, `[height, width]`, in pixels.
    pub shape: Vec<usize>,
    /// Names of the classes, in the order of their labels.
    pub classes: Vec<String>,
    /// To learn from.
    pub train: ImageGroup,
    /// Test images, if there are some.
    pub test: Option<ImageGroup>,
}

/// How many pictures there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ImageGroup {
    /// In all.
    pub rows: usize,
    /// Of each class.
    pub per_class: Vec<usize>,
}

/// Finds out whether a source and further files of the same kind hold a table or pictures; pictures are counted.
///
/// # Errors
/// As [`crate::load`].
///
/// # Example
/// ```
/// use rosenblatt_data::{Preview, preview};
/// assert!(matches!(preview("iris", &[])?, Preview::Table(input) if input.name() == "iris"));
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn preview(source: &str, more: &[PathBuf]) -> Result<Preview> {
    let (train, test, classes) = match find(source, more)? {
        Found::Table(input, _) => return Ok(Preview::Table(input)),
        Found::ImageSet(set) => {
            let [train, test] = [ImagePart::Train, ImagePart::Test].map(|part| set.images(part));
            (train?, Some(test?), class_names(set))
        }
        Found::ImageFolder(folder) => {
            let (train, test) = folder_parts(&folder)?;
            (train, test, Vec::new())
        }
    };
    Ok(Preview::Images(ImageSet::of(&train, test.as_ref(), classes)))
}

impl ImageSet {
    /// Counts pictures; classes without a name are called by their labels.
    fn of(train: &Images, test: Option<&Images>, mut classes: Vec<String>) -> Self {
        let parts = [Some(train), test];
        let labels = parts.into_iter().flatten().flat_map(labels_of);
        let highest = labels.max().map_or(0, |label| label + 1);
        classes.extend((classes.len()..highest).map(|label| label.to_string()));
        let counted = |images: &Images| {
            let mut per_class = vec![0; classes.len()];
            labels_of(images).for_each(|label| per_class[label] += 1);
            ImageGroup {
                rows: images.len(),
                per_class,
            }
        };
        Self {
            shape: train.pixels.shape()[1..].to_vec(),
            train: counted(train),
            test: test.map(counted),
            classes,
        }
    }
}

/// The label of each picture; readers refuse labels below 0.
fn labels_of(images: &Images) -> impl Iterator<Item = usize> + '_ {
    images.labels.iter().flatten().map(|&label| label as usize)
}
