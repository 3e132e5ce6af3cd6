//! Heads of attention: products of many small matrices, shared among threads by the batch.

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var, reverse};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Isa, Shape, Tensor};

use super::common::{bits, narrow, normal};

/// Batch, heads, length of a text, size of a head.
type Sizes = [usize; 4];

/// `[batch, length, heads·size]` as `[batch, heads, length, size]`.
fn heads<'g>(x: Var<'g>, [batch, heads, length, size]: Sizes) -> Var<'g> {
    x.reshape(&[batch, length, heads, size]).permute(&[0, 2, 1, 3])
}

/// `softmax(q kᵀ) v` for each head, and the gradients of the sum of its squares.
fn attention<'g>(x: [Var<'g>; 3], sizes: Sizes) -> Vec<Var<'g>> {
    let [q, k, v] = x.map(|x| heads(x, sizes));
    let y = q.matmul(k.matrix_transpose()).softmax().matmul(v);
    let mut all = reverse::gradients((y * y).sum_all(), &x);
    all.push(y);
    all
}

fn inputs([batch, heads, length, size]: Sizes) -> [Tensor; 3] {
    let mut rng = Rng::new(9).purpose("attention").stream();
    [(); 3].map(|()| narrow(&normal(&mut rng, &[batch, length, heads * size])))
}

fn values(results: &[Var<'_>]) -> Vec<Vec<u64>> {
    results.iter().map(|y| bits(&y.value().unwrap())).collect()
}

fn dynamic(sizes: Sizes, threads: usize) -> Vec<Vec<u64>> {
    let graph = Graph::dynamic_on(Engine::new(Isa::detect(), threads).unwrap());
    values(&attention(inputs(sizes).map(|x| graph.constant(x)), sizes))
}

fn compiled(sizes: Sizes, threads: usize) -> Vec<Vec<u64>> {
    let graph = Graph::new(Execution::Static);
    let values = inputs(sizes);
    let shape = *values[0].shape();
    let x = ["q", "k", "v"].map(|name| graph.input(name, DType::F32, shape));
    let signature = Signature {
        inputs: x.to_vec(),
        outputs: attention(x, sizes),
        ..Signature::default()
    };
    let mut variables = Variables::new(Engine::new(Isa::detect(), threads).unwrap());
    let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
    plan.run(&mut variables, &values.each_ref()).unwrap();
    let outputs = 0..signature.outputs.len();
    outputs.map(|i| bits(&plan.output(&variables, i).unwrap())).collect()
}

#[test]
fn heads_have_the_same_bits_on_any_number_of_threads() {
    for sizes in [
        [1, 8, 40, 64],
        [7, 1, 30, 64],
        [3, 4, 33, 20],
        [1, 1, 5, 4],
        [0, 2, 3, 4],
        [2, 3, 100, 64],
    ] {
        let want = dynamic(sizes, 1);
        for threads in [1, 2, 3, 4, 8] {
            assert_eq!(dynamic(sizes, threads), want, "{sizes:?}, dynamic, {threads} threads");
            assert_eq!(compiled(sizes, threads), want, "{sizes:?}, compiled, {threads} threads");
        }
    }
}

/// In f64, from the definition.
#[test]
fn attention_is_a_mean_of_values_weighted_by_likeness() {
    let sizes = [2, 3, 5, 4];
    let [batch, heads, length, size] = sizes;
    let [q, k, v] = inputs(sizes).map(|x| x.to_f64());
    let graph = Graph::dynamic();
    let y = attention(inputs(sizes).map(|x| graph.constant(x)), sizes)[3]
        .value()
        .unwrap();
    assert_eq!(*y.shape(), Shape::new(&[batch, heads, length, size]).unwrap());
    let y = y.to_f64();
    for (b, h, i) in (0..batch).flat_map(|b| (0..heads).flat_map(move |h| (0..length).map(move |i| (b, h, i)))) {
        let at = |j: usize, c: usize| ((b * length + j) * heads + h) * size + c;
        let likeness = |j: usize| (0..size).map(|c| q[at(i, c)] * k[at(j, c)]).sum::<f64>();
        let weights: Vec<f64> = (0..length).map(|j| likeness(j).exp()).collect();
        let total: f64 = weights.iter().sum();
        for c in 0..size {
            let mean = (0..length).map(|j| weights[j] * v[at(j, c)]).sum::<f64>() / total;
            let got = y[((b * heads + h) * length + i) * size + c];
            assert!((got - mean).abs() < 1e-5, "{got} is not {mean}");
        }
    }
}
