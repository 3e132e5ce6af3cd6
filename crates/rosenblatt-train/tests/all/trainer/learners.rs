//! Learners that are not a gradient step.

use rosenblatt_nn::Init;
use rosenblatt_nn::optimize::OptimizeExt as _;
use rosenblatt_nn::optimizers::Sgd;
use rosenblatt_tensor::{DType, Tensor};
use rosenblatt_testkit::assert_close;
use rosenblatt_train::{Params, RunOptions, Trainer};

use super::{doubles, numbers};
use crate::common::{alone, dynamic};

fn sgd() -> rosenblatt_nn::optimize::Optimize {
    Sgd::default().lr(1.0)
}

fn values(params: &Params, name: &str) -> Vec<f64> {
    params[name].to_f64()
}

/// Novikoff: with margin γ and rows of norm at most R, the perceptron makes at most (R/γ)² mistakes.
#[test]
fn perceptron_rule() {
    let truth = [0.6, -0.48, 0.64];
    let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
    let all = numbers(3, &[120, 3]).to_f64();
    let rows: Vec<&[f64]> = all.chunks_exact(3).filter(|x| dot(x, &truth).abs() > 0.1).collect();
    let norm = rows.iter().map(|x| dot(x, x)).fold(0.0, f64::max).sqrt();
    let margin = rows.iter().map(|x| dot(x, &truth).abs()).fold(f64::MAX, f64::min);
    let most = (norm / margin).powi(2);

    let run = |options: &RunOptions| {
        let mut trainer = Trainer::new(sgd(), 0, |m, [x, y]| {
            let w = m.param("w", &[3], Init::Zeros);
            let mistake = ((x * w).sum_all() * y).le(y.full_like(0.0)).cast(x.dtype());
            m.update("w", w + x * (y * mistake));
            mistake
        })
        .options(options);
        let (mut updates, mut epochs) = (0.0, 0);
        loop {
            let mut mistakes = 0.0;
            for x in &rows {
                let y = dot(x, &truth).signum();
                let batch = [
                    Tensor::from_vec(x.to_vec(), &[3]).unwrap(),
                    Tensor::scalar_of(DType::F64, y),
                ];
                mistakes += trainer.step(batch.each_ref()).unwrap();
            }
            (updates, epochs) = (updates + mistakes, epochs + 1);
            if mistakes == 0.0 {
                break;
            }
            assert!(epochs < 1000 && updates <= most, "{updates} updates, at most {most}");
        }
        assert!(updates > 1.0 && updates <= most);
        let w = values(&trainer.params().unwrap(), "w");
        assert!(rows.iter().all(|x| dot(x, &w) * dot(x, &truth) > 0.0));
        w
    };
    assert_eq!(run(&alone()), run(&dynamic()));
}

fn unit(size: usize) -> Tensor {
    let one = |i: usize| f32::from(u8::from(i.is_multiple_of(size + 1)));
    Tensor::from_vec((0..size * size).map(one).collect(), &[size, size]).unwrap()
}

/// Hopfield: patterns that Hebb's rule has stored are recalled from a part of them.
#[test]
fn hebbs_rule() {
    const SIZE: usize = 8;
    // Rows of a Hadamard matrix are orthogonal.
    let patterns: [[f32; SIZE]; 2] = [
        [1.0, 1.0, 1.0, 1.0, -1.0, -1.0, -1.0, -1.0],
        [1.0, -1.0, 1.0, -1.0, 1.0, -1.0, 1.0, -1.0],
    ];
    let mut trainer = Trainer::new(sgd(), 0, |m, [p]| {
        let w = m.param("w", &[SIZE, SIZE], Init::Zeros);
        let outer = p.reshape(&[SIZE, 1]).matmul(p.reshape(&[1, SIZE]));
        let diagonal = p.graph().constant(unit(SIZE));
        m.update("w", w + (outer - diagonal) / SIZE as f64);
        // The energy of the pattern before it is stored.
        -0.5 * (p.reshape(&[1, SIZE]).matmul(w) * p.reshape(&[1, SIZE])).sum_all()
    });
    // The second is orthogonal to the first: only the empty diagonal, -1/8 eight times, adds to its energy.
    for (pattern, energy) in patterns.iter().zip([0.0, 0.5]) {
        let pattern = Tensor::from_vec(pattern.to_vec(), &[SIZE]).unwrap();
        assert_eq!(trainer.step([&pattern]).unwrap(), energy);
    }
    let w = values(&trainer.params().unwrap(), "w");
    for i in 0..SIZE {
        for j in 0..SIZE {
            let sum: f32 = patterns.iter().map(|p| p[i] * p[j]).sum();
            let by_hand = if i == j { 0.0 } else { f64::from(sum) / SIZE as f64 };
            assert_eq!(w[i * SIZE + j], by_hand);
        }
    }
    for pattern in patterns {
        for wrong in 0..SIZE {
            let mut state = pattern.map(f64::from);
            state[wrong] = -state[wrong];
            let field = |i: usize| (0..SIZE).map(|j| w[i * SIZE + j] * state[j]).sum::<f64>();
            let recalled: Vec<f64> = (0..SIZE).map(|i| field(i).signum()).collect();
            assert_eq!(recalled, pattern.map(f64::from));
        }
    }
}

