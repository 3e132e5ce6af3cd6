//! What the layers of a model look at, and what they make of a row, as grids of small images.

mod feature_maps;
mod filters;

use rosenblatt_train::text::grouped;

use crate::charts::Tile;

pub use feature_maps::feature_maps;
pub use filters::filters;

/// Most images of a grid, and most pixels of all of them; one image is always drawn.
const MAX_TILES: usize = 128;
const MAX_PIXELS: usize = 1 << 16;
/// Most input channels that are shown of each output, if there are too many images.
const MAX_INPUTS: usize = 8;

/// How many outputs, and inputs of each, are shown.
fn shown([outputs, inputs]: [usize; 2], pixels: usize) -> [usize; 2] {
    let most = (MAX_PIXELS / pixels.max(1)).clamp(1, MAX_TILES);
    if outputs.saturating_mul(inputs) <= most {
        return [outputs, inputs];
    }
    let inputs = inputs.min(MAX_INPUTS).min(most);
    [outputs.min(most / inputs.max(1)), inputs]
}

/// `; showing 128 of 2,048`, if not all are.
fn selection(all: usize, shown: usize) -> String {
    match all == shown {
        true => String::new(),
        false => format!("; showing {} of {}", grouped(shown as u64), grouped(all as u64)),
    }
}

/// Height and width of an image, of which a sequence has only the latter.
fn height_and_width(size: &[usize]) -> [usize; 2] {
    match *size {
        [.., height, width] => [height, width],
        [width] => [1, width],
        [] => [1, 1],
    }
}

/// `28 × 28`, `length 5`.
fn sizes(size: &[usize]) -> String {
    if let [length] = size {
        return format!("length {length}");
    }
    size.iter().map(usize::to_string).collect::<Vec<_>>().join(" × ")
}

/// The `number`th image of some numbers that are one image after the other.
fn tile(label: String, values: &[f64], number: usize, [height, width]: [usize; 2]) -> Tile {
    let pixels = height * width;
    let values = values.iter().skip(number * pixels).take(pixels);
    Tile {
        label,
        values: values.copied().collect(),
    }
}
