//! Conversions from one component: a table for each component of the destination.

use std::sync::OnceLock;

use super::stage::{Stage, through};
use super::tables::extended;

/// Parts of a table for samples of 16 bits.
const PARTS: usize = 4096;

/// What a sample becomes, by component.
#[derive(Debug)]
pub(super) struct GrayTables {
    stages: Vec<Stage>,
    narrow: Vec<[u8; 256]>,
    /// For samples of 16 bits, 255 · 65,536 for white; most pictures need none.
    wide: OnceLock<Vec<Box<[i32]>>>,
}

impl GrayTables {
    pub(super) fn new(stages: Vec<Stage>, outputs: usize) -> Self {
        let mut narrow = vec![[0; 256]; outputs];
        for sample in 0..256 {
            let color = through(&stages, [sample as f64 / 255.0, 0.0, 0.0, 0.0]);
            for (table, real) in narrow.iter_mut().zip(color) {
                table[sample] = (real.clamp(0.0, 1.0) * 255.0 + 0.5) as u8;
            }
        }
        Self { stages, narrow, wide: OnceLock::new() }
    }

    fn wide(&self) -> &[Box<[i32]>] {
        self.wide.get_or_init(|| {
            let mut tables = vec![vec![0; PARTS + 1].into_boxed_slice(); self.narrow.len()];
            for i in 0..=PARTS {
                let color = through(&self.stages, [i as f64 * 16.0 / 65535.0, 0.0, 0.0, 0.0]);
                for (table, real) in tables.iter_mut().zip(color) {
                    table[i] = (real.clamp(0.0, 1.0) * 255.0 * 65536.0 + 0.5) as i32;
                }
            }
            // The last value lies one step behind white: it is such that white is exact.
            let white = through(&self.stages, [1.0, 0.0, 0.0, 0.0]);
            for (table, real) in tables.iter_mut().zip(white) {
                let before = table[PARTS - 1];
                table[PARTS] = before + extended((real.clamp(0.0, 1.0) * 255.0 * 65536.0 + 0.5) as i32 - before);
            }
            tables
        })
    }

    pub(super) fn row(&self, from: &[u8], to: [&mut [u8]; 4]) {
        for (table, to) in self.narrow.iter().zip(to) {
            for (to, &sample) in to.iter_mut().zip(from) {
                *to = table[usize::from(sample)];
            }
        }
    }

    pub(super) fn row_wide(&self, from: &[u16], to: [&mut [u8]; 4]) {
        for (table, to) in self.wide().iter().zip(to) {
            for (to, &sample) in to.iter_mut().zip(from) {
                let (index, part) = (usize::from(sample >> 4), i32::from(sample & 15));
                let (low, high) = (table[index], table[index + 1]);
                *to = ((low + (((high - low) * part) >> 4) + (1 << 15)) >> 16) as u8;
            }
        }
    }

    /// Tables for 16 bits count as if they were there.
    pub(super) fn bytes(&self) -> usize {
        let grids = self.stages.iter().map(|stage| if let Stage::Grid(grid, _) = stage { grid.bytes() } else { 256 });
        self.narrow.len() * (256 + 4 * (PARTS + 1)) + grids.sum::<usize>()
    }
}
