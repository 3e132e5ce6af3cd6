//! Expressions from any text; what is read is written as the same tree, and can be simplified and differentiated.
#![no_main]

use libfuzzer_sys::fuzz_target;
use rosenblatt_symbolic::{derivative, parse, simplify};

fuzz_target!(|text: &str| {
    if let Ok(f) = parse(text) {
        assert_eq!(parse(&f.to_string()).as_ref(), Ok(&f));
        let _ = simplify(&f).to_string();
        for variable in f.variables().iter().take(2) {
            let by = derivative(&f, variable).expect("parsed functions have their arguments");
            let _ = simplify(&by).to_string();
        }
    }
});
