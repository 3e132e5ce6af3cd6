//! Mutants are many, different, and of a size one can read.
#![cfg(test)]

use std::collections::BTreeSet;

use rosenblatt_testkit::mutant;

#[test]
fn a_thousand_seeds_give_nearly_as_many_files_and_none_without_bounds() {
    let original = b"name,size\nrose,12\ntulip,7\n".repeat(10);
    let mutants: BTreeSet<Vec<u8>> = (0..1000).map(|seed| mutant(&original, seed)).collect();
    assert!(mutants.len() > 900, "{}", mutants.len());
    assert!(mutants.iter().all(|bytes| bytes.len() < 1_000_000));
    assert!(
        mutants
            .iter()
            .filter(|bytes| std::str::from_utf8(bytes).is_err())
            .count()
            > 100
    );
}

#[test]
fn nothing_can_be_damaged_too() {
    for seed in 0..1000 {
        assert!(mutant(b"", seed).len() < 1_000_000);
        assert!(mutant(b"1", seed).len() < 1_000_000);
    }
}
