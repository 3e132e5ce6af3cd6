//! Quotes, whole and broken.

use super::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "quoted numbers",
        b"a,b\n\"1\",\"2.5\"\n",
        "1 rows; a numbers: 1; b numbers: 2.5",
    ),
    (
        "a delimiter in quotes",
        b"a,b\n\"x,y\",1\n",
        "1 rows; a texts: x,y; b numbers: 1",
    ),
    (
        "a line end in quotes",
        b"a,b\n\"x\ny\",1\n2,3\n",
        "2 rows; a texts: x\\ny 2; b numbers: 1 3; odd a 2:1 x\\ny: is not a number",
    ),
    (
        "a line end in a quoted name",
        b"\"a\nb\",c\n1,2\n",
        "1 rows; a\nb numbers: 1; c numbers: 2",
    ),
    (
        "doubled quotes",
        b"a\n\"say \"\"hi\"\"\"\n",
        "1 rows; a texts: say \\\"hi\\\"",
    ),
    ("nothing but doubled quotes", b"a\n\"\"\"\"\n", "1 rows; a texts: \\\""),
    (
        "a quote inside a bare cell",
        b"a,b\n5\" pipe,1\n",
        "1 rows; a texts: 5\\\" pipe; b numbers: 1",
    ),
    (
        "a backslash escapes nothing",
        b"a,b\n\"x\\\",1\n",
        "1 rows; a texts: x\\\\; b numbers: 1",
    ),
    (
        "a backslash before a quote inside quotes",
        b"a,b\n\"x\\\"y\",1\n",
        "error: t:2:1: `y` after a closing quote / a quote inside a quoted cell has to be doubled: \"\"",
    ),
    (
        "single quotes are characters",
        b"a,b\n'x,y'\n",
        "1 rows; a texts: \\'x; b texts: y\\'",
    ),
    (
        "text after a closing quote",
        b"a,b\n\"x\"y,1\n",
        "error: t:2:1: `y` after a closing quote / a quote inside a quoted cell has to be doubled: \"\"",
    ),
    (
        "a quote after a closing quote and a space",
        b"a,b\n1,\"x\" \"y\"\n",
        "error: t:2:2: `\\\"` after a closing quote / a quote inside a quoted cell has to be doubled: \"\"",
    ),
    (
        "white space around quotes",
        b"a,b\n \"x,y\" , \"1\" \n",
        "1 rows; a texts: x,y; b numbers: 1",
    ),
    (
        "a quote inside a name of the header",
        b"5\" pipe;length;price\n1;2,5;x\n",
        "1 rows; 5\" pipe numbers: 1; length numbers: 2.5; price texts: x; between ';'",
    ),
    (
        "delimiters of others inside quotes",
        b"a;\"b,c|d\"\n1;\"2,5\"\n",
        "1 rows; a numbers: 1; b,c|d numbers: 2.5; between ';'",
    ),
    (
        "a quote never closed",
        b"a,b\n1,2\n3,\"4\n5,6\n",
        "error: t:3:2: a quote opened here is never closed / close it, or double it if it is part of the text",
    ),
    (
        "a quote never closed in the header",
        b"a,\"b\n1,2\n",
        "error: t:1:2: a quote opened here is never closed / close it, or double it if it is part of the text",
    ),
    (
        "a quote as the last byte",
        b"a\n1\n\"",
        "error: t:3:1: a quote opened here is never closed / close it, or double it if it is part of the text",
    ),
    (
        "a quote closed many lines later",
        b"a,b\n1,\"x\n2,y\n3,z\"\n",
        "1 rows; a numbers: 1; b texts: x\\n2,y\\n3,z",
    ),
    (
        "quoted words for missing",
        b"a,b\n\"NA\",\"\"\n1,x\n",
        "2 rows; a numbers: _ 1; b texts: _ x",
    ),
];
