//! Which bytes a thread touches in a task, and whether two threads can meet.

/// Memory that never overlaps other memory.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Region {
    Arena,
    Bools,
    /// The private copy of one thread.
    Private(usize),
    Variable(usize),
    /// Inputs and constants: only ever read.
    ReadOnly,
}

/// Axes looked at; more would only tell more parts apart.
const PERIODS: usize = 3;

/// A set of bytes: everything between `start` and `end`, or less of it if it repeats with a period.
///
/// With a period `(p, from, len)` only bytes whose distance from 0, modulo `p`, is in `from..from + len`
/// (going round) count: a range
/// of columns of a row-major matrix. There may be one for each axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Access {
    pub(super) region: Region,
    pub(super) start: usize,
    pub(super) end: usize,
    periods: [Option<(usize, usize, usize)>; PERIODS],
    pub(super) writes: bool,
}

impl Access {
    /// The bytes of the elements `base + Σ iₐ·strideₐ`, `0 ≤ iₐ < sizeₐ`; `None` if there are none.
    pub(super) fn new(
        region: Region,
        base_bytes: usize,
        first: isize,
        axes: &[(usize, isize)],
        size: usize,
        writes: bool,
    ) -> Option<Self> {
        if axes.iter().any(|&(count, _)| count == 0) {
            return None;
        }
        let reach = |axes: &[(usize, isize)]| {
            axes.iter().fold((0isize, 0isize), |(low, high), &(count, stride)| {
                let far = (count as isize - 1) * stride;
                (low + far.min(0), high + far.max(0))
            })
        };
        let (low, high) = reach(axes);
        let byte = |element: isize| (base_bytes as isize + element * size as isize) as usize;
        let mut sorted: Vec<(usize, isize)> = axes.iter().copied().filter(|&(n, s)| n > 1 && s != 0).collect();
        sorted.sort_by_key(|&(_, stride)| std::cmp::Reverse(stride.unsigned_abs()));
        let mut periods = [None; PERIODS];
        for (level, slot) in periods.iter_mut().enumerate().take(sorted.len()) {
            let (outer, inner) = sorted.split_at(level + 1);
            let stride = outer[level].1;
            // Steps along outer axes must not move the place within a period.
            let steady = stride > 0 && outer.iter().all(|&(_, s)| s % stride == 0);
            let (low, high) = reach(inner);
            let (period, len) = (stride.unsigned_abs() * size, (high - low + 1) as usize * size);
            let from = byte(first + low) % period;
            *slot = (steady && len <= period).then_some((period, from, len));
        }
        Some(Self {
            region,
            start: byte(first + low),
            end: byte(first + high + 1),
            periods,
            writes,
        })
    }

    /// Whether it writes to what outlives the run.
    pub(super) fn writes_variable(&self) -> bool {
        self.writes && matches!(self.region, Region::Variable(_))
    }

    /// Whether both touch a byte and at least one writes.
    pub(super) fn conflicts(&self, other: &Self) -> bool {
        (self.writes || other.writes) && self.overlaps(other)
    }

    /// Whether both touch a byte, as far as is known; never wrongly `false`.
    pub(super) fn overlaps(&self, other: &Self) -> bool {
        if self.region != other.region || self.end <= other.start || other.end <= self.start {
            return false;
        }
        // On a circle of `p` bytes: from the start of mine to the start of theirs, and on to where mine starts again.
        let apart = |&(p, a, n): &(usize, usize, usize), &(q, b, m): &(usize, usize, usize)| {
            let ahead = (b + q - a % q) % q;
            p == q && n <= ahead && ahead + m <= p
        };
        let others = || other.periods.iter().flatten();
        !self
            .periods
            .iter()
            .flatten()
            .any(|mine| others().any(|theirs| apart(mine, theirs)))
    }
}
