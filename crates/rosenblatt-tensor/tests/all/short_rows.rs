//! Softmax and largest numbers of many short rows, against one row at a time, by bits.

use rosenblatt_tensor::kernels::reduce::{
    LANES, argmax, count_hits_short_rows, for_each_short_row, largest_and_sum_of_powers, softmax_row,
    softmax_short_rows,
};
use rosenblatt_tensor::math::Float;
use rosenblatt_tensor::rng::Rng;

/// Rows with outputs a network may have, and others.
fn rows(count: usize, n: usize, seed: u64) -> Vec<f32> {
    let mut stream = Rng::new(seed).stream();
    let odd = [f32::NAN, f32::INFINITY, f32::NEG_INFINITY, 0.0, -0.0, 1e30, -1e30];
    let mut next = || match stream.below(40) {
        i @ 0..7 => odd[i as usize],
        _ => (8.0 * stream.normal()) as f32,
    };
    (0..count * n).map(|_| next()).collect()
}

fn same(a: f32, b: f32) -> bool {
    a.to_bits() == b.to_bits() || (a.is_nan() && b.is_nan())
}

#[test]
fn rows_side_by_side_have_the_bits_of_rows_alone() {
    for n in 1..=LANES {
        for count in [0, 1, 2, 15, 16, 17, 33, 100] {
            let x = rows(count, n, (n * 1000 + count) as u64);
            let (mut together, mut alone) = (vec![0.0; x.len()], vec![0.0; x.len()]);
            softmax_short_rows(&x, n, &mut together);
            for (x, y) in x.chunks(n).zip(alone.chunks_mut(n)) {
                softmax_row(x, y);
            }
            assert!(
                together.iter().zip(&alone).all(|(&a, &b)| same(a, b)),
                "{count} rows of {n}"
            );
            let places = x.chunks(n).map(|row| argmax(row).unwrap() as i64);
            let target: Vec<i64> = places
                .enumerate()
                .map(|(i, place)| place + (i % 3 == 2) as i64)
                .collect();
            assert_eq!(
                count_hits_short_rows(&x, n, &target),
                count - count / 3,
                "{count} rows of {n}"
            );
            let mut seen = 0;
            for_each_short_row(&x, n, |row, largest, sum| {
                let (want, total) = largest_and_sum_of_powers(&x[row * n..][..n]);
                let total = Float::ln(total);
                assert!(same(largest, want) && (sum.to_bits() == total.to_bits() || sum.is_nan() && total.is_nan()));
                seen += 1;
            });
            assert_eq!(seen, count);
        }
    }
}

#[test]
fn rows_of_nothing_are_fine() {
    softmax_short_rows::<f32>(&[], 0, &mut []);
    for_each_short_row::<f32>(&[], 0, |_, _, _| unreachable!("there is no row"));
}
