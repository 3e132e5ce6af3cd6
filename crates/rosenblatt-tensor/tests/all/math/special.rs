//! Zeros, infinities, NaN and the edges of the range, pinned one by one and for both types.

use rosenblatt_tensor::math::Float;

/// The same number: zeros differ by sign, NaN equals NaN.
fn same<T: Float>(a: T, b: T) -> bool {
    let (a, b) = (a.to_f64(), b.to_f64());
    (a.is_nan() && b.is_nan()) || a.to_bits() == b.to_bits()
}

const INF: f64 = f64::INFINITY;
const NAN: f64 = f64::NAN;

/// Name, function, arguments with their values.
type Row<T> = (&'static str, fn(T) -> T, &'static [(f64, f64)]);

fn table<T: Float>() -> [Row<T>; 12] {
    [
        (
            "exp",
            T::exp,
            &[
                (0.0, 1.0),
                (-0.0, 1.0),
                (INF, INF),
                (-INF, 0.0),
                (1e30, INF),
                (-1e30, 0.0),
                (1e-40, 1.0),
            ],
        ),
        (
            "ln",
            T::ln,
            &[
                (1.0, 0.0),
                (0.0, -INF),
                (-0.0, -INF),
                (INF, INF),
                (-1.0, NAN),
                (-1e-40, NAN),
                (-INF, NAN),
            ],
        ),
        (
            "ln_1p",
            T::ln_1p,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (-1.0, -INF),
                (INF, INF),
                (-1.5, NAN),
                (-INF, NAN),
            ],
        ),
        (
            "tanh",
            T::tanh,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (INF, 1.0),
                (-INF, -1.0),
                (1e30, 1.0),
                (-50.0, -1.0),
            ],
        ),
        (
            "sigmoid",
            T::sigmoid,
            &[
                (0.0, 0.5),
                (-0.0, 0.5),
                (INF, 1.0),
                (-INF, 0.0),
                (1e30, 1.0),
                (-1e30, 0.0),
            ],
        ),
        (
            "erf",
            T::erf,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (INF, 1.0),
                (-INF, -1.0),
                (1e30, 1.0),
                (-30.0, -1.0),
            ],
        ),
        (
            "erfc",
            T::erfc,
            &[
                (0.0, 1.0),
                (-0.0, 1.0),
                (INF, 0.0),
                (-INF, 2.0),
                (1e30, 0.0),
                (-1e30, 2.0),
            ],
        ),
        (
            "sin",
            T::sin,
            &[
                (0.0, 0.0),
                (-0.0, -0.0),
                (INF, NAN),
                (-INF, NAN),
                (1e30, 0.0),
                (-1e30, -0.0),
            ],
        ),
        (
            "cos",
            T::cos,
            &[(0.0, 1.0), (-0.0, 1.0), (INF, NAN), (-INF, NAN), (1e30, 1.0)],
        ),
        ("sqrt", T::sqrt, &[(4.0, 2.0), (-0.0, -0.0), (INF, INF), (-1.0, NAN)]),
        ("abs", T::abs, &[(-0.0, 0.0), (-INF, INF), (-2.0, 2.0)]),
        (
            "flush",
            T::flush,
            &[(0.0, 0.0), (-0.0, 0.0), (INF, INF), (-INF, -INF), (-1e-20, -1e-20)],
        ),
    ]
}

fn check_table<T: Float>() {
    for (name, f, pairs) in table::<T>() {
        for &(x, y) in pairs.iter().chain(&[(NAN, NAN)]) {
            let got = f(T::from_f64(x));
            assert!(same(got, T::from_f64(y)), "{name}({x:?}) = {got}, expected {y:?}");
        }
    }
}

#[test]
fn special_values_f32() {
    check_table::<f32>();
}

#[test]
fn special_values_f64() {
    check_table::<f64>();
}

/// Base, exponent, value: the list of IEEE 754, 9.2.1.
const POWERS: [(f64, f64, f64); 36] = [
    (0.0, 0.0, 1.0),
    (NAN, 0.0, 1.0),
    (NAN, -0.0, 1.0),
    (-INF, 0.0, 1.0),
    (1.0, NAN, 1.0),
    (1.0, INF, 1.0),
    (-1.0, INF, 1.0),
    (-1.0, -INF, 1.0),
    (-1.0, NAN, NAN),
    (NAN, 1.0, NAN),
    (2.0, NAN, NAN),
    (0.0, NAN, NAN),
    (0.0, -1.0, INF),
    (-0.0, -1.0, -INF),
    (-0.0, -2.0, INF),
    (-0.0, -0.5, INF),
    (0.0, -INF, INF),
    (0.0, 3.0, 0.0),
    (-0.0, 3.0, -0.0),
    (-0.0, 2.0, 0.0),
    (-0.0, 0.5, 0.0),
    (0.5, INF, 0.0),
    (0.5, -INF, INF),
    (-2.0, INF, INF),
    (2.0, -INF, 0.0),
    (INF, 0.5, INF),
    (INF, -0.5, 0.0),
    (-INF, 3.0, -INF),
    (-INF, 2.0, INF),
    (-INF, 0.5, INF),
    (-INF, -3.0, -0.0),
    (-INF, -2.0, 0.0),
    (-8.0, 1.0 / 3.0, NAN),
    (-2.0, 3.0, -8.0),
    (-2.0, 1e300, INF),
    (10.0, -1e300, 0.0),
];

