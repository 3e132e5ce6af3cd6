//! Damaged files: one to four damages each, decided by a seed.
//!
//! The damages are those that files get from disks, networks, editors and malice: flipped bits, cuts, pieces that are
//! repeated, moved or lost, foreign bytes, numbers and lengths beyond all measure, brackets without end, broken UTF-8.

/// Numbers at the edges of types, as text.
const NUMBERS: [&str; 14] = [
    "0",
    "-1",
    "1e999",
    "-1e-999",
    "255",
    "65536",
    "2147483648",
    "4294967295",
    "9223372036854775807",
    "18446744073709551615",
    "99999999999999999999999999",
    "0.1e",
    "nan",
    "00",
];

/// Numbers at the edges of types, as bytes.
const WORDS: [u64; 10] = [
    0,
    1,
    7,
    0x7f,
    0xff,
    0xffff,
    0x7fff_ffff,
    0xffff_ffff,
    i64::MAX as u64,
    u64::MAX,
];

/// Bytes that text must not contain, or that are looked at closely.
const PIECES: [&[u8]; 14] = [
    b"\0",
    b"\xff\xfe",
    b"\xfe\xff",
    b"\xef\xbb\xbf",
    b"\xc3",
    b"\xed\xa0\x80",
    b"\r",
    b"\n\n",
    b"\"",
    b"\"\"\"",
    b"'",
    b"\\u0000",
    b"\x1f\x8b",
    "\u{202e}\u{0}🦀".as_bytes(),
];

/// What nests, in formats that nest.
const BRACKETS: [&str; 7] = ["[", "{\"a\":", "{a=", "a.", "[[", "(", "\\\""];

/// The most bytes a damage adds, besides what it repeats.
const MAX_REPEATS: u64 = 20_000;

/// Random numbers from a seed: SplitMix64.
///
/// # Reference
/// Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators. 2014.
#[derive(Clone, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers of a seed.
    #[must_use]
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// 64 random bits.
    pub fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        bits ^ (bits >> 31)
    }

    /// A number below `n`; 0 if `n` is 0.
    pub fn below(&mut self, n: usize) -> usize {
        (self.bits() % (n.max(1) as u64)) as usize
    }

    /// One of some things.
    pub fn pick<'t, T>(&mut self, things: &'t [T]) -> &'t T {
        &things[self.below(things.len())]
    }

    /// A piece of `length` bytes: mostly a short one.
    fn piece(&mut self, length: usize) -> std::ops::Range<usize> {
        let from = self.below(length + 1);
        let longest = if self.below(4) == 0 {
            length - from
        } else {
            (length - from).min(40)
        };
        from..from + self.below(longest + 1)
    }
}

/// The bytes with one to four damages.
///
/// # Example
/// ```
/// use rosenblatt_testkit::mutant;
/// assert_eq!(mutant(b"a,b\n1,2\n", 7), mutant(b"a,b\n1,2\n", 7));
/// assert!((0..20).any(|seed| mutant(b"a,b\n1,2\n", seed) != b"a,b\n1,2\n"));
/// ```
#[must_use]
pub fn mutant(original: &[u8], seed: u64) -> Vec<u8> {
    let mut random = Random::new(seed);
    let mut bytes = original.to_vec();
    for _ in 0..=random.below(4) {
        damage(&mut bytes, &mut random);
    }
    bytes
}

fn damage(bytes: &mut Vec<u8>, random: &mut Random) {
    let at = random.below(bytes.len() + 1);
    match random.below(12) {
        0 | 1 => flip(bytes, random),
        2 => bytes.truncate(at),
        3 => drop(bytes.drain(random.piece(bytes.len()))),
        4 => {
            let piece = bytes[random.piece(bytes.len())].to_vec();
            let times = 1 + random.below(if piece.len() < 40 { 200 } else { 3 });
            insert(bytes, at, &piece.repeat(times));
        }
        5 => {
            let piece: Vec<u8> = bytes.drain(random.piece(bytes.len())).collect();
            let at = random.below(bytes.len() + 1);
            insert(bytes, at, &piece);
        }
        6 => {
            let foreign: Vec<u8> = (0..random.below(20)).map(|_| random.bits() as u8).collect();
            insert(bytes, at, &foreign);
        }
        7 => word(bytes, random),
        8 | 9 => number(bytes, random),
        10 => insert(bytes, at, PIECES[random.below(PIECES.len())]),
        _ => {
            let bracket = random.pick(&BRACKETS);
            let times = 1 << random.below(MAX_REPEATS.ilog2() as usize);
            insert(bytes, at, bracket.repeat(times).as_bytes());
        }
    }
}

fn insert(bytes: &mut Vec<u8>, at: usize, piece: &[u8]) {
    drop(bytes.splice(at..at, piece.iter().copied()));
}

fn flip(bytes: &mut [u8], random: &mut Random) {
    for _ in 0..=random.below(3) {
        let at = random.below(bytes.len());
        if let Some(byte) = bytes.get_mut(at) {
            *byte ^= 1 << random.below(8);
        }
    }
}

/// Overwrites a word, such as a length, by one at the edge of its type; often the first, where headers are.
fn word(bytes: &mut [u8], random: &mut Random) {
    let (word, width) = (*random.pick(&WORDS), *random.pick(&[1, 2, 4, 8]));
    let word = word ^ (random.below(2) as u64);
    let at = if random.below(2) == 0 {
        random.below(bytes.len().min(24))
    } else {
        random.below(bytes.len())
    };
    let word = if random.below(2) == 0 {
        word.to_le_bytes()
    } else {
        (word << (64 - 8 * width)).to_be_bytes()
    };
    for (byte, new) in bytes.iter_mut().skip(at).zip(&word[..width]) {
        *byte = *new;
    }
}

/// Replaces a number that is written in digits.
fn number(bytes: &mut Vec<u8>, random: &mut Random) {
    let start = random.below(bytes.len());
    let digit = |byte: &u8| byte.is_ascii_digit();
    let Some(from) = bytes[start..].iter().position(digit).map(|skipped| start + skipped) else {
        return;
    };
    let to = bytes[from..]
        .iter()
        .position(|byte| !digit(byte))
        .map_or(bytes.len(), |length| from + length);
    drop(bytes.splice(from..to, random.pick(&NUMBERS).bytes()));
}
