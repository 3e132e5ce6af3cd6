//! The numbers of one optimizer step.

use std::ops::Deref;

use rosenblatt_autodiff::{Real, Rule, Var};

use super::Optimizer;

/// Named numbers of one step, without heap allocation; dereferences to a slice of pairs.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Scalars {
    pairs: [(&'static str, f64); Self::MAX],
    len: usize,
}

impl Scalars {
    /// The most numbers of a step: six of a rule, and the learning rate for what follows it.
    pub const MAX: usize = 7;

    /// The given names and numbers; more than six do not compile.
    #[must_use]
    pub const fn new<const N: usize>(given: [(&'static str, f64); N]) -> Self {
        const { assert!(N < Self::MAX, "too many numbers for one step") };
        let mut pairs = [("", 0.0); Self::MAX];
        let mut i = 0;
        while i < N {
            pairs[i] = given[i];
            i += 1;
        }
        Self { pairs, len: N }
    }

    /// The same with the learning rate, called `lr`, if it is not among them.
    pub(crate) fn with_lr(mut self, lr: f64) -> Self {
        // `new` left room for it.
        if self.iter().all(|&(name, _)| name != LR) {
            self.pairs[self.len] = (LR, lr);
            self.len += 1;
        }
        self
    }
}

/// What the input with the learning rate is called.
const LR: &str = "lr";

impl Deref for Scalars {
    type Target = [(&'static str, f64)];

    fn deref(&self) -> &Self::Target {
        &self.pairs[..self.len]
    }
}

/// What a rule sees of the present step: its inputs on the graph, and the factors of the parameter's group.
#[derive(Clone, Debug)]
pub struct OptimizerStep<'g> {
    inputs: Vec<(&'static str, Var<'g>)>,
    lr_factor: f64,
    decay_factor: f64,
}

impl<'g> OptimizerStep<'g> {
    /// The step of a rule; `input` makes the scalar input with the given name, of the type of the parameters.
    pub fn new(optimizer: &dyn Optimizer, input: impl FnMut(&'static str) -> Var<'g>) -> Self {
        Self::of(&optimizer.inputs(1, 0.0), input)
    }

    /// A step with these scalars.
    pub(crate) fn of(scalars: &Scalars, mut input: impl FnMut(&'static str) -> Var<'g>) -> Self {
        Self {
            inputs: scalars.iter().map(|&(name, _)| (name, input(name))).collect(),
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
        self.rate(LR)
    }

    /// The learning rate, if the step has it as an input.
    pub(crate) fn find_lr(&self) -> Option<Var<'g>> {
        self.inputs.iter().any(|(name, _)| *name == LR).then(|| self.lr())
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

    /// A parameter after decoupled weight decay, `θ − α λ θ`, on the graph; rules for one number have [`Decoupled`].
    pub(crate) fn decayed(&self, lambda: f64, theta: Var<'g>) -> Var<'g> {
        match self.decay(lambda) {
            Some(lambda) => without_share(theta, self.lr() * lambda),
            None => theta,
        }
    }

    /// An element-wise rule for a parameter and its state, written once for one number: a plan runs it as one loop over all
    /// of them. Returns the new values as [`Optimizer::update`] does.
    #[track_caller]
    pub fn apply<R: Rule<P, N>, const P: usize, const N: usize>(
        &self,
        rule: &R,
        theta: Var<'g>,
        state: &[Var<'g>],
        inputs: [Var<'g>; N],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        const { assert!(P > 0, "the first place is the parameter") };
        assert_eq!(
            state.len() + 1,
            P,
            "the places of a rule are the parameter and its state"
        );
        let places = std::array::from_fn(|i| if i == 0 { theta } else { state[i - 1] });
        let new = rule.apply(places, inputs);
        (new[0], new[1..].to_vec())
    }

    /// As [`OptimizerStep::apply`], with weight decay through the gradient, the first input: `g + λ θ` for `g`, where `λ` is that
    /// of the parameter's group.
    #[track_caller]
    pub fn apply_decayed<R: Rule<P, N>, const P: usize, const N: usize>(
        &self,
        lambda: f64,
        rule: &R,
        theta: Var<'g>,
        state: &[Var<'g>],
        inputs: [Var<'g>; N],
    ) -> (Var<'g>, Vec<Var<'g>>) {
        let Some(lambda) = self.decay(lambda) else {
            return self.apply(rule, theta, state, inputs);
        };
        let rule = rule.clone();
        self.apply(&Decayed { rule, lambda }, theta, state, inputs)
    }
}

/// A rule whose first input, the gradient, has a share of the first place, the parameter, added.
#[derive(Clone, Debug)]
struct Decayed<R> {
    rule: R,
    lambda: f64,
}

impl<R: Rule<P, N>, const P: usize, const N: usize> Rule<P, N> for Decayed<R> {
    const LABEL: &'static str = R::LABEL;

    #[inline(always)]
    fn step<T: Real>(&self, places: [T; P], mut inputs: [T; N]) -> [T; P] {
        let theta = places[0];
        inputs[0] = inputs[0] + theta.full_like(self.lambda) * theta;
        self.rule.step(places, inputs)
    }
}

/// A rule after decoupled weight decay, `θ ← θ − d θ`: its last input is `d`, the learning rate times `λ`.
#[derive(Clone, Debug)]
pub(super) struct Decoupled<R>(pub(super) R);

/// For rules of so many inputs; one more has the decay.
macro_rules! decoupled {
    ($($inputs:literal + 1 = $all:literal),*) => {$(
        impl<R: Rule<P, $inputs>, const P: usize> Rule<P, $all> for Decoupled<R> {
            const LABEL: &'static str = R::LABEL;

            #[inline(always)]
            fn step<T: Real>(&self, mut places: [T; P], all: [T; $all]) -> [T; P] {
                let (decay, theta) = (all[$inputs], places[0]);
                places[0] = without_share(theta, decay);
                self.0.step(places, std::array::from_fn(|i| all[i]))
            }
        }
    )*};
}
decoupled!(2 + 1 = 3, 3 + 1 = 4, 4 + 1 = 5);

/// `θ − d θ`: taken away rather than multiplied by `1 − d`, whose rounding to f32 would be much of a small decay.
#[inline(always)]
fn without_share<T: Real>(theta: T, decay: T) -> T {
    theta - decay * theta
}

/// No node for a factor of 1.
fn scaled(x: Var<'_>, factor: f64) -> Var<'_> {
    if factor == 1.0 { x } else { x * factor }
}
