//! Batches of several shapes, parameters that come late or do nothing, and values that are set.

use std::cell::Cell;

use rosenblatt_autodiff::Var;
use rosenblatt_nn::layers::{Linear, Sequential};
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::{Adam, Sgd};
use rosenblatt_nn::{Init, Scope};
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_train::{Execution, Params, RunOptions, Trainer, TrainerState};

use super::numbers;
use crate::common::{alone, dynamic};

/// A trainer of `mean((x · w)²)`, which also has `late` where a batch has two rows.
fn late() -> Trainer<impl for<'g> Fn(&Scope<'g>, [Var<'g>; 1]) -> Var<'g>, 1> {
    Trainer::new(Adam::default().lr(0.1).ema(0.5), 4, |m, [x]| {
        let y = x.matmul(m.weight("w", &[3, 2]));
        let y = if x.size(0) == 2 { y + m.weight("late", &[2]) } else { y };
        (y * y).mean_all()
    })
}

fn bytes(state: TrainerState) -> Vec<u8> {
    state.to_bytes().unwrap()
}

fn set(name: &str, value: Tensor) -> Params {
    Params::from([(name.to_owned(), value)])
}

#[test]
fn each_shape_is_put_on_a_graph_once() {
    let times = Cell::new(0);
    let mut trainer = Trainer::new(Sgd::default().lr(0.1), 0, |m, [x]| {
        times.set(times.get() + 1);
        x.matmul(m.weight("w", &[3, 1])).mean_all()
    });
    let mut after = Vec::new();
    for rows in [4, 7, 4, 7, 4] {
        trainer.step([&numbers(rows as u64, &[rows, 3])]).unwrap();
        after.push(times.get());
    }
    assert_eq!(after[1..], [after[1]; 4]);
    assert!(after[0] < after[1]);
}

#[test]
fn the_65th_shape_is_an_error_unless_nothing_is_compiled() {
    let run = |execution| {
        let mut trainer = Trainer::new(Sgd::default().lr(0.1), 0, |m, [x]| (x * m.weight("w", &[1])).mean_all())
            .options(&alone())
            .execution(execution);
        let mut step = |rows: usize| trainer.step([&numbers(1, &[rows])]);
        assert!((1..=64).all(|rows| step(rows).is_ok()));
        (step(65), step(64))
    };
    let (error, known) = run(Execution::Static);
    let error = error.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert!(error.to_string().contains("64 different shapes"), "{error}");
    assert!(error.hint_text().unwrap().contains("dynamic"));
    known.unwrap();
    run(Execution::Dynamic).0.unwrap();
}

#[test]
fn a_parameter_that_comes_late_has_the_value_it_would_have_had() {
    for options in [alone(), dynamic()] {
        let [two, five] = [numbers(1, &[2, 3]), numbers(2, &[5, 3])];
        let mut early = late().options(&options);
        early.evaluate([&two]).unwrap();
        let mut late = late().options(&options);
        late.step([&five]).unwrap();
        assert!(!late.params().unwrap().contains_key("late"));
        late.evaluate([&two]).unwrap();
        let value = |params: Params| params["late"].to_vec::<f32>().unwrap();
        assert_eq!(value(late.params().unwrap()), value(early.params().unwrap()));
        // Its average begins with it.
        late.step([&two]).unwrap();
        let (new, old) = (value(late.params().unwrap()), value(early.params().unwrap()));
        let halfway: Vec<f32> = old.iter().zip(&new).map(|(old, new)| old + (new - old) * 0.5).collect();
        assert_eq!(value(late.averaged_params().unwrap()), halfway);
    }
}

#[test]
fn a_loop_with_late_parameters_is_resumed_from_before_and_after_them() {
    let batch = |step: u64| numbers(step, &[if step % 4 == 3 { 2 } else { 5 }, 3]);
    for options in [alone(), dynamic()] {
        let mut straight = late().options(&options);
        let mut states = Vec::new();
        for step in 0..9 {
            states.push(straight.state().unwrap());
            straight.step([&batch(step)]).unwrap();
        }
        let expected = bytes(straight.state().unwrap());
        for (stop, state) in states.iter().enumerate() {
            let mut resumed = late().options(&options);
            resumed.restore(state).unwrap();
            // The other one has seen all batches: `late` has a value that the state does not know.
            for trainer in [&mut resumed, &mut straight] {
                trainer.restore(state).unwrap();
                assert!((stop as u64..9).all(|step| trainer.step([&batch(step)]).is_ok()));
                assert!(bytes(trainer.state().unwrap()) == expected, "from step {stop}");
            }
        }
    }
}

#[test]
fn a_parameter_the_loss_does_not_depend_on_stays() {
    for options in [alone(), dynamic()] {
        let mut trainer = Trainer::new(Sgd::default().lr(0.1), 4, |m, [x]| {
            m.weight("unused", &[2]);
            (x * m.weight("w", &[3])).mean_all()
        })
        .options(&options);
        let x = numbers(1, &[4, 3]);
        let (_, gradients) = trainer.gradient([&x]).unwrap();
        assert_eq!(gradients["unused"].to_vec::<f32>().unwrap(), [0.0; 2]);
        let before = trainer.params().unwrap();
        assert_ne!(before["unused"].to_vec::<f32>().unwrap(), [0.0; 2]);
        trainer.step([&x]).unwrap();
        let after = trainer.params().unwrap();
        let values = |params: &Params, name: &str| params[name].to_vec::<f32>().unwrap();
        assert_eq!(values(&after, "unused"), values(&before, "unused"));
        assert_ne!(values(&after, "w"), values(&before, "w"));
    }
}

#[test]
fn a_closure_without_parameters_only_computes() {
    for options in [alone(), dynamic()] {
        let mut trainer = Trainer::new(Sgd::default().lr(0.1), 0, |_, [x]| x.mean_all()).options(&options);
        let x = Tensor::from_vec(vec![1f32, 2.0, 6.0], &[3]).unwrap();
        assert_eq!(trainer.step([&x]).unwrap(), 3.0);
        assert_eq!(trainer.evaluate([&x]).unwrap(), 3.0);
        let (loss, gradients) = trainer.gradient([&x]).unwrap();
        assert_eq!((loss, gradients.len()), (3.0, 0));
        assert_eq!((trainer.params().unwrap().len(), trainer.steps()), (0, 1));
        let again = TrainerState::from_bytes(&bytes(trainer.state().unwrap())).unwrap();
        assert_eq!((again.step, again.tensors.len()), (1, 0));
    }
}

#[test]
fn a_loss_that_is_not_finite_changes_nothing() {
    for options in [alone(), dynamic()] {
        let net = Sequential::new().then(Linear::new(2));
        let mut trainer = Trainer::new(Adam::default().lr(0.1), 0, |m, [x]| {
            m.apply("layers", &net, x).mean_all()
        })
        .options(&options);
        let x = numbers(1, &[4, 3]);
        trainer.step([&x]).unwrap();
        let before = bytes(trainer.state().unwrap());
        for wrong in [f32::NAN, f32::INFINITY] {
            let mut values = x.to_vec::<f32>().unwrap();
            values[5] = wrong;
            let error = trainer.step([&Tensor::from_vec(values, &[4, 3]).unwrap()]).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotFinite);
            assert!(
                error.to_string().starts_with("step 2: the loss is not finite"),
                "{error}"
            );
            assert!(bytes(trainer.state().unwrap()) == before);
        }
        trainer.step([&x]).unwrap();
    }
}

