//! Compiled functions.

use std::collections::VecDeque;

use rosenblatt_tensor::{Result, Tensor};

use crate::plan::{Options, Plan, Signature, Variables};
use crate::{Engine, Execution, Graph, Type, Var};

/// A compiled function: see [`jit`].
pub struct Jit<F, const N: usize> {
    f: F,
    variables: Variables,
    plans: VecDeque<([Type; N], Plan)>,
}

/// Compiles `f` at the first call with arguments of some types and shapes; later calls with these run the plan.
///
/// Gives the same bits as [`eval`](super::eval). `f` runs once for each types of arguments and sees no numbers: what it
/// captures is fixed then, and control flow cannot depend on values ([`Var::value`] is an error there). Whatever changes
/// from call to call must be an argument. Derivatives are compiled with [`Var::grad`] and its like inside `f`.
///
/// # Example
/// ```
/// use rosenblatt_autodiff::jit;
/// use rosenblatt_tensor::Tensor;
/// let mut step = jit(|[x, rate]| x - rate * x.grad(|x| (x * x).sum_all()));
/// let mut x = Tensor::from([1.0f32, -2.0]);
/// for _ in 0..3 {
///     x = step.call([&x, &0.25f32.into()])?;
/// }
/// assert_eq!(x.to_vec::<f32>()?, [0.125, -0.25]);
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub fn jit<const N: usize, F>(f: F) -> Jit<F, N>
where
    F: for<'g> Fn([Var<'g>; N]) -> Var<'g>,
{
    Jit {
        f,
        variables: Variables::new(Engine::single()),
        plans: VecDeque::new(),
    }
}

impl<F, const N: usize> Jit<F, N>
where
    F: for<'g> Fn([Var<'g>; N]) -> Var<'g>,
{
    /// Plans that are kept: when there is one more, the one made first is dropped, and compiled again when needed.
    pub const MAX_PLANS: usize = 64;

    /// Runs on the threads and instruction set of `engine`: the same bits, on one thread or more.
    #[must_use]
    pub fn on(self, engine: Engine) -> Self {
        Self {
            f: self.f,
            variables: Variables::new(engine),
            plans: VecDeque::new(),
        }
    }

    /// `f(x)`
    ///
    /// # Errors
    /// A mistake made by `f`, with its line; [`rosenblatt_tensor::ErrorKind::Data`] if an index is out of range.
    pub fn call(&mut self, x: [&Tensor; N]) -> Result<Tensor> {
        let types = x.map(Type::of);
        let known = self.plans.iter().position(|(known, _)| *known == types);
        let at = match known {
            Some(at) => at,
            None => self.compile(types)?,
        };
        let x = x.map(Tensor::contiguous);
        let plan = &mut self.plans[at].1;
        plan.run(&mut self.variables, &x.each_ref())?;
        plan.output(&self.variables, 0)
    }

    /// How many plans are kept now.
    #[must_use]
    pub fn plans(&self) -> usize {
        self.plans.len()
    }

    /// The place of a new plan.
    fn compile(&mut self, types: [Type; N]) -> Result<usize> {
        let graph = Graph::new(Execution::Static);
        let inputs: [Var<'_>; N] =
            std::array::from_fn(|i| graph.input(format!("argument {i}"), types[i].dtype, types[i].shape));
        let signature = Signature {
            inputs: inputs.to_vec(),
            outputs: vec![(self.f)(inputs)],
            ..Signature::default()
        };
        let plan = Plan::compile(&signature, &mut self.variables, &Options::default())?;
        if self.plans.len() == Self::MAX_PLANS {
            self.plans.pop_front();
        }
        self.plans.push_back((types, plan));
        Ok(self.plans.len() - 1)
    }
}
