//! Splits: disjoint, complete, stratified, the same every time.
#![cfg(test)]

use proptest::prelude::*;
use rosenblatt_data::split::{HeldOut, Parts, split};
use rosenblatt_tensor::ErrorKind;

fn counts(rows: &[u64], classes: &[i64], class: i64) -> usize {
    rows.iter().filter(|&&row| classes[row as usize] == class).count()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn parts_are_disjoint_complete_and_in_order(
        classes in prop::collection::vec(0i64..5, 6..200),
        fraction in 0.01f64..0.99,
        seed in any::<u64>(),
        stratified in any::<bool>(),
    ) {
        let rows: Vec<u64> = (0..classes.len() as u64).collect();
        let of_rows = stratified.then_some(&classes[..]);
        let parts = split(&rows, of_rows, fraction, HeldOut::Test, seed).unwrap();
        prop_assert_eq!(&split(&rows, of_rows, fraction, HeldOut::Test, seed).unwrap(), &parts);
        let Parts { rest, held_out } = parts;
        prop_assert!(rest.is_sorted() && held_out.is_sorted());
        let mut all = [rest.clone(), held_out.clone()].concat();
        all.sort_unstable();
        prop_assert_eq!(all, rows);
        let wanted = ((classes.len() as f64 * fraction).round() as usize).max(1);
        if stratified {
            let present: Vec<i64> = (0..5).filter(|class| classes.contains(class)).collect();
            prop_assert_eq!(held_out.len(), wanted.min(classes.len() - present.len()));
            for class in present {
                let (size, held) = (counts(&all_rows(&classes), &classes, class), counts(&held_out, &classes, class));
                prop_assert!(held < size, "class {} keeps no row", class);
                // Up to one more by rounding; more only where a small class could not give its share.
                if (size as f64) * (1.0 - fraction) >= 5.0 {
                    prop_assert!((held as f64 - size as f64 * fraction).abs() < 6.0, "{} of {}", held, size);
                }
            }
        } else {
            prop_assert_eq!(held_out.len(), wanted.min(classes.len() - 1));
        }
    }
}

fn all_rows(classes: &[i64]) -> Vec<u64> {
    (0..classes.len() as u64).collect()
}

/// Classes of 50, 30 and 20 rows give exactly a fifth each.
#[test]
fn shares_are_exact_where_they_can_be() {
    let classes: Vec<i64> = (0..100).map(|i| [0, 0, 0, 0, 0, 1, 1, 1, 2, 2][i % 10]).collect();
    let parts = split(&all_rows(&classes), Some(&classes), 0.2, HeldOut::Valid, 3).unwrap();
    assert_eq!(
        [0, 1, 2].map(|class| counts(&parts.held_out, &classes, class)),
        [10, 6, 4]
    );
}

/// 3 + 3 + 3 rows, a third held out of 10 %: one row in all, from the first class, as remainders tie.
#[test]
fn the_largest_remainder_decides_and_ties_go_to_the_first() {
    let classes = [2, 2, 2, 0, 0, 0, 1, 1, 1];
    let parts = split(&all_rows(&classes), Some(&classes), 0.1, HeldOut::Test, 0).unwrap();
    assert_eq!(
        [0, 1, 2].map(|class| counts(&parts.held_out, &classes, class)),
        [1, 0, 0]
    );
}

#[test]
fn a_class_of_one_row_stays_in_training() {
    let classes = [7, 0, 0, 0, 0];
    for seed in 0..50 {
        let parts = split(&all_rows(&classes), Some(&classes), 0.8, HeldOut::Test, seed).unwrap();
        assert!(parts.rest.contains(&0));
        assert_eq!(parts.held_out.len(), 3);
    }
}

#[test]
fn seed_and_part_draw_other_rows() {
    let rows: Vec<u64> = (100..200).collect();
    let draw = |part, seed| split(&rows, None, 0.3, part, seed).unwrap().held_out;
    assert_ne!(draw(HeldOut::Test, 0), draw(HeldOut::Test, 1));
    assert_ne!(draw(HeldOut::Test, 0), draw(HeldOut::Valid, 0));
    assert!(draw(HeldOut::Test, 0).iter().all(|row| rows.contains(row)));
}

#[test]
fn too_few_rows_and_wrong_fractions_are_errors() {
    let kind = |rows: &[u64], fraction| split(rows, None, fraction, HeldOut::Test, 0).unwrap_err().kind();
    assert_eq!(kind(&[], 0.5), ErrorKind::Data);
    assert_eq!(kind(&[4], 0.5), ErrorKind::Data);
    for fraction in [0.0, 1.0, -1.0, f64::NAN, f64::INFINITY] {
        assert_eq!(kind(&[1, 2, 3], fraction), ErrorKind::Config);
    }
    let two = split(&[4, 9], None, 0.01, HeldOut::Test, 0).unwrap();
    assert_eq!((two.rest.len(), two.held_out.len()), (1, 1));
}
