//! `rosenblatt derive`.

use serde_json::json;

use crate::common::Sandbox;

const EXPONENTIAL: &str = "x * exp(3*x * max(x, y))";

fn run(folder: &Sandbox, expression: &str, flags: &str) -> (String, String) {
    let ran = folder.run_with(&format!("derive {flags}"), [expression]);
    assert_eq!(ran.code, Some(0), "{}", ran.stderr);
    (ran.stdout, ran.stderr)
}

/// Everything that is printed, by hand but for the numeric way.
#[test]
fn a_worked_example_is_printed_to_the_digit() {
    let folder = Sandbox::new();
    let (text, warnings) = run(&folder, "x·(x + y)", "--at x=2,y=1");
    let numeric = "  numeric   4 evaluations (2 × inputs)";
    let (before, after) = text.split_once(numeric).unwrap();
    assert_eq!(
        before,
        "f(x, y) = x*(x + y)

derivatives
  ∂f/∂x = 2*x + y
  ∂f/∂y = x

at x = 2, y = 1
  f     = 6
  ∂f/∂x = 5
  ∂f/∂y = 2

graph
  node  formula   value  ∂f/∂node
  x     variable  2      5
  y     variable  1      2
  v1    x + y     3      2
  f     x*v1      6      1

four ways, 2 inputs and 1 output
            passes                         operations  largest difference
"
    );
    for line in [
        "symbolic  2 formulas (inputs × outputs)  2           0\n",
        "forward   2 sweeps (inputs)              6           0\n",
        "reverse   1 sweep (outputs)              5           0\n",
        "numeric: h = 7.6e-6·max(1, |x|); where the function is smooth within ",
    ] {
        assert!(after.contains(line), "{after}");
    }
    assert_eq!(warnings, "");
    let (text, _) = run(&folder, EXPONENTIAL, "--at x=2,y=1");
    for line in [
        "  f     = 325509.58283800783\n  ∂f/∂x = 4068869.785475098\n  ∂f/∂y = 0\n",
        "∂f/∂y = 3*x^2*exp(3*x*max(x, y))*step(y - x)\n",
    ] {
        assert!(text.contains(line), "{text}");
    }
}

#[test]
fn json_and_drawings_hold_the_same_numbers() {
    let folder = Sandbox::new();
    let flags = "--at x=2,y=1 --format json --plot graph.svg --dot graph.dot";
    let (text, _) = run(&folder, EXPONENTIAL, flags);
    let document: serde_json::Value = serde_json::from_str(&text).unwrap();
    let output = &document["outputs"][0];
    assert_eq!(output["value"], json!(325_509.582_838_007_83));
    assert_eq!(output["gradient"], json!({ "x": 4_068_869.785_475_098, "y": 0.0 }));
    assert_eq!(document["ways"].as_array().unwrap().len(), 4);
    let nodes = document["graph"]["nodes"].as_array().unwrap();
    assert_eq!(
        (&nodes[0]["name"], &nodes[0]["gradients"]),
        (&json!("x"), &json!([4_068_869.785_475_098]))
    );
    let (svg, dot) = (folder.read("graph.svg"), folder.read("graph.dot"));
    let (svg, dot) = (String::from_utf8(svg).unwrap(), String::from_utf8(dot).unwrap());
    for node in nodes {
        for number in [&node["value"], &node["gradients"][0]] {
            let digits = number.as_f64().unwrap().to_string();
            assert!(
                svg.contains(&format!(" {digits}</text>")) && dot.contains(&format!(" {digits}")),
                "{digits}"
            );
        }
    }
    assert!(
        svg.contains("prefers-color-scheme: dark") && dot.contains("n6 -> n7;"),
        "{dot}"
    );
    // Nothing is replaced without being asked.
    let refused = folder.run_with(&format!("derive {flags}"), [EXPONENTIAL]);
    assert_eq!(refused.code, Some(2), "{}", refused.stderr);
    run(&folder, EXPONENTIAL, &format!("{flags} --force"));
}

#[test]
fn a_neuron_and_a_list() {
    let folder = Sandbox::new();
    let (text, _) = run(&folder, "sigmoid(w*x + b)", "--at w=1,x=2,b=-1");
    for line in [
        "∂f/∂w = x*sigmoid(w*x + b)*(1 - sigmoid(w*x + b))",
        "f     = 0.7310585786300049",
        "∂f/∂w = 0.3932238664829637",
    ] {
        assert!(text.contains(line), "{text}");
    }
    let (text, _) = run(&folder, "[x*y, x + y]", "--at x=pi/2,y=3");
    for line in [
        "f2(x, y) = x + y\n",
        "∂f1/∂y = 1.5707963267948966\n",
        "forward   2 sweeps (inputs)",
        "reverse   2 sweeps (outputs)",
    ] {
        assert!(text.contains(line), "{text}");
    }
    // Without a point there are only formulas; without variables there is only a value.
    assert_eq!(run(&folder, "x^2", "").0, "f(x) = x^2\n\nderivatives\n  ∂f/∂x = 2*x\n");
    assert!(run(&folder, "2^3 + 1", "").0.contains("\nvalue\n  f = 9\n"));
    assert!(run(&folder, "-x", "--at x=1").0.contains("f(x) = -x\n"));
}

