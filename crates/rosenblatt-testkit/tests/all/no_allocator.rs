//! Without the allocator in place, counting must fail rather than find zero.

use rosenblatt_testkit::count;

#[test]
#[should_panic(expected = "not the global allocator")]
fn counting_with_the_usual_allocator_is_refused() {
    count(|| ());
}
