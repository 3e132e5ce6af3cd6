//! A column that says how much each row counts.

use rosenblatt_data::{ColumnKind, DataOptions, Prepared, load};
use rosenblatt_tensor::{Error, ErrorKind, Result};

fn read(content: &str, options: impl FnOnce(DataOptions) -> DataOptions) -> Result<Prepared> {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("t.csv");
    std::fs::write(&path, content).unwrap();
    let all = DataOptions::new(path.to_str().unwrap()).target("y").sample_weight("w");
    load(&options(all), 0)
}

fn refused(content: &str) -> Error {
    read(content, |options| options).unwrap_err()
}

#[test]
fn the_column_is_no_feature_and_its_numbers_go_with_their_rows() {
    let data = read("x,w,y\n1,0.5,no\n2,3,yes\n3,0,no\n4,1,\n5,2,no\n", |options| options).unwrap();
    assert_eq!(data.train.feature_names(), ["x"]);
    assert_eq!(data.schema.sample_weight.as_deref(), Some("w"));
    assert_eq!(data.train.weights().unwrap().to_vec::<f32>().unwrap(), [0.5, 3.0, 2.0]);
    let warnings: Vec<String> = data.warnings.iter().map(ToString::to_string).collect();
    let left_out = [
        "dropped 1 row without a value in the target `y`",
        "dropped 1 row of weight 0 in `w`",
    ];
    assert_eq!(warnings, left_out);
    assert!(
        data.summary.contains(&"weights: `w`, 0.5 to 3".to_owned()),
        "{:?}",
        data.summary
    );
    let plain = load(&DataOptions::new("iris"), 0).unwrap();
    assert!(plain.train.weights().is_none() && plain.schema.sample_weight.is_none());
}

#[test]
fn each_part_has_the_weights_of_its_rows() {
    let rows: String = (0..40)
        .map(|i| format!("{i},{},{}\n", 100 + i, ["no", "yes"][i % 2]))
        .collect();
    let data = read(&format!("x,w,y\n{rows}"), |options| DataOptions {
        test_fraction: Some(0.25),
        ..options.valid_fraction(0.2)
    })
    .unwrap();
    let scale = match &data.preprocessing.columns[0].steps[1] {
        rosenblatt_data::preprocess::Fitted::Standardize(scale) => scale.clone(),
        other => panic!("{other:?}"),
    };
    for part in [&data.train, data.valid.as_ref().unwrap(), data.test.as_ref().unwrap()] {
        let x = part.features().to_vec::<f32>().unwrap();
        let weights = part.weights().unwrap().to_vec::<f32>().unwrap();
        assert_eq!(x.len(), weights.len());
        for (x, weight) in x.into_iter().zip(weights) {
            let row = (f64::from(x) * scale.std + scale.mean).round();
            assert_eq!(f64::from(weight), 100.0 + row);
        }
    }
}

#[test]
fn what_is_no_weight_is_refused_where_it_stands() {
    for (content, place, words) in [
        ("x,w,y\n1,1,no\n2,,yes\n", "t.csv:3:2: column `w`", "missing"),
        ("x,w,y\n1,1,no\n\n2,NA,yes\n", "t.csv:4:2: column `w`", "missing"),
        (
            "w;x;y\n1;\"a\nb\";no\n-0,5;c;yes\n",
            "t.csv:4:1: column `w`",
            "-0.5 is negative",
        ),
        ("x,w,y\n1,1,no\n2,1e39,yes\n", "t.csv:3:2: column `w`", "too large"),
        ("x,w,y\n1,1,no\n2,1e999,yes\n", "t.csv:3:2: column `w`", "out of range"),
        ("x,w,y\n1,1,no\n2,inf,yes\n", "t.csv:3:2: column `w`", "`inf`"),
        ("x,w,y\n1,1,no\n2,much,yes\n", "t.csv:3:2: column `w`", "got `much`"),
        ("x,w,y\n1,1,no\n2,1e-60,yes\n", "t.csv:3:2: column `w`", "too small"),
        (
            "x,w,y\n1,1e-310,no\n2,1e-310,yes\n",
            "t.csv:2:2: column `w`",
            "too small",
        ),
        ("x,w,y\n1,0,no\n2,7e-46,yes\n", "t.csv:3:2: column `w`", "too small"),
        ("x,w,y\n1,0,no\n2,-0,yes\n", "t.csv: column `w`", "all weights are 0"),
    ] {
        let error = refused(content);
        let text = error.to_string();
        assert!(text.contains(place) && text.contains(words), "{content:?}: {text}");
        assert_eq!(error.kind(), ErrorKind::Data, "{text}");
    }
    // A row that is left out anyway needs no weight.
    assert!(read("x,w,y\n1,1,no\n2,2,yes\n3,-1,\n", |options| options).is_ok());
}

#[test]
fn names_that_do_not_fit_are_refused() {
    let table = "x,w,y\n1,1,no\n2,2,yes\n";
    let error = |options: fn(DataOptions) -> DataOptions| read(table, options).unwrap_err();
    let unknown = error(|options| options.sample_weight("ww"));
    assert!(unknown.to_string().ends_with("there is no column `ww`"), "{unknown}");
    assert!(unknown.hint_text().is_some());
    let target = error(|options| options.target("w"));
    assert_eq!(
        target.to_string(),
        "data.sample_weight: `w` is both the sample weight and the target"
    );
    let categorical = error(|mut options| {
        options.columns.insert("w".to_owned(), ColumnKind::Categorical);
        options
    });
    assert!(
        categorical.to_string().contains("cannot be of another kind"),
        "{categorical}"
    );
    let images = load(&DataOptions::new("fashion-mnist").sample_weight("w"), 0);
    assert!(images.is_err());
    let dropped = read(table, |mut options| {
        options.drop.push("w".to_owned());
        options
    });
    assert!(
        dropped.unwrap().train.weights().is_some(),
        "no feature, and a weight all the same"
    );
}
