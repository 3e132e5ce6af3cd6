//! The machine against the definition: random tasks, threads, layouts, and what it must refuse.

use std::sync::Arc;

use rosenblatt_tensor::machine::{
    BufferSpec, Chain, Form, Matrix, Operand, Packed, Partition, Place, Program, Slice, SliceMut, Source, Step, Task,
    TileKernel, VariableMemory, Workspace,
};
use rosenblatt_tensor::pool::Pool;
use rosenblatt_tensor::{DType, Isa, Layout, Shape, Tensor};

/// `a·b + a`, to tell operands apart.
struct Mix;

impl TileKernel for Mix {
    fn run(&self, _: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        let ([Slice::F32(a), Slice::F32(b)], SliceMut::F32(y)) = (inputs, output) else {
            panic!("f32 only")
        };
        let at = |x: &[f32], i: usize| if x.len() == 1 { x[0] } else { x[i] };
        y.iter_mut()
            .enumerate()
            .for_each(|(i, y)| *y = at(a, i) * at(b, i) + at(a, i));
    }
}

pub(crate) fn mix(inputs: [Source; 2]) -> Step {
    Step {
        kernel: Arc::new(Mix),
        dtype: DType::F32,
        inputs: inputs.to_vec(),
    }
}

pub(crate) fn layout(sizes: &[usize]) -> Layout {
    Layout::contiguous(Shape::new(sizes).unwrap())
}

pub(crate) fn tensor(seed: &mut u64, sizes: &[usize]) -> Tensor {
    let mut next = || {
        *seed = seed
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        ((*seed >> 40) as f32) / 8_388_608.0 - 1.0
    };
    Tensor::from_vec((0..sizes.iter().product()).map(|_| next()).collect::<Vec<f32>>(), sizes).unwrap()
}

pub(crate) fn spec(elements: usize, place: Place) -> BufferSpec {
    BufferSpec {
        dtype: DType::F32,
        elements,
        place,
    }
}

/// The sum rule, from its text.
pub(crate) fn dot(a: impl Iterator<Item = f32>, b: impl Iterator<Item = f32>) -> f32 {
    let pairs: Vec<(f32, f32)> = a.zip(b).collect();
    let blocks = pairs
        .chunks(128)
        .map(|block| block.iter().fold(0.0f32, |sum, &(a, b)| a.mul_add(b, sum)));
    blocks.reduce(|total, block| total + block).unwrap_or(0.0)
}

struct Case {
    m: usize,
    k: usize,
    n: usize,
    split: Partition,
    packed_b: bool,
    packed_c: bool,
}

/// `C = mix(A B, bias)` with bias along the columns; returns C row-major.
fn run_product(case: &Case, threads: usize, isa: Isa, a: &Tensor, b: &Tensor, bias: &Tensor) -> Vec<f32> {
    let &Case {
        m,
        k,
        n,
        split,
        packed_b,
        packed_c,
    } = case;
    let c = Packed { rows: m, cols: n };
    let right = Packed { rows: k, cols: n };
    let c_elements = if packed_c { c.elements() } else { m * n };
    let b_elements = if packed_b { right.elements() } else { k * n };
    let buffers = vec![
        spec(m * k, Place::Input(0)),
        spec(b_elements, Place::Variable(0)),
        spec(n, Place::Input(1)),
        spec(c_elements, Place::Variable(1)),
    ];
    let form = |packed: bool, p: Packed, l: Layout| if packed { Form::Packed(p) } else { Form::Strided(l) };
    let c_operand = Operand {
        buffer: 3,
        form: form(packed_c, c, layout(&[m, n])),
    };
    let b_operand = Operand {
        buffer: 1,
        form: form(packed_b, right, layout(&[k, n])),
    };
    let bias_operand = Operand::strided(2, layout(&[n]).broadcast_to(Shape::new(&[m, n]).unwrap()).unwrap());
    let task = Task::Product {
        space: Shape::new(&[m, n]).unwrap(),
        k,
        a: Matrix::new(Operand::strided(0, layout(&[m, k]))),
        b: Matrix::new(b_operand),
        chain: Chain {
            loads: vec![bias_operand],
            steps: vec![mix([Source::Tile, Source::Load(0)])],
            stores: vec![(Source::Step(0), c_operand)],
            ..Chain::default()
        },
    };
    let mut memory = VariableMemory::new();
    memory.add(DType::F32, b_elements).unwrap();
    memory.add(DType::F32, c_elements).unwrap();
    let values = b.to_vec::<f32>().unwrap();
    let target = memory.get_mut::<f32>(0).unwrap();
    for i in 0..k {
        for j in 0..n {
            target[if packed_b { right.locate(i, j) } else { i * n + j }] = values[i * n + j];
        }
    }
    let program = Program::new(vec![(task, split)], buffers, threads, 0).unwrap();
    let mut pool = Pool::new(threads).unwrap();
    assert!(
        program
            .run(&mut memory, &mut Workspace::new(), Some(&mut pool), isa, &[a, bias])
            .unwrap()
    );
    let result = memory.get::<f32>(1).unwrap();
    let place = |i, j| if packed_c { c.locate(i, j) } else { i * n + j };
    (0..m)
        .flat_map(|i| (0..n).map(move |j| (i, j)))
        .map(|(i, j)| result[place(i, j)])
        .collect()
}

