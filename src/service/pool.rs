//! Threads that answer requests: some that look at all of them, some that make pictures.
//!
//! Whatever needs no decoding and no reading of long files is answered by those that look, however busy the others are.
//! Pictures wait in lines of bounded length, the large ones apart, and with them files that have to be read first. A request
//! for a picture or a file that is in line already, or being worked on, waits for the same work. Once a source has been
//! read, all requests that waited for it go on, and the picture waits in the line of its own size.

use std::collections::{HashMap, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Instant;

use http::{Response, StatusCode};

use crate::base::clock::now;
use crate::base::observe::{Span, turned, waited};
use crate::base::version::Version;
use crate::engine::Undigested;
use crate::http::{Body, Exchange, failed, overloaded};

use super::budget::Answer;
use super::digests::Digests;

/// [Work](crate::Prepared::work) from where a picture counts as large, that is some 50 ms: large ones wait in a line of
/// their own, and leave one thread to smaller ones.
const LARGE: u64 = 32_000_000;

/// Of so many pictures that are taken from the lines one is a large one, if any waits; and of so many that are taken from the
/// line of large ones one is a picture, not a file to be read.
const TURN: usize = 4;

/// Looks at a request.
pub(super) type Look = Box<dyn FnOnce() -> Exchange + Send>;

/// A client that waits for a response.
pub(super) struct Asker {
    pub(super) answer: Answer,
    /// When the time is over that the request may take.
    pub(super) deadline: Option<Instant>,
    /// When the request came in.
    pub(super) came: Instant,
    /// The host's span for it.
    pub(super) span: Span,
}

impl Asker {
    /// The client still waits, and there is time.
    fn is_waiting(&self) -> bool {
        !self.answer.is_canceled() && !self.is_late()
    }

    fn is_late(&self) -> bool {
        self.deadline.is_some_and(|deadline| now() >= deadline)
    }
}

/// A picture to be made for a client, or a file to be read for one.
struct Order {
    exchange: Exchange,
    asker: Asker,
    tag: Option<Version>,
    large: bool,
    /// A file is to be read or digested.
    reading: bool,
}

impl Order {
    fn new(exchange: Exchange, asker: Asker) -> Self {
        let (tag, reading) = (exchange.key(), exchange.is_reading());
        // A disk or the host's provider may be slow, so reading a file must not take the last thread either.
        let large = reading || exchange.work() > LARGE;
        Self { exchange, asker, tag, large, reading }
    }

    /// What decides its place in its line. A file takes a moment beside a large picture, so files come first.
    fn place(&self) -> (bool, Instant) {
        (!self.reading, self.asker.came)
    }
}

/// How a service is doing; `waiting`, `running` and `body_bytes` tell what is now, all others count from its start.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Stats {
    /// Pictures, and files to be read, that wait for a thread.
    pub waiting: u64,
    /// Pictures being made, and files being read.
    pub running: u64,
    /// Requests answered without decoding anything.
    pub quick: u64,
    /// Pictures made and files of content digested, for clients that went away meanwhile as well.
    pub made: u64,
    /// Requests that got what was being made for another one.
    pub shared: u64,
    /// Requests turned away because too many waited already.
    pub shed: u64,
    /// Requests whose client went away, or whose time was over, before they were answered.
    pub given_up: u64,
    /// Bytes of memory of bodies that have been made and not yet been sent, now.
    pub body_bytes: u64,
    /// Responses that became a 503 because there was no room for their bodies.
    pub refused_bodies: u64,
}

/// What becomes of a request.
#[derive(Clone, Copy)]
enum Outcome {
    Quick,
    Made,
    Shared,
    Shed,
    GivenUp,
}

impl Outcome {
    const fn name(self) -> &'static str {
        match self {
            Self::Quick => "quick",
            Self::Made => "made",
            Self::Shared => "shared",
            Self::Shed => "shed",
            Self::GivenUp => "given_up",
        }
    }
}

/// Requests by what became of them.
#[derive(Default)]
struct Counters([AtomicU64; 5]);

impl Counters {
    fn count(&self, outcome: Outcome) {
        self.0[outcome as usize].fetch_add(1, Ordering::Relaxed);
        turned(outcome.name());
    }

    fn of(&self, outcome: Outcome) -> u64 {
        self.0[outcome as usize].load(Ordering::Relaxed)
    }
}

