//! Pixels of 8 bits that a host has in memory: rows of pixels whose components lie side by side, from top to bottom.
//!
//! The bytes begin with the first pixel and end with the last one. Rows begin at equal distances, so that the number of bytes
//! gives the distance. What lies between rows is not looked at.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Orientation, Size};
use crate::base::work::{Kind, count};
use crate::imaging::kernel::interleave::split;
use crate::imaging::pixel::header::{Coded, Format, Header};
use crate::imaging::pixel::raster::{Layout, Row, RowSink};
use crate::imaging::pixel::space::Space;

use super::job::Job;
use super::metadata::Metadata;
use super::table::Codec;
use super::together::one_by_one;

pub(super) const CODEC: Codec = Codec {
    format: Format::Raw,
    matches: |_| false,
    read_header: |_| Err(mismatched()),
    decode,
    decode_all: |bytes, header, job, outputs| one_by_one(decode, bytes, header, job, outputs),
    check: |_, header, _| Ok(*header),
    // Every row can be read by itself.
    index: |_, _, _, _| Ok(true),
    read_profile: |_, _| None,
    read_metadata: |_, _| Metadata::default(),
};

/// The header of pixels.
pub(crate) const fn header_of(bytes: &[u8], stored: Size, layout: Layout) -> Header {
    Header {
        format: Format::Raw,
        stored,
        orientation: Orientation::from_exif(1),
        layout,
        wide: false,
        // What hosts have in memory is sRGB (`Pixels`).
        space: Space::Srgb,
        damaged: false,
        passes: 1,
        coded: Coded { whole: false, bytes: bytes.len() as u64 },
    }
}

fn decode(bytes: &[u8], header: &Header, job: &mut Job<'_>, sink: &mut dyn RowSink) -> Result<()> {
    let (window, planes) = (job.window, header.layout.planes());
    let len = header.stored.width as usize * planes;
    let above = bytes.len().checked_sub(len).ok_or_else(mismatched)?;
    let stride = above.checked_div(header.stored.height.saturating_sub(1) as usize).unwrap_or(0);
    let (start, len) = (window.x as usize * planes, window.width as usize * planes);
    let mut row = Row::new(window.width, header.layout);
    for y in window.y..window.y + window.height {
        job.cancel.check()?;
        let pixels =
            bytes.get(stride * y as usize + start..).and_then(|rest| rest.get(..len)).ok_or_else(mismatched)?;
        count(Kind::Row, 1);
        count(Kind::Copy, len);
        split(job.cpu, pixels, &mut row.planes_mut()[..planes]);
        sink.row(&mut row)?;
    }
    Ok(())
}

const fn mismatched() -> Error {
    Error::new(ErrorKind::Internal, "has pixels that its size does not have")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::cancel::Cancel;
    use crate::base::geom::{Shrink, Window};
    use crate::base::pool::Pool;
    use crate::imaging::codec::{Buffers, Sidecar};
    use crate::imaging::kernel::isa::cpu::Cpu;

    struct Rows(Vec<Vec<Vec<u8>>>);

    impl RowSink for Rows {
        fn row(&mut self, row: &mut Row) -> Result<()> {
            self.0.push((0..row.layout().planes()).map(|plane| row.plane(plane).to_vec()).collect());
            Ok(())
        }
    }

    fn rows(bytes: &[u8], (size, layout): (Size, Layout), window: Window) -> Result<Vec<Vec<Vec<u8>>>> {
        let mut rows = Rows(vec![]);
        let mut job = Job {
            window,
            shrink: Shrink::Full,
            cpu: Cpu::detect(crate::CpuLevel::default()),
            pool: &Pool::NONE,
            decoded_bytes: 0,
            scratch: &mut Buffers::default(),
            sidecar: &mut Sidecar::default(),
            sidecar_bytes: 0,
            cancel: Cancel::ALWAYS,
            reference: false,
        };
        decode(bytes, &header_of(bytes, size, layout), &mut job, &mut rows)?;
        Ok(rows.0)
    }

    #[test]
    fn rows_of_a_window_are_split_wherever_they_begin() {
        // Two pixels of RGB, and two bytes behind each row but the last one.
        let bytes: Vec<u8> = (0..22).collect();
        let form = (Size::new(2, 3), Layout::RGB);
        let all = rows(&bytes, form, Window { x: 0, y: 0, width: 2, height: 3 }).unwrap();
        let row = |start: u8| (0..3).map(|plane| vec![start + plane, start + plane + 3]).collect::<Vec<_>>();
        assert_eq!(all, [row(0), row(8), row(16)]);
        let part = rows(&bytes, form, Window { x: 1, y: 1, width: 1, height: 2 }).unwrap();
        assert_eq!(part, [[[11], [12], [13]], [[19], [20], [21]]]);
        let one = rows(&[7, 8], (Size::new(2, 1), Layout::GRAY), Window { x: 1, y: 0, width: 1, height: 1 }).unwrap();
        assert_eq!(one, [[[8]]]);
        let short = rows(&bytes[..5], form, Window { x: 0, y: 0, width: 2, height: 1 });
        assert_eq!(short.unwrap_err().kind(), ErrorKind::Internal);
    }
}
