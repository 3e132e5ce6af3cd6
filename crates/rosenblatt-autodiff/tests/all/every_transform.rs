//! Functions of arrays: laws that hold for every verb on every function of a list, and what `torch.func` says of them.

use crate::common;
use crate::common::arrays::{FUNCTIONS, Function};
use crate::common::{bits, fixtures, narrow, normal};
use rosenblatt_autodiff::{
    Engine, Graph, Var, eval, function, grad, hessian, hvp, jacobian, jit, jvp, reverse, value_and_grad, vjp,
};
use rosenblatt_tensor::rng::{Rng, Stream};
use rosenblatt_tensor::{ErrorKind, Isa, Tensor};
use rosenblatt_testkit::{Tolerance, assert_close, fixture, seeded_cases};

/// Runs a law on every function, at random arguments.
fn each_function(law: &str, check: impl Fn(&Function, &[Tensor; 2], &mut Stream)) {
    let mut cases = 0;
    for seed in seeded_cases(5) {
        for function in FUNCTIONS {
            println!("{law}: {}, seed {seed}", function.name);
            let mut rng = Rng::new(seed).purpose(function.name).stream();
            let x = function.draw(&mut rng);
            check(function, &x, &mut rng);
            cases += 1;
        }
    }
    println!("cases: {law} {cases}");
}

/// The scalar product, and the sum of the magnitudes of its terms.
fn dot(a: &[f64], b: &[f64]) -> (f64, f64) {
    assert_eq!(a.len(), b.len());
    let terms = || a.iter().zip(b).map(|(a, b)| a * b);
    (terms().sum(), terms().map(f64::abs).sum())
}

fn largest(x: &[f64]) -> f64 {
    x.iter().fold(0.0, |largest, x| largest.max(x.abs()))
}

/// A matrix of so many columns times a vector.
fn times(matrix: &Tensor, v: &Tensor) -> Vec<f64> {
    let (matrix, v) = (matrix.to_f64(), v.to_f64());
    matrix.chunks(v.len().max(1)).map(|row| dot(row, &v).0).collect()
}

fn moved(x: &Tensor, v: &[f64], step: f64) -> Tensor {
    let moved: Vec<f64> = x.to_f64().iter().zip(v).map(|(x, v)| x + step * v).collect();
    Tensor::new(moved, x.shape()).unwrap()
}

/// ⟨u, J v⟩ = ⟨uᵀ J, v⟩, and both have the value of the function, to the bit.
#[test]
fn vjp_is_the_transpose_of_jvp() {
    each_function("transpose", |f, x, rng| {
        let v = f.draw(rng);
        let (y, tangent) = jvp(f.apply, x.each_ref(), v.each_ref()).unwrap();
        let u = normal(rng, y.shape());
        let (y2, g) = vjp(f.apply, x.each_ref(), &u).unwrap();
        let (forward, size) = dot(&u.to_f64(), &tangent.to_f64());
        let reverse: f64 = g.iter().zip(&v).map(|(g, v)| dot(&g.to_f64(), &v.to_f64()).0).sum();
        assert!((forward - reverse).abs() <= 1e-12 * size, "{forward:e} and {reverse:e}");
        let direct = bits(&eval(f.apply, x.each_ref()).unwrap());
        assert_eq!((bits(&y), bits(&y2)), (direct.clone(), direct));
    });
}

/// `J v` and `uᵀ J` of the Jacobian, whose axes are those of the result and of the argument.
#[test]
fn the_jacobian_is_that_of_jvp_and_vjp() {
    each_function("jacobian", |f, x, rng| {
        let v = normal(rng, x[0].shape());
        let still = Tensor::zeros(x[1].dtype(), *x[1].shape());
        let (y, tangent) = jvp(f.apply, x.each_ref(), [&v, &still]).unwrap();
        let j = f.jacobian(x);
        assert_eq!(**j.shape(), [&y.shape()[..], &x[0].shape()[..]].concat());
        if x[0].elements() > 0 {
            let size = largest(&tangent.to_f64()).max(largest(&j.to_f64()));
            assert_close(times(&j, &v), tangent.to_f64(), Tolerance::absolute(1e-12 * size));
        }
        let u = normal(rng, y.shape());
        let (m, n) = (y.elements(), x[0].elements());
        let transposed = j.reshape(&[m, n]).unwrap().permute(&[1, 0]).unwrap();
        let [g, _] = vjp(f.apply, x.each_ref(), &u).unwrap().1;
        assert_close(
            times(&transposed, &u),
            g.to_f64(),
            Tolerance::absolute(1e-12 * largest(&j.to_f64()).max(1.0)),
        );
    });
}

