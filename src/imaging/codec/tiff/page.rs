//! The picture of a file that is shown, and how its pixels are stored.

use crate::base::digest::Digest;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Orientation, Size};
use crate::imaging::codec::fault::damaged;
use crate::imaging::codec::metadata::icc::MAX_PROFILE;
use crate::imaging::pixel::header::{Coded, Format, Header};
use crate::imaging::pixel::raster::Layout;
use crate::imaging::pixel::space::Space;

use super::chunks::Chunks;
use super::directory::{Directory, File};
use super::tags;
use super::unpack::{Packing, Scheme};

/// Directories that are looked at.
const DIRECTORIES: usize = 64;
/// Compression by JPEG as revision 6.0 has it (section 22), which technical note 2 replaced.
const OLD_JPEG: u64 = 6;
/// The most samples of a pixel.
const SAMPLES: u64 = 64;

macro_rules! unsupported {
    ($what:literal) => {
        Err(Error::new(ErrorKind::Source, concat!("is a TIFF ", $what, ", which is known and not supported")))
    };
}

/// What the samples of a pixel mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Colors {
    /// Gray, of which 0 is white.
    WhiteIsZero,
    BlackIsZero,
    Rgb,
    /// Places in a palette.
    Palette,
    /// Inks; the largest sample is full ink.
    Cmyk,
    /// Luma and chroma. The file stores one sample of chroma for this number of pixels across and down.
    YCbCr(u32, u32),
}

impl Colors {
    /// Samples of a pixel.
    const fn samples(self) -> u32 {
        match self {
            Self::WhiteIsZero | Self::BlackIsZero | Self::Palette => 1,
            Self::Rgb | Self::YCbCr(..) => 3,
            Self::Cmyk => 4,
        }
    }

    /// What the decoder makes of them.
    const fn layout(self) -> Layout {
        match self {
            Self::WhiteIsZero | Self::BlackIsZero => Layout::GRAY,
            Self::Rgb | Self::Palette | Self::YCbCr(..) => Layout::RGB,
            Self::Cmyk => Layout::CMYK,
        }
    }
}

/// The sample of a pixel that is its alpha.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Alpha {
    pub(super) sample: u32,
    /// Colours are multiplied by it.
    pub(super) associated: bool,
}

/// How chunks are coded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Coding {
    Jpeg,
    Packed(Packing),
}

/// A picture in a file.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) directory: Directory<'a>,
    pub(super) size: Size,
    /// Of each sample: 1, 2, 4, 8 or 16.
    pub(super) bits: u32,
    /// Of a pixel, those that are ignored included.
    pub(super) samples: u32,
    pub(super) colors: Colors,
    pub(super) alpha: Option<Alpha>,
    /// Each sample of the pixels has chunks of its own.
    pub(super) planar: bool,
    pub(super) coding: Coding,
    /// Samples are differences from the pixel before.
    pub(super) predicted: bool,
    /// The lowest bit of each byte comes first.
    pub(super) reversed: bool,
    pub(super) chunks: Chunks<'a>,
}

impl<'a> Page<'a> {
    /// The picture that is shown.
    ///
    /// # Errors
    ///
    /// There is none, or it is of a kind that is not supported.
    pub(super) fn of(bytes: &'a [u8]) -> Result<Self> {
        Self::read(shown(bytes)?)
    }

