//! A checkpoint that was skipped.
#![cfg(target_os = "linux")]

use serde_json::Value;

use crate::common::{Sandbox, words};

/// A checkpoint that is damaged: the run resumes from the one before it.
#[cfg(target_os = "linux")]
#[test]
fn a_skipped_checkpoint_reaches_every_surface() {
    let folder = Sandbox::new();
    let names = crate::signals::interrupted(&folder);
    let records = "model.checkpoint/epochs.jsonl".to_owned();
    let files = names.iter().chain([&records]);
    let files: Vec<_> = files.map(|name| (name.clone(), folder.read(name))).collect();
    let newest = names.iter().max().unwrap();
    let damaged = newest.replace("step-", "step-9");
    let train = format!("{} --resume --report page.html", crate::signals::TRAIN);
    for more in ["", "--format json --quiet"] {
        let folder = Sandbox::new();
        std::fs::create_dir(folder.path("model.checkpoint")).unwrap();
        files.iter().for_each(|(name, bytes)| folder.write(name, bytes));
        folder.write(&damaged, "damaged");
        let ran = folder.ok(&format!("{train} {more}"));
        let line = format!("warning: {damaged}: ");
        assert!(ran.stderr.contains(&line), "{more}: {}", ran.stderr);
        let page = words(&String::from_utf8(folder.read("page.html")).unwrap());
        assert!(page.contains(&format!("{damaged}: ")), "{more}");
        if more.contains("json") {
            let json: Value = serde_json::from_str(&ran.stdout).unwrap();
            let warnings = json["warnings"].as_array().unwrap();
            let skipped = warnings.iter().find(|warning| warning["kind"] == "checkpoint_skipped");
            assert_eq!(skipped.unwrap()["file"], damaged);
        }
    }
}