/// A restricted Boltzmann machine of 6 visible and 3 hidden units, learned by CD-1 at rate 1/2: the loss is the
/// reconstruction error, and the buffer `h` shows which hidden states were drawn.
macro_rules! boltzmann {
    ($options:expr) => {
        Trainer::new(sgd(), 8, |m, [v]| {
            let rows = v.size(0);
            let w = m.weight("w", &[6, 3]);
            let (b, c) = (m.param("b", &[6], Init::Zeros), m.param("c", &[3], Init::Zeros));
            m.buffer("h", &[rows, 3], 0.0);
            let p = (v.matmul(w) + c).sigmoid();
            let h = m.uniform("h", &[rows, 3]).lt(p).cast(v.dtype());
            let v1 = (h.matmul(w.matrix_transpose()) + b).sigmoid();
            let p1 = (v1.matmul(w) + c).sigmoid();
            let rate = 0.5 / rows as f64;
            m.update("h", h);
            m.update(
                "w",
                w + (v.matrix_transpose().matmul(p) - v1.matrix_transpose().matmul(p1)) * rate,
            );
            m.update("b", b + (v - v1).sum(&[0], false) * rate);
            m.update("c", c + (p - p1).sum(&[0], false) * rate);
            ((v - v1) * (v - v1)).mean_all()
        })
        .options($options)
    };
}

/// Two patterns, half of the rows each.
fn visible(rows: usize) -> Tensor {
    let value = |i: usize| f64::from(u8::from((i % 6 < 3) == (i / 6).is_multiple_of(2)));
    Tensor::from_vec((0..rows * 6).map(value).collect(), &[rows, 6]).unwrap()
}

#[test]
fn one_step_of_contrastive_divergence_by_hand() {
    const ROWS: usize = 4;
    let v = visible(ROWS);
    let mut trainer = boltzmann!(&alone());
    trainer.evaluate([&v]).unwrap();
    let before = trainer.params().unwrap();
    trainer.step([&v]).unwrap();
    let after = trainer.params().unwrap();
    let (w, h, v) = (values(&before, "w"), values(&after, "h"), v.to_f64());
    assert!(h.contains(&0.0) && h.contains(&1.0) && h.iter().all(|h| [0.0, 1.0].contains(h)));
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    let hidden = |v: &[f64], r: usize, j: usize| sigmoid((0..6).map(|i| v[r * 6 + i] * w[i * 3 + j]).sum());
    let again = |r: usize, i: usize| sigmoid((0..3).map(|j| h[r * 3 + j] * w[i * 3 + j]).sum());
    let v1: Vec<f64> = (0..ROWS * 6).map(|at| again(at / 6, at % 6)).collect();
    for i in 0..6 {
        let change = (0..ROWS).map(|r| v[r * 6 + i] - v1[r * 6 + i]).sum::<f64>();
        assert_close(values(&after, "b")[i], 0.5 * change / ROWS as f64, 1e-14);
        for j in 0..3 {
            let positive = (0..ROWS).map(|r| v[r * 6 + i] * hidden(&v, r, j)).sum::<f64>();
            let negative = (0..ROWS).map(|r| v1[r * 6 + i] * hidden(&v1, r, j)).sum::<f64>();
            let expected = w[i * 3 + j] + 0.5 * (positive - negative) / ROWS as f64;
            assert_close(values(&after, "w")[i * 3 + j], expected, 1e-14);
        }
    }
    for j in 0..3 {
        let change = (0..ROWS).map(|r| hidden(&v, r, j) - hidden(&v1, r, j)).sum::<f64>();
        assert_close(values(&after, "c")[j], 0.5 * change / ROWS as f64, 1e-14);
    }
}

#[test]
fn contrastive_divergence_learns_to_reconstruct() {
    let v = visible(20);
    let errors = |options: &RunOptions| {
        let mut trainer = boltzmann!(options);
        (0..300).map(|_| trainer.step([&v]).unwrap()).collect::<Vec<f64>>()
    };
    let curve = errors(&alone());
    let mean = |part: &[f64]| part.iter().sum::<f64>() / part.len() as f64;
    let (first, last) = (mean(&curve[..20]), mean(&curve[280..]));
    assert!(first > 0.15 && last < 0.02, "{first} {last}");
    assert_eq!(errors(&dynamic()), curve);
}

