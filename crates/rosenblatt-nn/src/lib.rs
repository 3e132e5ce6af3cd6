//! Layers, losses, metrics, optimisers, schedules and initialisers.
