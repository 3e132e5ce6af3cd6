//! Which columns a model uses, against scikit-learn and hand values.

use rosenblatt_data::{DataOptions, Dataset};
use rosenblatt_report::{ImportanceOptions, importance};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{assert_close, fixture};
use rosenblatt_train::presets::{Overrides, Preset};
use rosenblatt_train::{Model, Predictor};
use serde_json::Value;

use crate::table;
use crate::{Job, alone};

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|number| number.as_f64().unwrap()).collect()
}

/// A network without hidden layers, after one epoch: its weights are there to be replaced.
fn linear(options: &DataOptions) -> (Job, Model) {
    let overrides = Overrides::default().set("epochs", 1);
    let job = Job::on(Preset::Plain, options, &overrides);
    let model = job.train().model;
    (job, model)
}

fn set(model: &mut Model, name: &str, values: &[f64]) {
    let shape = model.params()[name].shape().to_vec();
    let values = values.iter().map(|&value| value as f32).collect();
    let tensor = Tensor::from_vec(values, &shape).unwrap();
    model.set_params(&[(name.to_owned(), tensor)].into()).unwrap();
}

#[test]
fn importance_is_that_of_scikit_learn() {
    let fixture = fixture("importance.json");
    let rows: Vec<Vec<f64>> = fixture["rows"].as_array().unwrap().iter().map(numbers).collect();
    let line = |row: &Vec<f64>| {
        let category = ["a", "b", "c"][row[3] as usize];
        format!("{},{},{},{category},{}\n", row[0], row[1], row[2], row[4])
    };
    let (_folder, options) = table(&format!("u,v,w,c,y\n{}", rows.iter().map(line).collect::<String>()));
    let (job, mut model) = linear(&options);

    // The network sees standardized columns: `w x + b = w s (x − m) / s + (b + w m)`.
    let mut weights = numbers(&fixture["weights"]);
    let mut bias = fixture["bias"].as_f64().unwrap();
    for (i, weight) in weights.iter_mut().enumerate().take(3) {
        let mean = rows.iter().map(|row| row[i]).sum::<f64>() / rows.len() as f64;
        let variance = rows.iter().map(|row| (row[i] - mean).powi(2)).sum::<f64>() / rows.len() as f64;
        bias += *weight * mean;
        *weight *= variance.sqrt();
    }
    set(&mut model, "layers.0.weight", &weights);
    set(&mut model, "layers.0.bias", &[bias]);

    let theirs = fixture["repeats"].as_f64().unwrap();
    let repeats = 500;
    let options = ImportanceOptions {
        repeats,
        ..ImportanceOptions::new(3)
    };
    let mut predictor = Predictor::new(&model, &alone()).unwrap();
    let found = importance(&mut predictor, &job.data.train, options).unwrap().unwrap();
    assert_eq!((&*found.metric, found.rows, found.repeats), ("rmse", 60, repeats));
    assert_close(found.score, fixture["score"].as_f64().unwrap(), 1e-6);
    let (means, spreads) = (numbers(&fixture["means"]), numbers(&fixture["spreads"]));
    for (i, name) in ["u", "v", "w", "c"].into_iter().enumerate() {
        let column = found.columns.iter().find(|column| column.column == name).unwrap();
        // Both are averages of draws: four standard errors of the mean, and of a standard deviation.
        let noise = 4.0 * (1.0 / repeats as f64 + 1.0 / theirs).sqrt();
        println!(
            "{name}: {} ± {}, expected {} ± {}",
            column.mean, column.spread, means[i], spreads[i]
        );
        assert_close(column.mean, means[i], noise * spreads[i] + 1e-6);
        assert_close(column.spread, spreads[i], noise / 2.0_f64.sqrt() * spreads[i]);
    }
    let order: Vec<&str> = found.columns.iter().map(|column| &*column.column).collect();
    assert_eq!(order, ["u", "c", "v", "w"]);
}

#[test]
fn a_column_that_decides_alone_takes_all_with_it_and_an_unused_one_nothing() {
    let line = |row: usize| {
        format!(
            "{},{}.5,{}\n",
            row % 4,
            row * 7 % 11,
            ["no", "yes"][usize::from(row.is_multiple_of(4))]
        )
    };
    let (_folder, options) = table(&format!("a,b,y\n{}", (0..80).map(line).collect::<String>()));
    let (job, mut model) = linear(&options);
    // `yes` where `a` is 0: its standardized value is below that of 0.5, (0.5 − 1.5) / √1.25.
    set(&mut model, "layers.0.weight", &[1.0, 0.0, -1.0, 0.0]);
    set(&mut model, "layers.0.bias", &[0.9, -0.9]);
    let mut predictor = Predictor::new(&model, &alone()).unwrap();
    let options = ImportanceOptions {
        repeats: 400,
        ..ImportanceOptions::new(0)
    };
    let found = importance(&mut predictor, &job.data.train, options).unwrap().unwrap();
    assert_eq!((&*found.metric, found.score), ("accuracy", 1.0));
    // Of 20 rows of one class and 60 of the other a shuffle leaves (20² + 60²) / 80² correct.
    let [a, b] = &found.columns[..] else {
        panic!("{found:?}")
    };
    assert_eq!((&*a.column, &*b.column), ("a", "b"));
    assert_close(a.mean, 0.375, 4.0 * a.spread / 20.0);
    assert!(a.spread > 0.0);
    assert_eq!((b.mean, b.spread), (0.0, 0.0));
}

#[test]
fn importance_is_the_same_each_time_and_stays_within_its_limit() {
    let job = Job::on(Preset::Plain, &DataOptions::new("breast_cancer"), &Overrides::default());
    let model = job.train().model;
    let mut predictor = Predictor::new(&model, &alone()).unwrap();
    let mut of = |data: &Dataset, options| importance(&mut predictor, data, options).unwrap();
    let default = ImportanceOptions::new(0);
    let all = of(&job.data.train, default).unwrap();
    assert_eq!(all.rows, job.data.train.len());
    assert_eq!(all, of(&job.data.train, default).unwrap());
    assert_ne!(all, of(&job.data.train, ImportanceOptions::new(1)).unwrap());
    let cheap = of(
        &job.data.train,
        ImportanceOptions {
            max_multiply_adds: 1,
            ..default
        },
    )
    .unwrap();
    assert_eq!(cheap.rows, 200, "fewer are too noisy");
    assert_eq!(
        of(&job.data.train, ImportanceOptions { repeats: 0, ..default })
            .unwrap()
            .repeats,
        1
    );
    for rows in [0, 1] {
        let few = job.data.train.select(&(0..rows).collect::<Vec<_>>()).unwrap();
        assert_eq!(of(&few, default), None, "{rows} rows");
    }
}
