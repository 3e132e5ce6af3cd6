//! Outputs of layers for one row, as images.

use rosenblatt_data::Dataset;
use rosenblatt_tensor::{Error, Result, Tensor};
use rosenblatt_train::text::grouped;
use rosenblatt_train::{LayerOutput, Model};

use super::{height_and_width, selection, shown, sizes, tile};
use crate::charts::TileGrid;

/// The image of a row (or its sequence), and what each layer makes of it, as far as that is images: one for each channel.
///
/// Layers that only pass numbers on, and the one that scales pixels, are left out. Values that are not finite are drawn as such.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if no layer looks at images or sequences;
/// [`rosenblatt_tensor::ErrorKind::Shape`] for other rows than in training, and for several.
pub fn feature_maps(model: &Model, row: &Dataset) -> Result<Vec<TileGrid>> {
    if row.len() != 1 {
        return Err(Error::shape(format!("expected one row, got {}", row.len())));
    }
    let layers = model.layer_outputs(row)?;
    let axes = layers
        .iter()
        .map(|layer| layer.window_axes)
        .filter(|&axes| axes > 0)
        .min();
    let Some(axes) = axes else {
        let error = Error::config("no layer of this network has feature maps");
        return Err(error.hint("expected convolution or pooling layers; without DATA, weights are drawn"));
    };
    let is_drawn =
        |layer: &&LayerOutput<Tensor>| !layer.passes_on && layer.layer != "rescale" && layer.output.shape().len() > 2;
    let maps = layers.iter().filter(is_drawn).filter_map(|layer| {
        let title = format!("{}: {}", layer.path, layer.layer);
        of_output(title, &layer.output, axes)
    });
    let input = of_output("input".to_owned(), row.features(), axes);
    Ok(input.into_iter().chain(maps).collect())
}

/// What a layer puts out for one row; `None` if it is not an image.
fn of_output(title: String, output: &Tensor, axes: usize) -> Option<TileGrid> {
    let (row, values) = (&output.shape()[1..], output.to_f64());
    let (channels, image) = row.split_at(row.len().checked_sub(axes)?);
    let (count, size) = (channels.iter().product(), height_and_width(image));
    let [some, _] = shown([count, 1], size[0] * size[1]);
    let label = |channel: usize| match count {
        1 => String::new(),
        _ => channel.to_string(),
    };
    let note = match count {
        1 => sizes(image),
        _ => format!("{} channels of {}", grouped(count as u64), sizes(image)),
    };
    Some(TileGrid {
        title,
        note: note + &selection(count, some),
        height: size[0],
        width: size[1],
        group: 1,
        is_signed: false,
        tiles: (0..some).map(|i| tile(label(i), &values, i, size)).collect(),
    })
}
