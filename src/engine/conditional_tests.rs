//! Conditional requests, with the files that they open counted.

use std::cell::Cell;

thread_local! {
    static OPENED: Cell<usize> = const { Cell::new(0) };
}

/// Notes that a source is opened.
pub(super) fn count_open() {
    OPENED.set(OPENED.get() + 1);
}
