//! Laws of schedules.

use rosenblatt_nn::schedules::{
    At, Cosine, CosineRestarts, Exponential, Linear, MultiStep, OneCycle, Plateau, SCHEDULES, Step, Steps, WarmUp,
};
use rosenblatt_nn::{Config, Entry, Schedule};
use rosenblatt_testkit::{assert_close, fixture};
use serde_json::Value;

use crate::common::registry_laws;

#[test]
fn every_file_is_registered_and_every_entry_is_plain_data() {
    registry_laws::<dyn Schedule>("src/schedules", &["at", "decay", "steps"]);
}

#[test]
fn factors_are_those_of_pytorch_scikit_learn_or_the_papers() {
    let fixture = fixture("schedules.json");
    let cases: &Vec<Value> = fixture["cases"].as_array().unwrap();
    let mut missing: Vec<&str> = SCHEDULES.iter().map(|registration| registration.name).collect();
    for case in cases {
        let schedule = Entry::<dyn Schedule>::from_json(&case["schedule"]).unwrap();
        println!("{schedule}");
        missing.retain(|name| *name != schedule.name());
        let expected: Vec<f64> = serde_json::from_value(case["factors"].clone()).unwrap();
        let total = case["total"].as_u64().unwrap();
        assert_eq!(expected.len() as u64, total);
        let factors: Vec<f64> = (0..total).map(|step| schedule.factor(&At::new(step, total))).collect();
        assert_close(factors, expected, 1e-14);
    }
    missing.retain(|name| !["adaptive", "plateau"].contains(name));
    assert!(
        missing.is_empty(),
        "no case in the fixture (see the card in CONTRIBUTING.md): {missing:?}"
    );
}

#[test]
fn factors_are_between_0_and_1_at_every_step_of_every_run() {
    for schedule in SCHEDULES.iter().flat_map(|registration| registration.examples()) {
        for total in [0, 1, 2, 3, 7, 10, 100] {
            for step in 0..=total + 5 {
                let factor = schedule.factor(&At::new(step, total));
                assert!(
                    (0.0..=1.0).contains(&factor),
                    "{schedule} at {step} of {total}: {factor}"
                );
                // `coslog4` begins with 0 by its formula.
                let begins = step > 0 || total == 0 || factor > 0.0 || schedule.name() == "coslog4";
                assert!(begins, "{schedule} begins with 0");
            }
        }
    }
}

#[test]
fn a_cosine_is_symmetric_about_its_middle() {
    let schedule = Cosine {
        r#final: 0.2,
        ..Cosine::default()
    };
    for step in 0..=40 {
        assert_close(
            schedule.factor(&At::new(step, 40)) + schedule.factor(&At::new(40 - step, 40)),
            1.2,
            1e-15,
        );
    }
    assert_eq!(schedule.factor(&At::new(0, 40)), 1.0);
    assert_close(schedule.factor(&At::new(40, 40)), 0.2, 1e-16);
}

