//! Results that take more than a few lines to tell, as text and as JSON.

mod album;
mod data;
mod description;
mod plan;
mod summary;

pub(crate) use album::AlbumDescription;
pub(crate) use data::DataDescription;
pub(crate) use description::Description;
pub(crate) use summary::{Summary, commands};
