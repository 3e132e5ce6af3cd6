//! Sessions of one model: the bits of the batch from every thread, weights in memory once, no allocation. A binary of its
//! own, since it counts allocations.
#![cfg(test)]

mod common;

use std::thread;

use common::{Job, alone};
use rosenblatt_nn::activations::RELU;
use rosenblatt_nn::layers::{Functional, Linear, Sequential, Softmax};
use rosenblatt_nn::losses::{CrossEntropy, Mse};
use rosenblatt_nn::metrics::{Accuracy, Rmse};
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_testkit::{CountingAllocator, count};
use rosenblatt_train::{Compile as _, Fit, Model, Prediction, Predictor};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const ROWS: usize = 40;

fn rows(width: usize) -> Tensor {
    let mut values = vec![0f32; ROWS * width];
    Rng::new(5).fill_normal(0, &mut values);
    Tensor::from_vec(values, &[ROWS, width]).unwrap()
}

fn fitted(x: &Tensor) -> Model {
    let y = Tensor::from_vec((0..ROWS as i64).map(|row| row % 10).collect(), &[ROWS]).unwrap();
    let network = Sequential::new()
        .then(Linear::new(256))
        .then(RELU)
        .then(Linear::new(10))
        .then(Softmax {});
    let mut model = network
        .compile(CrossEntropy::default(), Sgd::default(), [Accuracy {}])
        .unwrap();
    model.fit((x, &y), &Fit::default()).unwrap();
    model
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|value| value.to_bits()).collect()
}

#[test]
fn eight_threads_give_the_bits_of_the_batch() {
    let x = rows(784);
    let model = fitted(&x);
    let batch = model.predict(&x).unwrap().to_vec::<f32>().unwrap();
    let values = x.to_vec::<f32>().unwrap();
    let served = |first: usize| {
        let (mut session, mut out) = (model.session().unwrap(), [0f32; 10]);
        for row in (0..ROWS).cycle().skip(first).take(2 * ROWS) {
            session
                .predict_into(&values[784 * row..784 * (row + 1)], &mut out)
                .unwrap();
            assert_eq!(bits(&out), bits(&batch[10 * row..10 * (row + 1)]), "row {row}");
        }
        let row = first * 3;
        let alone = model.predict(&x.slice(0, row, row + 1).unwrap()).unwrap();
        assert_eq!(
            bits(&alone.to_vec::<f32>().unwrap()),
            bits(&batch[10 * row..10 * (row + 1)])
        );
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|first| scope.spawn(move || served(first))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap());
    });
    println!("cases: rows served by eight threads {}", 8 * 2 * ROWS);
}

#[test]
fn a_further_session_costs_a_twentieth_of_the_weights_and_calls_allocate_nothing() {
    let x = rows(784);
    let model = fitted(&x);
    let first = model.session().unwrap();
    let (mut session, before) = (model.session().unwrap(), first.shared_bytes());
    assert_eq!(session.shared_bytes(), before, "one copy of the weights");
    assert!(session.shared_bytes() >= 4 * (784 * 256 + 256 * 10));
    assert!(
        session.bytes() * 20 <= session.shared_bytes(),
        "{} of {}",
        session.bytes(),
        session.shared_bytes()
    );
    let (row, mut out) = (x.slice(0, 7, 8).unwrap().to_vec::<f32>().unwrap(), [0f32; 10]);
    session.predict_into(&row, &mut out).unwrap();
    let (done, allocations) = count(|| (0..50).try_for_each(|_| session.predict_into(&row, &mut out)));
    done.unwrap();
    assert_eq!(allocations.this_thread, 0);
    println!("cases: rows without an allocation 50");
}

#[test]
fn a_model_of_a_table_serves_what_its_predictor_says() {
    let job = Job::with_everything();
    let model = job.train(&alone()).unwrap().model;
    let predicted = Predictor::new(&model, &alone())
        .unwrap()
        .predict(&job.data.train)
        .unwrap();
    let Prediction::Classes {
        names, probabilities, ..
    } = predicted
    else {
        panic!("expected classes")
    };
    let features = job.data.train.features().to_vec::<f32>().unwrap();
    let width = features.len() / job.data.train.len();
    let (mut session, mut out) = (model.session().unwrap(), vec![0f32; names.len()]);
    for (row, expected) in features.chunks(width).zip(probabilities.chunks(names.len())) {
        session.predict_into(row, &mut out).unwrap();
        assert_eq!(bits(&out), bits(expected));
    }
}

#[test]
fn rows_and_outputs_of_another_size_are_refused() {
    let model = fitted(&rows(784));
    let mut session = model.session().unwrap();
    let mut out = [0f32; 10];
    for error in [
        session.predict_into(&[0f32; 783], &mut out).unwrap_err(),
        session.predict_into(&[0f64; 784], &mut out).unwrap_err(),
        session.predict_into(&[0f32; 784], &mut [0f32; 9]).unwrap_err(),
        session.predict_into(&[0f32; 784], &mut [0f64; 10]).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
    }
    let two = Functional::with_outputs(|[x]| [x.then(Linear::new(1)), x.then(Linear::new(2))]);
    let mut two = two
        .compile_outputs([(Mse {}.into(), 1.0), (Mse {}.into(), 0.5)], Sgd::default(), [Rmse {}])
        .unwrap();
    assert_eq!(two.session().err().unwrap().kind(), ErrorKind::Config, "not fitted yet");
    let (a, b) = (rows(1), rows(2));
    two.fit((&rows(3), [&a, &b]), &Fit::default()).unwrap();
    assert!(
        two.session()
            .err()
            .unwrap()
            .hint_text()
            .unwrap()
            .contains("predict_all")
    );
}
