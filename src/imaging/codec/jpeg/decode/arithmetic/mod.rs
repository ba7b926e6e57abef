//! Scans with arithmetic codes: which decisions the coefficients are made of (T.81 F.1.4 and F.2.4, G.1.3 and G.2.3).

mod coder;

use crate::base::error::Result;

use super::coefficients::NATURAL;
use super::frame::Frame;
use super::plane::Plane;
use super::restart::Restart;
use super::scan::{Scan, broken};
use super::tables::{Conditioning, Tables};

pub(super) use coder::Coder;
#[cfg(test)]
pub(super) use coder::STATES;
use coder::State;

/// Where the states of the categories of magnitudes begin, and how far behind each the state of their bits is: of DC
/// differences (T.81 table F.4), of AC coefficients up to the conditioning value and behind it (table F.5).
pub(super) const DC_CATEGORIES: usize = 20;
pub(super) const AC_CATEGORIES: [usize; 2] = [189, 217];
pub(super) const BITS: usize = 14;

/// The states of a table of DC differences and of AC coefficients.
type DcStates = [State; 64];
type AcStates = [State; 256];

/// A scan being read.
pub(super) struct ArithmeticScan<'a> {
    coder: Coder<'a>,
    restart: Restart,
    parts: Vec<ArithmeticPart>,
    /// The states of each number of a table.
    dc: Box<[DcStates; 16]>,
    ac: Box<[AcStates; 16]>,
    conditioning: Conditioning,
    passes: Passes,
    /// First and last coefficient, and the bit that the scan gives.
    first: u32,
    last: u32,
    low: u32,
}

/// What a scan gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Passes {
    Sequential,
    FirstDc,
    RefineDc,
    FirstAc,
    RefineAc,
}

struct ArithmeticPart {
    component: usize,
    h: u32,
    v: u32,
    /// The numbers of its tables.
    dc: usize,
    ac: usize,
    predicted: i16,
    /// Which of the states its next DC difference begins with, by the last one.
    context: usize,
}

impl<'a> ArithmeticScan<'a> {
    pub(super) fn new(scan: &Scan<'a>, tables: &Tables, frame: &Frame) -> Self {
        let alone = scan.parts.len() == 1;
        let parts = scan.parts.iter().map(|part| {
            let component = &frame.components[part.component];
            let (h, v) = if alone { (1, 1) } else { (component.h, component.v) };
            ArithmeticPart { component: part.component, h, v, dc: part.dc, ac: part.ac, predicted: 0, context: 0 }
        });
        let passes = match (frame.progressive, scan.first, scan.high) {
            (false, ..) => Passes::Sequential,
            (true, 0, 0) => Passes::FirstDc,
            (true, 0, _) => Passes::RefineDc,
            (true, _, 0) => Passes::FirstAc,
            (true, ..) => Passes::RefineAc,
        };
        Self {
            coder: Coder::new(scan.data),
            restart: Restart::new(tables.restart),
            parts: parts.collect(),
            dc: Box::new([[0; 64]; 16]),
            ac: Box::new([[0; 256]; 16]),
            conditioning: tables.conditioning,
            passes,
            first: scan.first,
            last: scan.last,
            low: scan.low,
        }
    }

