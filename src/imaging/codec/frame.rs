//! Formats whose decoders make the whole picture at once. Its pixels then lie in memory, with their components side by side,
//! and the rows of any window are taken from there.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Shrink, Window};
use crate::base::limits::over_decoded_bytes;
use crate::base::work::{Kind, count};
use crate::imaging::kernel::interleave::split;
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::{Row, RowSink};

use super::job::{Job, prepare};
use super::together::Output;

/// Makes the whole picture in `job.scratch.pixels`, which it sizes by [`room`]. The pixels have the components of the header's
/// layout, 8 bits each.
pub(super) type Whole = fn(&[u8], &Header, &mut Job<'_>) -> Result<()>;

/// Sizes the buffer for the pixels of the whole picture and sets it to zero. `beside` is what the decoder takes beside it, in
/// bytes.
///
/// # Errors
///
/// The limit of decoded bytes is exceeded, there is not so much memory, or the work is to be given up.
pub(super) fn room(header: &Header, job: &mut Job<'_>, beside: u64) -> Result<()> {
    let left = job.decoded_bytes.checked_sub(beside).ok_or_else(over_decoded_bytes)?;
    let bytes = header.stored.area().checked_mul(header.layout.planes() as u64).ok_or_else(over_decoded_bytes)?;
    prepare(&mut job.scratch.pixels, bytes, left, job.cancel)
}

/// Decodes a window.
pub(super) fn decode(
    whole: Whole,
    bytes: &[u8],
    header: &Header,
    job: &mut Job<'_>,
    sink: &mut dyn RowSink,
) -> Result<()> {
    whole(bytes, header, job)?;
    hand_out(header, job, job.window, sink)
}

/// Decodes several windows, for which the picture is made once.
pub(super) fn decode_all(
    whole: Whole,
    bytes: &[u8],
    header: &Header,
    job: &mut Job<'_>,
    outputs: &mut [Output<'_>],
) -> Result<()> {
    if outputs.iter().any(|output| output.shrink != Shrink::Full) {
        return Err(Error::new(ErrorKind::Internal, "shrinks what cannot be shrunk").at("plan"));
    }
    whole(bytes, header, job)?;
    outputs.iter_mut().try_for_each(|output| hand_out(header, job, output.window, output.sink))
}

/// Hands out the rows of a window of the picture that has been made.
fn hand_out(header: &Header, job: &Job<'_>, window: Window, sink: &mut dyn RowSink) -> Result<()> {
    let planes = header.layout.planes();
    let stride = header.stored.width as usize * planes;
    let (start, len) = (window.x as usize * planes, window.width as usize * planes);
    let mut row = Row::new(window.width, header.layout);
    for y in window.y..window.y + window.height {
        job.cancel.check()?;
        let pixels = job.scratch.pixels.get(stride * y as usize + start..).and_then(|rest| rest.get(..len));
        let pixels = pixels.ok_or_else(|| Error::new(ErrorKind::Internal, "is decoded to too few pixels"))?;
        count(Kind::Row, 1);
        count(Kind::Copy, len);
        split(job.cpu, pixels, &mut row.planes_mut()[..planes]);
        sink.row(&mut row)?;
    }
    Ok(())
}
