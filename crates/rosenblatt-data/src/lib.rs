//! Readers, preprocessing, splits, batches and named data sets.
