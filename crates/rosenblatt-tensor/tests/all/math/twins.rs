//! A loop over a slice gives the bits of one number at a time, on every instruction set.

use rosenblatt_tensor::Isa;
use rosenblatt_tensor::kernels::isa::Loop;
use rosenblatt_tensor::math::Float;

/// One loop for each function, so that each is inlined and vectorized by itself.
macro_rules! twins {
    ($($test:ident: $f:expr;)*) => { $(
        #[test]
        fn $test() {
            struct Work<'a, T>(&'a [T], &'a mut [T]);

            impl<T: Float> Loop for Work<'_, T> {
                type Output = ();

                #[inline(always)]
                fn run(self) {
                    for (y, &x) in self.1.iter_mut().zip(self.0) {
                        *y = $f(x);
                    }
                }
            }
            check(|isa, x: &[f32], y| isa.run(Work(x, y)), &patterns().map(|b| f32::from_bits(b as u32)).collect::<Vec<_>>());
            check(|isa, x: &[f64], y| isa.run(Work(x, y)), &patterns().map(f64::from_bits).collect::<Vec<_>>());
        }
    )* };
}

twins! {
    exp: T::exp;
    ln: T::ln;
    ln_1p: T::ln_1p;
    tanh: T::tanh;
    sigmoid: T::sigmoid;
    erf: T::erf;
    erfc: T::erfc;
    sin: T::sin;
    cos: T::cos;
    flush: T::flush;
    flushed_square: T::flushed_square;
    pow: |x: T| x.pow(T::from_f64(1.7));
    power_of: |x: T| T::from_f64(0.3).pow(x);
    power_of_itself: |x: T| x.pow(x);
}

/// Bit patterns of all kinds, NaN and subnormals among them; the length leaves a tail after every vector.
fn patterns() -> impl Iterator<Item = u64> {
    (0..20_011_u64).map(|i| i.wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ (i << 20))
}

/// Compares by bits; NaN equals NaN.
fn check<T: Float>(run: impl Fn(Isa, &[T], &mut [T]), x: &[T]) {
    let mut one_at_a_time = vec![T::ZERO; x.len()];
    for (x, y) in x.chunks(1).zip(one_at_a_time.chunks_mut(1)) {
        run(Isa::Portable, x, y);
    }
    for isa in Isa::supported() {
        let mut y = vec![T::ZERO; x.len()];
        run(isa, x, &mut y);
        for ((x, y), twin) in x.iter().zip(&y).zip(&one_at_a_time) {
            let same = y.to_f64().to_bits() == twin.to_f64().to_bits() || (y.is_nan() && twin.is_nan());
            assert!(same, "{isa}: {y} at {x}, alone {twin}");
        }
    }
}
