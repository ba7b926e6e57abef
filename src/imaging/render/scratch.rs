//! Buffers that decoders have used, kept for the next picture.

use std::sync::{Mutex, PoisonError};

use crate::imaging::codec::Buffers;

/// Buffers that decoders have used, kept because fresh memory costs a page fault per 4 KiB: 20 ms for 50 MB.
pub(crate) struct Scratch {
    idle: Mutex<Vec<Buffers>>,
    max_bytes: usize,
}

impl Scratch {
    pub(crate) const fn new(max_bytes: usize) -> Self {
        Self { idle: Mutex::new(Vec::new()), max_bytes }
    }

    /// Lends a buffer to `job`, the largest that is idle.
    pub(crate) fn lend<T>(&self, job: impl FnOnce(&mut Buffers) -> T) -> T {
        let mut buffer = {
            // A panic elsewhere leaves the list as it was: whole buffers only.
            let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
            idle.pop().unwrap_or_default()
        };
        let result = job(&mut buffer);
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        let at = idle.partition_point(|other| other.bytes() < buffer.bytes());
        idle.insert(at, buffer);
        // The smallest go first.
        while idle.iter().map(Buffers::bytes).sum::<usize>() > self.max_bytes {
            idle.remove(0);
        }
        result
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn idle(scratch: &Scratch) -> Vec<usize> {
        scratch.idle.lock().unwrap().iter().map(Buffers::bytes).collect()
    }

    #[test]
    fn the_largest_buffers_are_kept_within_the_budget() {
        let scratch = Scratch::new(1000);
        let ask = |len: usize| scratch.lend(|buffer| *buffer = Buffers::with_pixels(Vec::with_capacity(len)));
        scratch.lend(|_| {
            scratch.lend(|_| ask(300));
            ask(600);
        });
        assert_eq!(idle(&scratch), [0, 0, 600], "the largest idle one was lent and grown");
        ask(700);
        assert_eq!(idle(&scratch), [0, 0, 700]);
        scratch.lend(|_| ask(400));
        assert_eq!(idle(&scratch), [700], "over the budget, the smallest go");
        ask(5000);
        assert!(idle(&scratch).is_empty(), "larger than the budget");
    }
}
