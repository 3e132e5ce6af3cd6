//! Ops are made from name, attributes and types of operands, and give them back.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::common::{Sample, bits, each_sample, samples};
use rosenblatt_autodiff::ops::{self, ArgMax, BroadcastTo, Clamp, Concat, Max, Reshape, Slice, Sum, Transpose};
use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Attribute, Attributes, Elementwise, Engine, Execution, Graph, Op, Real, Type, Unary};
use rosenblatt_tensor::{DType, Error, ErrorKind, Shape, Tensor};

fn types(sample: &Sample) -> Vec<Type> {
    let of = |&leaf: &usize| Type::of(&sample.leaves[leaf]);
    sample.wiring.iter().map(of).collect()
}

/// `Debug` shows every field, so an attribute left out would show here.
#[test]
fn every_op_is_made_again_from_its_attributes() {
    each_sample("made-again", |sample, _| {
        let attributes = sample.op.attributes();
        let made = ops::op(sample.name, &attributes, &types(sample)).map_err(|error| error.to_string())?;
        assert_eq!(made.attributes(), attributes);
        assert_eq!(format!("{made:?}"), format!("{:?}", sample.op));
        let again = Sample {
            op: made,
            ..sample.clone()
        };
        assert_eq!(bits(&again.value(&sample.leaves)), bits(&sample.value(&sample.leaves)));
        Ok(true)
    });
}