#[test]
fn a_line_ends_at_its_end_and_stays_there() {
    let schedule = Linear { r#final: 0.25 };
    let factors = [0, 1, 2, 3, 4, 5, 100].map(|step| schedule.factor(&At::new(step, 4)));
    assert_eq!(factors, [1.0, 0.8125, 0.625, 0.4375, 0.25, 0.25, 0.25]);
}

#[test]
fn steps_and_exponential_decay_meet_at_the_end_of_every_plateau() {
    let (every, gamma) = (Steps(0.2), 0.5);
    let (step, exponential) = (Step { every, gamma }, Exponential { every, gamma });
    let factors: Vec<f64> = (0..10).map(|at| step.factor(&At::new(at, 10))).collect();
    assert_eq!(factors, [1.0, 1.0, 0.5, 0.5, 0.25, 0.25, 0.125, 0.125, 0.0625, 0.0625]);
    for at in (0..10).step_by(2) {
        assert_eq!(exponential.factor(&At::new(at, 10)), step.factor(&At::new(at, 10)));
        assert_close(
            exponential.factor(&At::new(at + 1, 10)),
            step.factor(&At::new(at, 10)) * 0.5f64.sqrt(),
            1e-15,
        );
    }
}

#[test]
fn exponential_decay_ends_the_same_however_long_the_run() {
    let schedule = Exponential::default();
    for total in [1, 2, 3, 49, 50, 149, 151, 10_000] {
        assert_close(schedule.factor(&At::new(total, total)), 0.95f64.powi(100), 1e-15);
    }
}

#[test]
fn a_warm_up_rises_by_equal_steps_and_then_hands_over() {
    let schedule = WarmUp {
        steps: Steps(4.0),
        ..WarmUp::default()
    };
    let factors: Vec<f64> = (0..6).map(|step| schedule.factor(&At::new(step, 20))).collect();
    assert_eq!(factors, [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]);
    let cosine = Cosine {
        warmup: Steps(4.0),
        r#final: 0.0,
    };
    assert_eq!(
        cosine.factor(&At::new(4, 20)),
        Cosine::default().factor(&At::new(0, 16))
    );
    assert_eq!(
        cosine.factor(&At::new(13, 20)),
        Cosine::default().factor(&At::new(9, 16))
    );
}

#[test]
fn one_cycle_peaks_at_the_learning_rate_and_ends_at_its_last_factor() {
    let schedule = OneCycle {
        pct_start: Steps(10.0),
        ..OneCycle::default()
    };
    let factors = [0, 9, 39, 40, 1000].map(|step| schedule.factor(&At::new(step, 40)));
    let last = 1.0 / 25.0 / 1e4;
    assert_close(factors, [0.04, 1.0, last, last, last], 1e-15);
}

#[test]
fn restarts_begin_at_the_full_rate() {
    let restarts = |multiply, steps: &[u64]| {
        let schedule = CosineRestarts {
            period: Steps(3.0),
            multiply,
            ..CosineRestarts::default()
        };
        for &step in steps {
            assert_eq!(schedule.factor(&At::new(step, 10)), 1.0, "step {step}");
            assert!(schedule.factor(&At::new(step + 1, 10)) < 1.0);
        }
        assert!((0.0..=1.0).contains(&schedule.factor(&At::new(u64::MAX, 10))));
    };
    restarts(1, &[0, 3, 6, 9, 3_000_000]);
    restarts(2, &[0, 3, 9, 21, 45]);
}

#[test]
fn lists_can_be_written_on_the_command_line() {
    let written = Entry::<dyn Schedule>::parse("multi_step:milestones=[4,0.5],gamma=0.5").unwrap();
    let expected = MultiStep {
        milestones: vec![Steps(4.0), Steps(0.5)],
        gamma: 0.5,
    };
    assert_eq!(written, expected.into());
    assert_eq!(Entry::parse(&written.to_string()).unwrap(), written);
}

#[test]
fn settings_out_of_range_are_refused() {
    for text in [
        "adaptive:factor=1",
        "adaptive:patience=0",
        "adaptive:tol=-1",
        "cosine:final=1.5",
        "cosine:warmup=-1",
        "cosine:warmup=1.5",
        "warm_up:steps=-0.5",
        "cosine_restarts:period=0",
        "cosine_restarts:multiply=0",
        "cosine_restarts:multiply=1.5",
        "cosine_restarts:final=2",
        "flat_cos:start=1.5",
        "flat_cos:final=-1",
        "inverse_sqrt:0",
        "invscaling:-0.5",
        "multi_step:gamma=0",
        "multi_step:milestones=[]",
        "multi_step:milestones=[0.5,2.5]",
        "multi_step:milestones=[0.5",
        "one_cycle:pct_start=-1",
        "one_cycle:div_factor=0.5",
        "one_cycle:final_div_factor=0",
        "one_cycle:anneal=cubic",
        "polynomial:power=0",
        "polynomial:final=1.1",
        "exponential:gamma=0",
        "exponential:gamma=1.1",
        "exponential:every=0",
        "linear:final=-0.1",
        "plateau:factor=1",
        "plateau:factor=0",
        "plateau:threshold=1",
        "plateau:min_factor=-0.1",
        "plateau:mode=up",
        "step:gamma=-1",
        "step:every=0",
        "step:every=2.5",
    ] {
        assert!(Entry::<dyn Schedule>::parse(text).is_err(), "{text}");
    }
    let inner = serde_json::json!({ "warm_up": { "then": { "cosine": { "final": 2.0 } } } });
    assert!(Entry::<dyn Schedule>::from_json(&inner).is_err());
}

#[test]
fn a_plateau_reduces_when_pytorch_and_scikit_learn_do() {
    let number = |json: &Value| json.as_f64().unwrap_or_else(|| json.as_str().unwrap().parse().unwrap());
    let fixture = fixture("schedules.json");
    let cases = ["plateau", "adaptive"].map(|kind| fixture[kind].as_array().unwrap());
    for case in cases.into_iter().flatten() {
        let schedule = Entry::<dyn Schedule>::from_json(&case["schedule"]).unwrap();
        println!("{schedule}");
        let observed: Vec<f64> = case["observed"].as_array().unwrap().iter().map(number).collect();
        let expected: Vec<f64> = serde_json::from_value(case["factors"].clone()).unwrap();
        let factor = |seen: usize| {
            let observed = &observed[..seen];
            schedule.factor(&At {
                observed,
                ..At::default()
            })
        };
        let factors: Vec<f64> = (0..=observed.len()).map(factor).collect();
        assert_close(factors, expected, 1e-14);
    }
}

#[test]
fn only_schedules_that_need_the_length_of_the_run_depend_on_it() {
    for schedule in SCHEDULES.iter().flat_map(|registration| registration.examples()) {
        let factors = |total| {
            let factor = |step| {
                schedule.factor(&At {
                    total,
                    ..At::new(step, 0)
                })
            };
            (0..40).map(factor).collect::<Vec<f64>>()
        };
        let depends = factors(Some(50)) != factors(Some(100));
        assert_eq!(schedule.needs_total(), depends, "{schedule}");
        assert!(depends || factors(None) == factors(Some(100)), "{schedule}");
    }
}

#[test]
fn only_schedules_that_observe_depend_on_what_was_observed() {
    let wrapped = Entry::from(WarmUp {
        then: Plateau::default().into(),
        ..WarmUp::default()
    });
    let examples = SCHEDULES.iter().flat_map(|registration| registration.examples());
    for schedule in examples.chain([wrapped]) {
        let factor = |observed: &[f64]| {
            schedule.factor(&At {
                observed,
                ..At::new(50, 100)
            })
        };
        let falling: Vec<f64> = (0..30).map(|i| f64::from(-i)).collect();
        let rising: Vec<f64> = (0..30).map(f64::from).collect();
        assert_eq!(schedule.observes(), factor(&falling) != factor(&rising), "{schedule}");
    }
}

#[test]
fn shares_round_and_counts_are_cut() {
    assert_eq!([0, 1, 9, 10].map(|total| Steps(0.05).of(total)), [0, 0, 0, 1]);
    assert_eq!([0, 1, 9, 10].map(|total| Steps(5.0).of(total)), [0, 1, 5, 5]);
    assert_eq!(Steps(0.0).of(10), 0);
}

#[test]
fn what_is_neither_share_nor_count_is_refused() {
    let check = |steps| {
        let schedule = Cosine {
            warmup: Steps(steps),
            ..Cosine::default()
        };
        schedule.check()
    };
    for wrong in [-0.1, 1.5, f64::NAN, f64::INFINITY] {
        let message = check(wrong).unwrap_err().to_string();
        assert!(message.starts_with("expected `warmup` to be a share"), "{message}");
    }
    assert!([0.0, 0.99, 1.0, 500.0].iter().all(|&right| check(right).is_ok()));
}
