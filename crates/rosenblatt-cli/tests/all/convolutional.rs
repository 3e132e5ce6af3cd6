//! `--model cnn`.

use crate::common::{Sandbox, flowers, idx};

/// A folder `images` of training images of this size: in those of class 1 a bright spot is two high, in those of class 0 two wide, at any
/// place.
fn spots([height, width]: [usize; 2]) -> Sandbox {
    let folder = Sandbox::new();
    let (down, across) = (height.max(2) - 1, width.max(2) - 1);
    let image = |i: usize| {
        let mut pixels = vec![0; height * width];
        let (y, x) = (i / 2 % down, i / 2 / down % across);
        let other = if i % 2 == 1 {
            (y + 1) * width + x
        } else {
            y * width + x + 1
        };
        for at in [y * width + x, other] {
            if let Some(pixel) = pixels.get_mut(at) {
                *pixel = 255;
            }
        }
        pixels
    };
    let pixels = (0..100).flat_map(image).collect();
    std::fs::create_dir(folder.path("images")).unwrap();
    let sizes = [100, height as u8, width as u8];
    folder.write("images/train-images-idx3-ubyte", idx(&sizes, pixels));
    folder.write("images/train-labels-idx1-ubyte", idx(&[100], [0, 1].repeat(50)));
    folder
}

fn layers(folder: &Sandbox, arguments: &str) -> Vec<String> {
    let run = folder.json(&format!("train {arguments} --model cnn --epochs 1 --quiet"));
    let settings = run["settings"].as_array().unwrap();
    let layers = settings
        .iter()
        .find(|setting| setting["key"] == "model.layers")
        .unwrap();
    let name = |layer: &serde_json::Value| match layer.as_str() {
        Some(name) => name.to_owned(),
        None => layer.as_object().unwrap().keys().next().unwrap().clone(),
    };
    layers["value"].as_array().unwrap().iter().map(name).collect()
}

#[test]
fn blocks_of_convolution_come_before_the_hidden_layers() {
    let folder = spots([6, 5]);
    let plain = [
        "conv2d",
        "relu",
        "max_pool2d",
        "conv2d",
        "relu",
        "max_pool2d",
        "flatten",
        "linear",
        "relu",
    ];
    assert_eq!(layers(&folder, "images --preset plain -o a"), plain);
    let normalized = layers(&folder, "images -o b");
    assert_eq!(normalized.iter().filter(|&name| name == "batch_norm").count(), 3);
    let shallow = layers(&folder, "images --hidden none --norm layer --activation elu:0.5 -o c");
    let of_channels = ["conv2d", "group_norm", "elu", "max_pool2d"];
    assert_eq!(shallow, [&of_channels[..], &of_channels, &["flatten"]].concat());
    folder.ok("init-config images --model cnn -o run.toml");
    folder.ok("train --config run.toml --epochs 1 -o d --quiet");
    assert_eq!(layers(&folder, "--config run.toml --hidden 3 -o e"), plain);
}

#[test]
fn what_moves_is_found_wherever_it_is() {
    let folder = spots([6, 5]);
    let accuracy = |arguments: &str| {
        let run = folder.json(&format!(
            "train images --preset plain --epochs 30 --quiet --valid-fraction 0.2 {arguments}"
        ));
        run["valid"]["accuracy"].as_f64().unwrap()
    };
    assert_eq!(accuracy("--model cnn -o a"), 1.0);
}

#[test]
fn what_is_not_flat_is_flattened_for_the_output() {
    let folder = spots([6, 5]);
    let conv = r#"{conv1d={out_channels=4,kernel_size=2}}"#;
    for (layers, last) in [
        (format!(r#"["flatten",{conv}]"#), 3),
        (format!(r#"[{conv},"relu","flatten"]"#), 3),
        (r#"[{max_pool2d={kernel_size=2}}]"#.to_owned(), 2),
    ] {
        folder.write(
            "run.toml",
            format!("[data]\nsource = 'images'\n[model]\nlayers = {}\n", layers),
        );
        folder.ok("train --config run.toml --epochs 1 -o a --quiet --force");
        let text = folder.ok("inspect a").stdout;
        assert!(text.contains(&format!("layers.{last}  linear (output)")), "{text}");
    }
}

#[test]
fn images_may_be_of_any_size() {
    for size in [[1, 1], [1, 7], [3, 2]] {
        layers(&spots(size), "images -o a");
    }
}

#[test]
fn what_is_no_image_or_no_channel_is_refused() {
    let folder = spots([6, 5]);
    folder.write("t.csv", flowers(40));
    let error = folder.fails(2, "train t.csv --target kind --model cnn -o a");
    assert!(
        error.contains("the model `cnn` is for images, and these are rows of a table"),
        "{error}"
    );
    assert!(error.contains("hint: choose `--model mlp`"), "{error}");
    folder.fails(2, "train t.csv --target kind --model cnn --preset plain -o a");
    let error = folder.fails(2, "train images --model cnn --activation swiglu -o a");
    assert!(error.contains("`swiglu` cannot follow a convolution"), "{error}");
    let error = folder.fails(2, "train images --model cnn --norm rms -o a");
    assert!(error.contains("`--norm batch` or `--norm layer`"), "{error}");
}
