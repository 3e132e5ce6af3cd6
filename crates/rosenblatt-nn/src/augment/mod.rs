//! Augmentation of images: training sees each image a little changed, in another way in each step.
//!
//! To add one: write `augment/<name>.rs`, then add its lines here. What it does with given numbers is a function of its own
//! (`shift.rs`: [`shifted`]), which tests compare with cases made by hand; the entry only draws the numbers.
//!
//! [`augmented`] applies a list of them. It is part of the graph of a training step, and its random numbers are those of the
//! [`Scope`]: a function of seed, step, place in the list and number of the row in its batch. So a resumed run and any number
//! of threads give the same bits, and two equal rows of a batch are changed differently.

mod erase;
mod flip;
mod noise;
mod pixels;
mod rotate;
mod shift;

use rosenblatt_autodiff::Var;
use rosenblatt_tensor::{DType, Error};

use crate::entry::{Configurable, registry};
use crate::{Entry, Registration, Scope};

pub use erase::{Erase, erased};
pub use flip::{Flip, flipped};
pub use noise::Noise;
pub use rotate::{Rotate, rotated};
pub use shift::{Shift, shifted};

/// A random change of images that leaves their target as it is.
pub trait Augmentation: Configurable {
    /// The images of a batch, each changed by random numbers of its own.
    ///
    /// # Shapes
    /// - returns that of [`Images::pixels`]
    fn apply<'g>(&self, scope: &Scope<'g>, images: Images<'g>) -> Var<'g>;
}

/// The images of a batch.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Images<'g> {
    /// Floating-point numbers `[rows, channels, height, width]`.
    pub pixels: Var<'g>,
    /// The number that is white: 255 for images of bytes, else 1. Black is 0.
    pub white: f64,
}

/// Every augmentation, in alphabetical order.
pub static AUGMENTATIONS: &[Registration<dyn Augmentation>] = &[
    Registration::<dyn Augmentation>::of::<Erase>(),
    Registration::<dyn Augmentation>::of::<Flip>(),
    Registration::<dyn Augmentation>::of::<Noise>(),
    Registration::<dyn Augmentation>::of::<Rotate>(),
    Registration::<dyn Augmentation>::of::<Shift>(),
];

registry!(Augmentation, "augmentation", AUGMENTATIONS);

/// Whether rows of this shape and type are images: height and width are the last two axes.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if they are not.
///
/// # Shapes
/// - `row`: `[height, width]` or `[channels, height, width]`
pub fn check_images(row: &[usize], dtype: DType) -> rosenblatt_tensor::Result<()> {
    let is_number = dtype.is_float() || dtype == DType::U8;
    if matches!(row.len(), 2 | 3) && is_number {
        return Ok(());
    }
    let message = format!("augmentation is for images, and the features are {dtype} {row:?} a row");
    Err(Error::config(message)
        .hint("images are [height, width] or [channels, height, width] of bytes or floating-point numbers"))
}

/// Images changed by each augmentation in turn, as floating-point numbers of the scope; not in evaluation.
///
/// # Shapes
/// - `images`: `[rows, height, width]` or `[rows, channels, height, width]`; bytes, or floating-point numbers whose white is 1
/// - returns the same shape
///
/// # Example
/// ```
/// use rosenblatt_autodiff::Graph;
/// use rosenblatt_nn::augment::{Flip, Shift, augmented};
/// use rosenblatt_nn::{Mode, Scope};
/// use rosenblatt_tensor::{DType, Tensor};
///
/// let graph = Graph::dynamic();
/// let images = graph.constant(Tensor::from_vec((0..32).collect::<Vec<u8>>(), &[2, 4, 4])?);
/// let counter = graph.constant(Tensor::from_vec(vec![7i64, 0], &[2])?); // seed and step
/// let no_tensors = |_: &_| unreachable!("augmentations learn nothing");
/// let scope = Scope::new(&graph, DType::F32, Mode::Training { counter }, no_tensors);
/// let changed = augmented(&scope, &[Flip::default().into(), Shift::default().into()], images);
/// assert_eq!(changed.shape()[..], [2, 4, 4]);
///
/// let scope = Scope::new(&graph, DType::F32, Mode::Eval, no_tensors);
/// assert_eq!(augmented(&scope, &[Flip::default().into()], images).id(), images.id());
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
#[track_caller]
pub fn augmented<'g>(scope: &Scope<'g>, augmentations: &[Entry<dyn Augmentation>], images: Var<'g>) -> Var<'g> {
    if !scope.training() || augmentations.is_empty() {
        return images;
    }
    let (shape, dtype) = (images.shape(), images.dtype());
    let row = shape.get(1..).unwrap_or_default();
    if let Err(error) = check_images(row, dtype) {
        return scope.fail(error);
    }
    let white = if dtype == DType::U8 { 255.0 } else { 1.0 };
    let (height, width) = (row[row.len() - 2], row[row.len() - 1]);
    let channels = if row.len() == 3 { row[0] } else { 1 };
    let mut pixels = images.cast(scope.dtype());
    pixels = pixels.reshape(&[shape[0], channels, height, width]);
    for (i, augmentation) in augmentations.iter().enumerate() {
        let scope = scope.part(format!("augment.{i}"), augmentation.name());
        pixels = augmentation.apply(&scope, Images { pixels, white });
    }
    pixels.reshape(&shape)
}