#[test]
fn products_with_chains_follow_the_sum_rule_whatever_the_share() {
    let mut seed = 7;
    let sizes = [
        (1, 1, 1),
        (5, 0, 7),
        (33, 130, 70),
        (64, 20, 10),
        (17, 300, 129),
        (2, 64, 200),
        (70, 3, 32),
        (9, 33, 64),
        (40, 64, 96),
        (3, 0, 64),
    ];
    for (m, k, n) in sizes {
        let (a, b, bias) = (
            tensor(&mut seed, &[m, k]),
            tensor(&mut seed, &[k, n]),
            tensor(&mut seed, &[n]),
        );
        let [x, w, v] = [&a, &b, &bias].map(|t| t.to_vec::<f32>().unwrap());
        let mut want = Vec::new();
        for i in 0..m {
            for j in 0..n {
                let c = dot((0..k).map(|p| x[i * k + p]), (0..k).map(|p| w[p * n + j]));
                want.push((c * v[j] + c).to_bits());
            }
        }
        for threads in 1..=4 {
            for split in [Partition::One, Partition::Axis(0), Partition::Axis(1)] {
                for (packed_b, packed_c) in [(false, false), (true, false), (false, true), (true, true)] {
                    let case = Case {
                        m,
                        k,
                        n,
                        split,
                        packed_b,
                        packed_c,
                    };
                    let isas: Vec<Isa> = Isa::supported().collect();
                    let isa = isas[threads % isas.len()];
                    let got = run_product(&case, threads, isa, &a, &b, &bias);
                    let got: Vec<u32> = got.iter().map(|x| x.to_bits()).collect();
                    assert_eq!(got, want, "{m}×{k}×{n} {threads} {split:?} {packed_b} {packed_c} {isa}");
                }
            }
        }
    }
}

#[test]
fn maps_over_strided_broadcast_and_transposed_operands_are_right() {
    let mut seed = 3;
    for sizes in [[2usize, 3, 4], [1, 1, 1], [3, 0, 2], [4, 50, 60], [2, 3000, 1]] {
        let [p, q, r] = sizes;
        let space = Shape::new(&sizes).unwrap();
        let (a, b) = (tensor(&mut seed, &[r, q, p]), tensor(&mut seed, &[q, 1]));
        let turned = layout(&[r, q, p]).permute(&[2, 1, 0]).unwrap();
        let stretched = layout(&[q, 1]).broadcast_to(space).unwrap();
        let (x, y) = (a.to_vec::<f32>().unwrap(), b.to_vec::<f32>().unwrap());
        let want: Vec<f32> = (0..space.elements())
            .map(|i| {
                let (x, y) = (x[turned.locate(i)], y[stretched.locate(i)]);
                x * y + x
            })
            .collect();
        for threads in 1..=3 {
            for split in [
                Partition::One,
                Partition::Axis(0),
                Partition::Axis(1),
                Partition::Axis(2),
            ] {
                let chain = Chain {
                    loads: vec![Operand::strided(0, turned), Operand::strided(1, stretched)],
                    steps: vec![mix([Source::Load(0), Source::Load(1)])],
                    stores: vec![(Source::Step(0), Operand::strided(2, Layout::contiguous(space)))],
                    ..Chain::default()
                };
                let places = [Place::Input(0), Place::Input(1), Place::Variable(0)];
                let counts = [p * q * r, q, p * q * r];
                let buffers = places
                    .into_iter()
                    .zip(counts)
                    .map(|(place, n)| spec(n, place))
                    .collect();
                let program = Program::new(vec![(Task::Map { space, chain }, split)], buffers, threads, 0).unwrap();
                let mut memory = VariableMemory::new();
                memory.add(DType::F32, space.elements()).unwrap();
                let mut pool = Pool::new(threads).unwrap();
                program
                    .run(
                        &mut memory,
                        &mut Workspace::new(),
                        Some(&mut pool),
                        Isa::detect(),
                        &[&a, &b],
                    )
                    .unwrap();
                assert_eq!(memory.get::<f32>(0).unwrap(), want, "{sizes:?} {threads} {split:?}");
            }
        }
    }
}

