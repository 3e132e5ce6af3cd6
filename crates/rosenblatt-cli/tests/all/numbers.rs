//! Numbers that are none, numbers far from 0, and images without pixels: no answer is silently wrong.

use crate::common::Sandbox;
use serde_json::Value;

/// Two numbers from 0 to 1 and a target that is made of them and of the row.
fn table(rows: usize, target: impl Fn(f64, f64, usize) -> String) -> String {
    let row = |i: usize| {
        let (a, b) = ((i * 37 % 101) as f64 / 101.0, (i * 53 % 97) as f64 / 97.0);
        format!("{a:.4},{b:.4},{}\n", target(a, b, i))
    };
    "a,b,y\n".to_owned() + &(0..rows).map(row).collect::<String>()
}

fn class(a: f64, b: f64, _: usize) -> String {
    if a > b { "yes" } else { "no" }.to_owned()
}

const NOT_FINITE: &str = "the output of the network is not finite: the row is too far from the values seen in training\n\
     hint: correct its cells, or leave them empty: then they count as missing\n";

/// Numbers reach the network, and its outputs the user, as they are.
const UNPROTECTED: &str = "--set data.soft_clip=false --set model.clip_predictions=false";

/// A sandbox with models whose outputs overflow on far rows: classes, one logit, and numbers.
fn models() -> Sandbox {
    let folder = Sandbox::new();
    folder.write("t.csv", table(60, class));
    folder.write("r.csv", table(60, |a, b, _| format!("{:e}", (a - b) * 3e38)));
    let quick = format!("--hidden 8 --epochs 2 --quiet {UNPROTECTED}");
    folder.ok(&format!(
        "train t.csv --target y -o classes --activation square {quick}"
    ));
    folder.ok(&format!(
        "train t.csv --target y -o logit --loss bce_with_logits --activation square {quick}"
    ));
    folder.ok(&format!("train r.csv --target y -o numbers {quick}"));
    folder
}

#[test]
fn no_output_that_is_not_finite_leaves_a_command() {
    let folder = models();
    // The row is the third line; a row before it and one after it are fine.
    for (model, far) in [
        ("classes", "1e20,.5"),
        ("classes", ".5,-2e22"),
        ("logit", "-1e21,1e21"),
        ("logit", "3e30,.5"),
        ("numbers", "1000,.5"),
        ("numbers", "-1e9,1e9"),
        ("numbers", ".5,1e30"),
    ] {
        let target = if model == "numbers" { "1.5" } else { "no" };
        folder.write(
            "new.csv",
            format!("a,b,y\n.5,.5,{target}\n{far},{target}\n.4,.5,{target}\n"),
        );
        for command in [
            format!("predict {model} new.csv -o out --force"),
            format!("predict {model} new.csv --format json"),
            format!("evaluate {model} new.csv"),
            format!("evaluate {model} new.csv --format json --report page.html"),
        ] {
            let error = folder.fails(1, &format!("{command} --threads 1"));
            assert_eq!(error, format!("error: new.csv:3: {NOT_FINITE}"), "{command}: {far}");
            assert!(!folder.exists("out") && !folder.exists("page.html"), "{command}");
        }
    }
}

#[test]
fn a_row_is_named_as_its_file_counts_it() {
    let folder = models();
    // Rows without a target are left out, rows may have several lines, and empty lines are none.
    folder.write(
        "new.csv",
        "note,a,b,y\n,.5,.5,no\n\"two\nlines\",.5,.5,\n\n,1e20,.5,no\n",
    );
    let ran = folder.run("evaluate classes new.csv");
    let error = format!("error: new.csv:6: {NOT_FINITE}");
    assert!(ran.code == Some(1) && ran.stderr.ends_with(&error), "{}", ran.stderr);
    folder.write("a.csv", "a,b\n.5,.5\n");
    std::fs::create_dir(folder.path("both")).unwrap();
    folder.write("both/1.csv", "a,b\n.5,.5\n");
    folder.write("both/2.csv", "b,a\n.5,.5\n.5,1e20\n");
    let error = folder.fails(1, "predict classes both");
    assert!(error.starts_with("error: both/2.csv:3: the output"), "{error}");
}

#[test]
fn a_far_validation_row_is_not_the_fault_of_the_learning_rate() {
    let folder = Sandbox::new();
    folder.write("t.csv", table(60, class));
    let train = "train t.csv --target y --valid v.csv --hidden 8 --epochs 2 --activation square --quiet -o m --force";
    let train = &format!("{train} {UNPROTECTED}");
    for (far, row) in [
        (".5,.5,no\n1e25,.5,no\n.3,.4,no\n", 2),
        (".5,.5,no\n.1,.1,no\n.5,-1e30,yes\n", 3),
    ] {
        folder.write("v.csv", format!("a,b,y\n{far}"));
        let error = folder.fails(1, train);
        let expected =
            format!("the loss of the validation rows is not finite because of row {row} of them\nhint: its values");
        assert!(error.contains(&expected), "{error}");
    }
    // An output of 1e22 is finite, and its square is not.
    folder.write("t.csv", table(60, |a, b, _| format!("{}", a + b)));
    folder.write("v.csv", "a,b,y\n.5,.5,1.1\n.1,.1,.2\n1e25,.5,1.2\n");
    let error = folder.fails(1, &train.replace("square", "relu"));
    assert!(error.contains("because of row 3 of them"), "{error}");
    // Where all rows are alike it is: a step of this size leaves no output small.
    folder.write("v.csv", "a,b,y\n.5,.5,1.1\n.1,.1,.2\n");
    let error = folder.fails(1, &train.replace("square", "relu --optimizer sgd --lr 1e18"));
    assert!(error.contains("learning rate"), "{error}");
}

