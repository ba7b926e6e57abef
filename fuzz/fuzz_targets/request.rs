//! Any text as a request is read or refused; what is read has one canonical form.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let _ = platemark::internals::canonical_request(&format!("/is/image/{text}"));
});
