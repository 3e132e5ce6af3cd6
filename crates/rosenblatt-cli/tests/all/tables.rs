//! Tables of one's own: columns, gaps, outputs.

use crate::common;

use std::io::{Read, Write};
use std::process::Stdio;

use common::{Sandbox, columns, flowers, ran};

const TRAIN: &str = "train flowers.csv --target kind --drop id --preset plain --hidden 8 --epochs 5 --quiet";

/// A folder with a table and a model of it.
fn trained() -> Sandbox {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(120));
    folder.ok(TRAIN);
    folder
}

#[test]
fn what_was_held_out_is_called_by_its_name() {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(120));
    let train = "train flowers.csv --target kind --drop id --epochs 2";
    assert!(folder.ok(TRAIN).stdout.starts_with("training: accuracy"));
    let validated = folder.ok(&format!("{train} --quiet")).stdout;
    assert!(
        validated.starts_with("validation: accuracy") && !validated.contains("test:"),
        "{validated}"
    );
    let tested = folder.ok(&format!("{train} --quiet --test-fraction 0.2")).stdout;
    assert!(
        tested.starts_with("test: accuracy") && tested.contains("validation: accuracy"),
        "{tested}"
    );
}

#[test]
fn columns_are_found_by_name_and_rows_keep_their_order() {
    let folder = trained();
    let table = flowers(50);
    folder.write("new.csv", &table);
    let expected = folder.ok("predict flowers.safetensors new.csv").stdout;
    assert_eq!(expected.lines().count(), 51);
    folder.write("shuffled.csv", columns(&table, &[3, 2, 0, 1]));
    assert_eq!(folder.ok("predict flowers.safetensors shuffled.csv").stdout, expected);
    let wider = |line: &str| format!("{line},\"more, and more\"\n");
    folder.write("wider.csv", table.lines().map(wider).collect::<String>());
    assert_eq!(folder.ok("predict flowers.safetensors wider.csv").stdout, expected);
    for row in [0, 7, 49] {
        let line = table.lines().nth(row + 1).unwrap();
        folder.write("one.csv", format!("{}\n{line}\n", table.lines().next().unwrap()));
        let alone = folder.ok("predict flowers.safetensors one.csv").stdout;
        assert_eq!(alone.lines().nth(1), expected.lines().nth(row + 1), "row {row}");
    }
}

/// Neither the target nor a column the model does not know is looked at.
#[test]
fn what_nobody_asked_for_may_hold_anything() {
    let folder = trained();
    let table = flowers(50);
    let expected = {
        folder.write("new.csv", &table);
        folder.ok("predict flowers.safetensors new.csv").stdout
    };
    let names = table.lines().next().unwrap();
    let target = names.split(',').position(|name| name == "kind").unwrap();
    let odd = |(i, line): (usize, &str)| {
        let mut cells: Vec<&str> = line.split(',').collect();
        let number = if i % 2 == 0 { "1e999" } else { "inf" };
        if i > 0 {
            cells[target] = number;
        }
        format!("{},{}\n", cells.join(","), if i > 0 { number } else { "further" })
    };
    folder.write("odd.csv", table.lines().enumerate().map(odd).collect::<String>());
    assert_eq!(folder.ok("predict flowers.safetensors odd.csv").stdout, expected);
}

#[test]
fn a_missing_column_is_named() {
    let folder = trained();
    folder.write("new.csv", flowers(5).replace("length", "lenght"));
    let error = folder.fails(1, "predict flowers.safetensors new.csv");
    assert!(
        error.contains("`length`") && error.contains("did you mean `lenght`?"),
        "{error}"
    );
    folder.write("unlabeled.csv", columns(&flowers(5), &[0, 1, 2, 3]));
    assert!(
        folder
            .fails(1, "evaluate flowers.safetensors unlabeled.csv")
            .contains("`kind`")
    );
}

#[test]
fn unseen_categories_and_missing_values_are_counted() {
    let folder = trained();
    folder.write(
        "new.csv",
        "length,width,color\n0.5,0.5,green\n,0.1,red\n0.2,,purple\n0.2,0.3,\n",
    );
    let ran = folder.ok("predict flowers.safetensors new.csv --quiet");
    assert_eq!(ran.stdout.lines().count(), 5);
    let warnings: Vec<&str> = ran.stderr.lines().collect();
    assert_eq!(
        warnings,
        [
            "warning: 3 missing values: `length` 1, `width` 1 (none in training), `color` 1; imputed: numbers with the \
             training median, categories as unknown",
            "warning: `color`: 2 cells with a category not seen in training, such as `green`",
        ]
    );
    folder.write("whole.csv", "length,width,color\n0.5,0.5,red\n");
    assert!(folder.ok("predict flowers.safetensors whole.csv").stderr.is_empty());
}

