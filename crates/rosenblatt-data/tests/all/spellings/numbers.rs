//! Numbers in common spellings, odd cells among them, and targets that are nearly numbers.

use super::*;

/// How a number is written.
type Spelling = fn(f64) -> String;

/// Digits of the whole part in groups of three, `mark` between them, `decimal` before the decimals.
fn grouped(x: f64, mark: &str, decimal: &str) -> String {
    let text = x.abs().to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let mut groups: Vec<&str> = whole
        .as_bytes()
        .rchunks(3)
        .map(|g| std::str::from_utf8(g).unwrap())
        .collect();
    groups.reverse();
    let decimals = if decimals.is_empty() {
        String::new()
    } else {
        format!("{decimal}{decimals}")
    };
    format!("{}{}{decimals}", if x < 0.0 { "-" } else { "" }, groups.join(mark))
}

#[test]
fn numbers_in_other_spellings_are_the_numbers() {
    let spellings: [(&str, Spelling); 15] = [
        ("brackets", |x| format!("[{x}]")),
        ("thousands", |x| grouped(x, ",", ".")),
        ("points between thousands", |x| grouped(x, ".", ",")),
        ("apostrophes", |x| grouped(x, "'", ".")),
        ("no-break spaces", |x| grouped(x, "\u{a0}", ".")),
        ("narrow no-break spaces", |x| grouped(x, "\u{202f}", ",")),
        ("dollars", |x| format!("${}", grouped(x, ",", "."))),
        ("euros", |x| format!("{} €", grouped(x, ".", ","))),
        ("a code of a currency", |x| format!("USD {x}")),
        ("percent", |x| format!("{x}%")),
        ("percent behind a blank", |x| format!("{x} %")),
        ("a unit", |x| format!("{x} kg")),
        ("a unit with a power", |x| format!("{x} m²")),
        ("decimal commas in quotes", |x| x.to_string().replace('.', ",")),
        ("a plus", |x| format!("+{x}")),
    ];
    for (name, spelling) in spellings {
        assert_eq!(assert_plain(written(spelling)), [""; 0], "{name}");
    }
}

#[test]
fn negative_numbers_have_many_signs() {
    for sign in ["-{}", "\u{2212}{}", "({})"] {
        let cell = |row: usize| format!("{row},{}\n", sign.replace("{}", &(row + 1).to_string()));
        let text = format!("x,y\n{}", (0..30).map(cell).collect::<String>());
        let (table, warnings) = read(text).unwrap();
        assert_eq!(numbers(&table, "y")[..3], [-1.0, -2.0, -3.0], "{sign}");
        assert!(warnings.is_empty(), "{sign}");
    }
}

/// The plain table with another text for the size in some rows.
fn with_odd_sizes(text: &str, is_odd: impl Fn(usize) -> bool) -> String {
    let change = |(row, line): (usize, &str)| match row > 0 && is_odd(row - 1) {
        true => format!("{text},{}\n", line.split_once(',').unwrap().1),
        false => format!("{line}\n"),
    };
    plain().lines().enumerate().map(change).collect()
}

#[test]
fn a_few_odd_cells_count_as_missing_and_are_told() {
    for odd in ["#DIV/0!", "#REF!", "unknown", "nil", "<40", "Total", "n.a. yet", "~35"] {
        let (table, warnings) = read(with_odd_sizes(odd, |row| row % 19 == 4)).unwrap();
        let missing: Vec<usize> = (0..ROWS).filter(|&row| numbers(&table, "size")[row].is_nan()).collect();
        assert_eq!(
            missing,
            (0..ROWS).filter(|row| row % 19 == 4).collect::<Vec<_>>(),
            "{odd}"
        );
        let expected = format!("`size`: 7 cells are not a number and counted as missing: `{odd}`, first in line 6");
        assert_eq!(told(&warnings), [expected]);
    }
}

#[test]
fn the_first_cell_may_be_the_odd_one() {
    let (table, warnings) = read(with_odd_sizes("#VALUE!", |row| row == 0)).unwrap();
    assert!(numbers(&table, "size")[0].is_nan() && numbers(&table, "size")[1] == house(1).size);
    assert_eq!(
        told(&warnings)[0],
        "`size`: 1 cell is not a number and counted as missing: `#VALUE!`, first in line 2"
    );
}

#[test]
fn columns_of_names_give_no_warning() {
    for name in [">50K", "> 200 DM", "A/4 45380", "A12", "1Story", "1.2.3", "10-20"] {
        let cell = |row: usize| format!("{name}{},{row}\n", ["", "x", "y", "z"][row % 4]);
        let (_, warnings) = read(format!("x,y\n{}", (0..40).map(cell).collect::<String>())).unwrap();
        assert!(warnings.is_empty(), "{name}: {:?}", told(&warnings));
    }
}

#[test]
fn several_units_or_marks_are_told() {
    let of = |cells: [&str; 2]| {
        let cell = |row: usize| format!("{}{},{row}\n", row + 1, cells[row % 2]);
        told(
            &read(format!("x,y\n{}", (0..60).map(cell).collect::<String>()))
                .unwrap()
                .1,
        )
    };
    assert_eq!(
        of([" kg", " g"]),
        ["`x` is read as text: some numbers have the unit `g`, others `kg`"]
    );
    assert_eq!(
        of(["", " cm"]),
        ["`x` is read as text: some numbers have the unit `cm`, others have none"]
    );
}