#[derive(Default)]
struct Lines {
    looks: VecDeque<(Look, Asker)>,
    /// Small pictures and large ones, each line in the order of [`Order::place`].
    orders: [VecDeque<Order>; 2],
    /// Pictures that have been taken from them.
    taken: usize,
    /// Files that have been taken since the last large picture.
    files_taken: usize,
    /// For each picture that is in line or being made, the other requests for it.
    others: HashMap<Version, Vec<Order>>,
    others_count: usize,
    running: usize,
    running_large: usize,
    closed: bool,
}

impl Lines {
    fn is_under_way(&self, tag: Option<Version>) -> bool {
        tag.is_some_and(|tag| self.others.contains_key(&tag))
    }

    /// There is no room for one more.
    fn is_full(&self, order: &Order, most: usize) -> bool {
        if self.is_under_way(order.tag) {
            // Those who wait for the same work cost memory alone.
            return self.others_count >= 16 * most.max(16);
        }
        let [small, large] = &self.orders;
        let waiting = small.len() + large.len();
        // However many large ones come, and however many sources are not known, there is room for small pictures.
        waiting >= most
            || order.reading && waiting >= most - most / 8
            || order.large && !order.reading && large.iter().filter(|other| !other.reading).count() >= most.div_ceil(2)
    }

    /// Takes the next of the large ones. Files come first, but however many come, large pictures have their turn.
    fn next_large(&mut self) -> Option<Order> {
        let line = &mut self.orders[1];
        let files = line.partition_point(|order| order.reading);
        let is_picture = files == 0 || files < line.len() && self.files_taken >= TURN - 1;
        self.files_taken = if is_picture { 0 } else { self.files_taken.saturating_add(1) };
        line.remove(if is_picture { files } else { 0 })
    }

    /// Puts a picture in line, or its asker with those who wait for the same one. Whether it is in line.
    fn put(&mut self, order: Order) -> bool {
        if let Some(others) = order.tag.and_then(|tag| self.others.get_mut(&tag)) {
            self.others_count += 1;
            others.push(order);
            return false;
        }
        order.tag.map(|tag| self.others.insert(tag, Vec::new()));
        let (line, place) = (&mut self.orders[usize::from(order.large)], order.place());
        line.insert(line.partition_point(|other| other.place() <= place), order);
        true
    }
}

pub(super) struct Pool {
    lines: Mutex<Lines>,
    /// Something to look at; something to make.
    look: Condvar,
    make: Condvar,
    counters: Counters,
    digests: Digests,
    makers: usize,
    most: usize,
}

impl Pool {
    /// Starts threads.
    ///
    /// # Errors
    ///
    /// The system has no more.
    pub(super) fn start(lookers: usize, makers: usize, most: usize) -> std::io::Result<Arc<Self>> {
        let pool = Arc::new(Self {
            lines: Mutex::default(),
            look: Condvar::new(),
            make: Condvar::new(),
            counters: Counters::default(),
            digests: Digests::default(),
            makers,
            most,
        });
        let start = |name: String, work: fn(&Arc<Self>)| {
            let thread_pool = Arc::clone(&pool);
            std::thread::Builder::new().name(name).spawn(move || work(&thread_pool)).map(drop)
        };
        let started = (0..lookers)
            .try_for_each(|i| start(format!("platemark-look-{i}"), Self::look_all))
            .and_then(|()| (0..makers).try_for_each(|i| start(format!("platemark-make-{i}"), |pool| pool.make_all())));
        if let Err(error) = started {
            pool.close();
            return Err(error);
        }
        Ok(pool)
    }

    /// Lets the threads end once they have answered all requests.
    pub(super) fn close(&self) {
        self.lines().closed = true;
        self.look.notify_all();
        self.make.notify_all();
        self.digests.close();
    }

    pub(super) fn stats(&self) -> Stats {
        let (waiting, running) = {
            let lines = self.lines();
            (lines.orders.iter().map(VecDeque::len).sum::<usize>() + lines.others_count, lines.running)
        };
        Stats {
            waiting: waiting as u64,
            running: running as u64,
            quick: self.counters.of(Outcome::Quick),
            made: self.counters.of(Outcome::Made),
            shared: self.counters.of(Outcome::Shared),
            shed: self.counters.of(Outcome::Shed),
            given_up: self.counters.of(Outcome::GivenUp),
            ..Stats::default()
        }
    }

