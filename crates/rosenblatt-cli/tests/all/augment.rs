//! `--augment` and `--mixup` on a folder of images.

use crate::common;

use common::{Sandbox, idx};

/// 40 images of 3 by 4 bytes, of two classes.
fn images(folder: &Sandbox) {
    let pixels = (0..40 * 12u32).map(|i| (i * 37 % 251) as u8).collect();
    let (pixels, labels) = (idx(&[40, 3, 4], pixels), idx(&[40], [0, 1].repeat(20)));
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