/// The Hessian is symmetric, is the central difference of the gradient, and `hvp` is its product with a vector.
#[test]
fn the_hessian_is_symmetric_and_that_of_hvp_and_differences() {
    each_function("hessian", |f, x, rng| {
        if !f.is_scalar(x) {
            return;
        }
        let h = f.hessian(x);
        let n = x[0].elements();
        assert_eq!(**h.shape(), [&x[0].shape()[..], &x[0].shape()[..]].concat());
        let size = largest(&h.to_f64()).max(1e-3);
        let transposed = h.reshape(&[n, n]).unwrap().permute(&[1, 0]).unwrap();
        assert_close(transposed.to_f64(), h.to_f64(), Tolerance::absolute(1e-12 * size));

        let v = normal(rng, x[0].shape());
        let still = Tensor::zeros(x[1].dtype(), *x[1].shape());
        let [hv, _] = hvp(f.apply, x.each_ref(), [&v, &still]).unwrap();
        let product = times(&h, &v);
        assert_close(
            hv.to_f64(),
            &product,
            Tolerance::absolute(1e-12 * size * (n + 1) as f64),
        );

        let at = |step: f64| grad(f.apply, [&moved(&x[0], &v.to_f64(), step), &x[1]]).unwrap()[0].to_f64();
        let (up, down) = (at(1e-6), at(-1e-6));
        let numeric: Vec<f64> = up.iter().zip(&down).map(|(up, down)| (up - down) / 2e-6).collect();
        assert_close(numeric, product, Tolerance::absolute(1e-6 * size.max(1.0)));
    });
}

/// A direction of the second argument moves the gradient of the first: the mixed derivative, by closures inside.
#[test]
fn hvp_has_the_mixed_derivatives() {
    each_function("mixed", |f, x, rng| {
        if !f.is_scalar(x) {
            return;
        }
        let (apply, v) = (f.apply, normal(rng, x[1].shape()));
        let still = Tensor::zeros(x[0].dtype(), *x[0].shape());
        let [mixed, _] = hvp(apply, x.each_ref(), [&still, &v]).unwrap();
        let inside = jacobian(|b| b.graph().constant(x[0].clone()).grad(|a| apply([a, b])), &x[1]);
        let product = times(&inside.unwrap(), &v);
        let size = largest(&product).max(1.0);
        assert_close(mixed.to_f64(), product, Tolerance::absolute(1e-12 * size));
    });
}

/// `grad`, `value_and_grad`, the closure inside a function and the function on nodes: the same bits.
#[test]
fn gradients_are_the_same_however_they_are_asked_for() {
    each_function("gradient", |f, x, _| {
        if !f.is_scalar(x) {
            let error = grad(f.apply, x.each_ref()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Shape, "{error}");
            return;
        }
        let apply = f.apply;
        let g = grad(apply, x.each_ref()).unwrap();
        let (y, g2) = value_and_grad(apply, x.each_ref()).unwrap();
        assert_eq!(bits(&y), bits(&eval(apply, x.each_ref()).unwrap()));
        assert_eq!(g.each_ref().map(bits), g2.each_ref().map(bits));
        let inside = eval(|[a, b]| a.grad(|a| apply([a, b])), x.each_ref()).unwrap();
        assert_eq!(bits(&g[0]), bits(&inside));
        let graph = Graph::dynamic();
        let nodes = x.each_ref().map(|x| graph.constant(x.clone()));
        for (g, node) in g.iter().zip(reverse::gradients(apply(nodes), &nodes)) {
            assert_eq!(bits(g), bits(&node.value().unwrap()));
        }
        for (g, x) in g.iter().zip(x) {
            assert_eq!((g.dtype(), g.shape()), (x.dtype(), x.shape()));
        }
    });
}

