//! Figures of a proof: one line each, `name  value  limit  ok|FAIL`.

use std::fmt::Display;

/// Prints every figure as it comes and remembers which did not hold.
#[derive(Default)]
pub struct Report {
    failed: Vec<String>,
}

impl Report {
    /// The general line: a value, what it was held against, and whether it holds.
    pub fn line(&mut self, name: impl Display, value: impl Display, limit: impl Display, holds: bool) {
        let verdict = if holds { "ok" } else { "FAIL" };
        let [name, value, limit] = [name.to_string(), value.to_string(), limit.to_string()];
        println!("{name:<64}  {value:<20}  {limit:<20}  {verdict}");
        if !holds {
            self.failed.push(name);
        }
    }

    /// A figure with an upper limit. NaN does not hold.
    pub fn at_most(&mut self, name: impl Display, value: f64, limit: f64) {
        self.line(name, format!("{value:.4}"), format!("<= {limit}"), value <= limit);
    }

    /// A count with a lower limit.
    pub fn at_least(&mut self, name: impl Display, value: usize, limit: usize) {
        self.line(name, value, format!(">= {limit}"), value >= limit);
    }

    /// A metric and a reference. NaN does not hold.
    pub fn near(&mut self, name: impl Display, value: f64, reference: f64, tolerance: f64) {
        let holds = (value - reference).abs() <= tolerance;
        self.line(
            name,
            format!("{value:.4}"),
            format!("{reference:.4} ± {tolerance}"),
            holds,
        );
    }

    /// A text that must equal another; both are shortened for the eye.
    pub fn same(&mut self, name: impl Display, value: &str, expected: &str) {
        let short = |text: &str| text.chars().take(16).collect::<String>();
        self.line(name, short(value), format!("= {}", short(expected)), value == expected);
    }

    /// A metric without a limit.
    pub fn note(&self, name: impl Display, value: impl Display) {
        println!("{:<64}  {value}", name.to_string());
    }

    /// The names of the lines that did not hold.
    pub fn failed(&self) -> &[String] {
        &self.failed
    }
}

#[cfg(test)]
mod tests {
    use super::Report;

    #[test]
    fn nan_never_holds_and_failures_are_kept_by_name() {
        let mut report = Report::default();
        report.at_most("bound", f64::NAN, 1.0);
        report.near("reference", f64::NAN, 1.0, 0.1);
        report.near("far", 1.2, 1.0, 0.1);
        report.at_most("fine", 1.0, 1.0);
        report.same("text", "a", "b");
        report.at_least("count", 3, 3);
        assert_eq!(report.failed(), ["bound", "reference", "far", "text"]);
    }
}
