//! What `auto` chooses follows from the rows.

use rosenblatt_data::{DataOptions, Prepared, load};
use rosenblatt_train::presets::{Overrides, Preset};

/// A table of so many rows, a fifth of them held out.
fn table(rows: usize, target: fn(usize) -> String) -> (DataOptions, Prepared) {
    let lines = (0..rows).map(|row| format!("{},{}\n", row % 7, target(row)));
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, format!("x,y\n{}", lines.collect::<String>())).unwrap();
    let mut options = DataOptions::new(path.to_str().unwrap());
    options.target = Some("y".to_owned());
    let options = Preset::Auto.data(&options);
    let data = load(&options, 0).unwrap();
    (options, data)
}

#[test]
fn patience_follows_the_length_of_the_run() {
    let (options, data) = table(30, |row| ["no", "yes"][row % 2].to_owned());
    for (epochs, expected, words) in [
        (1, 1, "too few epochs"),
        (5, 5, "too few epochs"),
        (10, 10, "too few epochs"),
        (11, 10, "ten of the"),
        (54, 10, "ten of the"),
        (55, 11, "a fifth of the"),
        (200, 40, "a fifth of the"),
    ] {
        let overrides = Overrides::default().set("epochs", epochs);
        let chosen = Preset::Auto.spec(&options, &overrides, &data).unwrap();
        assert_eq!(chosen.spec.train.early_stopping.unwrap().patience, expected, "{epochs}");
        let reason = chosen
            .choices
            .iter()
            .find(|choice| choice.setting == "train.early_stopping");
        let reason = &reason.unwrap().reason;
        assert!(reason.contains(words), "{epochs}: {reason}");
    }
}

#[test]
fn a_regression_on_many_rows_takes_larger_steps_and_more() {
    let number = |row: usize| format!("{}.5", row * row);
    let class = |row: usize| ["no", "yes"][row % 2].to_owned();
    let rate_and_epochs = |rows, target| {
        let (options, data) = table(rows, target);
        let train = Preset::Auto
            .spec(&options, &Overrides::default(), &data)
            .unwrap()
            .spec
            .train;
        (train.learning_rate, train.epochs)
    };
    assert_eq!(rate_and_epochs(1249, number), (3e-3, 93));
    assert_eq!(rate_and_epochs(1250, number), (5e-3, 200));
    assert_eq!(rate_and_epochs(5000, number), (5e-3, 80));
    assert_eq!(rate_and_epochs(5000, class), (1e-3, 24));
}

/// So many images of one pixel, a fifth of them held out.
fn images(rows: u32) -> (DataOptions, Prepared) {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, sizes: &[u32], bytes: Vec<u8>| {
        let mut file = vec![0, 0, 8, sizes.len() as u8];
        file.extend(sizes.iter().flat_map(|size| size.to_be_bytes()));
        file.extend(bytes);
        std::fs::write(folder.path().join(name), file).unwrap();
    };
    let bytes = |count: u32| (0..count).map(|row| (row % 3) as u8).collect::<Vec<_>>();
    for (part, rows) in [("train", rows), ("t10k", 3)] {
        write(&format!("{part}-images-idx3-ubyte"), &[rows, 1, 1], bytes(rows));
        write(&format!("{part}-labels-idx1-ubyte"), &[rows], bytes(rows));
    }
    let options = Preset::Auto.data(&DataOptions::new(folder.path().to_str().unwrap()));
    let data = load(&options, 0).unwrap();
    (options, data)
}

#[test]
fn many_images_are_normalized_and_take_larger_steps() {
    let chosen = |(options, data): &(DataOptions, Prepared), overrides: Overrides| {
        let chosen = Preset::Auto.spec(options, &overrides, data).unwrap();
        let choices: Vec<&str> = chosen.choices.iter().map(|choice| choice.key).collect();
        let normalizes = choices.contains(&"norm") && choices.contains(&"dropout");
        let train = &chosen.spec.train;
        let layers = chosen.spec.model.layers.len();
        (layers, normalizes, train.learning_rate, train.batch_size)
    };
    let (few, many) = (images(12_498), images(12_500));
    assert_eq!(chosen(&few, Overrides::default()), (2, false, 1e-3, 32));
    assert_eq!(chosen(&many, Overrides::default()), (8, true, 1e-2, 256));
    let none = Overrides::default().set("hidden", serde_json::json!([]));
    assert_eq!(chosen(&many, none), (0, false, 1e-3, 256));
    let linear = Overrides::default().set("model", "linear");
    assert_eq!(chosen(&many, linear), (0, false, 1e-3, 256));
}
