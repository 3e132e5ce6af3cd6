//! What is looked up instead of computed.

use std::collections::BTreeMap;

use rosenblatt_autodiff::{Graph, Type};
use rosenblatt_nn::layers::{CategoricalEmbedding, Embedding};
use rosenblatt_nn::{Entry, Init, Initializer, Layer, Mode, Role, Scope, init, scope};
use rosenblatt_tensor::{DType, ErrorKind, Result, Shape, Tensor};

/// Two columns of codes, of three and of two values, two numbers each.
fn layer() -> CategoricalEmbedding {
    CategoricalEmbedding {
        values: vec![3, 2],
        dim: 2,
    }
}

fn run(rows: &[f64], features: usize) -> Result<Vec<f64>> {
    let table = |values: &[f64], rows: usize| Tensor::from_slice(values, &[rows, 2]).unwrap();
    let values = BTreeMap::from([
        ("e.0.weight".to_owned(), table(&[0.0, 0.5, 1.0, 1.5, 2.0, 2.5], 3)),
        ("e.1.weight".to_owned(), table(&[10.0, 10.5, 11.0, 11.5], 2)),
    ]);
    let graph = Graph::dynamic();
    let x = graph.constant(Tensor::from_slice(rows, &[rows.len() / features, features])?);
    let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &values));
    let y = scope.apply("e", &layer(), x);
    scope.finish()?;
    Ok(y.value()?.to_f64())
}

#[test]
fn other_features_come_first_then_the_numbers_of_each_code() {
    let rows = [2.0, 1.0, -7.5, 0.25, 0.0, 0.0, 8.0, 9.0];
    let expected = [-7.5, 0.25, 2.0, 2.5, 11.0, 11.5, 8.0, 9.0, 0.0, 0.5, 10.0, 10.5];
    assert_eq!(run(&rows, 4).unwrap(), expected);
    assert_eq!(
        run(&[1.0, 0.0], 2).unwrap(),
        [1.0, 1.5, 10.0, 10.5],
        "nothing but codes"
    );
    assert!(run(&[], 3).unwrap().is_empty());
}

#[test]
fn codes_out_of_range_are_errors() {
    for row in [[3.0, 0.0], [0.0, 2.0], [-1.0, 0.0], [1e30, 0.0], [f64::INFINITY, 0.0]] {
        let error = run(&row, 2).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Data, "{row:?}");
        assert!(error.to_string().contains("is not below"), "{error}");
    }
    let error = run(&[1.0], 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Shape);
    assert_eq!(
        error.to_string(),
        "e: categorical_embedding: expected at least 2 features, the codes first, got [1, 1]"
    );
}

#[test]
fn what_stands_for_the_unknown_is_0_at_first_and_the_rest_is_normal() {
    let rows = Type::new(DType::F64, Shape::new(&[1, 1]).unwrap());
    let many = CategoricalEmbedding {
        values: vec![1001],
        dim: 8,
    };
    let tensors = scope::tensors("embedding", &many, rows).unwrap();
    assert_eq!((tensors.len(), &*tensors[0].name), (1, "embedding.0.weight"));
    assert_eq!(tensors[0].role, Role::Parameter(Init::Embedding { zeros: 8 }));
    // Whatever the run file says about weights.
    let rule = Entry::<dyn Initializer>::parse("constant:7").unwrap();
    let first = init::first_value(&tensors[0], 0, &*rule, &*rule).unwrap().to_f64();
    assert_eq!(first[..8], [0.0; 8]);
    let known = &first[8..];
    let mean = |f: fn(f64) -> f64| known.iter().map(|&x| f(x)).sum::<f64>() / known.len() as f64;
    // Five standard errors of 8,000 normal numbers.
    assert!(mean(|x| x).abs() < 0.056, "{}", mean(|x| x));
    assert!((mean(|x| x * x) - 1.0).abs() < 0.08, "{}", mean(|x| x * x));
    assert!((mean(|x| x.powi(4)) - 3.0).abs() < 0.55, "{}", mean(|x| x.powi(4)));
}

#[test]
fn settings_out_of_range_are_refused() {
    for text in [r#"{"values": [3, 0]}"#, r#"{"values": [3], "dim": 0}"#, "{}"] {
        let fields = serde_json::from_str(text).unwrap();
        let error = Entry::<dyn Layer>::make("categorical_embedding", fields).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{text}");
    }
    let plain = serde_json::from_str(r#"{"values": [3]}"#).unwrap();
    let layer = Entry::<dyn Layer>::make("categorical_embedding", plain).unwrap();
    assert_eq!(layer.fields()["dim"], 8);
}

#[test]
fn the_name_of_format_1_is_read_by_its_settings() {
    let read = |text: &str| serde_json::from_str::<Entry<dyn Layer>>(text).unwrap();
    let values = vec![3, 2];
    let old = read(r#"{"embedding": {"values": [3, 2], "dim": 2}}"#);
    assert_eq!(old, CategoricalEmbedding { values, dim: 2 }.into());
    assert!(serde_json::to_string(&old).unwrap().contains("categorical_embedding"));
    let (num_embeddings, dim) = (3, 2);
    let new = read(r#"{"embedding": {"num_embeddings": 3, "dim": 2}}"#);
    assert_eq!(new, Embedding { num_embeddings, dim }.into());
}

#[test]
fn integers_of_any_shape_get_their_vectors() {
    let weight = Tensor::from_slice(&[0.0, 0.5, 1.0, 1.5, 2.0, 2.5], &[3, 2]).unwrap();
    let values = BTreeMap::from([("e.weight".to_owned(), weight)]);
    let layer = Embedding {
        num_embeddings: 3,
        dim: 2,
    };
    let run = |x: Tensor| {
        let graph = Graph::dynamic();
        let scope = Scope::new(&graph, DType::F64, Mode::Eval, scope::leaves(&graph, &values));
        let y = scope.apply("e", &layer, graph.constant(x));
        scope.finish()?;
        y.value()
    };
    let words = [[2i64, 0, 1], [1, 1, 2]].concat();
    let expected = [2.0, 2.5, 0.0, 0.5, 1.0, 1.5, 1.0, 1.5, 1.0, 1.5, 2.0, 2.5];
    for shape in [&[2, 3][..], &[6], &[1, 2, 3]] {
        let y = run(Tensor::from_slice(&words, shape).unwrap()).unwrap();
        assert_eq!(&y.shape()[..], [shape, &[2]].concat());
        assert_eq!(y.to_f64(), expected);
    }
    let bytes = run(Tensor::from_slice(&[2u8], &[]).unwrap()).unwrap();
    assert_eq!((&bytes.shape()[..], bytes.to_f64()), (&[2][..], vec![2.0, 2.5]));
    let error = run(Tensor::from_slice(&[3i64], &[1]).unwrap()).unwrap_err();
    assert!(
        error.kind() == ErrorKind::Data && error.to_string().contains("is not below"),
        "{error}"
    );
    let error = run(Tensor::scalar(1.0)).unwrap_err();
    assert_eq!(error.to_string(), "e: embedding: expected integers, got f64 []");
    let tensors = scope::tensors("e", &layer, Type::new(DType::I64, Shape::new(&[4]).unwrap())).unwrap();
    assert_eq!((tensors[0].dtype, &tensors[0].shape[..]), (DType::F32, &[3, 2][..]));
    let rule = Entry::<dyn Initializer>::named("zeros").unwrap();
    let initial = init::first_value(&tensors[0], 0, &*rule, &*rule).unwrap().to_f64();
    assert!(initial.iter().all(|&x| x != 0.0), "no row is special: {initial:?}");
}
