//! Starting over when a file was replaced meanwhile.

/// How often work starts over.
const RETRIES: usize = 2;

/// Does some work again, at most twice, while its result says that a file changed. `again` takes the useless result.
pub(super) fn until_unchanged<T>(first: T, is_changed: impl Fn(&T) -> bool, mut again: impl FnMut(T) -> T) -> T {
    let mut result = first;
    for _ in 0..RETRIES {
        if !is_changed(&result) {
            break;
        }
        result = again(result);
    }
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_starts_over_twice_at_most() {
        let until = |unchanged: i32| until_unchanged(0, |result| *result < unchanged, |result| result + 1);
        assert_eq!([until(0), until(1), until(2), until(9)], [0, 1, 2, 2]);
    }
}
