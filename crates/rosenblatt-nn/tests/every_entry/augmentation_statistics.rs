//! Sizes of random rectangles, and moments of noise.

use rosenblatt_nn::augment::{Erase, Noise};
use rosenblatt_tensor::{DType, Tensor};

use crate::every_augmentation::{changed, equal_images};

#[test]
fn erased_rectangles_have_the_share_and_the_ratio_that_is_asked_for() {
    let (rows, side) = (4000, 20);
    let images = equal_images(rows, &[side, side]);
    let erase = Erase {
        p: 0.75,
        scale: [0.1, 0.2],
        ratio: [0.5, 2.0],
    };
    let y = changed(&[erase.into()], &images, DType::F32, [0, 0]).unwrap().to_f64();
    let mut rectangles = Vec::new();
    for image in y.chunks(side * side) {
        let lines = image
            .chunks(side)
            .map(|line| line.iter().filter(|&&pixel| pixel == 0.0).count());
        let widths: Vec<usize> = lines.filter(|&width| width > 0).collect();
        let Some(&width) = widths.first() else { continue };
        assert!(widths.iter().all(|&other| other == width), "no rectangle");
        rectangles.push((widths.len() as f64, width as f64));
    }
    let share = rectangles.len() as f64 / rows as f64;
    assert!(
        (share - 0.75).abs() < 5.0 * (0.75 * 0.25 / rows as f64).sqrt(),
        "{share}"
    );
    let mean = |of: &dyn Fn(f64, f64) -> f64| {
        rectangles.iter().map(|&(height, width)| of(height, width)).sum::<f64>() / rectangles.len() as f64
    };
    // Lengths are rounded: by less than a tenth of them.
    assert!((mean(&|h, w| h * w / 400.0) - 0.15).abs() < 0.002);
    assert!(mean(&|h, w| (h / w).ln()).abs() < 0.04);
    let (least, most) = (0.5f64.ln() - 0.2, 2.0f64.ln() + 0.2);
    assert!(rectangles.iter().all(|&(h, w)| (least..=most).contains(&(h / w).ln())));
    assert!(
        rectangles
            .iter()
            .all(|&(h, w)| (0.08..=0.225).contains(&(h * w / 400.0)))
    );
}

#[test]
fn noise_has_the_deviation_that_is_asked_for_in_units_of_white() {
    let bytes = Tensor::from_vec(vec![128u8; 1 << 16], &[4, 128, 128]).unwrap();
    let floats = Tensor::from_vec(vec![0.5f32; 1 << 16], &[4, 128, 128]).unwrap();
    for (images, middle, white) in [(bytes, 128.0, 255.0), (floats, 0.5, 1.0)] {
        let y = changed(&[Noise { std: 0.1, clip: false }.into()], &images, DType::F32, [1, 0]).unwrap();
        let n = f64::from(1 << 16);
        let noise: Vec<f64> = y.to_f64().iter().map(|y| (y - middle) / white).collect();
        let mean = noise.iter().sum::<f64>() / n;
        let variance = noise.iter().map(|x| (x - mean).powi(2)).sum::<f64>() / n;
        assert!(mean.abs() < 5.0 * 0.1 / n.sqrt(), "{mean}");
        assert!((variance / 0.01 - 1.0).abs() < 5.0 * (2.0 / n).sqrt(), "{variance}");
        let clipped = changed(&[Noise { std: 1.0, clip: true }.into()], &images, DType::F32, [1, 0]).unwrap();
        let clipped = clipped.to_f64();
        assert!(clipped.iter().all(|y| (0.0..=white).contains(y)));
        assert!(clipped.contains(&0.0) && clipped.contains(&white));
    }
}

#[test]
fn equal_entries_of_a_list_draw_different_numbers() {
    let images = Tensor::from_vec(vec![0.5f32; 1 << 16], &[4, 128, 128]).unwrap();
    let noise = || Noise::default().into();
    let y = changed(&[noise(), noise()], &images, DType::F64, [1, 0]).unwrap();
    let squares = y.to_f64().iter().map(|y| (y - 0.5).powi(2)).sum::<f64>();
    let variance = squares / f64::from(1 << 16);
    // Twice the same numbers would have four times the variance of one.
    assert!((variance / 0.02 - 1.0).abs() < 0.05, "{variance}");
}
