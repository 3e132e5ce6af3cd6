//! Values that share memory.

#[path = "../../../src/plan/arena.rs"]
mod code;

use rosenblatt_tensor::rng::Rng;

use code::{Lifetime, place};

#[test]
fn values_share_memory_only_if_they_never_meet() {
    let values: Vec<Lifetime> = (0..60)
        .map(|i| Lifetime {
            first: i % 7,
            last: i % 7 + i % 4,
            bytes: 1 + (i * 37) % 500,
        })
        .collect();
    let at = place(&values);
    for i in 0..values.len() {
        for j in 0..i {
            let meet = values[i].first <= values[j].last && values[j].first <= values[i].last;
            let overlap = at[i] < at[j] + values[j].bytes && at[j] < at[i] + values[i].bytes;
            assert!(!(meet && overlap), "{i} and {j}");
        }
    }
    let at_once = |phase| {
        values
            .iter()
            .filter(|v| v.first <= phase && phase <= v.last)
            .map(|v| v.bytes.next_multiple_of(64))
            .sum::<usize>()
    };
    let peak = (0..12).map(at_once).max().unwrap();
    let used = values.iter().zip(&at).map(|(v, at)| at + v.bytes).max().unwrap();
    assert!(
        used <= peak * 5 / 4,
        "{used} bytes, though never more than {peak} are in use"
    );
}

/// Against trying each place from the lowest on.
#[test]
fn each_value_gets_the_lowest_free_place() {
    let mut stream = Rng::new(1).stream();
    for round in 0..200 {
        let mut below = |n: u64| stream.below(n) as usize;
        let value = |_| {
            let (a, b) = (below(30), below(30));
            let bytes = [0, 1, 64, 100, 320][below(5)];
            let (first, last) = (a.min(b), a.max(b));
            Lifetime { first, last, bytes }
        };
        let values: Vec<Lifetime> = (0..round).map(value).collect();
        let offsets = place(&values);
        let mut order: Vec<usize> = (0..values.len()).collect();
        order.sort_by_key(|&i| (std::cmp::Reverse(values[i].bytes), i));
        for (rank, &i) in order.iter().enumerate() {
            let size = |i: usize| values[i].bytes.next_multiple_of(64);
            let is_free = |at: usize| {
                order[..rank].iter().all(|&j| {
                    let apart = values[i].last < values[j].first || values[j].last < values[i].first;
                    apart || at + size(i) <= offsets[j] || offsets[j] + size(j) <= at
                })
            };
            assert_eq!((0..).step_by(64).find(|&at| is_free(at)), Some(offsets[i]));
        }
    }
}
