//! Laws of augmentations, and each with given numbers against cases made by hand or PyTorch.

use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var};
use rosenblatt_nn::augment::{
    AUGMENTATIONS, Erase, Flip, Noise, Rotate, Shift, augmented, erased, flipped, rotated, shifted,
};
use rosenblatt_nn::{Augmentation, Entry, Mode, Scope, TensorSpec};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Isa, Result, Shape, Tensor};
use rosenblatt_testkit::{assert_close, fixture};

use crate::common::{registry_laws, tensor};

type Augmentations = Vec<Entry<dyn Augmentation>>;

#[test]
fn every_file_is_registered_and_every_entry_is_plain_data() {
    registry_laws::<dyn Augmentation>("src/augment", &["pixels"]);
}

fn scope<'g>(graph: &'g Graph, dtype: DType, mode: Mode<'g>) -> Scope<'g> {
    Scope::new(graph, dtype, mode, |spec: &TensorSpec| {
        panic!("{} is learned", spec.name)
    })
}

/// Images after augmentation, as the graph is built.
pub(crate) fn changed(
    augmentations: &[Entry<dyn Augmentation>],
    images: &Tensor,
    dtype: DType,
    counter: [i64; 2],
) -> Result<Tensor> {
    let graph = Graph::dynamic();
    let counter = graph.constant(Tensor::from_vec(counter.to_vec(), &[2]).unwrap());
    let scope = scope(&graph, dtype, Mode::Training { counter });
    let y = augmented(&scope, augmentations, graph.constant(images.clone()));
    scope.finish()?;
    y.value()
}

/// The same by a compiled plan.
fn compiled(augmentations: &[Entry<dyn Augmentation>], images: &Tensor, threads: usize, counter: [i64; 2]) -> Tensor {
    let graph = Graph::new(Execution::Static);
    let mut variables = Variables::new(Engine::new(Isa::detect(), threads).unwrap());
    let inputs = vec![
        graph.input("images", images.dtype(), *images.shape()),
        graph.input("counter", DType::I64, Shape::new(&[2]).unwrap()),
    ];
    let scope = scope(&graph, DType::F32, Mode::Training { counter: inputs[1] });
    let outputs = vec![augmented(&scope, augmentations, inputs[0])];
    let (updates, check) = (Vec::new(), None);
    let signature = Signature {
        inputs,
        outputs,
        updates,
        check,
    };
    let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
    let counter = Tensor::from_vec(counter.to_vec(), &[2]).unwrap();
    plan.run(&mut variables, &[images, &counter]).unwrap();
    plan.output(&variables, 0).unwrap()
}

/// Equal images, none of whose pixels is 0.
pub(crate) fn equal_images(rows: usize, image: &[usize]) -> Tensor {
    let size: usize = image.iter().product();
    let pixels = (0..rows * size).map(|i| (1 + (i % size * 37) % 251) as u8).collect();
    Tensor::from_vec(pixels, &[&[rows], image].concat()).unwrap()
}

fn bits(x: &Tensor) -> Vec<u64> {
    x.to_f64().into_iter().map(f64::to_bits).collect()
}

/// Each entry by itself, and all of them one after the other.
fn cases() -> Vec<Augmentations> {
    let examples: Augmentations = AUGMENTATIONS.iter().flat_map(|one| one.examples()).collect();
    let all = AUGMENTATIONS
        .iter()
        .map(|one| Entry::named(one.name).unwrap())
        .collect();
    examples.into_iter().map(|one| vec![one]).chain([all]).collect()
}

#[test]
fn the_bits_follow_from_the_counter_whatever_runs_it() {
    let images = equal_images(37, &[9, 6]);
    for case in cases() {
        println!("{case:?}");
        let y = changed(&case, &images, DType::F32, [5, 3]).unwrap();
        assert_eq!((y.dtype(), y.shape()), (DType::F32, images.shape()));
        for threads in [1, 2] {
            assert_eq!(
                bits(&compiled(&case, &images, threads, [5, 3])),
                bits(&y),
                "{threads} threads"
            );
        }
        for other in [[5, 4], [6, 3]] {
            let other = changed(&case, &images, DType::F32, other).unwrap();
            assert_ne!(bits(&other), bits(&y), "another step or seed");
        }
        let mut rows: Vec<Vec<u64>> = bits(&y).chunks(54).map(<[u64]>::to_vec).collect();
        let first: Vec<u64> = rows[..3].concat();
        rows.sort_unstable();
        rows.dedup();
        assert!(rows.len() > 1, "equal rows at different places are changed alike");
        // The numbers of a row do not depend on how many rows follow.
        let short = changed(&case, &images.slice(0, 0, 3).unwrap(), DType::F32, [5, 3]).unwrap();
        assert_eq!(bits(&short), first);
    }
}

