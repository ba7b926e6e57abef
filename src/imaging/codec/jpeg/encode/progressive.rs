//! Progressive files: all coefficients are made, their symbols counted for codes of their own, then written scan by scan.
//!
//! Their bytes are those that the `jpeg-encoder` crate writes for the same samples, which is what tests compare them with.
//! The crate makes and counts all coefficients in one step that cannot be given up; here that is asked for at each row.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::limits::with_room;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::Raster;

use super::super::typical::codes_of;
use super::baseline::{Header, Kind, write_header, write_scan_header};
use super::bits::{BitWriter, Code, dc_symbol, symbols};
use super::mcus::Mcus;
use super::optimized::{Frequencies, Optimized};
use super::tables::Steps;
use super::transform::Block;
use crate::imaging::codec::settings::WriteLimits;

/// The blocks of a component, row by row.
struct Component {
    /// The number of its steps and codes.
    table: usize,
    across: usize,
    blocks: Vec<Block>,
}

/// Encodes a picture of one, three or four planes, without alpha, of at most 65535 pixels on a side, in `scans` scans for
/// each component: 3 to 5. `None`: longer than the limit.
///
/// # Errors
///
/// The work is to be given up.
pub(super) fn encode(
    cpu: Cpu,
    raster: &Raster,
    size: (u16, u16),
    (steps, subsampled, scans): (&Steps, bool, u8),
    header: Header<'_>,
    WriteLimits { limit, cancel, .. }: WriteLimits<'_>,
) -> Result<Option<Vec<u8>>> {
    let components = components(cpu, raster, size, subsampled, steps, cancel)?;
    let bands = bands(scans);
    let tables = components.iter().map(|component| component.table + 1).max().unwrap_or(1);
    let codes = (0..tables).map(|table| codes(&components, table, &bands, cancel)).collect::<Result<Vec<_>>>()?;
    let mut out = Vec::new();
    let kind = Kind { progressive: true, subsampled, components: components.len() };
    let segments = codes.iter().map(|codes| codes.each_ref().map(|code| (&code.counts, &code.symbols[..])));
    write_header(&mut out, size, steps, kind, segments, header);
    let codes: Vec<[[Code; 256]; 2]> =
        codes.iter().map(|codes| codes.each_ref().map(|code| codes_of(&code.counts, &code.symbols))).collect();
    for (number, component) in (0..).zip(&components) {
        write_scan_header(&mut out, &[(number, component.table)], (0, 0));
        let (mut writer, mut last) = (BitWriter::new(), 0);
        for row in component.rows() {
            cancel.check()?;
            for block in row {
                writer.dc(block.coefficients[0], last, &codes[component.table][0], &mut out);
                last = block.coefficients[0];
            }
            if out.len() > limit {
                return Ok(None);
            }
        }
        writer.finish(&mut out);
    }
    for &(first, end) in &bands {
        for (number, component) in (0..).zip(&components) {
            write_scan_header(&mut out, &[(number, component.table)], (first as u8, end as u8 - 1));
            let mut writer = BitWriter::new();
            for row in component.rows() {
                cancel.check()?;
                row.iter().for_each(|block| writer.band(block, (first, end), &codes[component.table][1], &mut out));
                if out.len() > limit {
                    return Ok(None);
                }
            }
            writer.finish(&mut out);
        }
    }
    out.extend([0xff, 0xd9]);
    Ok((out.len() <= limit).then_some(out))
}

impl Component {
    fn rows(&self) -> impl Iterator<Item = &[Block]> {
        self.blocks.chunks(self.across)
    }
}

/// Transforms all blocks. Those that only fill the last MCUs are in no scan of one component.
fn components(
    cpu: Cpu,
    raster: &Raster,
    (width, height): (u16, u16),
    subsampled: bool,
    steps: &Steps,
    cancel: Cancel<'_>,
) -> Result<Vec<Component>> {
    let mut picture = Mcus::new(cpu, raster.size().width, raster.layout(), subsampled, steps);
    let mut components: Vec<Component> = (0..raster.planes().len())
        .map(|plane| {
            let scale = 8 * picture.factor / picture.factor_of(plane);
            let across = usize::from(width).div_ceil(scale);
            let most = across * usize::from(height).div_ceil(scale);
            let blocks = with_room(most * size_of::<Block>(), || Vec::with_capacity(most));
            Component { table: picture.table_of(plane), across, blocks }
        })
        .collect();
    for row in 0..usize::from(height).div_ceil(picture.lines()) {
        cancel.check()?;
        picture.read(raster, row);
        for (plane, component) in components.iter_mut().enumerate() {
            for blocks in picture.block_rows(plane) {
                if component.blocks.len() < component.blocks.capacity() {
                    component.blocks.extend_from_slice(&blocks[..component.across]);
                }
            }
        }
    }
    Ok(components)
}

/// The AC coefficients of each scan: the first, and the one after the last.
fn bands(scans: u8) -> Vec<(u32, u32)> {
    let count = u32::from(scans.clamp(3, 5)) - 1;
    let width = 64 / count;
    (0..count).map(|i| ((i * width).max(1), if i + 1 == count { 64 } else { (i + 1) * width })).collect()
}

/// The DC and AC codes of a table.
fn codes(components: &[Component], table: usize, bands: &[(u32, u32)], cancel: Cancel<'_>) -> Result<[Optimized; 2]> {
    let (mut dc, mut ac) = (Frequencies::new(), Frequencies::new());
    for component in components.iter().filter(|component| component.table == table) {
        let mut last = 0;
        for row in component.rows() {
            cancel.check()?;
            for block in row {
                dc.count(dc_symbol(block.coefficients[0], last));
                last = block.coefficients[0];
                bands.iter().for_each(|&band| symbols(block, band, |symbol, _, _| ac.count(symbol)));
            }
        }
    }
    Ok([dc.code(), ac.code()])
}
