//! Which of two ways to run is chosen, by the times they take.

#[path = "../../../src/machine/pace.rs"]
mod code;

use std::time::Duration;

use code::Pace;

/// Runs for so long; returns the share of runs and of time that were on all threads.
fn shares(pace: &mut Pace, seconds: f64, alone: f64, together: impl Fn(u32) -> f64) -> [f64; 2] {
    let (mut runs, mut of_all, mut time, mut time_of_all) = (0, 0, 0.0, 0.0);
    while time < seconds {
        let is_together = pace.is_together();
        let took = if is_together { together(runs) } else { alone };
        pace.ran(Duration::from_secs_f64(took));
        (runs, time) = (runs + 1, time + took);
        if is_together {
            (of_all, time_of_all) = (of_all + 1, time_of_all + took);
        }
    }
    [f64::from(of_all) / f64::from(runs), time_of_all / time]
}

#[test]
fn the_faster_way_is_chosen() {
    let faster = shares(&mut Pace::default(), 20.0, 1e-4, |_| 6e-5);
    assert!(faster[0] > 0.98, "{faster:?}");
    for no_gain in [9.5e-5, 1e-4, 5e-3] {
        let alone = shares(&mut Pace::default(), 20.0, 1e-4, |_| no_gain);
        assert!(alone[1] < 0.02, "{no_gain}: {alone:?}");
    }
}

/// Every third run waits for the scheduler.
#[test]
fn all_threads_are_given_up_when_the_machine_becomes_busy_and_used_again_after() {
    let mut pace = Pace::default();
    shares(&mut pace, 5.0, 1e-4, |_| 6e-5);
    let busy = shares(&mut pace, 5.0, 1.5e-4, |run| if run % 3 == 0 { 4e-3 } else { 6e-5 });
    assert!(busy[1] < 0.05, "{busy:?}");
    let quiet = shares(&mut pace, 20.0, 1e-4, |_| 6e-5);
    assert!(quiet[1] > 0.6, "{quiet:?}");
}
