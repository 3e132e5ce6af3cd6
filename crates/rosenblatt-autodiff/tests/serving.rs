//! Plans over shared variables: the same bits from every thread, no copies, no allocation, no misuse.

use std::thread;

use rosenblatt_autodiff::plan::{Input, Options, Plan, RunStatus, Signature, Variables, Workspace};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var};
use rosenblatt_tensor::{DType, ErrorKind, Isa, Result, Shape, Tensor};
use rosenblatt_testkit::{CountingAllocator, count};

#[global_allocator]
static ALLOCATOR: CountingAllocator = CountingAllocator;

const NETWORK: [usize; 3] = [784, 256, 10];
const WEIGHT_BYTES: usize = 4 * (784 * 256 + 256 + 256 * 10 + 10);

fn shape(sizes: &[usize]) -> Shape {
    Shape::new(sizes).unwrap()
}

fn numbers(count: usize, factor: usize) -> Vec<f32> {
    (0..count).map(|i| ((i * factor) % 1009) as f32 / 504.0 - 1.0).collect()
}

fn tensor(sizes: &[usize], factor: usize) -> Tensor {
    Tensor::from_vec(numbers(sizes.iter().product(), factor), sizes).unwrap()
}

/// Names and values of the parameters.
fn parameters() -> Vec<(String, Tensor)> {
    let layers = NETWORK.windows(2).enumerate();
    let of = |(i, w): (usize, &[usize])| {
        let (weight, bias) = (tensor(&[w[1], w[0]], 37 + i), tensor(&[w[1]], 61 + i));
        [(format!("{i}.weight"), weight), (format!("{i}.bias"), bias)]
    };
    layers.flat_map(of).collect()
}

/// The outputs of the network, from what `parameter` makes of each name and value.
fn network<'g>(x: Var<'g>, parameter: impl Fn(&str, &Tensor) -> Var<'g>) -> Var<'g> {
    let all: Vec<Var<'_>> = parameters()
        .iter()
        .map(|(name, value)| parameter(name, value))
        .collect();
    let hidden = (x.matmul(all[0].matrix_transpose()) + all[1]).relu();
    hidden.matmul(all[2].matrix_transpose()) + all[3]
}

/// Calls `compile` with a signature that predicts `batch` rows.
fn with_prediction<R>(batch: usize, compile: impl FnOnce(&Signature<'_>) -> R) -> R {
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F32, shape(&[batch, NETWORK[0]]));
    let y = network(x, |name, value| graph.variable(name, DType::F32, *value.shape()));
    compile(&Signature {
        inputs: vec![x],
        outputs: vec![y],
        ..Signature::default()
    })
}

/// A plan for each number of rows, over variables that hold the parameters.
fn served(batches: &[usize], threads: usize) -> (Variables, Vec<Plan>) {
    let mut variables = Variables::new(Engine::new(Isa::detect(), threads).unwrap());
    let mut compile = |&batch: &usize| {
        with_prediction(batch, |signature| {
            Plan::compile(signature, &mut variables, &Options::default())
        })
        .unwrap()
    };
    let plans = batches.iter().map(&mut compile).collect();
    for (name, value) in parameters() {
        variables.write(&name, &value).unwrap();
    }
    (variables, plans)
}

/// Adds the input to a variable.
fn adding(variables: &mut Variables) -> Plan {
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F32, shape(&[2]));
    let total = graph.variable("total", DType::F32, shape(&[2]));
    let signature = Signature {
        inputs: vec![x],
        outputs: vec![total + x],
        updates: vec![(total, total + x)],
        check: None,
    };
    Plan::compile(&signature, variables, &Options::default()).unwrap()
}

fn bits(values: &[f32]) -> Vec<u32> {
    values.iter().map(|x| x.to_bits()).collect()
}

fn computed_dynamically(x: Tensor) -> Vec<u32> {
    let graph = Graph::dynamic();
    let y = network(graph.constant(x), |_, value| graph.constant(value.clone()));
    bits(&y.value().unwrap().to_vec::<f32>().unwrap())
}

