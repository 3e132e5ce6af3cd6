//! What several tests share.

use rosenblatt_tensor::rng::Rng;

/// The bytes with one to four wounds: a flipped bit, a cut, an insertion, a foreign piece at the end.
pub fn mutant(original: &[u8], seed: u64) -> Vec<u8> {
    let mut draw = Rng::new(seed).purpose("mutant").stream();
    let mut below = |n: usize| draw.below(n.max(1) as u64) as usize;
    let mut bytes = original.to_vec();
    for _ in 0..=below(4) {
        let at = below(bytes.len());
        match below(4) {
            0 if at < bytes.len() => bytes[at] ^= 1 << below(8),
            1 => bytes.truncate(at),
            2 => bytes.insert(at, below(256) as u8),
            _ => {
                let (byte, times) = (below(256) as u8, below(9));
                bytes.extend(std::iter::repeat_n(byte, times));
            }
        }
    }
    bytes
}