#[test]
fn channels_are_changed_alike_but_for_noise() {
    let flat = equal_images(20, &[4, 5]);
    let deep = flat
        .reshape(&[20, 1, 4, 5])
        .unwrap()
        .broadcast_to(&[20, 3, 4, 5])
        .unwrap()
        .contiguous();
    for case in cases() {
        if case.iter().any(|one| one.name() == "noise") {
            continue;
        }
        let (one, three) = (
            changed(&case, &flat, DType::F64, [1, 1]),
            changed(&case, &deep, DType::F64, [1, 1]),
        );
        let (one, three) = (one.unwrap(), three.unwrap());
        assert_eq!(three.shape()[..], [20, 3, 4, 5]);
        for channel in 0..3 {
            assert_eq!(
                bits(&three.slice(1, channel, channel + 1).unwrap()),
                bits(&one),
                "{case:?}"
            );
        }
    }
}

#[test]
fn evaluation_and_an_empty_list_change_nothing() {
    let graph = Graph::dynamic();
    let images = graph.constant(equal_images(2, &[3, 3]));
    let counter = graph.constant(Tensor::from_vec(vec![0i64, 0], &[2]).unwrap());
    for case in cases() {
        let eval = scope(&graph, DType::F32, Mode::Eval);
        assert_eq!(augmented(&eval, &case, images).id(), images.id());
    }
    let training = scope(&graph, DType::F32, Mode::Training { counter });
    assert_eq!(augmented(&training, &[], images).id(), images.id());
}

#[test]
fn images_without_rows_or_pixels_are_no_mistake() {
    for shape in [[0, 3, 4], [2, 0, 4], [2, 3, 0], [2, 1, 1]] {
        let images = Tensor::zeros(DType::F32, Shape::new(&shape).unwrap());
        for case in cases() {
            assert_eq!(
                changed(&case, &images, DType::F32, [0, 0]).unwrap().shape()[..],
                shape,
                "{case:?}"
            );
        }
    }
}

#[test]
fn rows_that_are_no_images_are_refused() {
    let flip = [Flip::default().into()];
    for (shape, dtype) in [
        (vec![4, 8], DType::F32),
        (vec![4], DType::F32),
        (vec![2, 3, 4], DType::I64),
    ] {
        let rows = Tensor::zeros(dtype, Shape::new(&shape).unwrap());
        let error = changed(&flip, &rows, DType::F32, [0, 0]).unwrap_err();
        assert!(error.to_string().contains("augmentation is for images"), "{error}");
    }
}

/// What a function of pixels gives for one image.
fn on_image(
    image: &[f64],
    shape: [usize; 2],
    f: impl for<'g> Fn(Var<'g>, &dyn Fn(i64) -> Var<'g>) -> Var<'g>,
) -> Vec<f64> {
    let graph = Graph::dynamic();
    let pixels = graph.constant(Tensor::from_vec(image.to_vec(), &[1, 1, shape[0], shape[1]]).unwrap());
    let whole = |number: i64| graph.constant(Tensor::from_vec(vec![number], &[1]).unwrap());
    f(pixels, &whole).value().unwrap().to_f64()
}

const IMAGE: [f64; 6] = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0];

#[test]
fn shifted_moves_down_and_to_the_right_and_fills_with_0() {
    let cases = [
        ([0, 0], IMAGE),
        ([1, 0], [0.0, 0.0, 0.0, 1.0, 2.0, 3.0]),
        ([0, 1], [0.0, 1.0, 2.0, 0.0, 4.0, 5.0]),
        ([-1, -2], [6.0, 0.0, 0.0, 0.0, 0.0, 0.0]),
        ([2, 0], [0.0; 6]),
        ([0, i64::MIN], [0.0; 6]),
    ];
    for ([down, right], expected) in cases {
        let y = on_image(&IMAGE, [2, 3], |pixels, whole| {
            shifted(pixels, whole(down), whole(right))
        });
        assert_eq!(y, expected, "{down} {right}");
    }
}

#[test]
fn flipped_changes_left_and_right_or_top_and_bottom() {
    let cases = [
        ((true, false), [3.0, 2.0, 1.0, 6.0, 5.0, 4.0]),
        ((true, true), [4.0, 5.0, 6.0, 1.0, 2.0, 3.0]),
        ((false, false), IMAGE),
        ((false, true), IMAGE),
    ];
    for ((flip, vertical), expected) in cases {
        let flip = i64::from(flip);
        let y = on_image(&IMAGE, [2, 3], |pixels, whole| {
            flipped(pixels, whole(flip).cast(DType::Bool), vertical)
        });
        assert_eq!(y, expected);
    }
}

#[test]
fn erased_is_0_in_the_rectangle() {
    let cases = [
        ([0, 1], [1, 2], [1.0, 0.0, 0.0, 4.0, 5.0, 6.0]),
        ([1, 0], [1, 1], [1.0, 2.0, 3.0, 0.0, 5.0, 6.0]),
        ([0, 0], [2, 3], [0.0; 6]),
        ([1, 1], [0, 2], IMAGE),
    ];
    for (place, size, expected) in cases {
        let y = on_image(&IMAGE, [2, 3], |pixels, whole| {
            erased(pixels, place.map(whole), size.map(whole))
        });
        assert_eq!(y, expected, "{place:?} {size:?}");
    }
}

