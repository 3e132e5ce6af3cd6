//! Kernels with any number of inputs and several outputs, against the definition, and what the machine must refuse.

use std::ops::Range;
use std::sync::Arc;

use rosenblatt_tensor::machine::{
    BufferSpec, Kernel, Once, Operand, Partition, Place, Program, Reads, Task, View, ViewMut, run_once,
};
use rosenblatt_tensor::pool::Pool;
use rosenblatt_tensor::{DType, Isa, Layout, Result, Shape, Tensor};

/// For each row: the sum over the columns of all operands, and the row's number and how many are positive.
struct SumAndCount;

impl Kernel for SumAndCount {
    fn run_many(&self, _: Isa, inputs: &[View<'_>], outputs: &mut [ViewMut<'_>], range: Range<usize>) -> Result<()> {
        let [sums, counts] = outputs else { panic!("two outputs") };
        assert_eq!((sums.shape()[0], counts.shape()[0]), (range.len(), range.len()));
        let (sums, counts) = (sums.reborrow().numbers::<f32>()?, counts.reborrow().numbers::<i64>()?);
        for (row, at) in range.enumerate() {
            let of = |x: &View<'_>| -> Result<Vec<f32>> {
                let width = x.shape()[1];
                Ok(x.contiguous::<f32>()?[row * width..][..width].to_vec())
            };
            let all = inputs.iter().map(of).collect::<Result<Vec<_>>>()?.concat();
            sums[row] = all.iter().sum();
            counts[2 * row] = at as i64;
            counts[2 * row + 1] = all.iter().filter(|&&x| x > 0.0).count() as i64;
        }
        Ok(())
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

/// Notes the range and the lengths of what it was given: `[start, end, length of the input, of the other output]`.
struct Lengths;

impl Kernel for Lengths {
    fn run_many(&self, _: Isa, inputs: &[View<'_>], outputs: &mut [ViewMut<'_>], range: Range<usize>) -> Result<()> {
        let seen = [
            range.start,
            range.end,
            inputs[0].shape().elements(),
            outputs[1].shape().elements(),
        ];
        let lengths = outputs[0].reborrow().numbers::<i64>()?;
        lengths
            .iter_mut()
            .zip(seen)
            .for_each(|(length, seen)| *length = seen as i64);
        outputs[1].reborrow().numbers::<f32>()?.fill(1.0);
        Ok(())
    }

