//! Rows of samples on their way out: they become gray, RGB or inks.

use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::codec::fault::damaged;
use crate::imaging::kernel::alpha_wide::narrowed;
use crate::imaging::kernel::color::ycbcr_to_rgb;
use crate::imaging::pixel::raster::{Layout, PLANES, Row, RowOf, RowSink, WideRow};

use super::page::{Coding, Colors, Page};
use super::samples::Depth;
use super::tags;

/// The colours of a palette.
pub(super) type Palette = [[u8; 3]; 256];

/// What makes colours of the samples of a row.
pub(super) enum Change {
    None,
    Invert,
    Palette(Box<Palette>),
    YCbCr,
}

impl Change {
    /// JPEG's own decoder has made RGB of YCbCr.
    fn of(page: &Page<'_>) -> Result<Self> {
        Ok(match (page.colors, page.coding) {
            (Colors::WhiteIsZero, _) => Self::Invert,
            (Colors::Palette, _) => Self::Palette(palette(page)?),
            (Colors::YCbCr(..), Coding::Packed(_)) => Self::YCbCr,
            (Colors::YCbCr(..), Coding::Jpeg) if page.planar => Self::YCbCr,
            _ => Self::None,
        })
    }
}

/// All reds, then all greens and blues, with 16 bits. Their upper bytes count, as in other software; maps of old files have
/// 8 bits. Colours that a map lacks are black.
fn palette(page: &Page<'_>) -> Result<Box<Palette>> {
    let map = page.directory.values(tags::COLOR_MAP);
    let map = map.ok_or_else(|| damaged("is a damaged TIFF", &"no palette"))?;
    let count = 1_u64 << page.bits;
    let entry = |i| map.number(i).unwrap_or(0);
    let shift = if (0..3 * count).all(|i| entry(i) < 256) { 0 } else { 8 };
    let mut palette = Box::new([[0; 3]; 256]);
    for (color, i) in palette.iter_mut().zip(0..count) {
        *color = [i, count + i, 2 * count + i].map(|i| (entry(i) >> shift) as u8);
    }
    Ok(palette)
}

/// Rows with samples that go out with as many bits, or with 8.
pub(super) trait Sent: Depth {
    /// Hands on a row that is complete.
    fn pour(row: &mut RowOf<Self>, narrow: Option<&mut Row>, sink: &mut dyn RowSink) -> Result<()>;

    /// Makes colours of samples, as palettes and YCbCr need it, which have 8 bits.
    fn recolor(planes: [&mut [Self]; PLANES], change: &Change);
}

impl Sent for u8 {
    fn pour(row: &mut Row, _: Option<&mut Row>, sink: &mut dyn RowSink) -> Result<()> {
        sink.row(row)
    }

    fn recolor(planes: [&mut [Self]; PLANES], change: &Change) {
        let [first, second, third, ..] = planes;
        match change {
            Change::Palette(palette) => {
                for ((first, second), third) in first.iter_mut().zip(second).zip(third) {
                    [*first, *second, *third] = palette[usize::from(*first)];
                }
            }
            Change::YCbCr => ycbcr_to_rgb(first, second, third),
            Change::None | Change::Invert => {}
        }
    }
}

impl Sent for u16 {
    fn pour(row: &mut WideRow, narrow: Option<&mut Row>, sink: &mut dyn RowSink) -> Result<()> {
        let Some(narrow) = narrow else { return sink.wide_row(row) };
        for (to, from) in narrow.planes_mut().into_iter().zip(row.planes()) {
            to.iter_mut().zip(from).for_each(|(to, &from)| *to = narrowed(from));
        }
        sink.row(narrow)
    }

    /// No palette and no YCbCr of 16 bits is read.
    fn recolor(_: [&mut [Self]; PLANES], _: &Change) {}
}

/// The rows of a window.
pub(super) struct Rows<'a, S> {
    layout: Layout,
    change: Change,
    /// Colours are multiplied by alpha.
    associated: bool,
    /// The next row.
    pub(super) row: RowOf<S>,
    /// It goes out with 8 bits.
    narrow: Option<Row>,
    sink: &'a mut dyn RowSink,
}

impl<'a, S: Sent> Rows<'a, S> {
    pub(super) fn new(page: &Page<'_>, layout: Layout, width: u32, sink: &'a mut dyn RowSink) -> Result<Self> {
        let is_wide = page.is_wide() && sink.takes_wide();
        Ok(Self {
            layout,
            change: Change::of(page)?,
            associated: page.alpha.is_some_and(|alpha| alpha.associated),
            row: RowOf::new(width, layout),
            narrow: (page.bits == 16 && !is_wide).then(|| Row::new(width, layout)),
            sink,
        })
    }

    /// Hands on the row, whose samples are as the file has them.
    pub(super) fn pour(&mut self) -> Result<()> {
        count(Kind::Row, 1);
        count(Kind::Copy, self.row.width() * self.layout.planes() * size_of::<S>());
        match &self.change {
            Change::None => {}
            Change::Invert => self.row.planes_mut()[0].iter_mut().for_each(|sample| *sample = sample.inverse()),
            change @ (Change::Palette(_) | Change::YCbCr) => S::recolor(self.row.planes_mut(), change),
        }
        if self.associated {
            let mut planes = self.row.planes_mut();
            let (colors, alpha) = planes.split_at_mut(usize::from(self.layout.colors));
            if let [alpha, ..] = alpha {
                for color in colors {
                    color.iter_mut().zip(alpha.iter()).for_each(|(color, &alpha)| *color = color.divided(alpha));
                }
            }
        }
        S::pour(&mut self.row, self.narrow.as_mut(), self.sink)
    }
}
