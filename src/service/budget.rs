//! Bodies in flight: the memory of responses that have been made and not yet been sent, and the most of it.

use std::any::Any;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use futures_channel::oneshot::Sender;
use http::Response;

use crate::http::{Body, Memory, overloaded};

/// Bodies up to this length, in bytes, are small.
const SMALL: u64 = 64 << 10;

/// Bodies up to this length, in bytes, and above [`SMALL`] are medium, and longer ones large.
const MEDIUM: u64 = 1 << 20;

/// What bodies of one class may fill, in eighths of the budget.
struct Class {
    /// As much as this, whatever other bodies are in flight.
    share: u64,
    /// No more than this.
    own: u64,
    /// Above the share: only while all bodies together fill no more than this.
    all: u64,
}

/// Bodies by their length, and pieces of long files. So a few clients that hold large bodies leave room for others, clients
/// that read films leave room for pictures of any length, and clients that hold medium bodies leave room for small ones.
const CLASSES: [Class; 4] = [
    Class { share: 1, own: 8, all: 8 },
    Class { share: 3, own: 7, all: 7 },
    Class { share: 0, own: 4, all: 4 },
    Class { share: 1, own: 3, all: 5 },
];

/// The class of a body: small, medium, large, or a piece.
const fn class(memory: Memory) -> usize {
    match memory.shared {
        // Bytes in memory have an address, and only a file has none.
        None => 3,
        Some(_) => (memory.length > SMALL) as usize + (memory.length > MEDIUM) as usize,
    }
}

/// A budget of bytes for bodies.
pub(super) struct Budget {
    most: u64,
    taken: Mutex<Taken>,
}

#[derive(Default)]
struct Taken {
    /// Bytes by class.
    classes: [u64; 4],
    /// How many permits there are for memory that several bodies may share, by its address and length.
    shared: HashMap<(usize, u64), usize>,
    refused: u64,
}

/// A part of the budget. It is given back when the last permit for the same memory is dropped.
struct Permit {
    budget: Arc<Budget>,
    class: usize,
    length: u64,
    /// The address of memory that is shared.
    shared: Option<usize>,
}

impl Budget {
    pub(super) fn new(most: u64) -> Arc<Self> {
        Arc::new(Self { most, taken: Mutex::default() })
    }

    /// Bytes of bodies in flight, and bodies that were refused so far.
    pub(super) fn stats(&self) -> (u64, u64) {
        let taken = self.taken();
        (taken.classes.iter().sum(), taken.refused)
    }

    /// The response, if there is room for its body, which then holds its part of the budget; else a 503.
    pub(super) fn admit(self: &Arc<Self>, response: Response<Body>) -> Response<Body> {
        let memory = response.body().memory();
        if memory.length == 0 {
            return response;
        }
        match self.permit(memory) {
            Some(permit) => response.map(|body| body.holding(permit)),
            None => overloaded(),
        }
    }

    fn permit(self: &Arc<Self>, memory: Memory) -> Option<Arc<dyn Any + Send + Sync>> {
        let (length, class) = (memory.length, class(memory));
        let shared = memory.shared.filter(|_| length > SMALL);
        let mut taken = self.taken();
        let permits = shared.and_then(|address| taken.shared.get_mut(&(address, length)));
        if let Some(permits) = permits {
            // The same memory counts once.
            *permits += 1;
        } else if taken.has_room(class, length, self.most) {
            taken.classes[class] += length;
            if let Some(address) = shared {
                taken.shared.insert((address, length), 1);
            }
        } else {
            taken.refused += 1;
            return None;
        }
        Some(Arc::new(Permit { budget: Arc::clone(self), class, length, shared }))
    }

