//! The headers of a BMP file: 14 bytes that are the same in all, then one of a length that tells its kind.
//!
//! OS/2 has 12 bytes (version 1), or 64 of which the first 16 have to be there (version 2). Windows has 40, and 52, 56, 108
//! and 124 in its versions 2 to 5, each of which begins with the one before.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::Size;
use crate::imaging::codec::fault::damaged;

/// Bytes of the first header. It has the offset of the pixels at 10.
const FILE: usize = 14;
/// Length of the header of OS/2, version 1.
const OS2: usize = 12;
/// Length of the header of Windows in its first version.
const WINDOWS: usize = 40;
/// Length in version 3, the first one with a mask of alpha.
const VERSION_3: usize = 56;
/// Length in version 4, the first one with a colour space.
pub(super) const VERSION_4: usize = 108;
/// Length in version 5, the first one that may have a profile in the file.
pub(super) const VERSION_5: usize = 124;

/// The longest rows: work is given up between rows, so one may not be the whole picture.
const MOST_ACROSS: u32 = 1_000_000;

/// Two letters do not identify a BMP. The length of its second header, one of a few values, does.
pub(super) fn matches(bytes: &[u8]) -> bool {
    bytes.starts_with(b"BM") && second(bytes).is_some()
}

/// The second header: as much of it as its length says, all of which may not be there.
pub(super) fn second(bytes: &[u8]) -> Option<&[u8]> {
    let rest = bytes.get(FILE..)?;
    let length = usize::try_from(u32::from_le_bytes(*rest.first_chunk()?)).ok()?;
    let is_known = matches!(length, OS2 | 16 | WINDOWS | 52 | VERSION_3 | 64 | VERSION_4 | VERSION_5);
    is_known.then(|| rest.get(..length).unwrap_or(rest))
}

/// What the headers say.
#[derive(Debug)]
pub(super) struct Heading<'a> {
    pub(super) size: Size,
    /// The first row in the file is the uppermost one.
    pub(super) top_down: bool,
    pub(super) form: Form<'a>,
    /// The file from the first byte of pixels on.
    pub(super) pixels: &'a [u8],
}

/// What pixels are in the file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'a> {
    /// Numbers of colours, 1, 2, 4 or 8 bits each, the highest bits first.
    Indexed { bits: u32, palette: Palette<'a> },
    /// Blue, green and red, a byte each.
    Bytes,
    /// 16 or 32 bits, in which each component has a mask: red, green, blue, alpha.
    Fields { bits: u32, masks: [u32; 4] },
    /// Run lengths of numbers of colours of 4 or 8 bits.
    Runs { bits: u32, palette: Palette<'a> },
    /// Run lengths of blue, green and red.
    ByteRuns,
}

/// Colours by number.
#[derive(Debug, Clone, Copy)]
pub(super) struct Palette<'a> {
    /// Blue, green, red, and a byte without a meaning where an entry has four.
    entries: &'a [u8],
    /// Bytes of an entry, 3 or 4.
    each: usize,
}

impl Palette<'_> {
    /// Red, green and blue by number. Numbers beyond the palette are black.
    pub(super) fn colors(&self) -> [[u8; 3]; 256] {
        let mut colors = [[0; 3]; 256];
        for (color, entry) in colors.iter_mut().zip(self.entries.chunks_exact(self.each)) {
            if let [blue, green, red, ..] = *entry {
                *color = [red, green, blue];
            }
        }
        colors
    }
}

impl Form<'_> {
    /// The file declares alpha.
    pub(super) const fn has_alpha(&self) -> bool {
        matches!(self, Self::Fields { masks: [.., alpha], .. } if *alpha != 0)
    }

    /// Rows are packed and can only be read from the first one on.
    pub(super) const fn is_packed(&self) -> bool {
        matches!(self, Self::Runs { .. } | Self::ByteRuns)
    }

    /// Bits of a pixel.
    pub(super) const fn bits(&self) -> u32 {
        match self {
            Self::Indexed { bits, .. } | Self::Fields { bits, .. } | Self::Runs { bits, .. } => *bits,
            Self::Bytes | Self::ByteRuns => 24,
        }
    }
}

