//! Tensors over memory of others: vectors, foreign memory between guard pages, any strides.

use std::sync::Arc;

use rosenblatt_tensor::machine::{Chain, Form, Matrix, Once, Operand, Partition, Source, Task, run_once};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, ErrorKind, Foreign, Isa, Layout, Result, Shape, Tensor};
use rosenblatt_testkit::Guarded;

struct Page(Guarded<f32>);

// SAFETY: the memory belongs to the value and is not written after it was made.
unsafe impl Foreign for Page {
    fn bytes(&self) -> &[u8] {
        bytemuck::cast_slice(&self.0)
    }
}

struct Bytes(Vec<u64>, usize);

// SAFETY: as for `Page`.
unsafe impl Foreign for Bytes {
    fn bytes(&self) -> &[u8] {
        &bytemuck::cast_slice(&self.0)[self.1..]
    }
}

fn shape(sizes: &[usize]) -> Shape {
    Shape::new(sizes).unwrap()
}

fn foreign(values: &[f32], layout: Layout, ending: bool) -> Tensor {
    let memory = if ending {
        Guarded::ending(values)
    } else {
        Guarded::starting(values)
    };
    Tensor::from_foreign(Arc::new(Page(memory)), DType::F32, layout).unwrap()
}

/// Product, sum of columns and copy: what the machine does with operands.
fn results(isa: Isa, a: &Tensor, b: &Tensor) -> Vec<Tensor> {
    let mut once = Once { isa, pool: None };
    let (m, k, n) = (a.shape()[0], a.shape()[1], b.shape()[1]);
    let store = |operand| Chain {
        stores: vec![(Source::Tile, operand)],
        ..Chain::default()
    };
    let matrix = |operand: &Operand| {
        let Form::Strided(layout) = operand.form else {
            panic!("strided")
        };
        Matrix::new(Operand::strided(operand.buffer, layout))
    };
    let product = |x: &[Operand], y: &[Operand]| -> Result<(Task, Partition)> {
        let task = Task::Product {
            space: shape(&[m, n]),
            k,
            a: matrix(&x[0]),
            b: matrix(&x[1]),
            chain: store(y[0]),
        };
        Ok((task, Partition::One))
    };
    let sum = |x: &[Operand], y: &[Operand]| -> Result<(Task, Partition)> {
        let task = Task::ColumnSum {
            x: x[0],
            chain: store(y[0]),
        };
        Ok((task, Partition::One))
    };
    let copy = |x: &[Operand], y: &[Operand]| -> Result<(Task, Partition)> {
        let chain = Chain {
            loads: vec![x[0]],
            stores: vec![(Source::Load(0), y[0])],
            ..Chain::default()
        };
        let space = shape(&[m, k]);
        Ok((Task::Map { space, chain }, Partition::One))
    };
    let (f32, sizes) = (DType::F32, |sizes: &[usize]| [(DType::F32, shape(sizes))]);
    assert_eq!(a.dtype(), f32);
    [
        run_once(&mut once, &[a, b], &sizes(&[m, n]), product).unwrap(),
        run_once(&mut once, &[a], &sizes(&[k]), sum).unwrap(),
        run_once(&mut once, &[a], &sizes(&[m, k]), copy).unwrap(),
    ]
    .concat()
}

fn numbers(rng: &mut rosenblatt_tensor::rng::Stream, len: usize) -> Vec<f32> {
    (0..len).map(|_| rng.normal() as f32).collect()
}

