//! Training curves as a picture.

use rosenblatt_report::charts::{GraphBox, graph, learning_curve, learning_rates, training_curves};
use rosenblatt_train::{LearningCurve, LearningPoint, LearningRates, Metrics, RateRange, Record};

fn epochs(losses: &[f64]) -> Vec<Record> {
    let metrics = |loss| Metrics::from_iter([("loss", loss), ("accuracy", 1.0 - loss / 10.0)]);
    let epoch = |(i, &loss): (usize, &f64)| Record::new(i + 1, metrics(loss), Some(metrics(loss * 1.5)), None, 0.0);
    losses.iter().enumerate().map(epoch).collect()
}

/// Points of every curve, without those of the legend.
fn points(svg: &str) -> Vec<Vec<[f64; 2]>> {
    let paths = svg.split("<path class=\"curve ").skip(1);
    let data = paths.map(|path| path.split(" d=\"M").nth(1).unwrap().split('"').next().unwrap());
    let point = |text: &str| {
        let (x, y) = text.split_once(' ').unwrap();
        [x.parse().unwrap(), y.parse().unwrap()]
    };
    let curves = data.filter(|data| !data.contains('h'));
    curves.map(|data| data.split('L').map(point).collect()).collect()
}

#[test]
fn every_split_has_a_curve_in_each_panel_and_all_points_are_inside() {
    for losses in [
        &[3.0, 2.0, 1.0, 0.5][..],
        &[0.5],
        &[],
        &[1.0, 1.0],
        &[1e-9, 2e-9],
        &[1e12, 1.0],
    ] {
        let svg = training_curves("a <b> & \"c\"\0", &epochs(losses), 1);
        let curves = points(&svg);
        assert_eq!(curves.len(), if losses.is_empty() { 0 } else { 4 }, "{losses:?}");
        assert!(svg.contains("a &lt;b&gt; &amp; &quot;c&quot;\u{fffd}") && svg.contains("prefers-color-scheme"));
        assert!(
            !svg.contains("NaN") && !svg.contains("inf") && !svg.contains("var("),
            "{svg}"
        );
        assert_eq!(
            svg.matches("best epoch 1").count(),
            if losses.is_empty() { 0 } else { 2 }
        );
        for [x, y] in curves.into_iter().flatten() {
            assert!((20.0..=720.0).contains(&x), "{losses:?} {x}");
            assert!((100.0..=560.0).contains(&y), "{losses:?} {y}");
        }
    }
}

#[test]
fn a_falling_loss_goes_down_the_page() {
    for last in [1.0, 0.01] {
        let svg = training_curves("x", &epochs(&[3.0, last]), 2);
        let first = &points(&svg)[0];
        assert!(first[0][1] < first[1][1], "{first:?}");
        assert_eq!(svg.contains("loss (log scale)"), last == 0.01);
    }
}

#[test]
fn without_validation_rows_no_epoch_is_the_best() {
    let metrics = Metrics::from_iter([("loss", 1.0)]);
    let svg = training_curves("x", &[Record::new(1, metrics, None, None, 0.0)], 1);
    assert!(!svg.contains("best epoch"));
}

#[test]
fn a_range_test_has_both_curves_and_marks_what_it_suggests() {
    let range = RateRange {
        min: 1e-5,
        max: 1.0,
        steps: 60,
    };
    let mut found = LearningRates::new(range);
    let loss = |i: i32| if i < 45 { 3.0 - f64::from(i) / 20.0 } else { 1e9 };
    let rate = |i: i32| 1e-5 * 10f64.powf(f64::from(i) / 12.0);
    let steps = (0..60).take_while(|&i| found.add(rate(i), loss(i))).count();
    assert!(steps < 60 && found.diverged().is_some());
    let svg = learning_rates("a <b>", &found);
    assert!(svg.contains("a &lt;b&gt;") && svg.contains("steepest") && svg.contains("minimum / 10"));
    let curves = points(&svg);
    assert_eq!(curves.len(), 2);
    // The step where the loss diverged is left out, or it would flatten all the others.
    assert!(curves.iter().all(|curve| curve.len() == steps));
    for [x, y] in curves.into_iter().flatten() {
        assert!((20.0..=720.0).contains(&x) && (100.0..=286.0).contains(&y), "{x} {y}");
    }
    let empty = learning_rates("x", &LearningRates::new(range));
    assert!(points(&empty).is_empty() && !empty.contains("steepest") && !empty.contains("NaN"));
}