#[test]
fn attributes_survive_json() {
    for sample in samples(0) {
        let attributes = sample.op.attributes();
        let text = serde_json::to_string(&attributes).unwrap();
        assert_eq!(serde_json::from_str::<Attributes>(&text).unwrap(), attributes, "{text}");
    }
    let special = [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, -0.0, 5e-324, 0.1 + 0.2];
    for number in special {
        let attributes = Attributes::new().with("x", number);
        let text = serde_json::to_string(&attributes).unwrap();
        assert_eq!(serde_json::from_str::<Attributes>(&text).unwrap(), attributes, "{text}");
    }
    assert!(serde_json::from_str::<Attributes>(r#"{"x": {"float": "infinite"}}"#).is_err());
    assert!(serde_json::from_str::<Attributes>(r#"{"x": {"dtype": "f65"}}"#).is_err());
}

fn refused(name: &str, attributes: &Attributes, x: &[Type]) -> Error {
    ops::op(name, attributes, x)
        .map(|op| panic!("{op:?} was made from {attributes:?}"))
        .unwrap_err()
}

/// Each attribute left out, of another kind, and one too many: an error that names op and attribute.
#[test]
fn wrong_attributes_are_named() {
    let mut families: BTreeMap<&str, Sample> = BTreeMap::new();
    families.extend(samples(0).into_iter().map(|sample| (sample.name, sample)));
    for (name, sample) in families {
        let (attributes, x) = (sample.op.attributes(), types(&sample));
        let check = |attributes: &Attributes, about: &str| {
            let error = refused(name, attributes, &x);
            assert_eq!(error.kind(), ErrorKind::Config);
            assert!(
                error.to_string().contains(name) && error.to_string().contains(about),
                "{error}"
            );
        };
        check(&attributes.clone().with("stranger", 1.0), "`stranger`");
        for (attribute, value) in attributes.iter() {
            let others = attributes.iter().filter(|(other, _)| *other != attribute);
            let without = others.fold(Attributes::new(), |all, (name, value)| {
                all.with(name.to_string(), value.clone())
            });
            check(&without, attribute);
            let other_kind = if matches!(value, Attribute::Bool(_)) {
                "true".into()
            } else {
                Attribute::Bool(true)
            };
            check(&without.with(attribute.to_string(), other_kind), attribute);
            if matches!(value, Attribute::Int(_)) {
                check(
                    &attributes.clone().with(attribute.to_string(), Attribute::Int(-1)),
                    attribute,
                );
            }
        }
    }
    let error = refused("softmin", &Attributes::new(), &[]);
    assert!(error.to_string().contains("`softmin`"), "{error}");
    let huge = Attributes::new().with("shape", &[usize::MAX, 2][..]);
    assert!(refused("reshape", &huge, &[]).to_string().contains("reshape"));
    let odd = Attributes::new()
        .with("distribution", "cauchy")
        .with("purpose", "test")
        .with("dtype", DType::F64);
    assert!(
        refused("random", &odd.with("shape", Shape::SCALAR), &[])
            .to_string()
            .contains("cauchy")
    );
}

/// Two rules under one name, as two libraries might have.
mod first {
    #[derive(Clone, Debug)]
    pub struct Rule;
}
mod second {
    #[derive(Clone, Debug)]
    pub struct Rule;
}

macro_rules! rule {
    ($rule:ty, $factor:expr) => {
        impl Elementwise for $rule {
            const NAME: &'static str = "rule";

            fn f<T: Real>(&self, x: T) -> T {
                x * x.full_like($factor)
            }

            fn df<T: Real>(&self, x: T, _y: T) -> T {
                x.full_like($factor)
            }
        }
    };
}
rule!(first::Rule, 2.0);
rule!(second::Rule, 3.0);

/// What differs only in one attribute, or in the sign of a zero, is not merged.
#[test]
fn only_equal_ops_are_computed_once() {
    let graph = Graph::new(Execution::Static);
    let x = graph.input("x", DType::F64, Shape::new(&[2]).unwrap());
    let clamp = |min: f64, max: f64| x.apply(Unary(Clamp { min, max }));
    let outputs = [
        clamp(0.0, 1.0),
        clamp(-0.0, 1.0),
        clamp(0.0, 2.0),
        clamp(f64::NAN, 2.0),
        clamp(f64::NAN, 2.0),
        x.apply(Unary(first::Rule)),
        x.apply(Unary(second::Rule)),
    ];
    let signature = Signature {
        inputs: vec![x],
        outputs: outputs.to_vec(),
        ..Signature::default()
    };
    let mut variables = Variables::new(Engine::single());
    let plan = Plan::compile(&signature, &mut variables, &Options::default()).unwrap();
    plan.run(&mut variables, &[&Tensor::from([-1.0, 5.0])]).unwrap();
    let expected = [
        [0.0, 1.0],
        [-0.0, 1.0],
        [0.0, 2.0],
        [-1.0, 2.0],
        [-1.0, 2.0],
        [-2.0, 10.0],
        [-3.0, 15.0],
    ];
    for (i, expected) in expected.into_iter().enumerate() {
        let y = plan.output(&variables, i).unwrap();
        assert_eq!(bits(&y), bits(&Tensor::from(expected)), "output {i}");
    }
}

/// The contract that merging and round trips rest on.
#[test]
fn equality_is_that_of_names_and_bits() {
    let attribute = |value: f64| Attributes::new().with("x", value);
    assert_eq!(attribute(f64::NAN), attribute(f64::NAN));
    assert_ne!(attribute(0.0), attribute(-0.0));
    assert_ne!(attribute(1.0), Attributes::new().with("x", 1_usize));
    assert_ne!(attribute(1.0), Attributes::new().with("y", 1.0));
    let ordered = Attributes::new().with("b", true).with("a", "text");
    assert_eq!(
        ordered,
        Attributes::new().with("a", "text").with("b", false).with("b", true)
    );
    assert_eq!(ordered.iter().map(|(name, _)| name).collect::<Vec<_>>(), ["a", "b"]);
    assert_eq!(
        Reshape { shape: Shape::SCALAR }.attributes().shape("shape").unwrap(),
        Shape::SCALAR
    );
}

/// Attributes that are public data are checked as operands are.
#[test]
fn values_that_do_not_fit_are_errors() {
    let matrix = [Type::new(DType::F64, Shape::new(&[2, 3]).unwrap())];
    let ops: Vec<Arc<dyn Op>> = vec![
        Arc::new(ArgMax { axis: 2 }),
        Arc::new(Concat { axis: 2 }),
        Arc::new(Max {
            axes: vec![1, 0],
            keep: false,
        }),
        Arc::new(Max {
            axes: vec![],
            keep: false,
        }),
        Arc::new(Reshape {
            shape: Shape::new(&[5]).unwrap(),
        }),
        Arc::new(Slice {
            axis: 0,
            start: 1,
            end: 3,
        }),
        Arc::new(Slice {
            axis: 5,
            start: 0,
            end: 0,
        }),
        Arc::new(BroadcastTo {
            shape: Shape::new(&[3]).unwrap(),
        }),
        Arc::new(Sum::new(vec![0, 0], false, 2)),
        Arc::new(Sum::new(vec![2], false, 2)),
        Arc::new(Sum::new(vec![0], false, 7)),
        Arc::new(Transpose { axes: vec![0, 0] }),
    ];
    for op in &ops[..10] {
        assert!(op.infer(&matrix).is_err(), "{op:?}");
    }
    assert!(ops[11].infer(&matrix).is_err());
    assert!(ops[10].infer(&matrix).is_ok(), "sums of other ranks are kernels");
}
