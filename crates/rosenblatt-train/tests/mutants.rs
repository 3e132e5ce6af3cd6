//! Damaged run files and models: read, or refused with file and place; never a panic, never much memory. How long one may
//! take is checked by `cargo xtask prove mutants`. A binary of its own, since memory is measured for the whole process.
#![cfg(test)]

mod common;

use std::fs;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use common::{Job, alone};
use rosenblatt_data::{Purpose, apply};
use rosenblatt_tensor::{Error, ErrorKind};
use rosenblatt_testkit::{ModelParts, PeakAllocator, Random, mutant, mutant_seeds, peak_bytes, sealed};
use rosenblatt_train::{CheckpointOptions, Every, Model, PlanFigures, Predictor, RunOptions, Spec};
use serde_json::{Value, json};

#[global_allocator]
static ALLOCATOR: PeakAllocator = PeakAllocator;

/// Memory is that of all threads, so one test at a time may look at it.
static ALONE: Mutex<()> = Mutex::new(());

/// Memory for any file, besides four times its length.
const SLACK: usize = 16 << 20;
/// The name of every file, as messages begin.
const NAME: &str = "file.safetensors";

/// Whether a file is read, within its memory; a refusal names it and a place.
fn check_outcome<T>(seed: u64, path: &Path, length: usize, read: impl FnOnce() -> Result<T, Error>) -> Option<T> {
    let (outcome, memory) = peak_bytes(read);
    assert!(memory <= 4 * length + SLACK, "seed {seed}: {memory} bytes for {length}");
    outcome.map_err(|error| assert_has_place(seed, path, &error)).ok()
}

fn assert_has_place(seed: u64, path: &Path, error: &Error) {
    const PLACES: [&str; 11] = [
        "byte ",
        "header: ",
        "line ",
        "TOML parse error at line ",
        "`layers.",
        "`best.layers.",
        "`optimizer.",
        "model",
        "train",
        "data",
        "unknown key `",
    ];
    let kinds = [ErrorKind::Data, ErrorKind::Config, ErrorKind::Unsupported];
    let text = error.to_string();
    assert!(kinds.contains(&error.kind()), "seed {seed}: {error:?}");
    let name = format!("{}: ", path.display());
    let Some(rest) = text.strip_prefix(&name) else {
        panic!("seed {seed}: {text}");
    };
    assert!(
        PLACES.iter().any(|place| rest.starts_with(place)),
        "seed {seed}: {text}"
    );
    assert!(text.len() < 2000, "seed {seed}: {} bytes of message", text.len());
}

/// One value somewhere in a document is another one, or gone, or there many times.
fn other_value(document: &Value, random: &mut Random) -> Value {
    let mut changed = document.clone();
    change(&mut changed, random);
    changed
}

fn change(value: &mut Value, random: &mut Random) {
    let deeper = random.below(8) > 0;
    match value {
        Value::Object(table) if deeper && !table.is_empty() => {
            let key = table.keys().nth(random.below(table.len())).unwrap().clone();
            if random.below(12) == 0 {
                table.remove(&key);
            } else {
                change(&mut table[&key], random);
            }
        }
        Value::Array(items) if deeper && !items.is_empty() => {
            let at = random.below(items.len());
            if random.below(6) == 0 {
                let twin = items[at].clone();
                items.resize(items.len() + 1 + random.below(300), twin);
            } else {
                change(&mut items[at], random);
            }
        }
        value => *value = edge(random),
    }
}

/// A value at the edge of what a reader reckons with.
fn edge(random: &mut Random) -> Value {
    let values = [
        Value::Null,
        json!(true),
        json!(0),
        json!(1),
        json!(-1),
        json!(2),
        json!(1e308),
        json!(-1e-308),
        json!(0.5),
        json!(u64::MAX),
        json!(i64::MIN),
        json!(1u64 << 32),
        json!(1u64 << 62),
        json!(1_000_000),
        json!(""),
        json!("a"),
        json!("relu"),
        json!("\u{0}\u{202e}🦀"),
        json!("x".repeat(5000)),
        json!([]),
        json!([0, 0]),
        json!([u64::MAX, u64::MAX]),
        json!(["a", "a"]),
        json!({}),
        json!({ "linear": { "out_features": u64::MAX } }),
        json!({ "a": { "b": { "c": [[[[1]]]] } } }),
    ];
    random.pick(&values).clone()
}

