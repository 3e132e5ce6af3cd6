//! A layer of one's own: trained, saved, loaded.

use rosenblatt::prelude::*;

// begin
rosenblatt::layer! { "gate", struct Gate { scale: f64 } }

impl Layer for Gate {
    fn forward<'g>(&self, m: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let n = x.size(-1);
        x + x.matmul(m.weight("weight", &[n, n]).matrix_transpose()).tanh() * self.scale
    }
}
// end

/// The losses of the epochs, and predictions of the trained and of the loaded model.
pub fn run() -> Result<(Vec<f64>, Tensor, Tensor)> {
    let x: Vec<f32> = (0..300u64).map(|i| (i * i % 101) as f32 / 50.0 - 1.0).collect();
    let y: Vec<f32> = x.chunks(3).map(|row| row[0] - row[1] * row[2]).collect();
    let (x, y) = (Tensor::new(x, &[100, 3])?, Tensor::new(y, &[100, 1])?);
    let net = Sequential::new().then(Gate { scale: 0.5 }).then(Linear::new(1));
    let mut model = net.compile(Mse {}, Adam::default().lr(0.01), [Rmse {}])?;
    let losses = model.fit((&x, &y), &Fit::epochs(20))?.curve("loss");
    let path = std::env::temp_dir().join(format!("gate-{}.safetensors", std::process::id()));
    // begin
    rosenblatt::register::<Gate>()?;
    model.save(&path)?;
    let loaded = Model::load(&path)?;
    // end
    std::fs::remove_file(&path)?;
    Ok((losses, model.predict(&x)?, loaded.predict(&x)?))
}

fn main() -> Result<()> {
    let (losses, before, after) = run()?;
    println!("losses {losses:?}");
    println!(
        "first predictions {:?}, after loading {:?}",
        before.slice(0, 0, 3)?,
        after.slice(0, 0, 3)?
    );
    Ok(())
}
