//! Everything the command line promises, in one binary.

#![cfg(test)]
mod augment;
mod bad_input;
mod bench;
mod catalogue;
mod cells;
mod check;
mod common;
mod completions;
mod datasets;
mod derive;
mod disk;
mod find_lr;
mod format_v1;
mod guide;
mod help;
mod init_config;
mod inspect;
mod inspect_plot;
mod layers;
mod lbfgs;
mod learning_curve;
mod names_and_origins;
mod numbers;
mod outputs;
mod page;
mod penguins;
mod perceptron;
mod report;
mod set;
mod settings;
mod signals;
mod stdout;
mod tables;
mod warnings;
mod weights;
