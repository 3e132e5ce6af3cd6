//! `docs/catalogue.toml` is complete, its commands run, and `docs/catalogue.md` and the tests of its Rust lines are made of it.
//!
//! An activation, a loss, an optimizer, a schedule or an initializer without a row gets one of its kind.
//!
//! `UPDATE_DOCS=1 cargo test -p rosenblatt-cli --test all catalogue` writes them anew.

mod registries;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use serde::Deserialize;

use crate::common::Sandbox;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Catalogue {
    kinds: BTreeMap<String, Kind>,
    section: Vec<Section>,
    scikit_learn: BTreeMap<String, String>,
}

/// What the entries of a registry have in common.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Kind {
    folder: String,
    oracle: String,
    run: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Section {
    title: String,
    rows: Vec<Row>,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    what: Option<String>,
    entry: Option<String>,
    r#where: Option<String>,
    reference: Option<String>,
    oracle: Option<String>,
    run: Option<String>,
    rust: Option<String>,
    example: Option<String>,
    shows: Option<String>,
    later: Option<String>,
}

/// How one tries it.
enum Try<'a> {
    Command(String),
    Rust(&'a str),
    Example(&'a str),
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

fn catalogue() -> Catalogue {
    let written: Catalogue = toml::from_str(&read("docs/catalogue.toml")).unwrap();
    written.with_rows_of_registries()
}

impl Catalogue {
    fn rows(&self) -> impl Iterator<Item = &Row> {
        self.section.iter().flat_map(|section| &section.rows)
    }

    fn kind(&self, row: &Row) -> Option<&Kind> {
        let entry = row.entry.as_ref()?;
        Some(
            self.kinds
                .get(entry)
                .unwrap_or_else(|| panic!("{}: kind {entry}", row.id)),
        )
    }

    /// How one tries what a row names.
    fn how<'a>(&self, row: &'a Row) -> Option<Try<'a>> {
        let command = |run: &String| Try::Command(run.replace("{id}", &row.id));
        match (&row.run, &row.rust, &row.example) {
            (Some(run), None, None) => Some(command(run)),
            (None, Some(rust), None) => Some(Try::Rust(rust)),
            (None, None, Some(example)) => Some(Try::Example(example)),
            (None, None, None) => self.kind(row)?.run.as_ref().map(command),
            _ => panic!("{}: more than one way to try it", row.id),
        }
    }

    /// The file that holds it.
    fn place(&self, row: &Row) -> Option<String> {
        if row.r#where.is_some() {
            return row.r#where.clone();
        }
        let folder = &self.kind(row)?.folder;
        let own = format!("{folder}/{}.rs", row.id);
        if root().join(&own).exists() {
            return Some(own);
        }
        let named = format!("\"{}\"", row.id);
        let mut files: Vec<_> = fs::read_dir(root().join(folder))
            .unwrap()
            .map(|file| file.unwrap().file_name())
            .collect();
        files.sort();
        let paths = files.iter().map(|file| format!("{folder}/{}", file.to_str().unwrap()));
        paths
            .filter(|path| path.ends_with(".rs"))
            .find(|path| read(path).contains(&named))
    }

    /// The source: the row's, or the one that the documentation of its file names.
    fn reference(&self, row: &Row) -> Option<String> {
        if row.reference.is_some() || row.entry.is_none() {
            return row.reference.clone();
        }
        let text = read(&self.place(row)?);
        let named = text.find(&format!("\"{}\"", row.id)).unwrap_or(text.len());
        let start = text[..named].rfind("# Reference")?;
        let lines = text[start..]
            .lines()
            .skip(1)
            .map(|line| line.trim().trim_start_matches("///").trim());
        let lines: Vec<_> = lines
            .take_while(|line| !line.is_empty() && !line.starts_with("#["))
            .collect();
        Some(lines.join(" "))
    }

    fn oracle<'a>(&'a self, row: &'a Row) -> Option<&'a str> {
        row.oracle.as_deref().or_else(|| Some(&*self.kind(row)?.oracle))
    }
}

