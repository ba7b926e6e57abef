//! Digests long files of content in the background, one at a time. The thread runs only while files wait.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::engine::Undigested;

/// Files that may wait. One that finds no room is asked for again by the next request for it.
const MOST: usize = 256;

/// How long the thread rests before each piece of a file while pictures wait for a processor.
const REST: Duration = Duration::from_millis(2);

#[derive(Default)]
struct Line {
    /// The first is the one that is being read.
    files: VecDeque<Arc<Undigested>>,
    /// There is a thread.
    running: bool,
    closed: bool,
}

#[derive(Default)]
pub(super) struct Digests(Mutex<Line>);

impl Digests {
    /// Puts a file in line, if it is not there yet. Whether a thread has to be started, which calls [`work`](Self::work).
    pub(super) fn ask(&self, file: Undigested) -> bool {
        let mut line = self.line();
        if line.closed || line.files.len() >= MOST || line.files.iter().any(|other| **other == file) {
            return false;
        }
        line.files.push_back(Arc::new(file));
        !std::mem::replace(&mut line.running, true)
    }

    /// No thread could be started.
    pub(super) fn give_up(&self) {
        let mut line = self.line();
        line.files.clear();
        line.running = false;
    }

    /// Digests the files in line until there is none. It rests while the service `is_busy`.
    pub(super) fn work(&self, is_busy: impl Fn() -> bool) {
        let keep_going = || {
            if is_busy() {
                std::thread::sleep(REST);
            }
            !self.line().closed
        };
        while let Some(file) = self.first() {
            // Ignores the error: the next request for the file meets it again and reports it.
            let _ = catch_unwind(AssertUnwindSafe(|| file.digest_alone(&keep_going)));
            self.line().files.pop_front();
        }
    }

    /// The next file. If there is none, the thread ends.
    fn first(&self) -> Option<Arc<Undigested>> {
        let mut line = self.line();
        let first = line.files.front().cloned();
        line.running = first.is_some();
        first
    }

    /// Ends the thread at the next piece of its file.
    pub(super) fn close(&self) {
        let mut line = self.line();
        line.closed = true;
        line.files.truncate(1);
    }

    fn line(&self) -> MutexGuard<'_, Line> {
        // No code panics while it holds this lock, so the queue is always consistent.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
