//! An op of one's own: a function of a number and its derivative become kernels for every instruction set.

use rosenblatt::prelude::*;

// begin
#[derive(Clone, Debug)]
struct Softsign;

impl Elementwise for Softsign {
    const NAME: &'static str = "softsign";

    #[inline(always)]
    fn f<T: Real>(&self, x: T) -> T {
        x / (x.abs() + x.full_like(1.0))
    }

    fn df<T: Real>(&self, x: T, _: T) -> T {
        let root = x.abs() + x.full_like(1.0);
        x.full_like(1.0) / (root * root)
    }
}
// end

/// Values, first and second derivatives at −1, 0.5 and 3.
pub fn run() -> Result<[Vec<f64>; 3]> {
    let x = [-1.0, 0.5, 3.0].into();
    let f = autodiff::function(|[x]| x.apply(Unary(Softsign)));
    let [dy] = autodiff::grad(|[x]| f([x]).sum_all(), [&x])?;
    let [ddy] = autodiff::grad(|[x]| x.grad(|x| f([x]).sum_all()).sum_all(), [&x])?;
    Ok([autodiff::eval(f, [&x])?.to_f64(), dy.to_f64(), ddy.to_f64()])
}

fn main() -> Result<()> {
    let [y, dy, ddy] = run()?;
    println!("values {y:?}, derivatives {dy:?}, second derivatives {ddy:?}");
    Ok(())
}
