//! What a run of tests came to.

use std::collections::BTreeMap;

/// Tests in the list of the slowest.
const SLOWEST: usize = 10;

/// Counts of tests and cases, and how long each test took.
#[derive(Default)]
pub struct Tally {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
    /// Random cases: seeds that were drawn from.
    seeds: usize,
    /// Cases that tests counted themselves, by name.
    cases: BTreeMap<String, usize>,
    /// Why tests that passed checked nothing.
    lacks: Vec<String>,
    failures: Vec<String>,
    times: Vec<(f64, String)>,
}

impl Tally {
    /// A test, or a whole program of tests, that failed; the count is the caller's.
    pub fn name_failure(&mut self, test: &str) {
        self.failures.push(test.to_owned());
    }

    /// A test took so many seconds.
    pub fn took(&mut self, seconds: f64, test: &str) {
        self.times.push((seconds, test.to_owned()));
    }

    /// A line that a test printed.
    pub fn printed(&mut self, line: &str) {
        let line = line.trim();
        if line.contains("case with seed ") {
            self.seeds += 1;
        } else if let Some((name, number)) = cases(line) {
            *self.cases.entry(name.to_owned()).or_default() += number;
        } else if let Some((_, reason)) = line.split_once("skipped: ") {
            self.lacks.push(reason.to_owned());
        }
    }

    /// Prints the slowest tests, the cases (each count with `details`), those that failed, and the sum; nothing if no test ran.
    pub fn print(&self, details: bool) {
        if self.passed + self.failed == 0 {
            return;
        }
        println!("slowest tests:");
        for (seconds, test) in self.slowest() {
            println!("  {seconds:>8.3} s  {test}");
        }
        for reason in &self.lacks {
            println!("a test was skipped inside: {reason}");
        }
        for (name, number) in self.cases.iter().filter(|_| details) {
            println!("  {number:>10}  {name}");
        }
        let counted: usize = self.cases.values().sum();
        println!("cases: {} random, {counted} counted by tests", self.seeds);
        for test in &self.failures {
            println!("failed: {test}");
        }
        println!("{} skipped", self.skipped);
        println!("{} passed, {} failed", self.passed, self.failed);
    }

    fn slowest(&self) -> Vec<&(f64, String)> {
        let mut times: Vec<_> = self.times.iter().collect();
        times.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        times.truncate(SLOWEST);
        times
    }
}

/// The name and number of a line `cases: NAME N`; the test harness may leave its dots in front.
pub fn cases(line: &str) -> Option<(&str, usize)> {
    let (name, number) = line.split_once("cases: ")?.1.rsplit_once(' ')?;
    Some((name, number.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::{SLOWEST, Tally, cases};

    #[test]
    fn lines_of_cases_have_a_name_and_a_number() {
        assert_eq!(cases("..cases: jvp of mul 7"), Some(("jvp of mul", 7)));
        assert_eq!(cases("cases: none"), None);
        assert_eq!(cases("cases: x y"), None);
    }

    #[test]
    fn what_tests_print_is_counted() {
        let mut tally = Tally::default();
        let lines = [
            "case with seed 0",
            "case with seed 1",
            "    cases: vjp 100",
            "cases: vjp 20",
            "skipped: no bash",
        ];
        lines.iter().for_each(|line| tally.printed(line));
        assert_eq!((tally.seeds, tally.cases["vjp"]), (2, 120));
        assert_eq!(tally.lacks, ["no bash"]);
    }

    #[test]
    fn the_slowest_come_first() {
        let mut tally = Tally::default();
        (0..20).for_each(|i| tally.took(f64::from(i), &i.to_string()));
        let slowest = tally.slowest();
        assert_eq!(
            (slowest.len(), slowest[0].1.as_str(), slowest[9].0),
            (SLOWEST, "19", 10.0)
        );
    }
}
