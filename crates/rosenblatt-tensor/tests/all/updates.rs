//! Several operands overwritten by one loop, against the definition, and what the machine must refuse.

use std::sync::Arc;

use rosenblatt_tensor::machine::{
    BufferSpec, Chain, Form, Matrix, Operand, Packed, Partition, Place, Program, Slice, SliceMut, Source, Step, Task,
    TileKernel, Update, UpdateKernel, VariableMemory, Workspace,
};
use rosenblatt_tensor::pool::Pool;
use rosenblatt_tensor::{DType, Isa, Layout, Shape, Tensor};

/// `p ← p + g`, then `q ← q · p + g`: the order shows.
struct Both;

impl UpdateKernel for Both {
    fn run(&self, _: Isa, inputs: &[Slice<'_>], places: &mut [SliceMut<'_>]) {
        let ([Slice::F32(g)], [SliceMut::F32(p), SliceMut::F32(q)]) = (inputs, places) else {
            panic!("one gradient, two places")
        };
        for (i, (p, q)) in p.iter_mut().zip(q.iter_mut()).enumerate() {
            let g = if g.len() == 1 { g[0] } else { g[i] };
            *p += g;
            *q = *q * *p + g;
        }
    }
}

fn both(input: Source, places: [usize; 2]) -> Update {
    Update {
        after: 0,
        kernel: Arc::new(Both),
        inputs: vec![input],
        places: places.to_vec(),
    }
}

fn after(steps: usize, update: Update) -> Update {
    Update { after: steps, ..update }
}

/// `a + b`
struct Sum;

impl TileKernel for Sum {
    fn run(&self, _: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        let ([Slice::F32(a), Slice::F32(b)], SliceMut::F32(y)) = (inputs, output) else {
            panic!("two operands")
        };
        y.iter_mut().zip(*a).zip(*b).for_each(|((y, a), b)| *y = a + b);
    }
}

fn sum(a: Source, b: Source) -> Step {
    Step {
        kernel: Arc::new(Sum),
        dtype: DType::F32,
        inputs: vec![a, b],
    }
}

fn number(i: usize) -> f32 {
    (i * 37 % 101) as f32 / 16.0 - 3.0
}

fn layout(sizes: &[usize]) -> Layout {
    Layout::contiguous(Shape::new(sizes).unwrap())
}

fn spec(elements: usize, place: Place) -> BufferSpec {
    BufferSpec {
        dtype: DType::F32,
        elements,
        place,
    }
}

/// Runs one task over some states, and returns them.
fn run<const N: usize>(
    task: Task,
    split: Partition,
    threads: usize,
    inputs: &[&Tensor],
    states: [usize; N],
) -> [Vec<f32>; N] {
    let mut buffers: Vec<BufferSpec> = inputs
        .iter()
        .enumerate()
        .map(|(i, x)| spec(x.elements(), Place::Input(i)))
        .collect();
    let mut memory = VariableMemory::new();
    for (i, elements) in states.into_iter().enumerate() {
        buffers.push(spec(elements, Place::Variable(i)));
        memory.add(DType::F32, elements).unwrap();
        let state = memory.get_mut::<f32>(i).unwrap();
        state.iter_mut().enumerate().for_each(|(j, x)| *x = number(j + 7 * i));
    }
    let program = Program::new(vec![(task, split)], buffers, threads, 0).unwrap();
    let mut pool = Pool::new(threads).unwrap();
    program
        .run(
            &mut memory,
            &mut Workspace::new(),
            Some(&mut pool),
            Isa::detect(),
            inputs,
        )
        .unwrap();
    std::array::from_fn(|i| memory.get::<f32>(i).unwrap().to_vec())
}

/// What [`run`] should return where element `j` of the states meets gradient `g(j)`.
fn expected(elements: usize, turned: impl Fn(usize) -> usize, g: impl Fn(usize) -> f32) -> [Vec<f32>; 2] {
    let (mut p, mut q): (Vec<f32>, Vec<f32>) = (0..elements).map(|j| (number(j), number(j + 7))).unzip();
    for j in 0..elements {
        p[j] += g(j);
        q[turned(j)] = q[turned(j)] * p[j] + g(j);
    }
    [p, q]
}

