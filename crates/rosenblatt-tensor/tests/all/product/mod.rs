//! Every path against the plain twin, bit for bit, in memory between guard pages.
//!
//! What lies between the elements of an operand is NaN, so it would show; what lies between the elements of a result
//! is a canary, so a write past a row's end would show too.

mod support;

use rosenblatt_tensor::Isa;
use rosenblatt_tensor::kernels::product::{Output, PANEL, Panels, column_sums, pack_panels, plain, product};
use rosenblatt_testkit::{Guarded, seeded_cases};
use support::{Form, Number, Place, Rng, guarded};

/// Random cases per test and type of number, all of them in a soak.
const CASES: u64 = 2_000;

/// Packs with every instruction set, compares with the elements, and returns the panels with NaN past the last column.
fn packed<T: Number>(b: Place, numbers: &[T], [k, n]: [usize; 2]) -> Vec<T> {
    let panels = n.div_ceil(PANEL);
    let mut out = vec![T::NAN; panels * k * PANEL];
    for isa in Isa::supported() {
        out.fill(T::NAN);
        // SAFETY: `out` has room for these panels of `b`.
        unsafe { pack_panels(isa, b.matrix(numbers), 0..panels, out.as_mut_ptr()) };
        for (place, &number) in out.iter().enumerate() {
            let (i, j) = (place / PANEL % k, place / PANEL / k * PANEL + place % PANEL);
            let expected = if j < n { numbers[b.index(i, j)] } else { T::default() };
            assert_eq!(number.bits(), expected.bits(), "{isa}, element ({i}, {j}) of {k}×{n}");
        }
    }
    for (place, number) in out.iter_mut().enumerate() {
        if place / PANEL / k * PANEL + place % PANEL >= n {
            *number = T::NAN;
        }
    }
    out
}

/// One random product of operands in the given forms.
fn check_product<T: Number>(forms: [Form; 2], [m, k, n]: [usize; 3], seed: u64) {
    let mut rng = Rng(seed);
    let wild = rng.chance(4);
    let (a_place, b_place) = (
        Place::new(forms[0], [m, k], &mut rng),
        Place::new(forms[1], [k, n], &mut rng),
    );
    let (a, b): (Guarded<T>, Guarded<T>) = (a_place.filled(wild, &mut rng), b_place.filled(wild, &mut rng));
    let right = guarded(&packed(b_place, &b, [k, n]), &mut rng);

    let c_form = if rng.chance(2) { Form::RowMajor } else { Form::Packed };
    let c_place = Place::new(c_form, [m, n], &mut rng);
    let mut c = guarded(&vec![T::from(CANARY); c_place.len], &mut rng);
    let expected = plain::product([m, k, n], |i, x| a[a_place.index(i, x)], |x, j| b[b_place.index(x, j)]);
    for isa in Isa::supported() {
        // SAFETY: the places describe these slices, which do not overlap.
        unsafe {
            let right = Panels::new(right.as_ptr(), [k, n], k * PANEL);
            product(isa, a_place.matrix(&a), right, c_place.output(&mut c));
        }
        let case = format!("seed {seed}: {isa}, {forms:?} to {c_form:?}, {m}×{k}×{n}");
        check_elements(&mut c, c_place, &expected, &case);
    }
}

const CANARY: f64 = 12345.0;

/// The elements are as expected, and everything between them is untouched; leaves canaries everywhere.
fn check_elements<T: Number>(c: &mut [T], place: Place, expected: &[T], case: &str) {
    let n = place.shape[1];
    for (at, &expected) in expected.iter().enumerate() {
        let element = &mut c[place.index(at / n, at % n)];
        assert_eq!(
            element.bits(),
            expected.bits(),
            "{case}: {element:?} is not {expected:?}, element {at}"
        );
        *element = T::from(CANARY);
    }
    assert!(
        c.iter().all(|x| x.bits() == T::from(CANARY).bits()),
        "{case}: written outside the result"
    );
}