#[test]
fn missing_values_of_many_columns_are_one_line() {
    let folder = Sandbox::new();
    let table = |rows: usize, gap: bool| {
        let row = |i: usize| {
            let number = |j: usize| {
                if gap && i == j {
                    String::new()
                } else {
                    (i * j % 7).to_string()
                }
            };
            let numbers = (0..9).map(number).collect::<Vec<_>>().join(",");
            format!("{numbers},{}\n", ["yes", "no"][i % 2])
        };
        "a,b,c,d,e,f,g,h,i,kind\n".to_owned() + &(0..rows).map(row).collect::<String>()
    };
    folder.write("whole.csv", table(40, false));
    folder.write("gaps.csv", table(40, true));
    let trained = folder.ok("train whole.csv --target kind --epochs 1 --valid gaps.csv");
    let lines: Vec<&str> = trained.stderr.lines().filter(|line| line.contains("missing")).collect();
    assert_eq!(lines.len(), 1, "{}", trained.stderr);
    assert!(
        lines[0].starts_with("warning: validation rows: 9 missing values: `a` 1 (none in training), `b` 1"),
        "{}",
        lines[0]
    );
    let predicted = folder.ok("predict whole.safetensors gaps.csv");
    assert_eq!(predicted.stderr.lines().count(), 1, "{}", predicted.stderr);
    assert!(
        predicted.stderr.starts_with("warning: 9 missing values: "),
        "{}",
        predicted.stderr
    );
}

#[test]
fn a_column_of_names_is_a_warning() {
    let folder = Sandbox::new();
    let row = |i: usize| format!("{},name {i},{}\n", i * i % 11, ["yes", "no"][i % 2]);
    folder.write(
        "people.csv",
        "size,name,kind\n".to_owned() + &(0..40).map(row).collect::<String>(),
    );
    let train = "train people.csv --target kind --epochs 1 --quiet";
    let warned = folder.ok(train).stderr;
    assert_eq!(warned.matches("nearly as many").count(), 1, "{warned}");
    assert!(
        warned.contains("the 32 training rows") && warned.contains("`name` 32") && warned.contains("--drop name"),
        "{warned}"
    );
    for meant in ["--drop name", "--categorical name"] {
        let stderr = folder.ok(&format!("{train} {meant}")).stderr;
        assert!(!stderr.contains("nearly as many"), "{meant}: {stderr}");
    }
    folder.write("flowers.csv", flowers(40));
    let flowers = folder.ok("train flowers.csv --target kind --epochs 1 --quiet").stderr;
    assert!(
        !flowers.contains("nearly as many") && flowers.contains("dropped `id`"),
        "{flowers}"
    );
}

#[test]
fn kept_columns_are_passed_through_as_they_are() {
    let folder = trained();
    folder.write(
        "new.csv",
        "id,length,width,color\n007,0.50,0.5,red\n\"a,b\",0.1,0.1,blue\n,0.1,0.1,blue\n",
    );
    let kept = folder.ok("predict flowers.safetensors new.csv --keep id,length").stdout;
    let rows: Vec<&str> = kept.lines().collect();
    assert!(rows[0].starts_with("id,length,prediction,"), "{kept}");
    assert!(
        rows[1].starts_with("007,0.50,") && rows[2].starts_with("\"a,b\",0.1,") && rows[3].starts_with(",0.1,"),
        "{kept}"
    );
    folder.write(
        "words.csv",
        "land,length,width,color\nNA,0.5,0.5,red\nnull,0.5,0.5,red\n?,0.5,0.5,red\n",
    );
    let words = folder.ok("predict flowers.safetensors words.csv --keep land").stdout;
    let first: Vec<&str> = words.lines().map(|line| line.split(',').next().unwrap()).collect();
    assert_eq!(first, ["land", "NA", "null", "?"]);
    let json = folder.json("predict flowers.safetensors new.csv --keep id");
    assert_eq!(json["predictions"][0]["id"], "007");
    let error = folder.fails(2, "predict flowers.safetensors new.csv --keep ids");
    assert!(
        error.starts_with("error: --keep: ") && error.contains("did you mean `id`?"),
        "{error}"
    );
    folder.write("twin.csv", "prediction,length,width,color\n1,0.50,0.5,red\n");
    assert!(
        folder
            .fails(2, "predict flowers.safetensors twin.csv --keep prediction")
            .contains("--keep")
    );
}

