//! Data sets written out as tables.

use crate::common;

use common::Sandbox;

#[test]
fn a_table_is_written_and_gives_the_same_data() {
    let folder = Sandbox::new();
    for (name, rows) in [("penguins", 344), ("digits", 1797)] {
        let said = folder.ok(&format!("datasets {name} -o {name}.csv")).stderr;
        assert!(said.contains(&format!("{rows} rows of {name} in {name}.csv")), "{said}");
        let text = String::from_utf8(folder.read(&format!("{name}.csv"))).unwrap();
        assert_eq!(text.lines().count(), rows + 1);
        assert_eq!(folder.ok(&format!("datasets {name} -o -")).stdout, text);
        let [file, set] = [format!("{name}.csv"), name.to_owned()].map(|data| folder.json(&format!("inspect {data}")));
        assert_eq!(file["columns"], set["columns"]);
    }
}

#[test]
fn what_cannot_be_written_is_refused() {
    let folder = Sandbox::new();
    folder.write("there.csv", "mine");
    assert!(folder.fails(2, "datasets iris -o there.csv").contains("--force"));
    assert_eq!(folder.read("there.csv"), b"mine");
    folder.ok("datasets iris -o there.csv --force");
    assert!(
        folder
            .fails(2, "datasets fashion-mnist -o f.csv")
            .contains("holds images")
    );
    assert!(folder.fails(2, "datasets -o f.csv").contains("NAME"));
}
