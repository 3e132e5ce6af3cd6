//! The bytes of a text, one piece after another.

/// What is left of a text. Nothing it does takes a byte unless it says so.
#[derive(Clone, Copy)]
pub(super) struct Cursor<'t> {
    rest: &'t [u8],
}

/// Digits in a row.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Digits<'t> {
    pub text: &'t [u8],
}

impl<'t> Cursor<'t> {
    pub fn new(text: &'t str) -> Self {
        Self {
            rest: text.as_bytes().trim_ascii(),
        }
    }

    pub fn is_empty(self) -> bool {
        self.rest.is_empty()
    }

    pub fn peek(self) -> Option<u8> {
        self.rest.first().copied()
    }

    /// The text that is left.
    pub fn rest(self) -> &'t [u8] {
        self.rest
    }

    /// Skips so many bytes.
    pub fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or_default();
    }

    /// Takes a byte if it is this one.
    pub fn eat(&mut self, byte: u8) -> bool {
        let is = self.peek() == Some(byte);
        self.skip(usize::from(is));
        is
    }

    /// Takes a byte if it is one of these.
    pub fn eat_any(&mut self, bytes: &[u8]) -> Option<u8> {
        let byte = self.peek().filter(|byte| bytes.contains(byte))?;
        self.skip(1);
        Some(byte)
    }

    /// Takes blanks, no-break spaces too, and says whether there was one.
    pub fn blanks(&mut self) -> bool {
        let before = self.rest.len();
        loop {
            match self.rest {
                [b' ' | b'\t', ..] => self.skip(1),
                [0xc2, 0xa0, ..] => self.skip(2),
                [0xe2, 0x80, 0xaf, ..] => self.skip(3),
                _ => return self.rest.len() < before,
            }
        }
    }

    /// The digits it begins with, which it takes.
    pub fn digits(&mut self) -> Option<Digits<'t>> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (text, rest) = self.rest.split_at(length);
        self.rest = rest;
        (length > 0).then_some(Digits { text })
    }

    /// Exactly two digits below a number, which it takes.
    pub fn two_digits(&mut self, below: u32) -> Option<u32> {
        let digits = self.digits()?;
        (digits.len() == 2)
            .then(|| digits.number())
            .filter(|&number| number < below)
    }

    /// The four digits behind a blank at the end, which it takes.
    pub fn take_last_year(&mut self) -> Option<u32> {
        let (rest, year) = self.rest.split_at_checked(self.rest.len().checked_sub(4)?)?;
        let year = Self { rest: year }.digits().filter(|year| year.len() == 4)?;
        self.rest = rest.trim_ascii_end();
        (self.rest.len() < rest.len()).then(|| year.number())
    }

    /// The letters it begins with, which it takes.
    pub fn word(&mut self) -> Option<&'t [u8]> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_alphabetic()).count();
        let (word, rest) = self.rest.split_at(length);
        self.rest = rest;
        (length > 0).then_some(word)
    }

    /// Takes a word, whatever the case of its letters, if no letter follows.
    pub fn eat_word(&mut self, word: &str) -> bool {
        let mut ahead = *self;
        let is = ahead
            .word()
            .is_some_and(|found| found.eq_ignore_ascii_case(word.as_bytes()));
        if is {
            *self = ahead;
        }
        is
    }
}

impl Digits<'_> {
    pub fn len(self) -> usize {
        self.text.len()
    }

    /// The number; the largest one for more than nine digits.
    pub fn number(self) -> u32 {
        let digit = |number: u32, byte: &u8| 10 * number + u32::from(byte - b'0');
        match self.len() {
            0..=9 => self.text.iter().fold(0, digit),
            _ => u32::MAX,
        }
    }

    /// The number of some of the digits, at most nine.
    pub fn part(self, from: usize, length: usize) -> u32 {
        let text = self.text.get(from..from + length).unwrap_or_default();
        Digits { text }.number()
    }

    /// The number behind `0.` that these digits write.
    pub fn fraction(self) -> f64 {
        const POWERS: [f64; 10] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9];
        match POWERS.get(self.len()) {
            // Two numbers that f64 holds exactly: the quotient is the f64 nearest to the text.
            Some(power) => f64::from(self.number()) / power,
            None => format!("0.{}", String::from_utf8_lossy(self.text))
                .parse()
                .unwrap_or(0.0),
        }
    }
}
