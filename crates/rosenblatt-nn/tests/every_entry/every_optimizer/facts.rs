//! What single optimizers do.

use rosenblatt_autodiff::Type;
use rosenblatt_nn::optimizers::{Adafactor, Adam, AdamW, AveragedSgd, Muon, Sgd};
use rosenblatt_nn::{Config, Entry, Optimizer};
use rosenblatt_tensor::{DType, Shape};
use rosenblatt_testkit::assert_close;

use super::Run;

#[test]
fn first_step_of_adam_has_size_lr_whatever_the_gradient_scale() {
    for optimizer in [
        Entry::<dyn Optimizer>::from(Adam::default()),
        AdamW {
            weight_decay: 0.0,
            ..AdamW::default()
        }
        .into(),
    ] {
        for scale in [1e-4, 1.0, 1e4] {
            let mut run = Run::new(&*optimizer, 0.01, vec![0.0, 0.0]);
            run.step(&[scale, -2.0 * scale]);
            assert_close(run.theta.to_f64(), [-0.01, 0.01], 2e-6);
        }
    }
}

#[test]
fn momentum_in_a_constant_slope_reaches_its_final_speed() {
    let sgd = Sgd {
        momentum: 0.9,
        ..Sgd::default()
    };
    let mut run = Run::new(&sgd, 0.1, vec![0.0]);
    (0..400).for_each(|_| run.step(&[1.0]));
    let before = run.theta.item().unwrap();
    run.step(&[1.0]);
    assert_close(before - run.theta.item().unwrap(), 0.1 / (1.0 - 0.9), 1e-12);
}

#[test]
fn decoupled_decay_takes_its_share_of_the_parameter_alone() {
    for text in [
        "adafactor",
        "adamw",
        "adamw:amsgrad=true",
        "lion",
        "muon",
        "nadam:decoupled_weight_decay=true",
        "radam:decoupled_weight_decay=true",
        "schedule_free_adamw",
    ] {
        let optimizer = Entry::<dyn Optimizer>::parse(text).unwrap();
        let optimizer = optimizer.with("weight_decay", 0.5).unwrap();
        for shape in [&[1][..], &[1, 1]] {
            let mut run = Run::shaped(&*optimizer, 0.1, vec![2.0], shape);
            run.step(&[0.0]);
            assert_close(run.theta.to_f64(), [2.0 - 0.1 * 0.5 * 2.0], 1e-15);
            assert!(
                optimizer.evaluated_state().is_some() || run.state[0].to_f64() == [0.0],
                "{text}"
            );
        }
    }
}

#[test]
fn coupled_decay_is_a_part_of_the_gradient() {
    let decay = 0.25;
    for text in [
        "adadelta",
        "adagrad",
        "adam",
        "adam:amsgrad=true",
        "adamax",
        "averaged_sgd",
        "nadam",
        "radam",
        "rmsprop",
        "rmsprop:centered=true",
        "rmsprop:momentum=0.9",
        "rmsprop:centered=true,momentum=0.9",
        "schedule_free_sgd",
        "sgd:momentum=0.9,nesterov=true",
    ] {
        let without = Entry::<dyn Optimizer>::parse(text).unwrap();
        let with = without.with("weight_decay", decay).unwrap();
        let mut with = Run::new(&*with, 0.05, vec![1.0, -2.0]);
        let mut without = Run::new(&*without, 0.05, vec![1.0, -2.0]);
        for t in 0..50 {
            let gradient = [f64::from(t % 7) - 3.0, f64::from(t % 5) - 2.0];
            let theta = without.theta.to_f64();
            with.step(&gradient);
            without.step(&[gradient[0] + decay * theta[0], gradient[1] + decay * theta[1]]);
            assert_close(with.theta.to_f64(), without.theta.to_f64(), 1e-13);
        }
    }
}

#[test]
fn amsgrad_remembers_the_largest_second_moment() {
    let adam = Adam {
        beta2: 0.5,
        amsgrad: true,
        ..Adam::default()
    };
    let mut run = Run::new(&adam, 0.1, vec![0.0]);
    [4.0, 0.0, 0.0].iter().for_each(|&g| run.step(&[g]));
    assert_eq!([run.state[1].to_f64(), run.state[2].to_f64()], [[2.0], [8.0]]);
}

