//! What `auto` chooses follows from the rows.

use rosenblatt_data::{DataOptions, Prepared, load};
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{Spec, TrainSpec};

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

#[test]
fn an_optimizer_that_averages_its_points_has_no_decay() {
    let (options, data) = table(100, |row| ["no", "yes"][row % 2].to_owned());
    let schedule = |optimizer: &str| {
        let overrides = Overrides::default().set("optimizer", optimizer);
        let chosen = Preset::Auto.spec(&options, &overrides, &data).unwrap();
        chosen.spec.train.schedule.name().to_owned()
    };
    assert_eq!(schedule("schedule_free_adamw"), "warm_up");
    assert_eq!(schedule("averaged_sgd:start=10"), "warm_up");
    assert_eq!(schedule("lion"), "cosine");
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
    let solver = Overrides::default().set("optimizer", "lbfgs");
    let (layers, normalizes, ..) = chosen(&many, solver);
    assert_eq!((layers, normalizes), (4, false));
}

#[test]
fn a_solver_has_iterations_and_nothing_about_batches_and_steps() {
    let (options, data) = table(5000, |row| ["no", "yes"][row % 2].to_owned());
    for preset in [Preset::Auto, Preset::Plain] {
        let overrides = Overrides::default().set("optimizer", "lbfgs:history_size=20");
        let chosen = preset.spec(&options, &overrides, &data).unwrap();
        let (train, usual) = (&chosen.spec.train, TrainSpec::default());
        assert_eq!(
            (train.batch_size, train.learning_rate),
            (usual.batch_size, usual.learning_rate)
        );
        assert_eq!(train.schedule, usual.schedule);
        let steps = [
            "train.batch_size",
            "train.learning_rate",
            "train.schedule",
            "train.optimizer",
        ];
        assert!(chosen.choices.iter().all(|choice| !steps.contains(&choice.setting)));
        chosen.spec.check_complete().unwrap();
        let auto = preset == Preset::Auto;
        assert_eq!(train.epochs, if auto { 200 } else { usual.epochs });
        assert_eq!(
            train.early_stopping.map(|stopping| stopping.patience),
            auto.then_some(40)
        );
        let said = |key| chosen.choices.iter().filter(|choice| choice.setting == key).count();
        assert_eq!(
            (said("train.epochs"), said("train.early_stopping")),
            (usize::from(auto), usize::from(auto))
        );
        // What is written of it can be read and run again, but a batch size that is given is not ignored.
        assert_eq!(Overrides::default().over(&chosen.spec).unwrap(), chosen.spec);
        let error = Overrides::default()
            .set("batch_size", 32)
            .over(&chosen.spec)
            .unwrap_err();
        assert_eq!(
            error.to_string(),
            "train.batch_size: `lbfgs` takes all training rows in each iteration"
        );
        let own = overrides.set("epochs", 7).set("early_stopping", 3);
        let own = preset.spec(&options, &own, &data).unwrap().spec.train;
        assert_eq!((own.epochs, own.early_stopping.unwrap().patience), (7, 3));
    }
}

#[test]
fn what_a_solver_has_no_use_for_is_refused_in_a_spec() {
    for setting in [
        "batch_size=8",
        "accumulate_steps=2",
        "learning_rate=0.1",
        "schedule=cosine",
        "clip_value=1",
        "clip_parameter_norm=1",
        "clip_norm=1",
        "max_norm=1",
        "l1=0.1",
        "ema=0.9",
        "swa=0.5",
    ] {
        let spec = Spec::default().with(&format!("train.{setting}")).unwrap();
        spec.check_complete().unwrap();
        let spec = spec.with("train.optimizer=lbfgs").unwrap();
        let error = spec.check_complete().unwrap_err();
        let key = setting.split('=').next().unwrap();
        assert!(
            error.to_string().starts_with(&format!("train.{key}: `lbfgs` ")),
            "{setting}: {error}"
        );
        assert!(
            error.hint_text().is_some_and(|hint| hint.starts_with("leave it out")),
            "{error:?}"
        );
    }
}
