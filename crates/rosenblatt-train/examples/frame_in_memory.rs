//! Trains on a table that is in memory, and predicts its rows: `cargo xtask prove readers` compares it with files.
//!
//! `frame_in_memory CSV RUN.TOML MODEL` makes columns of the CSV file by hand, saves the model, and prints a line for each row: the
//! predicted class and the probabilities.

use rosenblatt_data::read::{self, ReadOptions};
use rosenblatt_data::{Cells, Frame, Input, Purpose, apply_input, load_input};
use rosenblatt_tensor::{Error, Result};
use rosenblatt_train::{Prediction, Predictor, RunOptions, Spec, fit};

fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [file, run_file, model] = &words[..] else {
        return Err(Error::config("usage: frame_in_memory CSV RUN.TOML MODEL"));
    };
    let input = Input::from(frame(file)?);
    let spec = Spec::load(run_file)?;
    let options = RunOptions::default();
    let data = load_input(&input, &spec.data, spec.train.seed)?;
    let result = fit(&spec, &data, &options, &mut [])?;
    result.save(model)?;
    let mut predictor = Predictor::load(model, &options)?;
    let rows = apply_input(&data.schema, &data.preprocessing, &input, Purpose::Predict)?.dataset;
    let Prediction::Classes {
        names,
        classes,
        probabilities,
    } = predictor.predict(&rows)?
    else {
        return Err(Error::data("expected classes"));
    };
    for (class, of_row) in classes.iter().zip(probabilities.chunks(names.len())) {
        let numbers: Vec<String> = of_row.iter().map(f32::to_string).collect();
        println!("{},{}", names[*class], numbers.join(","));
    }
    Ok(())
}

/// Columns of numbers and of texts, as a program has them.
fn frame(file: &str) -> Result<Frame> {
    let (read, _) = read::read(&Input::file(file), &ReadOptions::default())?;
    let cells: Vec<Cells> = read
        .names()
        .map(|name| Ok(cells(read.texts(name)?)))
        .collect::<Result<_>>()?;
    Frame::from_columns("memory", read.names().zip(cells))
}

fn cells(column: Vec<String>) -> Cells {
    let number = |cell: &String| match cell.as_str() {
        "" => Some(f64::NAN),
        cell => cell.parse().ok(),
    };
    let numbers: Option<Vec<f64>> = column.iter().map(number).collect();
    numbers.map_or_else(|| column.into(), Cells::from)
}
