//! An op of one's own with two results, on every way to run.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_autodiff::{Attributes, Lowering, Op, Type, Var, eval, jit};
use rosenblatt_tensor::machine::{Kernel, View, ViewMut};
use rosenblatt_tensor::{Isa, Result, Tensor};

/// `(x², x³)`, each of whose derivatives reads the other.
#[derive(Clone, Copy, Debug)]
struct Powers;

impl Kernel for Powers {
    fn run_many(&self, _: Isa, x: &[View<'_>], y: &mut [ViewMut<'_>], range: Range<usize>) -> Result<()> {
        let [squares, cubes] = y else {
            unreachable!("two outputs")
        };
        let (squares, cubes) = (squares.reborrow().numbers::<f64>()?, cubes.reborrow().numbers::<f64>()?);
        for (i, x) in x[0].contiguous::<f64>()?[range].iter().enumerate() {
            (squares[i], cubes[i]) = (x * x, x * x * x);
        }
        Ok(())
    }
}

impl Op for Powers {
    fn name(&self) -> &'static str {
        "powers"
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        Ok(x[0])
    }

    fn results(&self) -> usize {
        2
    }

    fn infer_all(&self, x: &[Type]) -> Result<Vec<Type>> {
        Ok(vec![x[0]; 2])
    }

    fn lowering(&self) -> Lowering {
        Lowering::Kernel(Arc::new(*self))
    }

    /// x̄ = 2 y₂/y₁ ȳ₁ + 3 y₁ ȳ₂
    fn vjp_all<'g>(&self, _: &[bool], _: &[Var<'g>], y: &[Var<'g>], dy: &[Option<Var<'g>>]) -> Vec<Option<Var<'g>>> {
        let square = dy[0].map(|dy| 2.0 * (y[1] / y[0]) * dy);
        let cube = dy[1].map(|dy| 3.0 * y[0] * dy);
        vec![square.into_iter().chain(cube).reduce(|a, b| a + b)]
    }

    fn jvp_all<'g>(&self, _: &[Var<'g>], y: &[Var<'g>], dx: &[Option<Var<'g>>]) -> Vec<Option<Var<'g>>> {
        vec![
            dx[0].map(|dx| 2.0 * (y[1] / y[0]) * dx),
            dx[0].map(|dx| 3.0 * y[0] * dx),
        ]
    }
}

fn powers(x: Var<'_>) -> [Var<'_>; 2] {
    let all = x.graph().apply_all(Arc::new(Powers), &[x]);
    [all[0], all[1]]
}

type Function = for<'g> fn(Var<'g>) -> Var<'g>;
/// What is computed of a function at a place.
type Verb = for<'g> fn(Var<'g>, Function) -> Var<'g>;

/// Each way to use the results, and the same of elementary ops.
const USES: [[Function; 2]; 5] = [
    [|x| powers(x)[0].sum_all(), |x| (x * x).sum_all()],
    [|x| powers(x)[1].sum_all(), |x| (x * x * x).sum_all()],
    [
        |x| (powers(x)[0] * powers(x)[1]).sum_all(),
        |x| (x * x * x * x * x).sum_all(),
    ],
    [|x| by_scan(x, |x| powers(x)[0]), |x| by_scan(x, |x| x * x)],
    [|x| by_scan(x, |x| powers(x)[1]), |x| by_scan(x, |x| x * x * x)],
];

fn by_scan<'g>(x: Var<'g>, f: impl Fn(Var<'g>) -> Var<'g>) -> Var<'g> {
    let ([last], [ys]) = x
        .graph()
        .scan([x.at(0)], [x], |[h], [x]| ([f(h * x + 0.5)], [f(h + x)]));
    last + (ys * ys).sum_all()
}

#[test]
fn results_and_derivatives_are_those_of_elementary_ops() {
    let x = Tensor::from([0.5, -0.75, 1.25]);
    for (i, [f, want]) in USES.into_iter().enumerate() {
        let verbs: [Verb; 4] = [
            |x, f| f(x),
            |x, f| x.grad(f),
            |x, f| x.hessian(f),
            |x, f| x.jacobian(|x| x.grad(f)),
        ];
        for (order, verb) in verbs.into_iter().enumerate() {
            let want = eval(|[x]| verb(x, want), [&x]).unwrap().to_f64();
            let found = eval(|[x]| verb(x, f), [&x]).unwrap().to_f64();
            let compiled = jit(|[x]| verb(x, f)).call([&x]).unwrap().to_f64();
            assert_eq!(compiled, found, "use {i}, verb {order}: bits of the plan");
            for (a, b) in found.iter().zip(&want) {
                assert!(
                    (a - b).abs() <= 1e-10 * (1.0 + b.abs()),
                    "use {i}, verb {order}: {found:?}, not {want:?}"
                );
            }
        }
    }
}
