use rosenblatt::prelude::*;

mod own;

fn numbers(rows: usize, width: usize, factor: usize) -> Result<Tensor> {
    let numbers = (0..rows * width).map(|i| (i * i * factor % 101) as f32 / 50.0 - 1.0);
    Tensor::new(numbers.collect(), &[rows, width])
}

/// `train FILE`, `predict FILE`, `predict-unregistered FILE`
fn main() -> Result<()> {
    let words: Vec<String> = std::env::args().collect();
    let (a, b) = (numbers(64, 10, 1)?, numbers(64, 3, 7)?);
    let y = numbers(64, 1, 3)?;
    if words[1] != "predict-unregistered" {
        rosenblatt::register::<own::Gate>()?;
        rosenblatt::register::<own::LogCosh>()?;
    }
    let model = match words[1].as_str() {
        "train" => {
            let mut model = own::network().compile(own::LogCosh {}, Adam::default().lr(0.01), [Rmse {}])?;
            let losses = model.fit(([&a, &b], &y), &Fit::epochs(20))?.curve("loss");
            println!("fit {} {}", losses[0], losses[losses.len() - 1]);
            let [first, last] = own::train(&mut model, [&a, &b, &y])?;
            println!("loop {first} {last}");
            model.save(&words[2])?;
            model
        }
        _ => Model::load(&words[2])?,
    };
    let bits: Vec<String> = model
        .predict([&a, &b])?
        .to_vec::<f32>()?
        .iter()
        .map(|number| format!("{:08x}", number.to_bits()))
        .collect();
    println!("predictions {}", bits.concat());
    Ok(())
}
