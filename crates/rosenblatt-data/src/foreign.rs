//! Files people have instead of a table as text, known by how they begin.

use rosenblatt_tensor::{Error, Result};

/// How a format begins, what it is, and what to do with it.
type Format = (&'static [u8], &'static str, &'static str);

const SAVE: &str = "save it as CSV";
const UNPACK: &str = "unpack it first, or pack it with gzip";

const FORMATS: &[Format] = &[
    (b"PK\x03\x04", "a zip archive, as spreadsheets are (xlsx, ods)", SAVE),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "an old spreadsheet (xls)", SAVE),
    (b"PAR1\x15", "a Parquet file", SAVE),
    (b"ARROW1\0\0", "an Arrow file", SAVE),
    (b"\x93NUMPY", "a NumPy array", SAVE),
    (b"\x89HDF\r\n", "an HDF5 file", SAVE),
    (b"SQLite format 3\0", "an SQLite data base", SAVE),
    (b"\x28\xb5\x2f\xfd", "packed with zstd", UNPACK),
    (b"BZh91AY&SY", "packed with bzip2", UNPACK),
    (b"\xfd7zXZ\0", "packed with xz", UNPACK),
    (b"7z\xbc\xaf\x27\x1c", "a 7-Zip archive", UNPACK),
    (b"%PDF-", "a PDF", SAVE),
    (b"\x89PNG\r\n", "a picture (PNG)", "pictures are read as IDX files"),
    (b"\xff\xd8\xff", "a picture (JPEG)", "pictures are read as IDX files"),
];

/// Refuses what begins like one of them.
///
/// # Errors
/// [`rosenblatt_tensor::ErrorKind::Data`] with the name of the format.
pub(crate) fn refuse(start: &[u8]) -> Result<()> {
    // The length of a header in eight bytes, and the brace that opens it.
    if start.get(7..10) == Some(b"\0{\"") {
        let error = Error::data("this is a model (safetensors), expected a table as text");
        return Err(error.hint("`rosenblatt inspect` shows a model; name the data itself here"));
    }
    let known = FORMATS.iter().find(|(magic, ..)| start.starts_with(magic));
    known.map_or(Ok(()), |(_, what, hint)| {
        Err(Error::data(format!("this is {what}, expected a table as text")).hint(*hint))
    })
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
