//! Axes: from values to positions in `[0, 1]`, and their ticks.

use rosenblatt_train::text::plain;

/// About how many ticks an axis has.
const TICKS: f64 = 5.0;

/// Most ticks of a logarithmic axis.
const MAX_LOG_TICKS: usize = 7;

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

    /// The axis ends at 1, 2 or 5 times powers of ten; of a wide range only powers of ten are ticks.
    fn logarithmic(low: f64, high: f64) -> Self {
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
fn exponent(x: f64) -> i32 {
    let digits = format!("{x:e}");
    let after = digits.split_once('e').map(|(_, exponent)| exponent.parse());
    after.and_then(Result::ok).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(scale: &Scale) -> Vec<String> {
        scale.ticks().into_iter().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_numbers_and_hold_all_values() {
        let of = |values: &[f64]| labels(&Scale::linear(values.iter().copied()));
        assert_eq!(of(&[0.13, 0.87]), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(of(&[0.4, 1.0]), ["0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(of(&[28_921.0, 29_553.9]), ["28800", "29000", "29200", "29400", "29600"]);
        assert_eq!(of(&[0.0, 1.2e12]), ["0e0", "5e11", "1e12", "1.5e12"]);
        assert_eq!(of(&[1e-9, 2.4e-9]), ["1e-9", "1.5e-9", "2e-9", "2.5e-9"]);
        assert_eq!(of(&[0.5]), ["0.4", "0.6"]);
        assert_eq!(of(&[]).len(), 6);
    }

    #[test]
    fn losses_that_span_more_than_a_decade_have_a_logarithmic_axis() {
        let of = |values: &[f64]| labels(&Scale::of_losses(values.iter().copied()));
        assert_eq!(of(&[0.4, 1.0]), ["0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(of(&[0.03, 1.09]), ["0.02", "0.05", "0.1", "0.2", "0.5", "1", "2"]);
        assert_eq!(of(&[0.007, 2.3]), ["0.01", "0.1", "1"]);
        assert_eq!(of(&[3e-5, 0.8]), ["1e-4", "0.001", "0.01", "0.1", "1"]);
        assert_eq!(of(&[1e-20, 1.0])[..2], ["1e-20", "1e-16"]);
        assert!(!Scale::of_losses([0.0, 5.0].into_iter()).is_log(), "0 has no logarithm");
        assert!(!Scale::of_losses([-1.0, 5.0].into_iter()).is_log());
        let scale = Scale::of_losses([0.01, 1.0].into_iter());
        for (value, expected) in [(0.01, 0.0), (0.1, 0.5), (1.0, 1.0)] {
            assert!((scale.position(value) - expected).abs() < 1e-12, "{value}");
        }
        for low in [1e-300, 3.3e-7, 0.99, 7e12] {
            for factor in [10.1, 99.0, 1e4, 1e17] {
                let scale = Scale::of_losses([low, low * factor].into_iter());
                let positions = [low, low * factor].map(|value| scale.position(value));
                assert!(
                    positions.iter().all(|at| (-1e-9..=1.0 + 1e-9).contains(at)),
                    "{low} {factor}"
                );
                assert!((2..=MAX_LOG_TICKS + 2).contains(&scale.ticks().len()), "{low} {factor}");
            }
        }
    }

    /// A logarithm is 3 for the number just below 1000, too.
    #[test]
    fn powers_of_ten_differ_from_their_neighbors() {
        for n in -300..300 {
            let power: f64 = format!("1e{n}").parse().unwrap();
            let found = [power.next_down(), power, power.next_up(), 9.5 * power].map(exponent);
            assert_eq!(found, [n - 1, n, n, n], "{power}");
        }
        assert_eq!([f64::INFINITY, f64::NAN, 0.0].map(exponent), [0, 0, 0]);
    }

    #[test]
    fn epochs_begin_with_the_first() {
        let of = |epochs| labels(&Scale::of_epochs(epochs));
        assert_eq!(of(1), ["1", "2"]);
        assert_eq!(of(5), ["1", "2", "3", "4", "5"]);
        assert_eq!(of(64), ["1", "20", "40", "60"]);
        assert_eq!(of(0), of(1));
    }

    #[test]
    fn ends_are_at_0_and_1() {
        let scale = Scale::linear([0.0, 10.0].into_iter());
        assert_eq!([0.0, 5.0, 10.0].map(|value| scale.position(value)), [0.0, 0.5, 1.0]);
    }
}
