//! Random numbers for layers.

use rosenblatt_autodiff::Var;
use rosenblatt_autodiff::ops::Distribution;
use rosenblatt_tensor::Tensor;

use super::{Mode, Scope};

/// # Random numbers
///
/// Their type is the scope's. In training they are a function of seed, step, the layer's path, `name` and the element's
/// index: drawn anew at each step, and the same again after a restart. A name that is asked for again, in one layer or
/// because the layer is applied again under its path, gives other numbers.
///
/// In [`Mode::Eval`] nothing is random: every element is the expectation of its distribution. So a layer written for
/// training alone computes its mean-field approximation there.
impl<'g> Scope<'g> {
    /// 1 with probability `p`, in `[0, 1]`, else 0. In evaluation `p`.
    #[track_caller]
    pub fn bernoulli(&self, name: &str, p: f64, shape: &[usize]) -> Var<'g> {
        self.draw(name, Distribution::Bernoulli(p), p, shape)
    }

    /// Normal with mean 0 and standard deviation 1. In evaluation 0.
    #[track_caller]
    pub fn normal(&self, name: &str, shape: &[usize]) -> Var<'g> {
        self.draw(name, Distribution::Normal, 0.0, shape)
    }

    /// Uniform in `[0, 1)`. In evaluation 0.5.
    #[track_caller]
    pub fn uniform(&self, name: &str, shape: &[usize]) -> Var<'g> {
        self.draw(name, Distribution::Uniform, 0.5, shape)
    }

    #[track_caller]
    fn draw(&self, name: &str, distribution: Distribution, expectation: f64, shape: &[usize]) -> Var<'g> {
        match self.run.mode {
            Mode::Training { counter } => counter.random(distribution, &self.purpose(name), shape, self.dtype()),
            Mode::Eval => {
                let value = Tensor::scalar_of(self.dtype(), expectation);
                self.run.graph.constant(value).broadcast_to(shape)
            }
        }
    }

    /// The path of `name`, with a number from the second time on.
    fn purpose(&self, name: &str) -> String {
        let place = self.place(name);
        let mut draws = self.run.draws.borrow_mut();
        let times = draws.entry(place.clone()).or_insert(0);
        *times += 1;
        super::numbered(place, *times)
    }
}
