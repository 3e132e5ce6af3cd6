//! Encodings, line ends, headers, delimiters, rows of the wrong length.

use super::Case;

pub(crate) const CASES: &[Case] = &[
    ("empty file", b"", "error: t:1: is empty, expected a header line"),
    (
        "only blank lines",
        b"\n\r\n\n",
        "error: t:1: is empty, expected a header line",
    ),
    (
        "only a byte order mark",
        b"\xef\xbb\xbf",
        "error: t:1: is empty, expected a header line",
    ),
    ("header only", b"a,b\n", "0 rows; a numbers: ; b numbers: "),
    ("header without a line end", b"a,b", "0 rows; a numbers: ; b numbers: "),
    ("no final line end", b"a,b\n1,x", "1 rows; a numbers: 1; b texts: x"),
    (
        "no final line end, last cell empty",
        b"a,b\n1,",
        "1 rows; a numbers: 1; b numbers: _",
    ),
    (
        "byte order mark",
        b"\xef\xbb\xbfa\n1\n",
        "1 rows; a numbers: 1; UTF-8 with a byte order mark",
    ),
    (
        "byte order mark and quotes",
        b"\xef\xbb\xbf\"a\"\n1\n",
        "1 rows; a numbers: 1; UTF-8 with a byte order mark",
    ),
    (
        "two byte order marks",
        b"\xef\xbb\xbf\xef\xbb\xbfa\n1\n",
        "1 rows; a numbers: 1; UTF-8 with a byte order mark",
    ),
    (
        "UTF-16 LE",
        b"\xff\xfea\0\n\0\xe9\0\n\0",
        "1 rows; a texts: \u{e9}; UTF-16 LE",
    ),
    (
        "UTF-16 BE",
        b"\xfe\xff\0a\0,\0b\0\n\x001\0,\0x\0\n",
        "1 rows; a numbers: 1; b texts: x; UTF-16 BE",
    ),
    (
        "UTF-16 with a pair",
        b"\xff\xfea\0\n\0\x3d\xd8\x27\xdc\n\0",
        "1 rows; a texts: \u{1f427}; UTF-16 LE",
    ),
    (
        "UTF-16 with half a pair",
        b"\xff\xfea\0\n\0\x3d\xd8\n\0",
        "error: t: damaged UTF-16 LE in line 2 / save the file as UTF-8",
    ),
    (
        "UTF-16 with half a character",
        b"\xff\xfea\0\n\x001\0\n",
        "error: t: damaged UTF-16 LE in line 2 / save the file as UTF-8",
    ),
    (
        "UTF-16 without a mark",
        b"a\0,\0b\0\n\0",
        "error: t:1:1: a NUL byte, expected text / is it a table? UTF-16 without a byte order mark has to be saved as UTF-8",
    ),
    (
        "Latin-1",
        b"a,b\n1,caf\xe9\n",
        "1 rows; a numbers: 1; b texts: caf\u{e9}; the file is not UTF-8: it is read as windows-1252; windows-1252",
    ),
    (
        "Latin-1 in the header",
        b"gr\xf6\xdfe\n1\n",
        "1 rows; gr\u{f6}\u{df}e numbers: 1; the file is not UTF-8: it is read as windows-1252; windows-1252",
    ),
    (
        "NUL byte",
        b"a,b\n1,x\0y\n",
        "error: t:2:2: a NUL byte, expected text / is it a table? UTF-16 without a byte order mark has to be saved as UTF-8",
    ),
    (
        "NUL bytes behind the end",
        b"a\n1\n\0\0\0",
        "error: t:3:1: a NUL byte, expected text / is it a table? UTF-16 without a byte order mark has to be saved as UTF-8",
    ),
    ("CRLF", b"a,b\r\n1,x\r\n", "1 rows; a numbers: 1; b texts: x"),
    (
        "CRLF and LF",
        b"a,b\r\n1,x\n2,y\r\n",
        "2 rows; a numbers: 1 2; b texts: x y",
    ),
    ("CR alone", b"a,b\r1,x\r2,y\r", "2 rows; a numbers: 1 2; b texts: x y"),
    ("CR alone, no final one", b"a\r1\r2", "2 rows; a numbers: 1 2"),
    (
        "a CR among LF",
        b"a,b\n1,2\r3,4\n",
        "error: t:2:2: a carriage return without a line feed, unlike the other line ends / convert all line ends to LF or CRLF, or quote the cell if the line end belongs to it",
    ),
    (
        "a CR in a column alone",
        b"a\n1\r2\n",
        "error: t:2:1: a carriage return without a line feed, unlike the other line ends / convert all line ends to LF or CRLF, or quote the cell if the line end belongs to it",
    ),
    ("CRCRLF", b"a\r\r\n1\r\r\n", "1 rows; a numbers: 1"),
    (
        "a CR inside quotes",
        b"a,b\n\"x\ry\",1\n",
        "1 rows; a texts: x\\ry; b numbers: 1",
    ),
    (
        "blank lines are no rows",
        b"\n\na\n1\n\n\n2\n\n",
        "2 rows; a numbers: 1 2",
    ),
    (
        "quoted empty cells are rows",
        b"a\n\"\"\n1\n\"\"\n",
        "3 rows; a numbers: _ 1 _",
    ),
    (
        "a line of white space is a row",
        b"a\n1\n  \n",
        "2 rows; a numbers: 1 _",
    ),
    (
        "a line of white space among two columns",
        b"a,b\n1,2\n  \n",
        "error: t:3: 1 cell, but the header has 2 / cells are missing, or a line break inside a cell is not quoted",
    ),
    (
        "name twice",
        b"a,b,a\n1,2,3\n",
        "error: t:1:3: column `a` is listed twice in the header, as cells 1 and 3 / rename one of them, or give all names with `data.names`",
    ),
    (
        "name twice but for white space",
        b"a, a \n1,2\n",
        "error: t:1:2: column `a` is listed twice in the header, as cells 1 and 2 / rename one of them, or give all names with `data.names`",
    ),
    (
        "names that differ in case",
        b"a,A\n1,2\n",
        "1 rows; a numbers: 1; A numbers: 2",
    ),
    (
        "empty names",
        b",b,\n1,2,3\n",
        "1 rows; unnamed_1 numbers: 1; b numbers: 2; unnamed_3 numbers: 3",
    ),
    (
        "an empty name as one that is there",
        b",unnamed_1\n1,2\n",
        "error: t:1:2: column `unnamed_1` is listed twice in the header, as cells 1 and 2 / rename one of them, or give all names with `data.names`",
    ),
    (
        "delimiter at the end of rows only",
        b"a,b\n1,2,\n3,4,\n",
        "2 rows; a numbers: 1 3; b numbers: 2 4; rows end with a delimiter, the header does not: it is skipped",
    ),
    (
        "delimiter at the end of the header only",
        b"a,b,\n1,2\n",
        "error: t:2: 2 cells, but the header has 3 / cells are missing, or a line break inside a cell is not quoted; lines before the header are skipped with `data.skip_lines`",
    ),
    (
        "delimiter at the end everywhere",
        b"a,b,\n1,2,\n",
        "1 rows; a numbers: 1; b numbers: 2; unnamed_3 numbers: _",
    ),
    (
        "row names without a header cell",
        b"a,b\nx,1,2\ny,3,4\n",
        "2 rows; row_names texts: x y; a numbers: 1 3; b numbers: 2 4; rows have a cell more than the header: the first is taken for the name of the row, `row_names`",
    ),
    (
        "too few cells",
        b"a,b\n1,2\n3\n",
        "error: t:3: 1 cell, but the header has 2 / cells are missing, or a line break inside a cell is not quoted",
    ),
    (
        "too many cells in the last row",
        b"a,b\n1,2\n3,4,5",
        "error: t:3: 3 cells, but the header has 2 / cells that contain the delimiter need quotes around them",
    ),
    (
        "lines are counted with blank and broken ones",
        b"a,b\r\n\r\n\"x\r\ny\",2\r\n3\r\n",
        "error: t:5: 1 cell, but the header has 2 / cells are missing, or a line break inside a cell is not quoted",
    ),
    (
        "a comment before the header",
        b"# from the lab\na,b\n1,2\n",
        "1 rows; a numbers: 1; b numbers: 2; skipped 1 line of comments",
    ),
    (
        "semicolons",
        b"a;b\n1;x\n",
        "1 rows; a numbers: 1; b texts: x; between ';'",
    ),
    (
        "tabs",
        b"a\tb\n1\tx y\n",
        "1 rows; a numbers: 1; b texts: x y; between '\\t'",
    ),
    (
        "tabs around empty cells",
        b"a\tb\tc\n\t\t\n1\t\t2\n",
        "2 rows; a numbers: _ 1; b numbers: _ _; c numbers: _ 2; between '\\t'",
    ),
    (
        "bars",
        b"a|b\n1|x,y\n",
        "1 rows; a numbers: 1; b texts: x,y; between '|'",
    ),
    (
        "a comma in a header of semicolons",
        b"length, cm;width, cm\n1;2\n",
        "1 rows; length, cm numbers: 1; width, cm numbers: 2; between ';'",
    ),
    (
        "commas in quotes in a header of tabs",
        b"\"a,b,c\"\td\n1\t2\n",
        "1 rows; a,b,c numbers: 1; d numbers: 2; between '\\t'",
    ),
    ("one column", b"a\n1\n2\n", "2 rows; a numbers: 1 2"),
    (
        "white space around cells",
        b" a ,\tb\n 1 , x y \n",
        "1 rows; a numbers: 1; b texts: x y",
    ),
];