/// The larger batch is cut for two threads; here one thread does both shares.
#[test]
fn eight_threads_with_a_workspace_each_share_one_set_of_weights() {
    let (mut variables, plans) = served(&[1, 40], 2);
    assert_eq!((plans[0].threads(), plans[1].threads()), (1, 2));
    let x = tensor(&[40, NETWORK[0]], 11);
    let want = computed_dynamically(x.clone());
    assert_eq!(plans[1].run(&mut variables, &[&x]).unwrap(), RunStatus::Done);
    assert_eq!(
        bits(&plans[1].output(&variables, 0).unwrap().to_vec::<f32>().unwrap()),
        want
    );

    let rows = x.as_slice::<f32>().unwrap();
    let serve = |variables: &Variables| -> Result<()> {
        let mut workspace = Workspace::new();
        for _ in 0..3 {
            let mut output = vec![0.0; 10];
            for (i, row) in rows.chunks(NETWORK[0]).enumerate() {
                plans[0].run_shared(variables, &mut workspace, &[Input::from(row)])?;
                plans[0].read_into(&workspace, 0, &mut output)?;
                assert_eq!(bits(&output), want[10 * i..10 * (i + 1)], "row {i}");
            }
            assert_eq!(plans[1].run_shared(variables, &mut workspace, &[&x])?, RunStatus::Done);
            assert_eq!(bits(&plans[1].read(&workspace, 0)?.to_vec::<f32>()?), want);
        }
        Ok(())
    };
    thread::scope(|scope| {
        let threads: Vec<_> = (0..8).map(|_| scope.spawn(|| serve(&variables))).collect();
        threads.into_iter().for_each(|thread| thread.join().unwrap().unwrap());
    });
}

#[test]
fn a_further_workspace_costs_no_copy_of_the_weights_and_runs_allocate_nothing() {
    let (variables, plans) = served(&[1, 4], 1);
    let mut workspace = plans[0].workspace().unwrap();
    assert!(
        workspace.bytes() * 20 <= WEIGHT_BYTES,
        "{} of {WEIGHT_BYTES}",
        workspace.bytes()
    );
    plans[1].reserve(&mut workspace).unwrap();
    let reserved = workspace.bytes();

    let (row, batch) = (numbers(NETWORK[0], 11), tensor(&[4, NETWORK[0]], 11));
    let (mut one, mut four) = ([0.0f32; 10], [0.0f32; 40]);
    let mut serve = || -> Result<()> {
        plans[0].run_shared(&variables, &mut workspace, &[Input::from(&row[..])])?;
        plans[0].read_into(&workspace, 0, &mut one)?;
        plans[1].run_shared(&variables, &mut workspace, &[&batch])?;
        plans[1].read_into(&workspace, 0, &mut four)
    };
    serve().unwrap();
    let (served, allocations) = count(|| (0..10).try_for_each(|_| serve()));
    served.unwrap();
    assert_eq!(allocations.this_thread, 0);
    assert_eq!(workspace.bytes(), reserved);
    assert_eq!(bits(&one), bits(&four[..10]));
}

/// However many operands a task has, what it needs to know of them is there before the run.
#[test]
fn forty_operands_are_joined_by_one_task_that_allocates_nothing() {
    let graph = Graph::new(Execution::Static);
    let names: Vec<String> = (0..40).map(|i| format!("{i}")).collect();
    let parts: Vec<Var<'_>> = names
        .iter()
        .map(|name| graph.input(name, DType::F32, shape(&[2])))
        .collect();
    let signature = Signature {
        outputs: vec![parts[0].concat(&parts[1..], 0)],
        inputs: parts,
        ..Signature::default()
    };
    let mut variables = Variables::new(Engine::single());
    let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
    assert_eq!(plan.tasks().count(), 1);
    let (mut workspace, all) = (plan.workspace().unwrap(), numbers(80, 37));
    let inputs: Vec<Input<'_>> = all.chunks(2).map(Input::from).collect();
    let mut output = [0.0f32; 80];
    let mut run = || -> Result<()> {
        plan.run_shared(&variables, &mut workspace, &inputs)?;
        plan.read_into(&workspace, 0, &mut output)
    };
    run().unwrap();
    let (done, allocations) = count(|| (0..10).try_for_each(|_| run()));
    done.unwrap();
    assert_eq!(allocations.this_thread, 0);
    assert_eq!(output[..], all[..]);
}

#[test]
fn a_plan_with_updates_is_refused_over_shared_variables() {
    let mut variables = Variables::new(Engine::single());
    let plan = adding(&mut variables);
    let x = Tensor::from_vec(vec![1.0f32, 2.0], &[2]).unwrap();
    let mut workspace = plan.workspace().unwrap();
    let error = plan.run_shared(&variables, &mut workspace, &[&x]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Config);
    assert_eq!(variables.read("total").unwrap().to_f64(), [0.0, 0.0]);
    assert!(plan.writes_variables() && !served(&[1], 1).1[0].writes_variables());
    plan.run(&mut variables, &[&x]).unwrap();
    assert_eq!(variables.read("total").unwrap().to_f64(), [1.0, 2.0]);
}

