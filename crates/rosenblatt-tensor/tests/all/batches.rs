//! Products of many matrices, shared among threads along any axis: the bits of the sum rule, and barriers where needed.

use rosenblatt_tensor::machine::{
    Chain, Matrix, Operand, Partition, Place, Program, Source, Task, VariableMemory, Workspace,
};
use rosenblatt_tensor::pool::Pool;
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Isa, Layout, Shape, Tensor};

use super::machine::{dot, layout, mix, spec, tensor};

/// Sizes of `[p, q, m, k] · [p, q, k, n]`.
#[derive(Clone, Copy, Debug)]
struct Sizes {
    p: usize,
    q: usize,
    m: usize,
    k: usize,
    n: usize,
}

/// How an operand `[p, q, rows, cols]` lies in memory.
#[derive(Clone, Copy, Debug)]
enum Lies {
    /// Row-major.
    Plain,
    /// As `[p, rows, q, cols]`: attention heads next to each other.
    Heads,
    /// The same for each of the first axis.
    NoFirst,
    /// The same for each of the second axis.
    NoSecond,
    /// One matrix for all.
    Single,
}

fn lying(lies: Lies, [p, q, rows, cols]: [usize; 4]) -> (Vec<usize>, Layout) {
    let whole = Shape::new(&[p, q, rows, cols]).unwrap();
    match lies {
        Lies::Plain => (whole.to_vec(), Layout::contiguous(whole)),
        Lies::Heads => {
            let stored = vec![p, rows, q, cols];
            let turned = layout(&stored).permute(&[0, 2, 1, 3]).unwrap();
            (stored, turned)
        }
        Lies::NoFirst => (
            vec![q, rows, cols],
            layout(&[q, rows, cols]).broadcast_to(whole).unwrap(),
        ),
        Lies::NoSecond => {
            let stored = vec![p, 1, rows, cols];
            let stretched = layout(&stored).broadcast_to(whole).unwrap();
            (stored, stretched)
        }
        Lies::Single => (vec![rows, cols], layout(&[rows, cols]).broadcast_to(whole).unwrap()),
    }
}

/// `C = mix(A B, bias)` as a task of operands 0, 1 and 2 into 3.
fn task(sizes: Sizes, a: Layout, b: Layout, c: Layout) -> Task {
    let Sizes { p, q, m, k, n } = sizes;
    let space = Shape::new(&[p, q, m, n]).unwrap();
    let matrix = |buffer, layout| Matrix::new(Operand::strided(buffer, layout));
    let bias = layout(&[n]).broadcast_to(space).unwrap();
    Task::Product {
        space,
        k,
        a: matrix(0, a),
        b: matrix(1, b),
        chain: Chain {
            loads: vec![Operand::strided(2, bias)],
            steps: vec![mix([Source::Tile, Source::Load(0)])],
            stores: vec![(Source::Step(0), Operand::strided(3, c))],
            ..Chain::default()
        },
    }
}

#[test]
fn batches_follow_the_sum_rule_whatever_the_share() {
    let mut seed = 11;
    let cases = [
        ([1, 1, 5, 3, 7], Lies::Plain, Lies::Plain, Lies::Plain),
        ([3, 7, 5, 130, 33], Lies::Plain, Lies::Heads, Lies::Heads),
        ([7, 3, 17, 20, 10], Lies::Heads, Lies::NoFirst, Lies::Plain),
        ([2, 8, 9, 64, 64], Lies::NoSecond, Lies::Heads, Lies::Heads),
        ([50, 1, 2, 33, 40], Lies::Plain, Lies::Single, Lies::Plain),
        ([0, 3, 4, 5, 6], Lies::Plain, Lies::Plain, Lies::Plain),
        ([3, 0, 4, 5, 6], Lies::NoFirst, Lies::Single, Lies::Heads),
        ([3, 4, 6, 0, 5], Lies::NoFirst, Lies::NoSecond, Lies::Plain),
        ([7, 1, 1, 1, 1], Lies::NoFirst, Lies::Plain, Lies::Plain),
    ];
    let mut rng = Rng::new(3).purpose("batches").stream();
    let random = (0..40).map(|_| {
        let mut choose = |from: &[usize]| from[rng.below(from.len() as u64) as usize];
        let (p, q, m, k) = (
            choose(&[0, 1, 3, 7, 20]),
            choose(&[1, 2, 7]),
            choose(&[1, 4, 19]),
            choose(&[1, 8, 70]),
        );
        let n = choose(&[1, 31, 32, 50]);
        let mut lies = |from: &[Lies]| from[choose(&[0, 1, 2, 3, 4]) % from.len()];
        let all = [Lies::Plain, Lies::Heads, Lies::NoFirst, Lies::NoSecond, Lies::Single];
        ([p, q, m, k, n], lies(&all), lies(&all), lies(&all[..2]))
    });
    let isas: Vec<Isa> = Isa::supported().collect();
    for ([p, q, m, k, n], lies_a, lies_b, lies_c) in cases.into_iter().chain(random) {
        let sizes = Sizes { p, q, m, k, n };
        let (stored_a, a) = lying(lies_a, [p, q, m, k]);
        let (stored_b, b) = lying(lies_b, [p, q, k, n]);
        let (stored_c, c) = lying(lies_c, [p, q, m, n]);
        let inputs = [
            tensor(&mut seed, &stored_a),
            tensor(&mut seed, &stored_b),
            tensor(&mut seed, &[n]),
        ];
        let [x, w, v] = [&inputs[0], &inputs[1], &inputs[2]].map(|t| t.to_vec::<f32>().unwrap());
        let mut want = vec![0; stored_c.iter().product()];
        for at in 0..p * q * m * n {
            let (matrix, i, j) = (at / (m * n), at / n % m, at % n);
            let left = (0..k).map(|s| x[a.locate((matrix * m + i) * k + s)]);
            let right = (0..k).map(|s| w[b.locate((matrix * k + s) * n + j)]);
            let sum = dot(left, right);
            want[c.locate(at)] = (sum * v[j] + sum).to_bits();
        }
        for threads in [1, 2, 3, 4, 8] {
            let axes = (0..4).map(Partition::Axis);
            for (i, split) in axes.chain([Partition::One]).enumerate() {
                let isa = isas[(threads + i) % isas.len()];
                let got = run(task(sizes, a, b, c), split, threads, isa, &inputs, want.len());
                assert_eq!(
                    got, want,
                    "{sizes:?} {lies_a:?} {lies_b:?} {lies_c:?} {threads} {split:?} {isa}"
                );
            }
        }
    }
}

