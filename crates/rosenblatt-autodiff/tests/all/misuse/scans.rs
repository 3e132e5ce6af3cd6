//! Mistakes in recurrences.

use rosenblatt_autodiff::{Graph, eval};
use rosenblatt_tensor::{DType, ErrorKind, Shape};

use super::{Row, compile, error, fixed, freed, here, pair, refused, rows};

pub const ROWS: &[Row] = rows![
    "a scan over nothing", Shape, "scan: expected at least one sequence": || {
        let (y, line) = here!(eval(|[h]| h.graph().scan([h], [], |[h], []| ([h], [])).0[0], [&1.0.into()]));
        (y.unwrap_err(), line)
    };
    "a scan over a number", Shape, "scan: expected sequences of one length along the first axis": || {
        let (y, line) = here!(eval(|[h]| h.graph().scan([h], [h], |[h], [x]| ([h * x], [])).0[0], [&1.0.into()]));
        (y.unwrap_err(), line)
    };
    "sequences of different lengths", Shape, "scan: expected sequences of one length along the first axis, got [2] and [3]": || {
        let (x, y) = ([1.0, 2.0].into(), [1.0, 2.0, 3.0].into());
        let (y, line) = here!(eval(|[x, y]| x.graph().scan([], [x, y], |[], [x, y]| ([], [x * y])).1[0], [&x, &y]));
        (y.unwrap_err(), line)
    };
    "a step that changes the type of its carry", Shape, "scan: carry 0: expected f64 [] after a step, as before it, got f64 [2]": || {
        let graph = Graph::dynamic();
        let (h, [x, w]) = (graph.constant(1.0.into()), pair(&graph));
        let (([h], []), line) = here!(graph.scan([h], [x], |[h], [x]| ([h * x * w], [])));
        (error(h), line)
    };
    "a mistake in a step", Shape, "add: [3] and [2] do not broadcast": || {
        let graph = Graph::dynamic();
        let ([x, h], long) = (pair(&graph), graph.constant([1.0, 2.0, 3.0].into()));
        let mut line = None;
        let ([_], [y]) = graph.scan([h], [x], |[h], [x]| {
            let (y, place) = here!(long + h * x);
            line = place;
            ([h], [y])
        });
        (error(y), line)
    };
    "a freed carry", Config, "was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let [x, h] = pair(&graph);
        let h = freed(h);
        let (([h], []), line) = here!(graph.scan([h], [x], |[h], [x]| ([h * x], [])));
        (error(h), line)
    };
    "a freed sequence", Config, "was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let [x, h] = pair(&graph);
        let x = freed(x);
        let (_, line) = here!(graph.scan([h], [x], |[h], [x]| ([h * x], [])));
        (graph.error().unwrap(), line)
    };
    "a freed value that a step returns", Config, "was freed when its scope ended": || {
        let graph = Graph::dynamic();
        let [x, h] = pair(&graph);
        let h = freed(h);
        let ((_, [y]), line) = here!(graph.scan([], [x], |[], [_]| ([], [h])));
        (error(y), line)
    };
    "a step that returns a value of another graph", Config, "scan: values of two graphs cannot be used together": || {
        let (graph, other) = (Graph::dynamic(), Graph::dynamic());
        let ([x, _], [_, y]) = (pair(&graph), pair(&other));
        let ((_, [y]), line) = here!(graph.scan([], [x], |[], [_]| ([], [y])));
        (error(y), line)
    };
    "the value of a step while it is recorded", Config, "it stands for the values of all steps of a `scan`": || {
        let graph = Graph::dynamic();
        let ([x, _], mut found) = (pair(&graph), None);
        graph.scan([], [x], |[], [x]| {
            found = x.value().err();
            ([], [x])
        });
        (found.unwrap(), None)
    };
    "a value of a step after its scan", Config, "nor has a step of a `scan`": || {
        let graph = Graph::dynamic();
        let [x, mut inside] = pair(&graph);
        graph.scan([], [x], |[], [x]| {
            inside = x * x;
            ([], [x])
        });
        let (y, line) = here!(inside * 2.0);
        (error(y), line)
    };
    "a value of a step after its scan, in a plan", Config, "a value of a step is used outside its `scan`": || {
        let graph = fixed();
        let x = graph.input("x", DType::F32, Shape::new(&[2]).unwrap());
        let mut inside = x;
        graph.scan([], [x], |[], [x]| {
            inside = x * x;
            ([], [x])
        });
        (refused(compile(&[x], &[inside])), None)
    };
];