    fn read(directory: Directory<'a>) -> Result<Self> {
        let side = |tag| directory.number(tag).and_then(|side| u32::try_from(side).ok()).filter(|&side| side > 0);
        let (Some(width), Some(height)) = (side(tags::IMAGE_WIDTH), side(tags::IMAGE_LENGTH)) else {
            return Err(damaged("is a damaged TIFF", &"no size"));
        };
        let size = Size::new(width, height);
        let depths = directory.values(tags::BITS_PER_SAMPLE).map(|depths| depths.count());
        let samples = directory.number(tags::SAMPLES_PER_PIXEL).or(depths).unwrap_or(1);
        if !(1..=SAMPLES).contains(&samples) {
            return unsupported!("with more than 64 samples in a pixel");
        }
        let samples = samples as u32;
        let coding = coding(&directory)?;
        let bits = bits(&directory, samples)?;
        let colors = colors(&directory, samples)?;
        if samples < colors.samples() {
            return Err(damaged("is a damaged TIFF", &"less samples than its colours have"));
        }
        let is_old = directory.number(tags::COMPRESSION) == Some(OLD_JPEG);
        let planar = directory.number(tags::PLANAR_CONFIGURATION) == Some(2) && samples > 1 && !is_old;
        let (predicted, reversed) =
            (predicted(&directory, coding, bits)?, directory.number(tags::FILL_ORDER) == Some(2));
        let chunks = if is_old {
            Chunks::whole(&directory, size)?
        } else {
            Chunks::new(&directory, size, if planar { samples } else { 1 })?
        };
        let alpha = alpha(&directory, colors, samples);
        let page = Self {
            directory,
            size,
            bits,
            samples,
            colors,
            alpha,
            planar,
            coding,
            predicted,
            reversed: reversed && coding != Coding::Jpeg,
            chunks,
        };
        page.refuse_odd()?;
        Ok(page)
    }

    /// Refuses what can be stored and is not read.
    fn refuse_odd(&self) -> Result<()> {
        let in_chunk = if self.planar { 1 } else { self.samples };
        match (self.coding, self.colors) {
            (_, Colors::Palette | Colors::YCbCr(..)) if self.bits > 8 => {
                unsupported!("with 16 bits of a palette or of YCbCr")
            }
            (Coding::Jpeg, _) if self.bits != 8 => unsupported!("of JPEGs whose samples do not have 8 bits"),
            (Coding::Jpeg, Colors::Palette) => unsupported!("of JPEGs with a palette"),
            (Coding::Jpeg, _) if !matches!(in_chunk, 1 | 3 | 4) => {
                unsupported!("of JPEGs with neither 1, 3 nor 4 components")
            }
            (Coding::Jpeg, Colors::YCbCr(..)) if !self.planar && self.samples != 3 => {
                unsupported!("of JPEGs in YCbCr with more components")
            }
            (Coding::Packed(Packing::Fax(_)), _) if self.bits * in_chunk != 1 => {
                Err(damaged("is a damaged TIFF", &"CCITT codes of what is not black and white"))
            }
            (Coding::Packed(_), Colors::YCbCr(h, v)) => self.refuse_chroma(h, v),
            _ => Ok(()),
        }
    }

    /// Refuses YCbCr that is not like that of JPEG, where no JPEG holds it.
    fn refuse_chroma(&self, h: u32, v: u32) -> Result<()> {
        let sampled = h * v > 1;
        if self.bits != 8 || sampled && (self.planar || self.samples != 3 || self.predicted) {
            return unsupported!("in YCbCr of a rare kind");
        }
        // Black, white, then zero and the largest of either chroma.
        let full = [0, 255, 128, 255, 128, 255];
        let is_full = self.directory.values(tags::REFERENCE_BLACK_WHITE).is_none_or(|values| {
            (0..6).all(|i| values.fraction(i).is_some_and(|(n, d)| d > 0 && n == full[i as usize] * d))
        });
        if is_full { Ok(()) } else { unsupported!("in YCbCr of a rare kind") }
    }

    /// Each unit of YCbCr stands for more than one pixel.
    pub(super) const fn units(&self) -> Option<(u32, u32)> {
        match (self.coding, self.colors) {
            (Coding::Packed(_), Colors::YCbCr(h, v)) if h * v > 1 => Some((h, v)),
            _ => None,
        }
    }

    /// Rows keep 16 bits. Inks do not: nothing resamples more than 8 bits of four colours.
    pub(super) const fn is_wide(&self) -> bool {
        self.bits == 16 && !matches!(self.colors, Colors::Cmyk)
    }