/// The function and each of its derivatives, compiled: the bits of eager, in both types, on one thread and two.
#[test]
fn compiled_is_eager_to_the_bit() {
    fn check<F>(f: F, x: [&Tensor; 2])
    where
        F: for<'g> Fn([Var<'g>; 2]) -> Var<'g>,
    {
        let eager = bits(&eval(&f, x).unwrap());
        assert_eq!(bits(&jit(&f).call(x).unwrap()), eager);
        let two = Engine::new(Isa::detect(), 2).unwrap();
        assert_eq!(bits(&jit(&f).on(two).call(x).unwrap()), eager);
    }
    each_function("compiled", |f, x, _| {
        let apply = f.apply;
        for x in [x.clone(), x.each_ref().map(narrow)] {
            let scalar = f.is_scalar(&x);
            let x = x.each_ref();
            check(apply, x);
            check(|[a, b]| a.jvp(|a| apply([a, b]), a * 0.5).1, x);
            check(|[a, b]| a.jacobian(|a| apply([a, b])), x);
            if scalar {
                check(|[a, b]| a.grad(|a| apply([a, b])), x);
                check(|[a, b]| a.hessian(|a| apply([a, b])), x);
            }
        }
    });
}

/// Gradients in f32 are those in f64 at the same numbers, but for rounding.
#[test]
fn f32_is_close_to_f64() {
    each_function("f32", |f, x, _| {
        if !f.is_scalar(x) {
            return;
        }
        let single = x.each_ref().map(narrow);
        let exact = single.each_ref().map(common::widen);
        let (g, exact) = (grad(f.apply, single.each_ref()), grad(f.apply, exact.each_ref()));
        for (g, exact) in g.unwrap().iter().zip(exact.unwrap()) {
            let size = largest(&exact.to_f64()).max(1e-3);
            assert_close(g.to_f64(), exact.to_f64(), Tolerance::absolute(1e-5 * size));
        }
    });
}

/// Every verb on every function, against `torch.func` in f64, to 1e-10.
#[test]
fn values_and_derivatives_are_those_of_torch_func() {
    let all = fixture("functions.json");
    let names: Vec<&str> = all.as_object().unwrap().keys().map(String::as_str).collect();
    let mut ours: Vec<&str> = FUNCTIONS.iter().map(|f| f.name).collect();
    ours.sort_unstable();
    assert_eq!(names, ours);
    let mut compared = 0;
    let mut close = |what: &str, actual: &Tensor, expected: &serde_json::Value| {
        println!("{what}");
        let expected = fixtures::tensor(expected);
        assert_eq!(actual.shape(), expected.shape());
        assert_close(actual.to_f64(), expected.to_f64(), 1e-10);
        compared += 1;
    };
    for f in FUNCTIONS {
        println!("{}", f.name);
        let case = &all[f.name];
        let pair = |key: &str| [0, 1].map(|i| fixtures::tensor(&case[key][i]));
        let (x, v, u) = (pair("x"), pair("v"), fixtures::tensor(&case["u"]));
        let (y, tangent) = jvp(f.apply, x.each_ref(), v.each_ref()).unwrap();
        close("value", &y, &case["y"]);
        close("jvp", &tangent, &case["jvp"]);
        let (_, products) = vjp(f.apply, x.each_ref(), &u).unwrap();
        (0..2).for_each(|i| close("vjp", &products[i], &case["vjp"][i]));
        close("jacobian", &f.jacobian(&x), &case["jacobian"]);
        if y.shape().rank() == 0 {
            let g = grad(f.apply, x.each_ref()).unwrap();
            let hv = hvp(f.apply, x.each_ref(), v.each_ref()).unwrap();
            (0..2).for_each(|i| close("grad", &g[i], &case["grad"][i]));
            (0..2).for_each(|i| close("hvp", &hv[i], &case["hvp"][i]));
            close("hessian", &f.hessian(&x), &case["hessian"]);
        }
    }
    println!("cases: torch.func {compared}");
}

