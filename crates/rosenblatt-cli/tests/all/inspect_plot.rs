//! `inspect --plot`: filters and feature maps as a picture.

use crate::common::{Sandbox, flowers, idx};

/// A folder with 40 images of 6 by 5 bytes of two classes, a run file of a small convolutional network, and its model `cnn`.
fn trained() -> Sandbox {
    let folder = Sandbox::new();
    std::fs::create_dir(folder.path("images")).unwrap();
    let pixels = (0..40 * 30u32).map(|i| (i * 37 % 251) as u8).collect();
    let (pixels, labels) = (idx(&[40, 6, 5], pixels), idx(&[40], [0, 1].repeat(20)));
    for part in ["train", "t10k"] {
        folder.write(&format!("images/{part}-images-idx3-ubyte"), &pixels);
        folder.write(&format!("images/{part}-labels-idx1-ubyte"), &labels);
    }
    folder.write(
        "run.toml",
        "[data]\nsource = 'images'\n[model]\nlayers = [{ conv2d = { out_channels = 3, kernel_size = 3, padding = 'same' } }, 'relu', \
         { max_pool2d = { kernel_size = 2 } }, 'flatten', { linear = { out_features = 4 } }, 'relu']\n[train]\nepochs = 1\n",
    );
    folder.ok("train --config run.toml -o cnn --quiet");
    folder
}

fn svg(folder: &Sandbox, name: &str) -> String {
    String::from_utf8(folder.read(name)).unwrap()
}

#[test]
fn filters_and_maps_are_drawn() {
    let folder = trained();
    let text = folder.ok("inspect cnn --plot filters.svg").stdout;
    assert!(text.contains("\nplot: filters.svg\nsettings:\n"), "{text}");
    let filters = svg(&folder, "filters.svg");
    assert_eq!(filters.matches("<g class=\"tile\"").count(), 3);
    assert!(filters.contains("layers.0: conv2d") && filters.contains("prefers-color-scheme: dark"));
    // The pictures, like the numbers, do not depend on threads or on what is printed.
    let json = folder.json("inspect cnn images --row 7 --plot maps.svg --threads 2");
    assert_eq!(json["plot"], "maps.svg");
    let maps = svg(&folder, "maps.svg");
    assert_eq!(maps.matches("<g class=\"tile\"").count(), 1 + 3 * 3);
    for words in [
        "Feature maps of cnn for row 7 of images",
        ">input<",
        "3 channels of 3 × 2",
    ] {
        assert!(maps.contains(words), "{words}");
    }
    folder.ok("inspect cnn images --row 7 --plot again.svg --threads 1 --execution dynamic");
    assert_eq!(maps, svg(&folder, "again.svg"));
    folder.ok("inspect cnn images --plot first.svg");
    assert!(svg(&folder, "first.svg").contains("for row 1 of images"));
    // Nothing is replaced without being asked.
    let error = folder.fails(2, "inspect cnn --plot maps.svg");
    assert!(error.contains("--plot: maps.svg: exists already"), "{error}");
    folder.ok("inspect cnn --plot maps.svg --force");
    assert_eq!(svg(&folder, "maps.svg"), filters);
    // Before training there are initial values.
    folder.ok("inspect run.toml images --row 40 --plot initial.svg");
    assert!(svg(&folder, "initial.svg").contains("layers.2: max_pool2d"));
}

#[test]
fn the_weights_of_a_linear_layer_on_images_are_drawn() {
    let folder = trained();
    folder.ok("train images --hidden 6 --epochs 1 -o mlp --quiet");
    folder.ok("inspect mlp --plot weights.svg");
    let weights = svg(&folder, "weights.svg");
    assert_eq!(weights.matches("<rect width=\"5\" height=\"6\"").count(), 6);
    let error = folder.fails(2, "inspect mlp images --plot maps.svg");
    assert!(
        error.contains("--plot: no layer of this network has feature maps"),
        "{error}"
    );
    assert!(!folder.exists("maps.svg"));
}

#[test]
fn what_cannot_be_drawn_is_refused_before_anything_is_written() {
    let folder = trained();
    folder.write("flowers.csv", flowers(60));
    folder.ok("train flowers.csv --target kind --hidden 4 --epochs 1 -o mlp --quiet");
    for (command, words) in [
        (
            "inspect mlp --plot p.svg",
            "--plot: no weights of this network are images\nhint: expected convolutions",
        ),
        (
            "inspect flowers.csv --plot p.svg",
            "--plot: data has no filters to draw\nhint: name a model or a run file",
        ),
        ("inspect images --plot p.svg", "--plot: data has no filters to draw"),
        (
            "inspect cnn images",
            "images: expected a table before further files, got `cnn`\nhint: for feature maps of a row add",
        ),
        (
            "inspect cnn images images --plot p.svg",
            "images: expected one DATA after a model",
        ),
        (
            "inspect cnn images --row 41 --plot p.svg",
            "--row: expected a row from 1 to 40, got 41",
        ),
        (
            "inspect cnn images --row 0 --plot p.svg",
            "expected a whole number of at least 1",
        ),
        (
            "inspect cnn --row 1 --plot p.svg",
            "--row: expected the data that has this row",
        ),
        ("inspect cnn images --row 1", "--plot"),
        (
            "inspect cnn images --missing x --plot p.svg",
            "--missing: does not apply to images",
        ),
        (
            "inspect cnn --missing x --plot p.svg",
            "--missing: says how to read a table",
        ),
        (
            "inspect mlp flowers.csv --categorical color --plot p.svg",
            "--categorical: says how to read a table",
        ),
        (
            "inspect cnn --plot cnn --force",
            "--plot: cnn: is an input of this command",
        ),
        ("inspect cnn --plot -", "--plot: -: standard output cannot be used here"),
    ] {
        let error = folder.fails(2, command);
        assert!(error.contains(words), "{command}: {error}");
        assert!(!folder.exists("p.svg"));
    }
}
