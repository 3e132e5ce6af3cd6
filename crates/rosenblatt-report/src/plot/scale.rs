//! From values to places in a picture.

/// About how many lines of a grid.
const LINES: f64 = 5.0;

/// An axis.
pub(crate) struct Scale {
    low: f64,
    high: f64,
    from: f64,
    to: f64,
    ticks: Vec<f64>,
    /// Between two ticks.
    step: f64,
}

impl Scale {
    /// Epochs from 1; the axis ends where they end.
    pub(crate) fn of_epochs(epochs: usize, from: f64, to: f64) -> Self {
        let last = epochs.max(2) as f64;
        let step = round_step(last).max(1.0);
        let mut ticks = vec![1.0];
        ticks.extend(
            (1..)
                .map(|i| f64::from(i) * step)
                .filter(|&tick| tick > 1.0)
                .take_while(|&tick| tick <= last),
        );
        Self {
            low: 1.0,
            high: last,
            from,
            to,
            ticks,
            step,
        }
    }

    /// Quantities; the axis ends at lines of the grid.
    pub(crate) fn of_values(values: impl Iterator<Item = f64>, from: f64, to: f64) -> Self {
        let ends = values.fold(None, |ends: Option<(f64, f64)>, x| {
            Some(ends.map_or((x, x), |(low, high)| (low.min(x), high.max(x))))
        });
        let (low, high) = ends.unwrap_or((0.0, 1.0));
        let step = round_step(if high > low { high - low } else { low.abs().max(1.0) });
        let first = (low / step).floor();
        let last = (high / step).ceil().max(first + 1.0);
        let ticks = (0..)
            .map(|i| (first + f64::from(i)) * step)
            .take_while(|&tick| tick <= (last + 0.5) * step);
        Self {
            low: first * step,
            high: last * step,
            from,
            to,
            ticks: ticks.collect(),
            step,
        }
    }

    /// Where a value stands.
    pub(crate) fn place(&self, value: f64) -> f64 {
        self.from + (value - self.low) / (self.high - self.low) * (self.to - self.from)
    }

    /// The ticks: their places, and their values with as many digits as tell neighbors apart.
    pub(crate) fn ticks(&self) -> impl Iterator<Item = (f64, String)> {
        let digits = (-exponent(self.step)).clamp(0, 12) as usize;
        let label = move |tick: f64| match self.step {
            step if step < 1e5 => format!("{tick:.digits$}"),
            // The nearest number of few digits: sums of steps are a little off.
            _ => format!("{:e}", format!("{tick:.3e}").parse().unwrap_or(tick)),
        };
        self.ticks.iter().map(move |&tick| (self.place(tick), label(tick)))
    }
}

/// 1, 2 or 5 times a power of ten, so that a span has about [`LINES`] of it.
fn round_step(span: f64) -> f64 {
    let power = exponent(span / LINES);
    let step = |times: u8| format!("{times}e{power}").parse::<f64>().unwrap_or(span);
    let steps = [1, 2, 5, 10].map(step);
    steps.into_iter().find(|step| span / step <= LINES).unwrap_or(span)
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
        scale.ticks().map(|(_, label)| label).collect()
    }

    #[test]
    fn ticks_are_round_numbers_and_hold_all_values() {
        let of = |values: &[f64]| labels(&Scale::of_values(values.iter().copied(), 0.0, 1.0));
        assert_eq!(of(&[0.13, 0.87]), ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(of(&[0.4, 1.0]), ["0.4", "0.6", "0.8", "1.0"]);
        assert_eq!(of(&[28_921.0, 29_553.9]), ["28800", "29000", "29200", "29400", "29600"]);
        assert_eq!(of(&[0.0, 1.2e12]), ["0e0", "5e11", "1e12", "1.5e12"]);
        assert_eq!(of(&[0.5]), ["0.4", "0.6"]);
        assert_eq!(of(&[]).len(), 6);
    }

    /// Logarithms say 3 of the number just below 1000.
    #[test]
    fn powers_of_ten_are_told_from_their_neighbours() {
        for n in -300..300 {
            let power: f64 = format!("1e{n}").parse().unwrap();
            let found = [power.next_down(), power, power.next_up(), 9.5 * power].map(exponent);
            assert_eq!(found, [n - 1, n, n, n], "{power}");
        }
        assert_eq!([f64::INFINITY, f64::NAN, 0.0].map(exponent), [0, 0, 0]);
    }

    #[test]
    fn epochs_begin_with_the_first() {
        let of = |epochs| labels(&Scale::of_epochs(epochs, 0.0, 1.0));
        assert_eq!(of(1), ["1", "2"]);
        assert_eq!(of(5), ["1", "2", "3", "4", "5"]);
        assert_eq!(of(64), ["1", "20", "40", "60"]);
        assert_eq!(of(0), of(1));
    }

    #[test]
    fn ends_stand_at_the_ends() {
        let scale = Scale::of_values([0.0, 10.0].into_iter(), 200.0, 100.0);
        assert_eq!(
            [scale.place(0.0), scale.place(5.0), scale.place(10.0)],
            [200.0, 150.0, 100.0]
        );
    }
}
