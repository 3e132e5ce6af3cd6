//! Missing cells, booleans, dates, and other texts.

use super::Case;

pub(crate) const CASES: &[Case] = &[
    (
        "words for missing among numbers",
        b"a\nNA\nN/A\n?\nnull\n1\n<NA>\n",
        "6 rows; a numbers: _ _ _ _ 1 _",
    ),
    (
        "words for missing among texts",
        b"a,b\n,1\nNA,1\nn/a,1\nx,1\n#N/A,1\nNULL,1\n",
        "6 rows; a texts: _ _ _ x _ _; b numbers: 1 1 1 1 1 1",
    ),
    (
        "a dash is missing among numbers",
        b"a\n1\n-\n--\n.\n",
        "4 rows; a numbers: 1 _ _ _",
    ),
    (
        "a dash is a text among texts",
        b"a\n-\nx\n-\n",
        "3 rows; a texts: - x -",
    ),
    ("nothing but dashes", b"a\n-\n-\n", "2 rows; a texts: - -"),
    (
        "None is missing among numbers",
        b"a\nNone\n1\n",
        "2 rows; a numbers: _ 1",
    ),
    (
        "None is a text among texts",
        b"fence\nNone\nwood\n\n",
        "2 rows; fence texts: None wood",
    ),
    (
        "dashes, numbers, texts",
        b"a\n-\n1\nx\n",
        "3 rows; a texts: - 1 x; odd a 4:1 x: is not a number",
    ),
    (
        "words that only begin like missing",
        b"a\nNAN1\nNamibia\nnullify\n",
        "3 rows; a texts: NAN1 Namibia nullify",
    ),
    (
        "Namibia's code is missing, as everywhere",
        b"a\nNA\nDE\n",
        "2 rows; a texts: _ DE",
    ),
    (
        "all missing",
        b"a,b\n,1\nNA,2\n",
        "2 rows; a numbers: _ _; b numbers: 1 2",
    ),
    (
        "booleans",
        b"a,b,c\ntrue,yes,0\nfalse,no,1\n",
        "2 rows; a texts: true false; b texts: yes no; c numbers: 0 1",
    ),
    (
        "booleans in several spellings stay apart",
        b"a\nTrue\ntrue\nTRUE\n",
        "3 rows; a texts: TRUE TRUE TRUE; `a`: 2 cells in another spelling of a category, such as `TRUE`, `True`, `true`",
    ),
    (
        "ISO dates",
        b"a\n2024-01-31\n2024-02-29\n",
        "2 rows; a texts: 2024-01-31 2024-02-29",
    ),
    (
        "slashed dates",
        b"a\n01/02/2024\n31/12/2024\n",
        "2 rows; a texts: 01/02/2024 31/12/2024",
    ),
    (
        "a word among dates",
        b"a\n2024-01-31\nsoon\n2024-02-29\n",
        "3 rows; a texts: 2024-01-31 soon 2024-02-29; odd a 3:1 soon: is not a date",
    ),
    (
        "a dash before dates",
        b"a\n-\n2024-01-31 10:00 UTC\n2024-02-29\n",
        "3 rows; a texts: - 2024-01-31 10:00 UTC 2024-02-29; odd a 2:1 -: is not a date",
    ),
    (
        "a day that never was",
        b"a\n2024-01-31\n2023-02-29\n2024-02-29\n",
        "3 rows; a texts: 2024-01-31 2023-02-29 2024-02-29; odd a 3:1 2023-02-29: is not a date",
    ),
    (
        "a date among words",
        b"a\nlater\nsoon\n2024-01-31\nlater\n",
        "4 rows; a texts: later soon 2024-01-31 later",
    ),
    (
        "missing dates",
        b"a,b\n2024-01-31,1\n,2\nNA,3\n2024-02-29,4\n",
        "4 rows; a texts: 2024-01-31 _ _ 2024-02-29; b numbers: 1 2 3 4",
    ),
    (
        "days that may be months",
        b"a\n01/02/2024\n03/02/2024\n",
        "2 rows; a texts: 01/02/2024 03/02/2024; odd a 2:1 01/02/2024: is a date, but it is ambiguous whether the \
         day or the month comes first in this column",
    ),
    (
        "one date with the month first",
        b"a\n31/12/2024\n30/12/2024\n12/31/2024\n",
        "3 rows; a texts: 31/12/2024 30/12/2024 12/31/2024; odd a 4:1 12/31/2024: is not a date with the day first, as others \
         are",
    ),
    (
        "timestamps",
        b"a\n2024-01-31T12:00:00Z\n",
        "1 rows; a texts: 2024-01-31T12:00:00Z",
    ),
    (
        "compact dates are numbers",
        b"a\n20240131\n20240229\n",
        "2 rows; a numbers: 20240131 20240229",
    ),
    ("letters that differ in case", b"a\nx\nX\n", "2 rows; a texts: x X"),
    (
        "white space inside",
        b"a\nnew  york\nnew york\n",
        "2 rows; a texts: new  york new  york; `a`: 1 cell in another spelling of a category, such as `new  york`, `new york`",
    ),
    ("a formula is a text", b"a\n=1+1\n", "1 rows; a texts: =1+1"),
    ("emoji", b"a\n\xf0\x9f\x90\xa7\n", "1 rows; a texts: \u{1f427}"),
    (
        "control characters",
        b"a\nx\x1ey\n\x04\n",
        "2 rows; a texts: x\\u{1e}y \\u{4}",
    ),
];
