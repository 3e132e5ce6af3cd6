//! A queue of the jobs that may come next.

use std::collections::BTreeSet;

use rosenblatt_tensor::{Error, Result};

/// What is put in order.
pub(super) struct Jobs {
    /// All jobs: of those that are ready the first one comes next.
    pub(super) by_age: Vec<usize>,
    /// For each job, those that must come after it; a job is named as often as it waits.
    pub(super) after: Vec<Vec<usize>>,
    /// For each job, those of which it sees what another thread has computed.
    pub(super) sees: Vec<Vec<usize>>,
    /// Jobs that overwrite a variable: they wait for the check too.
    pub(super) writers: BTreeSet<usize>,
    /// The job whose value is checked.
    pub(super) checked: Option<usize>,
}

/// What comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Job(usize),
    /// The check, as soon as its value is computed; then variables may be written.
    Check,
}

/// All jobs and the check, operands first, with as few changes of phase as a greedy choice finds.
///
/// # Errors
/// Jobs that wait for each other.
pub(super) fn order(jobs: &Jobs) -> Result<Vec<Next>> {
    let mut ready = Ready::new(jobs);
    let mut order = Vec::with_capacity(jobs.by_age.len() + 1);
    for &job in &jobs.by_age {
        if ready.left[job] == 0 {
            ready.add(job);
        }
    }
    for _ in &jobs.by_age {
        let job = ready.pick()?;
        order.push(Next::Job(job));
        for &next in &jobs.after[job] {
            ready.left[next] -= 1;
            if ready.left[next] == 0 {
                ready.add(next);
            }
        }
        if jobs.checked == Some(job) {
            order.push(Next::Check);
            ready.release();
        }
    }
    Ok(order)
}

/// Jobs that wait for nothing, and what is known of the rest.
///
/// A phase is what lies between two barriers. When a job gets ready, all it reads is computed, so it is known then
/// whether it can join the phase or has to wait for the next one.
struct Ready<'a> {
    jobs: &'a Jobs,
    age: Vec<usize>,
    /// How often each job still waits.
    left: Vec<usize>,
    /// Writers that wait for nothing but the check.
    held: Vec<usize>,
    is_checked: bool,
    phase: usize,
    /// The phase in which each job is computed; 0 before that.
    phase_of: Vec<usize>,
    /// Ages of jobs that are ready in this phase, and of those that need a barrier.
    free: BTreeSet<usize>,
    blocked: BTreeSet<usize>,
}

impl<'a> Ready<'a> {
    fn new(jobs: &'a Jobs) -> Self {
        let count = jobs.after.len();
        let mut age = vec![usize::MAX; count];
        jobs.by_age.iter().enumerate().for_each(|(i, &job)| age[job] = i);
        let mut left = vec![0; count];
        jobs.after.iter().flatten().for_each(|&job| left[job] += 1);
        Self {
            jobs,
            age,
            left,
            held: Vec::new(),
            is_checked: jobs.checked.is_none(),
            phase: 1,
            phase_of: vec![0; count],
            free: BTreeSet::new(),
            blocked: BTreeSet::new(),
        }
    }

    /// Takes in a job that waits for no other.
    fn add(&mut self, job: usize) {
        let seen = self.jobs.sees[job].iter().map(|&writer| self.phase_of[writer]);
        if !self.is_checked && self.jobs.writers.contains(&job) {
            self.held.push(job);
        } else if seen.max() == Some(self.phase) {
            self.blocked.insert(self.age[job]);
        } else {
            self.free.insert(self.age[job]);
        }
    }

    /// The next job; if all that are ready need a barrier, the first one of the next phase.
    fn pick(&mut self) -> Result<usize> {
        if self.free.is_empty() {
            std::mem::swap(&mut self.free, &mut self.blocked);
            self.phase += 1;
        }
        let age = self.free.pop_first();
        let age = age.ok_or_else(|| Error::internal("groups that wait for each other"))?;
        self.phase_of[self.jobs.by_age[age]] = self.phase;
        Ok(self.jobs.by_age[age])
    }

    /// After the check.
    fn release(&mut self) {
        self.is_checked = true;
        std::mem::take(&mut self.held).into_iter().for_each(|job| self.add(job));
    }
}
