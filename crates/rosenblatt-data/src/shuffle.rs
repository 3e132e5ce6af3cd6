//! Random orders of rows, the only randomness of this crate.

/// What an order is for: the same seed gives another order for each.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Purpose {
    /// The rows of an epoch.
    Epoch(u64),
    /// Which rows validate.
    Valid,
    /// Which rows test.
    Test,
}

/// Puts `0..order.len()` into a random order that depends on `seed` and `purpose` alone.
pub(crate) fn shuffle(seed: u64, purpose: Purpose, order: &mut [u64]) {
    for (i, row) in order.iter_mut().enumerate() {
        *row = i as u64;
    }
    let mut state = seed
        ^ match purpose {
            Purpose::Epoch(e) => e.wrapping_mul(0x9E37_79B9_7F4A_7C15),
            Purpose::Valid => 1 << 62,
            Purpose::Test => 2 << 62,
        };
    for last in (1..order.len()).rev() {
        state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = state;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        order.swap(last, ((z ^ (z >> 31)) % (last as u64 + 1)) as usize);
    }
}
