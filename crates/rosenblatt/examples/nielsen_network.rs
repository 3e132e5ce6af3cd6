//! A network after the class `Network` of Michael Nielsen's book: sigmoid in each layer, quadratic cost, weights and biases from
//! N(0, 1), and stochastic gradient descent on mini-batches, with `correct / total` on the test rows after each epoch.
//!
//! With 5,000 of MNIST's digits, which `cargo xtask tables FOLDER mnist_5k` fetches (without a file, the built-in 8×8 digits):
//! ```sh
//! cargo run --release --example nielsen_network -- FOLDER/mnist_5k.csv
//! ```
//! Reference: Nielsen: Neural Networks and Deep Learning. 2015, chapter 1.

use rosenblatt::nn::init::Normal;
use rosenblatt::prelude::*;

/// Images of one size with their digits; every fifth row is a test row.
pub struct Digits {
    train: (Tensor, Tensor),
    test: (Tensor, Tensor),
}

impl Digits {
    /// From a table with a header, whose last column is the digit.
    pub fn from_csv(text: &str) -> Result<Self> {
        let (mut pixels, mut digits) = ([Vec::new(), Vec::new()], [Vec::<i64>::new(), Vec::new()]);
        for (row, line) in text.lines().skip(1).enumerate() {
            let mut numbers = Vec::new();
            for cell in line.split(',') {
                let number: f32 = cell
                    .trim()
                    .parse()
                    .map_err(|_| Error::data(format!("`{cell}` is not a number")))?;
                numbers.push(number);
            }
            let part = usize::from(row % 5 == 0);
            digits[part].extend(numbers.pop().map(|digit| digit as i64));
            pixels[part].extend(numbers);
        }
        let largest = pixels.iter().flatten().copied().fold(1.0, f32::max);
        let part = |part: usize| {
            let (rows, values) = (digits[part].len(), pixels[part].iter().map(|pixel| pixel / largest));
            let x = Tensor::new(values.collect(), &[rows, pixels[part].len() / rows.max(1)])?;
            Ok::<_, Error>((x, Tensor::new(digits[part].clone(), &[rows])?))
        };
        Ok(Self {
            train: part(0)?,
            test: part(1)?,
        })
    }

    /// The built-in digits of 8 × 8 pixels.
    pub fn built_in() -> Result<Self> {
        let csv = rosenblatt::data::sets::find("digits")
            .map(|set| set.csv())
            .transpose()?
            .flatten();
        Self::from_csv(&String::from_utf8_lossy(&csv.unwrap_or_default()))
    }
}

/// Trains a network with 30 hidden units; returns how many test rows are right after each epoch, and how many there are.
pub fn run(digits: &Digits, epochs: u64, learning_rate: f64) -> Result<(Vec<usize>, usize)> {
    let ((x, y), (test_x, test_y)) = (&digits.train, &digits.test);
    let mut correct = Vec::new();
    // begin
    let net = Sequential::new()
        .then(Linear::new(30))
        .then(SIGMOID)
        .then(Linear::new(10))
        .then(SIGMOID);
    let mut trainer = Trainer::new(Sgd::default().lr(learning_rate), 0, |m, [x, y]| {
        let error = m.apply("layers", &net, x) - y.one_hot(10, DType::F32);
        (error * error).sum(&[1], false).mean_all() * 0.5
    })
    .init(Normal { std: 1.0 }, Normal { std: 1.0 });
    let mut batches = Batches::new(y.shape()[0], 10, 0)?;
    for epoch in 0..epochs {
        batches.shuffle(epoch);
        for rows in batches.iter() {
            trainer.step([&x.select(rows)?, &y.select(rows)?])?;
        }
        let outputs = transform::apply(|m, [x]| m.apply("layers", &net, x), &trainer.params()?, [test_x])?;
        correct.push(right(&outputs, test_y)?);
    }
    // end
    Ok((correct, test_y.shape()[0]))
}

/// How many rows have their largest output where their digit is.
fn right(outputs: &Tensor, digits: &Tensor) -> Result<usize> {
    let found = autodiff::eval(|[x]| x.argmax(-1), [outputs])?;
    Ok(found
        .to_f64()
        .iter()
        .zip(digits.to_f64())
        .filter(|(found, digit)| **found == *digit)
        .count())
}

fn main() -> Result<()> {
    let digits = match std::env::args().nth(1) {
        Some(path) => {
            let text = std::fs::read_to_string(&path).map_err(|error| Error::io(format!("{path}: {error}")))?;
            Digits::from_csv(&text)?
        }
        None => Digits::built_in()?,
    };
    let (correct, total) = run(&digits, 30, 3.0)?;
    for (epoch, correct) in correct.iter().enumerate() {
        println!("Epoch {epoch}: {correct} / {total}");
    }
    Ok(())
}