/// A plan that only reads weights keeps them in panels; one that sets them afterwards must write panels.
#[test]
fn it_does_not_matter_what_was_computed_before_the_first_step() {
    let start = Params::from([
        ("w".to_owned(), doubles(5, &[70, 3])),
        ("u".to_owned(), doubles(6, &[3, 70])),
    ]);
    let run = |options: &RunOptions, look_first: bool| {
        let mut trainer = Trainer::new(sgd(), 8, |m, [v]| {
            let (w, u) = (m.param("w", &[70, 3], Init::Zeros), m.param("u", &[3, 70], Init::Zeros));
            let h = v.matmul(w.matrix_transpose()).tanh();
            let y = h.matmul(u.matrix_transpose());
            let outer = (v.matrix_transpose().matmul(y)).sum(&[0], true);
            m.update("w", w * 0.5 + outer + h.matrix_transpose().matmul(y) * 0.01);
            m.update("u", u.matmul(w).matmul(u));
            (y * y).mean_all()
        })
        .options(options)
        .start_from(start.clone());
        let v = doubles(7, &[4, 3]);
        if look_first {
            trainer.evaluate([&v]).unwrap();
            trainer.gradient([&v]).unwrap();
        }
        (0..3).for_each(|_| assert!(trainer.step([&v]).is_ok()));
        trainer.evaluate([&v]).unwrap();
        trainer.state().unwrap().to_bytes().unwrap()
    };
    let expected = run(&dynamic(), false);
    for (options, look_first) in [(dynamic(), true), (alone(), false), (alone(), true)] {
        assert!(run(&options, look_first) == expected, "{options:?}, {look_first}");
    }
}

/// BFGS with a backtracking line search, on `gradient` and `set_params` alone.
#[test]
fn a_driver_with_its_own_line_search_finds_the_minimum() {
    let start = Params::from([("x".to_owned(), Tensor::from_vec(vec![-1.2, 1.0], &[2]).unwrap())]);
    let mut trainer = Trainer::new(sgd(), 0, |m, [ab]| {
        let x = m.param("x", &[2], Init::Zeros);
        let (first, second) = (ab.at(0) - x.at(0), x.at(1) - x.at(0) * x.at(0));
        first * first + ab.at(1) * second * second
    })
    .start_from(start);
    // Rosenbrock's function, whose minimum is 0 at (1, 1).
    let ab = Tensor::from_vec(vec![1.0, 100.0], &[2]).unwrap();
    let mut at = |x: [f64; 2]| {
        let params = Params::from([("x".to_owned(), Tensor::from_vec(x.to_vec(), &[2]).unwrap())]);
        trainer.set_params(&params).unwrap();
        let (loss, gradient) = trainer.gradient([&ab]).unwrap();
        (loss, <[f64; 2]>::try_from(gradient["x"].to_f64()).unwrap())
    };
    let dot = |a: [f64; 2], b: [f64; 2]| a[0] * b[0] + a[1] * b[1];
    let times = |h: [[f64; 2]; 2], a: [f64; 2]| [dot(h[0], a), dot(h[1], a)];
    let mut x = [-1.2, 1.0];
    let (mut loss, mut g) = at(x);
    assert_close(loss, 24.2, 1e-12);
    let mut inverse = [[1.0, 0.0], [0.0, 1.0]];
    let mut steps = 0;
    while dot(g, g).sqrt() > 1e-8 {
        let d = times(inverse, g).map(|d| -d);
        let (mut size, mut new) = (1.0, at([x[0] + d[0], x[1] + d[1]]));
        while new.0 > loss + 1e-4 * size * dot(g, d) {
            size /= 2.0;
            new = at([x[0] + size * d[0], x[1] + size * d[1]]);
        }
        let (s, y) = (d.map(|d| size * d), [new.1[0] - g[0], new.1[1] - g[1]]);
        (x, loss, g) = ([x[0] + s[0], x[1] + s[1]], new.0, new.1);
        let sy = dot(s, y);
        if sy > 0.0 {
            let hy = times(inverse, y);
            let scale = (sy + dot(y, hy)) / (sy * sy);
            for i in 0..2 {
                for j in 0..2 {
                    inverse[i][j] += scale * s[i] * s[j] - (hy[i] * s[j] + s[i] * hy[j]) / sy;
                }
            }
        }
        steps += 1;
        assert!(steps < 100, "{x:?} {loss}");
    }
    assert!(x.iter().all(|x| (x - 1.0).abs() < 1e-6) && loss < 1e-14, "{x:?} {loss}");
}