#[test]
fn outputs_that_exist_are_refused_before_anything_is_done() {
    let folder = trained();
    folder.write("there", "mine");
    for command in [
        "predict flowers.safetensors flowers.csv -o there",
        "train flowers.csv --target kind -o there",
        "train flowers.csv --target kind --plot there",
    ] {
        let error = folder.fails(2, command);
        assert!(
            error.contains("there: exists already") && error.contains("--force"),
            "{error}"
        );
        assert_eq!(folder.read("there"), b"mine");
    }
    assert!(!folder.exists("flowers-2.safetensors") && !folder.exists("there.checkpoint"));
    folder.ok("predict flowers.safetensors flowers.csv -o there --force");
    assert!(folder.read("there").starts_with(b"prediction,"));
    folder.ok(&format!("{TRAIN} -o there --force"));
    assert!(folder.read("there") == folder.read("flowers.safetensors"));
    assert!(
        folder
            .fails(2, &format!("{TRAIN} -o no/such/folder"))
            .contains("there is no folder")
    );
    folder.fails(2, &format!("{TRAIN} -o -"));
}

#[test]
fn two_outputs_are_never_one_file_however_they_are_spelled() {
    let folder = Sandbox::new();
    folder.write("flowers.csv", flowers(120));
    std::fs::create_dir(folder.path("sub")).unwrap();
    for more in [
        "-o out --report ./out",
        "-o sub/../out --plot out",
        "-o m --plot ./out --report out",
    ] {
        let error = folder.fails(2, &format!("{TRAIN} {more}"));
        assert!(error.contains("another output of this command"), "{more}: {error}");
    }
    assert!(!folder.exists("out") && !folder.exists("m"));
}

#[test]
fn one_bad_cell_is_a_warning_and_missing() {
    let folder = Sandbox::new();
    let cell = |i: usize| if i == 70 { "foo".to_owned() } else { format!("0.{i:03}") };
    let row = |i: usize| format!("{},{},{}\n", cell(i), i % 7, ["yes", "no"][i % 2]);
    folder.write("t.csv", "x,z,y\n".to_owned() + &(0..120).map(row).collect::<String>());
    let warned = folder.ok("train t.csv --target y --epochs 1").stderr;
    assert!(
        warned.contains("`x`: 1 cell is not a number and counted as missing: `foo`, first in line 72; `--missing foo`"),
        "{warned}"
    );
    let ran = folder.ok("train t.csv --target y --epochs 1 --missing foo");
    assert!(
        ran.stdout.contains("(2 numeric, 0 categorical)") && !ran.stderr.contains("foo"),
        "{}",
        ran.stderr
    );
}

#[test]
fn what_stands_between_cells_is_part_of_the_model() {
    let folder = Sandbox::new();
    let table = flowers(120).replace(',', "^");
    folder.write("flowers.csv", &table);
    folder.write("valid.csv", &table);
    folder.ok(&format!("{TRAIN} --delimiter ^ --valid valid.csv"));
    folder.ok("evaluate flowers.safetensors flowers.csv");
    folder.ok("predict flowers.safetensors flowers.csv --keep id");
}

#[test]
fn a_missing_or_damaged_model_is_an_error_with_its_name() {
    let folder = trained();
    for (command, hint) in [
        (
            "predict flower.safetensors flowers.csv",
            "did you mean `flowers.safetensors`?",
        ),
        ("evaluate flowers flowers.csv", "did you mean `flowers.safetensors`?"),
        (
            "inspect other",
            "there are `flowers.safetensors`; `rosenblatt train DATA` makes one",
        ),
        ("inspect no/folder/model", "`rosenblatt train DATA` makes one"),
        ("predict iris.safetensors iris", "`rosenblatt train iris` makes one"),
    ] {
        let error = folder.fails(1, command);
        let path = command.split(' ').nth(1).unwrap();
        assert!(
            error.starts_with(&format!(
                "error: {path}: expected a model, but there is no such file\nhint: "
            )) && error.contains(hint),
            "{command}: {error}"
        );
    }
    folder.write("run.toml", "");
    for command in ["inspect runs.toml", "train --config runs.toml"] {
        let error = folder.fails(1, command);
        assert!(
            error.contains("expected a run file") && error.contains("did you mean `run.toml`?"),
            "{error}"
        );
    }
    assert!(folder.fails(1, "evaluate . flowers.csv").contains("got a folder"));
    let mut bytes = folder.read("flowers.safetensors");
    let last = bytes.len() - 1;
    bytes[last] ^= 1;
    folder.write("damaged.safetensors", bytes);
    assert!(
        folder
            .fails(1, "evaluate damaged.safetensors flowers.csv")
            .contains("damaged")
    );
    // No one set this on the command line: the file is wrong.
    let mut parts = rosenblatt_testkit::ModelParts::of(&folder.read("flowers.safetensors"));
    parts.document["sections"]["table"]["spec"]["train"]["epochs"] = 0.into();
    folder.write("strange.safetensors", parts.to_bytes());
    let error = folder.fails(1, "predict strange.safetensors flowers.csv");
    assert!(error.contains("strange.safetensors: header: train.epochs: "), "{error}");
}

