//! Whether a program runs faster on all threads or on one.
//!
//! Small steps gain nothing from more threads, and on a machine that is busy threads wait for each other. Neither can be known
//! beforehand, and results have the same bits either way: so it is tried, and tried again from time to time.

use std::time::Duration;

/// Runs of a trial, each way.
const RUNS: u32 = 12;
/// All threads are used if one takes so many times as long: less is not worth the work of the others.
const GAIN: f64 = 1.15;
/// How long the first choice holds; one that is confirmed holds twice as long as before.
const FIRST: Duration = Duration::from_millis(100);
/// How long a choice holds at most.
const LONGEST: Duration = Duration::from_secs(4);
/// A run on all threads that takes so many times as long as in the trial was held up by something else.
const HELD_UP: u32 = 8;
/// So many such runs end a choice.
const HELD_UP_RUNS: u32 = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Stage {
    /// A trial on one thread.
    Alone,
    /// A trial on all threads.
    Together,
    /// The way that was faster.
    Chosen,
}

/// What is known of the time that runs take. One thread is tried first, then all; these stop at once when they take longer.
#[derive(Debug)]
pub(super) struct Pace {
    stage: Stage,
    /// Runs of this stage, or in [`Stage::Chosen`] those that were held up.
    runs: u32,
    /// Time of the runs of this stage.
    spent: Duration,
    slowest: Duration,
    /// The mean time of a run on one thread, without the slowest.
    alone: Duration,
    /// The mean time of a run on all threads.
    together: Duration,
    is_together: bool,
    period: Duration,
}

impl Default for Pace {
    fn default() -> Self {
        Self {
            stage: Stage::Alone,
            runs: 0,
            spent: Duration::ZERO,
            slowest: Duration::ZERO,
            alone: Duration::ZERO,
            together: Duration::ZERO,
            is_together: false,
            period: Duration::ZERO,
        }
    }
}

impl Pace {
    /// Whether the next run is one on all threads.
    pub(super) fn is_together(&self) -> bool {
        match self.stage {
            Stage::Alone => false,
            Stage::Together => true,
            Stage::Chosen => self.is_together,
        }
    }

    /// Notes how long a run took.
    pub(super) fn ran(&mut self, took: Duration) {
        self.spent += took;
        self.slowest = self.slowest.max(took);
        match self.stage {
            Stage::Alone => {
                self.runs += 1;
                if self.runs == RUNS {
                    self.alone = (self.spent - self.slowest) / (RUNS - 1);
                    self.begin(Stage::Together);
                }
            }
            Stage::Together => {
                self.runs += 1;
                self.together = self.spent / self.runs;
                if self.spent.as_secs_f64() * GAIN > self.alone.as_secs_f64() * f64::from(RUNS) {
                    self.choose(false);
                } else if self.runs == RUNS {
                    self.choose(true);
                }
            }
            Stage::Chosen => {
                self.runs += u32::from(self.is_together && took > self.together * HELD_UP);
                if self.runs == HELD_UP_RUNS || self.spent >= self.period {
                    self.begin(Stage::Alone);
                }
            }
        }
    }

    fn begin(&mut self, stage: Stage) {
        (self.stage, self.runs) = (stage, 0);
        (self.spent, self.slowest) = (Duration::ZERO, Duration::ZERO);
    }

    fn choose(&mut self, is_together: bool) {
        let is_confirmed = self.period > Duration::ZERO && is_together == self.is_together;
        self.period = if is_confirmed {
            (self.period * 2).min(LONGEST)
        } else {
            FIRST
        };
        self.is_together = is_together;
        self.begin(Stage::Chosen);
    }
}