    fn taken(&self) -> MutexGuard<'_, Taken> {
        // No code panics while it holds this lock, so the sums are always right.
        self.taken.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Taken {
    /// Whether a body may go out. One that is the only one of its class always may, however long it is: the limit of a reply
    /// bounds it.
    fn has_room(&self, class: usize, length: u64, most: u64) -> bool {
        let (part, own, all) = (most / 8, self.classes[class], self.classes.iter().sum::<u64>());
        let Class { share, own: most_own, all: most_all } = CLASSES[class];
        let fits = own + length <= most_own * part && all + length <= most_all * part;
        own == 0 || own + length <= share * part || fits
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        let mut taken = self.budget.taken();
        if let Some(address) = self.shared {
            let key = (address, self.length);
            match taken.shared.get_mut(&key) {
                Some(permits) if *permits > 1 => {
                    *permits -= 1;
                    return;
                }
                _ => taken.shared.remove(&key),
            };
        }
        let of = &mut taken.classes[self.class];
        *of = of.saturating_sub(self.length);
    }
}

/// The way back to a caller who waits: what goes along it counts from here on.
pub(super) struct Answer {
    sender: Sender<Response<Body>>,
    budget: Arc<Budget>,
}

impl Answer {
    pub(super) const fn new(sender: Sender<Response<Body>>, budget: Arc<Budget>) -> Self {
        Self { sender, budget }
    }

    /// The caller waits no more.
    pub(super) fn is_canceled(&self) -> bool {
        self.sender.is_canceled()
    }

