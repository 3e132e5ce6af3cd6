//! A table that is kept in temporary files is the same table.

use std::fmt::Write as _;

use proptest::prelude::*;
use rosenblatt_data::{DataOptions, Dataset, Prepared, load};

/// Numbers, categories, dates, gaps, and a class.
fn table(rows: usize, seed: u64) -> String {
    let mut text = String::from("x,kind,when,y\n");
    for row in 0..rows as u64 {
        let number = row.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(seed) >> 40;
        let x = match number % 11 {
            0 => String::new(),
            _ => format!("{}", number as f64 / 7.0),
        };
        let (kind, day, class) = (number % 5, number % 28 + 1, ["no", "yes"][(number % 3 == 0) as usize]);
        writeln!(text, "{x},k{kind},2024-03-{day:02},{class}").unwrap();
    }
    text
}

fn prepared(text: &str, memory: Option<&str>, options: DataOptions) -> Prepared {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("t.csv");
    std::fs::write(&file, text).unwrap();
    let options = DataOptions {
        source: file.display().to_string(),
        memory: memory.map(str::to_owned),
        ..options
    };
    load(&options, 3).unwrap()
}

/// All numbers of a part, as bits.
fn bits(part: Option<&Dataset>) -> Option<(Vec<u32>, Vec<i64>)> {
    let part = part?;
    let features = part.features().to_vec::<f32>().unwrap();
    let targets = part.targets().unwrap().to_vec::<i64>().unwrap();
    Some((features.iter().map(|x| x.to_bits()).collect(), targets))
}

fn all(data: &Prepared) -> impl PartialEq + std::fmt::Debug {
    let warnings: Vec<String> = data.warnings.iter().map(ToString::to_string).collect();
    (
        [Some(&data.train), data.valid.as_ref(), data.test.as_ref()].map(bits),
        serde_json::to_string(&(&data.schema, &data.preprocessing)).unwrap(),
        (data.summary.clone(), warnings),
    )
}

fn options() -> DataOptions {
    DataOptions {
        test_fraction: Some(0.2),
        ..DataOptions::default().target("y").valid_fraction(0.1)
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn all_is_the_same_in_memory_and_on_disk(rows in 60_usize..3000, seed in 0_u64..1000) {
        let text = table(rows, seed);
        let [memory, disk] = [None, Some("16M")].map(|memory| prepared(&text, memory, options()));
        prop_assert_eq!(all(&disk), all(&memory));
        disk.train.features().touch(usize::MAX);
        prop_assert_eq!(all(&disk), all(&memory));
    }
}

/// More than one block of columns as they were read, and more than one strip of rows.
#[test]
fn large_tables_are_the_same_too() {
    let text = table(300_000, 5);
    let [memory, disk] = [None, Some("16M")].map(|memory| prepared(&text, memory, options()));
    assert!(all(&disk) == all(&memory));
}

#[test]
fn a_size_that_is_none_is_refused() {
    let options = DataOptions {
        memory: Some("many".to_owned()),
        ..DataOptions::new("iris")
    };
    let error = load(&options, 0).unwrap_err();
    assert_eq!(
        error.to_string(),
        "data.memory: expected a size of at least 16M, such as `512M` or `4G`, got `many`"
    );
}