/// The bits of the result, as they lie.
fn run(task: Task, split: Partition, threads: usize, isa: Isa, inputs: &[Tensor; 3], elements: usize) -> Vec<u32> {
    let mut buffers: Vec<_> = (0..3).map(|i| spec(inputs[i].elements(), Place::Input(i))).collect();
    buffers.push(spec(elements, Place::Variable(0)));
    let program = Program::new(vec![(task, split)], buffers, threads, 0).unwrap();
    let mut memory = VariableMemory::new();
    memory.add(DType::F32, elements).unwrap();
    let mut pool = Pool::new(threads).unwrap();
    let [a, b, bias] = inputs;
    let done = program.run(&mut memory, &mut Workspace::new(), Some(&mut pool), isa, &[a, b, bias]);
    assert!(done.unwrap());
    memory.get::<f32>(0).unwrap().iter().map(|x| x.to_bits()).collect()
}

/// A thread goes on with the matrices it has made, also where they are next to those of the others.
#[test]
fn what_follows_a_batch_waits_only_for_other_threads() {
    let [p, q, m, k, n] = [4, 8, 6, 3, 5];
    let sizes = Sizes { p, q, m, k, n };
    let space = Shape::new(&[p, q, m, n]).unwrap();
    for lies in [Lies::Plain, Lies::Heads] {
        let (a, b, c) = (
            lying(Lies::Single, [p, q, m, k]).1,
            lying(Lies::Single, [p, q, k, n]).1,
            lying(lies, [p, q, m, n]).1,
        );
        let barriers = |first: Partition, second: Partition| {
            let chain = Chain {
                loads: vec![Operand::strided(3, c)],
                steps: vec![mix([Source::Load(0), Source::Load(0)])],
                stores: vec![(Source::Step(0), Operand::strided(4, Layout::contiguous(space)))],
                ..Chain::default()
            };
            let buffers = vec![
                spec(m * k, Place::Input(0)),
                spec(k * n, Place::Input(1)),
                spec(n, Place::Input(2)),
                spec(p * q * m * n, Place::Arena(0)),
                spec(p * q * m * n, Place::Variable(0)),
            ];
            let tasks = vec![(task(sizes, a, b, c), first), (Task::Map { space, chain }, second)];
            Program::new(tasks, buffers, 4, 0).unwrap().barriers()
        };
        for axis in 0..2 {
            assert_eq!(
                barriers(Partition::Axis(axis), Partition::Axis(axis)),
                0,
                "{lies:?} {axis}"
            );
            assert_eq!(
                barriers(Partition::Axis(axis), Partition::Axis(1 - axis)),
                1,
                "{lies:?} {axis}"
            );
            assert_eq!(barriers(Partition::Axis(axis), Partition::One), 1, "{lies:?} {axis}");
        }
    }
}

/// Every thread has enough to do, and matrices stay whole where that costs nothing.
#[test]
fn products_are_shared_where_every_thread_has_a_part() {
    let of = |sizes: &[usize], threads| Partition::of_product(&Shape::new(sizes).unwrap(), threads);
    assert_eq!(of(&[512, 256], 1), Partition::One);
    assert_eq!(of(&[512, 256], 8), Partition::Axis(1), "columns");
    assert_eq!(of(&[512, 64], 8), Partition::Axis(0), "too few columns");
    assert_eq!(of(&[64, 64], 8), Partition::One, "too few of both");
    assert_eq!(of(&[96, 64, 64], 8), Partition::Axis(0), "attention heads");
    assert_eq!(of(&[3, 8, 64, 64], 8), Partition::Axis(1), "one head for each");
    assert_eq!(of(&[8, 8, 64, 64], 8), Partition::Axis(0), "the outer of two");
    assert_eq!(of(&[7, 64, 64], 8), Partition::Axis(0), "one thread idle");
    assert_eq!(
        of(&[7, 512, 64], 8),
        Partition::Axis(1),
        "rows are even, seven matrices are not"
    );
    assert_eq!(of(&[1, 64, 64], 8), Partition::One);
    assert_eq!(of(&[0, 64, 64], 8), Partition::One);
    assert_eq!(of(&[16, 4, 4], 8), Partition::One, "less than it costs to meet");
}
