//! The numbers of one optimizer step.

use std::ops::Deref;

use rosenblatt_autodiff::Var;

use super::Optimizer;

/// Named numbers of one step, without heap allocation; dereferences to a slice of pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scalars {
    pairs: [(&'static str, f64); Self::MOST],
    len: usize,
}

impl Scalars {
    /// The most numbers a rule may have.
    pub const MOST: usize = 6;

    /// The given names and numbers; more than [`Scalars::MOST`] do not compile.
    #[must_use]
    pub const fn new<const N: usize>(given: [(&'static str, f64); N]) -> Self {
        const { assert!(N <= Self::MOST, "too many numbers for one step") };
        let mut pairs = [("", 0.0); Self::MOST];
        let mut i = 0;
        while i < N {
            pairs[i] = given[i];
            i += 1;
        }
        Self { pairs, len: N }
    }
}

impl Deref for Scalars {
    type Target = [(&'static str, f64)];

    fn deref(&self) -> &Self::Target {
        &self.pairs[..self.len]
    }
}

/// What a rule sees of the present step: its inputs on the graph, and the factors of the parameter's group.
#[derive(Clone, Debug)]
pub struct Step<'g> {
    inputs: Vec<(&'static str, Var<'g>)>,
    lr_factor: f64,
    decay_factor: f64,
}

impl<'g> Step<'g> {
    /// The step of a rule; `input` makes the scalar input with the given name, of the type of the parameters.
    pub fn new(optimizer: &dyn Optimizer, mut input: impl FnMut(&'static str) -> Var<'g>) -> Self {
        let inputs = optimizer
            .inputs(1, 0.0)
            .iter()
            .map(|&(name, _)| (name, input(name)))
            .collect();
        Self {
            inputs,
            lr_factor: 1.0,
            decay_factor: 1.0,
        }
    }

    /// The same step for a group of parameters: factors on the learning rate and on the weight decay.
    #[must_use]
    pub fn group(&self, lr_factor: f64, decay_factor: f64) -> Self {
        Self {
            lr_factor,
            decay_factor,
            ..self.clone()
        }
    }

    /// The learning rate: input `lr` times the group's factor.
    #[must_use]
    pub fn lr(&self) -> Var<'g> {
        self.rate("lr")
    }

    /// One of the rule's inputs that is proportional to the learning rate, times the group's factor.
    #[must_use]
    pub fn rate(&self, name: &str) -> Var<'g> {
        scaled(self.input(name), self.lr_factor)
    }

    /// One of the rule's inputs.
    #[must_use]
    pub fn input(&self, name: &str) -> Var<'g> {
        match self.inputs.iter().find(|(known, _)| *known == name) {
            Some((_, input)) => *input,
            None => unreachable!("a rule names `{name}` in `inputs` before it asks for it"),
        }
    }

    /// The weight decay `λ` for this group; `None` if nothing decays.
    #[must_use]
    pub fn decay(&self, lambda: f64) -> Option<f64> {
        let decay = lambda * self.decay_factor;
        (decay != 0.0).then_some(decay)
    }
}

/// No node for a factor of 1.
fn scaled(x: Var<'_>, factor: f64) -> Var<'_> {
    if factor == 1.0 { x } else { x * factor }
}
