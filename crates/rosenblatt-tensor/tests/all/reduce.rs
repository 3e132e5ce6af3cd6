//! Each function against a plain twin written from the rule's text, by bits.

use rosenblatt_tensor::kernels::reduce::{
    LaneSum, argmax, log_softmax_row, logsumexp_row, max, softmax_row, sum, sum_lanes, sum_map,
};
use rosenblatt_tensor::math::Float;

/// Repeatable numbers in [−1, 1), of full precision.
fn numbers<T: Float>(len: usize, seed: u64) -> Vec<T> {
    let mut state = seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
    let mut next = || {
        state = state
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (state >> 11) as f64 / (1_u64 << 52) as f64 - 1.0
    };
    (0..len).map(|_| T::from_f64(next())).collect()
}

/// Lengths around lanes and blocks, and some between.
fn lengths() -> impl Iterator<Item = usize> {
    let around = [0, 16, 32, 1024, 1040, 2048, 4096]
        .into_iter()
        .flat_map(|n: usize| n.saturating_sub(2)..n + 3);
    around.chain((0..40).map(|i| i * i * 3 + i))
}

/// The sum rule, word by word.
fn sum_by_the_rule<T: Float>(x: &[T]) -> f64 {
    let mut total = 0.0;
    for block in x.chunks(1024) {
        let mut lanes = vec![0.0; 16];
        for (i, x) in block.iter().enumerate() {
            lanes[i % 16] += x.to_f64();
        }
        while lanes.len() > 1 {
            let upper = lanes.split_off(lanes.len() / 2);
            lanes = lanes.iter().zip(upper).map(|(low, high)| low + high).collect();
        }
        total += lanes[0];
    }
    total
}

fn max_by_the_rule<T: Float>(x: &[T]) -> T {
    x.iter()
        .fold(T::NEG_INFINITY, |m, &x| if m.is_nan() || x <= m { m } else { x })
        + T::ZERO
}

fn bits<T: Float>(x: &[T]) -> Vec<u64> {
    x.iter().map(|x| x.to_f64().to_bits()).collect()
}

fn check_sums<T: Float>() {
    for len in lengths() {
        let x = numbers::<T>(len, len as u64);
        let expected = sum_by_the_rule(&x);
        assert_eq!(sum_lanes(&x).to_bits(), expected.to_bits(), "{len} numbers");
        assert_eq!(sum(&x).to_f64(), T::from_f64(expected).to_f64(), "{len} numbers");
        let squares: Vec<f64> = x.iter().map(|x| x.to_f64() * x.to_f64()).collect();
        let sum_of_squares = sum_map(&x, |x| x.to_f64() * x.to_f64());
        assert_eq!(
            sum_of_squares.to_bits(),
            sum_by_the_rule(&squares).to_bits(),
            "{len} squares"
        );
    }
}

#[test]
fn sums_follow_the_rule() {
    check_sums::<f32>();
    check_sums::<f64>();
}

#[test]
fn the_order_shows_in_the_bits() {
    let x = numbers::<f64>(5000, 1);
    assert_ne!(
        sum_lanes(&x).to_bits(),
        x.iter().fold(0.0, |a, b| a + b).to_bits(),
        "else these tests prove nothing"
    );
}

#[test]
fn pieces_of_any_length_give_the_same_bits() {
    for seed in 0..200 {
        let lengths = numbers::<f64>(40, seed);
        let x = numbers::<f32>((seed as usize * 97) % 5000, seed);
        let mut sum = LaneSum::new();
        let mut rest = &x[..];
        for length in lengths
            .iter()
            .cycle()
            .map(|l| ((l + 1.0) * [0.6, 12.0, 700.0][seed as usize % 3]) as usize)
        {
            let (piece, left) = rest.split_at(length.min(rest.len()));
            sum.push(piece);
            rest = left;
            if rest.is_empty() {
                break;
            }
        }
        assert_eq!(sum.finish().to_bits(), sum_by_the_rule(&x).to_bits(), "seed {seed}");
    }
}

/// The numbers are whole multiples of 2⁻²⁴, so integers give the true sum.
#[test]
fn ten_million_f32_to_a_ten_millionth() {
    let whole: Vec<u32> = (0..10_000_000_u32)
        .map(|i| i.wrapping_mul(2_654_435_761) >> 8)
        .collect();
    let x: Vec<f32> = whole.iter().map(|&n| n as f32 / 16_777_216.0).collect();
    let truth = whole.iter().map(|&n| u64::from(n)).sum::<u64>() as f64 / 16_777_216.0;
    assert!((f64::from(sum(&x)) / truth - 1.0).abs() <= 1e-7);
}

#[test]
fn sum_of_zeros_and_of_what_is_not_finite() {
    assert_eq!(sum::<f32>(&[]).to_bits(), 0);
    assert_eq!(sum(&[-0.0_f64; 20]).to_bits(), 0);
    assert_eq!(sum(&[1.0, f32::INFINITY]), f32::INFINITY);
    assert!(sum(&[f32::NEG_INFINITY, f32::INFINITY]).is_nan());
    assert_eq!(sum(&[f32::MAX; 3]), f32::INFINITY);
    assert_eq!(sum(&[f32::MAX, f32::MAX, -f32::MAX]), f32::MAX, "f64 in between");
}

