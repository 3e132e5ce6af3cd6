//! Text to trees and back.

use rosenblatt_symbolic::{Expression, parse, parse_list, simplify};
use rosenblatt_tensor::ErrorKind;

#[test]
fn operators_bind_as_in_mathematics() {
    for (text, meant) in [
        ("x+y*z^w", "x + (y*(z^w))"),
        ("x - y - z", "(x - y) - z"),
        ("x/y/z", "(x/y)/z"),
        ("x^y^z", "x^(y^z)"),
        ("-x^2", "-(x^2)"),
        ("-x*y", "-(x*y)"),
        ("-x + y", "(-x) + y"),
        ("x*-y", "x*(-y)"),
        ("x^-y", "x^(-y)"),
        ("--x", "-(-x)"),
        ("2e3x1", ""),
        ("pow(x, y)", "x^y"),
        ("maximum(x, log(y))", "max(x, ln(y))"),
        ("x·y×z − π", "x*y*z - pi"),
        (".5 + 1.", "0.5 + 1"),
        ("  x\n+\ty ", "x + y"),
        ("größe_2*β", "größe_2*β"),
    ] {
        match meant {
            "" => assert!(parse(text).is_err()),
            _ => assert_eq!(parse(text).unwrap(), parse(meant).unwrap(), "{text}"),
        }
    }
    let value = |text: &str| parse(text).unwrap().value(&|_| None).unwrap();
    assert_eq!(
        [
            value("2^3^2"),
            value("-2^2"),
            value("7-2-1"),
            value("8/2/2"),
            value("1e-3*2E3"),
            value("2*-3")
        ],
        [512.0, -4.0, 4.0, 2.0, 2.0, -6.0]
    );
}

#[test]
fn text_of_a_tree_is_that_tree() {
    for text in [
        "-(-x)",
        "(-x)*y",
        "x - (y - z)",
        "x/(y*z)",
        "(x^y)^z",
        "(x + y)^(-2)",
        "1e-7*x^1e20",
        "-(x + y)",
        "x + (-y)",
        "x*(y/z)",
        "max(x, -y) + min(2, x/y)",
        "e^(-x^2/2)/sqrt(2*pi)",
        "(-2)^2",
        "x^(y^z)^w",
        "x - (-y)*z",
    ] {
        let tree = parse(text).unwrap();
        assert_eq!(parse(&tree.to_string()).unwrap(), tree, "{text}: {tree}");
    }
    assert_eq!(Expression::number(-1e300).to_string(), "-1e300");
    assert_eq!(parse_list("[x, (y)]").unwrap().len(), 2);
    assert_eq!(parse_list(" x ").unwrap(), [parse("x").unwrap()]);
}

/// What is wrong, where, and what helps.
#[test]
fn mistakes_are_refused_with_their_place() {
    for (text, message, hint) in [
        ("", "expected an expression, got an empty text", ""),
        (
            "x +",
            "expected a number, a variable, a function or `(`, got the end at column 4\n  x +\n     ^",
            "",
        ),
        (
            "(x + y",
            "expected `)`, got the end at column 7\n  (x + y\n        ^",
            "",
        ),
        (
            "x)",
            "expected an operator or the end, got `)` at column 2\n  x)\n   ^",
            "",
        ),
        (
            "3x",
            "expected an operator or the end, got `x` at column 2\n  3x\n   ^",
            "a product is written with `*`, as in `3*x`",
        ),
        (
            "sgmoid(x)",
            "expected a function, got `sgmoid` at column 1\n  sgmoid(x)\n  ^",
            "did you mean `sigmoid`?",
        ),
        (
            "y + max(x)",
            "expected 2 arguments of `max`, got 1 at column 5\n  y + max(x)\n      ^",
            "",
        ),
        ("exp", "expected `(`, got the end at column 4\n  exp\n     ^", ""),
        (
            "exp(x, y)",
            "expected 1 argument of `exp`, got 2 at column 1\n  exp(x, y)\n  ^",
            "",
        ),
        (
            "2 + 1e999",
            "expected a number that f64 can hold, got `1e999` at column 5\n  2 + 1e999\n      ^",
            "",
        ),
        ("1.2.3", "expected a number, got `1.2.3` at column 1\n  1.2.3\n  ^", ""),
        (
            "x # y",
            "expected a number, a name, or one of `+ - * / ^ ( )`, got `#` at column 3\n  x # y\n    ^",
            "",
        ),
        (
            "[x, y",
            "expected `,` or `]`, got the end at column 6\n  [x, y\n       ^",
            "",
        ),
        (
            "[x] y",
            "expected an operator or the end, got `y` at column 5\n  [x] y\n      ^",
            "a product is written with `*`, as in `3*x`",
        ),
        (
            "ä?",
            "expected a number, a name, or one of `+ - * / ^ ( )`, got `?` at column 2\n  ä?\n   ^",
            "",
        ),
    ] {
        let error = parse_list(text).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Config);
        assert_eq!(error.message(), message, "{text}");
        assert_eq!(error.hint_text().unwrap_or_default(), hint, "{text}");
    }
}

/// Refused before a recursion ends the stack, which is short in tests; what is read can be differentiated.
#[test]
fn nesting_and_size_are_limited() {
    for text in [
        "(".repeat(5_000),
        "-".repeat(9_000) + "x",
        "x+".repeat(4_000) + "x",
        "x^".repeat(4_000) + "x",
        "exp(".repeat(2_000),
        format!("[{}x]", "x,".repeat(4_000)),
        "x".repeat(10_001),
    ] {
        let message = parse_list(&text).unwrap_err().message().to_owned();
        assert!(
            message.starts_with("expected at most ") || message.contains("at most 10000 bytes"),
            "{message}"
        );
    }
    for (nested, left, right) in [
        (99, "(1 + ", ")"),
        (190, "exp(", ")"),
        (190, "-(", ")"),
        (95, "2/(x + ", ")"),
        (190, "x*", ""),
        (80, "x^", ""),
        (38, "sqrt(1 + sqrt(", ")^2)^2"),
    ] {
        let text = left.repeat(nested) + "x" + &right.repeat(nested);
        let f = parse(&text).unwrap_or_else(|error| panic!("{left}: {error}"));
        let derivative = simplify(&rosenblatt_symbolic::derivative(&f, "x").unwrap());
        assert!(!derivative.to_string().is_empty());
    }
}