#[test]
fn places_may_lie_in_any_order() {
    for [rows, cols] in [[1, 1], [3, 5], [40, 70], [2, 5000], [0, 4]] {
        let n = rows * cols;
        let g = Tensor::from_vec((0..n).map(|i| number(i * 3)).collect::<Vec<f32>>(), &[rows, cols]).unwrap();
        let whole = layout(&[rows, cols]);
        let across = layout(&[cols, rows]).permute(&[1, 0]).unwrap();
        for (second, turned) in [(whole, false), (across, true)] {
            let chain = Chain {
                loads: vec![Operand::strided(0, whole)],
                updates: vec![both(Source::Load(0), [0, 1])],
                stores: vec![
                    (Source::Updated(0), Operand::strided(1, whole)),
                    (Source::Updated(1), Operand::strided(2, second)),
                ],
                ..Chain::default()
            };
            let place = |j: usize| if turned { j % cols * rows + j / cols } else { j };
            let want = expected(n, place, |j| number(j * 3));
            for threads in 1..=3 {
                let space = Shape::new(&[rows, cols]).unwrap();
                let task = Task::Map {
                    space,
                    chain: chain.clone(),
                };
                let got = run(task, Partition::Axis(0), threads, &[&g], [n, n]);
                assert_eq!(got, want, "{rows}×{cols} {turned} {threads}");
            }
        }
    }
}

/// With the weights' panels as places, narrow ones too.
#[test]
fn places_may_be_panels_behind_a_product() {
    for [m, n] in [[1, 1], [70, 2], [33, 31], [64, 32], [20, 75]] {
        let column = Tensor::from_vec((0..m).map(number).collect::<Vec<f32>>(), &[m, 1]).unwrap();
        let row = Tensor::from_vec((0..n).map(|j| number(j + 50)).collect::<Vec<f32>>(), &[1, n]).unwrap();
        let packed = Packed { rows: m, cols: n };
        let place = |buffer| Operand {
            buffer,
            form: Form::Packed(packed),
        };
        let side = |buffer, sizes: &[usize]| Matrix::new(Operand::strided(buffer, layout(sizes)));
        for (threads, split) in [(1, Partition::One), (2, Partition::Axis(0)), (3, Partition::Axis(1))] {
            let task = Task::Product {
                space: Shape::new(&[m, n]).unwrap(),
                k: 1,
                a: side(0, &[m, 1]),
                b: side(1, &[1, n]),
                chain: Chain {
                    updates: vec![both(Source::Tile, [0, 1])],
                    stores: vec![(Source::Updated(0), place(2)), (Source::Updated(1), place(3))],
                    ..Chain::default()
                },
            };
            let [p, q] = run(task, split, threads, &[&column, &row], [packed.elements(); 2]);
            for (i, j) in (0..m).flat_map(|i| (0..n).map(move |j| (i, j))) {
                let (at, g) = (packed.locate(i, j), number(i) * number(j + 50));
                let want = number(at) + g;
                assert_eq!(p[at], want, "{m}×{n} at {i}, {j}");
                assert_eq!(q[at], number(at + 7) * want + g, "{m}×{n} at {i}, {j}");
            }
        }
    }
}

/// `h = q + g`, then `p`, `q` by [`Both`], then `r = p + g`, where `q` and `r` lie in columns; and a copy of the new `p`.
#[test]
fn steps_may_come_before_and_after_an_update() {
    for [rows, cols] in [[1, 1], [3, 5], [40, 70], [2, 5000], [0, 4]] {
        let n = rows * cols;
        let g = Tensor::from_vec((0..n).map(|i| number(i * 3)).collect::<Vec<f32>>(), &[rows, cols]).unwrap();
        let whole = layout(&[rows, cols]);
        let across = layout(&[cols, rows]).permute(&[1, 0]).unwrap();
        let chain = Chain {
            loads: vec![Operand::strided(0, whole), Operand::strided(2, across)],
            steps: vec![
                sum(Source::Load(1), Source::Load(0)),
                sum(Source::Updated(0), Source::Load(0)),
            ],
            updates: vec![after(1, both(Source::Load(0), [0, 1]))],
            stores: vec![
                (Source::Updated(0), Operand::strided(1, whole)),
                (Source::Updated(1), Operand::strided(2, across)),
                (Source::Step(0), Operand::strided(3, whole)),
                (Source::Step(1), Operand::strided(4, across)),
                (Source::Updated(0), Operand::strided(5, across)),
            ],
            ..Chain::default()
        };
        let turned = |j: usize| j % cols * rows + j / cols;
        let [p, q] = expected(n, turned, |j| number(j * 3));
        let (mut h, mut r, mut copy) = (vec![0.0; n], vec![0.0; n], vec![0.0; n]);
        for j in 0..n {
            h[j] = number(turned(j) + 7) + number(j * 3);
            r[turned(j)] = p[j] + number(j * 3);
            copy[turned(j)] = p[j];
        }
        for threads in 1..=3 {
            let space = Shape::new(&[rows, cols]).unwrap();
            let task = Task::Map {
                space,
                chain: chain.clone(),
            };
            let got = run(task, Partition::Axis(0), threads, &[&g], [n; 5]);
            assert_eq!(
                got,
                [&p, &q, &h, &r, &copy].map(Clone::clone),
                "{rows}×{cols} {threads}"
            );
        }
    }
}

