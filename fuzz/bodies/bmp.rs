//! A BMP in several ways: see `framed.rs`.

use super::framed;

pub(super) fn run(input: &[u8]) {
    if input.get(4..6) == Some(b"BM") {
        framed::run(input);
    }
}
