//! Files people have instead of a table as text, known by how they begin.

use rosenblatt_tensor::{Error, Result};

/// How a format begins, what it is, and what to do with it.
type Format = (&'static [u8], &'static str, &'static str);

const SAVE: &str = "save it as CSV";
const UNPACK: &str = "unpack it first, or pack it with gzip, zstd or zip";
const PAGE: &str = "it may be a page that asks for a login, or says what went wrong: download the file itself";

const FORMATS: &[Format] = &[
    (b"PK\x05\x06", "a zip archive without a file", UNPACK),
    (
        b"FEA1\0",
        "a Feather file of version 1",
        "save it as version 2, as CSV, or as Parquet",
    ),
    (b"Obj\x01", "an Avro file", SAVE),
    (b"\x93NUMPY", "a NumPy array", SAVE),
    (b"\x89HDF\r\n", "an HDF5 file", SAVE),
    (b"SQLite format 3\0", "an SQLite data base", SAVE),
    (b"BZh91AY&SY", "packed with bzip2", UNPACK),
    (b"\xfd7zXZ\0", "packed with xz", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"Rar!\x1a\x07", "a RAR archive", UNPACK),
    (b"%PDF-", "a PDF", SAVE),
    (b"{\\rtf", "a formatted document (RTF)", SAVE),
    (b"\x89PNG\r\n", "a picture (PNG)", "pictures are read as IDX files"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "pictures are read as IDX files"),
    (
        b"version https://git-lfs",
        "a pointer of git-lfs, not the file itself",
        "fetch the file with `git lfs pull`",
    ),
];

/// Files that are packed, for what is packed once more.
const PACKED: &[&[u8]] = &[b"\x1f\x8b", b"\x28\xb5\x2f\xfd", b"PK\x03\x04"];

/// Texts that are no table, by how they begin in lower case behind white space.
const MARKUP: &[Format] = &[
    (b"<!doctype html", "a page (HTML)", PAGE),
    (b"<html", "a page (HTML)", PAGE),
    (b"<head", "a page (HTML)", PAGE),
    (b"<body", "a page (HTML)", PAGE),
    (b"<table", "a page (HTML)", SAVE),
    (b"<?xml", "an XML document", SAVE),
    (b"<!doctype", "an XML document", SAVE),
];

/// Refuses what begins like one of them.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] with the name of the format.
pub(crate) fn refuse(start: &[u8]) -> Result<()> {
    // The length of a header in eight bytes, and the brace that opens it.
    if start.get(7..10) == Some(b"\0{\"") {
        let error = Error::data("this is a model (safetensors), expected a table");
        return Err(error.hint("`rosenblatt inspect` shows a model; name the data itself here"));
    }
    let this_is = |(_, what, hint): &Format| Err(Error::data(format!("this is {what}, expected a table")).hint(*hint));
    if let Some(format) = FORMATS.iter().find(|(magic, ..)| start.starts_with(magic)) {
        return this_is(format);
    }
    let text = start.strip_prefix(b"\xef\xbb\xbf").unwrap_or(start).trim_ascii_start();
    let begins = |(tag, ..): &&Format| text.get(..tag.len()).is_some_and(|text| text.eq_ignore_ascii_case(tag));
    if let Some(format) = MARKUP.iter().find(begins) {
        return this_is(format);
    }
    match is_libsvm(text) {
        true => Err(
            Error::data("this is a sparse matrix (libsvm: `1 3:0.5 7:2`), expected a table")
                .hint("write it with a column for each number, such as with scikit-learn's `load_svmlight_file`"),
        ),
        false => Ok(()),
    }
}

/// Refuses what was packed, and is packed still, or begins like one of them.
///
/// # Errors
/// As [`refuse`].
pub(crate) fn refuse_packed(start: &[u8]) -> Result<()> {
    match PACKED.iter().any(|magic| start.starts_with(magic)) {
        true => Err(Error::data("this is packed twice, expected a table").hint("unpack it once")),
        false => refuse(start),
    }
}

/// Whether the first lines are a label and `number:value` each, the numbers ascending.
fn is_libsvm(text: &[u8]) -> bool {
    const LINES: usize = 3;
    let Some(end) = text.iter().rposition(|&byte| byte == b'\n') else {
        return false;
    };
    let is_row = |line: &[u8]| {
        let mut words = line.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty());
        let is_number = |word: &[u8]| std::str::from_utf8(word).is_ok_and(|word| word.parse::<f64>().is_ok());
        let label = words.next().is_some_and(is_number);
        let (mut any, mut last) = (false, None);
        let ascend = words.take_while(|word| word[0] != b'#').all(|word| {
            let Some(colon) = word.iter().position(|&byte| byte == b':') else {
                return false;
            };
            let index = std::str::from_utf8(&word[..colon])
                .ok()
                .and_then(|word| word.parse::<u64>().ok());
            let ascends = index.is_some() && index > last;
            (any, last) = (true, index);
            ascends && is_number(&word[colon + 1..])
        });
        label && any && ascend
    };
    text[..end].split(|&byte| byte == b'\n').take(LINES).all(is_row)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formats_are_known_by_their_first_bytes() {
        for (magic, what, _) in FORMATS {
            let error = refuse(&[magic, &b"rest"[..]].concat()).unwrap_err();
            assert!(error.message().contains(what), "{error}");
            assert!(refuse(&magic[..magic.len() - 1]).is_ok(), "{what}");
        }
        assert!(refuse(b"\x10\x01\0\0\0\0\0\0{\"a\":1}").is_err());
        for table in [
            &b""[..],
            b"0123456{\"a\":1}",
            b"\x10\x01\0\0\0\0\0\0a,b",
            b"a,b\n1,2\n",
            b"\xef\xbb\xbfa,b",
            b"\xff\xfea\0",
            b"\x1f\x8b",
            b"BZh,PAR1\n",
        ] {
            assert!(refuse(table).is_ok(), "{table:?}");
        }
    }
}