#[test]
fn what_could_be_read_and_overwritten_at_once_is_refused() {
    let whole = layout(&[4]);
    let operand = |buffer| Operand::strided(buffer, whole);
    let refused = |chain: Chain| {
        let buffers = vec![
            spec(4, Place::Input(0)),
            spec(4, Place::Variable(0)),
            spec(4, Place::Variable(1)),
        ];
        let task = Task::Map {
            space: Shape::new(&[4]).unwrap(),
            chain,
        };
        Program::new(vec![(task, Partition::One)], buffers, 1, 1).is_err()
    };
    let stores = vec![(Source::Updated(0), operand(1)), (Source::Updated(1), operand(2))];
    let sound = Chain {
        loads: vec![operand(0), operand(1)],
        updates: vec![both(Source::Load(0), [0, 1])],
        stores: stores.clone(),
        ..Chain::default()
    };
    assert!(!refused(sound.clone()));
    let mut reads_a_place = sound.clone();
    reads_a_place.updates[0].inputs = vec![Source::Load(1)];
    let mut twice_the_same = sound.clone();
    twice_the_same.updates[0].places = vec![0, 0];
    let mut no_such_store = sound.clone();
    no_such_store.updates[0].places = vec![0, 2];
    let mut a_store_of_something_else = sound.clone();
    a_store_of_something_else.stores[1].0 = Source::Load(0);
    let mut nobody_updates = sound.clone();
    nobody_updates.updates.clear();
    let mut one_buffer = sound.clone();
    one_buffer.stores[1].1 = operand(1);
    let mut two_updates_of_one_place = sound.clone();
    two_updates_of_one_place.updates.push(both(Source::Load(0), [0, 1]));
    let mut copies_an_old_value = sound.clone();
    copies_an_old_value.stores.push((Source::Load(1), operand(0)));
    let mut one_element_for_all = sound.clone();
    one_element_for_all.stores[1].1 = Operand::strided(2, layout(&[1]).broadcast_to(*whole.shape()).unwrap());
    let mut reads_its_own_result = sound.clone();
    reads_its_own_result.updates[0].inputs = vec![Source::Updated(0)];
    let mut watches_an_old_value = sound.clone();
    watches_an_old_value.checks.push((Source::Load(1), 0));
    let sound = Chain {
        steps: vec![
            sum(Source::Load(1), Source::Load(0)),
            sum(Source::Updated(0), Source::Load(0)),
        ],
        updates: vec![after(1, both(Source::Step(0), [0, 1]))],
        ..sound
    };
    assert!(!refused(sound.clone()));
    let mut steps_before_the_update = sound.clone();
    steps_before_the_update.updates[0].after = 2;
    let mut steps_on_an_old_value = sound.clone();
    steps_on_an_old_value.updates[0].after = 0;
    steps_on_an_old_value.updates[0].inputs = vec![Source::Load(0)];
    let mut after_the_end = sound.clone();
    after_the_end.updates[0].after = 3;
    let mut a_later_step = sound;
    a_later_step.updates[0].inputs = vec![Source::Step(1)];
    for (name, chain) in [
        ("reads a place", reads_a_place),
        ("twice the same", twice_the_same),
        ("no such store", no_such_store),
        ("a store of something else", a_store_of_something_else),
        ("no one updates", nobody_updates),
        ("one buffer", one_buffer),
        ("two updates of one place", two_updates_of_one_place),
        ("copies an old value", copies_an_old_value),
        ("one element for all", one_element_for_all),
        ("reads its own result", reads_its_own_result),
        ("checks an old value", watches_an_old_value),
        ("steps before the update", steps_before_the_update),
        ("steps on an old value", steps_on_an_old_value),
        ("after the end", after_the_end),
        ("a later step", a_later_step),
    ] {
        assert!(refused(chain), "{name}");
    }
}

/// A copy of an operand, stored after the operand was overwritten, is the old number or the new one: it must be refused.
#[test]
fn a_copy_of_what_an_earlier_store_overwrites_is_refused() {
    let whole = layout(&[2, 4]);
    let chain = Chain {
        loads: vec![Operand::strided(0, whole)],
        steps: vec![sum(Source::Load(0), Source::Load(0))],
        stores: vec![
            (Source::Step(0), Operand::strided(0, whole)),
            (Source::Load(0), Operand::strided(1, whole)),
        ],
        ..Chain::default()
    };
    let task = Task::Map {
        space: Shape::new(&[2, 4]).unwrap(),
        chain,
    };
    let buffers = vec![spec(8, Place::Arena(0)), spec(8, Place::Arena(64))];
    assert!(Program::new(vec![(task, Partition::One)], buffers, 1, 0).is_err());
}