fn check_products(left: Form, right: Form) {
    for seed in seeded_cases(CASES) {
        let sizes = Rng(seed).sizes();
        check_product::<f32>([left, right], sizes, seed);
        check_product::<f64>([left, right], sizes, !seed);
    }
}

#[test]
fn row_major_by_row_major() {
    check_products(Form::RowMajor, Form::RowMajor);
}

#[test]
fn row_major_by_transposed() {
    check_products(Form::RowMajor, Form::Transposed);
}

#[test]
fn transposed_by_row_major() {
    check_products(Form::Transposed, Form::RowMajor);
}

#[test]
fn packed_by_packed() {
    check_products(Form::Packed, Form::Packed);
}

#[test]
fn packed_transposed_by_packed_transposed() {
    check_products(Form::PackedTransposed, Form::PackedTransposed);
}

/// More rows and a longer sum than visit all panels at once, whichever way the left side lies.
#[test]
fn larger_than_a_slab() {
    for left in Form::ALL {
        check_product::<f32>([left, Form::RowMajor], [1_100, 1_300, 3], 0);
        check_product::<f64>([left, Form::RowMajor], [550, 1_300, 3], 0);
    }
}

#[test]
fn strange_strides() {
    check_products(Form::Strange, Form::Strange);
}

/// A right side of whole panels, read where its rows lie.
fn check_rows_in_place<T: Number>(seed: u64) {
    let mut rng = Rng(seed);
    let [m, k, _] = rng.sizes();
    let n = PANEL * (1 + rng.below(4));
    let a_place = Place::new(Form::ALL[rng.below(Form::ALL.len())], [m, k], &mut rng);
    let b_place = Place::new(Form::RowMajor, [k, n], &mut rng);
    let (a, b): (Guarded<T>, Guarded<T>) = (a_place.filled(false, &mut rng), b_place.filled(false, &mut rng));
    let (start, stride) = match k {
        0 => (0, n),
        1 => (b_place.index(0, 0), n),
        _ => (b_place.index(0, 0), b_place.index(1, 0) - b_place.index(0, 0)),
    };
    let c_place = Place::new(Form::RowMajor, [m, n], &mut rng);
    let mut c = guarded(&vec![T::from(CANARY); c_place.len], &mut rng);
    let expected = plain::product([m, k, n], |i, x| a[a_place.index(i, x)], |x, j| b[b_place.index(x, j)]);
    for isa in Isa::supported() {
        // SAFETY: the places describe these slices, which do not overlap.
        unsafe {
            let right = Panels::of_rows(b.as_ptr().wrapping_add(start), [k, n], stride);
            product(isa, a_place.matrix(&a), right, c_place.output(&mut c));
        }
        check_elements(&mut c, c_place, &expected, &format!("seed {seed}: {isa}, {m}×{k}×{n}"));
    }
}

#[test]
fn rows_where_they_lie() {
    for seed in seeded_cases(CASES) {
        check_rows_in_place::<f32>(seed);
        check_rows_in_place::<f64>(!seed);
    }
}

fn check_column_sums<T: Number>(seed: u64) {
    let mut rng = Rng(seed);
    let [_, k, n] = rng.sizes();
    let form = Form::ALL[rng.below(Form::ALL.len())];
    let place = Place::new(form, [k, n], &mut rng);
    let wild = rng.chance(4);
    let x: Guarded<T> = place.filled(wild, &mut rng);
    let first = rng.below(n + 1);
    let cols = first..first + rng.below(n - first + 1);
    let expected = plain::column_sums([k, n], |i, j| x[place.index(i, j)]);
    let mut sums = guarded(&vec![T::NAN; cols.len()], &mut rng);
    for isa in Isa::supported() {
        sums.fill(T::from(CANARY));
        // SAFETY: the place describes `x`, and `sums` has room for these columns.
        unsafe { column_sums(isa, place.matrix(&x), cols.clone(), sums.as_mut_ptr()) };
        for (&sum, &expected) in sums.iter().zip(&expected[cols.clone()]) {
            assert_eq!(
                sum.bits(),
                expected.bits(),
                "seed {seed}: {isa}, {form:?}, {k}×{n}, columns {cols:?}"
            );
        }
    }
}

