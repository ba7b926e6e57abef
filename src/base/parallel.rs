//! Work on several threads that are started for it.

use std::sync::{Mutex, PoisonError};

/// Does some work here and, at the same time, other work on each part on threads of their own; returns what came of the
/// first, and of the parts in order. A part for which the system starts no thread is worked on here, afterwards.
///
/// A panic of one is a panic of all, once the others have ended.
pub(crate) fn side_by_side<P: Send, R: Send>(
    here: impl FnOnce() -> R,
    parts: impl Iterator<Item = P>,
    work: &(impl Fn(P) -> R + Sync),
) -> Vec<R> {
    // Each part is taken by the first thread that comes to it.
    let parts: Vec<Mutex<Option<P>>> = parts.map(|part| Mutex::new(Some(part))).collect();
    let take = |part: &Mutex<Option<P>>| part.lock().unwrap_or_else(PoisonError::into_inner).take().map(work);
    std::thread::scope(|scope| {
        let start = |part| std::thread::Builder::new().spawn_scoped(scope, move || take(part)).map_err(|_| part);
        let threads: Vec<_> = parts.iter().map(start).collect();
        let mut results = vec![here()];
        for thread in threads {
            results.extend(match thread {
                Ok(thread) => thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)),
                Err(part) => take(part),
            });
        }
        results
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_done_in_any_order_and_returned_in_theirs() {
        let mut numbers = [1, 2, 3, 4, 5];
        let doubled = side_by_side(|| 0, numbers.chunks_mut(2), &|part: &mut [i32]| {
            part.iter_mut().for_each(|number| *number *= 2);
            part.len()
        });
        assert_eq!((doubled, numbers), (vec![0, 2, 2, 1], [2, 4, 6, 8, 10]));
        assert_eq!(side_by_side(|| 7, std::iter::empty::<u8>(), &|_| 1), [7]);
    }

    #[test]
    fn a_panic_is_passed_on() {
        let result = std::panic::catch_unwind(|| {
            side_by_side(|| 0, 0..3, &|i| if i == 2 { std::panic::resume_unwind(Box::new(7)) } else { i })
        });
        assert_eq!(result.unwrap_err().downcast_ref::<i32>(), Some(&7));
    }
}