/// The page.
fn page(all: &Catalogue) -> String {
    let mut page = "# Catalogue\n\nEverything there is, from the neuron to real data, and what is to come. Written from `catalogue.toml` and the \
        registries; a test runs every command and every line of Rust.\n"
        .to_owned();
    for section in &all.section {
        write!(
            page,
            "\n## {}\n\n| what | where | reference | tested against | try it |\n|---|---|---|---|---|\n",
            section.title
        )
        .unwrap();
        section.rows.iter().for_each(|row| page.push_str(&line(all, row)));
        for row in section.rows.iter().filter(|row| row.rust.is_some()) {
            write!(
                page,
                "\n`{}` in Rust:\n\n```rust,ignore\n{}\n```\n",
                row.id,
                row.rust.as_ref().unwrap()
            )
            .unwrap();
        }
    }
    page.push_str(
        "\n## The parameters of scikit-learn's `MLPClassifier` and `MLPRegressor`\n\n| there | here |\n|---|---|\n",
    );
    for (parameter, here) in &all.scikit_learn {
        writeln!(page, "| `{parameter}` | {here} |").unwrap();
    }
    page
}

fn line(all: &Catalogue, row: &Row) -> String {
    let name = row.what.clone().unwrap_or_else(|| format!("`{}`", row.id));
    let what = row
        .shows
        .as_ref()
        .map_or(name.clone(), |shows| format!("{name}: {shows}"));
    if let Some(later) = &row.later {
        return format!("| {what} | | | | later: {later} |\n");
    }
    let place = all.place(row).unwrap_or_else(|| panic!("{}: no file", row.id));
    let file = place.rsplit('/').next().unwrap();
    let reference = all.reference(row).unwrap_or_default();
    let oracle = all.oracle(row).unwrap_or_else(|| panic!("{}: no oracle", row.id));
    let how = match all.how(row).unwrap_or_else(|| panic!("{}: no way to try it", row.id)) {
        Try::Command(command) => format!("`rosenblatt {command}`"),
        Try::Rust(_) => "below".to_owned(),
        Try::Example(example) => format!("`cargo run --example {example}`"),
    };
    let cells = [
        what,
        format!("[`{file}`](../{place})"),
        reference,
        oracle.to_owned(),
        how,
    ];
    format!("| {} |\n", cells.map(|cell| cell.replace('|', "\\|")).join(" | "))
}

/// Tests of the lines of Rust.
fn rust_tests(all: &Catalogue) -> String {
    let mut text = "//! The lines of Rust of `docs/catalogue.toml`, written from there: see `catalogue.rs` in the tests of `rosenblatt-cli`.\n\
        #![allow(unused_imports, unused_variables, reason = \"lines that stand for themselves\")]\n\n\
        use rosenblatt::autodiff::*;\nuse rosenblatt::prelude::*;\n"
        .to_owned();
    for row in all.rows().filter(|row| row.later.is_none()) {
        if let Some(Try::Rust(rust)) = all.how(row) {
            let lines = rust
                .lines()
                .fold(String::new(), |lines, line| lines + "    " + line + "\n");
            write!(
                text,
                "\n#[rustfmt::skip]\n#[test]\nfn line_of_{}() -> Result<()> {{\n{lines}    Ok(())\n}}\n",
                row.id
            )
            .unwrap();
        }
    }
    text
}

#[track_caller]
fn is_up_to_date(path: &str, text: &str) {
    if std::env::var_os("UPDATE_DOCS").is_some() {
        fs::write(root().join(path), text).unwrap();
    }
    assert!(
        fs::read_to_string(root().join(path)).unwrap_or_default() == text,
        "{path} is not what the catalogue says: see the head of this file"
    );
}

#[test]
fn the_page_and_the_tests_of_its_lines_are_up_to_date() {
    let all = catalogue();
    is_up_to_date("docs/catalogue.md", &page(&all));
    is_up_to_date("crates/rosenblatt/tests/catalogue/mod.rs", &rust_tests(&all));
}

