//! The run file that `init-config` writes is the run that `train` does.

use crate::common;

use common::{Sandbox, flowers};

/// Trains with flags and with the run file made from them; the models are the same bytes.
fn same(folder: &Sandbox, arguments: &str) -> String {
    folder.ok(&format!("train {arguments} --quiet --force -o flags.safetensors"));
    let said = folder
        .ok(&format!("init-config {arguments} --force -o run.toml"))
        .stderr;
    assert!(said.contains("train --config run.toml"), "{said}");
    folder.ok("train --config run.toml --quiet --force -o file.safetensors");
    let same = folder.read("flags.safetensors") == folder.read("file.safetensors");
    let text = String::from_utf8(folder.read("run.toml")).unwrap();
    assert!(same, "{arguments}: another model\n{text}");
    text
}

#[test]
fn the_run_file_gives_the_same_model_byte_for_byte() {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(120).replace(',', ";"));
    let text = same(&folder, "penguins --epochs 3");
    assert!(text.contains("# Default here: `species`.\n# target =\n"), "{text}");
    assert!(text.contains("# Default here: `cross_entropy`.\n# loss =\n"), "{text}");
    assert!(
        !text.contains("Chosen by preset auto: epochs") && text.contains("\nepochs = 3\n"),
        "{text}"
    );
    let flags = "--delimiter ; --missing red --drop width --categorical length --test-fraction 0.1";
    let text = same(
        &folder,
        &format!("flowers.csv --target kind {flags} --epochs 2 --seed 12345678901"),
    );
    assert!(
        text.contains("\nseed = 12345678901\n") && text.contains("\ndelimiter = \";\"\n"),
        "{text}"
    );
    same(
        &folder,
        "diabetes --preset plain --hidden 6,5 --activation leaky_relu:0.07 --dropout 0.1 --loss huber:0.3 --lr 0.0123 \
         --optimizer sgd:momentum=0.9 --schedule cosine --warmup 0.1 --clip-norm 0.3 --init normal:0.011 --epochs 2 \
         --valid-fraction 0.15 --early-stopping 4 --weight-decay 1e-7",
    );
    same(
        &folder,
        "diabetes --set train.epochs=2 --set train.optimizer.adamw.beta2=0.99",
    );
}

#[test]
fn what_rules_chose_is_said_with_the_reason() {
    let folder = Sandbox::new();
    let text = folder.ok("init-config diabetes").stdout;
    let json = folder.json("init-config diabetes");
    let choices = json["choices"].as_array().unwrap();
    assert!(choices.len() > 8, "{choices:?}");
    let unwrapped = text.replace("\n# ", " ");
    for choice in choices {
        let reason = choice["reason"].as_str().unwrap();
        let chosen = format!(
            "Chosen by preset auto: {} {} ({reason}).",
            choice["key"].as_str().unwrap().replace('-', " "),
            choice["value"].as_str().unwrap()
        );
        assert!(unwrapped.contains(&chosen), "{chosen}\n{text}");
    }
    assert_eq!(json["spec"]["data"]["valid_fraction"], 0.2);
    assert!(
        !folder
            .ok("init-config diabetes --preset plain")
            .stdout
            .contains("Chosen by")
    );
}

#[test]
fn a_run_file_with_gaps_is_completed() {
    let folder = Sandbox::new();
    folder.write("short.toml", "[data]\nsource = 'iris'\n[train]\nepochs = 2\n");
    let text = folder.ok("init-config --config short.toml --set train.seed=3").stdout;
    assert!(text.contains("\nepochs = 2\n") && text.contains("\nseed = 3\n") && text.contains("\nbatch_size = 32\n"));
    assert!(!text.contains("Chosen by"), "{text}");
}

#[test]
fn a_file_that_exists_is_kept() {
    let folder = Sandbox::new();
    folder.write("run.toml", "mine");
    let error = folder.fails(2, "init-config iris -o run.toml");
    assert!(
        error.contains("run.toml: exists already") && error.contains("--force"),
        "{error}"
    );
    assert_eq!(folder.read("run.toml"), b"mine");
    folder.ok("init-config iris -o run.toml --force");
    assert_ne!(folder.read("run.toml"), b"mine");
    assert!(
        folder
            .fails(2, "init-config iris -o there/run.toml")
            .contains("there is no folder")
    );
    assert!(folder.fails(2, "init-config").contains("DATA"));
    assert!(folder.fails(1, "init-config missing.csv").contains("missing.csv"));
}

#[test]
fn the_schema_knows_every_key() {
    let folder = Sandbox::new();
    let schema: serde_json::Value = serde_json::from_str(&folder.ok("init-config --schema").stdout).unwrap();
    let spec = folder.json("init-config iris")["spec"].clone();
    for (part, definition) in [("data", "DataOptions"), ("model", "ModelSpec"), ("train", "TrainSpec")] {
        for key in spec[part].as_object().unwrap().keys() {
            let field = &schema["$defs"][definition]["properties"][key];
            assert!(field["description"].is_string(), "{part}.{key}");
        }
    }
    assert_eq!(folder.run("init-config").code, Some(2));
}
