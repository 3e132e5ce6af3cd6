//! Instruction sets.

use rosenblatt_tensor::Isa;
use rosenblatt_tensor::kernels::isa::Loop;

struct Sum<'a>(&'a [u64]);

impl Loop for Sum<'_> {
    type Output = u64;

    #[inline(always)]
    fn run(self) -> u64 {
        self.0.iter().sum()
    }
}

/// Those the CPU lacks too: they fall back and must not fault.
#[test]
fn every_instruction_set_runs_the_loop() {
    for isa in Isa::ALL {
        assert_eq!(isa.run(Sum(&[1, 2, 3])), 6, "{isa}");
    }
}

#[test]
fn names_are_read_back() {
    for isa in Isa::ALL {
        match isa.to_string().parse::<Isa>() {
            Ok(read) => assert_eq!(read, isa),
            Err(error) => assert!(!isa.is_supported() && error.contains("this CPU has no"), "{error}"),
        }
    }
    let error = "AVX2".parse::<Isa>().unwrap_err();
    assert_eq!(
        error,
        "unknown instruction set `AVX2`; expected `portable`, `avx2`, `avx512`"
    );
}

#[test]
fn the_supported_ones_are_those_up_to_the_best() {
    let supported: Vec<_> = Isa::supported().collect();
    assert_eq!(supported.first(), Some(&Isa::Portable));
    assert_eq!(supported.last(), Some(&Isa::detect()));
    assert!(supported.is_sorted());
    assert!(Isa::ALL.into_iter().all(|isa| isa.available().is_supported()));
}
