//! What the machine could do.

use std::time::Duration;

use rosenblatt_tensor::Isa;
use rosenblatt_train::bench::peak;

#[test]
fn rates_are_positive_and_nobody_does_nothing() {
    let length = Duration::from_millis(5);
    for isa in Isa::supported() {
        let rate = peak(isa, 1, length);
        assert!(rate.is_finite() && rate > 1e6, "{isa}: {rate}");
    }
    assert_eq!(peak(Isa::Portable, 0, length), 0.0);
}