#[test]
fn the_average_is_the_mean_of_the_points_after_the_start() {
    let mut run = Run::new(
        &AveragedSgd {
            start: 2,
            weight_decay: 0.0,
        },
        0.5,
        vec![8.0],
    );
    // Points 4, 2, 10, 7: until the start the average is the last of them.
    let steps = [(8.0, 4.0), (4.0, 2.0), (-16.0, 10.0), (6.0, 8.5)];
    for (gradient, average) in steps {
        run.step(&[gradient]);
        assert_eq!(run.evaluated(), [average]);
    }
}

#[test]
fn muon_makes_all_singular_values_alike() {
    let muon = Muon {
        momentum: 0.0,
        weight_decay: 0.0,
        ..Muon::default()
    };
    // Singular values 10 and 0.1, and a matrix of rank 1, which must keep its rank.
    for (gradient, squares) in [([10.0, 0.0, 0.0, 0.1], [1.0, 1.0]), ([1.0, 1.0, 1.0, 1.0], [0.5, 0.5])] {
        {
            let mut run = Run::shaped(&muon, 1.0, vec![0.0; 4], &[2, 2]);
            run.step(&gradient);
            let step = run.theta.to_f64();
            let rows = [step[0].powi(2) + step[1].powi(2), step[2].powi(2) + step[3].powi(2)];
            for (row, expected) in rows.iter().zip(squares) {
                let share = (row / expected).sqrt();
                assert!((0.6..1.3).contains(&share), "{step:?}");
            }
        }
    }
}

#[test]
fn the_state_of_adafactor_is_a_row_and_a_column() {
    let shapes = |shape: &[usize]| {
        let parameter = Type::new(DType::F32, Shape::new(shape).unwrap());
        let state = Adafactor::default().state(parameter);
        state
            .iter()
            .map(|spec| (spec.name, spec.shape.to_vec()))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        shapes(&[256, 784]),
        [("row_var", vec![256, 1]), ("col_var", vec![1, 784])]
    );
    assert_eq!(
        shapes(&[3, 4, 5]),
        [("row_var", vec![3, 4, 1]), ("col_var", vec![3, 1, 5])]
    );
    assert_eq!(shapes(&[10]), [("variance", vec![10])]);
    assert_eq!(shapes(&[]), [("variance", vec![])]);
}

#[test]
fn settings_out_of_range_are_refused() {
    for text in [
        "sgd:momentum=1",
        "sgd:momentum=-0.1",
        "adam:beta1=1",
        "adam:beta2=1.5",
        "adam:eps=0",
        "adamw:weight_decay=-1",
        "sgd:nesterov=true",
        "adadelta:rho=1",
        "adafactor:beta2_decay=0.1",
        "adafactor:d=0.5",
        "adafactor:eps1=-1",
        "adafactor:eps2=-1",
        "adagrad:eps=0",
        "adagrad:initial_accumulator_value=-1",
        "adagrad:lr_decay=-1",
        "adamax:eps=0",
        "averaged_sgd:start=-1",
        "averaged_sgd:weight_decay=-1",
        "lion:beta2=1",
        "muon:adjust_lr_fn=other",
        "muon:eps=0",
        "muon:momentum=1",
        "muon:ns_steps=0",
        "muon:ns_steps=100",
        "nadam:momentum_decay=-1",
        "radam:beta2=1",
        "rmsprop:alpha=1",
        "rmsprop:momentum=-1",
        "schedule_free_adamw:beta1=0",
        "schedule_free_adamw:r=-1",
        "schedule_free_sgd:momentum=1",
        "schedule_free_sgd:weight_lr_power=-1",
    ] {
        assert!(Entry::<dyn Optimizer>::parse(text).is_err(), "{text}");
    }
}

#[test]
fn nesterov_without_momentum_is_refused() {
    let error = Sgd {
        nesterov: true,
        ..Sgd::default()
    }
    .check()
    .unwrap_err();
    assert_eq!(error.message(), "`nesterov` needs momentum");
}
