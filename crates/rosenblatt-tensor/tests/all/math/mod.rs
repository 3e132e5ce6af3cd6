//! Accuracy and special values of the functions.

mod double;
mod single;
mod special;
mod twins;
