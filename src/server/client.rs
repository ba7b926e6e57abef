//! What a connection waits for, as far as its client is to blame, and since when.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::Waker;
use std::time::{Duration, Instant};

use crate::base::clock::now;

use super::settings::Server;

/// Bytes that a client has to take in each span of the write timeout.
const PROGRESS: usize = 16 << 10;

/// How long a client may leave its response untouched before its connection may be closed in favor of another.
const PATIENCE: Duration = Duration::from_secs(5);

/// The client of a connection, as the connection's task and the one that accepts see it.
#[derive(Debug)]
pub(super) struct Client(Mutex<State>);

#[derive(Debug)]
struct State {
    /// Since when nothing has been asked.
    idle: Instant,
    /// Since when part of a request's head has been there.
    head: Option<Instant>,
    /// A request is being answered.
    busy: bool,
    /// A write waits for the client: since when, and the bytes that have gone out since.
    stalled: Option<(Instant, usize)>,
    order: Order,
    waker: Option<Waker>,
}

/// What a connection is told by the task that accepts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Order {
    GoOn,
    /// To end with the response that is under way.
    Finish,
    /// To end at once.
    Close,
}

impl Client {
    pub(super) fn new() -> Arc<Self> {
        Arc::new(Self(Mutex::new(State {
            idle: now(),
            head: None,
            busy: false,
            stalled: None,
            order: Order::GoOn,
            waker: None,
        })))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Every change is complete whenever the lock is free.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes have come from it.
    pub(super) fn has_sent(&self) {
        let mut state = self.state();
        if !state.busy && state.head.is_none() {
            state.head = Some(now());
        }
    }

    /// The head of a request is complete.
    pub(super) fn has_asked(&self) {
        let mut state = self.state();
        state.busy = true;
        state.head = None;
    }

    /// The last of the response has been handed over to be written.
    pub(super) fn is_answered(&self) {
        let mut state = self.state();
        state.busy = false;
        state.idle = now();
    }

    /// It does not take what is to be written.
    pub(super) fn stalls(&self) {
        let mut state = self.state();
        if state.stalled.is_none() {
            state.stalled = Some((now(), 0));
        }
    }

    /// It has taken some bytes.
    pub(super) fn has_taken(&self, bytes: usize) {
        if let Some((since, taken)) = &mut self.state().stalled {
            *taken = taken.saturating_add(bytes);
            if *taken >= PROGRESS {
                (*since, *taken) = (now(), 0);
            }
        }
    }

    /// It has taken everything that was to be written.
    pub(super) fn has_taken_all(&self) {
        let mut state = self.state();
        if state.stalled.take().is_some() {
            state.idle = now();
        }
    }

    /// Gives an order, which an earlier one of the same weight or more outlasts.
    pub(super) fn order(&self, order: Order) {
        let waker = {
            let mut state = self.state();
            if state.order != Order::Close {
                state.order = order;
            }
            state.waker.take()
        };
        if let Some(waker) = waker {
            waker.wake();
        }
    }

    /// The order in force. The next one wakes the task.
    pub(super) fn ordered(&self, waker: &Waker) -> Order {
        let mut state = self.state();
        if !state.waker.as_ref().is_some_and(|known| known.will_wake(waker)) {
            state.waker = Some(waker.clone());
        }
        state.order
    }

    /// When its time is over, as things stand; `None` while it does not keep the server waiting.
    pub(super) fn deadline(&self, server: &Server) -> Option<Instant> {
        let state = self.state();
        match (state.stalled, state.busy, state.head) {
            (Some((since, _)), _, _) => since.checked_add(server.write_timeout),
            (None, true, _) => None,
            (None, false, Some(since)) => since.checked_add(server.head_timeout),
            (None, false, None) => state.idle.checked_add(server.idle_timeout),
        }
    }

    /// How much it deserves to be closed in favor of another: whether it asks for nothing, and how long it has kept the
    /// server waiting. `None`: not at all.
    pub(super) fn nuisance(&self) -> Option<(bool, Duration)> {
        let state = self.state();
        match (state.stalled, state.busy) {
            _ if state.order == Order::Close => None,
            (Some((since, _)), _) => Some((false, since.elapsed())).filter(|(_, time)| *time >= PATIENCE),
            (None, true) => None,
            (None, false) => Some((true, state.head.unwrap_or(state.idle).elapsed())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(client: &Client) -> Option<Duration> {
        let server = Server::new()
            .idle_timeout(Duration::from_secs(300))
            .head_timeout(Duration::from_secs(200))
            .write_timeout(Duration::from_secs(100));
        // Rounded up to what the test cannot take.
        let left = client.deadline(&server)?.saturating_duration_since(now());
        Some(Duration::from_secs(left.as_secs().div_ceil(100) * 100))
    }

    #[test]
    fn the_deadline_is_that_of_what_the_client_owes() {
        let (idle, head, write) = (Duration::from_secs(300), Duration::from_secs(200), Duration::from_secs(100));
        let client = Client::new();
        assert_eq!(left(&client), Some(idle));
        client.has_sent();
        assert_eq!(left(&client), Some(head));
        client.has_asked();
        assert_eq!(left(&client), None);
        client.has_sent();
        client.stalls();
        assert_eq!(left(&client), Some(write));
        client.is_answered();
        assert_eq!(left(&client), Some(write), "the last of the response waits for the client");
        client.has_taken_all();
        assert_eq!(left(&client), Some(idle));
    }

    #[test]
    fn a_stalled_client_has_to_take_enough() {
        let client = Client::new();
        client.has_asked();
        client.has_taken(5);
        client.stalls();
        let since = |client: &Client| client.state().stalled.unwrap();
        let (first, _) = since(&client);
        client.has_taken(PROGRESS - 1);
        client.stalls();
        assert_eq!(since(&client), (first, PROGRESS - 1));
        std::thread::sleep(Duration::from_millis(2));
        client.has_taken(1);
        assert!(since(&client).0 > first && since(&client).1 == 0);
    }

    #[test]
    fn silent_clients_go_before_slow_ones_and_busy_ones_never() {
        let client = Client::new();
        assert!(client.nuisance().is_some_and(|(silent, _)| silent));
        client.has_asked();
        assert_eq!(client.nuisance(), None);
        client.stalls();
        assert_eq!(client.nuisance(), None, "it has some patience");
        client.state().stalled = now().checked_sub(Duration::from_secs(6)).map(|since| (since, 0));
        assert!(client.nuisance().is_some_and(|(silent, time)| !silent && time >= PATIENCE));
        client.order(Order::Close);
        client.order(Order::Finish);
        assert_eq!((client.ordered(Waker::noop()), client.nuisance()), (Order::Close, None));
    }
}