/// A target that is nearly a number never becomes hundreds of classes.
#[test]
fn a_target_that_is_nearly_a_number_is_one_or_names_the_cell() {
    let spelled: [Spelling; 5] = [
        |x| grouped(x, ",", "."),
        |x| format!("${}", grouped(x, ",", ".")),
        |x| format!("{x}%"),
        |x| grouped(x, ".", ","),
        |x| format!("{x} EUR"),
    ];
    for spelling in spelled {
        let (_folder, data) = prepared(&written(spelling), |options| options.target = Some("price".into()));
        let data = data.unwrap();
        assert!(data.schema.task.classes().is_none());
        assert_eq!(
            data.train.targets().unwrap().to_vec::<f64>().unwrap()[3],
            house(3).price
        );
    }
    // Too many odd cells to be missing, and of many texts.
    for odd in ["about {}", "{}x{}", "{} or so"] {
        let change = |(row, line): (usize, &str)| match row > 0 && row % 3 == 0 {
            true => {
                let (rest, price) = line.rsplit_once(',').unwrap();
                format!("{rest},{}\n", odd.replace("{}", price))
            }
            false => format!("{line}\n"),
        };
        let text: String = plain().lines().enumerate().map(change).collect();
        let (_folder, data) = prepared(&text, |options| options.target = Some("price".into()));
        let error = data.unwrap_err();
        assert!(
            error
                .to_string()
                .contains("t.csv:4:5: target `price` is mostly numbers, but `"),
            "{odd}: {error}"
        );
        let hint = error.hint_text().unwrap().to_owned();
        assert!(
            hint.contains("data.missing") && hint.contains("data.columns.price"),
            "{hint}"
        );
    }
}

#[test]
fn new_data_may_have_other_marks_but_no_other_unit() {
    let (folder, data) = prepared(&written(|x| format!("{x} kg")), |options| {
        options.target = Some("age".into())
    });
    let data = data.unwrap();
    let path = folder.path().join("new.csv");
    let apply = |text: &str| {
        std::fs::write(&path, text).unwrap();
        let purpose = rosenblatt_data::Purpose::Predict;
        rosenblatt_data::apply(&data.schema, &data.preprocessing, path.to_str().unwrap(), purpose)
    };
    let same = apply("size,rooms,city,price\n50.5 kg,2,Oslo,1000 kg\n").unwrap();
    let comma = apply("size;rooms;city;price\n50,5 kg;2;Oslo;1000 kg\n").unwrap();
    let features = |applied: &rosenblatt_data::Applied| applied.dataset.features().to_vec::<f32>().unwrap();
    assert_eq!(features(&same), features(&comma));
    let error = apply("size,rooms,city,price\n50.5 lb,2,Oslo,1000 kg\n").unwrap_err();
    assert!(
        error
            .to_string()
            .contains(":2:1: column `size`: expected a number, got `50.5 lb`"),
        "{error}"
    );
}

#[test]
fn infinite_cells_say_what_helps() {
    for cell in ["inf", "-Infinity", "1e999", "∞", "INF"] {
        let error = read(with_odd_sizes(cell, |row| row == 7)).unwrap_err();
        assert_eq!(
            (error.to_string(), error.hint_text().unwrap().contains("data.missing")),
            (
                format!("t.csv:9:1: column `size`: `{cell}` is out of range, expected a finite number"),
                true
            )
        );
    }
}

#[test]
fn files_in_two_units_are_no_table() {
    let file = |unit: &str| (0..9).fold("x,y\n".to_owned(), |text, i| format!("{text}{} {unit},{i}\n", i + 1));
    let parts = vec![
        Input::memory("kg.csv", file("kg").into_bytes()),
        Input::memory("lb.csv", file("lb").into_bytes()),
    ];
    let error = Table::read(&Input::several(parts), &TableOptions::default()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "lb.csv:2:1: column `x`: numbers have the unit `lb`, but the unit `kg` in the files before"
    );
}

#[test]
fn marks_of_new_data_that_can_be_read_in_two_ways_are_refused() {
    let (folder, data) = prepared(&plain(), |options| options.target = Some("price".into()));
    let data = data.unwrap();
    let path = folder.path().join("new.csv");
    std::fs::write(&path, "size,rooms,city,age\n\"152,100\",2,Oslo,3\n").unwrap();
    let purpose = rosenblatt_data::Purpose::Predict;
    let error = rosenblatt_data::apply(&data.schema, &data.preprocessing, path.to_str().unwrap(), purpose).unwrap_err();
    assert!(
        error
            .to_string()
            .contains(":2:1: column `size`: `152,100` may be 152100 or 152.1"),
        "{error}"
    );
}

#[test]
fn a_target_of_texts_that_all_differ_is_refused() {
    let text = written(|x| format!("{x}-"));
    let (_folder, data) = prepared(&text, |options| options.target = Some("price".into()));
    let error = data.unwrap_err().to_string();
    assert!(
        error.contains("distinct values in 120 rows") && error.ends_with("too many for classes"),
        "{error}"
    );
}

#[test]
fn names_in_brackets_are_no_numbers() {
    for cell in [
        |row: usize| format!("[{}]", 12_345_678_901_234_560 + row as u64),
        |row: usize| format!("[{row:03}]"),
    ] {
        let text = "id,y\n".to_owned()
            + &(0..60)
                .map(|row| format!("{},{}\n", cell(row), row % 2))
                .collect::<String>();
        let (table, _) = read(text).unwrap();
        let ColumnData::Categorical(texts) = &table.columns()[0].data else {
            panic!("{}", cell(0));
        };
        assert_eq!(texts.levels().len(), 60, "{}", cell(0));
    }
}