    /// Takes a request in, or turns it away.
    pub(super) fn ask(&self, look: Look, asker: Asker) {
        let mut lines = self.lines();
        if lines.closed {
            // The threads that look are gone, and so are all clients.
            drop(lines);
            return self.give_up(asker);
        }
        // To look at a request costs little: more of them may wait than pictures.
        if lines.looks.len() >= 16 * self.most.max(16) {
            drop(lines);
            return self.turn_away(asker);
        }
        lines.looks.push_back((look, asker));
        drop(lines);
        self.look.notify_one();
    }

    /// Answers a request that takes no work, on the caller's thread.
    pub(super) fn quick(&self, exchange: Exchange) -> Response<Body> {
        self.counters.count(Outcome::Quick);
        catch_unwind(AssertUnwindSafe(|| exchange.respond())).unwrap_or_else(|_| failed())
    }

    fn lines(&self) -> MutexGuard<'_, Lines> {
        // Lines are whole whenever the lock is free.
        self.lines.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn turn_away(&self, asker: Asker) {
        self.counters.count(Outcome::Shed);
        let _ = asker.answer.give(overloaded());
    }

    fn give_up(&self, asker: Asker) {
        self.counters.count(Outcome::GivenUp);
        let _ = asker.answer.give(overloaded());
    }

    fn look_all(self: &Arc<Self>) {
        loop {
            let mut lines = self.lines();
            let (look, asker) = loop {
                match lines.looks.pop_front() {
                    Some(next) => break next,
                    None if lines.closed => return self.make.notify_all(),
                    None => lines = self.look.wait(lines).unwrap_or_else(PoisonError::into_inner),
                }
            };
            drop(lines);
            if !asker.is_waiting() {
                self.give_up(asker);
                continue;
            }
            // The engine turns panics of its own into replies; this is for those of the host's.
            let span = asker.span.clone();
            match catch_unwind(AssertUnwindSafe(|| span.enter(look))) {
                Ok(exchange) if exchange.is_ready() => {
                    self.counters.count(Outcome::Quick);
                    let undigested = exchange.undigested();
                    answer(asker, || exchange.respond());
                    undigested.into_iter().for_each(|file| self.digest(file));
                }
                Ok(exchange) => self.order(exchange, asker),
                Err(_) => answer(asker, failed),
            }
        }
    }

    /// Has a long file digested when there is time, so that later replies have a strong tag.
    fn digest(self: &Arc<Self>, file: Undigested) {
        if !self.digests.ask(file) {
            return;
        }
        let pool = Arc::clone(self);
        let thread = std::thread::Builder::new().name("platemark-digest".to_owned());
        if thread.spawn(move || pool.digests.work(|| pool.is_busy())).is_err() {
            self.digests.give_up();
        }
    }

    /// Every thread that makes pictures has one to make.
    fn is_busy(&self) -> bool {
        self.lines().running >= self.makers
    }

    /// No thread takes up a picture at once; `free` threads that are running are about to take up another one.
    fn has_to_wait(&self, tag: Option<Version>, free: usize) -> bool {
        let lines = self.lines();
        let is_busy = lines.running - free >= self.makers || lines.orders.iter().any(|line| !line.is_empty());
        is_busy || lines.is_under_way(tag)
    }

    /// Puts a picture in line, or its asker with those who wait for the same one, or turns it away.
    fn order(&self, exchange: Exchange, asker: Asker) {
        let mut order = Order::new(exchange, asker);
        if self.has_to_wait(order.tag, 0) {
            // However many pictures wait, and however long their files are. Freeing takes time, so no lock is held.
            order.exchange.drop_copies();
        }
        let mut lines = self.lines();
        if lines.is_full(&order, self.most) {
            drop(lines);
            return self.turn_away(order.asker);
        }
        let is_in_line = lines.put(order);
        drop(lines);
        if is_in_line {
            self.make.notify_one();
        }
    }

