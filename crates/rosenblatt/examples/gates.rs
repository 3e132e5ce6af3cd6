//! Logic gates: a neuron with weights set by hand computes OR, AND or NOT.

use rosenblatt::prelude::*;

/// The outputs of OR and AND for 00, 01, 10, 11, and of NOT for 0, 1.
pub fn run() -> Result<[Vec<f64>; 3]> {
    let pairs = Tensor::new(vec![0.0, 0.0, 0.0, 1.0, 1.0, 0.0, 1.0, 1.0], &[4, 2])?;
    let bits = Tensor::new(vec![0.0, 1.0], &[2, 1])?;
    // begin
    // σ(w · x + b): a weighted sum, then a function that is nearly 0 or 1.
    let neuron = |inputs: &Tensor, weights: Vec<f64>, bias: f64| -> Result<Vec<f64>> {
        let weights = Tensor::new(weights.clone(), &[weights.len(), 1])?;
        let outputs = autodiff::eval(|[x, w]| (x.matmul(w) + bias).sigmoid(), [inputs, &weights])?;
        Ok(outputs.to_f64())
    };
    let or = neuron(&pairs, vec![20.0, 20.0], -10.0)?;
    let and = neuron(&pairs, vec![20.0, 20.0], -30.0)?;
    let not = neuron(&bits, vec![-20.0], 10.0)?;
    // end
    Ok([or, and, not])
}

fn main() -> Result<()> {
    let [or, and, not] = run()?;
    println!("00, 01, 10, 11:  OR {or:.4?}  AND {and:.4?}");
    println!("0, 1:            NOT {not:.4?}");
    Ok(())
}
