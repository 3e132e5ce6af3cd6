//! What a step may be: each case as a scan, and as the same steps written one after the other.

use rosenblatt_autodiff::plan::rewrites::REWRITES;
use rosenblatt_autodiff::plan::{Options, Plan, Signature, Variables};
use rosenblatt_autodiff::{Engine, Execution, Graph, Var, forward, reverse};
use rosenblatt_tensor::rng::Rng;
use rosenblatt_tensor::{DType, Isa, Result, Shape, Tensor};
use rosenblatt_testkit::soak;

use super::{assert_close, bits, tensor};

/// How a recurrence is written.
#[derive(Clone, Copy)]
enum Form {
    Scan,
    Steps,
}

/// The values of a step: the next carry, and the outputs.
type Ends<'g> = (Vec<Var<'g>>, Vec<Var<'g>>);

impl Form {
    fn run<'g>(
        self,
        carry: &[Var<'g>],
        xs: &[Var<'g>],
        step: impl Fn(&[Var<'g>], &[Var<'g>]) -> Ends<'g>,
    ) -> Vec<Var<'g>> {
        let graph = xs[0].graph();
        if let Self::Scan = self {
            let (last, ys) = graph.scan_all(carry, xs, step);
            return [last, ys].concat();
        }
        let mut carry = carry.to_vec();
        let mut rows: Vec<Vec<Var<'g>>> = Vec::new();
        for t in 0..xs[0].shape()[0] {
            let x: Vec<Var<'g>> = xs.iter().map(|x| x.at(t)).collect();
            let (next, ys) = step(&carry, &x);
            carry = next;
            rows.resize(ys.len(), Vec::new());
            let row = |y: &Var<'g>| y.reshape(&[&[1], &y.shape()[..]].concat());
            rows.iter_mut().zip(&ys).for_each(|(rows, y)| rows.push(row(y)));
        }
        carry.extend(rows.iter().map(|rows| rows[0].concat(&rows[1..], 0)));
        carry
    }
}

type Case = for<'g> fn(Form, &[Var<'g>]) -> Vec<Var<'g>>;

/// `[h, xs, w, index]`: `[3, 3]`, `[4, 3, 3]`, `[3, 3]`, and i64 `[4, 3]`.
fn arguments(dtype: DType) -> Vec<Tensor> {
    let mut rng = Rng::new(11).stream();
    let mut floats: Vec<Tensor> = [&[3, 3][..], &[4, 3, 3], &[3, 3]]
        .map(|shape| tensor(&mut rng, shape))
        .into();
    if dtype == DType::F32 {
        let narrow =
            |x: &Tensor| Tensor::from_vec(x.to_f64().iter().map(|x| *x as f32).collect::<Vec<f32>>(), x.shape());
        floats = floats.iter().map(|x| narrow(x).unwrap()).collect();
    }
    floats.push([[0i64, 2, 1], [1, 1, 0], [2, 0, 0], [1, 2, 2]].into());
    floats
}