    /// Sends a response, or a 503 if there is no room for its body. Returns whether the caller has waited for it.
    pub(super) fn give(self, response: Response<Body>) -> bool {
        !self.is_canceled() && self.sender.send(self.budget.admit(response)).is_ok()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use http::StatusCode;

    use super::*;

    fn response(bytes: Bytes) -> Response<Body> {
        Response::new(bytes.into())
    }

    fn bytes(length: u64) -> Bytes {
        vec![7; usize::try_from(length).unwrap()].into()
    }

    fn is_refused(response: &Response<Body>) -> bool {
        response.status() == StatusCode::SERVICE_UNAVAILABLE
    }

    const LARGE: u64 = 1 << 20;

    #[test]
    fn bodies_count_until_their_last_byte_is_dropped() {
        let budget = Budget::new(8 * LARGE);
        let mut admitted = budget.admit(response(bytes(LARGE)));
        assert_eq!(budget.stats(), (LARGE, 0));
        let piece = admitted.body_mut().next_piece().unwrap().unwrap();
        drop(admitted);
        let part = piece.slice(5..6);
        drop(piece);
        assert_eq!(budget.stats(), (LARGE, 0), "a part keeps all of the memory");
        drop(part);
        assert_eq!(budget.stats(), (0, 0));
        // Without a body nothing counts.
        drop(budget.admit(response(Bytes::new())));
        assert_eq!(budget.stats(), (0, 0));
    }

    #[test]
    fn what_exceeds_the_budget_is_refused_until_there_is_room() {
        let budget = Budget::new(8 * LARGE);
        let mut held: Vec<_> = (0..7).map(|_| budget.admit(response(bytes(LARGE)))).collect();
        assert!(!held.iter().any(is_refused));
        let refused = budget.admit(response(bytes(LARGE)));
        assert!(is_refused(&refused));
        assert_eq!(
            (&refused.headers()["retry-after"], &refused.headers()["cache-control"]),
            (&"1".parse().unwrap(), &"no-store".parse().unwrap())
        );
        assert_eq!(budget.stats(), (7 * LARGE, 1));
        // The last part is for small ones alone.
        let small: Vec<_> = (0..16).map(|_| budget.admit(response(bytes(SMALL)))).collect();
        assert!(!small.iter().any(is_refused));
        assert!(is_refused(&budget.admit(response(bytes(1)))));
        held.pop();
        assert!(!is_refused(&budget.admit(response(bytes(1)))));
    }

    #[test]
    fn one_body_longer_than_the_budget_goes_out_by_itself() {
        for most in [0, LARGE] {
            let budget = Budget::new(most);
            let held = budget.admit(response(bytes(3 * LARGE)));
            assert!(!is_refused(&held) && is_refused(&budget.admit(response(bytes(LARGE + 1)))));
            // Others have their shares all the same.
            let others = [9, SMALL + 1].map(|length| budget.admit(response(bytes(length))));
            assert!(!others.iter().any(is_refused));
            drop(held);
            assert!(!is_refused(&budget.admit(response(bytes(LARGE + 1)))));
        }
    }

    #[test]
    fn large_bodies_leave_half_of_the_budget_to_others() {
        let budget = Budget::new(32 * LARGE);
        let mut held: Vec<_> = (0..8).map(|_| budget.admit(response(bytes(2 * LARGE)))).collect();
        assert!(!held.iter().any(is_refused));
        assert!(is_refused(&budget.admit(response(bytes(2 * LARGE)))));
        held.extend((0..12).map(|_| budget.admit(response(bytes(LARGE)))));
        assert!(!held.iter().any(is_refused));
        assert!(is_refused(&budget.admit(response(bytes(LARGE)))));
        assert!(!is_refused(&budget.admit(response(bytes(SMALL)))));
    }

    /// A piece of a long file.
    fn piece(budget: &Arc<Budget>) -> Option<Arc<dyn Any + Send + Sync>> {
        budget.permit(Memory { shared: None, length: LARGE / 4 })
    }

    #[test]
    fn films_leave_room_for_pictures_of_any_length() {
        let budget = Budget::new(32 * LARGE);
        let films: Vec<_> = std::iter::from_fn(|| piece(&budget)).take(1000).collect();
        assert_eq!(budget.stats().0, 12 * LARGE, "three parts of eight");
        let held = [
            (2 * LARGE, 16 * LARGE, "large ones go on to half of the budget"),
            (LARGE / 4, 28 * LARGE, "and medium ones to seven parts, as if they were not of the length of a piece"),
            (SMALL, 32 * LARGE, "and small ones to all of it"),
        ]
        .map(|(length, most, why)| {
            let admitted = || Some(budget.admit(response(bytes(length)))).filter(|response| !is_refused(response));
            let held: Vec<_> = std::iter::from_fn(admitted).collect();
            assert_eq!(budget.stats().0, most, "{why}");
            held
        });
        drop(films);
        assert!(piece(&budget).is_some(), "one part is for films, whatever pictures are in flight");
        let films: Vec<_> = std::iter::from_fn(|| piece(&budget)).take(1000).collect();
        assert_eq!(films.len(), 16);
        drop((held, films));
        assert_eq!(budget.stats().0, 0);
    }

    #[test]
    fn bodies_that_share_memory_count_once() {
        let budget = Budget::new(8 * LARGE);
        let stored = bytes(5 * LARGE);
        let held: Vec<_> = (0..50).map(|_| budget.admit(response(stored.clone()))).collect();
        assert!(!held.iter().any(is_refused));
        assert_eq!(budget.stats(), (5 * LARGE, 0));
        // Other memory of the same length does not.
        assert!(is_refused(&budget.admit(response(bytes(5 * LARGE)))));
        drop(held);
        assert_eq!(budget.stats(), (0, 1));
        let again = budget.admit(response(stored));
        assert_eq!(budget.stats(), (5 * LARGE, 1));
        drop(again);
        assert!(budget.taken().shared.is_empty());
    }

    #[test]
    fn many_threads_give_back_what_they_take() {
        let budget = Budget::new(8 * LARGE);
        let stored = [bytes(LARGE), bytes(2 * LARGE), bytes(9)];
        std::thread::scope(|scope| {
            for thread in 0..4 {
                let (budget, stored) = (&budget, &stored);
                scope.spawn(move || {
                    for i in 0..2000 {
                        drop(budget.admit(response(stored[(i + thread) % 3].clone())));
                    }
                });
            }
        });
        assert_eq!(budget.stats(), (0, 0));
        assert!(budget.taken().shared.is_empty());
    }

    #[test]
    fn an_answer_that_no_caller_takes_costs_nothing() {
        let budget = Budget::new(8 * LARGE);
        let (sender, receiver) = futures_channel::oneshot::channel();
        assert!(Answer::new(sender, Arc::clone(&budget)).give(response(bytes(LARGE))));
        assert_eq!(budget.stats().0, LARGE, "it counts while it waits");
        drop(receiver);
        assert_eq!(budget.stats().0, 0);
        let (sender, receiver) = futures_channel::oneshot::channel();
        drop(receiver);
        let answer = Answer::new(sender, Arc::clone(&budget));
        assert!(answer.is_canceled() && !answer.give(response(bytes(9))));
        assert_eq!(budget.stats(), (0, 0));
    }
}
