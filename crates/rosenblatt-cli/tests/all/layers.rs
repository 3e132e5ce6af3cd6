//! Layers that flags, run files and columns ask for.

use crate::common;

use common::Sandbox;

#[test]
fn norm_puts_a_layer_before_each_activation() {
    let folder = Sandbox::new();
    let run = |flags: &str| folder.json(&format!("train iris --quiet --preset plain --epochs 1 {flags}"));
    let output = 5 * 3 + 3;
    let layer = run("--hidden 5 --norm layer --activation tanh --dropout 0.1 -o layer");
    assert_eq!(layer["parameters"], 4 * 5 + 5 + 2 * 5 + output);
    let names: Vec<String> = layer["spec"]["model"]["layers"]
        .as_array()
        .unwrap()
        .iter()
        .map(|layer| {
            layer
                .as_str()
                .map_or_else(|| layer.as_object().unwrap().keys().next().unwrap().clone(), Into::into)
        })
        .collect();
    assert_eq!(names, ["linear", "layer_norm", "tanh", "dropout"]);
    // No bias where it would be taken away again, and what is kept but not learned does not count.
    let parameters = 4 * 5 + 2 * 5 + output;
    assert_eq!(run("--hidden 5 --norm batch -o batch")["parameters"], parameters);
    let model = folder.json("inspect batch");
    assert_eq!(model["parameters"], parameters);
    assert_eq!(model["layers"][1]["parameters"], 2 * 5);
    assert_eq!(model["layers"][1]["tensors"]["running_var"][0], 5);
    assert_eq!(folder.json("evaluate batch iris")["rows"], 30);
}

/// Initialization, normalization and regularization, each by its flag.
#[test]
fn flags_regularize_and_inspect_counts_what_is_zero() {
    let folder = Sandbox::new();
    let train = "train iris --preset plain --hidden 8 --optimizer sgd --lr 0.1 --batch-size 200 --quiet";
    folder.ok(&format!(
        "{train} --epochs 300 --l1 0.03 --max-norm 2 --init orthogonal:auto -o sparse"
    ));
    let text = folder.ok("inspect sparse").stdout;
    assert!(
        text.contains("\nsparsity: ") && text.contains(" of 56 weights are 0 ("),
        "{text}"
    );
    assert!(
        folder.json("inspect sparse")["layers"][0]["zero_weights"]
            .as_u64()
            .unwrap()
            > 3
    );
    let short = "--epochs 2 --norm batch --batch-norm-statistics exact --init he_normal:gain=auto,mode=fan_out \
                 --loss cross_entropy:label_smoothing=0.1";
    folder.ok(&format!("{train} {short} -o dense"));
    let dense = folder.json("inspect dense");
    assert_eq!(dense["layers"][0]["zero_weights"], 0);
    assert_eq!(dense["spec"]["train"]["batch_norm_statistics"], "exact");
    assert_eq!(dense["spec"]["model"]["init"]["he_normal"]["gain"], "auto");
    assert!(!folder.ok("inspect dense").stdout.contains("sparsity"));
}

#[test]
fn a_run_file_names_layers_with_or_without_settings() {
    let folder = Sandbox::new();
    let file = "[data]\nsource = 'iris'\n[model]\nlayers = [{ linear = { out_features = 6 } }, 'layer_norm', 'gelu', \
                { linear = { out_features = 4 } }, { batch_norm = { momentum = 0.2 } }, 'relu']\n";
    folder.write("run.toml", file);
    let run = folder.json("train --config run.toml --quiet");
    assert_eq!(
        run["parameters"],
        (4 * 6 + 6) + 2 * 6 + (6 * 4 + 4) + 2 * 4 + (4 * 3 + 3)
    );
    let momentum = &run["spec"]["model"]["layers"][4]["batch_norm"]["momentum"];
    assert_eq!(momentum, &serde_json::json!(0.2));
}

#[test]
fn what_cannot_be_normalized_is_said() {
    let folder = Sandbox::new();
    folder.write("run.toml", "[data]\nsource = 'iris'\n");
    for (command, error) in [
        (
            "train iris --norm group",
            "error: --norm: expected `layer`, `batch` or `rms`, got `group`\n",
        ),
        (
            "train --config run.toml --norm layer",
            "error: `norm` needs hidden layers that are given by their widths\n\
             hint: add `--hidden 64`, or leave `--norm` out\n",
        ),
        (
            "train iris --hidden 4 --norm batch --batch-size 1",
            "error: --batch-size: layers.1: batch_norm: in a batch [1, 4] there is at most one number for each feature, and \
             so no variance\n\
             hint: set a larger batch size, or use `layer_norm`, which looks at each row alone\n",
        ),
    ] {
        let said = folder.fails(2, &format!("{command} --quiet"));
        assert_eq!(said, error, "{command}");
    }
}

/// 500 shops, four rows each, and one more with a single row.
fn shops() -> String {
    let row = |i: usize| {
        let (shop, x) = (i * 37 % 500, (i * 61 % 97) as f64 / 97.0);
        format!("shop{shop:03},{x:.4},{:.4}\n", (shop * 53 % 100) as f64 / 20.0 + x)
    };
    let rows: String = (0..2000).map(row).collect();
    format!("shop,x,sales\n{rows}kiosk,0.5,1.0\n")
}

#[test]
fn a_column_with_500_categories_is_trained_inspected_and_predicted() {
    let folder = Sandbox::new();
    folder.write("shops.csv", shops());
    let train = "train shops.csv --target sales --preset plain --hidden 8 --epochs 2";
    let text = folder.ok(&format!("{train} -o other")).stdout;
    let note = "`shop`: embedding for 500 categories; 1 seen once share the `unknown` embedding";
    assert!(text.contains(note), "{text}");
    let run = folder.json(&format!("{train} --quiet -o model"));
    assert_eq!(run["parameters"], 501 * 8 + 9 * 8 + 8 + 8 + 1);
    let inspected = folder.ok("inspect model").stdout;
    assert!(inspected.contains("category_code"), "{inspected}");
    assert!(inspected.contains("embedding of 1 column"), "{inspected}");
    assert!(inspected.contains("[batch, 9]    4008\n"), "{inspected}");
    assert_eq!(folder.json("inspect model")["parameters"], run["parameters"]);
    folder.write("new.csv", "x,shop\n0.5,shop007\n0.5,\n0.5,market\n0.5,kiosk\n");
    let predicted = folder.ok("predict model new.csv --quiet");
    let warnings: Vec<&str> = predicted.stderr.lines().collect();
    let expected = [
        "warning: `shop`: 1 cell with a category not seen in training, such as `market`",
        "warning: 1 cell of a category too rare in training to be distinguished: `shop` 1",
        "warning: 1 missing value: `shop` 1; imputed: categories as unknown",
    ];
    assert_eq!(warnings, expected);
    let numbers: Vec<&str> = predicted.stdout.lines().skip(1).collect();
    assert_eq!((numbers.len(), numbers[1], numbers[2]), (4, numbers[3], numbers[3]));
    assert_ne!(numbers[0], numbers[3]);
    folder.write("one.csv", "x,shop\n0.5,shop007\n");
    let alone = folder.ok("predict model one.csv --quiet");
    assert_eq!(alone.stdout.lines().nth(1), Some(numbers[0]));
    assert!(alone.stderr.is_empty(), "{}", alone.stderr);
}