/// The mean absolute error and its squared kin of printed predictions against the file.
fn errors(folder: &Sandbox, file: &str, predictions: &str) -> [f64; 2] {
    let cells = |text: &str, cell: usize| -> Vec<f64> {
        let numbers = text
            .lines()
            .skip(1)
            .map(|line| line.split(',').nth(cell).unwrap().parse().unwrap());
        numbers.collect()
    };
    let truth = cells(&String::from_utf8(folder.read(file)).unwrap(), 2);
    let predicted = cells(predictions, 0);
    assert_eq!(truth.len(), predicted.len());
    let pairs = || truth.iter().zip(&predicted).map(|(t, p)| p - t);
    let mean = |sum: f64| sum / truth.len() as f64;
    [
        mean(pairs().map(f64::abs).sum()),
        mean(pairs().map(|e| e * e).sum()).sqrt(),
    ]
}

#[test]
fn targets_far_from_0_are_measured_against_the_file() {
    let folder = Sandbox::new();
    for (offset, preset) in [
        (1e7, "auto"),
        (1.7e9, "auto"),
        (-3e8, "auto"),
        (1e12, "auto"),
        (1e7, "plain"),
        (0.1, "plain"),
    ] {
        folder.write(
            "t.csv",
            table(80, |a, b, i| {
                format!("{:.4}", offset + a + b * b + (i % 5) as f64 * 0.2)
            }),
        );
        folder.ok(&format!(
            "train t.csv --target y --preset {preset} --hidden 8 --epochs 5 -o m --force --quiet"
        ));
        let metrics: Value = folder.json("evaluate m t.csv")["metrics"].take();
        let predictions = folder.ok("predict m t.csv").stdout;
        for (name, expected) in ["mae", "rmse"].into_iter().zip(errors(&folder, "t.csv", &predictions)) {
            let reported = metrics[name].as_f64().unwrap();
            assert!(
                (reported - expected).abs() <= 1e-9 * expected,
                "{offset} {preset}: {name} {reported}, not {expected}"
            );
            // Not all alike, as f32 would have it.
            assert!(
                preset == "plain" || (0.01..2.0).contains(&reported),
                "{offset}: {name} {reported}"
            );
        }
    }
}

#[test]
fn images_without_pixels_are_refused() {
    let folder = Sandbox::new();
    std::fs::create_dir(folder.path("images")).unwrap();
    let sizes = |sizes: &[u32]| sizes.iter().flat_map(|size| size.to_be_bytes()).collect::<Vec<u8>>();
    let labels = [&[0, 0, 8, 1][..], &sizes(&[40]), &[0, 1].repeat(20)].concat();
    folder.write("images/train-labels-idx1-ubyte", labels);
    for shape in [[40, 0, 0], [40, 0, 5], [40, 28, 0], [40, 0, 1 << 31], [0, 0, 0]] {
        let pixels = [&[0, 0, 8, 3][..], &sizes(&shape)].concat();
        folder.write("images/train-images-idx3-ubyte", pixels);
        for command in ["train images -o m --force", "inspect images"] {
            let error = folder.fails(1, command);
            assert!(
                error.contains("byte 8: the images have no pixels"),
                "{shape:?}: {error}"
            );
        }
        assert!(!folder.exists("m"));
    }
}

#[test]
fn a_learning_rate_that_f32_does_not_have_is_refused() {
    let folder = Sandbox::new();
    folder.write("t.csv", table(20, class));
    for flag in [
        "--lr 1e-300",
        "--lr 1e-46",
        "--lr 5e-39",
        "--clip-norm 1e-60",
        "--set train.learning_rate=1e-99",
    ] {
        let error = folder.fails(2, &format!("train t.csv --target y -o m {flag}"));
        assert!(
            error.contains("to be at least 1.175e-38, the smallest normal f32"),
            "{flag}: {error}"
        );
    }
}

#[test]
fn names_of_any_length_are_shown() {
    let folder = Sandbox::new();
    let row = |i: usize| format!("{}.5,{}\n", i * i % 7, i % 2);
    let rows: String = (0..30).map(row).collect();
    for name in [
        format!("\"a\n{}b\"", " ".repeat(70_000)),
        "\u{e9}".repeat(140_000),
        format!("w {}", "v".repeat(66_000)),
    ] {
        folder.write("t.csv", format!("{name},y\n{rows}"));
        folder.ok("inspect t.csv");
        folder.ok("train t.csv --target y --hidden 4 --epochs 1 --quiet -o m --force");
        for command in ["inspect m", "inspect m --plan", "evaluate m t.csv"] {
            folder.ok(command);
        }
    }
}

#[test]
fn arguments_reach_no_terminal_as_they_are() {
    let folder = Sandbox::new();
    folder.write("t.csv", table(20, class));
    for hostile in [
        "--\u{1b}]0;pwn\u{7}",
        "-\u{9b}2J",
        "\u{1b}[2J\nhint: x",
        "--lr\u{7f}=1",
        "--set=\u{1b}c",
    ] {
        for command in [
            "",
            "train",
            "train t.csv --lr",
            "predict a b",
            "inspect t.csv",
            "evaluate",
            "bench --rows",
            "datasets",
        ] {
            let ran = folder.run_with(command, [hostile]);
            assert_ne!(ran.code, Some(0), "{command} {hostile:?}");
            let raw = |c: char| c.is_control() && c != '\n';
            assert!(
                !ran.stderr.contains(raw) && !ran.stdout.contains(raw),
                "{command} {hostile:?}: {}",
                ran.stderr
            );
        }
    }
}
