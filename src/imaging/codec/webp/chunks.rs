//! The chunks of a WebP file (RFC 9649), and where in them the pixels of its first frame are.

use crate::base::error::{Error, Result};
use crate::base::geom::Size;
use crate::imaging::codec::fault::damaged;

/// The most chunks that are looked at. A file has a handful, and one for each frame.
const MOST: usize = 1 << 16;

/// Kind and data of each chunk after the signature. What the file does not have of the last one is missing.
pub(super) fn chunks(file: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let size = file.get(4..).and_then(|rest| rest.first_chunk()).map_or(0, |size| u32::from_le_bytes(*size));
    let end = usize::try_from(u64::from(size) + 8).unwrap_or(usize::MAX).min(file.len());
    within(file.get(12..end).unwrap_or(&[]))
}

fn within(mut rest: &[u8]) -> impl Iterator<Item = (&[u8; 4], &[u8])> {
    let next = move || {
        let (kind, after) = rest.split_first_chunk::<4>()?;
        let (size, after) = after.split_first_chunk::<4>()?;
        let size = usize::try_from(u32::from_le_bytes(*size)).unwrap_or(usize::MAX).min(after.len());
        let (data, after) = after.split_at(size);
        // Data of an odd length have a byte behind them.
        rest = after.get(size % 2..).unwrap_or(&[]);
        Some((kind, data))
    };
    std::iter::from_fn(next).take(MOST)
}

/// The first chunk of a kind, if the file has all of it that is asked for.
pub(super) fn chunk<'a>(file: &'a [u8], kind: &[u8; 4]) -> Option<&'a [u8]> {
    chunks(file).find(|(found, _)| *found == kind).map(|(_, data)| data)
}

/// The first frame of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Frame<'a> {
    /// Size of the picture.
    pub(super) canvas: Size,
    /// Where the frame begins on it, from the left and from above.
    pub(super) at: [u32; 2],
    pub(super) size: Size,
    pub(super) pixels: Pixels<'a>,
}

/// Compressed pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Pixels<'a> {
    /// Colours, and alpha if there is any.
    Lossy {
        colors: &'a [u8],
        alpha: Option<&'a [u8]>,
    },
    Lossless {
        pixels: &'a [u8],
        has_alpha: bool,
    },
}

impl Pixels<'_> {
    pub(super) const fn has_alpha(&self) -> bool {
        match self {
            Self::Lossy { alpha, .. } => alpha.is_some(),
            Self::Lossless { has_alpha, .. } => *has_alpha,
        }
    }

    /// Bytes of the file.
    pub(super) fn len(&self) -> usize {
        match self {
            Self::Lossy { colors, alpha } => colors.len() + alpha.map_or(0, <[u8]>::len),
            Self::Lossless { pixels, .. } => pixels.len(),
        }
    }
}

impl<'a> Frame<'a> {
    /// # Errors
    ///
    /// The file has no frame, or one that is not on the canvas.
    pub(super) fn first(file: &'a [u8]) -> Result<Self> {
        let mut canvas = None;
        let mut alpha = None;
        for (kind, data) in chunks(file) {
            match kind {
                b"VP8X" if canvas.is_none() => canvas = Some(canvas_of(data)?),
                b"ALPH" if alpha.is_none() => alpha = Some(data),
                b"VP8 " | b"VP8L" => {
                    let (size, pixels) = pixels_of(kind, data, alpha)?;
                    let canvas = canvas.unwrap_or(size);
                    if canvas != size {
                        return Err(broken("its picture has another size than its canvas"));
                    }
                    return Ok(Self { canvas, at: [0, 0], size, pixels });
                }
                b"ANMF" => return Self::animated(canvas.ok_or_else(|| broken("a frame without a canvas"))?, data),
                _ => {}
            }
        }
        Err(broken("no picture"))
    }

    /// Left and upper edge in steps of two pixels, width and height less one, duration (24 bits each), a byte of flags;
    /// then chunks.
    fn animated(canvas: Size, data: &'a [u8]) -> Result<Self> {
        let number = |at: usize| three_bytes(data, at).ok_or_else(|| broken("a frame that is cut off"));
        let at = [2 * number(0)?, 2 * number(3)?];
        let size = Size::new(number(6)? + 1, number(9)? + 1);
        if at[0] + size.width > canvas.width || at[1] + size.height > canvas.height {
            return Err(broken("a frame beyond its canvas"));
        }
        let mut alpha = None;
        for (kind, data) in within(data.get(16..).unwrap_or(&[])) {
            match kind {
                b"ALPH" if alpha.is_none() => alpha = Some(data),
                b"VP8 " | b"VP8L" => {
                    let (coded, pixels) = pixels_of(kind, data, alpha)?;
                    if coded != size {
                        return Err(broken("a frame of another size than its place"));
                    }
                    return Ok(Self { canvas, at, size, pixels });
                }
                _ => {}
            }
        }
        Err(broken("a frame without a picture"))
    }

    /// The frame is as large as the canvas.
    pub(super) fn is_whole(&self) -> bool {
        self.size == self.canvas
    }
}

/// Flags and three reserved bytes, width and height less one.
fn canvas_of(data: &[u8]) -> Result<Size> {
    let side = |at: usize| three_bytes(data, at).map(|side| side + 1).ok_or_else(|| broken("a canvas without a size"));
    Ok(Size::new(side(4)?, side(7)?))
}

/// The size of a frame by the head of its pixels. Alpha counts for lossy ones alone.
fn pixels_of<'a>(kind: &[u8; 4], data: &'a [u8], alpha: Option<&'a [u8]>) -> Result<(Size, Pixels<'a>)> {
    let (size, pixels) = if kind == b"VP8L" {
        // A signature; width and height less one in 14 bits each, whether alpha is used, a version of three bits.
        let head = data.split_first_chunk::<5>().map(|(head, _)| *head);
        let Some([0x2f, rest @ ..]) = head else { return Err(broken("no head of lossless pixels")) };
        let bits = u32::from_le_bytes(rest);
        if bits >> 29 != 0 {
            return Err(broken("lossless pixels of an unknown version"));
        }
        let size = Size::new((bits & 0x3fff) + 1, (bits >> 14 & 0x3fff) + 1);
        (size, Pixels::Lossless { pixels: data, has_alpha: bits >> 28 & 1 == 1 })
    } else {
        // A tag of three bytes, whose lowest bit is 0 in a frame that needs no other one (RFC 6386, section 9.1).
        let head = data.split_first_chunk::<10>().map(|(head, _)| *head);
        let Some([tag, _, _, 0x9d, 1, 0x2a, w0, w1, h0, h1]) = head else {
            return Err(broken("no head of lossy pixels"));
        };
        if tag & 1 != 0 {
            return Err(broken("a frame that needs another one"));
        }
        let side = |low: u8, high: u8| u32::from(u16::from_le_bytes([low, high]) & 0x3fff);
        (Size::new(side(w0, w1), side(h0, h1)), Pixels::Lossy { colors: data, alpha })
    };
    if size.area() == 0 {
        return Err(broken("no pixels"));
    }
    Ok((size, pixels))
}

fn three_bytes(data: &[u8], at: usize) -> Option<u32> {
    let [low, middle, high] = *data.get(at..)?.first_chunk::<3>()?;
    Some(u32::from_le_bytes([low, middle, high, 0]))
}

pub(super) fn broken(detail: &'static str) -> Error {
    damaged("is a damaged WebP", &detail)
}
