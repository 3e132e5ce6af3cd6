//! Reports: what is computed against scikit-learn and hand values, what is shown against what a page may hold.
#![cfg(test)]

mod charts;
mod evaluation;
mod images;
mod importance;
mod inside;
mod pages;
mod tiles;

use rosenblatt_data::schema::Overview;
use rosenblatt_data::{DataOptions, Prepared, load, load_and_look};
use rosenblatt_report::{Command, Report, TrainingRun};
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{FitResult, RunOptions, Spec, fit};

/// A run: a spec and its data.
struct Job {
    spec: Spec,
    data: Prepared,
}

impl Job {
    /// A preset's run on some data.
    fn on(preset: Preset, data: &DataOptions, overrides: &Overrides) -> Self {
        let options = preset.data(data);
        let data = load(&options, overrides.value("train.seed").unwrap_or(0)).unwrap();
        let spec = preset.spec(&options, overrides, &data).unwrap().spec;
        Self { spec, data }
    }

    fn train(&self) -> FitResult {
        fit(&self.spec, &self.data, &alone(), &mut []).unwrap()
    }
}

/// One thread.
fn alone() -> RunOptions {
    RunOptions {
        threads: 1,
        adaptive: false,
        ..RunOptions::default()
    }
}

/// A folder with one table in it, and how to load that.
fn table(csv: &str) -> (tempfile::TempDir, DataOptions) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("table.csv");
    std::fs::write(&path, csv).unwrap();
    let mut options = DataOptions::new(path.to_str().unwrap());
    options.target = Some("y".to_owned());
    (folder, options)
}

/// A network that is trained in a moment; the preset decides the rest.
fn small() -> Overrides {
    Overrides::default().set("hidden", [16]).set("epochs", 60)
}

/// A report of a training run on a table, with its run.
fn report_of(csv: &str, overrides: &Overrides, test: Option<f64>) -> (Report, FitResult) {
    let (_folder, mut options) = table(csv);
    options.test_fraction = test;
    let options = Preset::Auto.data(&options);
    let mut overview = None;
    let mut see = |table: &_, findings: &_| overview = Some(Overview::of(table, findings));
    let data = load_and_look(&options, 0, &mut see).unwrap();
    let chosen = Preset::Auto.spec(&options, overrides, &data).unwrap();
    let trained = fit(&chosen.spec, &data, &alone(), &mut []).unwrap();
    let run = TrainingRun {
        source: "table.csv",
        spec: &chosen.spec,
        data: &data,
        overview: overview.as_ref(),
        settings: &overrides.origins(&chosen.spec, None, &chosen.choices),
        decided_by: "preset auto",
        trained: &trained,
        warnings: vec!["`<b>`: odd".to_owned()],
        commands: vec![Command {
            purpose: "Predict.".to_owned(),
            line: "rosenblatt predict '<i>.safetensors' table.csv".to_owned(),
        }],
    };
    (Report::of_training(run, &alone()).unwrap(), trained)
}

/// Two numbers, and a target that depends on them: a class or a quantity.
fn tame(rows: usize, target: fn(usize, usize) -> String) -> String {
    let line = |row: usize| {
        let (a, b) = (row % 10, row * 3 % 7);
        format!("{a}.5,{b},{}\n", target(a, b))
    };
    format!("a,b,y\n{}", (0..rows).map(line).collect::<String>())
}

fn class(a: usize, b: usize) -> String {
    ["low", "middle", "high"][usize::from(a > 4) + usize::from(b > 3)].to_owned()
}

fn quantity(a: usize, b: usize) -> String {
    format!("{}.25", 3 * a + b * b)
}
