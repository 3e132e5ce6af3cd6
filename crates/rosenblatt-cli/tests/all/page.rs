//! The page about a run in a browser: nothing in its console, pictures there, on a phone and on a desk, light and dark.
//!
//! `cargo xtask prove report` looks at more pages.

use crate::common;

use common::Sandbox;
use rosenblatt_testkit::{Browser, Scheme};

#[test]
fn the_page_can_be_read_on_any_screen() {
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
    for (width, scheme) in [(360, Scheme::Light), (1100, Scheme::Dark)] {
        let look = browser
            .look(&sandbox.path("page.html"), width, scheme, &sandbox.path(""))
            .unwrap();
        for finding in look.findings(3) {
            assert!(finding.holds, "{width} px, {scheme:?}: {finding:#?}");
        }
    }
}
