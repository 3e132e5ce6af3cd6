//! `--report`: the page, where it goes, and what it must not hold.

use crate::common;

use common::{Sandbox, flowers};

fn page(folder: &Sandbox, name: &str) -> String {
    String::from_utf8(folder.read(name)).unwrap()
}

#[test]
fn the_page_of_a_named_set_has_all_its_parts() {
    let folder = Sandbox::new();
    let trained = folder.ok("train penguins --report page.html");
    assert!(trained.stdout.contains("report: page.html"), "{}", trained.stdout);
    let html = page(&folder, "page.html");
    for part in [
        "This model predicts <code>species</code> from 7 other columns. On 69 test rows, not used in training, its accuracy is",
        "the most frequent class",
        "Model quality",
        "baseline (class frequencies)",
        "Confusion matrix",
        "Metrics by class",
        "expected calibration error",
        "Permutation importance",
        "accuracy drop",
        "was shuffled among 69 rows",
        "220 training rows",
        "all values are numeric",
        "2 missing",
        "Data warnings",
        "best epoch",
        "Settings",
        "; GELU: smooth, works well on tables",
        "[train]",
        "rosenblatt predict penguins.safetensors penguins",
    ] {
        assert!(html.contains(part), "{part}: {html}");
    }
    assert_eq!(html.matches("<svg").count(), 3);
    let folder_of_run = folder.path("").display().to_string();
    assert!(
        !html.contains(folder_of_run.trim_end_matches('/')),
        "a path no one typed"
    );
}

#[test]
fn the_page_of_a_regression_shows_numbers() {
    let folder = Sandbox::new();
    let json = folder.json("train diabetes --report page.html --epochs 5");
    assert_eq!(json["report"], "page.html");
    let html = page(&folder, "page.html");
    for part in [
        "root mean squared error",
        "baseline (mean)",
        "median absolute error",
        "predicted − true",
        "share of variance explained",
        "model.scale_target",
    ] {
        assert!(html.contains(part), "{part}");
    }
    assert_eq!(html.matches("<svg").count(), 4);
}

#[test]
fn the_same_training_gives_the_same_page() {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(300));
    let command = "train flowers.csv --target kind -o m.safetensors --epochs 10 --force --report";
    folder.ok(&format!("{command} a.html"));
    folder.ok(&format!("{command} b.html --threads 1 --isa portable --quiet"));
    assert!(page(&folder, "a.html") == page(&folder, "b.html"));
    assert!(page(&folder, "a.html").contains("dropped: it numbers the rows"));
    folder.ok(&format!("{command} c.html --seed 1"));
    assert!(page(&folder, "a.html") != page(&folder, "c.html"));
}

#[test]
fn a_page_that_exists_is_refused_before_training() {
    let folder = Sandbox::new();
    folder.write("page.html", "mine");
    let error = folder.fails(2, "train penguins --epochs 1 --report page.html");
    assert!(
        error.contains("--report: page.html: exists already") && error.contains("--force"),
        "{error}"
    );
    assert_eq!(page(&folder, "page.html"), "mine");
    assert!(!folder.exists("penguins.safetensors"));
    folder.ok("train penguins --epochs 1 --report page.html --force");
    assert!(page(&folder, "page.html").starts_with("<!doctype html>"));

    for command in [
        "-o x --report x",
        "--plot x --report x",
        "--report penguins-2.safetensors",
    ] {
        let error = folder.fails(2, &format!("train penguins --epochs 1 {command}"));
        assert!(
            error.contains("is another output of this command"),
            "{command}: {error}"
        );
    }
    let error = folder.fails(2, "train penguins --epochs 1 --report missing/page.html");
    assert!(error.contains("there is no folder `missing`"), "{error}");
}

#[test]
fn names_in_a_file_stay_names() {
    let folder = Sandbox::new();
    let class = |row: usize| ["<b>bold</b>", "größer & größer"][usize::from(row % 5 > 2)];
    let rows = (0..120).map(|row| format!("{},{}.5,{}\n", row % 5, row % 7, class(row)));
    let header = "<script>alert(1)</script>,身長,\"a\"\"b\"\n";
    folder.write("names.csv", format!("{header}{}", rows.collect::<String>()));
    let ran = folder.run_with("train names.csv --epochs 2 --report page.html --target", ["a\"b"]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let html = page(&folder, "page.html");
    assert!(!html.contains("<script") && !html.contains("<b>"));
    for name in [
        "&lt;script&gt;alert(1)&lt;/script&gt;",
        "身長",
        "a&quot;b",
        "&lt;b&gt;bold",
        "größer &amp; größer",
    ] {
        assert!(html.contains(name), "{name}");
    }
}

#[test]
fn standard_input_and_a_run_file_make_a_page_too() {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(100));
    folder.write(
        "run.toml",
        "[data]\nsource = \"flowers.csv\"\ntarget = \"kind\"\n[train]\nepochs = 2\n",
    );
    folder.ok("train --config run.toml --report page.html");
    let html = page(&folder, "page.html");
    assert!(
        html.contains("No rows were held out") && html.contains("where it came from (run file)"),
        "{html}"
    );

    let mut command = folder.command("train - --target kind --epochs 2 -o in.safetensors --report in.html");
    let table = std::fs::File::open(folder.path("flowers.csv")).unwrap();
    let ran = common::ran(command.stdin(table).output().unwrap());
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    let html = page(&folder, "in.html");
    assert!(html.contains("NEW.csv") && html.contains("tulip"), "{html}");
}

#[test]
fn evaluate_makes_a_page_of_new_rows() {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(300));
    folder.write("new.csv", flowers(80));
    folder.ok("train flowers.csv --target kind -o m.safetensors --epochs 10");
    let ran = folder.ok("evaluate m.safetensors new.csv --report new.html");
    assert!(
        ran.stdout.contains("report") && ran.stdout.contains("new.html"),
        "{}",
        ran.stdout
    );
    let html = page(&folder, "new.html");
    assert!(html.contains("On 80 rows of <code>new.csv</code>") && !html.contains("best epoch"));
    assert!(html.contains("missing values"), "what was warned of");
    assert!(
        folder
            .fails(2, "evaluate m.safetensors new.csv --report new.html")
            .contains("exists already")
    );
    let json = folder.json("evaluate m.safetensors new.csv --report new.html --force");
    assert_eq!((&json["rows"], &json["report"]), (&80.into(), &"new.html".into()));
}
