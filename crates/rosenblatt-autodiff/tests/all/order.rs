//! The order of a plan's tasks: few barriers, and the check before any variable is written.

use rosenblatt_autodiff::plan::{Options, Plan, RunStatus, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var};
use rosenblatt_tensor::{DType, Isa, Shape, Tensor};

/// Each product needs all columns of the one before, which threads share; that of the other chain fits into the same phase.
#[test]
fn independent_chains_of_products_share_their_barriers() {
    for length in 1..6 {
        let graph = Graph::new(Execution::Static);
        let x = graph.input("x", DType::F32, Shape::new(&[128, 128]).unwrap());
        let signature = Signature {
            inputs: vec![x],
            outputs: [x.exp(), x.sin()]
                .map(|first| (0..length).fold(first, |product, _| product.matmul(x)))
                .to_vec(),
            ..Signature::default()
        };
        let mut variables = Variables::new(Engine::new(Isa::detect(), 2).unwrap());
        let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
        assert_eq!(plan.barriers(), length, "one before each pair of products");
    }
}

/// How a run ends for this `x`, and what variable `w`, once 1, is then, if `w + x` is its next value.
fn updated(checked: for<'g> fn(Var<'g>) -> Var<'g>, x: f32) -> (RunStatus, f64) {
    let graph = Graph::new(Execution::Static);
    let input = graph.input("x", DType::F32, Shape::SCALAR);
    let w = graph.variable("w", DType::F32, Shape::SCALAR);
    let next = w + input;
    let signature = Signature {
        inputs: vec![input],
        updates: vec![(w, next)],
        check: Some(checked(input)),
        ..Signature::default()
    };
    let mut variables = Variables::new(Engine::single());
    let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
    variables.write("w", &Tensor::scalar(1.0f32)).unwrap();
    let outcome = plan.run(&mut variables, &[&Tensor::scalar(x)]).unwrap();
    (outcome, variables.read("w").unwrap().to_f64()[0])
}

#[test]
fn a_variable_is_written_after_a_check_that_is_computed_later() {
    fn loss(x: Var<'_>) -> Var<'_> {
        x.reshape(&[1, 1]).softmax().sum_all() + x.ln()
    }
    assert_eq!(updated(loss, 2.0), (RunStatus::Done, 3.0));
    assert_eq!(updated(loss, -1.0), (RunStatus::Stopped, 1.0));
}

#[test]
fn an_input_is_checked_before_a_variable_is_written() {
    assert_eq!(updated(|x| x, 2.0), (RunStatus::Done, 3.0));
    assert_eq!(updated(|x| x, f32::INFINITY), (RunStatus::Stopped, 1.0));
}
