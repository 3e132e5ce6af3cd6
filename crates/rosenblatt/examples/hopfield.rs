//! A Hopfield network: patterns are stored by Hebb's rule and recalled from damaged copies.

use rosenblatt::prelude::*;

/// Two orthogonal patterns of 16 units, and the same with three units turned.
fn data() -> Result<(Tensor, Tensor)> {
    let sign = |minus: bool| if minus { -1.0 } else { 1.0 };
    let patterns: Vec<f64> = (0..32)
        .map(|k| sign(if k < 16 { k % 2 == 1 } else { k % 16 / 8 == 1 }))
        .collect();
    let turned = |k: usize| [0, 5, 11].contains(&(k % 16));
    let damaged = (0..32).map(|k| sign(turned(k)) * patterns[k]).collect();
    Ok((Tensor::new(patterns, &[2, 16])?, Tensor::new(damaged, &[2, 16])?))
}

/// The patterns, what is recalled, and the energies before and after.
pub fn run() -> Result<[Tensor; 4]> {
    let (patterns, damaged) = data()?;
    // begin
    let weights = autodiff::eval(|[p]| p.matrix_transpose().matmul(p) / 16.0, [&patterns])?;
    let energy = autodiff::function(|[w, s]| (s.matmul(w) * s).sum(&[1], false) * -0.5);
    let mut update = autodiff::jit(|[w, s]| {
        let field = s.matmul(w);
        field.ge(s.full_like(0.0)).select(s.full_like(1.0), s.full_like(-1.0))
    });
    let mut state = damaged.clone();
    for _ in 0..5 {
        state = update.call([&weights, &state])?;
    }
    // end
    let energies = [&damaged, &state].map(|state| autodiff::eval(energy, [&weights, state]));
    let [before, after] = energies;
    Ok([patterns, state, before?, after?])
}

fn main() -> Result<()> {
    let [patterns, recalled, before, after] = run()?;
    println!("stored {patterns:?}, recalled {recalled:?}");
    println!("energy {before:?} → {after:?}");
    Ok(())
}