const CASES: &[(&str, Case)] = &[
    ("nested", |way, x| {
        let (h, xs, w) = (x[0], x[1], x[2]);
        way.run(&[h], &[xs], |h, x| {
            let inner = way.run(&[h[0].at(0)], &[x[0], h[0]], |c, r| {
                let c = (c[0] * r[0] + w.matmul(r[1].reshape(&[3, 1])).reshape(&[3]) + h[0].at(1)).tanh();
                (vec![c], vec![c * r[0]])
            });
            let next = inner[1].matmul(w) + inner[0];
            (vec![next.tanh()], vec![inner[1], next.sum_all()])
        })
    }),
    ("three deep", |way, x| {
        let (h, xs, w) = (x[0], x[1], x[2]);
        way.run(&[h], &[xs], |h, x| {
            let r = way.run(&[h[0].at(0)], &[x[0]], |c, r| {
                let r = way.run(&[c[0].at(1)], &[r[0], w.at(0)], |s, v| {
                    let s = (s[0] * v[0] + w.at(2).at(1) * v[1]).sin();
                    (vec![s], vec![s * v[0]])
                });
                (vec![r[1] + c[0]], vec![r[0]])
            });
            (vec![h[0] * r[1] + r[0]], vec![r[1]])
        })
    }),
    ("integers and bools in the carry", |way, x| {
        let (h, xs, w, index) = (x[0], x[1], x[2], x[3]);
        let (count, flag) = (index.at(0).at(0), h.gt(w));
        way.run(&[count, h, flag], &[xs, index], |c, x| {
            let h = c[2].select(c[1].matmul(w), x[0] * c[1]) + w.take(x[1]);
            (vec![c[0] + 1.0, h.tanh(), x[0].gt(h)], vec![c[0] * 2.0, c[2], h])
        })
    }),
    ("a sequence of integers only", |way, x| {
        let (h, w, index) = (x[0], x[2], x[3]);
        way.run(&[h], &[index], |h, i| {
            let h = (w.take(i[0]).matmul(h[0]) + i[0].cast(w.dtype())).tanh();
            (vec![h], vec![i[0], h])
        })
    }),
    ("unchanged", |way, x| {
        let (h, xs) = (x[0], x[1]);
        let y = way.run(&[h], &[xs], |h, x| (vec![h[0]], vec![x[0], h[0]]));
        vec![y[0] * x[2], y[1] * h, y[2]]
    }),
    ("input becomes carry", |way, x| {
        way.run(&[x[0], x[2]], &[x[1]], |h, x| (vec![x[0], h[0]], vec![h[1], h[1]]))
    }),
    ("constants as outputs", |way, x| {
        let w = x[2];
        way.run(&[x[0]], &[x[1]], |h, x| {
            let one = w.graph().constant(Tensor::scalar_of(w.dtype(), 1.5));
            (vec![w], vec![w, one, w * w, h[0] * x[0]])
        })
    }),
    ("no carry", |way, x| {
        way.run(&[], &[x[1]], |_, v| {
            (vec![], vec![v[0].matmul(x[2]).tanh(), x[2].matmul(v[0])])
        })
    }),
    ("no outputs", |way, x| {
        way.run(&[x[0]], &[x[1]], |h, v| {
            (vec![(h[0].matmul(x[2]) * v[0]).tanh()], vec![])
        })
    }),
    ("a weight twice, and transposed", |way, x| {
        let w = x[2];
        way.run(&[x[0]], &[x[1]], |h, x| {
            let y = w.matmul(h[0]) + x[0].matmul(w.matrix_transpose()) + w * 0.5 + w.at(0) + w.matmul(w).mean_all();
            (
                vec![y.tanh()],
                vec![
                    y.matmul(w.matrix_transpose()).sum(&[0], false),
                    w.reshape(&[9]).slice(0, 2, 5),
                ],
            )
        })
    }),
    ("one value at every place", |way, x| {
        let y = way.run(&[x[0], x[0]], &[x[1], x[1]], |h, v| {
            let next = (h[0] * v[0] + h[1].matmul(v[1]) + x[0]).tanh();
            (vec![next, h[0]], vec![next, next])
        });
        way.run(&[y[0], y[1]], &[y[2], x[1], y[3]], |h, v| {
            (vec![h[1], h[0] * v[0] + v[1]], vec![h[1] * v[2] + y[2].at(1)])
        })
    }),
    ("a derivative in a step", |way, x| {
        let w = x[2];
        way.run(&[x[0]], &[x[1]], |h, x| {
            let g = h[0].grad(|h| (h.matmul(w) * x[0]).tanh().sum_all());
            (vec![h[0] - 0.3 * g], vec![w.grad(|w| (w * g).sin().sum_all())])
        })
    }),
    ("stop_gradient and a checked value", |way, x| {
        way.run(&[x[0]], &[x[1]], |h, v| {
            let y = h[0].stop_gradient() * v[0] + (h[0] * x[2].stop_gradient()).check_finite("h") + x[2];
            (vec![y.tanh()], vec![y.stop_gradient() * x[2]])
        })
    }),
    ("random numbers", |way, x| {
        let key = x[3].at(0).slice(0, 0, 2);
        way.run(&[x[0], key], &[x[1]], |h, v| {
            let u = h[1].random(
                rosenblatt_autodiff::ops::Distribution::Uniform,
                "u",
                &[3, 3],
                h[0].dtype(),
            );
            (vec![(h[0].matmul(x[2]) * u + v[0]).tanh(), h[1] + 1.0], vec![u])
        })
    }),
    ("batches of products", |way, x| {
        let w = x[1].slice(0, 0, 2);
        way.run(&[w], &[x[1]], |h, v| {
            let y = (h[0].matmul(w) + w.matmul(v[0]) + x[2]).tanh();
            (vec![y], vec![y.sum(&[0], false), y.matmul(x[2])])
        })
    }),
    ("scan by columns", |way, x| {
        let xs = x[1].permute(&[2, 0, 1]);
        way.run(&[x[1].sum(&[2], false)], &[xs, x[0].permute(&[1, 0])], |h, v| {
            let y = h[0] * v[0] + v[1];
            (vec![y], vec![y.cumsum(1), y.slice(1, 0, 2).concat(&[y], 1).softmax()])
        })
    }),
];

/// Results, gradients of the sum of their squares, gradients of those, and both along a direction.
fn all_of<'g>(case: Case, way: Form, x: &[Var<'g>]) -> Vec<Var<'g>> {
    let ys = case(way, x);
    let sum = |x: &[Var<'g>]| {
        let float = x.iter().filter(|x| x.dtype().is_float());
        float.map(|x| (*x * *x).sum_all()).reduce(|a, b| a + b).unwrap()
    };
    let first = reverse::gradients(sum(&ys), &x[..3]);
    let second = reverse::gradients(sum(&first), &x[..3]);
    let moved = forward::jvp(&[&ys[..], &first].concat(), &x[..3], &x[..3]);
    let over = reverse::gradients(sum(&moved), &x[..3]);
    [ys, first, second, moved, over].concat()
}