/// Worked by hand; nested derivatives of one variable are not confused.
#[test]
fn worked_numbers() {
    let [dx, dy] = grad(|[x, y]| x * (3.0 * x * x.maximum(y)).exp(), [&2.0.into(), &1.0.into()]).unwrap();
    assert_close(dx.item().unwrap(), 4_068_869.785_475_098, 1e-15);
    assert_eq!(dy.item().unwrap(), 0.0);
    let f = function(|[x]| x.at(0) * x.at(1) * x.at(2) + x.at(0) * x.at(0) * x.at(1));
    let h = hessian(|x| f([x]), &[1.0, 2.0, 3.0].into()).unwrap();
    assert_eq!(h.to_f64(), [4.0, 5.0, 2.0, 5.0, 0.0, 1.0, 2.0, 1.0, 0.0]);

    let derivative =
        |f: for<'g> fn([Var<'g>; 1]) -> Var<'g>, at: f64| grad(f, [&at.into()]).unwrap()[0].item().unwrap();
    assert_eq!(derivative(|[x]| x.grad(|x| x.grad(|x| x * x * x * x)), 2.0), 48.0);
    assert_eq!(derivative(|[x]| x * x.grad(|y| x + y), 1.0), 1.0);
    // The same confusion, in forward mode: x · (d/dy (x + y) along 1) has the derivative 1, along anything.
    let nested = function(|[x]| x * x.jvp(|y| x + y, x.full_like(1.0)).1);
    let (_, along) = jvp(nested, [&1.0.into()], [&1.0.into()]).unwrap();
    assert_eq!(along.item().unwrap(), 1.0);
    // d/dx of ∂/∂y (x² y³) at y = x is d/dx (3 x² y²) = 3·2x·x² + 3·x²·2x = 12 x³.
    assert_eq!(derivative(|[x]| x.grad(|y| x * x * y * y * y), 2.0), 96.0);
    // Of the sum of a Jacobian's elements: J = diag(2x), so Σ J = 2 Σ x.
    let g = grad(|[x]| x.jacobian(|x| x * x).sum_all(), [&[1.0, 5.0].into()]).unwrap();
    assert_eq!(g[0].to_f64(), [2.0, 2.0]);
    // Of the trace of a Hessian: H = diag(6x), and x · H counts as well.
    let g = grad(
        |[x]| x.hessian(|x| (x * x * x).sum_all()).sum_all(),
        [&[1.0, 5.0].into()],
    )
    .unwrap();
    assert_eq!(g[0].to_f64(), [6.0, 6.0]);
}

/// One plan for each types of the arguments, at most so many, and numbers of strided arguments.
#[test]
fn a_compiled_function_keeps_a_plan_for_each_shape() {
    let mut square = jit(|[x]| x * x);
    for n in [3, 2, 3] {
        let x = Tensor::new(vec![2.0; n], &[n]).unwrap();
        assert_eq!(square.call([&x]).unwrap().to_f64(), vec![4.0; n]);
    }
    assert_eq!(square.plans(), 2);
    assert_eq!(square.call([&[2.0f32; 3].into()]).unwrap().to_f64(), [4.0; 3]);
    assert_eq!(square.plans(), 3);
    let strided = Tensor::from([[1.0, 2.0], [3.0, 4.0]]).permute(&[1, 0]).unwrap();
    assert_eq!(square.call([&strided]).unwrap().to_f64(), [1.0, 9.0, 4.0, 16.0]);
    let most = square.plans() + 70;
    for n in 0..most {
        square.call([&Tensor::new(vec![1.0; n], &[n, 1]).unwrap()]).unwrap();
    }
    assert_eq!(square.plans(), 64);
}

/// What does not change from call to call is computed as the function says, and integers may be arguments.
#[test]
fn integers_are_arguments_without_a_derivative() {
    let (table, rows) = (Tensor::from([[1.0, 2.0], [3.0, 4.0]]), Tensor::from([1_i64, 1]));
    let f = function(|[table, rows]| (table.take(rows) * table.take(rows)).sum_all());
    let [by_table, by_rows] = grad(f, [&table, &rows]).unwrap();
    assert_eq!(by_table.to_f64(), [0.0, 0.0, 12.0, 16.0]);
    assert_eq!(by_rows.to_vec::<i64>().unwrap(), [0, 0]);
    let (_, along) = jvp(f, [&table, &rows], [&table, &rows]).unwrap();
    assert_eq!(along.item().unwrap(), 100.0);
    assert_eq!(jit(f).call([&table, &rows]).unwrap().item().unwrap(), 50.0);
}