#[test]
fn inputs_that_do_not_fit_are_named() {
    let (variables, plans) = served(&[2], 1);
    let mut workspace = Workspace::new();
    let mut message = |inputs: &[Input<'_>]| {
        let error = plans[0].run_shared(&variables, &mut workspace, inputs).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Shape);
        error.to_string()
    };
    let (few, wide) = (tensor(&[1, 784], 3), tensor(&[784, 2], 3));
    let across = wide.permute(&[1, 0]).unwrap();
    let (bytes, row) = ([0u8; 2 * 784], [0.0f32; 7]);
    assert_eq!(
        message(&[Input::from(&few)]),
        "input `x`: expected f32 [2, 784], got f32 [1, 784]"
    );
    assert_eq!(
        message(&[Input::from(&row[..])]),
        "input `x`: expected f32 [2, 784], got 7 numbers of f32"
    );
    assert_eq!(
        message(&[Input::from(&bytes[..])]),
        "input `x`: expected f32 [2, 784], got 1568 numbers of u8"
    );
    assert!(message(&[Input::from(&across)]).starts_with("input `x`: expected a tensor without gaps"));
    assert_eq!(message(&[]), "expected `x`, got 0 inputs");
    assert_eq!(
        message(&[Input::from(&few), Input::from(&few)]),
        "expected `x`, got 2 inputs"
    );
}

#[test]
fn outputs_are_read_after_a_run_of_their_own_plan() {
    let (variables, plans) = served(&[1, 2], 1);
    let mut workspace = Workspace::new();
    let [x, y] = [1, 2].map(|rows| tensor(&[rows, NETWORK[0]], 5));
    let mut output = [0.0f32; 10];
    let early = plans[0].read_into(&workspace, 0, &mut output).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::Config);
    plans[0].run_shared(&variables, &mut workspace, &[&x]).unwrap();
    plans[0].read_into(&workspace, 0, &mut output).unwrap();
    assert!(
        plans[0].read_into(&workspace, 0, &mut [0.0f32; 9]).is_err(),
        "another length"
    );
    assert!(
        plans[0].read_into(&workspace, 0, &mut [0.0f64; 10]).is_err(),
        "another type"
    );
    assert!(
        plans[0].read_into(&workspace, 1, &mut output).is_err(),
        "no such output"
    );
    plans[1].run_shared(&variables, &mut workspace, &[&y]).unwrap();
    assert!(plans[0].read_into(&workspace, 0, &mut output).is_err(), "overwritten");
    plans[0].run_shared(&variables, &mut workspace, &[&x]).unwrap();
    plans[0].read_into(&workspace, 0, &mut output).unwrap();
}

/// The order in which plans add variables decides their numbers: another set may have other weights there.
#[test]
fn a_plan_runs_only_over_its_own_variables() {
    let ((variables, plans), (mut other, _)) = (served(&[1], 1), served(&[1], 1));
    let x = tensor(&[1, NETWORK[0]], 5);
    let mut workspace = Workspace::new();
    plans[0].run_shared(&variables, &mut workspace, &[&x]).unwrap();
    assert_eq!(
        plans[0].run_shared(&other, &mut workspace, &[&x]).unwrap_err().kind(),
        ErrorKind::Config
    );
    assert_eq!(plans[0].run(&mut other, &[&x]).unwrap_err().kind(), ErrorKind::Config);
}

#[test]
fn plans_are_compiled_over_shared_variables_that_exist() {
    let (variables, plans) = served(&[1], 1);
    let compile = |signature: &Signature<'_>| Plan::compile_shared(signature, &variables, &Options::default());
    let three = with_prediction(3, compile).unwrap();
    let x = tensor(&[3, NETWORK[0]], 5);
    let mut workspace = Workspace::new();
    three.run_shared(&variables, &mut workspace, &[&x]).unwrap();
    let got = three.read(&workspace, 0).unwrap().to_vec::<f32>().unwrap();
    assert_eq!(bits(&got), computed_dynamically(x));

    let graph = Graph::new(Execution::Static);
    let signature = Signature {
        outputs: vec![graph.variable("unknown", DType::F32, shape(&[2])) * 2.0],
        ..Signature::default()
    };
    assert!(compile(&signature).is_err());
    assert_eq!(variables.names().count(), 4);
    drop(plans);
}

#[test]
fn plans_and_variables_are_shared_and_workspaces_sent() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Plan>();
    is_shared::<Variables>();
    is_shared::<Workspace>();
}
