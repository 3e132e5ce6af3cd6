//! Settings from any bytes; what is read can be written, and is the same again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rosenblatt_train::Spec;

fuzz_target!(|bytes: &[u8]| {
    if let Ok(spec) = Spec::from_bytes(bytes)
        && let Ok(text) = spec.to_toml()
    {
        assert_eq!(Spec::from_toml(&text).as_ref(), Ok(&spec));
    }
});