#[test]
fn standard_input_and_output() {
    let folder = trained();
    let expected = folder.ok("predict flowers.safetensors flowers.csv").stdout;
    let mut child = folder.command("predict flowers.safetensors - --quiet");
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child
        .stdin
        .take()
        .unwrap()
        .write_all(&folder.read("flowers.csv"))
        .unwrap();
    let predicted = ran(child.wait_with_output().unwrap());
    assert_eq!((predicted.code, predicted.stdout), (Some(0), expected));
    let mut child = folder.command("predict flowers.safetensors - --quiet");
    let mut child = child.stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let table = "color,length,width\n\n\"dark\nred\",0.5,0.5\nred,0.5,1e300\n";
    child.stdin.take().unwrap().write_all(table.as_bytes()).unwrap();
    let refused = ran(child.wait_with_output().unwrap()).stderr;
    assert!(
        refused.starts_with("error: stdin:5:3: column `width`: 1e300 is too far"),
        "{refused}"
    );
    let mut child = folder.command("predict flowers.safetensors - --keep color --quiet");
    let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let table = b"color,length,width\nred,0.5,0.5\n";
    child.stdin.take().unwrap().write_all(table).unwrap();
    let kept = ran(child.wait_with_output().unwrap()).stdout;
    assert!(
        kept.starts_with("color,prediction,") && kept.contains("\nred,"),
        "{kept}"
    );
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let folder = trained();
    folder.write("many.csv", flowers(20_000));
    let mut child = folder.command("predict flowers.safetensors many.csv --quiet");
    let mut child = child.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut first = [0; 10];
    child.stdout.take().unwrap().read_exact(&mut first).unwrap();
    assert_eq!(&first, b"prediction");
    let ended = ran(child.wait_with_output().unwrap());
    assert_eq!(ended.code, Some(0));
    assert!(!ended.stderr.contains("error"), "{}", ended.stderr);
}

#[cfg(unix)]
#[test]
fn names_that_are_no_unicode() {
    use std::ffi::OsStr;
    use std::os::unix::ffi::OsStrExt;
    let folder = trained();
    let name = OsStr::from_bytes(b"mod\xffel");
    let train = folder.run_with(&format!("{TRAIN} -o"), [name]);
    assert_eq!(train.code, Some(0), "{}", train.stderr);
    assert!(folder.path(name).exists());
    let mut predict = folder.command("predict");
    let predict = ran(predict.arg(name).arg("flowers.csv").output().unwrap());
    assert_eq!(predict.code, Some(0), "{}", predict.stderr);
    let rows = OsStr::from_bytes(b"ro\xffws.csv");
    std::fs::write(folder.path(rows), flowers(40)).unwrap();
    // No run file could name it, and no JSON of the settings.
    for (flag, place) in [("--valid", "--valid"), ("--test", "--test"), ("", "MORE")] {
        let refused = folder.run_with(&format!("{TRAIN} {flag}"), [rows]);
        let expected = format!("error: {place}: the name of the file is not valid Unicode: ro\u{fffd}ws.csv\nhint: ");
        assert_eq!(refused.code, Some(2));
        assert!(refused.stderr.starts_with(&expected), "{}", refused.stderr);
    }
    let refused = folder.run_with("train --target kind", [OsStr::from_bytes(b"da\xffta.csv")]);
    assert_eq!(refused.code, Some(2));
    assert!(
        refused.stderr.contains("hint: ") && refused.stderr.contains("standard input"),
        "{}",
        refused.stderr
    );
}
