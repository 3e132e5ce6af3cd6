//! Laws that hold for every entry of every registry. A new entry is tested as soon as it is listed.

#![cfg(test)]

mod activation_facts;
mod augmentation_statistics;
mod common;
mod consolidation;
mod documented_ranges;
mod dropping;
mod embedding;
mod every_activation;
mod every_augmentation;
mod every_constraint;
mod every_initializer;
mod every_layer;
mod every_loss;
mod every_metric;
mod every_optimizer;
mod every_penalty;
mod every_schedule;
mod faults;
mod gains;
mod inside;
mod kept_tensors;
mod learned_units;
mod links;
mod loss_identities;
mod messages;
mod misuse;
mod misuse_of_data;
mod misuse_optimize;
mod networks;
mod normalizing;
mod optimizing;
mod orthogonal;
mod own;
mod scopes;
mod solvers;
mod training;
mod transform;
mod windows;
