//! The mappings that are alive, in a table that a signal handler can read.
//!
//! A handler may wait for no lock and take no memory. So the table is made of blocks that are added and never removed,
//! and each slot carries a turn: odd while its owner changes it, and another even number afterwards. A reader that sees the
//! same even turn before and after has read a range as one owner wrote it. All accesses are sequentially consistent, so
//! that they can be thought of as one after the other; they are few.

use std::ops::Range;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering::SeqCst};

const SLOTS: usize = 64;

/// Address ranges that are watched.
pub(super) struct Table {
    first: Block,
    max_blocks: usize,
}

struct Block {
    slots: [Slot; SLOTS],
    next: OnceLock<Box<Self>>,
}

/// A place for one range. It is taken while `start` is not 0, which no mapping starts at.
pub(super) struct Slot {
    turn: AtomicUsize,
    start: AtomicUsize,
    end: AtomicUsize,
    lost: AtomicBool,
}

impl Table {
    /// A table of at most `max_blocks` times 64 ranges; one block is there from the start.
    pub(super) const fn new(max_blocks: usize) -> Self {
        Self { first: Block::new(), max_blocks }
    }

    /// Enters a range, which does not start at 0. `None`: the table is full.
    pub(super) fn claim(&self, range: &Range<usize>) -> Option<&Slot> {
        let mut block = &self.first;
        for _ in 1..self.max_blocks {
            if let Some(slot) = block.claim(range) {
                return Some(slot);
            }
            block = block.next.get_or_init(|| Box::new(Block::new()));
        }
        block.claim(range)
    }

    /// The slot whose range holds an address, and that range. Fit for a signal handler: it waits for no other thread, and its time
    /// is bounded by the number of slots.
    ///
    /// A range that is changed at this moment is passed over. It cannot be the one looked for as long as the caller is
    /// reading at that address, because then its owner keeps it.
    pub(super) fn find(&self, address: usize) -> Option<(&Slot, Range<usize>)> {
        let mut next = Some(&self.first);
        while let Some(block) = next {
            let mut held = block.slots.iter().filter_map(|slot| Some((slot, slot.range()?)));
            if let Some(found) = held.find(|(_, range)| range.contains(&address)) {
                return Some(found);
            }
            next = block.next.get().map(Box::as_ref);
        }
        None
    }
}

impl Block {
    const fn new() -> Self {
        Self { slots: [const { Slot::new() }; SLOTS], next: OnceLock::new() }
    }

    fn claim(&self, range: &Range<usize>) -> Option<&Slot> {
        self.slots.iter().find(|slot| slot.claim(range))
    }
}

impl Slot {
    const fn new() -> Self {
        Self {
            turn: AtomicUsize::new(0),
            start: AtomicUsize::new(0),
            end: AtomicUsize::new(0),
            lost: AtomicBool::new(false),
        }
    }

    /// Takes the slot if it is free.
    fn claim(&self, range: &Range<usize>) -> bool {
        let turn = self.turn.load(SeqCst);
        let free = turn.is_multiple_of(2) && self.start.load(SeqCst) == 0;
        // The thread that makes the turn odd owns the slot. That no other did since it was seen free shows in the turn.
        if !free || self.turn.compare_exchange(turn, turn.wrapping_add(1), SeqCst, SeqCst).is_err() {
            return false;
        }
        self.lost.store(false, SeqCst);
        self.start.store(range.start, SeqCst);
        self.end.store(range.end, SeqCst);
        self.turn.store(turn.wrapping_add(2), SeqCst);
        true
    }

    /// Gives the slot back. Only its owner may.
    pub(super) fn release(&self) {
        // No other thread changes the turn of a slot that is taken.
        self.turn.fetch_add(1, SeqCst);
        self.start.store(0, SeqCst);
        self.end.store(0, SeqCst);
        self.turn.fetch_add(1, SeqCst);
    }

    fn range(&self) -> Option<Range<usize>> {
        let turn = self.turn.load(SeqCst);
        let range = self.start.load(SeqCst)..self.end.load(SeqCst);
        let whole = turn.is_multiple_of(2) && self.turn.load(SeqCst) == turn;
        (whole && range.start != 0).then_some(range)
    }

    /// Notes that the bytes of the range are not those of the file any more.
    pub(super) fn lose(&self) {
        self.lost.store(true, SeqCst);
    }

    pub(super) fn lost(&self) -> bool {
        self.lost.load(SeqCst)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn range(at: usize) -> Range<usize> {
        at * 1000 + 1..at * 1000 + 500
    }

    #[test]
    fn ranges_are_found_until_they_are_given_back() {
        let table = Table::new(3);
        let slots: Vec<_> = (0..3 * SLOTS).map(|at| table.claim(&range(at)).unwrap()).collect();
        assert!(table.claim(&range(1000)).is_none(), "full");
        for (at, slot) in slots.iter().enumerate() {
            for address in [at * 1000 + 1, at * 1000 + 499] {
                let (found, held) = table.find(address).unwrap();
                assert!(std::ptr::eq(found, *slot));
                assert_eq!(held, range(at));
            }
            assert!(table.find(at * 1000).is_none() && table.find(at * 1000 + 500).is_none());
        }
        slots[100].lose();
        slots[100].release();
        assert!(table.find(100_001).is_none());
        let again = table.claim(&range(1000)).unwrap();
        assert!(std::ptr::eq(again, slots[100]), "the only free slot");
        assert!(!again.lost(), "what its last owner lost is not the next one's loss");
        assert_eq!(table.find(1_000_001).unwrap().1, range(1000));
    }

    /// Owners change ranges of different lengths at neighbouring places; no reader may ever see the start of one with the
    /// end of another, and each owner sees its own at all times.
    #[test]
    fn readers_never_see_half_a_change() {
        let table = Table::new(2);
        let running = AtomicBool::new(true);
        std::thread::scope(|scope| {
            for owner in 1..=3 {
                let (table, running) = (&table, &running);
                scope.spawn(move || {
                    for turn in 1..30_000 {
                        // Starts at 10 000 000 times the length: the pair is its own check.
                        let len = owner * 100 + turn % 7;
                        let slot = table.claim(&(len * 10_000_000..len * 10_000_000 + len)).unwrap();
                        assert_eq!(table.find(len * 10_000_000).unwrap().1.len(), len);
                        slot.release();
                    }
                    running.store(false, SeqCst);
                });
            }
            scope.spawn(|| {
                while running.load(SeqCst) {
                    for held in table.first.slots.iter().filter_map(Slot::range) {
                        assert_eq!(held.start, held.len() * 10_000_000, "{held:?}");
                    }
                }
            });
        });
        assert!(table.first.next.get().is_none(), "slots are used again");
    }
}
