//! Values that never live at the same time share memory.

use super::{Pass, Rewrite};

pub(super) const REWRITE: Rewrite = Rewrite {
    name: "arena",
    saves: "memory, by lifetime",
    pass: Pass::Placement,
};

/// When a value is in use, in phases between barriers, and how large it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Lifetime {
    pub(crate) first: usize,
    pub(crate) last: usize,
    pub(crate) bytes: usize,
}

/// Byte offsets such that values in use at the same time do not overlap: the lowest free place, largest values first.
///
/// Lifetimes are counted in phases, not tasks: threads inside one phase are not ordered, so sharing within a phase
/// would need another barrier.
pub(crate) fn place(values: &[Lifetime]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by_key(|&i| (std::cmp::Reverse(values[i].bytes), i));
    let mut offsets = vec![0; values.len()];
    let mut placed: Vec<usize> = Vec::new();
    for i in order {
        let v = values[i];
        let size = |j: usize| values[j].bytes.next_multiple_of(64);
        let mut busy: Vec<(usize, usize)> = placed
            .iter()
            .filter(|&&j| values[j].first <= v.last && v.first <= values[j].last)
            .map(|&j| (offsets[j], offsets[j] + size(j)))
            .collect();
        busy.sort_unstable();
        let mut at = 0;
        for (start, end) in busy {
            if at + size(i) <= start {
                break;
            }
            at = at.max(end);
        }
        offsets[i] = at;
        placed.push(i);
    }
    offsets
}

#[cfg(test)]
mod tests {
    use super::*;

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
}
