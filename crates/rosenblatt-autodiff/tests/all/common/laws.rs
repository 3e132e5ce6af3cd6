//! Laws that relate the derivatives of an op to each other and to its values.

use rosenblatt_autodiff::{Graph, Var, forward, reverse};
use rosenblatt_tensor::rng::Stream;
use rosenblatt_tensor::{DType, Tensor};

use super::{Sample, narrow, normal, widen};

/// Whether the law applied, or how it was broken.
pub type Verdict = Result<bool, String>;

/// ⟨ȳ, J ẋ⟩ = ⟨Jᵀ ȳ, ẋ⟩. Exact up to rounding, so it needs no step size.
pub fn vjp_is_the_transpose_of_jvp(sample: &Sample, rng: &mut Stream) -> Verdict {
    let wrt = sample.differentiable();
    let graph = Graph::dynamic();
    let (leaves, y) = sample.on(&graph);
    let x: Vec<Var<'_>> = wrt.iter().map(|&i| leaves[i]).collect();
    let dx: Vec<Var<'_>> = x.iter().map(|x| graph.constant(normal(rng, &x.shape()))).collect();
    if x.is_empty() {
        return Ok(false);
    }
    let dy = graph.constant(normal(rng, &y.shape()));
    let dots = |a: &[Var<'_>], b: &[Var<'_>]| -> Result<(f64, f64), String> {
        let (mut sum, mut size) = (0.0, 0.0);
        for (a, b) in a.iter().zip(b) {
            for (a, b) in numbers(*a)?.iter().zip(numbers(*b)?) {
                sum += a * b;
                size += (a * b).abs();
            }
        }
        Ok((sum, size))
    };
    let gradients = reverse::vjp(y, dy, &x);
    if let Some((x, g)) = x.iter().zip(&gradients).find(|(x, g)| x.ty() != g.ty()) {
        return Err(format!(
            "the gradient of {:?} is {:?}: {:?}",
            x.ty(),
            g.ty(),
            graph.error()
        ));
    }
    let (forward, size) = dots(&[dy], &forward::jvp(&[y], &x, &dx))?;
    let (reverse, _) = dots(&gradients, &dx)?;
    // The second term is rounding where operands of size 1 cancel, as in x / x.
    let lengths = length(dy)? * dx.iter().map(|&dx| length(dx)).sum::<Result<f64, _>>()?;
    check(
        forward,
        reverse,
        1e-12 * size + 1e-15 * lengths,
        "⟨ȳ, J ẋ⟩ and ⟨Jᵀ ȳ, ẋ⟩",
    )
}

/// J ẋ = (f(x + εẋ) − f(x − εẋ)) / 2ε, with ε = 1e-6 and tolerances of 1e-7 absolute, 1e-6 relative.
pub fn jvp_is_a_central_difference(sample: &Sample, rng: &mut Stream) -> Verdict {
    let wrt = sample.differentiable();
    if wrt.is_empty() {
        return Ok(false);
    }
    let dx: Vec<Tensor> = wrt.iter().map(|&i| normal(rng, sample.leaves[i].shape())).collect();
    let graph = Graph::dynamic();
    let (leaves, y) = sample.on(&graph);
    let x: Vec<Var<'_>> = wrt.iter().map(|&i| leaves[i]).collect();
    let directions: Vec<Var<'_>> = dx.iter().map(|dx| graph.constant(dx.clone())).collect();
    let tangent = numbers(forward::jvp(&[y], &x, &directions)[0])?;
    let along = |step: f64| {
        let mut leaves = sample.leaves.clone();
        for (&i, dx) in wrt.iter().zip(&dx) {
            leaves[i] = stepped(&leaves[i], dx, step);
        }
        sample.value(&leaves).to_f64()
    };
    let (up, down) = (along(1e-6), along(-1e-6));
    for (i, tangent) in tangent.iter().enumerate() {
        let numeric = (up[i] - down[i]) / 2e-6;
        check(
            *tangent,
            numeric,
            1e-7 + 1e-6 * numeric.abs(),
            "J ẋ and the central difference",
        )?;
    }
    Ok(true)
}

/// H u by reverse over reverse, by forward over reverse, and as the central difference of the gradient.
pub fn second_order_agrees(sample: &Sample, rng: &mut Stream) -> Verdict {
    let wrt = sample.differentiable();
    if wrt.is_empty() {
        return Ok(false);
    }
    let directions: Vec<Tensor> = wrt.iter().map(|&i| normal(rng, sample.leaves[i].shape())).collect();
    let shape = *sample.value(&sample.leaves).shape();
    let dy = normal(rng, &shape);
    let graph = Graph::dynamic();
    let gradients = |leaves: &[Tensor]| {
        gradients_on(
            &graph,
            &Sample {
                leaves: leaves.to_vec(),
                ..sample.clone()
            },
            &wrt,
            &dy,
        )
    };
    let (x, g) = gradients(&sample.leaves);
    let u: Vec<Var<'_>> = directions.iter().map(|u| graph.constant(u.clone())).collect();
    let along = g
        .iter()
        .zip(&u)
        .map(|(&g, &u)| g.dot(u))
        .reduce(|a, b| a + b)
        .ok_or("no gradient")?;
    let reverse = reverse::gradients(along, &x);
    let step = |sign: f64| {
        let mut leaves = sample.leaves.clone();
        for (&i, u) in wrt.iter().zip(&directions) {
            leaves[i] = stepped(&leaves[i], u, sign * 1e-6);
        }
        gradients(&leaves).1
    };
    let (up, down) = (step(1.0), step(-1.0));
    let along_u = forward::jvp(&g, &x, &u);
    for i in 0..x.len() {
        let forward = numbers(along_u[i])?;
        let (reverse, up, down) = (numbers(reverse[i])?, numbers(up[i])?, numbers(down[i])?);
        let size = forward.iter().fold(1.0_f64, |size, h| size.max(h.abs()));
        for (j, &h) in forward.iter().enumerate() {
            check(h, reverse[j], 1e-11 * size, "forward and reverse over reverse")?;
            let numeric = (up[j] - down[j]) / 2e-6;
            check(
                h,
                numeric,
                1e-6 * size,
                "second derivative and the central difference of the gradient",
            )?;
        }
    }
    Ok(true)
}