    /// The header of the file, whose colour space has been read before.
    pub(super) fn header(&self, bytes: &[u8], space: Space) -> Header {
        let orientation = self.directory.number(tags::ORIENTATION).and_then(|value| u16::try_from(value).ok());
        let is_packed = !matches!(self.coding, Coding::Packed(Packing::Stored));
        Header {
            format: Format::Tiff,
            stored: self.size,
            orientation: Orientation::from_exif(orientation.unwrap_or(1)),
            layout: self.colors.layout().with_alpha(self.alpha.is_some()),
            wide: self.is_wide(),
            space,
            damaged: false,
            passes: 1,
            coded: Coded { whole: is_packed && self.chunks.down == 1, bytes: bytes.len() as u64 },
        }
    }

    /// The embedded profile.
    pub(super) fn profile(&self) -> Option<&'a [u8]> {
        let profile = self.directory.values(tags::ICC)?.bytes();
        (1..=MAX_PROFILE).contains(&profile.len()).then_some(profile)
    }

    pub(super) fn space(&self) -> Space {
        self.profile().map_or(Space::Unsaid, |profile| Space::Icc(Digest::of(profile)))
    }
}

/// The directory of the picture that is shown: the first that is neither a smaller version of another picture nor a mask.
pub(super) fn shown(bytes: &[u8]) -> Result<Directory<'_>> {
    let first = File::new(bytes).and_then(|file| file.first());
    let first = first.ok_or_else(|| damaged("is a damaged TIFF", &"no directory"))?;
    let is_whole = |directory: &Directory<'_>| {
        let kind = directory.number(tags::NEW_SUBFILE_TYPE).unwrap_or(0);
        kind & 5 == 0 && directory.number(tags::SUBFILE_TYPE) != Some(2)
    };
    let whole = std::iter::successors(Some(first), Directory::next).take(DIRECTORIES).find(is_whole);
    match whole {
        Some(whole) => Ok(whole),
        // Raw files of cameras have a small picture in front of the large ones.
        None if first.values(tags::SUB_IFDS).is_some() => unsupported!("of a camera's raw pixels with a preview"),
        None => Ok(first),
    }
}

fn coding(directory: &Directory<'_>) -> Result<Coding> {
    let options = || directory.number(tags::T4_OPTIONS).unwrap_or(0);
    Ok(Coding::Packed(match directory.number(tags::COMPRESSION).unwrap_or(1) {
        1 => Packing::Stored,
        2 => Packing::Fax(Scheme::Bytes),
        3 if options() & 2 > 0 => return unsupported!("with uncompressed CCITT codes"),
        3 if options() & 1 > 0 => Packing::Fax(Scheme::Mixed),
        3 => Packing::Fax(Scheme::Marked),
        4 => Packing::Fax(Scheme::Described),
        5 => Packing::Lzw,
        OLD_JPEG if has_interchange(directory) => return Ok(Coding::Jpeg),
        OLD_JPEG => return unsupported!("compressed by JPEG of the old kind"),
        7 => return Ok(Coding::Jpeg),
        8 | 32946 => Packing::Deflate,
        32773 => Packing::PackBits,
        34661 => return unsupported!("compressed by JBIG"),
        34676 | 34677 => return unsupported!("compressed by SGILog"),
        33003 | 33005 | 34712 => return unsupported!("compressed by JPEG 2000"),
        34887 => return unsupported!("compressed by LERC"),
        34925 => return unsupported!("compressed by LZMA"),
        50000 => return unsupported!("compressed by Zstandard"),
        50001 => return unsupported!("compressed by WebP"),
        50002 | 52546 => return unsupported!("compressed by JPEG XL"),
        _ => return unsupported!("in a rare compression"),
    }))
}

/// The file of a compression of the old kind has a JPEG of the whole picture. Others have tables and scans apart.
fn has_interchange(directory: &Directory<'_>) -> bool {
    let start = directory.number(tags::JPEG_INTERCHANGE).and_then(|at| directory.file().slice(at, 2));
    start.is_some_and(|start| start == [0xff, 0xd8])
}

