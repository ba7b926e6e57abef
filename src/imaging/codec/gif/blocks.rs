//! The blocks of a GIF file (GIF89a), and the first frame of the picture.

use crate::base::error::{Error, Result};
use crate::base::geom::Size;
use crate::imaging::codec::fault::damaged;

/// Bytes of the signature and of the description of the screen.
const HEAD: usize = 13;

/// Most bits of the shortest codes. Some programs write more than the 8 that numbers of colours have.
const MOST_BITS: u8 = 11;

/// A block behind the head of a file.
#[derive(Debug, Clone, Copy)]
pub(super) enum Block<'a> {
    /// Its label, and its data in parts.
    Extension(u8, Parts<'a>),
    Image(Image<'a>),
}

/// What stands in front of the pixels of a frame, and where they are.
#[derive(Debug, Clone, Copy)]
pub(super) struct Image<'a> {
    at: [u32; 2],
    size: Size,
    is_interlaced: bool,
    palette: Option<&'a [u8]>,
    /// Bits of the shortest codes of colours.
    bits: u8,
    data: Parts<'a>,
}

/// Data in parts: a byte that tells the length of a part stands in front of each, and a zero behind the last one.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts<'a> {
    rest: &'a [u8],
    /// The file has all of them.
    ended: bool,
}

impl<'a> Parts<'a> {
    const fn new(rest: &'a [u8]) -> Self {
        Self { rest, ended: false }
    }

    /// Goes behind the last one; what of the file is left.
    fn end(mut self) -> &'a [u8] {
        while self.next().is_some() {}
        self.rest
    }

    /// Bytes that they take with their lengths.
    fn len(self) -> usize {
        self.rest.len() - self.end().len()
    }

    /// All of them as they lie in the file: lengths, parts, and the zero at the end.
    pub(super) fn bytes(self) -> &'a [u8] {
        self.rest.get(..self.len()).unwrap_or_default()
    }
}

impl<'a> Iterator for Parts<'a> {
    type Item = &'a [u8];

    fn next(&mut self) -> Option<&'a [u8]> {
        if self.ended {
            return None;
        }
        let (&len, after) = self.rest.split_first()?;
        // The last part may be cut off.
        let (part, rest) = after.split_at(usize::from(len).min(after.len()));
        self.rest = rest;
        self.ended = len == 0;
        (len > 0).then_some(part)
    }
}

/// The screen that frames lie on.
#[derive(Debug, Clone, Copy)]
struct Screen<'a> {
    size: Size,
    palette: Option<&'a [u8]>,
    rest: &'a [u8],
}

impl<'a> Screen<'a> {
    fn of(file: &'a [u8]) -> Result<Self> {
        let (head, rest) = file.split_at_checked(HEAD).ok_or_else(|| broken("no screen"))?;
        let (palette, rest) = palette(head.get(10).copied().unwrap_or(0), rest)?;
        Ok(Self { size: Size::new(short(head, 6)?, short(head, 8)?), palette, rest })
    }
}

/// The blocks of a file, up to its end or the first one that is cut off.
pub(super) fn blocks(file: &[u8]) -> impl Iterator<Item = Block<'_>> {
    let mut rest = Screen::of(file).map_or(&[][..], |screen| screen.rest);
    std::iter::from_fn(move || {
        loop {
            let (&introducer, after) = rest.split_first()?;
            rest = after;
            match introducer {
                b'!' => {
                    let (&label, after) = rest.split_first()?;
                    let parts = Parts::new(after);
                    rest = parts.end();
                    return Some(Block::Extension(label, parts));
                }
                b',' => {
                    let image = image(rest).ok()?;
                    rest = image.data.end();
                    return Some(Block::Image(image));
                }
                b';' => return None,
                // What lies between blocks is left out, as GIF87a says.
                _ => {}
            }
        }
    })
}

/// The description of a frame behind its introducer.
fn image(rest: &[u8]) -> Result<Image<'_>> {
    let cut_off = || broken("a frame that is cut off");
    let (head, after) = rest.split_at_checked(9).ok_or_else(cut_off)?;
    let flags = head.get(8).copied().unwrap_or(0);
    let (palette, after) = palette(flags, after)?;
    let (&bits, data) = after.split_first().ok_or_else(cut_off)?;
    Ok(Image {
        at: [short(head, 0)?, short(head, 2)?],
        size: Size::new(short(head, 4)?, short(head, 6)?),
        is_interlaced: flags & 0x40 != 0,
        palette,
        bits,
        data: Parts::new(data),
    })
}

