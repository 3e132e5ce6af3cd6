//! Functions of two arrays, for the laws of their derivatives.

use rosenblatt_autodiff::{Var, eval, hessian, jacobian};
use rosenblatt_tensor::Tensor;
use rosenblatt_tensor::rng::Stream;

use super::normal;

/// A function of two arrays.
pub type Apply = for<'g> fn([Var<'g>; 2]) -> Var<'g>;

pub struct Function {
    /// As in `fixtures/functions.json`.
    pub name: &'static str,
    pub apply: Apply,
    /// Shapes of the arguments.
    pub shapes: [&'static [usize]; 2],
}

pub const FUNCTIONS: &[Function] = &[
    Function {
        name: "product_exponential",
        apply: |[x, y]| x * (3.0 * x * x.maximum(y)).exp(),
        shapes: [&[], &[]],
    },
    Function {
        name: "cubic",
        apply: |[x, y]| (x.at(0) * x.at(1) * x.at(2) + x.at(0) * x.at(0) * x.at(1)) * y,
        shapes: [&[3], &[]],
    },
    Function {
        name: "rosenbrock",
        apply: |[x, y]| {
            let n = x.size(0);
            let (head, tail) = (x.slice(0, 0, n - 1), x.slice(0, 1, n));
            let (a, b) = (tail - head * head, 1.0 - head);
            (y * a * a + b * b).sum_all()
        },
        shapes: [&[5], &[]],
    },
    Function {
        name: "cross_entropy",
        apply: |[x, y]| -(x.log_softmax() * y).mean_all(),
        shapes: [&[4, 3], &[4, 3]],
    },
    Function {
        name: "network",
        apply: |[x, w]| {
            let h = x.matmul(w).tanh();
            (h * h).mean_all()
        },
        shapes: [&[4, 3], &[3, 2]],
    },
    Function {
        name: "broadcast",
        apply: |[x, y]| x.sin() * y + x,
        shapes: [&[2, 1], &[3]],
    },
    Function {
        name: "outer",
        apply: |[x, y]| x.reshape(&[3, 1]) * y.exp(),
        shapes: [&[3], &[2]],
    },
    Function {
        name: "norms",
        apply: |[x, y]| (x * x + y * y).sum(&[1], false).sqrt(),
        shapes: [&[2, 3], &[3]],
    },
    Function {
        name: "recurrence",
        apply: |[x, w]| {
            let steps = x.steps(1);
            let start = steps[0] * 0.0;
            steps.into_iter().fold(start, |h, step| (step + h.matmul(w)).tanh())
        },
        shapes: [&[2, 4, 3], &[3, 3]],
    },
    Function {
        name: "views",
        apply: |[x, y]| {
            let all = x.permute(&[2, 1, 0]).reshape(&[2, 6]).concat(&[y.reshape(&[1, 6])], 0);
            all * all
        },
        shapes: [&[2, 3, 2], &[3, 2]],
    },
    Function {
        name: "activations",
        apply: |[x, y]| x.sigmoid() * y.softplus() + (x * y).gelu() + y.erf() / (1.0 + x * x),
        shapes: [&[5], &[5]],
    },
    Function {
        name: "powers",
        apply: |[x, y]| (x.abs() + 1.0).pow(y) / (x * x + 2.0).sqrt(),
        shapes: [&[4], &[]],
    },
    Function {
        name: "rows_of_a_table",
        apply: |[x, y]| x.take(x.graph().constant([4_i64, 0, 4].into())) * y.reshape(&[3, 1]),
        shapes: [&[5, 2], &[3]],
    },
    Function {
        name: "largest",
        apply: |[x, y]| (x * y).max(&[1], false),
        shapes: [&[3, 4], &[4]],
    },
    Function {
        name: "derivative_inside",
        apply: |[x, y]| x * x.grad(|z| (z * z * z * y).sum_all()),
        shapes: [&[3], &[3]],
    },
    Function {
        name: "determinant",
        apply: |[x, y]| (x.at(0).at(0) * x.at(1).at(1) - x.at(0).at(1) * x.at(1).at(0)) * y,
        shapes: [&[2, 2], &[]],
    },
    Function {
        name: "empty",
        apply: |[x, y]| (x * y).sum_all() + y * y,
        shapes: [&[0], &[]],
    },
    Function {
        name: "without_x",
        apply: |[_, y]| y * y,
        shapes: [&[2], &[2]],
    },
    Function {
        name: "log_likelihood",
        apply: |[x, y]| {
            let z = y.matmul(x.reshape(&[3, 1])).reshape(&[2]);
            (z * z).ln_1p().sum_all()
        },
        shapes: [&[3], &[2, 3]],
    },
    Function {
        name: "direction",
        apply: |[x, y]| y * x / x.norm(),
        shapes: [&[3], &[]],
    },
];

impl Function {
    pub fn draw(&self, rng: &mut Stream) -> [Tensor; 2] {
        self.shapes.map(|shape| normal(rng, shape))
    }

    pub fn is_scalar(&self, x: &[Tensor; 2]) -> bool {
        eval(self.apply, x.each_ref()).unwrap().elements() == 1
    }

    /// As a function of the first argument.
    pub fn jacobian(&self, x: &[Tensor; 2]) -> Tensor {
        let apply = self.apply;
        jacobian(|a| apply([a, a.graph().constant(x[1].clone())]), &x[0]).unwrap()
    }

    pub fn hessian(&self, x: &[Tensor; 2]) -> Tensor {
        let apply = self.apply;
        hessian(|a| apply([a, a.graph().constant(x[1].clone())]), &x[0]).unwrap()
    }
}
