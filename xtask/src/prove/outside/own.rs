use rosenblatt::nn::TargetKind;
use rosenblatt::prelude::*;

rosenblatt::layer! { "gate", pub struct Gate { pub scale: f64 } }

impl Layer for Gate {
    fn forward<'g>(&self, m: &Scope<'g>, x: Var<'g>) -> Var<'g> {
        let n = x.size(-1);
        x + x.matmul(m.weight("weight", &[n, n]).matrix_transpose()).tanh() * self.scale
    }
}

rosenblatt::loss! { "log_cosh", pub struct LogCosh {} }

impl Loss for LogCosh {
    fn outputs(&self, target_kind: TargetKind) -> Option<usize> {
        Mse {}.outputs(target_kind)
    }

    fn per_example<'g>(&self, prediction: Var<'g>, targets: Var<'g>) -> Var<'g> {
        let error = prediction - targets.reshape(&prediction.shape());
        ((error.exp() + (-error).exp()) * 0.5).ln().mean(&[-1], false)
    }
}

pub fn network() -> Functional {
    Functional::of(|[a, b]| {
        let a = a.named("a").then(Linear::new(8)).then(Gate { scale: 0.5 });
        let b = b.named("b").then(Linear::new(4)).then(Gate { scale: 0.25 });
        a.concat(b).then(TANH).then(Linear::new(1))
    })
}

/// A loop of one's own, which goes on with a model's parameters; returns the losses before the first and the last step.
pub fn train(model: &mut Model, [a, b, y]: [&Tensor; 3]) -> Result<[f64; 2]> {
    let net = model.network().clone();
    let mut trainer = Trainer::new(Adam::default().lr(0.01), 7, |m, [a, b, y]| {
        let prediction = net.forward(m, &[a, b])[0];
        LogCosh {}.per_example(prediction, y).mean_all()
    });
    trainer = trainer.start_from(model.params().clone());
    let mut losses = [trainer.step([a, b, y])?; 2];
    for _ in 0..100 {
        losses[1] = trainer.step([a, b, y])?;
    }
    model.set_params(&trainer.params()?)?;
    Ok(losses)
}