#[test]
fn every_row_is_complete() {
    let all = catalogue();
    let mut ids = BTreeSet::new();
    let examples = read("crates/rosenblatt/tests/examples.rs");
    for row in all.rows() {
        assert!(ids.insert(&row.id), "{} is there twice", row.id);
        assert!(row.what.is_some() || row.entry.is_some(), "{}", row.id);
        if row.later.is_some() {
            continue;
        }
        let place = all.place(row).unwrap_or_else(|| panic!("{}: no file", row.id));
        assert!(root().join(&place).exists(), "{}: {place} is not there", row.id);
        assert!(
            row.entry.is_none() || all.reference(row).is_some(),
            "{}: no reference in {place}",
            row.id
        );
        assert!(all.oracle(row).is_some_and(|oracle| !oracle.is_empty()), "{}", row.id);
        match all.how(row) {
            Some(Try::Rust(rust)) => assert!(rust.lines().count() <= 5, "{}", row.id),
            Some(Try::Example(example)) => assert!(examples.contains(&format!("examples/{example}.rs")), "{example}"),
            Some(Try::Command(_)) => {}
            None => panic!("{}: no way to try it", row.id),
        }
    }
}

/// Runs the commands of a section.
fn run(section: usize) {
    let (all, sandbox) = (catalogue(), Sandbox::new());
    let rows = all.section[section - 1].rows.iter().filter(|row| row.later.is_none());
    let mut done = BTreeSet::new();
    for row in rows {
        let Some(Try::Command(command)) = all.how(row) else {
            continue;
        };
        if done.insert(command.clone()) {
            let output = if command.starts_with("train ") {
                format!(" -o {} --quiet", row.id)
            } else {
                String::new()
            };
            sandbox.ok(&(command + &output));
        }
    }
}

macro_rules! sections {
    ($($name:ident = $number:literal;)*) => {
        /// A test for each section.
        mod commands {
            $(
                #[test]
                fn $name() {
                    super::run($number);
                }
            )*

            #[test]
            fn every_section_is_run() {
                assert_eq!(super::catalogue().section.len(), [$($number),*].len());
            }
        }
    };
}
sections! {
    perceptron = 1;
    networks = 2;
    activations = 3;
    losses = 4;
    optimizers = 5;
    derivatives = 6;
    initialization = 7;
    normalization = 8;
    regularization = 9;
    diagnosis = 10;
    real_data = 11;
    convolutional = 12;
}

/// The parameters of scikit-learn 1.9.
const SCIKIT_LEARN: [&str; 24] = [
    "activation",
    "alpha",
    "batch_size",
    "beta_1",
    "beta_2",
    "early_stopping",
    "epsilon",
    "hidden_layer_sizes",
    "learning_rate",
    "learning_rate_init",
    "loss",
    "max_fun",
    "max_iter",
    "momentum",
    "n_iter_no_change",
    "nesterovs_momentum",
    "power_t",
    "random_state",
    "shuffle",
    "solver",
    "tol",
    "validation_fraction",
    "verbose",
    "warm_start",
];

#[test]
fn every_parameter_of_scikit_learn_has_a_counterpart_that_exists() {
    let all = catalogue();
    assert_eq!(
        all.scikit_learn.keys().map(String::as_str).collect::<Vec<_>>(),
        SCIKIT_LEARN
    );
    let sandbox = Sandbox::new();
    for (parameter, here) in &all.scikit_learn {
        let commands = here
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|word| word.starts_with("--") && *word != "--quiet");
        for (i, flags) in commands.enumerate() {
            let usual = ["--valid-fraction 0.1", "--hidden 4", "--epochs 1"];
            let usual = usual
                .into_iter()
                .filter(|usual| !flags.starts_with(usual.split(' ').next().unwrap()));
            let usual: Vec<_> = usual.collect();
            let data = if parameter == "loss" { "diabetes" } else { "iris" };
            sandbox.ok(&format!(
                "train {data} --preset plain {} {flags} --quiet -o {parameter}{i}",
                usual.join(" ")
            ));
        }
    }
}