#[test]
fn a_learning_curve_has_a_point_and_a_spread_for_each_size() {
    let metrics = |losses: &[f64]| {
        losses
            .iter()
            .map(|&loss| Metrics::from_iter([("loss", loss)]))
            .collect()
    };
    let point = |rows, train: &[f64], valid: &[f64]| {
        let mut point = LearningPoint::new(rows);
        (point.train, point.valid) = (metrics(train), metrics(valid));
        point
    };
    let sizes = vec![
        point(20, &[0.1, 0.2], &[9.0, 7.0]),
        point(100, &[0.3, 0.3], &[1.0, f64::NAN]),
    ];
    let svg = learning_curve("a <b>", &LearningCurve::new(sizes, 30));
    assert!(svg.contains("a &lt;b&gt;") && svg.contains("training rows") && !svg.contains("NaN"));
    let curves = points(&svg);
    assert_eq!(curves.iter().map(Vec::len).collect::<Vec<_>>(), [2, 2]);
    assert_eq!(svg.matches("spread training").count(), 2);
    // Higher losses are higher up, and more rows further to the right.
    assert!(curves[1][0][1] < curves[0][0][1] && curves[1][0][0] < curves[1][1][0]);
    for [x, y] in curves.into_iter().flatten() {
        assert!((20.0..=720.0).contains(&x) && (84.0..=286.0).contains(&y), "{x} {y}");
    }
    let empty = learning_curve("x", &LearningCurve::new(Vec::new(), 0));
    assert!(points(&empty).is_empty() && !empty.contains("NaN"));
}

/// Left, top, width and height of every box.
fn boxes(svg: &str) -> Vec<[f64; 4]> {
    let number = |part: &str, name: &str| {
        let after = part.split_once(&format!(" {name}=\"")).unwrap().1;
        after.split('"').next().unwrap().parse().unwrap()
    };
    let rects = svg.split("<rect class=\"box").skip(1);
    rects
        .map(|part| ["x", "y", "width", "height"].map(|name| number(part, name)))
        .collect()
}

/// Boxes do not lie on each other, are inside of the picture, and to the right of what they are computed from.
#[test]
fn a_graph_has_its_boxes_in_layers() {
    let node = |operands: &[usize]| GraphBox {
        lines: vec!["a <b>".to_owned(), "value 1".to_owned()],
        operands: operands.to_vec(),
    };
    let graphs = [
        vec![],
        vec![node(&[])],
        vec![
            node(&[]),
            node(&[]),
            node(&[0, 1]),
            node(&[2]),
            node(&[3]),
            node(&[0, 4]),
            node(&[1, 5]),
        ],
        std::iter::once(node(&[]))
            .chain((0..30).map(|i| node(&[i, i / 2, 0])))
            .collect(),
    ];
    for nodes in graphs {
        let svg = graph("x & y", &nodes);
        assert!(
            svg.contains("x &amp; y") && !svg.contains("<b>") && !svg.contains("NaN"),
            "{svg}"
        );
        let size: Vec<f64> = svg
            .split('"')
            .nth(3)
            .unwrap()
            .split(' ')
            .map(|size| size.parse().unwrap())
            .collect();
        let boxes = boxes(&svg);
        assert_eq!(boxes.len(), nodes.len());
        for (i, [x, y, width, height]) in boxes.iter().copied().enumerate() {
            assert!(
                x >= 0.0 && y >= 0.0 && x + width <= size[2] && y + height <= size[3],
                "{i}: {svg}"
            );
            for operand in &nodes[i].operands {
                assert!(boxes[*operand][0] + boxes[*operand][2] < x, "{i} {operand}");
            }
            for other in &boxes[..i] {
                let apart = [0, 1].map(|axis| {
                    other[axis] + other[axis + 2] <= boxes[i][axis]
                        || boxes[i][axis] + boxes[i][axis + 2] <= other[axis]
                });
                assert!(apart[0] || apart[1], "{i} {other:?}");
            }
        }
    }
}
