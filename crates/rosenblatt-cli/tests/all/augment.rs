//! `--augment` and `--mixup` on a folder of images.

use crate::common;

use common::Sandbox;

/// 40 images of 3 by 4 bytes, of two classes.
fn images(folder: &Sandbox) {
    let head = |sizes: &[u8]| {
        let sizes = sizes.iter().flat_map(|&size| [0, 0, 0, size]);
        let axes = sizes.clone().count() as u8 / 4;
        [0, 0, 8, axes].into_iter().chain(sizes).collect::<Vec<u8>>()
    };
    let pixels = (0..40 * 12u32).map(|i| (i * 37 % 251) as u8);
    let pixels = head(&[40, 3, 4]).into_iter().chain(pixels).collect::<Vec<u8>>();
    let labels = head(&[40])
        .into_iter()
        .chain((0..40).map(|i| i % 2))
        .collect::<Vec<u8>>();
    std::fs::create_dir(folder.path("images")).unwrap();
    folder.write("images/train-images-idx3-ubyte", pixels);
    folder.write("images/train-labels-idx1-ubyte", labels);
}

#[test]
fn flags_and_a_run_file_say_the_same() {
    let folder = Sandbox::new();
    images(&folder);
    let flags = "--augment flip --augment shift:1,noise:0.2,clip=true --mixup 0.4";
    let settings = "images --preset plain --hidden 4 --epochs 2";
    folder.ok(&format!("init-config {settings} {flags} -o run.toml"));
    let text = String::from_utf8(folder.read("run.toml")).unwrap();
    let list = "{ shift = { pixels = 1 } }, { noise = { clip = true, std = 0.2 } }]";
    assert!(text.contains("augment = [{ flip = {") && text.contains(list), "{text}");
    folder.ok(&format!("train {settings} {flags} -o flags --quiet"));
    folder.ok("train --config run.toml -o file --quiet");
    assert!(folder.read("flags") == folder.read("file"));
    folder.ok(&format!("train {settings} -o plain --quiet"));
    folder.ok("train --config run.toml --augment none --mixup 0.4 -o none --quiet");
    folder.ok(&format!("train {settings} --mixup 0.4 -o mixup --quiet"));
    assert!(folder.read("none") == folder.read("mixup") && folder.read("plain") != folder.read("mixup"));
}
