//! Class weights as people write them.

use rosenblatt_data::Task;
use rosenblatt_tensor::{ErrorKind, Tensor};
use rosenblatt_train::{ClassWeight, Data};

fn task() -> Task {
    Task::Classification {
        classes: ["a", "b", "c"].map(str::to_owned).to_vec(),
    }
}

fn rows(targets: &[i64], weights: Option<&[f32]>) -> Data {
    let features = Tensor::from_vec(vec![0f32; targets.len()], &[targets.len(), 1]).unwrap();
    let shaped = |weights| Tensor::from_slice(weights, &[targets.len()]).unwrap();
    let rows = Data::from((&features, &Tensor::from_slice(targets, &[targets.len()]).unwrap()));
    match weights {
        Some(weights) => rows.weighted(shaped(weights)),
        None => rows,
    }
}

/// Expected: `sklearn.utils.class_weight.compute_class_weight("balanced", …)`.
#[test]
fn balanced_weights_are_those_of_scikit_learn() {
    let of = |rows: &Data| ClassWeight::Balanced.weights(&task(), rows).unwrap();
    assert_eq!(of(&rows(&[0, 0, 0, 1, 2, 2], None)), [2.0 / 3.0, 2.0, 1.0]);
    assert_eq!(of(&rows(&[0, 0, 0, 2], None)), [2.0 / 3.0, 1.0, 2.0]);
    let counted = rows(&[0, 1, 2, 2], Some(&[3.0, 1.0, 0.5, 1.5]));
    assert_eq!(of(&counted), [2.0 / 3.0, 2.0, 1.0]);
}

#[test]
fn classes_without_a_weight_have_one() {
    let weights: ClassWeight = "c=5, a=0.5".parse().unwrap();
    assert_eq!(weights.weights(&task(), &rows(&[0], None)).unwrap(), [0.5, 1.0, 5.0]);
    let error = "zebra=5"
        .parse::<ClassWeight>()
        .unwrap()
        .weights(&task(), &rows(&[0], None));
    let error = error.unwrap_err();
    assert_eq!(error.to_string(), "there is no class `zebra`");
    assert_eq!(error.hint_text(), Some("there are `a`, `b`, `c`"));
    assert!(weights.weights(&Task::Regression, &rows(&[0], None)).is_err());
}

#[test]
fn what_is_no_weight_is_refused() {
    for wrong in [
        "", "balancd", "a", "a=", "a=x", "a=0", "a=-1", "a=nan", "a=inf", "a=1e13", "a=1e-40", "a=1,a=2", "a=1,",
    ] {
        let error = wrong.parse::<ClassWeight>().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config, "{wrong}");
    }
    let odd = "x=y=2".parse::<ClassWeight>().unwrap();
    assert_eq!(odd, ClassWeight::Each([("x=y".to_owned(), 2.0)].into()));
}
