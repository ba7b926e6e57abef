//! The entry of a palette that is nearest to a colour, exactly.
//!
//! The space of colours is cut into cells. When a colour of a cell is first met, the entries that may be the nearest to a colour
//! of the cell are listed: all that are not farther from its middle than the nearest one by more than its diagonal. Mostly
//! these are a few of 256.

use crate::base::limits::with_room;

use super::color::{Color, MOST};

/// Where a cell's list begins, or nothing.
const NONE: u32 = u32::MAX;

/// Farther than any colour from another one; four times its square fits into 32 bits.
const FAR: i32 = 8000;

/// Finds nearest entries.
pub(super) struct Nearest {
    /// Entries, multiplied by alpha; component by component, so that a loop over all of them becomes vectors.
    points: [[i32; MOST]; 4],
    entries: usize,
    /// Bits of a component that say which cell it is in.
    bits: u32,
    /// Alpha is one of the components.
    alpha: bool,
    /// By cell: where its list begins.
    cells: Vec<u32>,
    /// Lists: one less than their length, then the entries.
    lists: Vec<u8>,
}

impl Nearest {
    /// `key` is an entry that is near no colour. `alpha`: the fourth component varies. There is at least one entry.
    pub(super) fn new(entries: &[Color], key: Option<u8>, alpha: bool) -> Self {
        let mut points = [[0; MOST]; 4];
        for (place, entry) in entries.iter().enumerate().take(MOST) {
            for (component, &value) in points.iter_mut().zip(entry) {
                component[place] = i32::from(value);
            }
        }
        if let Some(key) = key {
            points[3][usize::from(key)] = FAR;
        }
        let bits = if alpha { 4 } else { 5 };
        let cells = vec![NONE; 1 << (bits * if alpha { 4 } else { 3 })];
        Self { points, entries: entries.len().min(MOST), bits, alpha, cells, lists: Vec::new() }
    }

    /// An entry's components.
    pub(super) fn point(&self, index: u8) -> [i32; 4] {
        let index = usize::from(index);
        std::array::from_fn(|component| self.points[component][index])
    }

    /// The entry nearest to a colour that is multiplied by alpha, of components from 0 to 255; of equally near ones the first.
    pub(super) fn of(&mut self, color: [i32; 4]) -> u8 {
        let cell = self.cell(color);
        let list = match self.cells[cell] {
            NONE => self.listed(cell, color),
            list => list as usize,
        };
        let len = usize::from(self.lists[list]) + 1;
        let list = &self.lists[list + 1..][..len];
        let (mut best, mut least) = (list[0], i32::MAX);
        for &index in list {
            let at = usize::from(index);
            let off = |component: usize| self.points[component][at] - color[component];
            let (r, g, b, a) = (off(0), off(1), off(2), off(3));
            let distance = r * r + g * g + b * b + a * a;
            if distance < least {
                (least, best) = (distance, index);
            }
        }
        best
    }

    fn cell(&self, color: [i32; 4]) -> usize {
        let shift = 8 - self.bits;
        let components = if self.alpha { 4 } else { 3 };
        color[..components].iter().fold(0, |cell, &part| cell << self.bits | part as usize >> shift)
    }

    /// Lists the entries that may be nearest to a colour of the cell that a colour is in.
    fn listed(&mut self, cell: usize, color: [i32; 4]) -> usize {
        let side = 1 << (8 - self.bits);
        let components = if self.alpha { 4 } else { 3 };
        // Twice the middle of the cell, and twice the entries.
        let middle: [i32; 4] = std::array::from_fn(|component| match component {
            3 if !self.alpha => 2 * color[3],
            component => 2 * (color[component] & !(side - 1)) + side - 1,
        });
        let mut distances = [0; MOST];
        let distances = &mut distances[..self.entries];
        for (points, middle) in self.points.iter().zip(middle) {
            for (distance, &point) in distances.iter_mut().zip(points) {
                let off = 2 * point - middle;
                *distance += off * off;
            }
        }
        let least = distances.iter().copied().min().unwrap_or(0);
        // d + 2r, squared, is d² + 4rd + 4r²; r is half the cell's diagonal, here twice that: r² = components · (side − 1)².
        let square = components * (side - 1) * (side - 1);
        let reach = least + 4 * square + 4 * root(i64::from(square) * i64::from(least));
        let list = self.lists.len();
        if self.lists.capacity() - list <= MOST {
            let more = (2 * list).max(1 << 14);
            with_room(more, || self.lists.reserve(more));
        }
        self.lists.push(0);
        let near = (0..).zip(distances.iter()).filter(|(_, distance)| **distance <= reach);
        self.lists.extend(near.map(|(index, _): (usize, _)| index as u8));
        // The nearest of all is in it, so that it is not empty.
        self.lists[list] = (self.lists.len() - list - 2) as u8;
        // Fewer than 2²⁴ entries in all.
        self.cells[cell] = list as u32;
        list
    }
}

/// A whole number not below the root of another.
fn root(square: i64) -> i32 {
    // Of at most 2 · 4 · 255² · 4 · 15², which has 33 bits.
    square.isqrt() as i32 + 1
}