const RUN_FILE: &str = r#"
# A run
[data]
source = "penguins"
target = "species"
drop = ["id", "note"]
missing = ["-9"]
delimiter = ";"
valid_fraction = 0.2

[data.columns]
year = "categorical"

[model]
layers = [
  { linear = { out_features = 16 } },
  "gelu",
  { dropout = { p = 0.1 } },
  { leaky_relu = { slope = 0.01 } },
]
init = "he_normal"

[train]
loss = "cross_entropy"
optimizer = { adamw = { weight_decay = 0.01, beta1 = 0.8 } }
schedule = { cosine = { warmup = 0.05 } }
learning_rate = 1e-3
clip_norm = 1.0
epochs = 50
batch_size = 256
early_stopping = { patience = 10 }
seed = 3
"#;

fn run_file(seed: u64) -> Vec<u8> {
    if seed.is_multiple_of(2) {
        return mutant(RUN_FILE.as_bytes(), seed);
    }
    let document: Value = toml::from_str(RUN_FILE).unwrap();
    let changed = other_value(&document, &mut Random::new(seed));
    let text = toml::to_string(&changed);
    // TOML has no null and no number beyond 2⁶³: such a change is written as a text.
    text.unwrap_or_else(|error| format!("x = \"{error}\"")).into_bytes()
}

#[test]
fn run_files() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("run.toml");
    let (mut read, mut refused) = (0, 0);
    for seed in mutant_seeds() {
        let bytes = run_file(seed);
        fs::write(&path, &bytes).unwrap();
        let Some(spec) = check_outcome(seed, &path, bytes.len(), || Spec::load(&path)) else {
            refused += 1;
            continue;
        };
        // What is read can be written, and is the same again.
        if let Ok(text) = spec.to_toml() {
            assert_eq!(Spec::from_toml(&text).unwrap(), spec, "seed {seed}");
        }
        read += 1;
    }
    println!("cases: run file mutants read {read}");
    println!("cases: run file mutants refused {refused}");
}

fn model_mutant(original: &[u8], parts: &ModelParts, seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed ^ 0xabcd);
    match seed % 8 {
        0 => mutant(original, seed),
        1 => sealed(&mutant(parts.header.to_string().as_bytes(), seed), &parts.data),
        2 => {
            let changed = other_value(&parts.header, &mut random);
            sealed(changed.to_string().as_bytes(), &parts.data)
        }
        3 => {
            let about = mutant(parts.document.to_string().as_bytes(), seed);
            parts.with_document(&String::from_utf8_lossy(&about))
        }
        4 => sealed(parts.header.to_string().as_bytes(), &mutant(&parts.data, seed)),
        5 => {
            // A number of a tensor is another one, often NaN.
            let mut data = parts.data.clone();
            let (words, _) = data.as_chunks_mut::<4>();
            let at = random.below(words.len());
            words[at] = random
                .pick(&[f32::NAN, f32::INFINITY, -0.0, 1e-45, 3e38, -3e38])
                .to_le_bytes();
            sealed(parts.header.to_string().as_bytes(), &data)
        }
        _ => parts.with_document(&other_value(&parts.document, &mut random).to_string()),
    }
}

/// A model and a checkpoint of the same run.
fn originals(job: &Job) -> [Vec<u8>; 2] {
    let folder = tempfile::tempdir().unwrap();
    let options = checkpointed(folder.path());
    let model = job.train(&options).unwrap().model.to_bytes().unwrap();
    let files = fs::read_dir(folder.path().join("model.checkpoint")).unwrap();
    let newest = files.map(|entry| entry.unwrap().path()).max().unwrap();
    [model, fs::read(newest).unwrap()]
}