#[test]
fn values_are_set_all_or_none() {
    for options in [alone(), dynamic()] {
        let mut trainer = late().options(&options);
        let x = numbers(1, &[2, 3]);
        trainer.step([&x]).unwrap();
        let before = bytes(trainer.state().unwrap());
        let mut wrong = set("late", numbers(7, &[2]));
        wrong.extend(set("w", numbers(7, &[2, 3])));
        let error = trainer.set_params(&wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert_eq!(error.to_string(), "w: expected f32 [3, 2], got f32 [2, 3]");
        let error = trainer.set_params(&set("lat", numbers(7, &[2]))).unwrap_err();
        assert_eq!(
            (error.kind(), error.hint_text()),
            (ErrorKind::Config, Some("did you mean `late`?"))
        );
        assert!(bytes(trainer.state().unwrap()) == before);
        trainer.set_params(&set("late", numbers(7, &[2]))).unwrap();
        let value = trainer.params().unwrap()["late"].to_vec::<f32>().unwrap();
        assert_eq!(value, numbers(7, &[2]).to_vec::<f32>().unwrap());
    }
}

#[test]
fn a_trainer_starts_from_given_values() {
    for options in [alone(), dynamic()] {
        let given = numbers(7, &[3, 2]);
        let mut trainer = late().options(&options).start_from(set("w", given.clone()));
        assert_eq!(trainer.params().unwrap().len(), 1);
        trainer.evaluate([&numbers(1, &[2, 3])]).unwrap();
        let params = trainer.params().unwrap();
        assert_eq!(params["w"].to_vec::<f32>().unwrap(), given.to_vec::<f32>().unwrap());
        assert_eq!(params.len(), 2);
        // The same before the first batch by `set_params`; of the last one the value counts.
        let mut other = late().options(&options).start_from(set("w", numbers(1, &[3, 2])));
        other.set_params(&set("w", given)).unwrap();
        other.evaluate([&numbers(1, &[2, 3])]).unwrap();
        assert!(bytes(other.state().unwrap()) == bytes(trainer.state().unwrap()));
    }
}

#[test]
fn wrong_values_to_start_from_are_found_by_every_batch() {
    for options in [alone(), dynamic()] {
        let x = numbers(1, &[2, 3]);
        let mut trainer = late().options(&options).start_from(set("w", numbers(7, &[2, 3])));
        // Not only by the first: nothing is prepared with other values.
        for _ in 0..2 {
            let error = trainer.step([&x]).unwrap_err();
            assert_eq!(
                (error.kind(), error.to_string()),
                (ErrorKind::Shape, "w: expected f32 [3, 2], got f32 [2, 3]".to_owned())
            );
        }
        let mut trainer = late().options(&options).start_from(set("zebra", numbers(7, &[3, 2])));
        for _ in 0..2 {
            let error = trainer.step([&x]).unwrap_err();
            assert_eq!(error.to_string(), "no parameter or buffer is called `zebra`");
            assert_eq!(error.hint_text(), Some("there are `w`, `late`"));
        }
    }
}

#[test]
fn a_state_of_another_network_is_refused() {
    let mut other = Trainer::new(Sgd::default().lr(0.1), 0, |m, [x]| (x * m.weight("v", &[3])).mean_all());
    let x = numbers(1, &[5, 3]);
    other.step([&x]).unwrap();
    let state = other.state().unwrap();
    let mut new = late();
    new.restore(&state).unwrap();
    let mut running = late();
    running.step([&x]).unwrap();
    let before = bytes(running.state().unwrap());
    for error in [new.step([&x]).unwrap_err(), running.restore(&state).unwrap_err()] {
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.to_string(), "no parameter or buffer is called `v`");
    }
    assert!(bytes(running.state().unwrap()) == before);
}