fn dynamic(case: Case, way: Form, x: &[Tensor]) -> Vec<Tensor> {
    let graph = Graph::dynamic();
    let vars: Vec<Var<'_>> = x.iter().map(|x| graph.constant(x.clone())).collect();
    all_of(case, way, &vars)
        .into_iter()
        .map(|y| y.value().unwrap())
        .collect()
}

fn planned(case: Case, x: &[Tensor], threads: usize, without: &[&str]) -> Result<Vec<Tensor>> {
    let graph = Graph::new(Execution::Static);
    let input = |(i, x): (usize, &Tensor)| graph.input(format!("{i}"), x.dtype(), *x.shape());
    let vars: Vec<Var<'_>> = x.iter().enumerate().map(input).collect();
    let outputs = all_of(case, Form::Scan, &vars);
    let mut variables = Variables::new(Engine::new(Isa::detect(), threads)?);
    let signature = Signature {
        inputs: vars,
        outputs: outputs.clone(),
        ..Signature::default()
    };
    let options = Options {
        without: without.iter().map(|name| (*name).to_owned()).collect(),
    };
    let plan = Plan::compile(&signature, &mut variables, &options)?;
    plan.run(&mut variables, &x.iter().collect::<Vec<_>>())?;
    (0..outputs.len()).map(|i| plan.output(&variables, i)).collect()
}

#[test]
fn a_scan_of_any_step_is_its_steps() {
    for (name, case) in CASES {
        println!("{name}");
        for (dtype, tolerance) in [(DType::F64, 1e-11), (DType::F32, 1e-2)] {
            let x = arguments(dtype);
            let found = dynamic(*case, Form::Scan, &x);
            assert_close(&found, &dynamic(*case, Form::Steps, &x), tolerance);
        }
    }
}

#[test]
fn a_plan_of_any_step_has_the_bits_of_the_dynamic_graph() {
    let x = arguments(DType::F64);
    let all: Vec<&str> = REWRITES.iter().map(|rewrite| rewrite.name).collect();
    for (i, (name, case)) in CASES.iter().enumerate() {
        println!("{name}");
        let want = bits(&dynamic(*case, Form::Scan, &x));
        let check = |threads, without: &[&str]| {
            let found = bits(&planned(*case, &x, threads, without).unwrap());
            assert_eq!(found, want, "{name}: {threads} threads, without {without:?}");
        };
        [1, 3].into_iter().for_each(|threads| check(threads, &[]));
        check(1, &all);
        // Every rewrite is left out of some cases; of all of them in a soak.
        let left_out = all.iter().enumerate().filter(|(j, _)| soak() || (i + j) % 8 == 0);
        left_out.for_each(|(_, rewrite)| check(1, &[rewrite]));
    }
}

/// A checked value is named wherever it is computed.
#[test]
fn a_value_that_is_not_finite_is_named_in_a_step() {
    let graph = Graph::dynamic();
    let xs = graph.constant([[1.0, 2.0], [3.0, f64::NAN]].into());
    let (_, [sums]) = graph.scan([], [xs], |[], [x]| {
        let ([sum], []) = graph.scan([x.full_like(0.0)], [x], |[sum], [x]| ([sum + x.check_finite("x")], []));
        ([], [sum.check_finite("sum")])
    });
    assert_eq!(sums.value().unwrap().to_f64()[0], 3.0);
    assert_eq!(graph.not_finite(), ["x", "sum"]);
}

#[test]
fn a_scan_of_no_steps_is_its_carry() {
    let graph = Graph::dynamic();
    let (h, xs) = (
        graph.constant([1.0, 2.0].into()),
        graph.constant(Tensor::zeros(DType::F64, Shape::new(&[0, 2]).unwrap())),
    );
    let w = graph.constant([[1.0, 2.0], [3.0, 4.0]].into());
    let ([last], [ys]) = graph.scan([h], [xs], |[h], [x]| {
        let y = w.matmul((h * x).reshape(&[2, 1])).reshape(&[2]);
        ([y], [y])
    });
    let dx = reverse::gradients((last * last).sum_all() + ys.sum_all(), &[h, xs, w]);
    let numbers = |x: &[Var<'_>]| x.iter().map(|x| x.value().unwrap().to_f64()).collect::<Vec<_>>();
    assert_eq!(numbers(&[last, ys]), [vec![1.0, 2.0], vec![]]);
    assert_eq!(numbers(&dx), [vec![2.0, 4.0], vec![], vec![0.0; 4]]);
    assert_eq!(
        numbers(&forward::jvp(&[last, ys, dx[2]], &[h, w], &[h, w])),
        [vec![1.0, 2.0], vec![], vec![0.0; 4]]
    );
}