#[test]
fn column_sums_of_every_form() {
    for seed in seeded_cases(CASES) {
        check_column_sums::<f32>(seed);
        check_column_sums::<f64>(!seed);
    }
}

/// However rows and panels are divided among threads; the padding of the packed result is 0.
#[test]
fn parts_make_up_the_whole() {
    let mut rng = Rng(1);
    let [m, k, n] = [77, 150, 140];
    let (a_place, b_place) = (
        Place::new(Form::Packed, [m, k], &mut rng),
        Place::new(Form::RowMajor, [k, n], &mut rng),
    );
    let (a, b): (Guarded<f32>, Guarded<f32>) = (a_place.filled(false, &mut rng), b_place.filled(false, &mut rng));
    let expected = plain::product([m, k, n], |i, x| a[a_place.index(i, x)], |x, j| b[b_place.index(x, j)]);
    for isa in Isa::supported() {
        let mut panels = vec![f32::NAN; 5 * k * PANEL];
        for part in [0..2, 2..5] {
            let out = panels[part.start * k * PANEL..].as_mut_ptr();
            // SAFETY: the panels of the part lie in the buffer.
            unsafe { pack_panels(isa, b_place.matrix(&b), part, out) };
        }
        let mut c = vec![f32::NAN; 5 * m * PANEL];
        for (part, rows) in [(0..1, 0..m), (1..9, 0..13), (1..9, 13..m)] {
            // SAFETY: the operands describe these buffers; the parts do not overlap.
            unsafe {
                let right = Panels::new(panels.as_ptr(), [k, n], k * PANEL).panel_range(part.clone());
                let whole = Output::new(c.as_mut_ptr(), 5 * PANEL, PANEL as isize, (m * PANEL) as isize);
                let left = a_place.matrix(&a).row_range(rows.clone());
                product(isa, left, right, whole.panel_range(part).from_row(rows.start));
            }
        }
        for (place, &x) in c.iter().enumerate() {
            let (i, j) = (place / PANEL % m, place / PANEL / m * PANEL + place % PANEL);
            let expected = if j < n { expected[i * n + j] } else { 0.0 };
            assert_eq!(x.to_bits(), expected.to_bits(), "{isa}, element ({i}, {j})");
        }
    }
}

/// 2²⁴ + 1 is no f32, so ones added in the chain of 2²⁴ are lost, and those of the next block are not.
#[test]
fn the_sum_rule_has_blocks_of_128() {
    let b = |i: usize, _| if i == 0 { 16_777_216.0f32 } else { 1.0 };
    for (k, expected) in [(0, 0.0), (1, 16_777_216.0), (128, 16_777_216.0), (130, 16_777_218.0)] {
        assert_eq!(plain::product([1, k, 1], |_, _| 1.0, b), [expected], "k = {k}");
        assert_eq!(plain::column_sums([k, 1], b), [expected], "k = {k}");
    }
}

/// A product of exactly −2⁻⁴⁸ would be lost if it were rounded before it is added.
#[test]
fn the_sum_rule_rounds_once() {
    let a = [1.0f32, 1.0 - f32::EPSILON];
    let b = [-1.0f32, 1.0 + f32::EPSILON];
    assert_eq!(
        plain::product([1, 2, 1], |_, i| a[i], |i, _| b[i]),
        [-f32::EPSILON * f32::EPSILON]
    );
}

#[test]
fn an_empty_sum_is_positive_zero_and_so_is_a_sum_of_negative_zeros() {
    assert_eq!(plain::product([1, 0, 1], |_, _| 1.0f32, |_, _| 1.0)[0].to_bits(), 0);
    assert_eq!(plain::product([1, 1, 1], |_, _| -0.0f32, |_, _| 1.0)[0].to_bits(), 0);
    assert_eq!(plain::column_sums([200, 1], |_, _| -0.0f64)[0].to_bits(), 0);
}