/// y = mix(x, x) twice, by rows then by columns: the machine must put a barrier between.
#[test]
fn threads_meet_only_where_they_could_touch_the_same_bytes() {
    let space = Shape::new(&[64, 64]).unwrap();
    let whole = Layout::contiguous(space);
    let map = |from: usize, to: usize, split: Partition| {
        let chain = Chain {
            loads: vec![Operand::strided(from, whole)],
            steps: vec![mix([Source::Load(0), Source::Load(0)])],
            stores: vec![(Source::Step(0), Operand::strided(to, whole))],
            ..Chain::default()
        };
        (Task::Map { space, chain }, split)
    };
    let build = |second: Partition| {
        let places = [Place::Input(0), Place::Arena(0), Place::Variable(0)];
        let buffers = places.into_iter().map(|place| spec(4096, place)).collect();
        Program::new(vec![map(0, 1, Partition::Axis(0)), map(1, 2, second)], buffers, 2, 0).unwrap()
    };
    assert_eq!(build(Partition::Axis(0)).barriers(), 0);
    assert_eq!(build(Partition::Axis(1)).barriers(), 1);
    assert_eq!(build(Partition::One).barriers(), 1);
}

#[test]
fn what_does_not_fit_is_refused_when_built() {
    let space = Shape::new(&[8]).unwrap();
    let whole = Layout::contiguous(space);
    let build = |load: Layout, store: Operand, places: [Place; 2], split| {
        let chain = Chain {
            loads: vec![Operand::strided(0, load)],
            steps: vec![mix([Source::Load(0), Source::Load(0)])],
            stores: vec![(Source::Step(0), store)],
            ..Chain::default()
        };
        let buffers = places.into_iter().map(|place| spec(8, place)).collect();
        Program::new(vec![(Task::Map { space, chain }, split)], buffers, 2, 0).err()
    };
    let places = || [Place::Input(0), Place::Arena(0)];
    let fine = Operand::strided(1, whole);
    assert!(build(whole, fine, places(), Partition::One).is_none());
    assert!(
        build(whole.shifted(1), fine, places(), Partition::One).is_some(),
        "outside its buffer"
    );
    assert!(
        build(whole, Operand::strided(0, whole), places(), Partition::One).is_some(),
        "writes to an input"
    );
    assert!(
        build(whole, Operand::strided(9, whole), places(), Partition::One).is_some(),
        "no such buffer"
    );
    assert!(
        build(whole, fine, places(), Partition::Each).is_some(),
        "all threads write the same bytes"
    );
    let overlapping = [Place::Arena(0), Place::Arena(16)];
    assert!(
        build(whole, fine, overlapping, Partition::One).is_some(),
        "reads what it has overwritten"
    );
}

#[test]
fn products_and_buffers_that_do_not_fit_are_refused() {
    let space = Shape::new(&[64, 1, 1]).unwrap();
    let one = |buffer| Operand::strided(buffer, layout(&[1, 1, 1]));
    let task = || Task::Product {
        space,
        k: 1,
        a: Matrix::new(one(0)),
        b: Matrix::new(one(1)),
        chain: Chain {
            stores: vec![(Source::Tile, Operand::strided(2, Layout::contiguous(space)))],
            ..Chain::default()
        },
    };
    let buffers = vec![
        spec(1, Place::Input(0)),
        spec(1, Place::Input(1)),
        spec(64, Place::Arena(0)),
    ];
    for split in [Partition::One, Partition::Axis(0)] {
        assert!(
            Program::new(vec![(task(), split)], buffers.clone(), 2, 0).is_err(),
            "a batch the operands do not have"
        );
    }
    for place in [Place::Arena(1), Place::Private(4)] {
        assert!(
            Program::new(Vec::new(), vec![spec(8, place)], 1, 0).is_err(),
            "not on a cache line"
        );
    }
    assert!(
        Program::new(Vec::new(), vec![spec(usize::MAX / 2, Place::Arena(0))], 1, 0).is_err(),
        "too large"
    );
    let before = layout(&[8]).shifted(usize::MAX - 4);
    let chain = Chain {
        loads: vec![Operand::strided(0, before)],
        steps: vec![mix([Source::Load(0), Source::Load(0)])],
        stores: vec![(Source::Step(0), Operand::strided(1, layout(&[8])))],
        ..Chain::default()
    };
    let buffers = vec![spec(8, Place::Input(0)), spec(8, Place::Arena(0))];
    let task = Task::Map {
        space: Shape::new(&[8]).unwrap(),
        chain,
    };
    assert!(
        Program::new(vec![(task, Partition::One)], buffers, 1, 0).is_err(),
        "before its buffer"
    );
}
