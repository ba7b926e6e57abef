//! The colours of pictures that have few.

use super::color::{Color, MOST, hash};

/// Places in the table of different colours: four times as many as there are of them.
const FEW: u32 = 10;

/// The different true colours of a picture, as long as they are few.
pub(super) struct Distinct {
    colors: Vec<Color>,
    /// By hash: 1 more than the number of a colour, or 0.
    table: Vec<u16>,
}

impl Distinct {
    /// With some colours, of which equal ones are one.
    pub(super) fn new(colors: &[Color]) -> Self {
        let mut distinct = Self { colors: Vec::with_capacity(MOST), table: vec![0; 1 << FEW] };
        for &color in colors {
            let (place, index) = distinct.found(color);
            distinct.colors.push(color);
            if index.is_none() {
                distinct.table[place] = distinct.colors.len() as u16;
            }
        }
        distinct
    }

    /// Adds a colour unless it is there. False: there are `most` others.
    pub(super) fn add(&mut self, color: Color, most: usize) -> bool {
        let (place, index) = self.found(color);
        if index.is_some() {
            return true;
        }
        if self.colors.len() >= most {
            return false;
        }
        self.colors.push(color);
        self.table[place] = self.colors.len() as u16;
        true
    }

    /// The number of a colour that has been added.
    pub(super) fn index(&self, color: Color) -> u8 {
        self.found(color).1.unwrap_or(0)
    }

    /// The colours, in the order in which they were added.
    pub(super) fn into_colors(self) -> Vec<Color> {
        self.colors
    }

    /// Where a colour is or would be in the table, and its number.
    fn found(&self, color: Color) -> (usize, Option<u8>) {
        let mut place = hash(u32::from_le_bytes(color), FEW);
        while let Some(index) = usize::from(self.table[place]).checked_sub(1) {
            if self.colors[index] == color {
                // There are at most 256.
                return (place, Some(index as u8));
            }
            place = (place + 1) % self.table.len();
        }
        (place, None)
    }
}
