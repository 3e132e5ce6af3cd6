//! Packed windows of images are what their definition says, and nothing outside of an image is read.

use rosenblatt_tensor::Isa;
use rosenblatt_tensor::kernels::product::{PANEL, WindowCall, Windows, pack_windows, window_room};
use rosenblatt_tensor::rng::{Rng, Stream};
use rosenblatt_testkit::{Guarded, seeded_cases};

fn between(rng: &mut Stream, low: isize, high: isize) -> isize {
    low + rng.below((high - low + 1) as u64) as isize
}

fn not_0(rng: &mut Stream) -> isize {
    let size = between(rng, 1, 3);
    if rng.below(4) == 0 { -size } else { size }
}

fn random(rng: &mut Stream) -> Windows {
    let pair = |rng: &mut Stream, low, high| [between(rng, low, high) as usize, between(rng, low, high) as usize];
    let [height, width] = pair(rng, 1, 9);
    Windows {
        image: [1 + rng.below(3) as usize, height, width],
        size: if rng.below(8) == 0 {
            pair(rng, 15, 18)
        } else {
            pair(rng, 0, 4)
        },
        count: pair(rng, 0, 9),
        step: [not_0(rng), not_0(rng)],
        dilation: [not_0(rng), not_0(rng)],
        before: [between(rng, -9, 9), between(rng, -9, 9)],
        spread: pair(rng, 1, 3),
    }
}

/// The element that a window shows along an axis, by trying all.
fn shown(windows: &Windows, axis: usize, window: usize, tap: usize) -> Option<usize> {
    let place = window as isize * windows.step[axis] + tap as isize * windows.dilation[axis] - windows.before[axis];
    (0..windows.image[axis + 1]).find(|&element| (element * windows.spread[axis]) as isize == place)
}

#[test]
fn panels_of_windows_are_those_of_the_definition() {
    for seed in seeded_cases(2000) {
        let mut rng = Rng::new(seed).purpose("windows").stream();
        let windows = random(&mut rng);
        assert!(windows.is_sound());
        let [channels, height, width] = windows.image;
        // Rows as they are, columns first, or channels last.
        let strides = match rng.below(3) {
            0 => [height * width, width, 1],
            1 => [height * width, 1, height],
            _ => [1, width * channels, channels],
        };
        let numbers: Vec<f32> = (1..=channels * height * width).map(|i| i as f32).collect();
        let image = if rng.below(2) == 0 {
            Guarded::ending(&numbers)
        } else {
            Guarded::starting(&numbers)
        };
        let part = |rng: &mut Stream, all: usize| {
            let start = rng.below(all as u64 + 1) as usize;
            start..start + rng.below((all - start) as u64 + 1) as usize
        };
        let whole = rng.below(2) == 0;
        let (all_rows, all_panels) = (0..windows.rows(), 0..windows.cols().div_ceil(PANEL));
        let some = [part(&mut rng, all_rows.end), part(&mut rng, all_panels.end)];
        let [rows, panels] = if whole { [all_rows, all_panels] } else { some };
        let numbers_out = panels.len() * rows.len() * PANEL;
        // Nothing is written behind the place and the scratch.
        let room = [0, window_room(&windows, rows.len(), panels.len() * PANEL)][rng.below(2) as usize];
        let mut scratch = vec![f32::NAN; room + 1];
        let mut out = vec![f32::NAN; numbers_out + 1];
        let isa = Isa::supported()
            .nth(rng.below(Isa::supported().count() as u64) as usize)
            .unwrap();
        let call = WindowCall {
            windows,
            image: image.as_ptr(),
            strides: strides.map(|stride| stride as isize),
            rows: rows.clone(),
            panels: panels.clone(),
            room: (scratch.as_mut_ptr(), room),
            out: out.as_mut_ptr(),
        };
        // SAFETY: the image has an element at each of these strides, and scratch and place are as long as they should be.
        unsafe { pack_windows(isa, call) };
        assert!(
            scratch[room].is_nan() && out[numbers_out].is_nan(),
            "seed {seed}: {windows:?}"
        );
        for (at, &number) in out[..numbers_out].iter().enumerate() {
            let (row, col) = (
                rows.start + at / PANEL % rows.len(),
                (panels.start + at / PANEL / rows.len()) * PANEL + at % PANEL,
            );
            let [rows, cols] = windows.size;
            let (channel, tap) = (row / (rows * cols), [row / cols % rows, row % cols]);
            let element = |axis: usize, window| shown(&windows, axis, window, tap[axis]);
            let wide = windows.count[1].max(1);
            let element = element(0, col / wide)
                .zip(element(1, col % wide))
                .filter(|_| col < windows.cols());
            let expected = element.map_or(0.0, |(y, x)| {
                numbers[channel * strides[0] + y * strides[1] + x * strides[2]]
            });
            assert_eq!(number, expected, "seed {seed}: {windows:?}, row {row}, window {col}");
        }
    }
}

#[test]
fn windows_that_cannot_be_counted_are_not_sound() {
    let sound = Windows {
        image: [1, 4, 4],
        size: [2, 2],
        count: [3, 3],
        step: [1, 1],
        dilation: [1, 1],
        before: [0, 0],
        spread: [1, 1],
    };
    assert!(sound.is_sound());
    for wrong in [
        Windows { step: [1, 0], ..sound },
        Windows {
            dilation: [0, 1],
            ..sound
        },
        Windows {
            spread: [1, 0],
            ..sound
        },
        Windows {
            count: [usize::MAX, 1],
            ..sound
        },
        Windows {
            before: [isize::MIN, 0],
            ..sound
        },
    ] {
        assert!(!wrong.is_sound(), "{wrong:?}");
    }
}