    fn reads(&self, _: usize) -> Reads {
        Reads::Rows
    }
}

fn shape(sizes: &[usize]) -> Shape {
    Shape::new(sizes).unwrap()
}

fn task(kernel: impl Kernel + 'static, inputs: &[Operand], outputs: &[Operand]) -> Task {
    Task::Kernel {
        kernel: Arc::new(kernel),
        inputs: inputs.to_vec(),
        outputs: outputs.to_vec(),
    }
}

#[test]
fn kernels_read_any_number_of_operands_and_fill_several_outputs() {
    for (rows, operands) in [(1, 1), (0, 3), (50, 2), (7, 9), (100, 40), (33, 0)] {
        let value = |row: usize, operand: usize, column: usize| ((row * 31 + operand * 7 + column) % 11) as f32 - 4.0;
        let width = |operand: usize| operand % 3 + 1;
        let inputs: Vec<Tensor> = (0..operands)
            .map(|o| {
                let numbers: Vec<f32> = (0..rows)
                    .flat_map(|r| (0..width(o)).map(move |c| value(r, o, c)))
                    .collect();
                Tensor::from_vec(numbers, &[rows, width(o)]).unwrap()
            })
            .collect();
        let inputs: Vec<&Tensor> = inputs.iter().collect();
        let of_row = |r: usize| (0..operands).flat_map(move |o| (0..width(o)).map(move |c| value(r, o, c)));
        let sums: Vec<f32> = (0..rows).map(|r| of_row(r).sum()).collect();
        let positive = |r: usize| of_row(r).filter(|&x| x > 0.0).count() as i64;
        let counts: Vec<i64> = (0..rows).flat_map(|r| [r as i64, positive(r)]).collect();
        for (threads, split) in [
            (1, Partition::One),
            (2, Partition::One),
            (2, Partition::Axis(0)),
            (3, Partition::Axis(0)),
        ] {
            let mut pool = Pool::new(threads).unwrap();
            let mut once = Once {
                isa: Isa::detect(),
                pool: Some(&mut pool),
            };
            let outputs = [(DType::F32, shape(&[rows])), (DType::I64, shape(&[rows, 2]))];
            let results = run_once(&mut once, &inputs, &outputs, |x, y| {
                Ok((task(SumAndCount, x, y), split))
            })
            .unwrap();
            let place = format!("{rows} rows of {operands}, {threads} threads, {split:?}");
            assert_eq!(results[0].to_vec::<f32>().unwrap(), sums, "{place}");
            assert_eq!(results[1].to_vec::<i64>().unwrap(), counts, "{place}");
        }
    }
}

/// As for the factors of a matrix: there is nothing by which both could be cut.
#[test]
fn outputs_of_different_lengths_are_made_at_once() {
    let x = Tensor::from_vec(vec![0.0f32; 6], &[6]).unwrap();
    let run = |other: &[usize], split| {
        let mut once = Once {
            isa: Isa::detect(),
            pool: None,
        };
        let outputs = [(DType::I64, shape(&[4])), (DType::F32, shape(other))];
        run_once(&mut once, &[&x], &outputs, |x, y| Ok((task(Lengths, x, y), split)))
    };
    for (other, elements) in [(&[5, 2][..], 10), (&[], 1)] {
        let results = run(other, Partition::One).unwrap();
        assert_eq!(results[0].to_vec::<i64>().unwrap(), [0, 1, 6, elements], "{other:?}");
        assert_eq!(
            results[1].to_vec::<f32>().unwrap(),
            vec![1.0; elements as usize],
            "{other:?}"
        );
        assert!(run(other, Partition::Axis(0)).is_err(), "{other:?} cannot be cut");
    }
}

/// For kernels from `[64, 3]`, buffer 0, to `[64]` and `[64, 2]`, buffers 2 and 3 at the given places, and on to 1 and 4.
fn program(tasks: Vec<(Task, Partition)>, places: [Place; 2]) -> Result<Program> {
    let spec = |dtype, elements, place| BufferSpec { dtype, elements, place };
    let [sums, counts] = places;
    let buffers = vec![
        spec(DType::F32, 192, Place::Input(0)),
        spec(DType::F32, 64, Place::Variable(0)),
        spec(DType::F32, 64, sums),
        spec(DType::I64, 128, counts),
        spec(DType::I64, 128, Place::Variable(1)),
    ];
    Program::new(tasks, buffers, 2, 0)
}

fn operand(buffer: usize, sizes: &[usize]) -> Operand {
    Operand::strided(buffer, Layout::contiguous(shape(sizes)))
}

#[test]
fn kernels_that_do_not_fit_are_refused() {
    let x = operand(0, &[64, 3]);
    let (sums, counts) = (operand(2, &[64]), operand(3, &[64, 2]));
    let apart = || [Place::Arena(0), Place::Arena(256)];
    let accepted = |inputs: &[Operand], outputs: &[Operand], places, split| {
        program(vec![(task(SumAndCount, inputs, outputs), split)], places).is_ok()
    };
    assert!(accepted(&[x], &[sums, counts], apart(), Partition::Axis(0)));
    assert!(accepted(&[x], &[sums, operand(3, &[32, 2])], apart(), Partition::One));
    assert!(!accepted(
        &[x],
        &[sums, operand(3, &[32, 2])],
        apart(),
        Partition::Axis(0)
    ));
    let refused = |inputs: &[Operand], outputs: &[Operand], places, why: &str| {
        assert!(!accepted(inputs, outputs, places, Partition::One), "{why}");
    };
    refused(&[x], &[], apart(), "no output");
    refused(&[x], &[sums, operand(3, &[65, 2])], apart(), "outside its buffer");
    refused(&[x], &[sums, operand(0, &[64, 2])], apart(), "writes to an input");
    let overlapping = || [Place::Arena(0), Place::Arena(192)];
    refused(&[x], &[sums, counts], overlapping(), "both outputs in one place");
    refused(&[x, counts], &[sums, counts], apart(), "reads what it overwrites");
    let turned = Layout::contiguous(shape(&[2, 64])).permute(&[1, 0]).unwrap();
    refused(
        &[x],
        &[sums, Operand::strided(3, turned)],
        apart(),
        "an output with gaps",
    );
}

/// Readers of the second output wait for it as those of the first do.
#[test]
fn barriers_cover_all_outputs() {
    let apart = [Place::Arena(0), Place::Arena(256)];
    let outputs = [operand(2, &[64]), operand(3, &[64, 2])];
    let barriers = |from: Operand, split| {
        let first = task(SumAndCount, &[operand(0, &[64, 3])], &outputs);
        let second = task(SumAndCount, &[from], &[operand(1, &[64]), operand(4, &[64, 2])]);
        let tasks = vec![(first, Partition::Axis(0)), (second, split)];
        program(tasks, apart.clone()).unwrap().barriers()
    };
    for from in [operand(2, &[64, 1]), operand(3, &[64, 2])] {
        assert_eq!(barriers(from, Partition::Axis(0)), 0, "each thread reads what it made");
        assert_eq!(barriers(from, Partition::One), 1, "one thread reads all");
    }
    assert_eq!(barriers(operand(0, &[64, 3]), Partition::One), 0, "an input");
}
