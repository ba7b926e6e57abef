//! Which colours a picture has, and how often.

use crate::base::limits::with_room;

use super::color::{Color, hash};

/// Bins that are enough: where there are more, colours are told apart less finely.
const ENOUGH: usize = 1 << 13;

/// Bits of a component that are kept as long as there is room: as many bins as three such components have.
const KEPT: u32 = 5;

/// The most bins.
const BINS: usize = 1 << (3 * KEPT);

/// Places in the table that finds bins: more than twice as many.
const PLACES: u32 = 16;

/// Pixels whose colours, multiplied by alpha, are alike.
#[derive(Debug, Clone, Copy)]
pub(super) struct Bin {
    /// The number of pixels.
    pub(super) weight: u64,
    /// The sum of each component.
    pub(super) sums: [u64; 4],
    /// The mean, rounded.
    pub(super) mean: Color,
}

/// A histogram whose bins are as fine as their number allows. Which bits tell bins apart depends on the colours alone, not on
/// their order.
pub(super) struct Histogram {
    bins: Vec<Bin>,
    /// What tells each bin apart.
    keys: Vec<u32>,
    /// By hash: 1 more than the number of a bin, or 0.
    table: Vec<u32>,
    bits: u32,
    mask: u32,
    /// The bin of the last colour, which is often that of the next.
    last: (u32, usize),
}

impl Histogram {
    pub(super) fn new() -> Self {
        let table = vec![0; 1 << PLACES];
        let bins = with_room(BINS * size_of::<Bin>(), || Vec::with_capacity(BINS));
        Self { bins, keys: Vec::with_capacity(BINS), table, bits: 8, mask: u32::MAX, last: (0, usize::MAX) }
    }

    /// Counts a pixel.
    pub(super) fn add(&mut self, color: Color) {
        let key = u32::from_le_bytes(color) & self.mask;
        let bin = if self.last.1 < self.bins.len() && self.last.0 == key { self.last.1 } else { self.found(key) };
        self.last = (key & self.mask, bin);
        let bin = &mut self.bins[bin];
        bin.weight += 1;
        for (sum, part) in bin.sums.iter_mut().zip(color) {
            *sum += u64::from(part);
        }
    }

    /// The bin of a key, which is made if there is none.
    fn found(&mut self, key: u32) -> usize {
        loop {
            let key = key & self.mask;
            let mut place = hash(key, PLACES);
            while let Some(bin) = (self.table[place] as usize).checked_sub(1) {
                if self.keys[bin] == key {
                    return bin;
                }
                place = (place + 1) % self.table.len();
            }
            let most = if self.bits > KEPT { ENOUGH } else { BINS };
            if self.bins.len() < most {
                self.bins.push(Bin { weight: 0, sums: [0; 4], mean: [0; 4] });
                self.keys.push(key);
                // At most 32768.
                self.table[place] = self.bins.len() as u32;
                return self.bins.len() - 1;
            }
            self.coarsen();
        }
    }

    /// Tells colours apart by a bit less, and puts bins together.
    fn coarsen(&mut self) {
        self.bits -= 1;
        self.mask = u32::from_le_bytes([(0xff << (8 - self.bits)) as u8; 4]);
        let (bins, keys) = (self.bins.clone(), self.keys.clone());
        self.bins.clear();
        self.keys.clear();
        self.table.fill(0);
        for (bin, key) in bins.into_iter().zip(keys) {
            // No more bins than before, so that none is put together twice.
            let found = self.found(key);
            let into = &mut self.bins[found];
            into.weight += bin.weight;
            for (sum, part) in into.sums.iter_mut().zip(bin.sums) {
                *sum += part;
            }
        }
    }

    /// The bins, in the order in which their colours were first met.
    pub(super) fn finish(mut self) -> Vec<Bin> {
        for bin in &mut self.bins {
            bin.mean = mean(bin.weight, bin.sums);
        }
        self.bins
    }
}

/// The rounded mean of some pixels.
pub(super) fn mean(weight: u64, sums: [u64; 4]) -> Color {
    // A mean of bytes is a byte.
    sums.map(|sum| ((2 * sum + weight) / (2 * weight.max(1))) as u8)
}
