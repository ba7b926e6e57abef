//! How many connections the descriptors of the process are enough for.

/// Descriptors that are left to everything but connections: sources, catalogs, the listener, the log.
const RESERVE: u64 = 64;

/// Descriptors of one connection: its own, and that of the file that is its response.
const EACH: u64 = 2;

/// More connections than any process has; a semaphore counts no more than some hundred millions.
const MOST: usize = 1 << 24;

/// The number of connections, bounded by the descriptors that the process may have. At least 1.
pub(super) fn bounded(connections: usize) -> usize {
    fit(connections, limit())
}

fn fit(connections: usize, descriptors: Option<u64>) -> usize {
    let enough = descriptors.map(|descriptors| descriptors.saturating_sub(RESERVE) / EACH);
    let enough = enough.and_then(|enough| usize::try_from(enough).ok()).unwrap_or(usize::MAX);
    connections.min(enough).clamp(1, MOST)
}

/// The most descriptors that the process may have; `None` if there is no such number.
#[cfg(unix)]
fn limit() -> Option<u64> {
    rustix::process::getrlimit(rustix::process::Resource::Nofile).current
}

#[cfg(not(unix))]
const fn limit() -> Option<u64> {
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn connections_leave_descriptors_to_files() {
        for (connections, descriptors, expected) in [
            (1000, None, 1000),
            (1000, Some(1 << 20), 1000),
            (1000, Some(1024), 480),
            (1000, Some(256), 96),
            (50, Some(256), 50),
            (1000, Some(10), 1),
            (0, None, 1),
        ] {
            assert_eq!(fit(connections, descriptors), expected, "{connections} {descriptors:?}");
        }
    }
}
