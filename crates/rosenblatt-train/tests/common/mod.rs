//! Runs that several tests share.
#![allow(dead_code, reason = "each test file uses some of it")]

use rosenblatt_data::{DataOptions, Dataset, Prepared, load};
use rosenblatt_tensor::{Result, Tensor};
use rosenblatt_train::presets::{Norm, Overrides, Preset};
use rosenblatt_train::{Execution, FitResult, RunOptions, Spec, fit};

/// A run: a spec and its data.
pub struct Job {
    pub spec: Spec,
    pub data: Prepared,
}

impl Job {
    /// A preset's run on a named data set.
    pub fn new(preset: Preset, source: &str, overrides: &Overrides) -> Self {
        Self::on(preset, &DataOptions::new(source), overrides)
    }

    /// A preset's run on some data.
    pub fn on(preset: Preset, data: &DataOptions, overrides: &Overrides) -> Self {
        let options = preset.data(data);
        let data = load(&options, overrides.value("train.seed").unwrap_or(0)).unwrap();
        let spec = preset.spec(&options, overrides, &data).unwrap().spec;
        Self { spec, data }
    }

    /// Iris with everything that has a state: batch normalization, dropout, Adam, a schedule, early stopping, a short last batch.
    pub fn with_everything() -> Self {
        let overrides = Overrides::default()
            .set("hidden", [8, 6])
            .set("norm", Norm::Batch)
            .set("dropout", 0.2)
            .set("optimizer", "adam")
            .set("schedule", "cosine:warmup=0.1,final=0")
            .set("learning_rate", 0.05)
            .set("clip_norm", 0.5)
            .set("epochs", 25)
            .set("batch_size", 20)
            .set("early_stopping", 2);
        Self::on(
            Preset::Plain,
            &DataOptions::new("iris").valid_fraction(0.25),
            &overrides,
        )
    }

    /// The same with weights of rows and classes.
    pub fn with_weights() -> Self {
        let mut job = Self::with_everything();
        job.spec.train.class_weight = Some("setosa=0.3,virginica=2".parse().unwrap());
        job.data.schema.sample_weight = Some("w".to_owned());
        job.data.train = weighed(job.data.train);
        // A part without the column has rows that count alike.
        job.data.test = job.data.test.map(weighed);
        job
    }

    /// The same with gradients accumulated over four batches, in epochs of 6, so that the last step of an epoch has two; `average` is `ema=…`, `swa=…`
    /// or an optimizer that averages.
    pub fn with_averages(average: &str) -> Self {
        let mut job = Self::with_weights();
        let settings = ["accumulate_steps=4", "epochs=5", "clip_value=0.3", average];
        for setting in settings {
            job.spec = job.spec.with(&format!("train.{setting}")).unwrap();
        }
        job
    }

    /// Iris by L-BFGS, with all rows in each iteration, a penalty, weights of rows and classes, and early stopping.
    pub fn with_solver(norm: Option<Norm>) -> Self {
        let normalized = |norm| Overrides::default().set("norm", norm);
        let overrides = norm
            .map_or_else(Overrides::default, normalized)
            .set("hidden", [6])
            .set("activation", "tanh")
            .set("optimizer", "lbfgs:history_size=3")
            .set("l2", 0.01)
            .set("class_weight", "balanced")
            .set("epochs", 40)
            .set("early_stopping", 5);
        let data = DataOptions::new("iris").valid_fraction(0.25);
        let mut job = Self::on(Preset::Plain, &data, &overrides);
        job.data.schema.sample_weight = Some("w".to_owned());
        job.data.train = weighed(job.data.train);
        job
    }

    /// 80 images of bytes that are augmented in every way and mixed, in steps of two batches.
    pub fn with_images() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let head = |sizes: &[u32]| {
            let axes = sizes.len() as u8;
            let sizes = sizes.iter().flat_map(|size| size.to_be_bytes());
            [0, 0, 8, axes].into_iter().chain(sizes).collect::<Vec<u8>>()
        };
        let pixels = (0..80 * 30).map(|i| (i * 37 % 251) as u8);
        let pixels: Vec<u8> = head(&[80, 5, 6]).into_iter().chain(pixels).collect();
        let labels: Vec<u8> = head(&[80]).into_iter().chain((0..80).map(|i| i % 3)).collect();
        std::fs::write(folder.path().join("train-images-idx3-ubyte"), pixels).unwrap();
        std::fs::write(folder.path().join("train-labels-idx1-ubyte"), labels).unwrap();
        let mut options = DataOptions::new(folder.path().to_str().unwrap()).valid_fraction(0.2);
        options.test_fraction = Some(0.2);
        let overrides = Overrides::default()
            .set("hidden", [5])
            .set("dropout", 0.1)
            .set("augment", "flip,shift:1,rotate:20,noise:0.1,erase:0.25")
            .set("mixup", 0.4)
            .set("accumulate_steps", 2)
            .set("epochs", 3)
            .set("batch_size", 20);
        Self::on(Preset::Plain, &options, &overrides)
    }

    /// 480 training rows of a table with gaps; the network looks its categories up.
    pub fn with_embedding() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("table.csv");
        let gap = |i: usize| {
            if i.is_multiple_of(9) {
                String::new()
            } else {
                i.to_string()
            }
        };
        let rows = (0..800).map(|i| format!("city{},{},{}.5\n", i % 200, gap(i), i % 13));
        std::fs::write(&path, format!("city,x,y\n{}", rows.collect::<String>())).unwrap();
        let mut options = DataOptions::new(path.to_str().unwrap())
            .target("y")
            .valid_fraction(0.25);
        options.test_fraction = Some(0.2);
        let overrides = Overrides::default().set("batch_size", 90);
        Self::on(Preset::Plain, &options, &overrides)
    }

    pub fn train(&self, options: &RunOptions) -> Result<FitResult> {
        fit(&self.spec, &self.data, options, &mut [])
    }
}

/// The rows, every third of which counts seven times as much as the first, and the second nearly nothing.
fn weighed(part: Dataset) -> Dataset {
    let weights = (0..part.len()).map(|row| [1f32, 0.1, 7.0][row % 3]).collect();
    let weights = Tensor::from_vec(weights, &[part.len()]).unwrap();
    part.weighted_by(Some(weights)).unwrap()
}

/// One thread, compiled; or all that are asked for in its place.
pub fn alone() -> RunOptions {
    RunOptions {
        threads: 1,
        adaptive: false,
        ..RunOptions::default()
    }
}

/// One thread, computed as it is built.
pub fn dynamic() -> RunOptions {
    RunOptions {
        execution: Execution::Dynamic,
        ..alone()
    }
}