#[test]
fn rotated_is_what_pytorch_gives() {
    for case in fixture("augmentation.json")["rotated"].as_array().unwrap() {
        let graph = Graph::dynamic();
        let [pixels, radians] = ["x", "radians"].map(|key| graph.constant(tensor(&case[key])));
        assert_close(
            rotated(pixels, radians).value().unwrap().to_f64(),
            tensor(&case["y"]).to_f64(),
            1e-12,
        );
        let single = rotated(pixels.cast(DType::F32), radians.cast(DType::F32));
        let worst = single
            .value()
            .unwrap()
            .to_f64()
            .into_iter()
            .zip(tensor(&case["y"]).to_f64());
        let worst = worst.map(|(y, expected)| (y - expected).abs()).fold(0.0, f64::max);
        assert!(worst < 255.0 * 4e-6, "{worst} in f32");
    }
}

fn draws(purpose: &str, counter: [i64; 2]) -> Rng {
    Rng::new(counter[0] as u64)
        .purpose(&format!("augment.0.{purpose}"))
        .at(counter[1] as u64)
}

#[test]
fn entries_draw_from_the_counter() {
    let (rows, counter) = (200, [11, 4]);
    let images = equal_images(rows, &[5, 5]);
    let graph = Graph::dynamic();
    let pixels = graph
        .constant(images.clone())
        .cast(DType::F64)
        .reshape(&[rows, 1, 5, 5]);
    let draw = |name: &str| {
        let mut numbers = vec![0.0f64; rows];
        draws(name, counter).fill_uniform(0, &mut numbers);
        numbers
    };
    let whole = |numbers: Vec<i64>| graph.constant(Tensor::from_vec(numbers, &[rows]).unwrap());
    let is = |augmentation: Entry<dyn Augmentation>, expected: Var<'_>| {
        let y = changed(std::slice::from_ref(&augmentation), &images, DType::F64, counter).unwrap();
        assert!(bits(&y) == bits(&expected.value().unwrap()), "{augmentation:?}");
    };

    let offsets = ["down", "right"].map(|name| draw(name).iter().map(|u| (u * 5.0) as i64 - 2).collect::<Vec<_>>());
    for offset in -2..=2 {
        let count = offsets[0].iter().filter(|&&one| one == offset).count();
        assert!((20..=60).contains(&count), "{count} of 200 shifts by {offset}");
    }
    let [down, right] = offsets.map(whole);
    is(Shift { pixels: 2 }.into(), shifted(pixels, down, right));

    let mut turn = vec![0i64; rows];
    draws("flip", counter).fill_bernoulli(0.25, [0, 1], 0, &mut turn);
    let turn = whole(turn).cast(DType::Bool);
    is(
        Flip {
            p: 0.25,
            vertical: true,
        }
        .into(),
        flipped(pixels, turn, true),
    );

    let angles = draw("angle")
        .iter()
        .map(|u| (2.0 * u - 1.0) * 30.0f64.to_radians())
        .collect();
    let angles = graph.constant(Tensor::from_vec(angles, &[rows]).unwrap());
    is(Rotate { degrees: 30.0 }.into(), rotated(pixels, angles));

    // A twenty-fifth of the image, a square: one pixel.
    let (scale, ratio) = ([0.04; 2], [1.0; 2]);
    let place = ["top", "left"].map(|name| whole(draw(name).iter().map(|u| (u * 5.0) as i64).collect()));
    let one = || whole(vec![1; rows]);
    is(
        Erase { p: 1.0, scale, ratio }.into(),
        erased(pixels, place, [one(), one()]),
    );
}

#[test]
fn settings_out_of_range_are_refused() {
    let wrong = [
        "shift:0",
        "shift:65537",
        "shift:1.5",
        "flip:1.1",
        "flip:-0.1",
        "rotate:0",
        "rotate:181",
        "noise:0",
        "erase:2",
        "erase:scale=[0,0.1]",
        "erase:scale=[0.3,0.2]",
        "erase:scale=[0.3,1.1]",
        "erase:ratio=[2,1]",
        "erase:ratio=[1,2,3]",
    ];
    for text in wrong {
        assert!(Entry::<dyn Augmentation>::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_list_is_written_with_commas() {
    let list =
        Entry::<dyn Augmentation>::parse_list("flip, shift:3,erase:p=1,scale=[0.1,0.2],noise:0.2,clip=true").unwrap();
    let erase = Erase {
        p: 1.0,
        scale: [0.1, 0.2],
        ..Erase::default()
    };
    let expected: Augmentations = vec![
        Flip::default().into(),
        Shift { pixels: 3 }.into(),
        erase.into(),
        Noise { std: 0.2, clip: true }.into(),
    ];
    assert_eq!(list, expected);
    assert_eq!(
        Entry::<dyn Augmentation>::parse_list("none").unwrap(),
        Augmentations::new()
    );
    for text in ["", "flip,", "flip,shit:2", "p=0.5"] {
        assert!(Entry::<dyn Augmentation>::parse_list(text).is_err(), "{text}");
    }
}