fn check_powers<T: Float>() {
    for (x, y, expected) in POWERS {
        let got = T::from_f64(x).pow(T::from_f64(y));
        assert!(
            same(got, T::from_f64(expected)),
            "{x:?} to the {y:?} = {got}, expected {expected:?}"
        );
    }
}

#[test]
fn special_powers_f32() {
    check_powers::<f32>();
}

#[test]
fn special_powers_f64() {
    check_powers::<f64>();
}

/// The last finite and the last non-zero result, and their neighbors.
#[test]
fn exp_ends_where_the_type_does() {
    let (top, bottom) = (
        f64::MAX.ln().next_down(),
        (f64::from_bits(1).ln() - std::f64::consts::LN_2).next_up(),
    );
    assert!(Float::is_finite(Float::exp(top)) && Float::exp(top) > 0.999 * f64::MAX);
    assert_eq!(Float::exp(top + 1e-9), f64::INFINITY);
    assert_eq!(Float::exp(bottom), f64::from_bits(1));
    assert_eq!(Float::exp(bottom - 1e-9), 0.0);

    let (top, bottom) = (
        f32::MAX.ln().next_down(),
        (f64::from(f32::from_bits(1)).ln() - std::f64::consts::LN_2) as f32,
    );
    assert!(Float::is_finite(Float::exp(top)) && Float::exp(top) > 0.999 * f32::MAX);
    assert_eq!(Float::exp(top + 1e-4), f32::INFINITY);
    assert_eq!(Float::exp(bottom + 1e-5), f32::from_bits(1));
    assert_eq!(Float::exp(bottom - 1e-4), 0.0);
}

fn check_smallest_and_largest<T: Float>(tiny: T) {
    for f in [T::tanh, T::sin, T::ln_1p] {
        assert!(same(f(tiny), tiny) && same(f(-tiny), -tiny), "the identity near 0");
    }
    assert!(same(tiny.sigmoid(), T::from_f64(0.5)) && same(tiny.erfc(), T::ONE) && same(tiny.cos(), T::ONE));
    assert!(same(T::MAX.ln_1p(), T::MAX.ln()) && T::MAX.ln().is_finite());
    assert!(same(tiny.pow(T::ONE), tiny) && same(tiny.pow(T::from_f64(-2.0)), T::INFINITY));
}

#[test]
fn smallest_and_largest_numbers() {
    check_smallest_and_largest(f32::from_bits(1));
    check_smallest_and_largest(f64::from_bits(1));
}

#[test]
fn tiny_is_a_power_of_two_and_its_root_and_logarithm_belong_to_it() {
    assert_eq!((f64::from(f32::TINY), f64::TINY), (2_f64.powi(-100), 2_f64.powi(-900)));
    assert_eq!(
        (f32::TINY_ROOT * f32::TINY_ROOT, f64::TINY_ROOT * f64::TINY_ROOT),
        (f32::TINY, f64::TINY)
    );
    let ln_2 = std::f64::consts::LN_2;
    assert_eq!((f32::TINY_LN, f64::TINY_LN), ((-100.0 * ln_2) as f32, -900.0 * ln_2));
}

#[test]
fn a_square_that_is_tiny_is_zero() {
    let below = |x: f32| f32::from_bits(x.to_bits() - 1);
    for x in [f32::TINY_ROOT, 3.0, 1e30, f32::INFINITY] {
        assert_eq!((x.flushed_square(), (-x).flushed_square()), (x * x, x * x));
    }
    for x in [
        below(f32::TINY_ROOT),
        f32::TINY,
        f32::MIN_POSITIVE,
        below(f32::MIN_POSITIVE),
        0.0,
    ] {
        assert_eq!(x.flushed_square().to_bits(), 0);
        assert_eq!((-x).flushed_square().to_bits(), 0);
    }
    assert!(f32::NAN.flushed_square().is_nan());
}

#[test]
fn flush_keeps_what_is_not_tiny() {
    let limit = f64::from_bits((1023 - 900) << 52);
    let below = f64::from_bits(limit.to_bits() - 1);
    assert_eq!(
        [limit.flush(), -limit.flush(), below.flush(), -(-below).flush()],
        [limit, -limit, 0.0, -0.0]
    );
    assert!((-below).flush().is_sign_positive());
}
