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
#[inline(always)]
pub fn philox4x32(counter: [u32; 4], key: [u32; 2]) -> [u32; 4] {
    // Words in 64 bits: vectors multiply them as they lie.
    let [mut c0, mut c1, mut c2, mut c3] = counter.map(u64::from);
    let [mut k0, mut k1] = key;
    for _ in 0..ROUNDS {
        let p = c0 * u64::from(MULTIPLIERS[0]);
        let q = c2 * u64::from(MULTIPLIERS[1]);
        c0 = (q >> 32) ^ c1 ^ u64::from(k0);
        c1 = q & u64::from(u32::MAX);
        c2 = (p >> 32) ^ c3 ^ u64::from(k1);
        c3 = p & u64::from(u32::MAX);
        k0 = k0.wrapping_add(INCREMENTS[0]);
        k1 = k1.wrapping_add(INCREMENTS[1]);
    }
    [c0 as u32, c1 as u32, c2 as u32, c3 as u32]
}
