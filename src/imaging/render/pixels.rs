//! The pixels that layers and masks are made of: those of a file, or a picture that has been drawn.

use crate::base::error::Result;
use crate::base::geom::{Orientation, Shrink, Size, Window};
use crate::base::work::{Kind, count};
use crate::imaging::pixel::raster::{Layout, Raster, Row, RowSink};
use crate::imaging::scene::InputId;

use super::tools::{Files, Tools};

/// Stored pixels.
pub(super) enum Source {
    File(InputId),
    /// Colours are not premultiplied.
    Drawn(Raster),
}

/// How they are stored.
#[derive(Clone, Copy)]
pub(super) struct Form {
    pub(super) size: Size,
    pub(super) layout: Layout,
    pub(super) orientation: Orientation,
    /// The decoder can shrink.
    pub(super) shrinks: bool,
    /// Samples have 16 bits.
    pub(super) wide: bool,
}

impl Source {
    /// # Errors
    ///
    /// The file is not there.
    pub(super) fn form(&self, files: &Files<'_>) -> Result<Form> {
        Ok(match self {
            Self::File(file) => {
                let header = files.file(*file)?.header;
                Form {
                    size: header.stored,
                    layout: header.layout,
                    orientation: header.orientation,
                    shrinks: header.format.shrinks(),
                    wide: header.wide,
                }
            }
            Self::Drawn(raster) => Form {
                size: raster.size(),
                layout: raster.layout(),
                orientation: Orientation::default(),
                shrinks: false,
                wide: false,
            },
        })
    }

    /// Hands the rows of a window to `sink`. Only what [shrinks](Form::shrinks) may be asked for at a shrink.
    ///
    /// # Errors
    ///
    /// The file is damaged, a limit is exceeded, or the sink fails.
    pub(super) fn rows(
        &self,
        tools: &mut Tools<'_>,
        files: &mut Files<'_>,
        window: Window,
        shrink: Shrink,
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        match self {
            Self::File(file) => tools.decode(files.file_mut(*file)?, window, shrink, sink),
            Self::Drawn(raster) => rows_of(raster, window, sink),
        }
    }
}

/// Hands the rows of a window of a picture to `sink`.
fn rows_of(raster: &Raster, window: Window, sink: &mut dyn RowSink) -> Result<()> {
    let columns = window.x as usize..(window.x + window.width) as usize;
    let mut row = Row::new(window.width, raster.layout());
    count(Kind::Copy, raster.planes().len() * window.width as usize * window.height as usize);
    count(Kind::Row, window.height as usize);
    for y in window.y..window.y + window.height {
        for (to, from) in row.planes_mut().into_iter().zip(raster.planes()) {
            to.copy_from_slice(&from.row(y as usize)[columns.clone()]);
        }
        sink.row(&mut row)?;
    }
    Ok(())
}
