//! What training decides about dates is held on new data.

use rosenblatt_data::schema::FieldKind;
use rosenblatt_data::{DataOptions, Purpose, apply};

use super::{day, is_date, table, written};

#[test]
fn the_order_of_training_is_held_on_new_data() {
    let (folder, data) = written(&table(&|i| format!("{:02}/01/2024", day(i))), |_| ());
    let data = data.unwrap();
    let new = |texts: &[&str]| {
        let path = folder.path().join("new.csv");
        std::fs::write(
            &path,
            format!(
                "x,when\n{}",
                texts.iter().fold(String::new(), |csv, text| csv + "1," + text + "\n")
            ),
        )
        .unwrap();
        apply(
            &data.schema,
            &data.preprocessing,
            path.to_str().unwrap(),
            Purpose::Predict,
        )
    };
    let applied = new(&["02/01/2024", "2024-01-02", "2 Jan 2024", "02/01/24", "02.01.2024"]).unwrap();
    assert!(applied.warnings.is_empty(), "{:?}", applied.warnings);
    let rows = applied.dataset.features().to_vec::<f32>().unwrap();
    let width = rows.len() / 5;
    assert!(rows.chunks(width).all(|row| row == &rows[..width]), "{rows:?}");
    for text in ["01/31/2024", "01/31/24"] {
        let error = new(&["02/01/2024", text, "03/01/2024"]).unwrap_err();
        let message = format!("new.csv:3:2: column `when`: `{text}` is not a date with the day first, as in training");
        assert!(error.to_string().ends_with(&message), "{error}");
        assert!(error.hint_text().unwrap().contains("write the dates of this file"));
    }
    let applied = new(&["soon"]).unwrap();
    assert_eq!(applied.warnings[0].kind(), "invalid_dates");

    // A model of dates with the year first takes no other.
    let (folder, data) = written(&table(&|i| format!("2024-01-{:02}", day(i))), |_| ());
    let data = data.unwrap();
    for text in ["01/02/2024", "24-01-31", "13/01/2024"] {
        let path = folder.path().join("new.csv");
        std::fs::write(&path, format!("when,x\n{text},1\n")).unwrap();
        let error = apply(
            &data.schema,
            &data.preprocessing,
            path.to_str().unwrap(),
            Purpose::Predict,
        )
        .unwrap_err();
        assert!(
            error
                .to_string()
                .contains("is not a date with the year first, as in training"),
            "{error}"
        );
    }
}

#[test]
fn what_was_decided_is_in_the_model_file() {
    for (texts, options) in [
        (table(&|i| format!("{}:{:02}", i % 24, i)), None),
        (
            table(&|i| (1_593_950_400 + 90_061 * i).to_string()),
            Some(is_date as fn(&mut DataOptions)),
        ),
        (
            table(&|i| format!("{}h{:02}", i % 24, i)),
            Some(
                (|options| {
                    options.date_formats.insert("when".to_owned(), "%Hh%M".to_owned());
                }) as fn(&mut DataOptions),
            ),
        ),
        (table(&|i| format!("{}/12/{:02}", 97 + i % 3, day(i))), None),
    ] {
        let (folder, data) = written(&texts, |options_| {
            options.into_iter().for_each(|change| change(options_))
        });
        let data = data.unwrap();
        assert_eq!(data.schema.columns[0].kind, FieldKind::Date, "{texts}");
        let text = serde_json::to_string(&data.preprocessing).unwrap();
        let stored = serde_json::from_str(&text).unwrap();
        assert_eq!(data.preprocessing, stored);
        let path = folder.path().join("t.csv");
        let applied = apply(&data.schema, &stored, path.to_str().unwrap(), Purpose::Evaluate).unwrap();
        assert!(applied.warnings.is_empty(), "{:?}", applied.warnings);
        let features = |data: &rosenblatt_data::Dataset| data.features().to_vec::<f32>().unwrap();
        assert_eq!(features(&applied.dataset), features(&data.train), "{text}");
    }
}