fn checkpointed(folder: &Path) -> RunOptions {
    let checkpoint = CheckpointOptions {
        every: Every::Steps(17),
        ..CheckpointOptions::next_to(&folder.join("model"))
    };
    RunOptions {
        checkpoint: Some(checkpoint),
        ..alone()
    }
}

#[test]
fn models() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let job = Job::with_everything();
    let originals = originals(&job);
    let parts = originals.each_ref().map(|bytes| ModelParts::of(bytes));
    let folder = tempfile::tempdir().unwrap();
    let (path, rows) = (folder.path().join(NAME), folder.path().join("rows.csv"));
    fs::write(
        &rows,
        "sepal_length,sepal_width,petal_length,petal_width\n5.1,,1.4,0.2\n6,3,4,1e9\n",
    )
    .unwrap();
    let (mut read, mut refused, mut used) = (0, 0, 0);
    for seed in mutant_seeds() {
        let which = usize::from(seed / 8 % 4 == 0);
        let bytes = model_mutant(&originals[which], &parts[which], seed);
        fs::write(&path, &bytes).unwrap();
        let Some(model) = check_outcome(seed, &path, bytes.len(), || Model::load(&path)) else {
            refused += 1;
            continue;
        };
        read += 1;
        used += usize::from(use_model(&model, &rows));
        if which == 1 {
            resume(&job, &bytes);
        }
    }
    println!("cases: model mutants read {read}");
    println!("cases: model mutants refused {refused}");
    println!("cases: model mutants used {used}");
}

/// Whatever can be done with a model ends, with numbers or with an error.
fn use_model(model: &Model, rows: &Path) -> bool {
    let about = model.table().unwrap();
    let predicted = Predictor::new(model, &alone()).and_then(|mut predictor| {
        let rows = apply(
            &about.schema,
            &about.preprocessing,
            rows.to_str().unwrap(),
            Purpose::Predict,
        )?;
        predictor.predict(&rows.dataset)
    });
    let planned = PlanFigures::of(model, &alone());
    predicted.is_ok() && planned.is_ok()
}

/// A damaged checkpoint with a right checksum: the run goes on, or says why not.
fn resume(job: &Job, bytes: &[u8]) {
    let folder = tempfile::tempdir().unwrap();
    let options = checkpointed(folder.path());
    let place = folder.path().join("model.checkpoint");
    fs::create_dir(&place).unwrap();
    fs::write(place.join("step-000000000001.safetensors"), bytes).unwrap();
    if let Err(error) = job.train(&RunOptions {
        resume: true,
        ..options
    }) {
        assert_ne!(error.kind(), ErrorKind::Internal, "{error}");
    }
}

/// The worst headers take many times their length in memory; those of more than a million parts are not even begun.
#[test]
fn a_header_of_too_many_parts_is_refused_and_one_just_below_stays_small() {
    let _alone = ALONE.lock().unwrap_or_else(PoisonError::into_inner);
    let outside = |parts: usize| {
        let zeros = vec!["0"; parts].join(",");
        let header = format!(r#"{{"__metadata__":{{"rosenblatt":"{{\"checksum\":\"00000000\"}}"}},"a":[{zeros}]}}"#);
        sealed(header.as_bytes(), &[])
    };
    let inside = |parts: usize| {
        let layers = vec![r#"\"relu\""#; parts].join(",");
        let about = format!(
            r#"{{\"checksum\":\"00000000\",\"format\":2,\"library\":\"\",\"sections\":{{\"table\":{{\"spec\":{{\"model\":{{\"layers\":[{layers}]}}}}}}}}}}"#
        );
        sealed(
            format!(r#"{{"__metadata__":{{"rosenblatt":"{about}"}}}}"#).as_bytes(),
            &[],
        )
    };
    for (parts, most) in [(1_200_000, 0), (900_000, 1 << 29)] {
        for bytes in [outside(parts), inside(parts)] {
            let (outcome, memory) = peak_bytes(|| Model::from_bytes(&bytes));
            let error = outcome.unwrap_err();
            assert!(error.to_string().starts_with("header: "), "{error}");
            assert!(memory <= most.max(4 * bytes.len() + SLACK), "{memory}: {error}");
        }
    }
}
