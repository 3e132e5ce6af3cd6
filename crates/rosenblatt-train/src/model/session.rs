//! Prediction row by row, from many threads over one copy of the weights.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use rosenblatt_autodiff::plan::{Input, Plan, Variables, Workspace};
use rosenblatt_autodiff::{Engine, Execution, Graph};
use rosenblatt_tensor::{Element, Error, Result};

use super::Model;
use super::step_kind::StepKind;
use crate::step::compile_on;

/// A thread's own memory for predictions of single rows; the weights are shared with every session of the model.
///
/// After its first call a session allocates nothing and takes no lock. The bits are those of [`Model::predict`].
///
/// # Example
/// ```
/// # use rosenblatt_nn::layers::{Linear, Sequential};
/// # use rosenblatt_nn::{losses::Mse, metrics::Rmse, optimizers::Sgd};
/// # use rosenblatt_tensor::Tensor;
/// # use rosenblatt_train::{Compile as _, Fit};
/// # let x = Tensor::from_vec(vec![0f32, 1.0, 2.0, 3.0], &[2, 2])?;
/// # let y = Tensor::from_vec(vec![0f32, 1.0], &[2])?;
/// let mut model = Sequential::new().then(Linear::new(1)).compile(Mse {}, Sgd::default(), [Rmse {}])?;
/// model.fit((&x, &y), &Fit::default())?;
/// let batch = model.predict(&x)?.to_vec::<f32>()?;
/// std::thread::scope(|scope| {
///     for thread in 0..2 {
///         let (model, batch) = (&model, &batch);
///         scope.spawn(move || {
///             let mut session = model.session()?;
///             let mut out = [0f32];
///             session.predict_into(&[2.0f32, 3.0], &mut out)?;
///             assert_eq!(out[0].to_bits(), batch[1].to_bits(), "thread {thread}");
///             Ok::<(), rosenblatt_tensor::Error>(())
///         });
///     }
/// });
/// # Ok::<(), rosenblatt_tensor::Error>(())
/// ```
pub struct Session {
    shared: Arc<Shared>,
    workspace: Workspace,
}

/// What all sessions of a model share, made by the first.
#[derive(Clone, Default)]
pub(super) struct Serving(Arc<Mutex<Option<Arc<Shared>>>>);

struct Shared {
    variables: Variables,
    /// For one row.
    plan: Plan,
    /// Which output is the prediction.
    output: usize,
}

impl fmt::Debug for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Serving")
    }
}

impl Model {
    /// A session for a thread: prediction of single rows without allocation or lock.
    ///
    /// The first session compiles a plan for one row and packs the weights; later ones share both. Models of tables give the
    /// probability of each class (its score, if the loss gives no probabilities), or the number in the units of the target.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if the model was not fitted, or has several outputs.
    pub fn session(&self) -> Result<Session> {
        let mut known = self.serving.0.lock().unwrap_or_else(PoisonError::into_inner);
        let shared = match &*known {
            Some(shared) => Arc::clone(shared),
            None => Arc::clone(known.insert(Arc::new(self.shared()?))),
        };
        let workspace = shared.plan.workspace()?;
        Ok(Session { shared, workspace })
    }

    fn shared(&self) -> Result<Shared> {
        let step = self.step(0)?;
        let [head] = &step.heads[..] else {
            let error = Error::config("a session serves networks with one output");
            return Err(error.hint("call `predict_all`"));
        };
        let (work, output) = match self.table {
            Some(_) if head.is_classes() => (StepKind::Score, 1),
            _ => (StepKind::Predict, 0),
        };
        let mut variables = Variables::new(Engine::single());
        let plan = compile_on(&Graph::new(Execution::Static), &step, (work, 1), &mut variables)?;
        let names: Vec<String> = variables.names().map(str::to_owned).collect();
        for name in names {
            let value = self.params.get(&name);
            variables.write(
                &name,
                value.ok_or_else(|| Error::internal(format!("no parameter `{name}`")))?,
            )?;
        }
        Ok(Shared {
            variables,
            plan,
            output,
        })
    }
}

impl Session {
    /// Predicts one row into `out`.
    ///
    /// # Shapes
    /// - `row`: the numbers of one row, row-major, in the type the model was trained on
    /// - `out`: as many numbers as the network outputs for a row, in the type of its parameters
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Shape`] for another number or type of numbers.
    pub fn predict_into<'a, X: Element, Y: Element>(&mut self, row: &'a [X], out: &mut [Y]) -> Result<()>
    where
        Input<'a>: From<&'a [X]>,
    {
        self.predict_inputs_into(&[Input::from(row)], out)
    }

    /// As [`Session::predict_into`], for networks of several inputs.
    ///
    /// # Errors
    /// As [`Session::predict_into`].
    pub fn predict_inputs_into<Y: Element>(&mut self, rows: &[Input<'_>], out: &mut [Y]) -> Result<()> {
        let Shared {
            variables,
            plan,
            output,
        } = &*self.shared;
        plan.run_shared(variables, &mut self.workspace, rows)?;
        plan.read_into(&self.workspace, *output, out)
    }

    /// Bytes of memory that only this session uses.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.workspace.bytes()
    }

    /// Bytes of the weights, which all sessions of the model share.
    #[must_use]
    pub fn shared_bytes(&self) -> usize {
        self.shared.variables.bytes()
    }
}
