//! Whether a file is sound as a whole.

use crate::base::error::{ErrorKind, Result};
use crate::imaging::pixel::header::Header;

use super::gather::Wanted;
use super::marker::Segments;
use super::passes::refuse_many;
use super::picture::{gather, means, refuse_empty};
use crate::imaging::codec::job::Job;

/// Reads the whole file: the header by which it is decoded where damaged files are shown as far as they go. A file is damaged
/// if its whole picture, at full size, is refused.
pub(super) fn check(file: &[u8], segments: &Segments<'_>, header: Header, job: &mut Job<'_>) -> Result<Header> {
    let frame = &segments.frame;
    refuse_many(frame, header.passes)?;
    let rows = frame.mcus().1;
    let read = if frame.is_gathered() {
        // The DC coefficients of a sequential file come with all others.
        let wanted = Wanted { mcu_rows: rows, only_dc: !frame.progressive, damaged: false };
        refuse_empty(file, frame, rows).and_then(|()| gather(file, frame, wanted, 0, job).map(drop))
    } else {
        means(file, segments, &header, job, rows)
    };
    let Err(error) = read else { return Ok(header) };
    if error.kind() != ErrorKind::Source {
        return Err(error);
    }
    // The decoder reads each scan only up to its first damage, so the first row of MCUs holds data if any row does.
    let wanted = Wanted { mcu_rows: 1, only_dc: true, damaged: true };
    gather(file, frame, wanted, 0, job)?;
    Ok(Header { damaged: true, ..header })
}