#[test]
fn largest_and_its_place() {
    for len in lengths().filter(|&len| len > 0) {
        let mut x = numbers::<f32>(len, 7 + len as u64);
        assert_eq!(max(&x).to_bits(), max_by_the_rule(&x).to_bits());
        assert_eq!(argmax(&x), x.iter().position(|&v| v == max(&x)));
        let place = len * 2 / 3;
        for (value, expected) in [(2.0, 2.0), (f32::INFINITY, f32::INFINITY), (f32::NAN, f32::NAN)] {
            x[place..].fill(value);
            assert_eq!(max(&x).to_bits(), expected.to_bits(), "{len} numbers");
            assert_eq!(argmax(&x), Some(place), "first of equals, {len} numbers");
        }
    }
    assert_eq!((max::<f64>(&[]), argmax::<f64>(&[])), (f64::NEG_INFINITY, None));
    assert_eq!(argmax(&[f64::NEG_INFINITY; 3]), Some(0));
    assert_eq!(argmax(&[1.0, f64::NAN, f64::INFINITY, f64::NAN]), Some(1));
    assert_eq!(
        (max(&[-0.0_f64, -1.0]).to_bits(), argmax(&[-1.0_f64, -0.0, 0.0])),
        (0_f64.to_bits(), Some(1))
    );
}

fn check_softmax<T: Float>(scale: f64) {
    for len in lengths() {
        let x: Vec<T> = numbers::<T>(len, 3)
            .into_iter()
            .map(|x| x * T::from_f64(scale))
            .collect();
        let largest = max_by_the_rule(&x);
        let counts = |x: T| x.is_nan() || x >= T::TINY_LN;
        let power = |x: T| if counts(x) { x.exp() } else { T::ZERO };
        let powers: Vec<T> = x.iter().map(|&x| power(x - largest)).collect();
        let total = sum_by_the_rule(&powers);
        let (mut y, mut log) = (vec![T::NAN; len], vec![T::NAN; len]);
        softmax_row(&x, &mut y);
        log_softmax_row(&x, &mut log);
        let expected: Vec<T> = powers.iter().map(|&p| p / T::from_f64(total)).collect();
        assert_eq!(bits(&y), bits(&expected), "softmax of {len}");
        let expected: Vec<T> = x
            .iter()
            .map(|&x| (x - largest) - T::from_f64(Float::ln(total)))
            .collect();
        assert_eq!(bits(&log), bits(&expected), "log_softmax of {len}");
        if len > 0 {
            let expected = T::from_f64(largest.to_f64() + Float::ln(total));
            assert_eq!(bits(&[logsumexp_row(&x)]), bits(&[expected]), "logsumexp of {len}");
        }
    }
}

#[test]
fn softmax_follows_the_rule() {
    for scale in [1.0, 30.0, 1e4] {
        check_softmax::<f32>(scale);
        check_softmax::<f64>(scale);
    }
}

/// `−log softmax` at logits of 10⁴, in units in the last place, against f64.
#[test]
fn cross_entropy_of_huge_logits_is_accurate() {
    for seed in 0..500 {
        let spread = [1.0, 30.0, 1e4][seed as usize % 3];
        let x: Vec<f32> = numbers::<f32>(10, seed).into_iter().map(|x| x * spread + 1e4).collect();
        let wide: Vec<f64> = x.iter().map(|&x| f64::from(x)).collect();
        let largest = wide.iter().fold(f64::MIN, |m, &x| m.max(x));
        let truth = largest - wide[0] + libm::log(wide.iter().map(|x| libm::exp(x - largest)).sum());
        let mut y = [0.0; 10];
        log_softmax_row(&x, &mut y);
        let error = rosenblatt_testkit::ulp_error(-y[0], truth);
        assert!(error <= 2.0, "seed {seed}: {} against {truth}", -y[0]);
    }
}

#[test]
fn softmax_of_special_rows() {
    const INF: f32 = f32::INFINITY;
    for row in [[-INF, -INF], [INF, 0.0], [INF, -INF], [f32::NAN, 1.0], [1.0, f32::NAN]] {
        let mut y = [0.0; 2];
        softmax_row(&row, &mut y);
        assert!(y.iter().all(|y| y.is_nan()), "softmax of {row:?}");
        log_softmax_row(&row, &mut y);
        assert!(y.iter().all(|y| y.is_nan()), "log_softmax of {row:?}");
    }
    let (mut y, mut log) = ([0.0; 2], [0.0; 2]);
    softmax_row(&[-INF, 3.0], &mut y);
    log_softmax_row(&[-INF, 3.0], &mut log);
    assert_eq!((y, log), ([0.0, 1.0], [-INF, 0.0]));
    assert_eq!(
        [&[][..], &[-INF; 2], &[INF, -INF]].map(logsumexp_row),
        [-INF, -INF, INF]
    );
    assert!(logsumexp_row(&[f32::NAN, INF]).is_nan());
}