    /// Reads one MCU, the next.
    ///
    /// # Errors
    ///
    /// The data is damaged or cut off. That it is cut off at a marker shows only if a restart marker is missing.
    pub(super) fn mcu(&mut self, planes: &mut [Plane<'_>], (row, mcu): (u32, u32)) -> Result<()> {
        if self.restart.due_by(|number| self.coder.restart(number))? {
            self.dc.as_flattened_mut().fill(0);
            self.ac.as_flattened_mut().fill(0);
            self.parts.iter_mut().for_each(|part| (part.predicted, part.context) = (0, 0));
        }
        for part in 0..self.parts.len() {
            let ArithmeticPart { component, h, v, .. } = self.parts[part];
            for i in 0..h * v {
                let plane = &mut planes[component];
                let index = (row * v + i / h) * plane.across + mcu * h + i % h;
                self.block(part, plane, index as usize).ok_or_else(broken)?;
            }
        }
        if self.coder.cut_off { Err(broken()) } else { Ok(()) }
    }

    /// Reads a block; `None` if a coefficient is too large or one too many.
    fn block(&mut self, part: usize, plane: &mut Plane<'_>, index: usize) -> Option<()> {
        let Self { coder, parts, dc, ac, conditioning, first, last, low, .. } = self;
        let part = &mut parts[part];
        let ac_states = &mut ac[part.ac % 16];
        let up_to = conditioning.ac[part.ac % 16];
        match self.passes {
            Passes::Sequential => {
                let mut block = [0; 64];
                part.dc(coder, &mut dc[part.dc % 16], conditioning.dc[part.dc % 16])?;
                block[0] = part.predicted;
                let mut count = 1;
                each_ac(coder, ac_states, up_to, 1..=63, |k, value| {
                    block[usize::from(NATURAL[k as usize]) % 64] = value;
                    count = k + 1;
                })?;
                plane.put(index, &block, count);
            }
            Passes::FirstDc => {
                part.dc(coder, &mut dc[part.dc % 16], conditioning.dc[part.dc % 16])?;
                *plane.words.get_mut(index * plane.per_block)? = part.predicted.wrapping_shl(*low).to_ne_bytes();
            }
            Passes::RefineDc => {
                let word = plane.words.get_mut(index * plane.per_block)?;
                let bit = i16::from(coder.even()) << *low;
                *word = (i16::from_ne_bytes(*word) | bit).to_ne_bytes();
            }
            Passes::FirstAc => {
                let (block, nonzero) = plane.block_mut(index)?;
                each_ac(coder, ac_states, up_to, *first..=*last, |k, value| {
                    let value = value.wrapping_shl(*low);
                    block[usize::from(NATURAL[k as usize]) % 64] = value.to_ne_bytes();
                    *nonzero |= u64::from(value != 0) << k;
                })?;
            }
            Passes::RefineAc => {
                let (block, nonzero) = plane.block_mut(index)?;
                refine_ac(coder, ac_states, (*first, *last, *low), block, nonzero)?;
            }
        }
        Some(())
    }
}

impl ArithmeticPart {
    /// Reads a DC difference and adds it to the last coefficient (T.81 F.1.4.1, F.1.4.4.1).
    fn dc(&mut self, coder: &mut Coder<'_>, states: &mut DcStates, (lower, upper): (u8, u8)) -> Option<()> {
        let context = std::mem::take(&mut self.context);
        if !coder.decide(&mut states[context]) {
            return Some(());
        }
        let negative = coder.decide(&mut states[context + 1]);
        let (mut size, mut at) = (0, context + 2 + usize::from(negative));
        if coder.decide(&mut states[at]) {
            (size, at) = category(coder, states, (DC_CATEGORIES, 1))?;
        }
        self.context = dc_context(negative, size, (lower, upper));
        let magnitude = magnitude(coder, states, at, size);
        self.predicted = self.predicted.wrapping_add(signed(negative, magnitude));
        Some(())
    }
}

/// Which states the difference after one begins with, by its sign and the power of two below its magnitude: none, small or
/// large (T.81 F.1.4.4.1.2).
pub(super) const fn dc_context(negative: bool, size: u32, (lower, upper): (u8, u8)) -> usize {
    if size < (1 << lower) >> 1 {
        0
    } else if size > (1 << upper) >> 1 {
        12 + 4 * negative as usize
    } else {
        4 + 4 * negative as usize
    }
}

/// Finds the power of two below a magnitude less one: one decision for each power, from a given state on (T.81 figure
/// F.23).
fn category(coder: &mut Coder<'_>, states: &mut [State], (at, size): (usize, u32)) -> Option<(u32, usize)> {
    let (mut at, mut size) = (at, size);
    while coder.decide(&mut states[at]) {
        size <<= 1;
        if size == 0x8000 {
            return None;
        }
        at += 1;
    }
    Some((size, at))
}

/// The bits below the power of two, and one more for the magnitude (T.81 figure F.24).
fn magnitude(coder: &mut Coder<'_>, states: &mut [State], at: usize, size: u32) -> u32 {
    let (mut magnitude, mut bit) = (size, size >> 1);
    while bit > 0 {
        if coder.decide(&mut states[at + BITS]) {
            magnitude |= bit;
        }
        bit >>= 1;
    }
    magnitude + 1
}

const fn signed(negative: bool, magnitude: u32) -> i16 {
    let value = magnitude as i16;
    if negative { value.wrapping_neg() } else { value }
}

/// Reads the AC coefficients of a band, and hands on those that differ from zero (T.81 F.1.4.2, F.1.4.4.2).
#[inline]
fn each_ac(
    coder: &mut Coder<'_>,
    states: &mut AcStates,
    up_to: u8,
    band: std::ops::RangeInclusive<u32>,
    mut put: impl FnMut(u32, i16),
) -> Option<()> {
    let (mut k, last) = band.into_inner();
    while k <= last {
        let mut at = 3 * (k as usize - 1);
        // The end of the block.
        if coder.decide(&mut states[at]) {
            break;
        }
        while !coder.decide(&mut states[at + 1]) {
            (at, k) = (at + 3, k + 1);
            if k > last {
                return None;
            }
        }
        let negative = coder.even();
        let (mut size, mut at) = (0, at + 2);
        if coder.decide(&mut states[at]) {
            size = 1;
            if coder.decide(&mut states[at]) {
                let categories = AC_CATEGORIES[usize::from(k > u32::from(up_to))];
                (size, at) = category(coder, states, (categories, 2))?;
            }
        }
        put(k, signed(negative, magnitude(coder, states, at, size)));
        k += 1;
    }
    Some(())
}

/// Refines the AC coefficients of a band by one bit, and gives those that it makes differ from zero (T.81 G.1.3.3).
fn refine_ac(
    coder: &mut Coder<'_>,
    states: &mut AcStates,
    (first, last, low): (u32, u32, u32),
    block: &mut [[u8; 2]; 64],
    nonzero: &mut u64,
) -> Option<()> {
    // Up to the last coefficient that differs from zero already, the block cannot end.
    let known = *nonzero & u64::MAX >> (63 - last) & !1;
    let end = 63 - (known | 1).leading_zeros();
    let bit = 1i16 << low;
    let mut k = first;
    while k <= last {
        let mut at = 3 * (k as usize - 1);
        if k > end && coder.decide(&mut states[at]) {
            break;
        }
        loop {
            let word = &mut block[usize::from(NATURAL[k as usize]) % 64];
            let old = i16::from_ne_bytes(*word);
            if old != 0 {
                if coder.decide(&mut states[at + 2]) {
                    *word = old.wrapping_add(if old < 0 { -bit } else { bit }).to_ne_bytes();
                }
                break;
            }
            if coder.decide(&mut states[at + 1]) {
                *word = if coder.even() { -bit } else { bit }.to_ne_bytes();
                break;
            }
            (at, k) = (at + 3, k + 1);
            if k > last {
                return None;
            }
        }
        let word = block[usize::from(NATURAL[k as usize]) % 64];
        *nonzero = *nonzero & !(1 << k) | u64::from(word != [0; 2]) << k;
        k += 1;
    }
    Some(())
}
