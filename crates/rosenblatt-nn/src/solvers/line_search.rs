//! How far to go along a direction.

/// A trial step: its length, and the function and its slope there.
#[derive(Clone, Copy, Debug)]
pub(super) struct Trial {
    pub(super) step: f64,
    pub(super) value: f64,
    pub(super) slope: f64,
}

/// The largest step as a multiple of the last one, while no interval is known.
const FARTHEST: f64 = 4.0;
/// The smallest.
const NEAREST: f64 = 1.1;
/// An interval that has not shrunk to this part within two trials is halved.
const SHRINK: f64 = 0.66;
/// An interval this small in relation to its ends is not searched further.
const NARROW: f64 = 0.1;

/// A search for a step that satisfies the strong Wolfe conditions:
/// `f(t) ≤ f(0) + c₁ t f′(0)` and `|f′(t)| ≤ c₂ |f′(0)|`.
///
/// # Reference
/// Moré, Thuente: Line Search Algorithms with Guaranteed Sufficient Decrease. ACM Transactions on Mathematical Software 20,
/// 1994.
#[derive(Clone, Debug)]
pub(super) struct LineSearch {
    start: Trial,
    /// `c₁`.
    decrease: f64,
    /// `c₂`.
    curvature: f64,
    /// The largest step.
    max: f64,
    /// The best trial, an end of the interval.
    best: Trial,
    /// The other end.
    other: Trial,
    /// Whether a minimum lies between the ends.
    bracketed: bool,
    /// Whether no trial has satisfied the first condition with a slope that rises.
    first_stage: bool,
    /// Lengths of the interval, now and one trial before.
    widths: [f64; 2],
}

/// What follows a trial.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Next {
    /// Another trial with this step.
    Try(f64),
    /// This step satisfies both conditions, or no better one can be told apart.
    Accept,
}

impl LineSearch {
    /// A search from step 0, where value and slope are known; the slope is below 0.
    pub(super) fn new(value: f64, slope: f64, [decrease, curvature]: [f64; 2], max: f64) -> Self {
        let start = Trial {
            step: 0.0,
            value,
            slope,
        };
        Self {
            start,
            decrease,
            curvature,
            max,
            best: start,
            other: start,
            bracketed: false,
            first_stage: true,
            widths: [max, 2.0 * max],
        }
    }

    /// Takes in a trial.
    pub(super) fn observe(&mut self, trial: Trial, bounds: [f64; 2]) -> Next {
        let slope = self.decrease * self.start.slope;
        let line = self.start.value + trial.step * slope;
        let [low, high] = bounds;
        let narrow = high - low <= NARROW * high;
        let lost = self.bracketed && (trial.step <= low || trial.step >= high || narrow);
        let at_end = trial.step >= self.max && trial.value <= line && trial.slope <= slope;
        let wolfe = trial.value <= line && trial.slope.abs() <= self.curvature * -self.start.slope;
        if lost || at_end || wolfe {
            return Next::Accept;
        }
        self.first_stage &= !(trial.value <= line && trial.slope >= 0.0);
        // While the first condition fails, what is searched is the distance to the line.
        let tilt = if self.first_stage && trial.value <= self.best.value && trial.value > line {
            slope
        } else {
            0.0
        };
        let mut ends = [self.best, self.other].map(|end| end.tilted(-tilt));
        let step = next_step(&mut ends, trial.tilted(-tilt), &mut self.bracketed, bounds);
        [self.best, self.other] = ends.map(|end| end.tilted(tilt));
        Next::Try(self.shrunk(step))
    }

    /// Between which steps the next trial may lie, after one of this step.
    pub(super) fn bounds(&self, step: f64) -> [f64; 2] {
        if self.bracketed {
            let [a, b] = [self.best.step, self.other.step];
            return [a.min(b), a.max(b)];
        }
        let gone = step - self.best.step;
        [step + NEAREST * gone, step + FARTHEST * gone]
    }

    /// The step, or the middle if the interval shrinks slowly; the best one if the interval is too small.
    fn shrunk(&mut self, mut step: f64) -> f64 {
        if self.bracketed {
            let width = (self.other.step - self.best.step).abs();
            if width >= SHRINK * self.widths[1] {
                step = self.best.step + 0.5 * (self.other.step - self.best.step);
            }
            self.widths = [width, self.widths[0]];
        }
        step = step.clamp(0.0, self.max);
        let [low, high] = self.bounds(step);
        let lost = step <= low || step >= high || high - low <= NARROW * high;
        if self.bracketed && lost { self.best.step } else { step }
    }
}

