//! What models, checkpoints and run files hold.

use crate::common;

use common::Sandbox;

/// A text without its line ends: long lines are continued on the next.
fn flat(text: &str) -> String {
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

const TRAIN: &str = "train penguins --preset plain --hidden 8,4 --activation gelu --epochs 2 --quiet";

#[test]
fn a_model_tells_what_it_holds() {
    let folder = Sandbox::new();
    folder.ok(TRAIN);
    let text = folder.ok("inspect penguins.safetensors").stdout;
    for words in [
        "classification of `species`",
        "bill_length_mm",
        "median_impute, standardize",
        "layers.2",
        "layer type output shape parameters input [batch, 15] 0 layers.0 linear",
        "[batch, 8] 128",
        "total: 179 parameters (716 bytes)",
        "[train]",
    ] {
        assert!(flat(&text).contains(words), "{words}: {text}");
    }
    assert!(!text.contains("plan:"));
    let json = folder.json("inspect penguins.safetensors");
    assert_eq!(json["parameters"], 15 * 8 + 8 + 8 * 4 + 4 + 4 * 3 + 3);
    assert_eq!(json["layers"].as_array().unwrap().len(), 5);
    assert_eq!(json["layers"][3]["output_shape"], serde_json::json!([4]));
    assert_eq!(json["layers"][4]["tensors"]["weight"], serde_json::json!([3, 4]));
    assert_eq!(json["spec"]["train"]["epochs"], 2);
    assert_eq!(json["schema"]["target"]["name"], "species");
    assert!(json["metrics"]["test"]["accuracy"].is_f64());
    assert!(json.get("plan").is_none() && json.get("progress").is_none());
}

#[test]
fn the_plan_is_the_training_step() {
    let folder = Sandbox::new();
    folder.ok(TRAIN);
    let plan = &folder.json("inspect penguins.safetensors --plan --threads 1")["plan"];
    let kernels = plan["kernels"].as_array().unwrap();
    assert_eq!(plan["kernel_count"], kernels.len());
    assert_eq!(plan["tasks"], kernels.len() + 1, "the check is a task, and no kernel");
    assert_eq!(plan["tasks"], plan["steps"].as_array().unwrap().len());
    assert!(
        kernels
            .iter()
            .all(|kernel| !kernel.as_str().unwrap().starts_with("check:"))
    );
    assert_eq!(plan["batch"], 32);
    assert_eq!((&plan["threads"], &plan["barriers"]), (&1.into(), &0.into()));
    assert!(plan["arena_bytes"].as_u64().unwrap() > 0);
    assert!(plan["graph_nodes"].as_u64().unwrap() > kernels.len() as u64);
    let updated = kernels.iter().filter_map(|kernel| kernel.as_str()?.split_once(" → "));
    let mut updated: Vec<&str> = updated.map(|(_, parameter)| parameter).collect();
    updated.sort_unstable();
    let parameters = [0, 2, 4].map(|i| ["bias", "weight"].map(|name| format!("layers.{i}.{name}")));
    assert_eq!(updated, parameters.as_flattened(), "{kernels:?}");
    let text = folder.ok("inspect penguins.safetensors --plan --threads 1").stdout;
    assert!(
        text.contains("plan: a training step of 32 rows on 1 thread\n"),
        "{text}"
    );
    assert!(
        text.contains(&format!(" {} kernels, 0 barriers", kernels.len())),
        "{text}"
    );
    let text = flat(&text);
    for (i, kernel) in kernels.iter().enumerate() {
        let line = format!(" {} {}", i + 1, flat(kernel.as_str().unwrap()));
        assert!(text.contains(&line), "{line}: {text}");
    }
    assert!(!text.contains("barrier --"), "{text}");
}

#[test]
fn the_plan_shows_where_threads_meet() {
    let folder = Sandbox::new();
    folder.ok("train digits --preset plain --hidden 256 --batch-size 256 --epochs 1 --quiet");
    let inspect = "inspect digits.safetensors --plan --threads 2";
    let plan = &folder.json(inspect)["plan"];
    assert_eq!(plan["threads"], 2);
    let steps = plan["steps"].as_array().unwrap();
    let barriers = steps.iter().filter(|step| step["barrier"] == true).count();
    assert!(barriers > 0 && plan["barriers"] == barriers, "{plan}");
    let text = folder.ok(inspect).stdout;
    let lines: Vec<&str> = text.lines().map(str::trim).collect();
    assert_eq!(lines.iter().filter(|line| **line == "-- barrier --").count(), barriers);
    let waits = steps.iter().find(|step| step["barrier"] == true).unwrap();
    let at = lines.iter().position(|line| *line == "-- barrier --").unwrap();
    assert!(lines[at + 1].ends_with(waits["label"].as_str().unwrap()), "{text}");
}

#[test]
fn all_that_is_shown_fits_80_columns() {
    let folder = Sandbox::new();
    folder.ok(TRAIN);
    let name = "a name of a column that is so long that a table with it is wide";
    let value = "a value, which is long too";
    folder.write("wide.csv", format!("\"{name}\",y\n\"{value}\",1\nb,2\nc,3\n1,4\n"));
    folder.ok("init-config penguins --hidden 8 -o run.toml");
    for what in [
        "penguins.safetensors --plan",
        "run.toml",
        "penguins",
        "wide.csv",
        "breast_cancer",
    ] {
        let text = folder.ok(&format!("inspect {what}")).stdout;
        // The settings are a run file as it is written.
        for line in text.split("settings:\n").next().unwrap().lines() {
            assert!(line.chars().count() <= 80, "{what}: {line}\n{text}");
        }
    }
}

#[test]
fn a_run_file_is_shown_before_it_is_trained() {
    let folder = Sandbox::new();
    folder.write(
        "run.toml",
        "[data]\nsource = 'iris'\n[model]\nlayers = [{ linear = { out_features = 6 } }, 'tanh']\n",
    );
    let json = folder.json("inspect run.toml --plan");
    assert_eq!(json["parameters"], 4 * 6 + 6 + 6 * 3 + 3);
    assert_eq!(json["trained"], false);
    assert!(json["plan"]["kernels"].as_array().unwrap().len() > 5);
    assert!(folder.ok("inspect run.toml").stdout.contains("not trained"));
    assert!(!folder.exists("iris.safetensors.checkpoint"));
    folder.write("wrong.toml", "[model]\nlayer = []\n");
    let error = folder.fails(2, "inspect wrong.toml");
    assert!(
        error.contains("wrong.toml: model") && error.contains("did you mean `layers`?"),
        "{error}"
    );
    assert!(folder.fails(1, "inspect missing.toml").contains("missing.toml"));
}

#[test]
fn a_table_tells_what_its_columns_seem_to_be() {
    let folder = Sandbox::new();
    let mut rows = "id;age;price;zip;born;fits;site\r\n".to_owned();
    for i in 0..6 {
        let price = if i == 4 { "n/k".to_owned() } else { format!("{i},5") };
        let (age, born) = (if i == 2 { "" } else { "30" }, i % 3 + 13);
        rows += &format!(
            "{i};{age}{};{price};0123{};{born}/02/2024;{};x\r\n",
            i % 2,
            i % 2,
            ["yes", "no"][i % 2]
        );
    }
    folder.write("people.csv", &rows);
    let json = folder.json("inspect people.csv");
    assert_eq!((&json["rows"], &json["delimiter"]), (&6.into(), &";".into()));
    let columns = json["columns"].as_array().unwrap();
    let printed = |key: &str| {
        columns
            .iter()
            .map(|column| column[key].as_str().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!(printed("name"), ["id", "age", "price", "zip", "born", "fits", "site"]);
    assert_eq!(
        printed("kind"),
        [
            "identifier",
            "numeric",
            "categorical",
            "categorical",
            "date",
            "boolean",
            "constant"
        ]
    );
    assert_eq!(columns[1]["min"], 0.0);
    assert_eq!(
        columns[5]["frequent"][0],
        serde_json::json!({ "value": "no", "count": 3 })
    );
    assert_eq!(
        (&columns[2]["distinct"], &columns[2]["missing"]),
        (&6.into(), &0.into())
    );
    let text = folder.ok("inspect people.csv").stdout;
    for words in [
        "people.csv: 6 rows, 7 columns, delimiter ';', UTF-8 column kind",
        "dates, day first",
        "all values are `x`",
        "constant columns, from which nothing can be learned: `site`",
        "dropped `id`: it numbers the rows",
        "`price` is read as text: `n/k` in line 6 is not a number; if it marks a missing value, add `--missing n/k`",
        "`zip` is read as text: `01230` in line 2 starts with 0",
        "next: rosenblatt train people.csv --target COLUMN",
    ] {
        assert!(flat(&text).contains(words), "{words}: {text}");
    }
}

#[test]
fn what_is_unusual_in_a_table_is_a_warning() {
    let folder = Sandbox::new();
    folder.write("odd.csv", "5.1,x\r\n4,a\n\n4,a\n3,b\n");
    let json = folder.json("inspect odd.csv");
    let expected = [
        "the name of a column is a number, `5.1`: is the first line a header? `--header none` reads it as a row, `--columns` names the columns",
        "1 duplicate row, equal in every column",
        "some lines end in CRLF (1), others in LF (4)",
        "1 blank line is skipped",
    ];
    let warnings = json["warnings"].as_array().unwrap();
    let messages: Vec<&str> = warnings
        .iter()
        .map(|warning| warning["message"].as_str().unwrap())
        .collect();
    assert_eq!(messages, expected);
    let set = folder.json("inspect penguins");
    assert_eq!((&set["rows"], &set["data"]), (&344.into(), &"penguins".into()));
    folder.write("cut.csv", "a,b\n1,\"2\n");
    let error = folder.fails(1, "inspect cut.csv");
    assert!(
        error.starts_with("error: cut.csv:2:2: a quote opened here is never closed\nhint: "),
        "{error}"
    );
    assert!(
        folder
            .fails(2, "inspect cut.csv --plan")
            .contains("--plan: a table has no training step")
    );
    assert!(
        folder
            .fails(1, "inspect none.csv")
            .contains("none.csv: there is no such file")
    );
}

#[test]
fn a_table_is_read_as_the_flags_say() {
    let folder = Sandbox::new();
    folder.write("t.csv", "a|code|y\n1|10|x\n-9|20|z\n3|10|x\n");
    let plain = folder.ok("inspect t.csv --delimiter |").stdout;
    assert!(plain.contains("3 rows, 3 columns, delimiter '|'"), "{plain}");
    let json = folder.json("inspect t.csv --delimiter | --missing -9 --categorical code");
    assert_eq!(
        (&json["columns"][0]["missing"], &json["columns"][0]["min"]),
        (&1.into(), &1.0.into())
    );
    assert_eq!(json["columns"][1]["kind"], "categorical");
    let error = folder.fails(2, "inspect t.csv --delimiter | --categorical cod");
    assert!(
        error.contains("--categorical: ") && error.contains("no column `cod`"),
        "{error}"
    );
    let error = folder.fails(2, "inspect t.csv --delimiter ||");
    assert!(error.contains("--delimiter: expected one character"), "{error}");
    folder.write("dashes.csv", "day,y\n2024-01-01,1\n--,2\n2024-01-03,3\n");
    let text = folder.ok("inspect dashes.csv").stdout;
    assert!(
        flat(&text).contains("line 3 is not a date; if it marks a missing value, add `--missing=--`"),
        "{text}"
    );
    assert_eq!(
        folder.json("inspect dashes.csv --missing=--")["columns"][0]["kind"],
        "date"
    );
    folder.write("run.toml", "[data]\nsource = 'iris'\n");
    let error = folder.fails(2, "inspect run.toml --missing x");
    assert!(error.contains("--missing: says how to read a table"), "{error}");
}

#[test]
fn several_files_and_a_folder_of_them_are_one_table() {
    let folder = Sandbox::new();
    std::fs::create_dir(folder.path("months")).unwrap();
    folder.write("months/may.csv", "day,rain\n1,0.5\n2,7\n");
    folder.write("months/june.csv", "rain,day\n3,1\n\ndry,2\n");
    let text = folder.ok("inspect months/may.csv months/june.csv").stdout;
    for words in [
        "months/may.csv, months/june.csv: 4 rows, 2 columns",
        "`dry` in line 4 of months/june.csv is not a number",
        "next: rosenblatt train months/may.csv months/june.csv --target COLUMN",
    ] {
        assert!(flat(&text).contains(words), "{words}: {text}");
    }
    let json = folder.json("inspect months/may.csv months/june.csv");
    assert_eq!(
        (&json["data"], &json["more"][0]),
        (&"months/may.csv".into(), &"months/june.csv".into())
    );
    let json = folder.json("inspect months");
    assert_eq!((&json["rows"], &json["data"]), (&4.into(), &"months".into()));
    folder.ok("train iris --preset plain --hidden 4 --epochs 1 --quiet");
    for (command, words) in [
        (
            "inspect iris.safetensors months/may.csv",
            "months/may.csv: expected a table before further files",
        ),
        (
            "inspect iris months/may.csv",
            "expected a file before further files, got `iris`",
        ),
    ] {
        let error = folder.fails(2, command);
        assert!(error.contains(words), "{command}: {error}");
    }
    std::fs::create_dir(folder.path("empty")).unwrap();
    let error = folder.fails(1, "inspect empty");
    assert!(error.contains("empty: there are neither tables nor images"), "{error}");
}

#[test]
fn a_folder_of_images_tells_how_many_there_are() {
    let folder = Sandbox::new();
    std::fs::create_dir(folder.path("digits")).unwrap();
    let write =
        |name: &str, header: &[u8], bytes: &[u8]| folder.write(&format!("digits/{name}"), [header, bytes].concat());
    write(
        "train-images-idx3-ubyte",
        &[0, 0, 8, 3, 0, 0, 0, 3, 0, 0, 0, 2, 0, 0, 0, 1],
        &[9; 6],
    );
    write("train-labels-idx1-ubyte", &[0, 0, 8, 1, 0, 0, 0, 3], &[0, 2, 2]);
    let text = folder.ok("inspect digits").stdout;
    assert!(
        text.starts_with("digits: 3 training images, 2 x 1 pixels, 3 labels\n"),
        "{text}"
    );
    assert!(
        text.ends_with("\n  2      2\nnext: rosenblatt train digits\n"),
        "{text}"
    );
    write(
        "t10k-images-idx3-ubyte",
        &[0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0, 0, 1],
        &[9; 2],
    );
    write("t10k-labels-idx1-ubyte", &[0, 0, 8, 1, 0, 0, 0, 1], &[1]);
    let json = folder.json("inspect digits");
    assert_eq!(json["shape"], serde_json::json!([2, 1]));
    assert_eq!(json["train"], serde_json::json!({ "rows": 3, "per_class": [1, 0, 2] }));
    assert_eq!(json["test"], serde_json::json!({ "rows": 1, "per_class": [0, 1, 0] }));
    let error = folder.fails(2, "inspect digits --missing x");
    assert!(error.contains("--missing: says how to read a table"), "{error}");
    let error = folder.fails(2, "inspect digits --plan");
    assert!(error.contains("--plan: "), "{error}");
}
