//! Running a plan, and reading what it has computed.

use std::ptr;
use std::sync::Arc;

use rosenblatt_tensor::machine::{Input, Operand, TaskTime, Workspace};
use rosenblatt_tensor::{Element, Error, Result, Tensor};

use super::{Plan, RunStatus, Variables};
use crate::op::Type;

impl Plan {
    /// Runs once, on the threads of the variables and in their workspace.
    ///
    /// # Errors
    /// The number of inputs or the type of one differs from the signature's, the variables are not those the plan was
    /// compiled over, or a kernel met impossible values (an index out of range).
    pub fn run(&self, variables: &mut Variables, inputs: &[&Tensor]) -> Result<RunStatus> {
        self.fits(variables, inputs)?;
        let (memory, workspace, engine) = variables.parts();
        let done = self
            .program
            .run(memory, workspace, engine.pool.as_mut(), engine.isa, inputs)?;
        Ok(self.outcome(done, workspace))
    }

    /// Runs once and adds how long each task took on the first thread, in the order of [`Plan::tasks`].
    ///
    /// # Errors
    /// As [`Plan::run`].
    pub fn run_timed(
        &self,
        variables: &mut Variables,
        inputs: &[&Tensor],
        times: &mut [TaskTime],
    ) -> Result<RunStatus> {
        self.fits(variables, inputs)?;
        let (memory, workspace, engine) = variables.parts();
        let pool = engine.pool.as_mut();
        let done = self
            .program
            .run_timed(memory, workspace, pool, engine.isa, inputs, times)?;
        Ok(self.outcome(done, workspace))
    }

    /// Runs once, on the caller's thread alone, over variables that other threads may use at the same time; the bits
    /// are those of [`Plan::run`].
    ///
    /// Inputs are tensors or slices: `&[&Tensor]`, or `&[Input::from(row)]` for numbers that are no tensor. From the
    /// second run in a workspace on, nothing is allocated.
    ///
    /// # Errors
    /// As [`Plan::run`]; [`rosenblatt_tensor::ErrorKind::Config`] if the plan has updates.
    pub fn run_shared<'a, I: Copy + Into<Input<'a>>>(
        &self,
        variables: &Variables,
        workspace: &mut Workspace,
        inputs: &[I],
    ) -> Result<RunStatus> {
        self.fits(variables, inputs)?;
        let done = self
            .program
            .run_shared(&variables.memory, workspace, variables.engine.isa, inputs)?;
        Ok(self.outcome(done, workspace))
    }

    /// A workspace with room for this plan.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] if there is not enough memory.
    pub fn workspace(&self) -> Result<Workspace> {
        let mut workspace = Workspace::new();
        self.reserve(&mut workspace)?;
        Ok(workspace)
    }

    /// Makes room for this plan in a workspace that several plans use.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Unsupported`] if there is not enough memory.
    pub fn reserve(&self, workspace: &mut Workspace) -> Result<()> {
        workspace.reserve(&self.program)
    }

    /// Allocates this plan's memory after the variables, before any plan over them runs: then its arenas never move.
    ///
    /// # Errors
    /// As [`Plan::reserve`].
    pub fn reserve_in(&self, variables: &mut Variables) -> Result<()> {
        self.reserve(&mut variables.workspace)
    }

    /// Output `i` of [`Plan::run`], copied.
    ///
    /// # Errors
    /// No such output, or the last plan that ran was another.
    pub fn output(&self, variables: &Variables, i: usize) -> Result<Tensor> {
        self.read(&variables.workspace, i)
    }

    /// Output `i` of [`Plan::run`], a single number, without allocating.
    ///
    /// # Errors
    /// As [`Plan::output`]; not one floating-point number.
    pub fn number(&self, variables: &Variables, i: usize) -> Result<f64> {
        self.program.read_number(&variables.workspace, self.operand(i)?)
    }

    /// Output `i` of the last run in a workspace, copied.
    ///
    /// # Errors
    /// No such output, or the last plan that ran there was another.
    pub fn read(&self, workspace: &Workspace, i: usize) -> Result<Tensor> {
        self.program.read(workspace, self.operand(i)?)
    }

    /// Output `i` of the last run in a workspace, copied row-major into memory of the caller's: allocates nothing.
    ///
    /// # Errors
    /// As [`Plan::read`]; another type or number of elements.
    pub fn read_into<T: Element>(&self, workspace: &Workspace, i: usize, output: &mut [T]) -> Result<()> {
        self.program.read_into(workspace, self.operand(i)?, output)
    }

    fn operand(&self, i: usize) -> Result<&Operand> {
        self.outputs
            .get(i)
            .ok_or_else(|| Error::config(format!("no output {i} in a plan of {}", self.outputs.len())))
    }

    /// # Errors
    /// What is given is not what the plan was compiled for.
    fn fits<'a, I: Copy + Into<Input<'a>>>(&self, variables: &Variables, inputs: &[I]) -> Result<()> {
        if !ptr::eq(self.variables.as_ptr(), Arc::as_ptr(&variables.identity)) {
            return Err(Error::config(
                "a plan can only run over the variables it was compiled for",
            ));
        }
        if inputs.len() != self.inputs.len() {
            return Err(self.wrong_count(inputs.len()));
        }
        for ((name, want), given) in self.inputs.iter().zip(inputs) {
            let given = (*given).into();
            if !given.fits(want.dtype, &want.shape) {
                return Err(misfit(*want, &given).within(format!("input `{name}`")));
            }
        }
        Ok(())
    }

    #[cold]
    fn wrong_count(&self, given: usize) -> Error {
        let names: Vec<String> = self.inputs.iter().map(|(name, _)| format!("`{name}`")).collect();
        let wanted = if names.is_empty() {
            "no inputs".to_string()
        } else {
            names.join(", ")
        };
        Error::shape(format!("expected {wanted}, got {given} inputs"))
    }

    fn outcome(&self, done: bool, workspace: &Workspace) -> RunStatus {
        if !done {
            return RunStatus::Stopped;
        }
        let flags = || (0..self.checked_names.len()).filter(|&flag| workspace.flag(flag));
        match flags().next() {
            None => RunStatus::Done,
            Some(_) => RunStatus::NotFinite(flags().map(|flag| self.checked_names[flag].clone()).collect()),
        }
    }
}

#[cold]
fn misfit(want: Type, given: &Input<'_>) -> Error {
    match given {
        Input::Tensor(tensor) if Type::of(tensor) == want => {
            Error::shape("expected a tensor without gaps, got a strided view").hint("call `contiguous` first")
        }
        Input::Tensor(tensor) => Error::shape(format!("expected {want:?}, got {:?}", Type::of(tensor))),
        Input::Slice(slice) => Error::shape(format!(
            "expected {want:?}, got {} numbers of {}",
            slice.len(),
            slice.dtype()
        )),
    }
}