fn gradients_on<'g>(graph: &'g Graph, sample: &Sample, wrt: &[usize], dy: &Tensor) -> (Vec<Var<'g>>, Vec<Var<'g>>) {
    let (leaves, y) = sample.on(graph);
    let x: Vec<Var<'g>> = wrt.iter().map(|&i| leaves[i]).collect();
    let gradients = reverse::vjp(y, graph.constant(dy.clone()), &x);
    (x, gradients)
}

/// f32 against f64 at the same (f32) operands: element-wise ops within their declared units in the last place, sums within
/// 1e-6 of the largest sum of magnitudes, the others within 1e-6 of the largest result.
pub fn f32_is_close_to_f64(sample: &Sample, _: &mut Stream) -> Verdict {
    let single: Vec<Tensor> = sample.leaves.iter().map(narrow).collect();
    // The nodes of a scan are of the types they were recorded with.
    let is_scan = matches!(sample.op.lowering(), rosenblatt_autodiff::Lowering::Scan(_));
    if is_scan || single.iter().all(|leaf| leaf.dtype() != DType::F32) {
        return Ok(false);
    }
    let (y, exact) = (
        sample.value(&single),
        sample.value(&single.iter().map(widen).collect::<Vec<_>>()),
    );
    if y.dtype() != DType::F32 || exact.dtype() != DType::F64 {
        return Ok(false);
    }
    // Where addends cancel, their rounding does not.
    let magnitudes = match sample.name {
        "convolve" | "matmul" | "scatter_add" | "sum" => {
            sample.value(&single.iter().map(magnitude).collect::<Vec<_>>())
        }
        _ => exact.clone(),
    };
    let size = magnitudes.to_f64().iter().fold(0.0_f64, |size, y| size.max(y.abs()));
    let exact = exact.to_f64();
    for (&y, &exact) in y.to_vec::<f32>().map_err(|e| e.to_string())?.iter().zip(&exact) {
        if let Some(units) = declared_units(sample) {
            let error = rosenblatt_testkit::ulp_error(y, exact);
            if error > units {
                return Err(format!(
                    "{y:e} in f32, {exact:e} in f64: {error} units in the last place"
                ));
            }
        } else if !(exact.is_nan() && y.is_nan()) {
            check(f64::from(y), exact, 1e-6 * size, "f32 and f64")?;
        }
    }
    Ok(true)
}

/// The absolute values in f64 of what is f32.
fn magnitude(x: &Tensor) -> Tensor {
    match x.dtype() {
        DType::F32 => Tensor::from_vec::<f64>(x.to_f64().iter().map(|x| x.abs()).collect(), x.shape()).unwrap(),
        _ => x.clone(),
    }
}

/// Largest errors of element-wise ops, from their documentation; half a unit where they round once.
fn declared_units(sample: &Sample) -> Option<f64> {
    if !matches!(sample.op.lowering(), rosenblatt_autodiff::Lowering::Elementwise(_)) {
        return None;
    }
    Some(match sample.name {
        "sigmoid" => 2.5,
        "erfc" | "softplus" => 2.0,
        "tanh" => 1.5,
        "exp" | "ln" | "ln_1p" | "erf" | "sin" | "cos" | "pow" => 1.0,
        "gelu" | "gelu_logistic" | "gelu_tanh" | "mish" | "silu" | "swish" => 1.0,
        "selu" => 4.0,
        "elu" => 3.0,
        "hard_swish" => 2.0,
        "hard_logistic" | "hard_sigmoid" | "softsign" => 1.5,
        // That of softplus is a quotient in f32: the exponential is off by 1, sum, quotient and product by a half each, together 2.5
        // of the largest unit that a number of this size may have, which is twice the smallest.
        "derivative" if sample.op.attributes().text("of") == Ok("softplus") => 5.0,
        "derivative" => 1.0,
        "leaky_relu" => 1.0, // the slope is rounded, too
        _ => 0.5,
    })
}

fn length(x: Var<'_>) -> Result<f64, String> {
    numbers(x.norm()).map(|norm| norm[0])
}

fn numbers(x: Var<'_>) -> Result<Vec<f64>, String> {
    x.value().map(|x| x.to_f64()).map_err(|error| error.to_string())
}

fn stepped(x: &Tensor, dx: &Tensor, step: f64) -> Tensor {
    let moved = x
        .to_f64()
        .iter()
        .zip(dx.to_f64())
        .map(|(x, dx)| x + step * dx)
        .collect();
    Tensor::from_vec::<f64>(moved, x.shape()).unwrap()
}

fn check(a: f64, b: f64, allowed: f64, what: &str) -> Verdict {
    if (a - b).abs() <= allowed {
        Ok(true)
    } else {
        Err(format!("{what}: {a:e} and {b:e}, allowed {allowed:e}"))
    }
}