#[test]
fn parameters_whose_shape_depends_on_the_batch_are_refused() {
    for options in [alone(), dynamic()] {
        let mut trainer = Trainer::new(Sgd::default().lr(0.1), 0, |m, [x]| {
            (x * m.param("w", &[x.size(0)], Init::Ones)).mean_all()
        })
        .options(&options);
        trainer.step([&numbers(1, &[3])]).unwrap();
        let error = trainer.step([&numbers(1, &[4])]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        assert!(
            error.to_string().starts_with("w: an earlier batch asked for f32 [3]"),
            "{error}"
        );
        trainer.step([&numbers(1, &[3])]).unwrap();
    }
}

#[test]
fn settings_out_of_range_stay_an_error() {
    let mut trainer = Trainer::new(Sgd::default().lr(-1.0), 0, |m, [x]| {
        (x * m.weight("w", &[3])).mean_all()
    });
    for _ in 0..2 {
        let error = trainer.step([&numbers(1, &[3])]).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert!(error.to_string().contains("`learning_rate` to be above 0"), "{error}");
    }
}

#[test]
fn an_array_with_gaps_is_a_batch_like_any_other() {
    let x = numbers(1, &[3, 4]);
    let crossed = x.permute(&[1, 0]).unwrap();
    let run = |x: &Tensor, options: &RunOptions| {
        let mut trainer = Trainer::new(Sgd::default().lr(0.1), 0, |m, [x]| {
            let y = x.matmul(m.weight("w", &[3, 1]));
            (y * y).mean_all()
        })
        .options(options);
        trainer.step([x]).unwrap();
        bytes(trainer.state().unwrap())
    };
    for options in [alone(), dynamic()] {
        assert!(run(&crossed, &options) == run(&crossed.contiguous(), &options));
    }
}