#[test]
fn kinks_and_missing_values_are_warnings() {
    let folder = Sandbox::new();
    let (_, warnings) = run(&folder, "relu(x) + max(x, 0)", "--at x=0");
    assert_eq!(
        warnings,
        "warning: `relu(x)` is not differentiable here; its derivative is taken to be 0 by `x`\n\
         warning: `max(x, 0)` is not differentiable here; its derivative is taken to be 0.5 by `x` and 0.5 by `0`\n"
    );
    let (text, warnings) = run(&folder, "ln(x)", "--at x=-1 --format json");
    assert_eq!(warnings, "warning: `ln(x)` has no value for -1: it is NaN\n");
    assert!(text.contains("\"value\": null"), "{text}");
}

#[test]
fn the_help_lists_every_function() {
    let help = Sandbox::new().ok("derive --help").stdout;
    let words: Vec<&str> = help.split([' ', ',', '.', '\n']).collect();
    for function in rosenblatt_symbolic::functions::FUNCTIONS {
        assert!(words.contains(&function.name), "{}", function.name);
    }
}

#[test]
fn critical_points_are_a_table_and_json() {
    let folder = Sandbox::new();
    let (text, _) = run(&folder, "x^3 - 3*x*y^2", "--critical-points");
    let (_, found) = text.split_once("\n\ncritical").unwrap();
    assert_eq!(
        found,
        " points within x = -5..5, y = -5..5
  x  y  f  eigenvalues  kind
  0  0  0  0, 0         saddle (degenerate)
  1 saddle; 200 starts, the last new point at start 1
  degenerate: an eigenvalue of the Hessian is 0; unless others have both
    signs, values around the point decide
"
    );
    let (text, _) = run(
        &folder,
        "x^3 - 3*x + y^2",
        "--critical-points --within x=-2..0,y=-pi..2 --format json",
    );
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let found = &json["critical_points"];
    let point = json!([{
        "point": { "x": -1.0, "y": 0.0 },
        "value": 2.0,
        "eigenvalues": [-6.0, 2.0],
        "kind": "saddle",
        "index": 1,
        "degenerate": false,
        "isolated": true,
    }]);
    assert_eq!(found["points"], point);
    assert_eq!(
        found["within"],
        json!({ "x": [-2.0, 0.0], "y": [-std::f64::consts::PI, 2.0] })
    );
}

#[test]
fn a_search_without_result_says_what_to_try_and_curves_are_not_listed_in_full() {
    let folder = Sandbox::new();
    let (text, warnings) = run(&folder, "abs(x)", "--critical-points");
    assert!(
        text.ends_with(
            "within x = -5..5\n  none found from 200 starts\n  another box (`--within NAME=FROM..TO`) may have some\n"
        ),
        "{text}"
    );
    assert_eq!(warnings, "");
    let (text, _) = run(&folder, "(x*y)^2", "--critical-points");
    assert_eq!(
        text.matches("minimum (degenerate, not isolated)\n").count(),
        3,
        "{text}"
    );
    assert!(
        text.contains("no isolated point found from 200 starts\n") && text.contains("; 3 of\n"),
        "{text}"
    );
    let (_, warnings) = run(&folder, "sin(x)", "--critical-points --within x=0..1000 --starts 20");
    assert_eq!(
        warnings,
        "warning: the search was still finding critical points when it ended; more starts (`--starts N`) may find more\n"
    );
}

#[test]
fn more_starts_are_advised_only_where_the_search_would_go_on() {
    let folder = Sandbox::new();
    let advice = |arguments: &str| run(&folder, "x", arguments).0.contains("--starts N");
    assert!(advice("--critical-points --starts 50"));
    assert!(!advice("--critical-points --starts 200"));
    assert!(!advice("--critical-points --starts 100000"));
}

#[test]
fn of_one_variable_a_saddle_is_an_inflection_point() {
    let folder = Sandbox::new();
    let (text, _) = run(&folder, "x^3", "--critical-points");
    assert!(
        text.contains("  inflection point (degenerate)\n  1 inflection point; 200 starts"),
        "{text}"
    );
    let (text, _) = run(&folder, "sin(x) - x", "--critical-points --within x=-7..7");
    assert!(text.contains("\n  3 inflection points; "), "{text}");
    let (text, _) = run(&folder, "x^3", "--critical-points --starts 500 --format json");
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let found = &json["critical_points"];
    assert_eq!(found["points"][0]["kind"], "inflection point");
    assert_eq!((&found["starts"], &found["max_starts"]), (&json!(200), &json!(500)));
}

#[test]
fn a_box_without_values_is_named_as_it_was_given() {
    let folder = Sandbox::new();
    let refused = |flags: &str| {
        folder
            .run_with(&format!("derive --critical-points {flags}"), ["ln(-x^2)"])
            .stderr
    };
    let nowhere = "the expression or its second derivatives are finite nowhere in the box";
    let text = refused("");
    assert!(
        text.contains(&format!("error: -5..5 (default of --within): {nowhere}")),
        "{text}"
    );
    let text = refused("--within x=0..1");
    assert!(text.contains(&format!("error: --within: {nowhere}")), "{text}");
    let text = refused("--within y=0..1");
    assert!(text.contains("hint: the only variable is `x`"), "{text}");
}