impl<'a> Heading<'a> {
    /// # Errors
    ///
    /// The headers are damaged, or of a kind that is not supported.
    pub(super) fn of(file: &'a [u8]) -> Result<Self> {
        let header = second(file).ok_or_else(|| broken("no header"))?;
        let length = long(file, FILE)? as usize;
        let (width, height, planes_at) = if length == OS2 {
            (i64::from(short(header, 4)?), i64::from(short(header, 6)?), 8)
        } else {
            (i64::from(signed(header, 4)?), i64::from(signed(header, 8)?), 12)
        };
        let side = |side: i64| u32::try_from(side).ok().filter(|&side| side > 0).ok_or_else(|| broken("no pixels"));
        let size = Size::new(side(width)?, side(height.abs())?);
        let bits = u32::from(short(header, planes_at + 2)?);
        let compression = if length < 20 { 0 } else { long(header, 16)? };
        let used = if length < WINDOWS { 0 } else { long(header, 32)? };
        let offset = long(file, 10)? as usize;
        let is_os2 = matches!(length, OS2 | 16 | 64);
        let mut at = FILE + length;
        let kind = Kind::of(compression, bits, is_os2)?;
        let masks = if kind == Kind::Masked { masks(file, length, compression, &mut at)? } else { plain_masks(bits) };
        let each = if length == OS2 { 3 } else { 4 };
        let palette = |most: u32| {
            let count = if used == 0 { most } else { used.min(most) } as usize;
            let end = if offset > at { offset } else { file.len() }.min(at + count * each).min(file.len());
            let entries = file.get(at..end).unwrap_or_default();
            Palette { entries, each }
        };
        let form = match (kind, bits) {
            (Kind::Runs, 24) => Form::ByteRuns,
            (Kind::Runs, _) => Form::Runs { bits, palette: palette(1 << bits) },
            (Kind::Masked, _) | (Kind::Plain, 16 | 32) => Form::Fields { bits, masks },
            (Kind::Plain, 24) => Form::Bytes,
            (Kind::Plain, _) => Form::Indexed { bits, palette: palette(1 << bits) },
        };
        // Files without an offset, or with that of the palette, have their pixels behind the palette.
        let start = match (offset, &form) {
            (offset, Form::Indexed { palette, .. } | Form::Runs { palette, .. }) if offset == 0 || offset == at => {
                at + palette.entries.len()
            }
            (0, _) => at,
            (offset, _) if offset < FILE + length => return Err(broken("pixels inside its header")),
            (offset, _) => offset,
        };
        let pixels = file.get(start..).unwrap_or_default();
        Ok(Self { size, top_down: height < 0, form, pixels })
    }

    /// From a row in the file to the next one, in bytes.
    pub(super) const fn stride(&self) -> u64 {
        (self.size.width as u64 * self.form.bits() as u64).div_ceil(32) * 4
    }

    /// The row that lies at a place in the file, from the top of the picture.
    pub(super) const fn row_at(&self, place: u32) -> u32 {
        if self.top_down { place } else { self.size.height - 1 - place }
    }
}

/// Refuses pictures of longer rows.
///
/// # Errors
///
/// The rows are longer.
pub(super) fn refuse_wide(size: Size) -> Result<()> {
    let wide = || Error::new(ErrorKind::Limit, "is wider than the 1000000 pixels that a BMP may have");
    if size.width <= MOST_ACROSS { Ok(()) } else { Err(wide()) }
}

/// How pixels are stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Plain,
    Masked,
    Runs,
}

impl Kind {
    fn of(compression: u32, bits: u32, is_os2: bool) -> Result<Self> {
        match (compression, bits, is_os2) {
            (0, 1 | 2 | 4 | 8 | 16 | 24 | 32, _) => Ok(Self::Plain),
            (1, 8, _) | (2, 4, _) | (4, 24, true) => Ok(Self::Runs),
            (3 | 6, 16 | 32, false) => Ok(Self::Masked),
            (3, 1, true) => Err(unsupported("is a BMP with Huffman codes, which is rare and not supported")),
            (4, _, false) => Err(unsupported("is a BMP that a JPEG lies in, which is for printers and not supported")),
            (5, _, false) => Err(unsupported("is a BMP that a PNG lies in, which is for printers and not supported")),
            (11..=13, _, false) => Err(unsupported("is a BMP of inks, which is for printers and not supported")),
            (0..=6, ..) => Err(broken("pixels of a size that does not go with their compression")),
            _ => Err(broken("an unknown compression")),
        }
    }
}

/// 5 bits of each component in 16, or a byte of each in 32.
const fn plain_masks(bits: u32) -> [u32; 4] {
    if bits == 16 { [0x7c00, 0x3e0, 0x1f, 0] } else { [0xff_0000, 0xff00, 0xff, 0] }
}

/// Masks lie in the header, from its version 2 on, or behind it.
fn masks(file: &[u8], length: usize, compression: u32, end: &mut usize) -> Result<[u32; 4]> {
    let has_alpha = if length == WINDOWS { compression == 6 } else { length >= VERSION_3 };
    let count = if has_alpha { 4 } else { 3 };
    let mut masks = [0; 4];
    for (i, mask) in masks.iter_mut().enumerate().take(count) {
        *mask = long(file, FILE + WINDOWS + 4 * i)?;
    }
    if length == WINDOWS {
        *end += 4 * count;
    }
    Ok(masks)
}

fn short(bytes: &[u8], at: usize) -> Result<u16> {
    let number = bytes.get(at..).and_then(|rest| rest.first_chunk());
    number.map(|number| u16::from_le_bytes(*number)).ok_or_else(|| broken("a header that is cut off"))
}

pub(super) fn long(bytes: &[u8], at: usize) -> Result<u32> {
    let number = bytes.get(at..).and_then(|rest| rest.first_chunk());
    number.map(|number| u32::from_le_bytes(*number)).ok_or_else(|| broken("a header that is cut off"))
}

fn signed(bytes: &[u8], at: usize) -> Result<i32> {
    long(bytes, at).map(u32::cast_signed)
}

pub(super) fn broken(detail: &'static str) -> Error {
    damaged("is a damaged BMP", &detail)
}

const fn unsupported(what: &'static str) -> Error {
    Error::new(ErrorKind::Source, what)
}
