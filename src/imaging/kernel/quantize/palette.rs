//! The entries of a palette, from those that are asked for to those that are in use.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::imaging::pixel::palette::Indexed;
use crate::imaging::pixel::raster::Plane;

use super::boxes::split;
use super::color::{Color, MOST, TRANSPARENT, divided, multiplied};
use super::distinct::Distinct;
use super::histogram::Histogram;
use super::lloyd::refine;
use super::pixels::Pixels;

/// Alpha from which an entry that is computed is opaque.
const NEARLY_OPAQUE: u8 = 253;

/// An entry that is nearly opaque stands for opaque colours above all.
fn with_whole_alpha([r, g, b, alpha]: Color) -> Color {
    [r, g, b, if alpha >= NEARLY_OPAQUE { 255 } else { alpha }]
}

/// A palette on its way.
pub(super) struct Palette {
    /// Those that are asked for, the transparent one, the others. True colours.
    entries: Vec<Color>,
    /// The number of those that are asked for.
    forced: usize,
    /// These stay even if no pixel has them.
    keeps: bool,
    /// The place of the transparent entry.
    transparent: Option<u8>,
    /// The most entries.
    most: usize,
}

impl Palette {
    /// What stands in it whatever colours the picture has.
    pub(super) fn begun(
        (mut entries, keeps): (Vec<Color>, bool),
        most: usize,
        pixels: &Pixels<'_>,
        cancel: Cancel<'_>,
    ) -> Result<Self> {
        let is_transparent = pixels.is_transparent(cancel)?;
        let most = match (is_transparent, pixels.has_key()) {
            (false, _) => most,
            // The key is none of the colours.
            (true, true) => most.min(MOST - 1) + 1,
            (true, false) => most.max(entries.len() + 1).min(MOST),
        };
        entries.truncate(most - usize::from(is_transparent));
        let forced = entries.len();
        if is_transparent {
            entries.push(TRANSPARENT);
        }
        // At most 255 are before it.
        let transparent = is_transparent.then_some(forced as u8);
        Ok(Self { entries, forced, keeps, transparent, most })
    }

    /// The place of the entry that takes what is wholly transparent.
    pub(super) const fn transparent(&self) -> Option<u8> {
        self.transparent
    }

    /// A picture that has no more colours than there is room for, in these; otherwise `None`.
    pub(super) fn exact(&self, pixels: &mut Pixels<'_>, cancel: Cancel<'_>) -> Result<Option<Indexed>> {
        let mut distinct = Distinct::new(&self.entries);
        for y in 0..pixels.height() {
            cancel.check()?;
            if !pixels.row(y).iter().all(|&color| distinct.add(color, self.most)) {
                return Ok(None);
            }
        }
        let mut indices = Plane::filled(pixels.size(), 0);
        for y in 0..pixels.height() {
            cancel.check()?;
            for (index, &color) in indices.row_mut(y).iter_mut().zip(pixels.row(y)) {
                *index = distinct.index(color);
            }
        }
        Self { entries: distinct.into_colors(), ..*self }.compacted(indices, cancel).map(Some)
    }

    /// Adds entries for the colours of the picture.
    pub(super) fn adapt(&mut self, pixels: &mut Pixels<'_>, cancel: Cancel<'_>) -> Result<()> {
        let room = self.most - self.entries.len();
        if room == 0 {
            return Ok(());
        }
        let mut histogram = Histogram::new();
        for y in 0..pixels.height() {
            cancel.check()?;
            for &color in pixels.row(y).iter().filter(|color| color[3] > 0) {
                histogram.add(multiplied(color));
            }
        }
        let bins = histogram.finish();
        let mut points = self.points();
        if pixels.has_key() {
            // No colour is near the key.
            points.truncate(self.forced);
        }
        let fixed = points.len();
        points.extend(split(&bins, room, cancel)?);
        refine(&bins, &mut points, fixed, pixels.has_alpha(), cancel)?;
        self.entries.extend(points.into_iter().skip(fixed).map(|point| divided(with_whole_alpha(point))));
        Ok(())
    }

    /// The entries, multiplied by alpha.
    pub(super) fn points(&self) -> Vec<Color> {
        self.entries.iter().map(|&color| multiplied(color)).collect()
    }

    /// Leaves out entries that no pixel has, and puts the others in order.
    pub(super) fn compacted(self, mut indices: Plane, cancel: Cancel<'_>) -> Result<Indexed> {
        let width = indices.size().width.max(1) as usize;
        let mut used = [false; MOST];
        cancel.each(indices.samples().chunks(width), |row| {
            row.iter().for_each(|&index| used[usize::from(index)] = true);
        })?;
        if self.keeps {
            used[..self.forced].fill(true);
        }
        let place = |index: usize| match index {
            index if index < self.forced => 0,
            index if self.transparent.map(usize::from) == Some(index) => 1,
            _ => 2,
        };
        let key = |&index: &usize| {
            let entry = self.entries[index];
            let brightness = entry[..3].iter().map(|&part| u16::from(part)).sum::<u16>();
            let place = place(index);
            if place < 2 { (place, 0, 0, [0; 4], index) } else { (place, entry[3], brightness, entry, index) }
        };
        let mut order: Vec<usize> = (0..self.entries.len()).filter(|&index| used[index]).collect();
        order.sort_unstable_by_key(key);
        let mut places = [0; MOST];
        for (place, &index) in order.iter().enumerate() {
            places[index] = place as u8;
        }
        let rows = indices.samples_mut().chunks_mut(width);
        cancel.each(rows, |row| row.iter_mut().for_each(|index| *index = places[usize::from(*index)]))?;
        Ok(Indexed { palette: order.iter().map(|&index| self.entries[index]).collect(), indices })
    }
}
