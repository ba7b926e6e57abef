//! Pictures whose rows go straight from the decoder, or the resampler behind it, into the file of the reply.
//!
//! Nothing is done to their pixels but sampling. The file is written row by row while the source is decoded, on another
//! thread if one is idle, and the picture is never held as a whole. The bytes are those of a picture that is drawn first.

use std::sync::Arc;
use std::time::Duration;

use crate::base::cancel::Cancel;
use crate::base::clock::now;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Orientation, Size};
use crate::base::limits::try_reserve;
use crate::base::observe::Stage;
use crate::base::work::{Kind, count};
use crate::imaging::codec::RowEncoder;
use crate::imaging::color::Transform;
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::resample::Resampling;
use crate::imaging::pixel::operation::MaskUse;
use crate::imaging::pixel::raster::{Canvas, Layout, PLANES, Row, RowStage};
use crate::imaging::plan::{Drawing, LayerDrawing, Operations, Pixels, Plan};
use crate::imaging::scene::{InputId, PixelType};

use super::bands;
use super::convert::transform_of;
use super::finish::{Notes, row_encoder};
use super::pixels::Source;
use super::relay::relayed;
use super::sampling::is_unscaled;
use super::tools::{Files, Tools};

/// A reply that has less than one in `PART` of the pixels of its window is drawn in bands, if the decoder can begin there.
const PART: u64 = 4;

/// A picture that goes straight into its file.
pub(super) struct Straight<'p> {
    plan: &'p Plan,
    drawing: &'p Drawing,
    layer: &'p LayerDrawing,
    input: InputId,
    layout: Layout,
}

impl<'p> Straight<'p> {
    /// `None`: something has to be done to the pixels, or they are needed as a whole.
    pub(super) fn of(plan: &'p Plan, files: &Files<'_>, tools: &Tools<'_>) -> Option<Self> {
        let drawing = plan.drawing.as_ref()?;
        let ([layer], Pixels::File(input)) = (&drawing.layers[..], &drawing.layers.first()?.pixels) else {
            return None;
        };
        let header = files.file(*input).ok()?.header;
        let layout = match plan.output.pixels {
            PixelType::Gray => Layout::GRAY,
            PixelType::Rgb => Layout::RGB,
            PixelType::Cmyk => return None,
        };
        let at = layer.sampled;
        let is_straight = tools.altered.stage.is_none()
            && !plan.output.mask
            && (header.layout == layout && !header.wide)
            && (plan.conversion.is_none() && layer.conversion.is_none())
            && drawing.conversion.is_none_or(|conversion| conversion.to_channels == plan.output.pixels.channels())
            && !layer.linear
            && (!layer.alpha && layer.mask.is_none() && layer.mask_use == MaskUse::Normal)
            && [&layer.operations, &drawing.operations].into_iter().all(Operations::is_empty)
            && (layer.color.is_none() && layer.bg_color.is_none() && layer.warp.is_none())
            && (layer.samples.window.is_some() && !layer.samples.margins)
            && layer.samples.orientation == Orientation::default();
        let (size, sampled) = (plan.reply, Size::new(layer.samples.x.len, layer.samples.y.len));
        let is_placed = at == drawing.sampled
            && at == drawing.delivered
            && drawing.at == (0, 0)
            && (at.size() == size && sampled == size);
        (is_straight && is_placed).then_some(Self { plan, drawing, layer, input: *input, layout })
    }

    /// Decodes and writes. `None`: files of this kind are not written row by row, or the picture is better drawn in bands.
    ///
    /// # Errors
    ///
    /// The file is damaged, a limit is exceeded, or the work is to be given up. A file that gets longer than its limit is no
    /// error here.
    pub(super) fn written(
        &self,
        files: &mut Files<'_>,
        tools: &mut Tools<'_>,
        notes: Notes<'_>,
    ) -> Option<Result<RowEncoder>> {
        let limit = tools.limits.reply_bytes;
        let encoder = row_encoder(tools.cpu, (self.plan.reply, self.layout), &self.plan.output, notes, limit)?;
        // Of a large part of the window's pixels the encoder has as much to do as the decoder, so bands gain less than the
        // picture costs that they are drawn on.
        let samples = &self.layer.samples;
        let window = samples.window.map_or(0, |window| u64::from(window.width) * u64::from(window.height));
        if PART * self.plan.reply.area() < window && bands::pay(tools, files, self.input, samples) {
            return None;
        }
        #[cfg(test)]
        tests::count();
        Some(self.run(files, tools, encoder))
    }

