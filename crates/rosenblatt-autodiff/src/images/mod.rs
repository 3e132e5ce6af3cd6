//! Compositions over the windows of images `[n, channels, height, width]`: convolution and pooling.
//!
//! A sequence is an image of one row.

mod convolution;
mod pooling;
mod windows;

pub use convolution::Convolution;
pub use pooling::Pooling;
pub use windows::reach;