/// The palette that flags announce: the highest bit says that there is one, the lowest three how long it is.
fn palette(flags: u8, rest: &[u8]) -> Result<(Option<&[u8]>, &[u8])> {
    if flags & 0x80 == 0 {
        return Ok((None, rest));
    }
    let (palette, rest) = rest.split_at_checked(6 << (flags & 7)).ok_or_else(|| broken("a palette that is cut off"))?;
    Ok((Some(palette), rest))
}

/// The first frame of a picture.
#[derive(Debug, Clone, Copy)]
pub(super) struct Frame<'a> {
    /// Size of the picture: the screen, enlarged to hold the frame.
    pub(super) canvas: Size,
    /// Where the frame begins on it, from the left and from above.
    pub(super) at: [u32; 2],
    pub(super) size: Size,
    pub(super) is_interlaced: bool,
    /// Red, green and blue of each colour. Without a palette, numbers of colours are gray.
    pub(super) palette: Option<&'a [u8]>,
    /// The number that shows nothing.
    pub(super) transparent: Option<u8>,
    /// Bits of the shortest codes of colours, 1 to 11.
    pub(super) bits: u8,
    pub(super) data: Parts<'a>,
}

impl<'a> Frame<'a> {
    /// # Errors
    ///
    /// The file has no frame, or one without pixels.
    pub(super) fn first(file: &'a [u8]) -> Result<Self> {
        let screen = Screen::of(file)?;
        let mut transparent = None;
        for block in blocks(file) {
            match block {
                // The description of the frame that follows: flags, a delay of two bytes, the transparent colour.
                Block::Extension(0xf9, mut parts) => {
                    if let Some([flags, _, _, number, ..]) = parts.next() {
                        transparent = (flags & 1 == 1).then_some(*number);
                    }
                }
                Block::Extension(..) => {}
                Block::Image(image) => return Self::of(&screen, &image, transparent),
            }
        }
        Err(broken("no picture"))
    }

    fn of(screen: &Screen<'a>, image: &Image<'a>, transparent: Option<u8>) -> Result<Self> {
        let Image { at: [left, top], size, is_interlaced, palette, bits, data } = *image;
        if size.area() == 0 {
            return Err(broken("a frame without pixels"));
        }
        if !(1..=MOST_BITS).contains(&bits) {
            return Err(broken("codes of a length that colours do not have"));
        }
        let canvas = Size::new(screen.size.width.max(left + size.width), screen.size.height.max(top + size.height));
        Ok(Self {
            canvas,
            at: [left, top],
            size,
            is_interlaced,
            palette: palette.or(screen.palette),
            // No code stands for a higher number.
            transparent: transparent.filter(|&number| u32::from(number) < 1 << bits),
            bits,
            data,
        })
    }

    /// A transparent pixel can show.
    pub(super) fn has_alpha(&self) -> bool {
        self.transparent.is_some() || self.size != self.canvas
    }

    /// Bytes of the compressed pixels.
    pub(super) fn len(&self) -> usize {
        self.data.len()
    }

    /// Red, green, blue and alpha by number. Numbers beyond the palette are black.
    pub(super) fn colors(&self) -> [[u8; 4]; 256] {
        let mut colors = [[0, 0, 0, u8::MAX]; 256];
        match self.palette {
            Some(palette) => {
                for (color, &[red, green, blue]) in colors.iter_mut().zip(palette.as_chunks::<3>().0) {
                    *color = [red, green, blue, u8::MAX];
                }
            }
            None => {
                for (color, gray) in colors.iter_mut().zip(0..=u8::MAX) {
                    *color = [gray, gray, gray, u8::MAX];
                }
            }
        }
        if let Some(number) = self.transparent {
            colors[usize::from(number)] = [0; 4];
        }
        colors
    }
}

fn short(bytes: &[u8], at: usize) -> Result<u32> {
    let number = bytes.get(at..).and_then(|rest| rest.first_chunk::<2>());
    number.map(|number| u16::from_le_bytes(*number).into()).ok_or_else(|| broken("no head"))
}

pub(super) fn broken(detail: &'static str) -> Error {
    damaged("is a damaged GIF", &detail)
}
