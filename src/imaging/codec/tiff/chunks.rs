//! Where the strips or tiles of a picture stand in the file.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::Size;
use crate::imaging::codec::fault::damaged;

use super::directory::{Directory, File, Values};
use super::tags;

/// The most strips or tiles.
const MOST: u64 = 1 << 20;
/// The longest row of a picture or of a tile: work is given up between rows.
const MOST_ACROSS: u64 = 1_000_000;

/// The strips or tiles of a picture.
#[derive(Debug)]
pub(super) struct Chunks<'a> {
    file: File<'a>,
    /// Pixels of each. The last strip has only the rows that are left; tiles are whole.
    pub(super) width: u32,
    pub(super) height: u32,
    /// How many there are beside and below each other.
    pub(super) across: u32,
    pub(super) down: u32,
    pub(super) tiled: bool,
    offsets: Values<'a>,
    lengths: Option<Values<'a>>,
}

impl<'a> Chunks<'a> {
    /// The chunks of a picture that stores each of its components by itself.
    ///
    /// # Errors
    ///
    /// There are too many, or they are not described.
    pub(super) fn new(directory: &Directory<'a>, size: Size, planes: u32) -> Result<Self> {
        let tiled = directory.values(tags::TILE_WIDTH).is_some();
        let number = |tag| directory.number(tag);
        let (width, height) = if tiled {
            let side = |tag| number(tag).filter(|&side| side > 0).ok_or_else(|| missing("tiles of no size"));
            (side(tags::TILE_WIDTH)?, side(tags::TILE_LENGTH)?)
        } else {
            let all = u64::from(size.height);
            (u64::from(size.width), number(tags::ROWS_PER_STRIP).filter(|&rows| rows > 0).unwrap_or(all).min(all))
        };
        if u64::from(size.width).max(width) > MOST_ACROSS {
            return Err(too_wide());
        }
        let (width, height) = (width as u32, u32::try_from(height).unwrap_or(u32::MAX));
        let (across, down) = (size.width.div_ceil(width), size.height.div_ceil(height));
        let count = u64::from(across) * u64::from(down);
        if count.saturating_mul(u64::from(planes)) > MOST {
            return Err(Error::new(ErrorKind::Limit, "has more than the 1048576 strips or tiles that a TIFF may have"));
        }
        // Some writers describe tiles as strips.
        let either = |tile, strip| {
            let tiles = if tiled { directory.values(tile) } else { None };
            tiles.or_else(|| directory.values(strip))
        };
        let offsets = either(tags::TILE_OFFSETS, tags::STRIP_OFFSETS).ok_or_else(|| missing("no pixels"))?;
        let lengths = either(tags::TILE_BYTE_COUNTS, tags::STRIP_BYTE_COUNTS);
        Ok(Self { file: directory.file(), width, height, across, down, tiled, offsets, lengths })
    }

    /// The JPEG that is the whole picture, in files of the old kind.
    ///
    /// # Errors
    ///
    /// It is too wide.
    pub(super) fn whole(directory: &Directory<'a>, size: Size) -> Result<Self> {
        if u64::from(size.width) > MOST_ACROSS {
            return Err(too_wide());
        }
        let Size { width, height } = size;
        let offsets = directory.values(tags::JPEG_INTERCHANGE).ok_or_else(|| missing("no pixels"))?;
        let lengths = directory.values(tags::JPEG_INTERCHANGE_LENGTH);
        Ok(Self { file: directory.file(), width, height, across: 1, down: 1, tiled: false, offsets, lengths })
    }

    /// The bytes of a chunk, as far as the file has them. A single one of stored pixels has as many bytes as they take, whatever
    /// the file says: `is_stored`.
    ///
    /// # Errors
    ///
    /// The file does not say where the chunk is, or ends before.
    pub(super) fn bytes(&self, plane: u32, row: u32, column: u32, is_stored: bool) -> Result<&'a [u8]> {
        let i = (u64::from(plane) * u64::from(self.down) + u64::from(row)) * u64::from(self.across) + u64::from(column);
        let offset = self.offsets.number(i).filter(|&offset| offset > 0);
        let bytes = offset.and_then(|offset| self.file.from(offset)).ok_or_else(|| missing("a chunk is missing"))?;
        let length = self.lengths.and_then(|lengths| lengths.number(i)).filter(|&length| length > 0);
        let length = length.filter(|_| !is_stored || self.offsets.count() > 1);
        let length = length.and_then(|length| usize::try_from(length).ok());
        Ok(length.and_then(|length| bytes.get(..length)).unwrap_or(bytes))
    }

    /// Rows of the picture in a row of chunks.
    pub(super) fn rows(&self, row: u32, size: Size) -> std::ops::Range<u32> {
        let start = row.saturating_mul(self.height).min(size.height);
        start..start.saturating_add(self.height).min(size.height)
    }
}

fn too_wide() -> Error {
    Error::new(ErrorKind::Limit, "is wider than the 1000000 pixels that a TIFF may have")
}

fn missing(what: &'static str) -> Error {
    damaged("is a damaged TIFF", &what)
}
