//! What to decode, and with what.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Shrink, Window};
use crate::base::limits::{no_room, over_decoded_bytes};
use crate::base::pool::Pool;
use crate::imaging::kernel::isa::cpu::Cpu;

use super::jpeg;
pub(crate) use super::jpeg::Sidecar;

/// What to decode, and with what.
#[derive(Debug)]
pub(crate) struct Job<'a> {
    /// The pixels wanted, at the shrink.
    pub(crate) window: Window,
    pub(crate) shrink: Shrink,
    pub(crate) cpu: Cpu,
    /// Threads that may help; they never change a pixel.
    pub(crate) pool: &'a Pool,
    /// The most bytes of decoded pixels to hold at once.
    pub(crate) decoded_bytes: u64,
    /// Kept between jobs: fresh memory costs a page fault per 4 KiB.
    pub(crate) scratch: &'a mut Buffers,
    /// What earlier jobs have learned of the same bytes; the decoder adds to it. It never changes a pixel.
    pub(crate) sidecar: &'a mut Sidecar,
    /// The most bytes that the sidecar may grow to; with 0 nothing is added.
    pub(crate) sidecar_bytes: u64,
    /// Polled at every row.
    pub(crate) cancel: Cancel<'a>,
    /// The decoder takes no fast path. The samples are the same; tests compare the fast paths with it.
    pub(crate) reference: bool,
}

/// Memory that decoders work in. Its content does not change a pixel.
#[derive(Debug, Default)]
pub(crate) struct Buffers {
    pub(super) pixels: Vec<u8>,
    pub(super) jpeg: jpeg::Buffers,
}

impl Buffers {
    /// Bytes that they take.
    pub(crate) fn bytes(&self) -> usize {
        self.pixels.capacity() + self.jpeg.bytes()
    }

    /// With a buffer for pixels.
    #[cfg(any(test, feature = "internals"))]
    pub(crate) fn with_pixels(pixels: Vec<u8>) -> Self {
        Self { pixels, jpeg: jpeg::Buffers::default() }
    }
}

/// Bytes that are set to zero at a time: fresh memory takes a millisecond for 4 MiB.
const CLEARED: usize = 4 << 20;

/// Sizes the scratch buffer and sets it to zero: what a damaged file leaves out must not show another picture.
///
/// # Errors
///
/// There is not so much memory, or the work is to be given up.
pub(super) fn prepare(scratch: &mut Vec<u8>, bytes: u64, limit: u64, cancel: Cancel<'_>) -> Result<()> {
    if bytes > limit {
        return Err(over_decoded_bytes());
    }
    let len = usize::try_from(bytes).map_err(|_| no_room())?;
    scratch.clear();
    if scratch.capacity() < len {
        // Growing would copy; what is in it is of no use.
        *scratch = Vec::new();
        scratch.try_reserve_exact(len).map_err(|_| no_room())?;
    }
    while scratch.len() < len {
        cancel.check()?;
        scratch.resize(len.min(scratch.len() + CLEARED), 0);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::error::ErrorKind;

    #[test]
    fn scratch_is_zeroed_and_limited() {
        let mut scratch = vec![7; 100];
        prepare(&mut scratch, 50, 50, Cancel::ALWAYS).unwrap();
        assert_eq!(scratch, [0; 50]);
        assert_eq!(prepare(&mut scratch, 51, 50, Cancel::ALWAYS).unwrap_err().kind(), ErrorKind::Limit);
    }
}
