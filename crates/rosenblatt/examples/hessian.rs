//! Gradients and second derivatives of functions, and the Hessian of a network's loss times a vector.

use rosenblatt::prelude::*;

/// What the functions give.
pub struct Derivatives {
    /// `∂/∂x` and `∂/∂y` of `x exp(3 x max(x, y))` at (2, 1).
    pub gradient: [f64; 2],
    /// Third derivative of `x⁴` at 2.
    pub third: f64,
    /// `d/dx (x · d/dy (x + y))` at `x = y = 1`.
    pub nested: f64,
    /// Hessian of `x₀ x₁ x₂ + x₀² x₁` at (1, 2, 3).
    pub hessian: Vec<f64>,
    /// Hessian of a network's loss times its parameters.
    pub product: Params,
}

/// Computes all of them.
pub fn run() -> Result<Derivatives> {
    let [dx, dy] = autodiff::grad(|[x, y]| x * (3.0 * x * x.maximum(y)).exp(), [&2.0.into(), &1.0.into()])?;
    let [third] = autodiff::grad(|[x]| x.grad(|x| x.grad(|x| x * x * x * x)), [&2.0.into()])?;
    let [nested] = autodiff::grad(|[x]| x * x.grad(|y| x + y), [&1.0.into()])?;
    let point = [1.0, 2.0, 3.0].into();
    // begin
    let h = autodiff::hessian(|x| x.at(0) * x.at(1) * x.at(2) + x.at(0) * x.at(0) * x.at(1), &point)?;
    // end
    let (x, y) = ([[0.5, -1.0], [2.0, 0.25], [1.0, 1.0]].into(), [1.0, 0.0, -1.0].into());
    let net = Sequential::new().then(Linear::new(4)).then(TANH).then(Linear::new(1));
    // begin product
    let loss = transform::function(|m, [x, y]| Mse {}.per_example(m.apply("layers", &net, x), y).mean_all());
    let params = transform::init(loss, 0, [Type::of(&x), Type::of(&y)])?;
    let product = transform::hvp_params(loss, &params, [&x, &y], &params)?;
    // end product
    Ok(Derivatives {
        gradient: [dx.item()?, dy.item()?],
        third: third.item()?,
        nested: nested.item()?,
        hessian: h.to_f64(),
        product,
    })
}

fn main() -> Result<()> {
    let Derivatives {
        gradient,
        third,
        nested,
        hessian,
        product,
    } = run()?;
    println!("gradient {gradient:?}, third derivative {third}, nested {nested}");
    println!("Hessian {hessian:?}");
    println!("Hessian times vector {product:?}");
    Ok(())
}
