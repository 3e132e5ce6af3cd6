//! Which name was meant.

use rosenblatt_tensor::names::{listing, meant, nearest, short};

#[test]
fn finds_slips_and_nothing_else() {
    let names = [
        "species",
        "island",
        "bill_length_mm",
        "dropout",
        "leaky_relu",
        "reglu",
        "relu",
        "x",
    ];
    for (wanted, found) in [
        ("SPECIES", Some("species")),
        ("specis", Some("species")),
        ("ilsand", Some("island")),
        ("bill-lenght-m", Some("bill_length_mm")),
        ("droput", Some("dropout")),
        ("LeakyReLU", Some("leaky_relu")),
        // As far from `reglu`, which comes first.
        ("rellu", Some("relu")),
        ("rleu", Some("relu")),
        ("reluu", Some("relu")),
        ("y", Some("x")),
        ("sigmoid", None),
        ("zebra", None),
    ] {
        assert_eq!(nearest(wanted, names), found, "{wanted}");
    }
}

#[test]
fn the_nearest_name_or_all_of_them() {
    assert_eq!(meant("ilsand", ["species", "island"]), "did you mean `island`?");
    assert_eq!(meant("zebra", ["species", "island"]), "there are `species`, `island`");
    assert_eq!(meant("zebra", []), "there is none");
}

#[test]
fn a_listing_ends() {
    let names: Vec<String> = (0..41).map(|i| i.to_string()).collect();
    let listed = |count: usize| listing(names[..count].iter().map(String::as_str));
    assert!(listed(40).ends_with("`39`") && listed(41).ends_with("`39`, …"));
    assert_eq!(listed(0), "");
    assert_eq!(short(&"a".repeat(1 << 20)).chars().count(), 61);
}

#[test]
fn of_equally_near_names_the_first_wins() {
    assert_eq!(nearest("cat", ["hat", "bat", "cut"]), Some("hat"));
    assert_eq!(nearest("cat", ["hat", "bat", "cat"]), Some("cat"));
}

#[test]
fn nothing_is_near_to_nothing_but_one_letter() {
    assert_eq!(nearest("", ["x", ""]), Some(""));
    assert_eq!(nearest("", ["xy"]), None);
    assert_eq!(nearest("a", []), None);
    assert_eq!(nearest("___", ["ab"]), None);
}

#[test]
fn a_third_of_the_letters_may_differ() {
    assert_eq!(nearest("abcdef", ["abcdxx"]), Some("abcdxx"));
    assert_eq!(nearest("abcdef", ["abcxxx"]), None);
    assert_eq!(nearest("abcde", ["abcdex"]), Some("abcdex"));
    assert_eq!(nearest("abcde", ["abcdexy"]), None);
}

/// The distance of two words, 0 or at least a third of the letters of `a`.
///
/// A slip is allowed for three letters: both words get the same end, as long as it must be for them to be near.
fn distance(a: &str, b: &str) -> usize {
    if nearest(a, [&*format!("{a}y"), b]) == Some(b) {
        return 0;
    }
    let near = |slips: &usize| {
        let end = "x".repeat(3 * slips - a.len());
        nearest(&format!("{a}{end}"), [&*format!("{b}{end}")]).is_some()
    };
    (a.len().div_ceil(3)..10).find(near).unwrap()
}

#[test]
fn distance_counts_a_swap_once() {
    assert_eq!(distance("ab", "ba"), 1);
    assert_eq!(distance("kitten", "sitting"), 3);
    assert_eq!(distance("", "abc"), 3);
    assert_eq!(distance("abc", "abc"), 0);
}

#[test]
fn a_huge_name_is_not_compared() {
    let (long, huge) = ("a".repeat(64), "a".repeat(1 << 20));
    assert_eq!(nearest(&huge, [huge.as_str(), &long]), None);
    assert_eq!(nearest(&long, [huge.as_str(), &long]), Some(&*long));
}
