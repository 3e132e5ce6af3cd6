//! One table in many formats is one table.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Context, Proof};
use crate::program::{self, Program, example};
use crate::shell::{self, Outcome, root};

/// See the module.
pub static PROOF: Proof = Proof {
    name: "readers",
    claim: "One table in every format, packed, in several files, through a pipe and in memory gives one model and one set of predictions.",
    run,
};

/// The table as text and, by other programs, as spreadsheets.
const CASES: &str = "crates/rosenblatt-data/tests/cases";

/// What is trained, for all formats.
const RUN_FILE: &str = r#"
[data]
source = "comma.csv"
target = "label"
valid_fraction = 0.2
test_fraction = 0.2
[model]
layers = [{ linear = { out_features = 16 } }, "relu"]
[train]
optimizer = "adam"
learning_rate = 0.01
batch_size = 32
epochs = 8
seed = 3
"#;

/// How the program gets a table.
enum Way {
    /// Files, a folder or a pattern, in the folder of the formats.
    Names(&'static [&'static str]),
    /// Standard input.
    Pipe(&'static str),
    /// A pipe with a name.
    NamedPipe(&'static str),
}
use Way::{NamedPipe, Names, Pipe};

static WAYS: [(&str, Way); 23] = [
    ("CSV", Names(&["comma.csv"])),
    ("TSV", Names(&["tab.tsv"])),
    ("semicolons, decimal commas", Names(&["semicolon.csv"])),
    ("gzip", Names(&["packed.csv.gz"])),
    ("zstd", Names(&["packed.csv.zst"])),
    ("zip", Names(&["packed.zip"])),
    ("Parquet", Names(&["table.parquet"])),
    ("Arrow file", Names(&["file.arrow"])),
    ("Arrow stream", Names(&["stream.arrow"])),
    ("JSON", Names(&["records.json"])),
    ("JSON Lines", Names(&["lines.jsonl"])),
    ("xlsx", Names(&["towns.xlsx"])),
    ("ods", Names(&["towns.ods"])),
    ("ARFF", Names(&["table.arff"])),
    ("aligned columns", Names(&["aligned.txt"])),
    ("two files", Names(&["parts/1.csv", "parts/2.csv"])),
    ("a folder", Names(&["parts"])),
    ("a pattern", Names(&["parts/*.csv"])),
    ("a pipe, CSV", Pipe("comma.csv")),
    ("a pipe, gzip", Pipe("packed.csv.gz")),
    ("a pipe, Parquet", Pipe("table.parquet")),
    ("a named pipe, JSON Lines", NamedPipe("lines.jsonl")),
    ("a named pipe, xlsx", NamedPipe("towns.xlsx")),
];

fn run(context: &mut Context) -> Outcome {
    context.args.finish()?;
    let program = context.program()?;
    let run_file = context.scratch.join("run.toml");
    fs::write(&run_file, RUN_FILE)?;
    write_formats(&context.scratch.join("formats"))?;
    let (expected, rows) = in_memory(context, &run_file)?;
    context
        .report
        .note("in memory: hash of tensors and predictions", &expected);
    context.report.at_least("rows predicted", rows, 100);
    let mut same = 1;
    for (name, way) in &WAYS {
        let hash = by_program(context, &program, &run_file, way)?;
        context.report.same(name, &hash, &expected);
        same += usize::from(hash == expected);
    }
    let all = WAYS.len() + 1;
    context
        .report
        .line("with one hash", same, format!("= {all}"), same == all);
    Ok(())
}

/// Writes the table in all formats.
fn write_formats(folder: &Path) -> Outcome {
    fs::create_dir_all(folder)?;
    let cases = root().join(CASES);
    for name in ["towns.xlsx", "towns.ods"] {
        fs::copy(cases.join(name), folder.join(name))?;
    }
    let example = example("rosenblatt-data", "table_formats")?;
    shell::run(Command::new(example).arg(cases.join("towns.csv")).arg(folder))
}

/// The hash for a frame of columns in memory, and how many rows were predicted.
fn in_memory(context: &Context, run_file: &Path) -> Outcome<(String, usize)> {
    let model = context.scratch.join("memory.safetensors");
    let mut command = Command::new(example("rosenblatt-train", "frame_in_memory")?);
    let table = root().join(CASES).join("towns.csv");
    let printed = shell::capture(command.arg(table).arg(run_file).arg(&model))?;
    Ok((hash(&model, &printed)?, printed.lines().count()))
}

/// The hash for a table that the program reads in some way, to train and to predict.
fn by_program(context: &Context, program: &Program, run_file: &Path, way: &Way) -> Outcome<String> {
    let model = context.scratch.join("way.safetensors");
    program::remove(&model)?;
    let folder = context.scratch.join("formats");
    let mut train = program.command("train --quiet");
    train.arg("--config").arg(run_file).arg("-o").arg(&model);
    given(&mut train, &folder, way)?;
    let mut predict = program.command("predict --quiet");
    predict.arg(&model);
    let printed = given(&mut predict, &folder, way)?;
    // The header has the names of the classes.
    let rows = printed.split_once('\n').ok_or("no predictions")?.1;
    hash(&model, rows)
}

/// What a command prints that is given a table.
fn given(command: &mut Command, folder: &Path, way: &Way) -> Outcome<String> {
    match way {
        Names(names) => {
            // `predict` takes one name: a pattern has both files, too.
            let is_predicting = command.get_args().next().is_some_and(|word| word == "predict");
            let both = ["parts/*.csv"];
            let names = if is_predicting && names.len() > 1 {
                &both[..]
            } else {
                names
            };
            shell::capture(command.args(names.iter().map(|name| folder.join(name))))
        }
        Pipe(name) => {
            let bytes = fs::read(folder.join(name))?;
            let mut child = command.arg("-").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
            child.stdin.take().ok_or("no pipe")?.write_all(&bytes)?;
            let output = child.wait_with_output()?;
            match output.status.success() {
                true => Ok(String::from_utf8(output.stdout)?),
                false => Err(format!("{}: {}", shell::line(command), output.status).into()),
            }
        }
        NamedPipe(name) => {
            let (pipe, bytes) = (folder.join("pipe"), fs::read(folder.join(name))?);
            if !pipe.exists() {
                shell::run(Command::new("mkfifo").arg(&pipe))?;
            }
            let end = pipe.clone();
            // It waits until the program opens the other end.
            let writing = std::thread::spawn(move || fs::write(end, bytes));
            let printed = shell::capture(command.arg(&pipe))?;
            writing.join().map_err(|_| "the writer panicked")??;
            Ok(printed)
        }
    }
}

/// The hash of the tensors of a model and of the bits of predictions, a line for each row: a class, then numbers.
fn hash(model: &Path, predictions: &str) -> Outcome<String> {
    let mut hash = Sha256::new();
    let bytes = fs::read(model)?;
    let (length, rest) = bytes.split_first_chunk::<8>().ok_or("a short model file")?;
    let (header, data) = rest.split_at(usize::try_from(u64::from_le_bytes(*length))?);
    let mut header: Value = serde_json::from_slice(header)?;
    // What else is there says how the table was written.
    header.as_object_mut().ok_or("no header")?.remove("__metadata__");
    hash.update(header.to_string());
    hash.update(data);
    for row in predictions.lines() {
        let mut cells = row.split(',');
        hash.update(cells.next().unwrap_or_default());
        for number in cells {
            hash.update(number.parse::<f32>()?.to_bits().to_le_bytes());
        }
    }
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}
