//! The bijection behind every random number.

/// Multipliers and key increments of the paper (the latter from the golden ratio and √3).
const MULTIPLIERS: [u32; 2] = [0xD251_1F53, 0xCD9E_8D57];
const INCREMENTS: [u32; 2] = [0x9E37_79B9, 0xBB67_AE85];
const ROUNDS: u32 = 10;

/// Philox 4x32 with 10 rounds: four random words for each counter, the same on every machine.
///
/// For a fixed key it is a bijection of the counters: no block of four words comes twice.
///
/// # Reference
/// Salmon, Moraes, Dror, Shaw: Parallel Random Numbers, as Easy as 1, 2, 3. SC 2011, section 3.3.
#[inline]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    philox_lanes(counter.map(|word| [word]), key).map(|[word]| word)
}

/// Many counters at once, word by word: lane `l` of the result is Philox of lane `l` of the counter.
#[inline(always)]
pub(super) fn philox_lanes<const N: usize>(mut words: [[u32; N]; 4], mut key: [u32; 2]) -> [[u32; N]; 4] {
    for _ in 0..ROUNDS {
        let [c0, c1, c2, c3] = &mut words;
        for lane in 0..N {
            let p = u64::from(c0[lane]) * u64::from(MULTIPLIERS[0]);
            let q = u64::from(c2[lane]) * u64::from(MULTIPLIERS[1]);
            c0[lane] = (q >> 32) as u32 ^ c1[lane] ^ key[0];
            c1[lane] = q as u32;
            c2[lane] = (p >> 32) as u32 ^ c3[lane] ^ key[1];
            c3[lane] = p as u32;
        }
        key = [key[0].wrapping_add(INCREMENTS[0]), key[1].wrapping_add(INCREMENTS[1])];
    }
    words
}
