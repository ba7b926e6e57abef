//! The mask of a window of a layer's pixels.

use crate::base::error::Result;
use crate::base::geom::{Shrink, Size, Window};
use crate::base::limits::over_decoded_bytes;
use crate::base::stage::ByteStage;
use crate::imaging::kernel::placement::orient::orient;
use crate::imaging::kernel::placement::place::cut_plane;
use crate::imaging::kernel::sink::mask::MaskCollector;
use crate::imaging::kernel::sink::shrink::Shrinker;
use crate::imaging::pixel::raster::{Layout, Plane, Raster};
use crate::imaging::plan::Samples;

use super::pixels::{Form, Source};
use super::tools::{Files, Tools, changed};

/// The mask of a window of pixels that are stored in this form, at their shrink.
///
/// # Errors
///
/// The mask is damaged, or needs more memory than the limit.
pub(super) fn mask_plane(
    tools: &mut Tools<'_>,
    files: &mut Files<'_>,
    mask: &Source,
    of: Form,
    samples: &Samples,
    window: Window,
) -> Result<Plane> {
    let form = mask.form(files)?;
    let turned_alike = form.orientation == of.orientation;
    let needed = if turned_alike { u64::from(window.width) * u64::from(window.height) } else { form.size.area() };
    if needed > tools.limits.decoded_bytes {
        return Err(over_decoded_bytes().at("mask"));
    }
    let mut collected = |window: Window, shrink: Shrink| {
        let mut collector = MaskCollector::new(Size::new(window.width, window.height));
        mask.rows(tools, files, window, shrink, &mut collector)?;
        Ok(collector.finish())
    };
    if !turned_alike {
        // The plan does not shrink then. Turned upright and then as the pixels are stored.
        let turn = form.orientation.then(of.orientation.inverse());
        let plane = collected(Window { x: 0, y: 0, width: form.size.width, height: form.size.height }, Shrink::Full)?;
        let turned = orient(Raster::from_planes(vec![plane], Layout::GRAY), turn, tools.cancel)?;
        let plane = changed(tools.altered, ByteStage::Orient, turned).into_planes().swap_remove(0);
        let corner = (window.x as usize, window.y as usize);
        return cut_plane(&plane, corner, Size::new(window.width, window.height), tools.cancel);
    }
    if form.shrinks || samples.shrink == Shrink::Full {
        return collected(window, samples.shrink);
    }
    let factor = samples.shrink.factor();
    let (x, y) = (window.x * factor, window.y * factor);
    let full = Window {
        x,
        y,
        width: (window.width * factor).min(form.size.width - x),
        height: (window.height * factor).min(form.size.height - y),
    };
    let mut collector = MaskCollector::new(Size::new(window.width, window.height));
    let mut shrinker = Shrinker::new(&mut collector, samples.shrink, full.width, form.layout);
    mask.rows(tools, files, full, Shrink::Full, &mut shrinker)?;
    shrinker.finish()?;
    Ok(collector.finish())
}
