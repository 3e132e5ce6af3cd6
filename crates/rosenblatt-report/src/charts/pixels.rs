//! Grays of values, and images as runs of equal grays.

use std::collections::BTreeMap;
use std::fmt::Write;

/// Steps from black to white: an even number, so that there is a middle gray.
const STEPS: f64 = 64.0;

/// What is not finite.
const NOT_FINITE: u8 = u8::MAX;

/// Which gray a value is.
pub(super) struct Shades {
    /// Whether 0 is the middle gray; otherwise it is black.
    is_signed: bool,
    /// The value of white.
    high: f64,
    /// How many values have no gray.
    pub(super) not_finite: usize,
}

impl Shades {
    /// The scale of some values. With signs, 0 is in the middle.
    pub(super) fn of(values: impl Iterator<Item = f64> + Clone, is_signed: bool) -> Self {
        let finite = values.clone().filter(|value| value.is_finite());
        let (low, high) = finite.fold((0.0, 0.0), |(low, high): (f64, f64), x| (low.min(x), high.max(x)));
        Self {
            is_signed: is_signed || low < 0.0,
            high: high.max(-low),
            not_finite: values.filter(|value| !value.is_finite()).count(),
        }
    }

    /// The values of black and white.
    pub(super) fn ends(&self) -> [f64; 2] {
        [if self.is_signed { -self.high } else { 0.0 }, self.high]
    }

    /// From 0, black, to [`STEPS`], white.
    fn level(&self, value: f64) -> u8 {
        if !value.is_finite() {
            return NOT_FINITE;
        }
        let share = if self.high > 0.0 { value / self.high } else { 0.0 };
        let share = if self.is_signed { (share + 1.0) / 2.0 } else { share };
        (share * STEPS).round() as u8
    }
}

/// An image: runs of each level.
pub(super) struct Levels {
    /// The most frequent level, which is behind the others.
    background: u8,
    /// Lines in the middle of the rows, as the data of a path.
    runs: BTreeMap<u8, String>,
}

impl Levels {
    /// An image of rows of this width.
    pub(super) fn of(values: &[f64], width: usize, shades: &Shades) -> Self {
        let levels: Vec<u8> = values.iter().map(|&value| shades.level(value)).collect();
        let mut counts = BTreeMap::new();
        levels.iter().for_each(|level| *counts.entry(*level).or_insert(0) += 1);
        let background = counts.iter().max_by_key(|(level, count)| (**count, u8::MAX - **level));
        let background = background.map_or(0, |(level, _)| *level);
        let mut runs: BTreeMap<u8, String> = BTreeMap::new();
        for (y, row) in levels.chunks(width.max(1)).enumerate() {
            let mut x = 0;
            for run in row.chunk_by(|a, b| a == b) {
                if run[0] != background {
                    // Text takes whatever is written to it.
                    let _ = write!(runs.entry(run[0]).or_default(), "M{x} {y}.5h{}", run.len());
                }
                x += run.len();
            }
        }
        Self { background, runs }
    }

    /// The color of what no run covers.
    pub(super) fn background(&self) -> String {
        color(self.background)
    }

    /// Colors and their runs.
    pub(super) fn runs(&self) -> impl Iterator<Item = (String, &str)> {
        self.runs.iter().map(|(level, runs)| (color(*level), &**runs))
    }
}

fn color(level: u8) -> String {
    if level == NOT_FINITE {
        return "#d1242f".to_owned();
    }
    let gray = (f64::from(level) / STEPS * 255.0).round() as u8;
    format!("#{gray:02x}{gray:02x}{gray:02x}")
}
