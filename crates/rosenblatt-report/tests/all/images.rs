//! Filters and feature maps of small networks, against values by hand.

use std::fs;

use rosenblatt_data::{DataOptions, Dataset, Prepared, load};
use rosenblatt_report::charts::{TileGrid, tile_grids};
use rosenblatt_report::{feature_maps, filters};
use rosenblatt_tensor::Tensor;
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{Model, Params};
use serde_json::{Value, json};

use crate::tiles::{is_well_formed, pixels};

/// A folder with four images of 3 by 3 bytes, of two classes.
fn folder(rows: [[u8; 9]; 4]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let file = |axes: &[u8], bytes: &[u8]| {
        let sizes = axes.iter().flat_map(|&size| [0, 0, 0, size]);
        let head = [0, 0, 8, axes.len() as u8].into_iter().chain(sizes);
        head.chain(bytes.iter().copied()).collect::<Vec<u8>>()
    };
    let pixels = file(&[4, 3, 3], rows.as_flattened());
    fs::write(folder.path().join("train-images-idx3-ubyte"), pixels).unwrap();
    fs::write(folder.path().join("train-labels-idx1-ubyte"), file(&[4], &[0, 1, 0, 1])).unwrap();
    folder
}

const ROWS: [[u8; 9]; 4] = [[0, 51, 102, 153, 204, 255, 51, 0, 102], [0; 9], [255; 9], [7; 9]];

/// A network with initial values, and its data.
fn untrained(options: &DataOptions, layers: Value) -> (Model, Prepared) {
    let options = Preset::Plain.data(options);
    let data = load(&options, 0).unwrap();
    let overrides = Overrides::default().set("model.layers", layers);
    let spec = Preset::Plain.spec(&options, &overrides, &data).unwrap().spec;
    (Model::untrained(&spec, &data).unwrap(), data)
}

fn on_images(layers: Value) -> (Model, Dataset) {
    let folder = folder(ROWS);
    let (model, data) = untrained(&DataOptions::new(folder.path().to_str().unwrap()), layers);
    let first = data.train.select(&[0]).unwrap();
    (model, first)
}

fn given(model: &mut Model, params: &[(&str, &[f32], &[usize])]) {
    let params = params
        .iter()
        .map(|(name, values, shape)| ((*name).to_owned(), Tensor::from_vec(values.to_vec(), shape).unwrap()));
    model.set_params(&params.collect::<Params>()).unwrap();
}

fn labels(grid: &TileGrid) -> Vec<&str> {
    grid.tiles.iter().map(|tile| &*tile.label).collect()
}

#[track_caller]
fn assert_near(grid: &TileGrid, expected: &[&[f64]]) {
    assert_eq!(grid.tiles.len(), expected.len(), "{grid:?}");
    for (tile, expected) in grid.tiles.iter().zip(expected) {
        assert_eq!(tile.values.len(), expected.len());
        let near = tile.values.iter().zip(*expected).all(|(a, b)| (a - b).abs() < 1e-6);
        assert!(near, "{:?} {expected:?}", tile.values);
    }
}

#[test]
fn a_convolution_of_one_image_is_by_hand() {
    let layers = json!([
        { "conv2d": { "out_channels": 2, "kernel_size": 2 } },
        { "dropout": { "p": 0.5 } },
        "relu",
        { "max_pool2d": { "kernel_size": 2 } },
        "flatten",
        { "linear": { "out_features": 3 } },
        "relu",
    ]);
    let (mut model, row) = on_images(layers);
    let kernels = [1.0, 0.0, 0.0, -1.0, 0.25, 0.25, 0.25, 0.25];
    let weight = ("layers.0.weight", &kernels[..], &[2, 1, 2, 2][..]);
    given(&mut model, &[weight, ("layers.0.bias", &[0.0, 0.5], &[2])]);
    let [filters] = &filters(&model).unwrap()[..] else {
        panic!("one grid")
    };
    assert_eq!(
        (&*filters.title, filters.height, filters.width),
        ("layers.0: conv2d", 2, 2)
    );
    assert!(filters.is_signed && labels(filters) == ["0", "1"], "{filters:?}");
    assert_near(filters, &[&[1.0, 0.0, 0.0, -1.0], &[0.25; 4]]);
    let maps = feature_maps(&model, &row).unwrap();
    let titles: Vec<&str> = maps.iter().map(|grid| &*grid.title).collect();
    assert_eq!(
        titles,
        ["input", "layers.0: conv2d", "layers.2: relu", "layers.3: max_pool2d"]
    );
    assert_near(&maps[0], &[&ROWS[0].map(f64::from)]);
    let means = [0.9, 1.1, 0.9, 1.05];
    assert_near(&maps[1], &[&[-0.8, -0.8, 0.6, 0.4], &means]);
    assert_near(&maps[2], &[&[0.0, 0.0, 0.6, 0.4], &means]);
    assert_near(&maps[3], &[&[0.6], &[1.1]]);
    let svg = tile_grids("x", &maps);
    assert!(is_well_formed(&svg) && svg == tile_grids("x", &feature_maps(&model, &row).unwrap()));
    let colors = pixels(&svg);
    // 102 of 255: 64 · 0.4 = 25.6, the 26th step. −0.8 of 1.1: 64 · (1 − 0.8 / 1.1) / 2 = 8.7, the ninth.
    assert_eq!(colors[0][..3], ["#000000", "#343434", "#686868"]);
    assert_eq!(colors[1][0], "#242424");
    assert_eq!(colors[3][..3], ["#000000", "#000000", "#8b8b8b"]);
}

