//! Axes: from values to positions in `[0, 1]`, and their ticks.

use rosenblatt_train::text::plain;

/// About how many ticks an axis has.
const TICKS: f64 = 5.0;

/// Most ticks of a logarithmic axis.
pub(super) const MAX_LOG_TICKS: usize = 7;

/// An axis.
pub(super) struct Scale {
    /// The ends, as `position` sees them.
    low: f64,
    high: f64,
    ticks: Vec<f64>,
    /// Between two ticks; none if the axis is logarithmic.
    step: Option<f64>,
}

impl Scale {
    /// Epochs from 1 to the last.
    pub(super) fn of_epochs(epochs: usize) -> Self {
        let last = epochs.max(2) as f64;
        let step = round_step(last).max(1.0);
        let multiples = (1..).map(|i| f64::from(i) * step).filter(|&tick| tick > 1.0);
        Self {
            low: 1.0,
            high: last,
            ticks: std::iter::once(1.0)
                .chain(multiples.take_while(|&tick| tick <= last))
                .collect(),
            step: Some(step),
        }
    }

    /// A linear axis that ends at ticks.
    pub(super) fn linear(values: impl Iterator<Item = f64>) -> Self {
        let (low, high) = ends(values).unwrap_or((0.0, 1.0));
        let step = round_step(if high > low { high - low } else { low.abs().max(1.0) });
        let first = (low / step).floor();
        let last = (high / step).ceil().max(first + 1.0);
        let ticks = (0..).map(|i| (first + f64::from(i)) * step);
        Self {
            low: first * step,
            high: last * step,
            ticks: ticks.take_while(|&tick| tick <= (last + 0.5) * step).collect(),
            step: Some(step),
        }
    }

    /// A logarithmic axis, if the values are positive and span more than a factor of ten; otherwise a linear one.
    pub(super) fn of_losses(values: impl Iterator<Item = f64> + Clone) -> Self {
        match ends(values.clone()) {
            Some((low, high)) if low > 0.0 && high > 10.0 * low => Self::logarithmic(low, high),
            _ => Self::linear(values),
        }
    }

    /// A logarithmic axis from a number above 0 to a larger one. It ends at 1, 2 or 5 times powers of ten; of a wide range only
    /// powers of ten are ticks.
    pub(super) fn logarithmic(low: f64, high: f64) -> Self {
        let powers = exponent(low)..=exponent(high) + 1;
        let tick = |times: i32, power: i32| format!("{times}e{power}").parse::<f64>().unwrap_or(high);
        let fine: Vec<f64> = powers
            .clone()
            .flat_map(|power| [1, 2, 5].map(|times| tick(times, power)))
            .collect();
        let low = *fine.iter().rfind(|&&tick| tick <= low).unwrap_or(&low);
        let high = *fine.iter().find(|&&tick| tick >= high).unwrap_or(&high);
        let inside = |ticks: Vec<f64>| {
            ticks
                .into_iter()
                .filter(|tick| (low..=high).contains(tick))
                .collect::<Vec<_>>()
        };
        let mut ticks = inside(fine);
        if ticks.len() > MAX_LOG_TICKS {
            let stride = powers.clone().count() / MAX_LOG_TICKS + 1;
            ticks = inside(powers.step_by(stride).map(|power| tick(1, power)).collect());
        }
        Self {
            low: libm::log10(low),
            high: libm::log10(high),
            ticks,
            step: None,
        }
    }

    /// Whether the axis is logarithmic.
    pub(super) fn is_log(&self) -> bool {
        self.step.is_none()
    }

    /// Where a value is, 0 at the low end and 1 at the high one.
    pub(super) fn position(&self, value: f64) -> f64 {
        let value = if self.is_log() { libm::log10(value) } else { value };
        (value - self.low) / (self.high - self.low)
    }

    /// Positions of the ticks, and their values with as many digits as tell neighbors apart.
    pub(super) fn ticks(&self) -> Vec<(f64, String)> {
        let largest = self
            .ticks
            .iter()
            .fold(0.0, |largest: f64, tick| largest.max(tick.abs()));
        let label = |tick: f64| match self.step {
            None if (1e-3..1e5).contains(&tick) => plain(tick),
            None => format!("{tick:e}"),
            // The nearest number of few digits: multiples of a step are a little off.
            Some(step) if step >= 1e5 || largest < 1e-3 => {
                format!("{:e}", format!("{tick:.3e}").parse().unwrap_or(tick))
            }
            Some(step) => {
                let digits = (-exponent(step)).clamp(0, 12) as usize;
                format!("{tick:.digits$}")
            }
        };
        let tick = |&tick: &f64| (self.position(tick), label(tick));
        self.ticks.iter().map(tick).collect()
    }
}

/// The smallest and the largest value.
fn ends(values: impl Iterator<Item = f64>) -> Option<(f64, f64)> {
    values.fold(None, |ends: Option<(f64, f64)>, x| {
        Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
    })
}

/// 1, 2 or 5 times a power of ten, so that a span has about [`TICKS`] steps.
fn round_step(span: f64) -> f64 {
    let power = exponent(span / TICKS);
    let step = |times: u8| format!("{times}e{power}").parse::<f64>().unwrap_or(span);
    let steps = [1, 2, 5, 10].map(step);
    steps.into_iter().find(|step| span / step <= TICKS).unwrap_or(span)
}

/// `n` of `10ⁿ ≤ x < 10ⁿ⁺¹`, from the decimal digits of `x`: exact, and the same everywhere.
pub(super) fn exponent(x: f64) -> i32 {
    let digits = format!("{x:e}");
    let after = digits.split_once('e').map(|(_, exponent)| exponent.parse());
    after.and_then(Result::ok).unwrap_or_default()
}
