//! Samples large enough that threads share them.

use std::sync::Arc;

use rosenblatt_autodiff::ops::{
    ArgMax, ArgMaxWindows, Concat, Convolve, CountCorrect, CumSum, Distribution, LogSoftmax, MatMul, Max, OneHot,
    Random, ScatterAdd, ScatterAlongAxis, SegmentMax, Softmax, SoftmaxCrossEntropy, SoftmaxResidual, Sort, Sum, Take,
    TakeAlongAxis,
};
use rosenblatt_autodiff::{Lowering, Op};
use rosenblatt_tensor::rng::{Rng, Stream};
use rosenblatt_tensor::{DType, Shape, Tensor};

use super::{Sample, normal, redraw, samples};

/// At least one large sample of every op that computes; views compute nothing.
pub fn wide_samples() -> Vec<Sample> {
    let mut rng = Rng::new(1).purpose("wide").stream();
    let mut all: Vec<Sample> = Vec::new();
    for sample in samples(0) {
        let known = all.iter().any(|other| {
            other.name == sample.name
                && other.op.attributes() == sample.op.attributes()
                && other.leaves[0].dtype() == sample.leaves[0].dtype()
        });
        let empty = sample.leaves.iter().any(|leaf| leaf.elements() == 0);
        if matches!(sample.op.lowering(), Lowering::Elementwise(_)) && !known && !empty {
            let leaves = sample
                .leaves
                .iter()
                .map(|leaf| redraw(leaf, &[1031, 67], &mut rng))
                .collect();
            all.push(Sample { leaves, ..sample });
        }
    }
    all.extend(kernels(&mut rng));
    all
}

fn kernels(rng: &mut Stream) -> Vec<Sample> {
    let mut all = Vec::new();
    let mut add = |name: &'static str, op: Arc<dyn Op>, leaves: Vec<Tensor>| {
        let wiring = (0..leaves.len()).collect();
        all.push(Sample {
            name,
            op,
            leaves,
            wiring,
        });
    };
    let flat = normal(rng, &[1031, 521]);
    let deep = normal(rng, &[70, 150, 53]);
    for axis in [0, 1] {
        add("argmax", Arc::new(ArgMax { axis }), vec![flat.clone()]);
        add(
            "concat",
            Arc::new(Concat { axis }),
            vec![flat.clone(), normal(rng, &[1031, 521]), flat.clone()],
        );
    }
    for (axis, reverse) in [(0, false), (0, true), (1, false), (1, true)] {
        add("cumsum", Arc::new(CumSum { axis, reverse }), vec![flat.clone()]);
    }
    for descending in [false, true] {
        add("sort", Arc::new(Sort { descending }), vec![flat.clone()]);
    }
    add(
        "segment_max",
        Arc::new(SegmentMax { segments: 50 }),
        vec![flat.clone(), index(rng, 1031, 50)],
    );
    add("take", Arc::new(Take), vec![flat.clone(), index(rng, 1200, 1031)]);
    add(
        "scatter_add",
        Arc::new(ScatterAdd { rows: 50 }),
        vec![flat.clone(), index(rng, 1031, 50)],
    );
    add("softmax", Arc::new(Softmax), vec![flat.clone()]);
    add("log_softmax", Arc::new(LogSoftmax), vec![flat.clone()]);
    add(
        "softmax_cross_entropy",
        Arc::new(SoftmaxCrossEntropy),
        vec![flat.clone(), index(rng, 1031, 521)],
    );
    add(
        "count_correct",
        Arc::new(CountCorrect),
        vec![flat.clone(), index(rng, 1031, 521)],
    );
    add(
        "softmax_residual",
        Arc::new(SoftmaxResidual),
        vec![flat.clone(), index(rng, 1031, 521)],
    );
    add(
        "take_along_axis",
        Arc::new(TakeAlongAxis),
        vec![flat.clone(), index(rng, 1031, 521)],
    );
    let places = index(rng, 1031 * 521, 77).reshape(&[1031, 521]).unwrap();
    add(
        "scatter_along_axis",
        Arc::new(ScatterAlongAxis { n: 77 }),
        vec![flat.clone(), places],
    );
    let windows = [vec![0..3, 2..5, 7..150], vec![0..53, 52..53]];
    add(
        "argmax_windows",
        Arc::new(ArgMaxWindows {
            windows,
            dilation: [2, 1],
        }),
        vec![deep.clone()],
    );
    add(
        "one_hot",
        Arc::new(OneHot {
            classes: 3,
            dtype: DType::F32,
        }),
        vec![index(rng, 530_000, 3)],
    );
    for axes in [
        vec![0],
        vec![1],
        vec![2],
        vec![0, 1],
        vec![0, 2],
        vec![1, 2],
        vec![0, 1, 2],
    ] {
        add("sum", Arc::new(Sum::new(axes.clone(), false, 3)), vec![deep.clone()]);
        add("max", Arc::new(Max { axes, keep: false }), vec![deep.clone()]);
    }
    let matrices = vec![normal(rng, &[131, 257]), normal(rng, &[257, 67])];
    add("matmul", Arc::new(MatMul), matrices);
    for groups in [1, 3] {
        let op = Convolve {
            groups,
            count: [15, 14],
            step: [1, 2],
            dilation: [2, 1],
            before: [1, 2],
            spread: [1, 1],
        };
        let operands = vec![normal(rng, &[24, 6 / groups, 3, 5]), normal(rng, &[19, 6, 17, 29])];
        add("convolve", Arc::new(op), operands);
    }
    for (distribution, dtype) in [
        (Distribution::Uniform, DType::F32),
        (Distribution::Normal, DType::F64),
        (Distribution::Bernoulli(0.5), DType::Bool),
    ] {
        let shape = Shape::new(&[1031, 521]).unwrap();
        let op = Random {
            distribution,
            purpose: "wide".into(),
            shape,
            dtype,
        };
        add(
            "random",
            Arc::new(op),
            vec![Tensor::from_vec(vec![3_i64, 4], &[2]).unwrap()],
        );
    }
    all
}

fn index(rng: &mut Stream, count: usize, bound: u64) -> Tensor {
    Tensor::from_vec::<i64>((0..count).map(|_| rng.below(bound) as i64).collect(), &[count]).unwrap()
}