fn bits(directory: &Directory<'_>, samples: u32) -> Result<u32> {
    let all = |tag, default| {
        let values = directory.values(tag);
        let count = values.map_or(1, |values| values.count().min(u64::from(samples)));
        let number = |i| values.map_or(Some(default), |values| values.number(i)).unwrap_or(default);
        let first = number(0);
        (first, (1..count).all(|i| number(i) == first))
    };
    match all(tags::SAMPLE_FORMAT, 1) {
        (1 | 4, true) => {}
        (2, true) => return unsupported!("with samples below zero"),
        (3, true) => return unsupported!("with floating-point samples"),
        _ => return unsupported!("with samples of a rare kind"),
    }
    match all(tags::BITS_PER_SAMPLE, 1) {
        (bits @ (1 | 2 | 4 | 8 | 16), true) => Ok(bits as u32),
        (_, true) => unsupported!("whose samples have neither 1, 2, 4, 8 nor 16 bits"),
        _ => unsupported!("whose samples differ in their bits"),
    }
}

fn colors(directory: &Directory<'_>, samples: u32) -> Result<Colors> {
    let Some(photometric) = directory.number(tags::PHOTOMETRIC) else {
        let is_fax = matches!(directory.number(tags::COMPRESSION), Some(2..=4));
        return Ok(match samples {
            1 | 2 if is_fax => Colors::WhiteIsZero,
            1 | 2 => Colors::BlackIsZero,
            _ => Colors::Rgb,
        });
    };
    Ok(match photometric {
        0 => Colors::WhiteIsZero,
        1 => Colors::BlackIsZero,
        2 => Colors::Rgb,
        3 => Colors::Palette,
        4 => return unsupported!("that is a mask"),
        5 if directory.number(tags::INK_SET).unwrap_or(1) != 1 => return unsupported!("with inks other than CMYK"),
        5 => Colors::Cmyk,
        6 => {
            let factors = directory.values(tags::SUBSAMPLING);
            let factor = |i| factors.map_or(Some(2), |factors| factors.number(i));
            match (factor(0), factor(1)) {
                (Some(h @ (1 | 2 | 4)), Some(v @ (1 | 2 | 4))) => Colors::YCbCr(h as u32, v as u32),
                _ => return Err(damaged("is a damaged TIFF", &"illegal subsampling")),
            }
        }
        8..=10 => return unsupported!("in CIE L*a*b*"),
        32803 | 34892 => return unsupported!("of a camera's raw pixels"),
        32844 | 32845 => return unsupported!("in LogLuv"),
        _ => return unsupported!("in colours of a rare kind"),
    })
}

/// Differences are defined for LZW and deflate.
fn predicted(directory: &Directory<'_>, coding: Coding, bits: u32) -> Result<bool> {
    let Coding::Packed(Packing::Lzw | Packing::Deflate) = coding else { return Ok(false) };
    match directory.number(tags::PREDICTOR).unwrap_or(1) {
        1 => Ok(false),
        2 if bits >= 8 => Ok(true),
        3 => unsupported!("with floating-point samples"),
        _ => unsupported!("with a rare predictor"),
    }
}

/// The first further sample that is alpha. Files that do not say what the fourth sample of RGB is mean alpha.
fn alpha(directory: &Directory<'_>, colors: Colors, samples: u32) -> Option<Alpha> {
    let (first, extras) = (colors.samples(), samples.checked_sub(colors.samples())?);
    let Some(kinds) = directory.values(tags::EXTRA_SAMPLES) else {
        return (colors == Colors::Rgb && extras == 1).then_some(Alpha { sample: first, associated: false });
    };
    (0..extras).find_map(|i| match kinds.number(u64::from(i))? {
        kind @ (1 | 2) => Some(Alpha { sample: first + i, associated: kind == 1 }),
        _ => None,
    })
}
