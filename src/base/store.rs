//! A byte-weighted store that computes each value once.

use std::hash::Hash;
use std::sync::Arc;

use moka::sync::Cache;

use super::pool;

/// What a stored value weighs.
pub(crate) trait Weigh {
    /// Bytes.
    fn weight(&self) -> usize;
}

/// Values by key up to a number of bytes; the least used are forgotten first. Clones share the store.
#[derive(Clone)]
pub(crate) struct Store<K, V> {
    values: Cache<K, V>,
}

impl<K, V> Store<K, V>
where
    K: Hash + Eq + Send + Sync + 'static,
    V: Weigh + Clone + Send + Sync + 'static,
{
    /// A store of at most `bytes`; each value counts its weight and an overhead.
    pub(crate) fn new(bytes: u64) -> Self {
        const OVERHEAD: usize = 128;
        let weigher = |_: &K, value: &V| u32::try_from(value.weight() + OVERHEAD).unwrap_or(u32::MAX);
        Self { values: Cache::builder().max_capacity(bytes).weigher(weigher).build() }
    }

    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.values.get(key)
    }

    pub(crate) fn insert(&self, key: K, value: V) {
        self.values.insert(key, value);
    }

    /// Values, and bytes that they weigh.
    pub(crate) fn held(&self) -> (u64, u64) {
        self.values.run_pending_tasks();
        (self.values.entry_count(), self.values.weighted_size())
    }

    pub(crate) fn forget(&self, key: &K) {
        self.values.invalidate(key);
    }

    /// Forgets all values.
    pub(crate) fn clear(&self) {
        self.values.invalidate_all();
    }

    /// The value of a key, computed if it is not there. However many ask at the same time, one computes and all get its
    /// result. Errors are not stored.
    ///
    /// A worker of a rayon pool computes by itself: the thread that it would wait for may wait for the pool.
    pub(crate) fn get_or_compute<E>(&self, key: K, compute: impl FnOnce() -> Result<V, E>) -> Result<V, Arc<E>>
    where
        E: Send + Sync + 'static,
    {
        if !pool::is_worker() {
            return self.values.try_get_with(key, compute);
        }
        if let Some(value) = self.get(&key) {
            return Ok(value);
        }
        let value = compute().map_err(Arc::new)?;
        self.insert(key, value.clone());
        Ok(value)
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    impl Weigh for Vec<u8> {
        fn weight(&self) -> usize {
            self.len()
        }
    }

    #[test]
    fn simultaneous_askers_share_one_computation() {
        let store = Store::<u8, Vec<u8>>::new(10_000);
        let computed = AtomicUsize::new(0);
        std::thread::scope(|scope| {
            for _ in 0..16 {
                scope.spawn(|| {
                    let value = store.get_or_compute(1, || {
                        computed.fetch_add(1, Ordering::Relaxed);
                        std::thread::sleep(std::time::Duration::from_millis(50));
                        Ok::<_, ()>(vec![7; 3])
                    });
                    assert_eq!(value.unwrap(), [7; 3]);
                });
            }
        });
        assert_eq!(computed.into_inner(), 1);
    }

    #[test]
    fn errors_are_not_stored() {
        let store = Store::<u8, Vec<u8>>::new(10_000);
        assert_eq!(*store.get_or_compute(1, || Err::<Vec<u8>, _>("first")).unwrap_err(), "first");
        assert_eq!(store.get_or_compute(1, || Ok::<_, &str>(vec![1])).unwrap(), [1]);
    }

    #[test]
    fn the_budget_counts_bytes() {
        let store = Store::<u32, Vec<u8>>::new(100_000);
        for key in 0..100 {
            store.insert(key, vec![0; 10_000]);
        }
        let (items, bytes) = store.held();
        let kept = (0..100).filter(|key| store.get(key).is_some()).count();
        assert!((5..=9).contains(&kept), "{kept}");
        assert_eq!((items, bytes), (kept as u64, kept as u64 * 10_128));
    }
}
