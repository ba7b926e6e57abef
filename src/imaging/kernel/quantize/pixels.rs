//! The pixels of a picture, row by row, as colours that a palette may have.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::Size;
use crate::imaging::pixel::palette::Transparency;
use crate::imaging::pixel::raster::Raster;

use super::color::{Color, TRANSPARENT};

/// Pixels with less alpha are transparent where one entry stands for all transparency.
const HALF: u8 = 128;

/// The rows of a picture.
pub(super) struct Pixels<'a> {
    raster: &'a Raster,
    transparency: Transparency,
    row: Vec<Color>,
}

impl<'a> Pixels<'a> {
    pub(super) fn new(raster: &'a Raster, transparency: Transparency) -> Self {
        Self { raster, transparency, row: vec![TRANSPARENT; raster.size().width as usize] }
    }

    pub(super) fn height(&self) -> usize {
        self.raster.size().height as usize
    }

    pub(super) fn size(&self) -> Size {
        self.raster.size()
    }

    pub(super) fn width(&self) -> usize {
        self.raster.size().width as usize
    }

    /// Some alpha may be neither 0 nor 255.
    pub(super) fn has_alpha(&self) -> bool {
        self.raster.layout().alpha && self.transparency == Transparency::Entries
    }

    /// One entry stands for all transparency.
    pub(super) fn has_key(&self) -> bool {
        matches!(self.transparency, Transparency::Key(_))
    }

    /// Some pixels are wholly transparent.
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(super) fn is_transparent(&self, cancel: Cancel<'_>) -> Result<bool> {
        if !self.raster.layout().alpha {
            return Ok(false);
        }
        let Some(alpha) = self.raster.planes().last() else { return Ok(false) };
        let below = if self.has_key() { HALF } else { 1 };
        for y in 0..self.height() {
            cancel.check()?;
            if alpha.row(y).iter().any(|&alpha| alpha < below) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// A row of true colours; those without alpha are [`TRANSPARENT`].
    pub(super) fn row(&mut self, y: usize) -> &[Color] {
        let layout = self.raster.layout();
        let planes = self.raster.planes();
        let colors = usize::from(layout.colors);
        let of = |component: usize| planes.get(if colors == 1 { 0 } else { component }).map_or(&[][..], |p| p.row(y));
        let opaque = of(0).iter().zip(of(1)).zip(of(2));
        for (pixel, ((&r, &g), &b)) in self.row.iter_mut().zip(opaque) {
            *pixel = [r, g, b, 255];
        }
        let alpha = planes.get(colors).filter(|_| layout.alpha).map(|plane| plane.row(y));
        for (pixel, &alpha) in self.row.iter_mut().zip(alpha.into_iter().flatten()) {
            pixel[3] = alpha;
            if alpha < 255 {
                *pixel = shown(*pixel, self.transparency);
            }
        }
        &self.row
    }
}

fn shown(color: Color, transparency: Transparency) -> Color {
    let [r, g, b, alpha] = color;
    match transparency {
        _ if alpha == 0 => TRANSPARENT,
        Transparency::Entries => color,
        Transparency::Key(_) if alpha < HALF => TRANSPARENT,
        Transparency::Key(below) => {
            let on = |color: u8, below: u8| {
                let sum = u32::from(color) * u32::from(alpha) + u32::from(below) * (255 - u32::from(alpha)) + 128;
                // Rounds as `mul_255` does.
                ((sum + (sum >> 8)) >> 8) as u8
            };
            [on(r, below[0]), on(g, below[1]), on(b, below[2]), 255]
        }
    }
}