    fn run(&self, files: &mut Files<'_>, tools: &mut Tools<'_>, encoder: RowEncoder) -> Result<RowEncoder> {
        count(Kind::Picture, 1);
        try_reserve(self.plan.bytes())?;
        let samples = &self.layer.samples;
        let Some(window) = samples.window else { return Err(unfinished()) };
        let conversion = self.drawing.conversion.as_ref();
        let transform = conversion.map(|conversion| transform_of(tools.palette, files, conversion)).transpose()?;
        let row = || Row::new(self.plan.reply.width, self.layout);
        let conversion = transform.map(|transform| Converting { transform, cpu: tools.cpu, row: row() });
        let mut lines = Lines { writing: Writing { encoder, conversion, next: 0, spent: Duration::ZERO }, row: row() };
        let source = Source::File(self.input);
        let (cpu, axes, filter) = (tools.cpu, (&samples.x, &samples.y), self.drawing.filter);
        let mut run = |stage: &mut dyn RowStage| {
            relayed(tools, window, stage, |tools, sink| source.rows(tools, files, window, samples.shrink, sink))
        };
        let aside = if is_unscaled(samples) {
            run(&mut lines)?
        } else {
            let mut resampling = Resampling::onto(cpu, axes, filter, window, self.layout, lines);
            let aside = run(&mut resampling)?;
            lines = resampling.finish();
            aside
        };
        if !aside {
            tools.stop_watch.shift(Stage::Decode, Stage::Encode, lines.writing.spent);
        }
        if lines.writing.next == self.plan.reply.height as usize {
            Ok(lines.writing.encoder)
        } else {
            Err(unfinished())
        }
    }
}

fn unfinished() -> Error {
    Error::new(ErrorKind::Internal, "has rows that are not drawn").at("plan")
}

/// Rows on their way into the file.
struct Lines {
    writing: Writing,
    /// A row that is being made.
    row: Row,
}

/// Converts and writes rows.
struct Writing {
    encoder: RowEncoder,
    conversion: Option<Converting>,
    /// The number of the next row.
    next: usize,
    /// The time that writing has taken.
    spent: Duration,
}

/// A conversion of rows between colour spaces.
struct Converting {
    transform: Arc<Transform>,
    cpu: Cpu,
    /// A row that has been converted.
    row: Row,
}

impl Writing {
    /// Writes a row.
    fn write(&mut self, row: &Row, cancel: Cancel<'_>) -> Result<()> {
        let planes = match &mut self.conversion {
            Some(Converting { transform, cpu, row: converted }) => {
                count(Kind::Convert, row.width());
                let ([a, b, c, d, _], [w, x, y, z, _]) = (row.planes(), converted.planes_mut());
                transform.row(*cpu, [a, b, c, d], [w, x, y, z]);
                converted.planes()
            }
            None => row.planes(),
        };
        let start = now();
        self.encoder.row(planes, cancel)?;
        self.next += 1;
        self.spent += start.elapsed();
        Ok(())
    }
}

impl RowStage for Lines {
    fn row(&mut self, row: &mut Row, cancel: Cancel<'_>) -> Result<()> {
        count(Kind::Row, 1);
        self.writing.write(row, cancel)
    }
}

impl Canvas for Lines {
    fn layout(&self) -> Layout {
        self.row.layout()
    }

    fn row_mut(&mut self, _: usize) -> [&mut [u8]; PLANES] {
        self.row.planes_mut()
    }

    fn done(&mut self, _: usize, cancel: Cancel<'_>) -> Result<()> {
        self.writing.write(&self.row, cancel)
    }
}

#[cfg(test)]
#[path = "straight_tests.rs"]
mod tests;
