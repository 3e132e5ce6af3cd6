//! Reports: what is computed against scikit-learn and hand values, what is shown against what a page may hold.
#![cfg(test)]

mod common;

use common::{Job, alone};
use rosenblatt_data::schema::Overview;
use rosenblatt_data::{DataOptions, Dataset, load, load_and_look};
use rosenblatt_tensor::Tensor;
use rosenblatt_testkit::{assert_close, fixture};
use rosenblatt_train::presets::{Preset, Wishes};
use rosenblatt_train::report::{Command, Details, Effort, Judged, NewRows, Report, Role, TrainingRun, importance};
use rosenblatt_train::{Callbacks, Model, Predictor, Trained, fit};
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    let values = value.as_array().unwrap().iter();
    values.map(|number| number.as_f64().unwrap()).collect()
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

/// A network without hidden layers, after one epoch: its weights are there to be replaced.
fn linear(options: &DataOptions) -> (Job, Model) {
    let wishes = Wishes {
        epochs: Some(1),
        ..Wishes::default()
    };
    let job = Job::on(Preset::Plain, options, &wishes);
    let model = job.train(&alone()).unwrap().model;
    (job, model)
}

fn set(model: &mut Model, name: &str, values: &[f64]) {
    let shape = model.tensors[name].shape().to_vec();
    let values = values.iter().map(|&value| value as f32).collect();
    let tensor = Tensor::from_vec(values, &shape).unwrap();
    model.tensors.insert(name.to_owned(), tensor);
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

    // The network sees standardised columns: `w x + b = w s (x − m) / s + (b + w m)`.
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

    let repeats = fixture["repeats"].as_u64().unwrap() as usize;
    let effort = Effort {
        repeats,
        ..Effort::usual(3)
    };
    let mut predictor = Predictor::new(&model, &alone()).unwrap();
    let found = importance(&mut predictor, &job.data.train, effort).unwrap().unwrap();
    assert_eq!((&*found.metric, found.rows, found.repeats), ("rmse", 60, repeats));
    assert_close(found.score, fixture["score"].as_f64().unwrap(), 1e-6);
    let (means, spreads) = (numbers(&fixture["means"]), numbers(&fixture["spreads"]));
    for (i, name) in ["u", "v", "w", "c"].into_iter().enumerate() {
        let column = found.columns.iter().find(|column| column.column == name).unwrap();
        let noise = spreads[i] * (2.0 / repeats as f64).sqrt();
        println!(
            "{name}: {} ± {}, expected {} ± {}",
            column.mean, column.spread, means[i], spreads[i]
        );
        assert_close(column.mean, means[i], 4.0 * noise + 1e-6);
        assert_close(column.spread, spreads[i], 0.1 * spreads[i]);
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
    // `yes` where `a` is 0: its standardised value is below that of 0.5, (0.5 − 1.5) / √1.25.
    set(&mut model, "layers.0.weight", &[1.0, 0.0, -1.0, 0.0]);
    set(&mut model, "layers.0.bias", &[0.9, -0.9]);
    let mut predictor = Predictor::new(&model, &alone()).unwrap();
    let effort = Effort {
        repeats: 400,
        ..Effort::usual(0)
    };
    let found = importance(&mut predictor, &job.data.train, effort).unwrap().unwrap();
    assert_eq!((&*found.metric, found.score), ("accuracy", 1.0));
    // Of 20 rows of one class and 60 of the other a shuffle leaves (20² + 60²) / 80² right.
    let [a, b] = &found.columns[..] else {
        panic!("{found:?}")
    };
    assert_eq!((&*a.column, &*b.column), ("a", "b"));
    assert_close(a.mean, 0.375, 4.0 * a.spread / 20.0);
    assert!(a.spread > 0.0);
    assert_eq!((b.mean, b.spread), (0.0, 0.0));
}

#[test]
fn importance_is_the_same_each_time_and_costs_no_more_than_wished() {
    let job = Job::new(Preset::Plain, "breast_cancer", &Wishes::default());
    let model = job.train(&alone()).unwrap().model;
    let mut predictor = Predictor::new(&model, &alone()).unwrap();
    let mut of = |data: &Dataset, effort| importance(&mut predictor, data, effort).unwrap();
    let usual = Effort::usual(0);
    let all = of(&job.data.train, usual).unwrap();
    assert_eq!(all.rows, job.data.train.rows());
    assert_eq!(all, of(&job.data.train, usual).unwrap());
    assert_ne!(all, of(&job.data.train, Effort::usual(1)).unwrap());
    let cheap = of(&job.data.train, Effort { most: 1, ..usual }).unwrap();
    assert_eq!(cheap.rows, 200, "fewer say nothing");
    assert_eq!(of(&job.data.train, Effort { repeats: 0, ..usual }).unwrap().repeats, 1);
    for rows in [0, 1] {
        let few = job.data.train.select(&(0..rows).collect::<Vec<_>>()).unwrap();
        assert_eq!(of(&few, usual), None, "{rows} rows");
    }
}

/// A report of a training run on a table, with its run.
fn report_of(csv: &str, wishes: &Wishes, test: Option<f64>) -> (Report, Trained) {
    let (_folder, mut options) = table(csv);
    options.test_fraction = test;
    let options = Preset::Auto.data(&options);
    let mut overview = None;
    let mut see = |table: &_, findings: &_| overview = Some(Overview::of(table, findings));
    let data = load_and_look(&options, 0, &mut see).unwrap();
    let chosen = Preset::Auto.spec(&options, wishes, &data).unwrap();
    let trained = fit(
        &chosen.spec,
        &data,
        &alone(),
        &mut Callbacks::usual(&chosen.spec, &alone()),
    )
    .unwrap();
    let run = TrainingRun {
        source: "table.csv",
        spec: &chosen.spec,
        data: &data,
        overview: overview.as_ref(),
        choices: &chosen.choices,
        decided_by: "preset auto",
        trained: &trained,
        remarks: vec!["`<b>`: odd".to_owned()],
        commands: vec![Command {
            purpose: "Predict.".to_owned(),
            line: "rosenblatt predict '<i>.safetensors' table.csv".to_owned(),
        }],
    };
    (Report::of_training(run, &alone()).unwrap(), trained)
}

/// Two numbers that decide, an identifier, a constant and a column of categories; hostile names.
fn hostile(rows: usize) -> String {
    let mut csv = "id,<script>alert(1)</script>,größe 身長 & \"x\",constant,y\n"
        .replace("größe 身長 & \"x\"", "\"größe 身長 & \"\"x\"\"\"");
    for row in 0..rows {
        let (a, b) = (row % 10, row * 3 % 7);
        let class = ["<img src=x onerror=alert(2)>", "naïve ' \" `", "身長"][usize::from(a > 4) + usize::from(b > 3)];
        let gap = if row % 9 == 0 { String::new() } else { a.to_string() };
        csv += &format!("{row:04},{gap},{b}.25,7,\"{}\"\n", class.replace('"', "\"\""));
    }
    csv
}

#[test]
fn names_from_data_cannot_become_markup() {
    let wishes = Wishes {
        epochs: Some(3),
        ..Wishes::default()
    };
    let (report, _) = report_of(&hostile(200), &wishes, Some(0.25));
    let html = report.to_html();
    for evil in ["<script", "<img", "<b>", "<i>", "\u{0}"] {
        assert!(!html.contains(evil), "{evil}");
    }
    for shown in [
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "größe 身長 &amp; &quot;x&quot;",
        "&lt;img src=x onerror=alert(2)&gt;",
        "naïve &#39; &quot; `",
        "<code>&lt;b&gt;</code>: odd",
        "predict &#39;&lt;i&gt;.safetensors&#39; table.csv",
    ] {
        assert!(html.contains(shown), "{shown}: {html}");
    }
    let roles: Vec<_> = report.columns.iter().map(|column| column.role.clone()).collect();
    assert_eq!(
        roles,
        [
            Role::LeftOut("it numbers the rows".to_owned()),
            Role::Used(2),
            Role::Used(1),
            Role::Used(1),
            Role::Target
        ]
    );
    let unusual = &report.remarks;
    assert!(
        unusual.contains(&"nothing can be learned from constants: `constant`".to_owned()),
        "{unusual:?}"
    );
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

/// Everything a page could load or run stands in an attribute or in a style sheet.
#[test]
fn the_page_needs_nothing_else() {
    for target in [class, quantity] {
        let (report, _) = report_of(&tame(200, target), &Wishes::default(), None);
        let html = report.to_html();
        for outside in [
            "http:",
            "https:",
            "src=",
            "@import",
            "url(",
            "<script",
            "<iframe",
            "<object",
            "javascript:",
            "onload",
        ] {
            assert!(!html.contains(outside), "{outside}");
        }
        for link in html.split("href=\"").skip(1) {
            let link = link.split('"').next().unwrap();
            let id = link.strip_prefix('#').map(|id| format!(" id=\"{id}\""));
            assert!(link == "data:," || id.is_some_and(|id| html.contains(&id)), "{link}");
        }
        assert!(html.starts_with("<!doctype html>") && html.ends_with("</html>\n"));
        assert_eq!(html.matches("<table").count(), html.matches("<caption>").count());
        assert_eq!(
            html.matches("<svg").count(),
            html.matches("role=\"img\" aria-label=\"").count()
        );
        assert!(
            !html.contains("NaN") && !html.contains("inf\""),
            "numbers that are none"
        );
        let tags = |name: &str| {
            let opened = html.matches(&format!("<{name}>")).count() + html.matches(&format!("<{name} ")).count();
            (opened, html.matches(&format!("</{name}>")).count())
        };
        for name in ["table", "section", "figure", "svg", "td", "li", "code", "div"] {
            let (opened, closed) = tags(name);
            assert_eq!(opened, closed, "{name}");
        }
    }
}

#[test]
fn the_sentence_says_what_from_what_how_good_and_beside_which_guess() {
    let (report, trained) = report_of(&tame(400, class), &Wishes::default(), Some(0.25));
    let accuracy = trained.model.about.metrics["test"]["accuracy"];
    let Details::Classes(classes) = &report.judgement.details else {
        panic!("{:?}", report.judgement.details)
    };
    let is_guess = |figures: &&rosenblatt_train::report::ClassFigures| figures.name == "middle";
    let frequent = classes.figures.iter().find(is_guess).unwrap().rows;
    assert!(
        report
            .sentence
            .contains("`y` from 2 other columns: on 100 test rows, which it did not learn from")
    );
    let shares = [format!("{:.1} %", 100.0 * accuracy), format!("{frequent}.0 %")];
    assert!(
        shares.iter().all(|share| report.sentence.contains(share)) && report.sentence.contains("`middle`"),
        "{shares:?}: {}",
        report.sentence
    );
    assert_eq!((report.judgement.part, report.judgement.rows), (Judged::Test, 100));

    let (report, _) = report_of(&tame(400, quantity), &Wishes::default(), None);
    assert_eq!(report.judgement.part, Judged::Valid);
    assert!(report.sentence.contains("on 80 validation rows") && report.sentence.contains("root mean square"));
    assert!(matches!(report.judgement.details, Details::Numbers(_)));
}

#[test]
fn a_model_that_knows_nothing_is_called_so() {
    let wishes = Wishes {
        epochs: Some(1),
        learning_rate: Some(1e-9),
        ..Wishes::default()
    };
    let noise = |a: usize, b: usize| ["x", "y"][usize::from((a * 7 + b * 5).is_multiple_of(3))].to_owned();
    let (report, _) = report_of(&tame(400, noise), &wishes, None);
    let usual = report.judgement.usual();
    assert_eq!(usual.beats_guess(), usual.value > usual.guess);
    assert_eq!(
        report.sentence.contains("no better than"),
        !usual.beats_guess(),
        "{}",
        report.sentence
    );
}

#[test]
fn the_trivial_guess_is_that_of_the_training_rows() {
    let csv = tame(400, quantity);
    let (report, _) = report_of(&csv, &Wishes::default(), Some(0.25));
    let line = |name: &str| {
        report
            .judgement
            .metrics
            .iter()
            .find(|line| line.name == name)
            .unwrap()
            .clone()
    };
    // R² of a constant is at most 0, and 0 only if it is the mean of the judged rows themselves.
    assert!((-0.2..=0.0).contains(&line("r2").guess), "{:?}", line("r2"));
    assert!(line("rmse").guess > line("mae").guess && line("rmse").beats_guess());
    assert!(!line("rmse").higher_is_better && line("r2").higher_is_better);
    assert_eq!(report.judgement.metrics[0].name, "rmse");

    let (report, _) = report_of(&tame(400, class), &Wishes::default(), Some(0.25));
    let line = |name: &str| {
        report
            .judgement
            .metrics
            .iter()
            .find(|line| line.name == name)
            .unwrap()
            .guess
    };
    assert_eq!(line("roc_auc"), 0.5);
    // Every row is called the same class: one of three is always right.
    assert_close(line("balanced_accuracy"), 1.0 / 3.0, 1e-15);
}

#[test]
fn new_rows_of_a_model_have_a_page_too() {
    let (_, trained) = report_of(&tame(300, class), &Wishes::default(), None);
    let mut predictor = Predictor::new(&trained.model, &alone()).unwrap();
    let (_folder, options) = table(&tame(50, class));
    let rows = load(&options, 0).unwrap().train;
    let new = NewRows {
        source: "new.csv",
        rows: &rows,
        remarks: Vec::new(),
        commands: Vec::new(),
    };
    let report = Report::of_rows(&mut predictor, new.clone()).unwrap();
    assert!(
        report.sentence.contains("on 50 rows of `new.csv`"),
        "{}",
        report.sentence
    );
    assert!(report.making.is_none() && !report.to_html().contains("How it was trained"));
    let blind = Dataset::new(rows.features().clone(), None, rows.task().clone()).unwrap();
    assert!(Report::of_rows(&mut predictor, NewRows { rows: &blind, ..new }).is_err());
}

#[test]
fn the_same_run_gives_the_same_page() {
    let page = || report_of(&tame(200, class), &Wishes::default(), None).0;
    let (first, second) = (page(), page());
    // The run file names the folder of the table, which is new each time.
    let html = |report: &Report| {
        let mut report = report.clone();
        report.making.as_mut().unwrap().run_file.clear();
        report.to_html()
    };
    assert_eq!(html(&first), html(&second));
    let json = serde_json::to_string(&first).unwrap();
    assert!(!json.contains("seconds"), "nothing depends on the time");
}
