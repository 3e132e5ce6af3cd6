//! The end of memory is an error like others; what is large is looked at before it is read.
#![cfg(target_os = "linux")]

use crate::common;

use std::fs::{self, File};

use common::{Ran, Sandbox, flowers, ran};

/// Steps of limits, in KiB.
const STEP: usize = 4 << 10;

/// Runs a command in so many KiB of address space.
fn limited(folder: &Sandbox, limit: usize, arguments: &str) -> Ran {
    let before = format!("ulimit -v {limit}");
    ran(folder.by_shell(&before, arguments).output().unwrap())
}

/// The least KiB in which the program starts and says something.
fn least(folder: &Sandbox) -> usize {
    let mut limits = (1..).map(|step| step * STEP);
    let starts = |limit: &usize| limited(folder, *limit, "datasets").code == Some(0);
    limits.find(starts).unwrap()
}

/// A model, tables that are larger than the program itself, and an output that is there.
fn prepared() -> Sandbox {
    let folder = Sandbox::new();
    folder.write("t.csv", flowers(60));
    folder.ok("train t.csv --target kind --preset plain --epochs 1 --hidden 4 --threads 1 --quiet -o m");
    let large = flowers(60_000);
    let record = |line: &str| {
        let cells: Vec<&str> = line.split(',').collect();
        let [id, length, width, color, kind] = cells[..] else {
            panic!("{line}")
        };
        format!(
            "{{\"id\":\"{id}\",\"length\":\"{length}\",\"width\":\"{width}\",\"color\":\"{color}\",\"kind\":\"{kind}\"}}\n"
        )
    };
    folder.write("large.jsonl", large.lines().skip(1).map(record).collect::<String>());
    folder.write("large.csv", large);
    folder.write("wide.csv", wide(20_000));
    folder.write("p.csv", "mine");
    folder
}

/// Columns of two numbers.
fn wide(columns: usize) -> String {
    let line = |cell: &dyn Fn(usize) -> String| (0..columns).map(cell).collect::<Vec<_>>().join(",") + "\n";
    line(&|i| format!("c{i}")) + &line(&|i| (i % 7).to_string()) + &line(&|i| (i % 5).to_string())
}

#[test]
fn the_end_of_memory_is_an_error_and_nothing_is_lost() {
    let folder = prepared();
    let least = least(&folder);
    for arguments in [
        "inspect large.csv",
        "inspect large.jsonl --format json",
        "inspect wide.csv",
        "train large.csv --target kind --epochs 1 --threads 2 --quiet -o y",
        "train large.csv --target kind --preset plain --epochs 1 --threads 1 --quiet -o x",
        "predict m large.csv --keep id --threads 1 --quiet -o p.csv --force",
        "predict m large.jsonl --format json --threads 1",
        "evaluate m large.csv --threads 1",
    ] {
        let mut failed = 0;
        for limit in (least..).step_by(STEP) {
            let ended = limited(&folder, limit, arguments);
            if ended.code == Some(0) {
                break;
            }
            assert_eq!(ended.code, Some(1), "{arguments} in {limit}: {}", ended.stderr);
            // Threads need memory for their stacks.
            let words = ["no memory", "cannot start 2 threads"];
            let is_told = words.iter().any(|words| ended.stderr.contains(words));
            assert!(is_told, "{arguments} in {limit}: {}", ended.stderr);
            assert_eq!(folder.read("p.csv"), b"mine");
            failed += 1;
        }
        folder.write("p.csv", "mine");
        assert!(failed > 0, "{arguments}");
        let left = names(&folder);
        let is_left = |name: &String| name.contains(".tmp-") || name.ends_with(".checkpoint");
        assert!(!left.iter().any(is_left), "{arguments}: {left:?}");
    }
}

fn names(folder: &Sandbox) -> Vec<String> {
    let entries = fs::read_dir(folder.path("")).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Files that begin as models, of sizes that they do not have a right to.
#[test]
fn a_model_file_is_judged_by_its_header() {
    let folder = prepared();
    let model = folder.read("m");
    let header = u64::from_le_bytes(model[..8].try_into().unwrap()) as usize + 8;
    let claims = |bytes: u64| {
        let shape = bytes / 4;
        let text = format!(
            "{{\"__metadata__\":{{\"rosenblatt\":\"{{\\\"checksum\\\":\\\"00000000\\\"}}\"}},\"w\":{{\"dtype\":\"F32\",\"shape\":[{shape}],\"data_offsets\":[0,{bytes}]}}}}"
        );
        [&(text.len() as u64).to_le_bytes()[..], text.as_bytes()].concat()
    };
    let gigabyte = 1 << 30;
    let longest = [&99_999_999_u64.to_le_bytes()[..], b"{"].concat();
    let claimed = claims(gigabyte);
    let cases: [(&str, &[u8], u64, &str); 8] = [
        ("zeros behind a model", &model, 10 * gigabyte, "describes"),
        ("a byte behind a model", &model, model.len() as u64 + 1, "describes"),
        ("the header of a model", &model[..header], gigabyte, "describes"),
        ("the first bytes of a model", &model[..9], gigabyte, "not a model"),
        ("the longest header", &longest, gigabyte, ""),
        (
            "a tensor of zeros",
            &claimed,
            claimed.len() as u64 + gigabyte,
            "checksum",
        ),
        ("a header of length 0", b"\0\0\0\0\0\0\0\0{}", gigabyte, "not a model"),
        ("nothing but its length", &model[..8], 10 * gigabyte, "not a model"),
    ];
    let limit = least(&folder) + 40 * 1024;
    for (name, start, length, words) in cases {
        folder.write("x.safetensors", start);
        File::options()
            .write(true)
            .open(folder.path("x.safetensors"))
            .unwrap()
            .set_len(length)
            .unwrap();
        for arguments in ["inspect x.safetensors", "predict x.safetensors t.csv --threads 1"] {
            let ended = limited(&folder, limit, arguments);
            assert_eq!(ended.code, Some(1), "{name}: {}", ended.stderr);
            assert!(ended.stderr.contains(words), "{name}: {}", ended.stderr);
        }
    }
}
