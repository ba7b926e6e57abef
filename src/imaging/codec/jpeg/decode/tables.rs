//! The tables that segments define for the scans after them.

use crate::base::error::Result;

use super::coefficients::{NATURAL, Quantization};
use super::huffman::{Code, typical};
use super::marker::{DAC, DHT, DQT, DRI};
use crate::imaging::codec::fault::damaged;

/// What has been defined so far; the Huffman codes of numbers 0 and 1 are the typical ones at first.
#[derive(Debug, Clone)]
pub(super) struct Tables {
    pub(super) quantization: [Option<Quantization>; 4],
    pub(super) dc: [Option<Code>; 4],
    pub(super) ac: [Option<Code>; 4],
    pub(super) conditioning: Conditioning,
    /// MCUs between restart markers; 0 for none.
    pub(super) restart: u32,
}

/// What the states of arithmetic codes depend on, for each number of a table (T.81 F.1.4.4.1.4, F.1.4.4.2.1).
#[derive(Debug, Clone, Copy)]
pub(super) struct Conditioning {
    /// The powers of two up to which a DC difference is none, and behind which it is large.
    pub(super) dc: [(u8, u8); 16],
    /// The last AC coefficient that counts as one of the first.
    pub(super) ac: [u8; 16],
}

impl Default for Tables {
    fn default() -> Self {
        let [dc, ac] = typical();
        let conditioning = Conditioning { dc: [(0, 1); 16], ac: [5; 16] };
        Self { quantization: [None; 4], dc, ac, conditioning, restart: 0 }
    }
}

impl Tables {
    /// Takes what a segment defines; segments of other kinds define nothing.
    pub(super) fn segment(&mut self, marker: u8, payload: &[u8]) -> Result<()> {
        let sound = match marker {
            DQT => self.quantization(payload),
            DHT => self.codes(payload),
            DAC => self.conditioning(payload),
            DRI => payload.first_chunk().map(|&interval| self.restart = u32::from(u16::from_be_bytes(interval))),
            _ => Some(()),
        };
        sound.ok_or_else(|| damaged("is a damaged JPEG", &format_args!("segment {marker:x} is malformed")))
    }

    /// One table after the other: precision and number, then 64 steps of 8 or 16 bits (T.81 B.2.4.1).
    fn quantization(&mut self, payload: &[u8]) -> Option<()> {
        let mut rest = payload;
        while let Some((&head, after)) = rest.split_first() {
            let mut steps = [0; 64];
            let places = NATURAL[..64].iter().map(|&place| usize::from(place));
            if head >> 4 == 0 {
                let (bytes, after) = after.split_first_chunk::<64>()?;
                places.zip(bytes).for_each(|(place, &step)| steps[place] = u16::from(step));
                rest = after;
            } else {
                let (bytes, after) = after.split_first_chunk::<128>()?;
                places.zip(bytes.as_chunks().0).for_each(|(place, &step)| steps[place] = u16::from_be_bytes(step));
                rest = after;
            }
            *self.quantization.get_mut(usize::from(head & 15))? = Some(steps);
        }
        Some(())
    }

    /// Class and number, then the value: two nibbles of DC tables, the upper one first, or that of AC tables
    /// (T.81 B.2.4.3).
    fn conditioning(&mut self, payload: &[u8]) -> Option<()> {
        let (pairs, []) = payload.as_chunks() else { return None };
        for &[head, value] in pairs {
            let number = usize::from(head & 15);
            match head >> 4 {
                0 if value & 15 <= value >> 4 => self.conditioning.dc[number] = (value & 15, value >> 4),
                1 => self.conditioning.ac[number] = value,
                _ => return None,
            }
        }
        Some(())
    }

    /// One code after the other: class and number, then the code (T.81 B.2.4.2).
    fn codes(&mut self, payload: &[u8]) -> Option<()> {
        let mut rest = payload;
        while let Some((&head, after)) = rest.split_first() {
            let (code, after) = Code::read(after)?;
            let codes = if head >> 4 == 0 { &mut self.dc } else { &mut self.ac };
            *codes.get_mut(usize::from(head & 15))? = Some(code);
            rest = after;
        }
        Some(())
    }
}
