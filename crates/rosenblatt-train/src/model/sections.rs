//! Names of the sections of a model file.

/// The network, plain data.
pub(crate) const NETWORK: &str = "network";
/// What rows are.
pub(crate) const ROWS: &str = "rows";
/// Losses, optimizer, metrics.
pub(crate) const TRAINING: &str = "training";
/// Seed, epoch, metrics of these parameters.
pub(crate) const METADATA: &str = "metadata";
/// Settings, columns and preprocessing of a model of tables.
pub(crate) const TABLE: &str = "table";
/// How a model on arrays is fitted, in a checkpoint.
pub(crate) const FIT: &str = "fit";
/// How far a run is, in a checkpoint.
pub(crate) const PROGRESS: &str = "progress";
