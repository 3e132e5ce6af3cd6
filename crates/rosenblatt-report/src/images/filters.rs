//! Filters of convolutions, and weights of a first linear layer, as images.

use rosenblatt_tensor::{Error, Result, Tensor};
use rosenblatt_train::text::count;
use rosenblatt_train::{LayerOutput, Model};
use serde_json::Value;

use super::{height_and_width, selection, shown, sizes, tile};
use crate::charts::TileGrid;

/// Most letters of the name of a class.
const MAX_LETTERS: usize = 14;

/// The filters of every convolution, one image for each pair of an output and an input channel; without convolutions, the weights
/// of each unit of a first linear layer on images.
///
/// Of too many images some are left out, and the note of the grid says how many are shown.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Config`] if there is neither; the model was not fitted yet.
pub fn filters(model: &Model) -> Result<Vec<TileGrid>> {
    let layers = model.layers()?;
    let weighted = layers.iter().filter_map(|layer| {
        let weight = model.param(&format!("{}.weight", layer.path))?;
        Some((layer, weight))
    });
    let weighted: Vec<_> = weighted.collect();
    let convolutions = weighted
        .iter()
        .filter(|(layer, _)| ["conv1d", "conv2d"].contains(&&*layer.layer));
    let grids: Vec<_> = convolutions.map(|(layer, weight)| of_filters(layer, weight)).collect();
    if !grids.is_empty() {
        return Ok(grids);
    }
    // Inputs of a layer are pixels if no other weights are before it.
    let first = weighted.first();
    let last = layers.iter().rfind(|layer| layer.layer == "linear");
    match first.and_then(|(layer, weight)| of_units(model, layer, weight, last == Some(*layer))) {
        Some(grid) => Ok(vec![grid]),
        None => Err(Error::config("no weights of this network are images")
            .hint("expected convolutions, or a linear layer as the first one on images")),
    }
}

/// `weight` is `[outputs, inputs of a group, …]`.
fn of_filters<O>(layer: &LayerOutput<O>, weight: &Tensor) -> TileGrid {
    let (shape, values) = (weight.shape(), weight.to_f64());
    let (outputs, inputs, kernel) = (shape[0], shape[1], &shape[2..]);
    let size = height_and_width(kernel);
    let [some, of_each] = shown([outputs, inputs], size[0] * size[1]);
    let groups = layer.settings.get("groups").and_then(Value::as_u64).unwrap_or(1) as usize;
    let is_one = inputs * groups == 1;
    // An output sees the inputs of its group.
    let channel = |output: usize| output * groups / outputs.max(1) * inputs;
    let label = |output: usize, input: usize| match is_one {
        true => output.to_string(),
        false => format!("{output},{}", channel(output) + input),
    };
    let image = |(output, input)| tile(label(output, input), &values, output * inputs + input, size);
    let note = format!(
        "{} of {} for {}; labels: output channel{}",
        count(outputs, "filter"),
        sizes(kernel),
        count(inputs, "input channel"),
        if is_one { "" } else { ", input channel" },
    );
    TileGrid {
        title: format!("{}: {}", layer.path, layer.layer),
        note: note + &selection(outputs * inputs, some * of_each),
        height: size[0],
        width: size[1],
        group: of_each,
        is_signed: true,
        tiles: pairs(some, of_each).map(image).collect(),
    }
}

/// The weights of a linear layer, `[units, pixels]`; `None` for other layers, or if the inputs are no pixels.
fn of_units<O>(model: &Model, layer: &LayerOutput<O>, weight: &Tensor, is_output: bool) -> Option<TileGrid> {
    let image = model.input_types().first().map(|input| &*input.shape)?;
    if image.len() < 2 || layer.layer != "linear" || weight.shape()[1..] != [image.iter().product::<usize>()] {
        return None;
    }
    let names = classes(model).filter(|names| is_output && names.len() == weight.shape()[0]);
    let (units, values, size) = (weight.shape()[0], weight.to_f64(), height_and_width(image));
    let channels = image[..image.len() - 2].iter().product();
    let [some, of_each] = shown([units, channels], size[0] * size[1]);
    let label = |unit: usize, channel: usize| {
        let unit = names.map_or_else(|| unit.to_string(), |names| clipped(&names[unit]));
        if channels == 1 {
            unit
        } else {
            format!("{unit},{channel}")
        }
    };
    let tile = |(unit, channel)| tile(label(unit, channel), &values, unit * channels + channel, size);
    let labels = if names.is_some() { "class" } else { "unit" };
    let note = format!(
        "weights of {} for {} pixels; labels: {labels}",
        count(units, "unit"),
        sizes(image)
    );
    Some(TileGrid {
        title: format!("{}: linear", layer.path),
        note: note + &selection(weight.shape()[0] * channels, some * of_each),
        height: size[0],
        width: size[1],
        group: of_each,
        is_signed: true,
        tiles: pairs(some, of_each).map(tile).collect(),
    })
}

/// Every pair, in order.
fn pairs(outputs: usize, inputs: usize) -> impl Iterator<Item = (usize, usize)> {
    (0..outputs).flat_map(move |output| (0..inputs).map(move |input| (output, input)))
}

fn classes(model: &Model) -> Option<&[String]> {
    model.table().ok()?.schema.task.classes()
}

fn clipped(name: &str) -> String {
    match name.chars().count() > MAX_LETTERS {
        true => name.chars().take(MAX_LETTERS - 1).chain(['…']).collect(),
        false => name.to_owned(),
    }
}
