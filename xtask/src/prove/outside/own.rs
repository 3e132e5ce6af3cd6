use rosenblatt::nn::Goal;
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
    fn outputs(&self, goal: Goal) -> Option<usize> {
        Mse {}.outputs(goal)
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

/// A loop of one's own: the losses before the first and before the last step, and what was learned.
pub fn train(a: &Tensor, b: &Tensor, y: &Tensor) -> Result<([f64; 2], Params)> {
    let net = Network::from(network());
    let mut trainer = Trainer::new(Adam::default().lr(0.01), 7, |m, [a, b, y]| {
        LogCosh {}.per_example(net.forward(m, &[a, b])[0], y).mean_all()
    });
    let first = trainer.step([a, b, y])?;
    let mut last = first;
    for _ in 0..100 {
        last = trainer.step([a, b, y])?;
    }
    Ok(([first, last], trainer.params()?))
}
