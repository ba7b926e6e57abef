//! The renderer: carries out a [plan](crate::imaging::plan), from the bytes of files to the finished pixels of a reply and to its
//! file. It decides nothing; every number is in the plan.
//!
//! ```text
//! layer ─▶ layer ─▶ … ─▶ operations ─▶ background ─▶ place ─▶ pixel type ─▶ palette ─▶ encode
//!   └ decode, mask, sample ─▶ native components ─▶ orient ─▶ operations ─▶ colour ─▶ warp ─▶ background colour
//! ```
//!
//! The plan says where colours are converted between profiles: on a layer or the composite after its operations, inks before
//! them, and to gray or inks at the end.
//!
//! Where a plan does nothing but sample, rows go from `sample` to `encode` as they come (`straight`).
//!
//! Of a layer with alpha of its own, colours multiplied by alpha have 16 bits, and true colours have 8 (`layers.md` §2.1):
//! either keeps all levels of a faint colour. Operations that look at each pixel alone divide once, and what follows multiplies
//! once. The layers of a picture of several are rounded to 8 bits before they are laid over each other. So are samples of
//! which nothing has alpha but for margins. Files of 16 bits keep them to the end of sampling.

mod bands;
mod convert;
mod finish;
mod indexed;
mod kept;
mod layer;
mod make;
mod mask;
mod native;
mod palette;
mod pixels;
mod relay;
mod sampled;
mod sampling;
mod scratch;
mod straight;
mod together;
mod tools;

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::limits::try_reserve;
use crate::base::stage::ByteStage;
use crate::base::work::{Kind, count};
use crate::imaging::codec::RowEncoder;
use crate::imaging::kernel::blend::over;
use crate::imaging::kernel::operate::histogram::Histogram;
use crate::imaging::kernel::operate::operate;
use crate::imaging::kernel::picture::{AnyPicture, Depth};
use crate::imaging::pixel::raster::Raster;
use crate::imaging::plan::{Drawing, LayerDrawing, Operations, Pixels, Plan};
use crate::imaging::scene::PixelType;

pub(crate) use kept::embeds;
pub(crate) use make::{Drawn, Maker, Taken, look_into, unless_written};
pub(crate) use palette::Palette;
pub(crate) use sampled::Sampled;
pub(crate) use scratch::Scratch;
use tools::{Files, Tools};

use convert::{converted, transform_of};
use finish::Notes;
use pixels::Source;

/// Draws the pixels of a reply. `files` are those that the plan [names](Plan::files).
///
/// # Errors
///
/// A file is damaged, a limit is exceeded, or the work is to be given up.
pub(crate) fn draw(plan: &Plan, files: &mut Files<'_>, tools: &mut Tools<'_>) -> Result<Raster> {
    count(Kind::Picture, 1);
    try_reserve(plan.bytes())?;
    let gray = plan.output.pixels == PixelType::Gray;
    let composite = match &plan.drawing {
        Some(drawing) => Some((Renderer { files, tools: &mut *tools, gray }.composite(drawing)?, drawing)),
        None => None,
    };
    let last =
        plan.conversion.as_ref().map(|last| Ok((last, transform_of(tools.palette, files, last)?))).transpose()?;
    finish::finished(composite, (plan.drawn(), &plan.output), last, tools)
}

/// Draws a reply and hands its rows to the encoder of its file as they are made; `None` if that is not possible.
///
/// # Errors
///
/// As for [`draw`].
pub(crate) fn straight(
    plan: &Plan,
    files: &mut Files<'_>,
    tools: &mut Tools<'_>,
    notes: Notes<'_>,
) -> Option<Result<RowEncoder>> {
    straight::Straight::of(plan, files, tools)?.written(files, tools, notes)
}

struct Renderer<'a, 'f, 't> {
    files: &'a mut Files<'f>,
    tools: &'a mut Tools<'t>,
    /// The reply is gray, so colours need not be kept.
    gray: bool,
}