impl Trial {
    /// The same for the function with a line of this slope added.
    fn tilted(self, slope: f64) -> Self {
        Self {
            step: self.step,
            value: self.value + self.step * slope,
            slope: self.slope + slope,
        }
    }
}

/// The next step from the ends `[best, other]` of an interval and a trial, which becomes an end: the minimum of a cubic or
/// a parabola through them.
fn next_step(ends: &mut [Trial; 2], trial: Trial, bracketed: &mut bool, [low, high]: [f64; 2]) -> f64 {
    let [best, other] = *ends;
    let opposite = trial.slope * (best.slope / best.slope.abs()) < 0.0;
    let step = if trial.value > best.value {
        // A minimum lies between: the cubic, or the mean with the parabola if that is nearer to the best.
        let (cubic, parabola) = (cubic(best, trial), parabola(best, trial));
        *bracketed = true;
        match (cubic - best.step).abs() < (parabola - best.step).abs() {
            true => cubic,
            false => cubic + (parabola - cubic) / 2.0,
        }
    } else if opposite {
        let (cubic, secant) = (cubic(trial, best), secant(trial, best));
        *bracketed = true;
        farther(trial.step, cubic, secant)
    } else if trial.slope.abs() <= best.slope.abs() {
        beyond(best, other, trial, *bracketed, [low, high])
    } else if *bracketed {
        cubic(trial, other)
    } else if trial.step > best.step {
        high
    } else {
        low
    };
    *ends = if trial.value > best.value {
        [best, trial]
    } else {
        [trial, if opposite { best } else { other }]
    };
    step
}

/// The next step where the slope has the same sign and is smaller: the minimum may lie beyond the trial.
fn beyond(best: Trial, other: Trial, trial: Trial, bracketed: bool, [low, high]: [f64; 2]) -> f64 {
    let (secant, toward) = (secant(trial, best), trial.step > best.step);
    let cubic = cubic_beyond(trial, best).unwrap_or(if toward { high } else { low });
    if !bracketed {
        return farther(trial.step, cubic, secant).clamp(low, high);
    }
    let step = if (cubic - trial.step).abs() < (secant - trial.step).abs() {
        cubic
    } else {
        secant
    };
    let limit = trial.step + SHRINK * (other.step - trial.step);
    if toward { step.min(limit) } else { step.max(limit) }
}

/// That of two steps which is farther from `from`.
fn farther(from: f64, a: f64, b: f64) -> f64 {
    if (a - from).abs() > (b - from).abs() { a } else { b }
}

/// Half the discriminant of the cubic through two trials, and its middle coefficient; scaled against overflow.
fn discriminant(a: Trial, b: Trial, at_least_0: bool) -> [f64; 2] {
    let theta = 3.0 * (a.value - b.value) / (b.step - a.step) + a.slope + b.slope;
    let scale = theta.abs().max(a.slope.abs()).max(b.slope.abs());
    let square = (theta / scale) * (theta / scale) - (a.slope / scale) * (b.slope / scale);
    let square = if at_least_0 { square.max(0.0) } else { square };
    [theta, scale * libm::sqrt(square)]
}

/// The minimum of the cubic through two trials, counted from `a`.
fn cubic(a: Trial, b: Trial) -> f64 {
    let [theta, root] = discriminant(a, b, false);
    let gamma = if b.step < a.step { -root } else { root };
    let [p, q] = [gamma - a.slope + theta, gamma - a.slope + gamma + b.slope];
    a.step + p / q * (b.step - a.step)
}

/// The minimum of the cubic through two trials if it lies beyond `a`, seen from `b`.
fn cubic_beyond(a: Trial, b: Trial) -> Option<f64> {
    let [theta, root] = discriminant(a, b, true);
    let gamma = if a.step > b.step { -root } else { root };
    let r = (gamma - a.slope + theta) / (gamma + (b.slope - a.slope) + gamma);
    (r < 0.0 && gamma != 0.0).then_some(a.step + r * (b.step - a.step))
}

/// The minimum of the parabola through both values and the slope at `a`.
fn parabola(a: Trial, b: Trial) -> f64 {
    a.step + a.slope / ((a.value - b.value) / (b.step - a.step) + a.slope) / 2.0 * (b.step - a.step)
}

/// The minimum of the parabola through both slopes.
fn secant(a: Trial, b: Trial) -> f64 {
    a.step + a.slope / (a.slope - b.slope) * (b.step - a.step)
}
