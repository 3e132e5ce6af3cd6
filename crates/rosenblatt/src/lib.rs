//! Façade: define, train, explain and serve feed-forward networks on ordinary CPUs.