    fn make_all(&self) {
        loop {
            let mut lines = self.lines();
            let order = loop {
                match self.next(&mut lines) {
                    Some(order) => break order,
                    // The others may wait because there was something left.
                    None if lines.closed && lines.orders.iter().all(VecDeque::is_empty) && lines.looks.is_empty() => {
                        return self.make.notify_all();
                    }
                    None => lines = self.make.wait(lines).unwrap_or_else(PoisonError::into_inner),
                }
            };
            lines.running += 1;
            lines.running_large += usize::from(order.large);
            drop(lines);
            let (tag, large) = (order.tag, order.large);
            let read = self.make(order);
            let mut lines = self.lines();
            lines.running -= 1;
            lines.running_large -= usize::from(large);
            // It had a place in line, so it is not turned away. It is put there before the requests that waited for its
            // source go on: those for the same picture wait for it.
            let is_in_line = read.is_some_and(|order| lines.put(order));
            let others = tag.and_then(|tag| lines.others.remove(&tag)).unwrap_or_default();
            lines.others_count -= others.len();
            drop(lines);
            // Another large one may go on now; this thread takes up one itself.
            for _ in 0..usize::from(large) + usize::from(is_in_line) {
                self.make.notify_one();
            }
            for order in others {
                self.share(order);
            }
        }
    }

    /// The next picture: small ones first, large ones now and then, and none of these while they would take all threads.
    fn next(&self, lines: &mut Lines) -> Option<Order> {
        let room = self.makers == 1 || lines.running_large + 1 < self.makers;
        let large_first = lines.taken % TURN == TURN - 1;
        let next_large = |lines: &mut Lines| if room { lines.next_large() } else { None };
        let order = if large_first {
            next_large(lines).or_else(|| lines.orders[0].pop_front())
        } else {
            lines.orders[0].pop_front().or_else(|| next_large(lines))
        };
        lines.taken = lines.taken.wrapping_add(usize::from(order.is_some()));
        order
    }

    /// Makes a picture, or reads its source, for as long as a client waits for it. Returns a picture whose source is read by
    /// now.
    fn make(&self, order: Order) -> Option<Order> {
        let Order { mut exchange, asker, tag, .. } = order;
        let others_wait = || {
            let lines = self.lines();
            let others = tag.and_then(|tag| lines.others.get(&tag));
            others.is_some_and(|others| others.iter().any(|order| order.asker.is_waiting()))
        };
        if !asker.is_waiting() && !others_wait() {
            self.give_up(asker);
            return None;
        }
        let keep_going = || asker.is_waiting() || others_wait();
        if exchange.is_unread() {
            if catch_unwind(AssertUnwindSafe(|| asker.span.enter(|| exchange.read(&keep_going)))).is_err() {
                answer(asker, failed);
                return None;
            }
            if !asker.is_waiting() {
                // What was read is remembered for the others.
                self.give_up(asker);
                return None;
            }
            if exchange.is_ready() {
                self.counters.count(Outcome::Quick);
                answer(asker, || exchange.respond());
                return None;
            }
            // Only now is it known which picture it is, and how large.
            let mut order = Order::new(exchange, asker);
            if self.has_to_wait(order.tag, 1) {
                order.exchange.drop_copies();
            }
            return Some(order);
        }
        exchange.waited = asker.came.elapsed().saturating_sub(exchange.took());
        waited(exchange.waited);
        let work = || asker.span.enter(|| exchange.respond_while(&keep_going));
        let response = catch_unwind(AssertUnwindSafe(work));
        let response = response.unwrap_or_else(|_| failed());
        // Late work is work, and its picture is stored for the next request.
        let given_up = response.status() == StatusCode::SERVICE_UNAVAILABLE;
        if !given_up {
            self.counters.count(Outcome::Made);
        }
        if given_up || asker.answer.is_canceled() {
            self.counters.count(Outcome::GivenUp);
        }
        let _ = asker.answer.give(response);
        None
    }

    /// Answers a request that waited for the work of another one: its picture is stored now, or it is made.
    fn share(&self, order: Order) {
        if !order.asker.is_waiting() {
            return self.give_up(order.asker);
        }
        if order.exchange.is_ready() {
            self.counters.count(Outcome::Shared);
            return answer(order.asker, || order.exchange.respond());
        }
        if order.exchange.is_unread() {
            let exchange = order.exchange;
            return self.ask(Box::new(move || exchange.looked_at_again()), order.asker);
        }
        self.order(order.exchange, order.asker);
    }
}

fn answer(asker: Asker, respond: impl FnOnce() -> Response<Body>) {
    let response = catch_unwind(AssertUnwindSafe(|| asker.span.enter(respond))).unwrap_or_else(|_| failed());
    // The client may have gone.
    let _ = asker.answer.give(response);
}
