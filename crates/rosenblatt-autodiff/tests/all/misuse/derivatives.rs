//! Mistakes in derivatives.

use rosenblatt_autodiff::{
    Attributes, Graph, Lowering, Op, Type, Var, eval, forward, grad, hessian, hvp, jacobian, jvp, reverse, vjp,
};
use rosenblatt_tensor::{DType, ErrorKind, Result, Shape, Tensor};

use super::{Row, error, freed, here, pair, rows};

pub const ROWS: &[Row] = rows![
    "fewer directions than operands", Shape, "jvp: expected a direction for each operand, got 1 for 2": || {
        let graph = Graph::dynamic();
        let [a, b] = pair(&graph);
        let (dy, line) = here!(forward::jvp(&[a * b], &[a, b], &[a]));
        (error(dy[0]), line)
    };
    "a direction of another shape", Shape, "jvp: direction 1: expected f64 [2], as its operand, got f64 [1]": || {
        let graph = Graph::dynamic();
        let [a, b] = pair(&graph);
        let short = graph.constant([1.0].into());
        let (dy, line) = here!(forward::jvp(&[a * b], &[a, b], &[a, short]));
        (error(dy[0]), line)
    };
    "a direction of another type", Shape, "jvp: direction 0: expected f64 [2], as its operand, got f32 [2]": || {
        let x = [1.0, 2.0].into();
        let (y, line) = here!(jvp(|[x]| x * x, [&x], [&[1.0f32, 2.0].into()]));
        (y.unwrap_err(), line)
    };
    "a cotangent of another shape", Shape, "vjp: expected a cotangent of f64 [2], as the result, got f64 [1]": || {
        let graph = Graph::dynamic();
        let [a, b] = pair(&graph);
        let short = graph.constant([1.0].into());
        let (dx, line) = here!(reverse::vjp(a * b, short, &[a]));
        (error(dx[0]), line)
    };
    "a cotangent of another type", Shape, "vjp: expected a cotangent of f64 [2], as the result, got i64 [2]": || {
        let (y, line) = here!(vjp(|[x]| x * x, [&[1.0, 2.0].into()], &[1i64, 2].into()));
        (y.unwrap_err(), line)
    };
    "the gradient of a vector", Shape, "grad: expected a function whose value is a scalar, got f64 [2]": || {
        let (y, line) = here!(grad(|[x]| x * x, [&[1.0, 2.0].into()]));
        (y.unwrap_err(), line)
    };
    "the gradient of a vector, inside", Shape, "grad: expected a function whose value is a scalar, got f64 [2]": || {
        let x = [1.0, 2.0].into();
        let (y, line) = here!(eval(|[x]| x.grad(|y| y * x), [&x]));
        (y.unwrap_err(), line)
    };
    "the gradients of a node that is a vector", Shape, "gradients: expected a scalar loss, got f64 [2]": || {
        let graph = Graph::dynamic();
        let [a, b] = pair(&graph);
        let (dx, line) = here!(reverse::gradients(a * b, &[a]));
        (error(dx[0]), line)
    };
    "the gradient of an index", Shape, "grad: expected a function whose value is a scalar, got i64 []": || {
        let (y, line) = here!(grad(|[x]| x.argmax(0), [&[1.0, 2.0].into()]));
        (y.unwrap_err(), line)
    };
    "the Hessian of a vector", Shape, "hessian: expected a function whose value is a scalar, got f64 [2]": || {
        let (y, line) = here!(hessian(|x| x * x, &[1.0, 2.0].into()));
        (y.unwrap_err(), line)
    };
    "the Hessian times a shorter vector", Shape, "hvp: direction 0: expected f64 [2], as its operand, got f64 [1]": || {
        let x = [1.0, 2.0].into();
        let (y, line) = here!(hvp(|[x]| x.dot(x), [&x], [&[1.0].into()]));
        (y.unwrap_err(), line)
    };
    "a Jacobian with respect to integers", Shape, "jacobian: expected floating-point values, got i64 [2] of i64 [2]": || {
        let (y, line) = here!(jacobian(|x| x, &[1i64, 2].into()));
        (y.unwrap_err(), line)
    };
    "a Jacobian of too many axes", Shape, "jacobian: expected at most 8 axes, got 10": || {
        let x = Tensor::zeros(DType::F64, Shape::new(&[1; 5]).unwrap());
        let (y, line) = here!(jacobian(|x| x * x, &x));
        (y.unwrap_err(), line)
    };
    "a gradient with respect to a value of another graph", Config, "values of two graphs cannot be used together": || {
        let (one, other) = (Graph::dynamic(), Graph::dynamic());
        let (a, b) = (one.constant(1.0.into()), other.constant(2.0.into()));
        let (dx, line) = here!(reverse::gradients(a * a, &[b]));
        (error(dx[0]), line)
    };
    "a gradient with respect to a value that was freed", Config, "value %1 was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let (x, y) = (freed(graph.constant(1.0.into())), graph.constant(1.0.into()));
        let (dx, line) = here!(reverse::gradients(y * y, &[x]));
        (error(dx[0]), line)
    };
    "a gradient through a value that was freed", Config, "passes through a value that was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let [x, _] = pair(&graph);
        let y = graph.scope(|_| x.exp().sum_all());
        let (dx, line) = here!(reverse::gradients(y, &[x]));
        (error(dx[0]), line)
    };
    "a tangent through a value that was freed", Config, "passes through a value that was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let [x, dx] = pair(&graph);
        let y = graph.scope(|_| x.exp().sin());
        let (dy, line) = here!(forward::jvp(&[y], &[x], &[dx]));
        (error(dy[0]), line)
    };
    "a vjp that does not fit", Shape, "matmul: expected two axes or more": || {
        let graph = Graph::dynamic();
        let [x, _] = pair(&graph);
        let y = graph.apply(Wrong, &[x]);
        let (dx, line) = here!(reverse::gradients(y.sum_all(), &[x]));
        (error(dx[0]), line)
    };
    "a jvp that does not fit", Shape, "matmul: expected two axes or more": || {
        let graph = Graph::dynamic();
        let [x, dx] = pair(&graph);
        let y = graph.apply(Wrong, &[x]);
        let (dy, line) = here!(forward::jvp(&[y], &[x], &[dx]));
        (error(dy[0]), line)
    };
];

/// An op of a user whose derivatives multiply vectors as if they were matrices.
#[derive(Clone, Copy, Debug)]
struct Wrong;

impl Op for Wrong {
    fn name(&self) -> &'static str {
        "wrong"
    }

    fn attributes(&self) -> Attributes {
        Attributes::new()
    }

    fn infer(&self, x: &[Type]) -> Result<Type> {
        Ok(x[0])
    }

    fn lowering(&self) -> Lowering {
        Lowering::View
    }

    fn view(&self, x: &rosenblatt_tensor::Layout) -> Result<Option<rosenblatt_tensor::Layout>> {
        Ok(Some(*x))
    }

    fn vjp<'g>(&self, _: usize, x: &[Var<'g>], _y: Var<'g>, dy: Var<'g>) -> Option<Var<'g>> {
        Some(x[0].matmul(dy))
    }

    fn jvp<'g>(&self, x: &[Var<'g>], _y: Var<'g>, dx: &[Option<Var<'g>>]) -> Option<Var<'g>> {
        Some(x[0].matmul(dx[0]?))
    }
}
