//! Sequential scans with Huffman codes whose blocks are gathered: read slowly, as far as a damaged file goes.

use crate::base::error::Result;

use super::bits::{Bits, CHUNK};
use super::frame::Frame;
use super::huffman::Table;
use super::plane::Plane;
use super::restart::Restart;
use super::scan::{Scan, defined};
use super::tables::Tables;
use crate::imaging::codec::fault::damaged;

/// A scan being read.
pub(super) struct WholeScan<'a> {
    bits: Bits<'a>,
    restart: Restart,
    parts: Vec<WholePart>,
}

struct WholePart {
    component: usize,
    dc: Table,
    ac: Table,
    h: u32,
    v: u32,
    predicted: i16,
}

impl<'a> WholeScan<'a> {
    pub(super) fn new(scan: &Scan<'a>, tables: &Tables, frame: &Frame) -> Result<Self> {
        let alone = scan.parts.len() == 1;
        let mut parts = Vec::new();
        for part in &scan.parts {
            let component = &frame.components[part.component];
            let dc = Table::dc(defined(&tables.dc, part.dc)?)
                .ok_or_else(|| damaged("is a damaged JPEG", &"a DC difference is too long"))?;
            let ac = Table::ac(defined(&tables.ac, part.ac)?);
            let (h, v) = if alone { (1, 1) } else { (component.h, component.v) };
            parts.push(WholePart { component: part.component, dc, ac, h, v, predicted: 0 });
        }
        let bits = Bits::new(scan.data, CHUNK, Vec::new());
        Ok(Self { bits, restart: Restart::new(tables.restart), parts })
    }

    /// Reads one MCU, the next.
    pub(super) fn mcu(&mut self, planes: &mut [Plane<'_>], (row, mcu): (u32, u32)) -> Result<()> {
        let Self { bits, restart, parts } = self;
        restart.run(bits, 1, |reader, anew| {
            if anew {
                parts.iter_mut().for_each(|part| part.predicted = 0);
            }
            for WholePart { component, dc, ac, h, v, predicted } in &mut *parts {
                let plane = &mut planes[*component];
                for i in 0..*h * *v {
                    let mut block = [0; 64];
                    *predicted = predicted.wrapping_add(dc.difference(reader)?);
                    let count = ac.coefficients(reader, &mut block)?;
                    block[0] = *predicted;
                    let index = (row * *v + i / *h) * plane.across + mcu * *h + i % *h;
                    plane.put(index as usize, &block, count);
                }
            }
            Some(())
        })
    }
}
