//! The order of jobs, against looking at every job again before each choice.

#[path = "../../../src/plan/ready.rs"]
mod code;

use rosenblatt_tensor::rng::{Rng, Stream};
use rosenblatt_tensor::{ErrorKind, Result};

use code::{Jobs, Next, order};

/// What waits for a job, directly or not, and the job.
fn behind(jobs: &Jobs, job: usize) -> Vec<bool> {
    let (mut seen, mut open) = (vec![false; jobs.after.len()], vec![job]);
    while let Some(job) = open.pop() {
        if !std::mem::replace(&mut seen[job], true) {
            open.extend(&jobs.after[job]);
        }
    }
    seen
}

/// Up to 40 jobs that wait for some of those before them, in an order that is not their age; some numbers are no jobs.
fn random(stream: &mut Stream) -> Jobs {
    let mut below = |n: usize| stream.below(n as u64) as usize;
    let count = 1 + below(40);
    let mut by_age: Vec<usize> = (0..count).filter(|_| below(8) > 0).collect();
    let mut jobs = Jobs {
        by_age: Vec::new(),
        after: vec![Vec::new(); count],
        sees: vec![Vec::new(); count],
        writers: (0..count).filter(|_| below(4) == 0).collect(),
        checked: None,
    };
    for (i, &job) in by_age.iter().enumerate().skip(1) {
        for _ in 0..below(4) {
            let first = by_age[i - 1 - below(i.min(8))];
            jobs.after[first].push(job);
            if below(3) > 0 {
                jobs.sees[job].push(first);
            }
        }
    }
    if below(3) > 0 && !by_age.is_empty() {
        let checked = by_age[below(by_age.len())];
        let is_late: Vec<bool> = (0..count).map(|job| behind(&jobs, job)[checked]).collect();
        jobs.writers.retain(|&writer| !is_late[writer]);
        jobs.checked = Some(checked);
    }
    if below(2) > 0 {
        stream.shuffle(&mut by_age);
    }
    jobs.by_age = by_age;
    jobs
}

/// The order as it is defined, and the number of barriers: every job and everything computed since the last barrier is
/// looked at.
fn defined(jobs: &Jobs) -> (Vec<Next>, usize) {
    let mut left = jobs.by_age.clone();
    let (mut check, mut order, mut fresh, mut barriers) = (jobs.checked, Vec::new(), Vec::new(), 0);
    while !left.is_empty() || check.is_some() {
        if check.is_some_and(|job| !left.contains(&job)) {
            order.push(Next::Check);
            check = None;
            continue;
        }
        let waits = |job: usize| left.iter().any(|&first| jobs.after[first].contains(&job));
        let is_ready = |job: usize| !waits(job) && (check.is_none() || !jobs.writers.contains(&job));
        let is_free = |job: usize| !fresh.iter().any(|writer| jobs.sees[job].contains(writer));
        let first = left.iter().copied().find(|&job| is_ready(job) && is_free(job));
        let job = first
            .or_else(|| left.iter().copied().find(|&job| is_ready(job)))
            .unwrap();
        if !is_free(job) {
            fresh.clear();
            barriers += 1;
        }
        fresh.push(job);
        left.retain(|&other| other != job);
        order.push(Next::Job(job));
    }
    (order, barriers)
}

#[test]
fn the_queue_gives_the_order_as_it_is_defined() {
    let mut stream = Rng::new(2).stream();
    let (mut barriers, mut is_held) = (0, 0);
    for _ in 0..1000 {
        let jobs = random(&mut stream);
        let (want, count) = defined(&jobs);
        assert_eq!(order(&jobs).unwrap(), want);
        let unchecked = Jobs { checked: None, ..jobs };
        barriers += count;
        is_held += usize::from(
            defined(&unchecked)
                .0
                .iter()
                .ne(want.iter().filter(|&&next| next != Next::Check)),
        );
    }
    assert!(
        barriers > 1000 && is_held > 100,
        "{barriers} barriers, {is_held} orders with held writers"
    );
}

#[test]
fn jobs_that_wait_for_each_other_are_an_error() {
    let run = |after: [&[usize]; 3], checked| -> Result<Vec<Next>> {
        order(&Jobs {
            by_age: vec![0, 1, 2],
            after: after.map(<[usize]>::to_vec).to_vec(),
            sees: vec![Vec::new(); 3],
            writers: [1].into(),
            checked,
        })
    };
    let jobs = [0, 2, 1].map(Next::Job);
    assert_eq!(run([&[2], &[], &[1]], None).unwrap(), jobs);
    for (after, checked) in [([&[1][..], &[2], &[1]], None), ([&[1], &[2], &[]], Some(2))] {
        assert_eq!(run(after, checked).unwrap_err().kind(), ErrorKind::Internal);
    }
}
