//! What tests of several rooms need.

#[cfg(feature = "rayon")]
use std::sync::{Arc, OnceLock};

use crate::base::pool::Pool;

/// Whether searches take the time that they take in continuous integration: the variable `PLATEMARK_LONG` is set.
#[expect(clippy::disallowed_methods, reason = "the switch of a test program")]
pub(crate) fn is_long() -> bool {
    std::env::var_os("PLATEMARK_LONG").is_some()
}

/// A pool of `threads` threads.
#[cfg(feature = "rayon")]
#[expect(clippy::disallowed_methods, reason = "the host builds pools, and tests are the host")]
pub(crate) fn own_pool(threads: usize) -> Arc<rayon::ThreadPool> {
    Arc::new(rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap())
}

/// The pool of `threads` threads that tests share; at most 4.
#[cfg(feature = "rayon")]
pub(crate) fn pool(threads: usize) -> Arc<rayon::ThreadPool> {
    static POOLS: [OnceLock<Arc<rayon::ThreadPool>>; 4] = [const { OnceLock::new() }; 4];
    Arc::clone(POOLS[threads - 1].get_or_init(|| own_pool(threads)))
}

/// A handle of its own to that pool.
pub(crate) fn pooled(threads: usize) -> Pool {
    #[cfg(feature = "rayon")]
    return Pool::of(pool(threads));
    #[cfg(not(feature = "rayon"))]
    return Pool::NONE;
}

/// All of a list in continuous integration, else every `n`th of it.
pub(crate) fn some<T>(n: usize, list: impl IntoIterator<Item = T>) -> Vec<T> {
    list.into_iter().step_by(if is_long() { 1 } else { n }).collect()
}

/// A linear congruential generator.
#[derive(Debug, Clone)]
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) const fn new(seed: u64) -> Self {
        Self(seed)
    }

    /// The next state. Its high bits are the random ones.
    pub(crate) const fn state(&mut self) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        self.0
    }

    pub(crate) const fn byte(&mut self) -> u8 {
        (self.state() >> 56) as u8
    }

    /// A number from 0 to less than `end`, which is below 2³¹.
    pub(crate) const fn below(&mut self, end: usize) -> usize {
        (self.state() >> 33) as usize % end
    }
}
