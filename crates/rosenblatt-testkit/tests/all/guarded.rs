//! Guarded slices hold their values, and their neighbors end the process.
#![cfg(unix)]

use std::os::unix::process::ExitStatusExt;
use std::process::Command;

use rosenblatt_testkit::Guarded;

#[test]
fn values_of_any_number_and_size_survive() {
    for len in [0, 1, 2, 3, 1023, 1024, 1025, 5000] {
        let values: Vec<f32> = (0..len).map(|i| i as f32).collect();
        for mut guarded in [Guarded::ending(&values), Guarded::starting(&values)] {
            assert_eq!(*guarded, values[..]);
            guarded.iter_mut().for_each(|x| *x += 1.0);
            assert!(guarded.iter().zip(&values).all(|(new, old)| *new == old + 1.0));
        }
    }
    assert_eq!(*Guarded::ending(&[[1_u8; 3]; 7]), [[1; 3]; 7]);
    assert_eq!(*Guarded::ending(&[u128::MAX; 3]), [u128::MAX; 3]);
}

/// Which of the tests below this process is asked to die in.
const ORDEAL: &str = "TESTKIT_ORDEAL";

/// Runs `name` again in a process of its own and returns the signal that ended it.
fn signal_of(name: &str) -> Option<i32> {
    let test = std::env::current_exe().expect("a test knows its file");
    let output = Command::new(test)
        .args(["--exact", &format!("guarded::{name}")])
        .env(ORDEAL, name)
        .output()
        .expect("it starts");
    output.status.signal()
}

fn read(pointer: *const u64) {
    // SAFETY: there is no memory: the access faults, in a process made to die of it.
    std::hint::black_box(unsafe { pointer.read_volatile() });
}

#[test]
fn one_element_behind_the_end_is_fatal() {
    if std::env::var_os(ORDEAL).is_some() {
        let guarded = Guarded::ending(&[7_u64; 5]);
        return read(guarded.as_ptr().wrapping_add(5));
    }
    assert_eq!(signal_of("one_element_behind_the_end_is_fatal"), Some(libc::SIGSEGV));
}

#[test]
fn one_element_before_the_start_is_fatal() {
    if std::env::var_os(ORDEAL).is_some() {
        let guarded = Guarded::starting(&[7_u64; 5]);
        return read(guarded.as_ptr().wrapping_sub(1));
    }
    assert_eq!(signal_of("one_element_before_the_start_is_fatal"), Some(libc::SIGSEGV));
}

#[test]
fn no_element_of_an_empty_slice_can_be_read() {
    if std::env::var_os(ORDEAL).is_some() {
        return read(Guarded::ending(&[]).as_ptr());
    }
    assert_eq!(
        signal_of("no_element_of_an_empty_slice_can_be_read"),
        Some(libc::SIGSEGV)
    );
}
