//! Programs over one memory and workspaces of their own: addresses are found once and never stale.

use std::sync::Arc;

use rosenblatt_tensor::machine::{
    BufferSpec, Chain, Input, Operand, Partition, Place, Program, Slice, SliceMut, Source, Step, Task, TileKernel,
    VariableMemory, Workspace,
};
use rosenblatt_tensor::pool::Pool;
use rosenblatt_tensor::{DType, ErrorKind, Isa, Layout, Shape};

/// `2a + b`.
struct Mix;

impl TileKernel for Mix {
    fn run(&self, _: Isa, inputs: &[Slice<'_>], output: SliceMut<'_>) {
        let ([Slice::F32(a), Slice::F32(b)], SliceMut::F32(y)) = (inputs, output) else {
            panic!("f32 only")
        };
        let at = |x: &[f32], i: usize| if x.len() == 1 { x[0] } else { x[i] };
        y.iter_mut()
            .enumerate()
            .for_each(|(i, y)| *y = 2.0 * at(a, i) + at(b, i));
    }
}

fn square(n: usize) -> Layout {
    Layout::contiguous(Shape::new(&[n, n]).unwrap())
}

fn across(n: usize) -> Layout {
    square(n).permute(&[1, 0]).unwrap()
}

fn numbers(n: usize) -> Vec<f32> {
    (0..n * n).map(|i| i as f32).collect()
}

/// `to = 2·a + b` over `n × n`.
fn mixed(n: usize, a: Operand, b: Operand, to: Operand, split: Partition) -> (Task, Partition) {
    let chain = Chain {
        loads: vec![a, b],
        steps: vec![Step {
            kernel: Arc::new(Mix),
            dtype: DType::F32,
            inputs: vec![Source::Load(0), Source::Load(1)],
        }],
        stores: vec![(Source::Step(0), to)],
        ..Chain::default()
    };
    let space = Shape::new(&[n, n]).unwrap();
    (Task::Map { space, chain }, split)
}

fn buffers(n: usize, places: &[Place]) -> Vec<BufferSpec> {
    let spec = |place: &Place| BufferSpec {
        dtype: DType::F32,
        elements: n * n,
        place: place.clone(),
    };
    places.iter().map(spec).collect()
}

/// `y = 2x + w` by rows, then `z = 2yᵀ + w` by columns; z is the third buffer.
fn two_phases(n: usize, threads: usize) -> Program {
    let whole = |buffer| Operand::strided(buffer, square(n));
    let turned = Operand::strided(2, across(n));
    let tasks = vec![
        mixed(n, whole(0), whole(1), whole(2), Partition::Axis(0)),
        mixed(n, turned, whole(1), whole(3), Partition::Axis(1)),
    ];
    let [y, z] = [0, (4 * n * n).next_multiple_of(64)].map(Place::Arena);
    Program::new(
        tasks,
        buffers(n, &[Place::Input(0), Place::Variable(0), y, z]),
        threads,
        0,
    )
    .unwrap()
}

fn expected(n: usize, w: f32) -> Vec<f32> {
    let x = numbers(n);
    let y = |i: usize, j: usize| 2.0 * x[i * n + j] + w;
    (0..n * n).map(|at| 2.0 * y(at % n, at / n) + w).collect()
}

fn memory(n: usize, w: f32) -> VariableMemory {
    let mut variables = VariableMemory::new();
    variables.add(DType::F32, n * n).unwrap();
    variables.get_mut::<f32>(0).unwrap().fill(w);
    variables
}

/// The third buffer after a shared run.
fn shared(program: &Program, n: usize, variables: &VariableMemory, workspace: &mut Workspace) -> Vec<f32> {
    let (x, mut z) = (numbers(n), vec![0.0f32; n * n]);
    program
        .run_shared(variables, workspace, Isa::detect(), &[Input::from(&x[..])])
        .unwrap();
    program
        .read_into(workspace, &Operand::strided(3, square(n)), &mut z)
        .unwrap();
    z
}

#[test]
fn one_thread_does_the_shares_of_several() {
    let n = 70;
    let program = two_phases(n, 3);
    assert_eq!(program.barriers(), 1);
    let (mut variables, x) = (memory(n, 0.5), numbers(n));
    let mut workspace = Workspace::new();
    let mut pool = Pool::new(3).unwrap();
    let inputs = [Input::from(&x[..])];
    for pool in [Some(&mut pool), None] {
        program
            .run(&mut variables, &mut workspace, pool, Isa::detect(), &inputs)
            .unwrap();
        let z = program.read(&workspace, &Operand::strided(3, square(n))).unwrap();
        assert_eq!(z.to_vec::<f32>().unwrap(), expected(n, 0.5));
    }
    assert_eq!(shared(&program, n, &variables, &mut Workspace::new()), expected(n, 0.5));
    let mut two = Pool::new(2).unwrap();
    let refused = program.run(&mut variables, &mut workspace, Some(&mut two), Isa::detect(), &inputs);
    assert!(refused.is_err(), "a pool of another size");
}

/// A check that every share does for itself stops the one thread before anything is stored.
#[test]
fn a_check_stops_all_shares() {
    let n = 1;
    let whole = |buffer| Operand::strided(buffer, square(n));
    let tasks = vec![
        mixed(n, whole(0), whole(0), whole(1), Partition::Each),
        (Task::Check { value: whole(1) }, Partition::Each),
        mixed(n, whole(0), whole(0), whole(2), Partition::One),
    ];
    let places = [Place::Input(0), Place::Private(0), Place::Variable(0)];
    let program = Program::new(tasks, buffers(n, &places), 2, 0).unwrap();
    let mut variables = memory(n, 7.0);
    for (x, done, left) in [(f32::NAN, false, 7.0), (1.0, true, 3.0)] {
        let run = program.run(
            &mut variables,
            &mut Workspace::new(),
            None,
            Isa::detect(),
            &[Input::from(&[x][..])],
        );
        assert_eq!((run.unwrap(), variables.get::<f32>(0).unwrap()[0]), (done, left));
    }
}

#[test]
fn a_strided_operand_is_read_in_its_own_order() {
    let n = 5;
    let (program, variables) = (two_phases(n, 1), memory(n, 0.25));
    let mut workspace = Workspace::new();
    let z = shared(&program, n, &variables, &mut workspace);
    let column = across(n).slice(0, 1, 3).unwrap();
    let mut read = [0.0f32; 10];
    program
        .read_into(&workspace, &Operand::strided(3, column), &mut read)
        .unwrap();
    let want: Vec<f32> = (0..10).map(|i| z[i % n * n + 1 + i / n]).collect();
    assert_eq!(read[..], want);
    let outside = Operand::strided(3, square(n).shifted(1));
    assert!(program.read(&workspace, &outside).is_err());
    assert!(
        program.read(&workspace, &Operand::strided(0, square(n))).is_err(),
        "an input"
    );
}

/// Growing arenas, new memories and dropped programs.
#[test]
fn addresses_are_found_anew_where_memory_has_changed() {
    let (small, large) = (two_phases(8, 1), two_phases(90, 2));
    let mut workspace = Workspace::new();
    let eights = memory(8, 1.0);
    assert_eq!(shared(&small, 8, &eights, &mut workspace), expected(8, 1.0));
    let before = workspace.bytes();
    assert_eq!(shared(&large, 90, &memory(90, 2.0), &mut workspace), expected(90, 2.0));
    assert!(workspace.bytes() > before);
    assert_eq!(shared(&small, 8, &eights, &mut workspace), expected(8, 1.0));
    for w in 3..20 {
        let variables = memory(8, w as f32);
        assert_eq!(shared(&small, 8, &variables, &mut workspace), expected(8, w as f32));
        let again = two_phases(8, 1);
        assert_eq!(shared(&again, 8, &variables, &mut workspace), expected(8, w as f32));
        assert_eq!(shared(&small, 8, &eights, &mut workspace), expected(8, 1.0));
    }
    let x = [0.0f32; 64];
    let wrong = small.run_shared(&memory(9, 0.0), &mut workspace, Isa::detect(), &[Input::from(&x[..])]);
    assert!(wrong.is_err(), "variables of another size");
}

#[test]
fn a_program_that_writes_variables_is_refused_where_they_are_shared() {
    let n = 4;
    let whole = |buffer| Operand::strided(buffer, square(n));
    let build = |to: Place| {
        let task = mixed(n, whole(0), whole(0), whole(1), Partition::One);
        Program::new(vec![task], buffers(n, &[Place::Input(0), to]), 1, 0).unwrap()
    };
    let (variables, x) = (memory(n, 1.0), numbers(n));
    let run = |program: &Program| {
        program.run_shared(&variables, &mut Workspace::new(), Isa::detect(), &[Input::from(&x[..])])
    };
    assert!(run(&build(Place::Arena(0))).unwrap());
    assert_eq!(run(&build(Place::Variable(0))).unwrap_err().kind(), ErrorKind::Config);
    assert_eq!(variables.get::<f32>(0).unwrap(), [1.0; 16]);
}
