//! Bytes of a file as UTF-8 text.

use std::borrow::Cow;
use std::fmt;
use std::io::{self, BufRead, Read};

use encoding_rs::{Decoder, DecoderResult, UTF_8, UTF_16BE, UTF_16LE};
use rosenblatt_tensor::{Error, Result};

use crate::places::read_error;

/// How characters are stored in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Encoding {
    charset: &'static encoding_rs::Encoding,
    /// Whether the file begins with a byte order mark.
    marked: bool,
}

impl Default for Encoding {
    fn default() -> Self {
        Self::of(UTF_8)
    }
}

impl Encoding {
    const fn of(charset: &'static encoding_rs::Encoding) -> Self {
        Self { charset, marked: false }
    }

    /// Western European characters of one byte each, as files of old programs are stored.
    pub(crate) const WINDOWS_1252: Self = Self::of(encoding_rs::WINDOWS_1252);

    /// The encoding of a name as it is usual, such as `latin1`, `windows-1252`, `utf-16le`, `shift_jis`.
    ///
    /// # Errors
    /// [`rosenblatt_tensor::ErrorKind::Config`] if no encoding has this name.
    ///
    /// # Example
    /// ```
    /// use rosenblatt_data::read::Encoding;
    /// assert_eq!(Encoding::named("latin1")?.to_string(), "windows-1252");
    /// # Ok::<(), rosenblatt_tensor::Error>(())
    /// ```
    pub fn named(name: &str) -> Result<Self> {
        encoding_rs::Encoding::for_label(name.as_bytes())
            .map(Self::of)
            .ok_or_else(|| {
                Error::config(format!("`{}` is not an encoding that is known", name.escape_debug()))
                    .hint("use a name such as `utf-8`, `latin1`, `windows-1252`, `utf-16le` or `shift_jis`")
            })
    }

    /// The encoding that the first bytes of a file name, and how many bytes the mark has.
    fn marked(start: &[u8]) -> Option<(Self, usize)> {
        let (charset, length) = encoding_rs::Encoding::for_bom(start)?;
        Some((Self { charset, marked: true }, length))
    }

    /// Whether the file begins with a byte order mark.
    pub(super) fn is_marked(self) -> bool {
        self.marked
    }

    /// Whether bytes are taken as they are.
    pub(super) fn is_utf8(self) -> bool {
        self.charset == UTF_8
    }

    /// The text of bytes of which nothing is damaged.
    pub(super) fn decode(self, bytes: &[u8]) -> Option<String> {
        let text = self
            .charset
            .decode_without_bom_handling_and_without_replacement(bytes)?;
        Some(text.into_owned())
    }
}

impl fmt::Display for Encoding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match self.charset {
            charset if charset == UTF_16LE => "UTF-16 LE",
            charset if charset == UTF_16BE => "UTF-16 BE",
            charset => charset.name(),
        };
        let mark = if self.is_utf8() && self.marked {
            " with a byte order mark"
        } else {
            ""
        };
        write!(f, "{name}{mark}")
    }
}

/// The text of a file without a byte order mark. What is UTF-8, or said to be nothing else, is not looked at: cells are
/// checked where they are known.
///
/// # Errors
/// What reading meets; while text is read, [`rosenblatt_tensor::ErrorKind::Data`] if it is damaged.
pub(super) fn utf8(
    mut source: Box<dyn BufRead + Send>,
    name: &str,
    given: Option<Encoding>,
) -> Result<(Box<dyn BufRead + Send>, Encoding)> {
    let failed = |error: io::Error| read_error(name, &error);
    let mut start = Vec::new();
    source.by_ref().take(3).read_to_end(&mut start).map_err(failed)?;
    let (encoding, mark) = Encoding::marked(&start).unwrap_or((given.unwrap_or_default(), 0));
    let rest = io::Cursor::new(start.split_off(mark)).chain(source);
    if encoding.is_utf8() {
        return Ok((Box::new(rest), encoding));
    }
    let text = Decoded {
        source: rest,
        decoder: encoding.charset.new_decoder_without_bom_handling(),
        text: Vec::new(),
        at: 0,
        lines: 1,
        ended: false,
    };
    Ok((Box::new(text), encoding))
}

/// The first bytes of a file as UTF-8 if a mark says that they are of another encoding; without the mark.
pub(super) fn start(bytes: &[u8]) -> Cow<'_, [u8]> {
    match Encoding::marked(bytes) {
        None => Cow::Borrowed(bytes),
        Some((encoding, mark)) if encoding.is_utf8() => Cow::Borrowed(&bytes[mark..]),
        Some((encoding, mark)) => {
            let (text, _) = encoding.charset.decode_without_bom_handling(&bytes[mark..]);
            Cow::Owned(text.into_owned().into_bytes())
        }
    }
}

/// Text of another encoding, decoded while it is read.
struct Decoded<R> {
    source: R,
    decoder: Decoder,
    text: Vec<u8>,
    /// How much of `text` was taken.
    at: usize,
    /// Lines that have begun.
    lines: usize,
    ended: bool,
}

impl<R: BufRead> Decoded<R> {
    /// Decodes more bytes.
    fn decode(&mut self) -> io::Result<()> {
        let bytes = self.source.fill_buf()?;
        let last = bytes.is_empty();
        self.text.resize(3 * bytes.len() + 16, 0);
        let (result, read, written) = self
            .decoder
            .decode_to_utf8_without_replacement(bytes, &mut self.text, last);
        self.text.truncate(written);
        self.lines += memchr::memchr_iter(b'\n', &self.text).count();
        self.source.consume(read);
        (self.at, self.ended) = (0, last);
        if let DecoderResult::Malformed(..) = result {
            let name = Encoding::of(self.decoder.encoding()).to_string();
            let error = Error::data(format!("damaged {name} in line {}", self.lines)).hint("save the file as UTF-8");
            return Err(io::Error::new(io::ErrorKind::InvalidData, error));
        }
        Ok(())
    }
}

impl<R: BufRead> Read for Decoded<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let text = self.fill_buf()?;
        let taken = text.len().min(buffer.len());
        buffer[..taken].copy_from_slice(&text[..taken]);
        self.consume(taken);
        Ok(taken)
    }
}

impl<R: BufRead> BufRead for Decoded<R> {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        while self.at == self.text.len() && !self.ended {
            self.decode()?;
        }
        Ok(&self.text[self.at..])
    }

    fn consume(&mut self, taken: usize) {
        self.at += taken;
    }
}