/// A map is what the network computes of the row in any batch, and what is behind the last layer is the prediction.
#[test]
fn maps_are_those_of_prediction() {
    let layers = json!([{ "conv2d": { "out_channels": 3, "kernel_size": 2 } }, "tanh", "flatten"]);
    let (model, row) = on_images(layers);
    let maps = feature_maps(&model, &row).unwrap();
    let tanh = model.output_of(&row, "layers.1").unwrap().to_f64();
    let drawn: Vec<f64> = maps[2].tiles.iter().flat_map(|tile| tile.values.clone()).collect();
    assert_eq!(drawn, tanh);
    let outputs = model.layer_outputs(&row).unwrap();
    let prediction = model.predict(&row).unwrap();
    assert_eq!(outputs.last().unwrap().output.to_f64(), prediction.to_f64());
    assert_eq!(outputs.last().unwrap().layer, "sequential");
    assert!(outputs.last().unwrap().passes_on);
}

#[test]
fn filters_over_several_channels_are_labeled_by_both() {
    let conv = |outputs: usize, groups: usize| json!({ "conv2d": { "out_channels": outputs, "kernel_size": 1, "groups": groups } });
    let (model, _) = on_images(json!([
        conv(2, 1),
        conv(4, 2),
        conv(6, 1),
        conv(80, 1),
        conv(80, 80),
        "flatten"
    ]));
    let grids = filters(&model).unwrap();
    assert_eq!(labels(&grids[0]), ["0", "1"]);
    // Outputs of the second group look at the second channel.
    assert_eq!(labels(&grids[1]), ["0,0", "1,0", "2,1", "3,1"]);
    assert_eq!((labels(&grids[2])[5], grids[2].group), ("1,1", 4));
    let weight = model.param("layers.2.weight").unwrap().to_f64();
    let drawn: Vec<f64> = grids[2].tiles.iter().flat_map(|tile| tile.values.clone()).collect();
    assert_eq!(drawn, weight);
    // Of 480 the first 21 outputs.
    assert_eq!((grids[3].tiles.len(), labels(&grids[3])[125]), (126, "20,5"));
    assert!(grids[3].note.ends_with("; showing 126 of 480"), "{}", grids[3].note);
    assert_eq!((labels(&grids[4])[79], grids[4].tiles.len()), ("79,79", 80));
    assert!(is_well_formed(&tile_grids("x", &grids)));
}

#[test]
fn sequences_are_strips() {
    let (_folder, options) = crate::table("a,b,c,y\n1,5,0,u\n2,4,0,v\n3,4,1,u\n4,0,2,v\n");
    let layers = json!([{ "conv1d": { "out_channels": 2, "kernel_size": 2 } }, "relu", "flatten"]);
    let (mut model, data) = untrained(&options, layers);
    let weight = ("layers.0.weight", &[1.0f32, 2.0, 0.0, -1.0][..], &[2, 1, 2][..]);
    given(&mut model, &[weight, ("layers.0.bias", &[0.0, 0.0], &[2])]);
    let grids = filters(&model).unwrap();
    assert_eq!((grids[0].height, grids[0].width), (1, 2));
    assert_near(&grids[0], &[&[1.0, 2.0], &[0.0, -1.0]]);
    let row = data.train.select(&[2]).unwrap();
    let x = row.features().to_f64();
    let maps = feature_maps(&model, &row).unwrap();
    assert_eq!((maps.len(), maps[0].height, maps[0].width), (3, 1, 3));
    assert_near(&maps[1], &[&[x[0] + 2.0 * x[1], x[1] + 2.0 * x[2]], &[-x[1], -x[2]]]);
}

#[test]
fn a_first_linear_layer_on_images_has_an_image_for_each_unit() {
    let (model, row) = on_images(json!([{ "linear": { "out_features": 5 } }, "relu"]));
    let grids = filters(&model).unwrap();
    assert_eq!(
        (grids.len(), grids[0].tiles.len(), grids[0].height, grids[0].width),
        (1, 5, 3, 3)
    );
    let weight = model.param("layers.0.weight").unwrap().to_f64();
    assert_eq!(grids[0].tiles[3].values, weight[27..36]);
    let error = feature_maps(&model, &row).unwrap_err().to_string();
    assert!(error.contains("no layer of this network has feature maps"), "{error}");
    // Without hidden layers they are labeled by class, if there is one for each.
    let (model, _) = on_images(json!([]));
    let grids = filters(&model).unwrap();
    assert_eq!(grids[0].title, "layers.0: linear");
    // Behind other weights inputs are no pixels.
    let (model, _) = on_images(json!(["prelu", { "linear": { "out_features": 5 } }]));
    assert!(filters(&model).is_err());
}

#[test]
fn a_network_on_columns_has_nothing_to_draw() {
    let (_folder, options) = crate::table("a,b,y\n1,5,u\n2,4,v\n3,4,u\n4,0,v\n");
    let (model, data) = untrained(&options, json!([{ "linear": { "out_features": 4 } }, "relu"]));
    let error = filters(&model).unwrap_err();
    assert!(
        error.to_string().contains("no weights of this network are images"),
        "{error}"
    );
    assert!(error.hint_text().unwrap().contains("convolutions"));
    assert!(feature_maps(&model, &data.train.select(&[0]).unwrap()).is_err());
    assert!(
        feature_maps(&model, &data.train)
            .unwrap_err()
            .to_string()
            .contains("expected one row, got 4")
    );
}
