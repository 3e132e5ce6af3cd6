//! Which bytes threads touch, and where they must wait for each other.

#[path = "../../../src/machine/access.rs"]
mod access;
#[path = "../../../src/machine/barriers.rs"]
mod code;

use access::{Access, Region};
use code::History;

fn columns(from: isize, count: usize, row: isize) -> Access {
    Access::new(Region::Arena, 64, from, &[(10, row), (count, 1)], 4, true).unwrap()
}

#[test]
fn ranges_of_columns_do_not_meet() {
    assert!(!columns(0, 8, 16).conflicts(&columns(8, 8, 16)));
    assert!(columns(0, 9, 16).conflicts(&columns(8, 8, 16)));
    assert!(
        columns(0, 8, 16).conflicts(&columns(8, 8, 17)),
        "different periods cannot be distinguished"
    );
}

#[test]
fn nothing_touches_nothing_and_readers_never_conflict() {
    assert!(Access::new(Region::Arena, 0, 0, &[(0, 1)], 4, true).is_none());
    let mut read = columns(0, 8, 16);
    read.writes = false;
    assert!(!read.conflicts(&read));
}

#[test]
fn only_a_write_to_a_variable_outlives_the_run() {
    let outlives = |region, writes| {
        let access = Access::new(region, 0, 0, &[(1, 1)], 4, writes).unwrap();
        access.writes_variable()
    };
    assert!(outlives(Region::Variable(1), true));
    assert!(!outlives(Region::Variable(1), false));
    assert!(!outlives(Region::Arena, true));
}

/// Against a listing of every byte.
#[test]
fn overlap_is_never_missed() {
    let mut seed = 1u64;
    let mut next = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        (seed >> 33) % n
    };
    for _ in 0..20_000 {
        let mut make = || {
            let axes: Vec<(usize, isize)> = (0..next(4))
                .map(|_| (1 + next(4) as usize, next(13) as isize))
                .collect();
            let first = next(30) as isize;
            let mut bytes = vec![first];
            for &(n, s) in &axes {
                bytes = bytes
                    .iter()
                    .flat_map(|&b| (0..n as isize).map(move |i| b + i * s))
                    .collect();
            }
            (Access::new(Region::Arena, 0, first, &axes, 1, true).unwrap(), bytes)
        };
        let ((a, x), (b, y)) = (make(), make());
        if x.iter().any(|byte| y.contains(byte)) {
            assert!(a.overlaps(&b), "{a:?} {b:?}");
        }
    }
}

/// Against comparing with every earlier access.
#[test]
fn a_barrier_is_put_where_any_two_accesses_conflict() {
    let mut seed = 7u64;
    let mut next = |n: u64| {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        ((seed >> 33) % n) as usize
    };
    let shared = [Region::Arena, Region::Bools, Region::Variable(0), Region::Variable(1)];
    let mut history = History::new(3);
    let mut every: Vec<Vec<Access>> = vec![Vec::new(); 3];
    let mut counts = [0; 3];
    for _ in 0..20_000 {
        let now: Vec<Vec<Access>> = (0..3)
            .map(|thread| {
                let regions = [&shared[..], &[Region::Private(thread), Region::ReadOnly]].concat();
                let mut access = || {
                    let axes = [(1 + next(3), [1, 5, 40, 600][next(4)]), (1 + next(5), 1)];
                    let region = regions[next(6)];
                    let writes = next(8) == 0 && region != Region::ReadOnly;
                    Access::new(region, next(40) * 64, 0, &axes, 4, writes).unwrap()
                };
                (0..2).map(|_| access()).collect()
            })
            .collect();
        let meet = |old: &[Vec<Access>]| {
            let mut pairs = (0..3).flat_map(|t| (0..3).map(move |u| (t, u))).filter(|(t, u)| t != u);
            let conflict = |(t, u): (usize, usize)| old[t].iter().any(|a| now[u].iter().any(|b| a.conflicts(b)));
            pairs.any(conflict)
        };
        if meet(&now) {
            counts[0] += 1;
            assert!(history.add(&now).is_err());
            continue;
        }
        let barrier = meet(&every);
        counts[1 + usize::from(barrier)] += 1;
        assert_eq!(history.add(&now).unwrap(), barrier);
        if barrier {
            every.iter_mut().for_each(Vec::clear);
        }
        every.iter_mut().zip(now).for_each(|(old, new)| old.extend(new));
    }
    assert!(counts.iter().all(|&count| count > 500), "{counts:?}");
}
