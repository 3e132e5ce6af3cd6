//! Earlier names of flags, keys and values are accepted with a note.

use crate::common::{Sandbox, flowers};

/// The name of the key, its short name, and earlier names; the latter with a note.
#[test]
fn a_flag_has_the_name_of_its_key() {
    let folder = Sandbox::new();
    folder.write("t.csv", flowers(40));
    let train = "train t.csv --target kind --epochs 1 --force -o";
    folder.ok(&format!("{train} a --quiet --lr 0.5 --missing red --max-one-hot 2"));
    let said = folder
        .ok(&format!("{train} b --learning-rate 0.5 --na red --max_one_hot=2"))
        .stderr;
    assert!(folder.read("a") == folder.read("b"));
    for note in [
        "`--na` is now called `--missing`",
        "`--max_one_hot` is now called `--max-one-hot`",
    ] {
        assert!(said.contains(&format!("note: {note}\n")), "{said}");
    }
    folder.write(
        "run.toml",
        "[data]\nsource = 'iris'\nmost_one_hot = 3\nnumeric = 'standardise'\n",
    );
    let said = folder
        .ok("train --config run.toml --epochs 1 --set data.most_one_hot=4")
        .stderr;
    for note in [
        "`most_one_hot` is now called `max_one_hot`",
        "`standardise` is now called `standardize`",
    ] {
        assert!(said.contains(&format!("note: {note}\n")), "{said}");
    }
}