impl Renderer<'_, '_, '_> {
    /// All layers, one over the other, with the operations on them (`protocol.md` §3.1).
    fn composite(&mut self, drawing: &Drawing) -> Result<AnyPicture> {
        let tones = self.tones(&drawing.operations)?;
        let none = || Error::new(ErrorKind::Internal, "draws no layers").at("plan");
        let (bottom, above) = drawing.layers.split_first().ok_or_else(none)?;
        let cancel = self.tools.cancel;
        let (mut composite, mut depth) = self.layer(bottom, drawing)?;
        if drawing.composed {
            // Layers are laid over each other in bytes, those too of which nothing shows here.
            (composite, depth) = (AnyPicture::Bytes(composite.rounded(cancel)?), Depth::Bytes);
        }
        for layer in above {
            cancel.check()?;
            let (layer, _) = self.layer(layer, drawing)?;
            let (below, above) = (composite.rounded(cancel)?, layer.rounded(cancel)?);
            composite = self.tools.made(ByteStage::Blend, AnyPicture::Bytes(over(below, above, cancel)?));
        }
        let composite = self.operated((composite, depth), &drawing.operations, tones.as_ref())?;
        converted(self.tools, self.files, composite, drawing.conversion.as_ref())
    }

    /// The stages of a layer (`layers.md` §1.3).
    fn layer(&mut self, layer: &LayerDrawing, drawing: &Drawing) -> Result<(AnyPicture, Depth)> {
        let tones = self.tones(&layer.operations)?;
        let mask = layer::mask_of(layer).map(|mask| self.source(mask)).transpose()?;
        let source = self.source(&layer.pixels)?;
        let depth = layer::depth(layer, &source);
        let picture = layer::sampled(self.tools, self.files, (&source, mask.as_ref()), layer, drawing.filter)?;
        let picture = self.tools.made(ByteStage::Resample, picture);
        let (inks, others) = layer::conversions(layer);
        let picture = converted(self.tools, self.files, picture, inks)?;
        let picture = native::without_inks(self.tools, (picture, depth))?;
        let picture = layer::oriented(self.tools, picture, layer)?;
        let picture = self.operated((picture, depth), &layer.operations, tones.as_ref())?;
        let picture = converted(self.tools, self.files, picture, others)?;
        let picture = layer::cut_to_view(self.tools, picture, layer, drawing)?;
        let picture = layer::colored((self.tools, self.files), (picture, depth), layer, drawing.filter, self.gray)?;
        let picture = layer::warped(self.tools, (picture, depth), layer, drawing)?;
        let picture = layer::on_bg_color((self.tools, self.files), (picture, depth), layer, drawing.filter, self.gray)?;
        Ok((picture, depth))
    }

    /// The tones of the whole that some operations work on.
    fn tones(&mut self, operations: &Operations) -> Result<Option<Histogram>> {
        let Some(small) = &operations.tones else { return Ok(None) };
        let picture = self.composite(small)?;
        count(Kind::Mix, picture.at().size().area() as usize);
        // Bytes are divided as they are counted.
        let picture = match picture {
            AnyPicture::Bytes(picture) => picture,
            wide @ AnyPicture::Wide(_) => wide.divided(self.tools.cancel)?,
        };
        Ok(Some(Histogram::of(&picture.raster, picture.premultiplied)))
    }

    fn operated(
        &self,
        (picture, depth): (AnyPicture, Depth),
        operations: &Operations,
        tones: Option<&Histogram>,
    ) -> Result<AnyPicture> {
        let (cpu, cancel) = (self.tools.cpu, self.tools.cancel);
        operations.list.iter().try_fold(picture, |picture, operation| {
            let picture = operate(cpu, picture, depth, operation, tones, cancel)?;
            Ok(self.tools.made(operation.stage(), picture))
        })
    }

    /// The pixels that a layer or a mask is made of: a file, or what another plan draws.
    fn source(&mut self, pixels: &Pixels) -> Result<Source> {
        match pixels {
            Pixels::File(file) => Ok(Source::File(*file)),
            Pixels::Plan(plan) => {
                let composite = match &plan.drawing {
                    Some(drawing) => {
                        let mut nested = Renderer { files: self.files, tools: self.tools, gray: false };
                        Some((nested.composite(drawing)?, drawing))
                    }
                    None => None,
                };
                Ok(Source::Drawn(finish::nested(composite, plan.reply, self.tools.cancel)?))
            }
        }
    }
}

#[cfg(test)]
mod tests;