/// Nothing is read outside of foreign memory, however it lies, and the bits are those of own memory.
#[test]
fn foreign_memory_gives_the_bits_of_own_memory_and_nothing_outside_is_touched() {
    let mut rng = Rng::new(1).stream();
    for isa in Isa::supported() {
        for (m, k, n) in [(1, 1, 1), (5, 7, 3), (33, 130, 17), (4, 3, 40)] {
            let (a, b) = (numbers(&mut rng, m * k), numbers(&mut rng, k * n));
            let (rows, columns) = (shape(&[m, k]), shape(&[k, n]));
            let last = m * k - 1;
            let (across, down) = (k as isize, 1);
            // Row-major, column-major, rows backwards, everything backwards.
            let layouts = [
                Layout::contiguous(rows),
                Layout::strided(rows, &[1, m as isize], 0).unwrap(),
                Layout::strided(rows, &[-across, down], (m - 1) * k).unwrap(),
                Layout::strided(rows, &[-across, -down], last).unwrap(),
            ];
            for layout in layouts {
                let places: Vec<f32> = (0..m * k).map(|i| a[layout.locate(i)]).collect();
                let own = |values: &[f32], shape: Shape| Tensor::from_slice(values, &shape).unwrap();
                let expected = results(isa, &own(&places, rows), &own(&b, columns));
                for ending in [false, true] {
                    let (a, b) = (
                        foreign(&a, layout, ending),
                        foreign(&b, Layout::contiguous(columns), ending),
                    );
                    assert_eq!(a.to_vec::<f32>().unwrap(), places);
                    for (y, expected) in results(isa, &a, &b).iter().zip(&expected) {
                        let bits = |x: &Tensor| {
                            x.to_vec::<f32>()
                                .unwrap()
                                .iter()
                                .map(|x| x.to_bits())
                                .collect::<Vec<_>>()
                        };
                        assert_eq!(bits(y), bits(expected), "{isa} {m} {k} {n} {layout:?}");
                    }
                }
            }
        }
    }
}

/// A vector is aligned for its elements only.
#[test]
fn a_vector_gives_the_bits_of_an_aligned_buffer() {
    let mut rng = Rng::new(2).stream();
    for len in 0..40 {
        let mut values = numbers(&mut rng, 3 * len);
        let own = Tensor::from_slice(&values, &[3, len]).unwrap();
        values.reserve(rng.below(50) as usize);
        let moved = Tensor::new(values, &[3, len]).unwrap();
        let b = Tensor::new(numbers(&mut rng, len * 5), &[len, 5]).unwrap();
        for (y, expected) in results(Isa::detect(), &moved, &b)
            .iter()
            .zip(results(Isa::detect(), &own, &b))
        {
            assert_eq!(y.to_vec::<f32>().unwrap(), expected.to_vec::<f32>().unwrap());
        }
    }
}

#[test]
fn layouts_that_reach_outside_are_refused() {
    let memory: Arc<dyn Foreign> = Arc::new(Bytes(vec![0; 3], 0));
    let four = shape(&[4]);
    let take = |dtype, layout| Tensor::from_foreign(Arc::clone(&memory), dtype, layout).map_err(|e| e.kind());
    assert!(take(DType::F32, Layout::strided(four, &[1], 2).unwrap()).is_ok());
    assert!(take(DType::F32, Layout::strided(four, &[-1], 3).unwrap()).is_ok());
    assert!(take(DType::F32, Layout::strided(four, &[0], 5).unwrap()).is_ok());
    for (dtype, stride, offset) in [
        (DType::F32, 1, 3),
        (DType::F32, 2, 0),
        (DType::F32, 0, 6),
        (DType::F64, 1, 0),
        (DType::F32, isize::MAX / 8, 0),
    ] {
        let layout = Layout::strided(four, &[stride], offset).unwrap();
        assert_eq!(
            take(dtype, layout).err(),
            Some(ErrorKind::Shape),
            "{dtype} {stride} {offset}"
        );
    }
    // Before the memory; beyond what can be addressed; another number of strides.
    for (strides, offset) in [
        (&[-1][..], 2),
        (&[isize::MAX], 0),
        (&[isize::MIN], 0),
        (&[1, 1], 0),
        (&[1], usize::MAX),
    ] {
        assert_eq!(
            Layout::strided(four, strides, offset).map_err(|e| e.kind()),
            Err(ErrorKind::Shape)
        );
    }
    let empty = shape(&[0, 4]);
    assert!(take(DType::F32, Layout::strided(empty, &[9, 9], 0).unwrap()).is_ok());
    assert!(take(DType::F32, Layout::strided(empty, &[9, 9], 7).unwrap()).is_err());
}

#[test]
fn memory_that_cannot_hold_such_numbers_is_refused() {
    let take = |bytes: Bytes, dtype| {
        let layout = Layout::contiguous(shape(&[1]));
        Tensor::from_foreign(Arc::new(bytes), dtype, layout).map_err(|e| e.kind())
    };
    assert_eq!(take(Bytes(vec![0; 2], 1), DType::F32).err(), Some(ErrorKind::Data));
    assert_eq!(take(Bytes(vec![2; 2], 0), DType::Bool).err(), Some(ErrorKind::Data));
    assert!(take(Bytes(vec![2; 2], 1), DType::U8).is_ok());
}
