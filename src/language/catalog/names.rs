//! Names in paths.

use std::path::{Component, Path};

/// An element of a request's file path that names an entry of its folder and nothing else.
pub(super) fn is_plain_name(name: &str) -> bool {
    // Windows has other names of a file with colons.
    let elsewhere: &[char] = if cfg!(windows) { &['\\', '\0', ':'] } else { &['\\', '\0'] };
    let mut components = Path::new(name).components();
    !name.is_empty()
        && !name.bytes().all(|c| c == b'.')
        && !name.contains(elsewhere)
        && matches!((components.next(), components.next()), (Some(Component::Normal(_)), None))
}
