//! Numbers in all their spellings, and what looks like one.

use super::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "usual numbers",
        b"a\n1\n-2.5\n+.5\n5.\n1e3\n1E-3\n",
        "6 rows; a numbers: 1 -2.5 0.5 5 1000 0.001",
    ),
    ("negative zero", b"a\n-0\n-0.0\n", "2 rows; a numbers: -0 -0"),
    (
        "too large",
        b"a,b\n1,2\n3,1e400\n",
        "error: t:3:2: column `b`: `1e400` is out of range, expected a finite number / if it marks a missing value, add `data.missing = 1e400`",
    ),
    (
        "infinite",
        b"a\n1\ninf\n",
        "error: t:3:1: column `a`: `inf` is out of range, expected a finite number / if it marks a missing value, add `data.missing = inf`",
    ),
    (
        "negative infinity, written out",
        b"a\n-Infinity\n",
        "error: t:2:1: column `a`: `-Infinity` is out of range, expected a finite number / if it marks a missing value, add `data.missing = -Infinity`",
    ),
    ("infinite among texts", b"a\ninf\nx\n", "2 rows; a texts: inf x"),
    ("too small is zero", b"a\n1e-400\n1\n", "2 rows; a numbers: 0 1"),
    (
        "not a number is missing",
        b"a\nnan\n-nan\nNaN\n1\n",
        "4 rows; a numbers: _ _ _ 1",
    ),
    ("hexadecimal is text", b"a\n0x10\n0xff\n", "2 rows; a texts: 0x10 0xff"),
    (
        "decimal commas between semicolons",
        b"a;b\n1,5;x\n-2,25;y\n",
        "2 rows; a numbers: 1.5 -2.25; b texts: x y; between ';'",
    ),
    (
        "three decimals behind a comma",
        b"a;b\n1,234;x\n",
        "1 rows; a numbers: 1.234; b texts: x; between ';'",
    ),
    (
        "decimal commas and points in one column",
        b"a;b\n1,5;1.5\n1.5;2\n",
        "2 rows; a texts: 1,5 1.5; b numbers: 1.5 2; `a` is read as text: some numbers have a point before decimals, others a comma; between ';'",
    ),
    (
        "thousands in a column of commas",
        b"a;b\n1.234,5;1\n",
        "1 rows; a numbers: 1234.5; b numbers: 1; between ';'",
    ),
    (
        "decimal commas between commas need quotes",
        b"a,b\n1,5,2,5\n",
        "error: t:2: 4 cells, but the header has 2 / cells that contain the delimiter need quotes around them; lines before the header are skipped with `data.skip_lines`",
    ),
    (
        "a quoted comma between commas says nothing certain",
        b"a,b\n\"1,5\",2\n",
        "1 rows; a numbers: 1.5; b numbers: 2",
    ),
    (
        "thousands separators",
        b"a,b\n\"1,200\",1\n\"3,400\",2\n",
        "2 rows; a numbers: 1200 3400; b numbers: 1 2",
    ),
    ("thousands with spaces", b"a\n1 200\n", "1 rows; a numbers: 1200"),
    (
        "thousands with a no-break space",
        b"a\n1\xc2\xa0200\n",
        "1 rows; a numbers: 1200",
    ),
    ("underscores", b"a\n1_000\n", "1 rows; a texts: 1_000"),
    ("units", b"a\n5 cm\n6 cm\n", "2 rows; a numbers: 5 6"),
    ("percent", b"a\n12%\n", "1 rows; a numbers: 12"),
    (
        "currency",
        b"a\n$5\n\xe2\x82\xac6\n",
        "2 rows; a texts: $5 €6; `a` is read as text: some numbers have the unit `$`, others `€`",
    ),
    (
        "a unit in the last row",
        b"a\n1\n2\n3kg\n",
        "3 rows; a texts: 1 2 3kg; `a` is read as text: some numbers have the unit `kg`, others have none",
    ),
    ("accountants' brackets", b"a\n(5)\n6\n", "2 rows; a numbers: -5 6"),
    (
        "the minus sign of typographers",
        b"a\n\xe2\x88\x925\n",
        "1 rows; a numbers: -5",
    ),
    ("Arabic digits are text", b"a\n\xd9\xa1\n", "1 rows; a texts: \u{661}"),
    (
        "leading zeros",
        b"zip\n01234\n98765\n",
        "2 rows; zip texts: 01234 98765; odd zip 2:1 01234: starts with 0",
    ),
    (
        "a leading zero in the last row",
        b"zip\n98765\n01234\n",
        "2 rows; zip texts: 98765 01234; odd zip 3:1 01234: starts with 0",
    ),
    (
        "a zero before a point",
        b"a\n0.5\n0\n00.5\n",
        "3 rows; a numbers: 0.5 0 0.5",
    ),
    (
        "whole numbers with too many digits",
        b"a\n12345678901234567\n12345678901234568\n",
        "2 rows; a texts: 12345678901234567 12345678901234568; odd a 2:1 12345678901234567: has more digits than a number keeps",
    ),
    (
        "whole numbers below 0 with too many digits",
        b"a\n-12345678901234567\n-12345678901234568\n",
        "2 rows; a texts: -12345678901234567 -12345678901234568; odd a 2:1 -12345678901234567: has more digits than a number \
         keeps",
    ),
    ("a sign before 0", b"a\n-07\n+08\n", "2 rows; a numbers: -7 8"),
    (
        "the last whole number that is exact",
        b"a\n9007199254740992\n",
        "1 rows; a numbers: 9007199254740992",
    ),
    (
        "a text in the first row",
        b"a\nx\n1\n2\n",
        "3 rows; a texts: x 1 2; odd a 2:1 x: is not a number",
    ),
    (
        "a text in the middle",
        b"a,b\n1,1\n2,x\n3,3\n",
        "3 rows; a numbers: 1 2 3; b texts: 1 x 3; odd b 3:2 x: is not a number",
    ),
];
