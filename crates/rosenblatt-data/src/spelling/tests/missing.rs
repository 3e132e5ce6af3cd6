use crate::spelling::{Missing, MissingMarkers};

#[test]
fn usual_markers() {
    let markers = MissingMarkers::default();
    for text in [
        "", "NA", "N/A", "#N/A", "NaN", "-nan", "null", "?", "-1.#IND", "1.#QNAN",
    ] {
        assert_eq!(markers.find(text), Some(Missing::Always), "{text}");
    }
    for text in ["-", "--", ".", "None", "na", "..", "\u{2014}", "n.a.", "N.A."] {
        assert_eq!(markers.find(text), Some(Missing::AmongNumbers), "{text}");
    }
    for text in ["unknown", "Unknown", "NIL", "Not available", "missing"] {
        assert_eq!(markers.find(text), Some(Missing::Word), "{text}");
    }
    for text in [
        "#DIV/0!", "#REF!", "#VALUE!", "#NAME?", "#NUM!", "#NULL!", "#div/0!", "Err:502",
    ] {
        assert_eq!(markers.find(text), Some(Missing::ErrorMark), "{text}");
    }
    for text in [
        "0",
        "Na",
        "NANA",
        "nanny",
        "Err:5",
        "Err:5021",
        "#1",
        "12",
        "1.5",
        "\u{e9}",
        "an unknown person",
    ] {
        assert_eq!(markers.find(text), None, "{text}");
    }
}

#[test]
fn markers_of_the_user() {
    let markers = MissingMarkers {
        missing: vec!["-9999".into(), "keine".into(), "0".into()],
        present: vec!["NA".into(), "unknown".into(), "0".into()],
    };
    for (text, expected) in [
        ("-9999", Some(Missing::Always)),
        ("keine", Some(Missing::Always)),
        ("Keine", None),
        ("NA", None),
        ("unknown", None),
        ("Unknown", Some(Missing::Word)),
        ("0", None),
        ("null", Some(Missing::Always)),
        ("", Some(Missing::Always)),
    ] {
        assert_eq!(markers.find(text), expected, "{text}");
    }
}

#[test]
fn they_are_plain_data() {
    assert_eq!(serde_json::to_string(&MissingMarkers::default()).unwrap(), "{}");
    let markers: MissingMarkers = serde_json::from_str(r#"{"present":["NA"]}"#).unwrap();
    assert_eq!(markers.present, ["NA"]);
    assert!(serde_json::from_str::<MissingMarkers>(r#"{"absent":[]}"#).is_err());
}
