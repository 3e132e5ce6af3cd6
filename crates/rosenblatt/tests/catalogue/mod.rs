//! The lines of Rust of `docs/catalogue.toml`, written from there: see `catalogue.rs` in the tests of `rosenblatt-cli`.
#![allow(unused_imports, unused_variables, reason = "lines that stand for themselves")]

use rosenblatt::autodiff::*;
use rosenblatt::prelude::*;

#[rustfmt::skip]
#[test]
fn line_of_neuron() -> Result<()> {
    let or = Tensor::from([20.0, 20.0]);
    let y = eval(|[x, w]| ((x * w).sum_all() - 10.0).sigmoid(), [&[1.0, 0.0].into(), &or])?;
    assert!(y.item()? > 0.99);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_sequential() -> Result<()> {
    let network = Sequential::new().then(Linear::new(16)).then(RELU).then(Linear::new(3));
    assert_eq!(network.layers.len(), 3);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_functional() -> Result<()> {
    let network = Functional::of(|[a, b]| a.then(Linear::new(8)).concat(b.then(Linear::new(4))).then(Linear::new(1)));
    assert_eq!(network.inputs.len(), 2);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_add() -> Result<()> {
    let network = Functional::of(|[x]| { let h = x.then(Linear::new(8)); h + h.then(RELU) });
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_multiply() -> Result<()> {
    let network = Functional::of(|[a, b]| a * b);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_concat() -> Result<()> {
    let network = Functional::of(|[a, b]| a.concat(b));
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_flatten() -> Result<()> {
    let network = Sequential::new().then(Flatten {}).then(Linear::new(10));
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_rescale() -> Result<()> {
    let network = Sequential::new().then(Rescale { factor: 1.0 / 255.0, offset: 0.0 }).then(Linear::new(10));
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_embedding() -> Result<()> {
    let network = Sequential::new().then(Embedding { num_embeddings: 100, dim: 8 }).then(Flatten {});
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_softmax() -> Result<()> {
    let network = Sequential::new().then(Linear::new(3)).then(Softmax {});
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_log_softmax() -> Result<()> {
    let network = Sequential::new().then(Linear::new(3)).then(LogSoftmax {});
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_ignore_index() -> Result<()> {
    let loss = CrossEntropy { ignore_index: Some(-1), ..CrossEntropy::default() };
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_soft_targets() -> Result<()> {
    let logits = Tensor::new(vec![0.0f32, 0.0], &[1, 2])?;
    let targets = Tensor::new(vec![0.5f32, 0.5], &[1, 2])?;
    let loss = eval(|[x, t]| CrossEntropy::default().per_example(x, t), [&logits, &targets])?;
    assert!((loss.to_f64()[0] - 2f64.ln()).abs() < 1e-7);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_lbfgs_of_functions() -> Result<()> {
    let bowl = |x: &[f64]| Ok((x[0] * x[0], vec![2.0 * x[0]]));
    let minimum = optimizers::Lbfgs::default().minimize(&[3.0], 100, bowl)?;
    assert!(minimum.x[0].abs() < 1e-7);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_reverse_mode() -> Result<()> {
    let dx = grad(|[x]| x * x, [&3.0.into()])?;
    assert_eq!(dx[0].item()?, 6.0);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_forward_mode() -> Result<()> {
    let (y, dy) = jvp(|[x]| x * x, [&3.0.into()], [&1.0.into()])?;
    assert_eq!((y.item()?, dy.item()?), (9.0, 6.0));
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_hessian() -> Result<()> {
    let h = hessian(|x| x * x * x, &2.0.into())?;
    assert_eq!(h.to_f64(), [12.0]);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_chain_rule() -> Result<()> {
    let df = grad(|[x]| (x * x).sum_all().exp(), [&[0.0, 1.0].into()])?;
    assert!((df[0].to_f64()[1] - 2.0 * 1f64.exp()).abs() < 1e-14);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_group_norm() -> Result<()> {
    let layer = Sequential::new().then(GroupNorm::new(2));
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_instance_norm() -> Result<()> {
    let layer = Sequential::new().then(InstanceNorm::default());
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_l1() -> Result<()> {
    let optimize = Adam::default().penalty(rosenblatt::nn::penalties::L1::default());
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_elastic_net() -> Result<()> {
    let optimize = Adam::default().penalty(rosenblatt::nn::penalties::ElasticNet::default());
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_non_negative() -> Result<()> {
    let optimize = Adam::default().constraint(rosenblatt::nn::constraints::NonNegative {});
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_unit_norm() -> Result<()> {
    let optimize = Adam::default().constraint(rosenblatt::nn::constraints::UnitNorm::default());
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_spatial_dropout() -> Result<()> {
    let layer = Sequential::new().then(SpatialDropout::default());
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_shift() -> Result<()> {
    let fit = Fit { augment: vec![rosenblatt::nn::augment::Shift::default().into()], ..Fit::epochs(5) };
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_flip() -> Result<()> {
    let fit = Fit { augment: vec![rosenblatt::nn::augment::Flip::default().into()], ..Fit::epochs(5) };
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_rotate() -> Result<()> {
    let fit = Fit { augment: vec![rosenblatt::nn::augment::Rotate::default().into()], ..Fit::epochs(5) };
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_noise() -> Result<()> {
    let fit = Fit { augment: vec![rosenblatt::nn::augment::Noise::default().into()], ..Fit::epochs(5) };
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_erase() -> Result<()> {
    let fit = Fit { augment: vec![rosenblatt::nn::augment::Erase::default().into()], ..Fit::epochs(5) };
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_divergence() -> Result<()> {
    let x = Tensor::new(vec![1e30f32, -1e30, 2e30, 5e29], &[4, 1])?;
    let mut model = Sequential::new().then(Linear::new(1)).compile(Mse {}, Sgd::default().lr(1e6), [Rmse {}])?;
    let error = model.fit((&x, &x), &Fit::epochs(3)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFinite);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_filters_and_maps() -> Result<()> {
    let (x, y) = (Tensor::new(vec![0.5f32; 18], &[2, 3, 3])?, Tensor::new(vec![1f32, 2.0], &[2, 1])?);
    let layers = Sequential::new().then(Conv2d::new(2, 2)).then(Flatten {}).then(Linear::new(1));
    let mut model = layers.compile(Mse {}, Sgd::default(), [Rmse {}])?;
    model.fit((&x, &y), &Fit::epochs(1))?;
    assert_eq!(rosenblatt::report::filters(&model)?[0].tiles.len(), 2);
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_fashion_mnist() -> Result<()> {
    let set = rosenblatt::data::sets::find("fashion-mnist");
    assert!(set.is_some());
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_conv2d() -> Result<()> {
    let layer = Sequential::new().then(Conv2d::new(16, 5));
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_max_pool2d() -> Result<()> {
    let layer = Sequential::new().then(MaxPool2d::new(2));
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_avg_pool2d() -> Result<()> {
    let layer = Sequential::new().then(AvgPool2d::new(2));
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_adaptive_max_pool2d() -> Result<()> {
    let layer = Sequential::new().then(AdaptiveMaxPool2d::default());
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_adaptive_avg_pool2d() -> Result<()> {
    let layer = Sequential::new().then(AdaptiveAvgPool2d::default());
    Ok(())
}

#[rustfmt::skip]
#[test]
fn line_of_cnn() -> Result<()> {
    let overrides = Overrides::default().set("model", "cnn");
    assert_eq!(overrides.assignments().len(), 1);
    Ok(())
}
