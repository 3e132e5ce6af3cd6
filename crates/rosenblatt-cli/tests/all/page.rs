//! The page about a run in a browser, on a phone, dark: nothing in its console, pictures there.
//!
//! `cargo xtask prove report` looks at more pages, wide and narrow, light and dark.

use crate::common;

use common::Sandbox;
use rosenblatt_testkit::{Browser, Scheme};

#[test]
fn the_page_can_be_read_on_a_phone() {
    let Some(browser) = Browser::find() else {
        println!("skipped: there is no Chromium; install it, or name it in CHROMIUM");
        return;
    };
    let sandbox = Sandbox::new();
    if let Err(reason) = browser.try_out(&sandbox.path("")) {
        println!("skipped: Chromium does not run here: {reason}");
        return;
    }
    sandbox.ok("train penguins --epochs 5 --quiet --report page.html");
    let look = browser
        .look(&sandbox.path("page.html"), 360, Scheme::Dark, &sandbox.path(""))
        .unwrap();
    for finding in look.findings(3) {
        assert!(finding.holds, "{finding:#?}");
    }
}
