//! From the bytes of source and mask to the finished pixels of a reply, as its plan says.

use crate::color::{Color, Ink};
use crate::decode::{Buffers, Job, Sidecar, decode};
use crate::error::{Error, ErrorKind, Result};
use crate::facts::Header;
use crate::geometry::{Orientation, Rect, Shrink, Size, Window};
use crate::kernel::alpha::{divide, flatten, multiply};
use crate::kernel::collect::Collector;
use crate::kernel::color::{to_cmyk, to_gray, to_rgb};
use crate::kernel::cpu::Cpu;
use crate::kernel::fill::{Coverage, under};
use crate::kernel::histogram::Histogram;
use crate::kernel::mask::{MaskCollector, MaskUse, Masked};
use crate::kernel::operate::{Picture, operate};
use crate::kernel::orient::orient;
use crate::kernel::resample::{Resampler, coverage};
use crate::kernel::shrink::Shrinker;
use crate::kernel::warp::warp;
use crate::limits::{Limits, room};
use crate::observe::{Stage, StopWatch, span};
use crate::plan::{Drawing, Plan, Samples};
use crate::raster::{Layout, Plane, Raster, RowSink};
use crate::request::{self, PixelType};
use crate::resolve::{Output, Resolved};
use crate::watch::Watch;

use super::bands;
use super::memo::Scratch;

/// A picture file.
pub(super) struct File<'a> {
    pub(super) header: &'a Header,
    pub(super) bytes: &'a [u8],
    /// What is known of the bytes; drawing adds to it.
    pub(super) sidecar: Sidecar,
}

/// Everything that pixels are made from and with.
pub(super) struct Studio<'a> {
    pub(super) source: File<'a>,
    pub(super) mask: Option<File<'a>>,
    pub(super) tools: Tools<'a>,
}

/// Bytes of a file from where it pays to keep what decoders learn of it.
const LONG: usize = 1 << 15;

/// What files are decoded with.
pub(super) struct Tools<'a> {
    pub(super) cpu: Cpu,
    /// Threads that may work at the same time.
    pub(super) threads: usize,
    pub(super) limits: &'a Limits,
    pub(super) scratch: &'a mut Buffers,
    /// Buffers for other threads.
    pub(super) idle: &'a Scratch,
    /// The most bytes that a sidecar may grow to.
    pub(super) sidecar_bytes: u64,
    pub(super) watch: Watch<'a>,
    pub(super) stop_watch: &'a StopWatch,
}

/// Draws a reply.
///
/// # Errors
///
/// The source or mask is damaged, or a limit is exceeded.
pub(super) fn draw(studio: &mut Studio<'_>, resolved: &Resolved, plan: &Plan) -> Result<Raster> {
    let output = &resolved.output;
    room(plan.bytes())?;
    let Some(drawing) = &plan.drawing else {
        return Ok(typed(background(plan.reply, output), output.pixels));
    };
    let tones = match &plan.tones {
        Some(small) => {
            let picture = studio.picture(small, resolved, None)?;
            Some(Histogram::of(&picture.raster, picture.premultiplied))
        }
        None => None,
    };
    let picture = studio.picture(drawing, resolved, tones.as_ref())?;
    let at = picture.at;
    let finished = if output.mask { alpha_of(picture.raster) } else { on_background(picture, output) };
    Ok(typed(placed(finished, at, plan.reply, drawing, output), output.pixels))
}

impl Studio<'_> {
    /// The composite's pixels in view coordinates, with all operations done.
    fn picture(&mut self, drawing: &Drawing, resolved: &Resolved, tones: Option<&Histogram>) -> Result<Picture> {
        let commands = &resolved.commands;
        let (filter, gray) = (resolved.output.filter, resolved.output.pixels == PixelType::Gray);
        let color = commands.color.map(|fill| fill.0);
        let bg_color = commands.bg_color.map(|fill| fill.0);
        let mut picture = self.sampled(drawing, resolved)?;
        if let Some(color) = color {
            let cover = drawing.samples.cover.as_ref();
            let cover = cover.map(|(x, y)| Coverage { columns: coverage(x, filter), rows: coverage(y, filter) });
            picture = filled(picture, color, cover.as_ref(), gray);
        }
        picture.raster = orient(picture.raster, drawing.samples.orientation);
        if let Some(turn) = &drawing.warp {
            let raster = with_alpha(premultiplied(picture).raster);
            let raster = warp(self.tools.cpu, &raster, turn.at, turn.frame, &turn.map, drawing.sampled, filter);
            picture = Picture { raster, at: drawing.sampled, visible: drawing.visible, premultiplied: true };
        }
        if let Some(color) = bg_color {
            picture = filled(picture, color, None, gray);
        }
        drawing.operations.iter().try_fold(picture, |picture, operation| {
            operate(self.tools.cpu, picture, operation, tones, self.tools.watch)
        })
    }

    /// Decodes the window and samples it, masked.
    fn sampled(&mut self, drawing: &Drawing, resolved: &Resolved) -> Result<Picture> {
        let samples = &drawing.samples;
        let (x, y) = (&samples.x, &samples.y);
        let mask_use = match resolved.commands.mask_use {
            None | Some(request::MaskUse::Norm) => MaskUse::Normal,
            Some(request::MaskUse::Invert) => MaskUse::Invert,
            Some(request::MaskUse::Off) => MaskUse::Off,
        };
        let layout = mask_use.layout(self.source.header.layout, self.mask.is_some());
        let add_alpha = samples.margins && !layout.alpha;
        let picture =
            |raster, premultiplied| Picture { raster, at: drawing.sampled, visible: drawing.visible, premultiplied };
        let Some(window) = samples.window else {
            return Ok(picture(Raster::zeroed(Size::new(x.len, y.len), layout.with_alpha(true)), true));
        };
        let mask = match &mut self.mask {
            Some(mask) if mask_use != MaskUse::Off => {
                let orientation = self.source.header.orientation;
                Some(self.tools.mask_plane(mask, orientation, samples, window)?)
            }
            _ => None,
        };
        // Unscaled pixels keep their exact colours under alpha.
        let as_they_are = x.is_identity() && y.is_identity();
        let filter = resolved.output.filter;
        let rows = |tools: &mut Tools<'_>, file: &mut File<'_>, samples: &Samples, window, mask| {
            let axes = (&samples.x, &samples.y);
            if as_they_are {
                let mut collector = Collector::new(axes, window, layout, add_alpha);
                tools.masked(file, samples.shrink, window, (mask, mask_use), &mut collector)?;
                return Ok(collector.finish());
            }
            let mut resampler = Resampler::new(tools.cpu, axes, filter, window, layout, add_alpha);
            tools.masked(file, samples.shrink, window, (mask, mask_use), &mut resampler)?;
            Ok(resampler.finish())
        };
        let band = |tools: &mut Tools<'_>, file: &mut File<'_>, samples: &Samples| {
            rows(tools, file, samples, samples.window.unwrap_or(window), None)
        };
        let banded =
            if mask.is_some() { None } else { bands::drawn(&mut self.tools, &mut self.source, samples, filter, &band) };
        let raster = match banded {
            Some(raster) => raster,
            None => rows(&mut self.tools, &mut self.source, samples, window, mask)?,
        };
        Ok(picture(raster, !as_they_are))
    }
}

impl Tools<'_> {
    /// Decodes a window, masked.
    fn masked(
        &mut self,
        file: &mut File<'_>,
        shrink: Shrink,
        window: Window,
        (mask, mask_use): (Option<Plane>, MaskUse),
        sink: &mut dyn RowSink,
    ) -> Result<()> {
        let mut masked = Masked::new(sink, mask, mask_use, window.width, file.header.layout);
        self.decode(file, window, shrink, &mut masked)
    }

    /// What it takes to decode a window.
    pub(super) fn job<'j>(&'j mut self, file: &'j mut File<'_>, window: Window, shrink: Shrink) -> Job<'j> {
        Job {
            window,
            shrink,
            cpu: self.cpu,
            threads: self.threads,
            decoded_bytes: self.limits.decoded_bytes,
            scratch: self.scratch,
            sidecar: &mut file.sidecar,
            sidecar_bytes: if file.bytes.len() < LONG { 0 } else { self.sidecar_bytes },
            watch: self.watch,
        }
    }

    fn decode(&mut self, file: &mut File<'_>, window: Window, shrink: Shrink, sink: &mut dyn RowSink) -> Result<()> {
        let pixels = u64::from(window.width) * u64::from(window.height);
        let span = span!(
            "decode",
            format = file.header.format.name(),
            width = file.header.stored.width,
            height = file.header.stored.height,
            shrink = shrink.factor(),
            pixels = pixels,
            known = file.sidecar.bytes(),
        );
        let (stop_watch, bytes, header) = (self.stop_watch, file.bytes, file.header);
        let mut job = self.job(file, window, shrink);
        let work = || decode(bytes, header, &mut job, sink);
        stop_watch.time(Stage::Decode, || span.enter(work))
    }

    /// The mask of a window of the source, which is stored in some orientation, at its shrink.
    fn mask_plane(
        &mut self,
        mask: &mut File<'_>,
        orientation: Orientation,
        samples: &Samples,
        window: Window,
    ) -> Result<Plane> {
        let (stored, layout) = (mask.header.stored, mask.header.layout);
        let whole = Window { x: 0, y: 0, width: stored.width, height: stored.height };
        let turned_alike = mask.header.orientation == orientation;
        let needed = if turned_alike { u64::from(window.width) * u64::from(window.height) } else { stored.area() };
        if needed > self.limits.decoded_bytes {
            return Err(Error::new(ErrorKind::Limit, "needs more memory than the limit of decoded bytes").at("mask"));
        }
        if !turned_alike {
            // The plan does not shrink then. Turned upright and then as the source is stored.
            let turn = mask.header.orientation.then(orientation.inverse());
            let plane = self.collected(mask, whole, Shrink::Full, stored)?;
            let plane = orient(Raster::from_planes(vec![plane], Layout::GRAY), turn).into_planes().swap_remove(0);
            return Ok(cut(&plane, window));
        }
        let size = Size::new(window.width, window.height);
        if mask.header.format.shrinks() || samples.shrink == Shrink::Full {
            return self.collected(mask, window, samples.shrink, size);
        }
        let factor = samples.shrink.factor();
        let (x, y) = (window.x * factor, window.y * factor);
        let full = Window {
            x,
            y,
            width: (window.width * factor).min(stored.width - x),
            height: (window.height * factor).min(stored.height - y),
        };
        let mut collector = MaskCollector::new(size);
        let mut shrinker = Shrinker::new(&mut collector, samples.shrink, full.width, layout);
        self.decode(mask, full, Shrink::Full, &mut shrinker)?;
        shrinker.finish()?;
        Ok(collector.finish())
    }

    fn collected(&mut self, mask: &mut File<'_>, window: Window, shrink: Shrink, size: Size) -> Result<Plane> {
        let mut collector = MaskCollector::new(size);
        self.decode(mask, window, shrink, &mut collector)?;
        Ok(collector.finish())
    }
}

/// The part of a plane that a window shows.
fn cut(plane: &Plane, window: Window) -> Plane {
    let mut out = Plane::filled(Size::new(window.width, window.height), 0);
    let columns = window.x as usize..(window.x + window.width) as usize;
    for y in 0..window.height as usize {
        out.row_mut(y).copy_from_slice(&plane.row(window.y as usize + y)[columns.clone()]);
    }
    out
}

fn premultiplied(mut picture: Picture) -> Picture {
    if !picture.premultiplied {
        multiply(&mut picture.raster);
    }
    Picture { premultiplied: true, ..picture }
}

/// Lays a colour under what is transparent. A gray picture becomes RGB if the colour is not gray, unless the reply is
/// `gray` anyway.
fn filled(picture: Picture, color: Color, cover: Option<&Coverage>, gray: bool) -> Picture {
    if !picture.raster.layout().alpha || color.alpha == 0 {
        return picture;
    }
    let mut picture = premultiplied(picture);
    let keeps = gray || matches!(color.ink, Ink::Gray(_));
    if picture.raster.layout().colors == 1 && keeps {
        under(&mut picture.raster, &[color.ink.gray()], color.alpha, cover);
    } else {
        picture.raster = to_rgb(picture.raster);
        under(&mut picture.raster, &color.ink.rgb(), color.alpha, cover);
    }
    picture
}

/// Makes the picture what the format holds: opaque on the background, or with alpha and undivided colours.
fn on_background(picture: Picture, output: &Output) -> Raster {
    let gray = output.pixels == PixelType::Gray;
    let mut raster = if gray { to_gray(picture.raster) } else { to_rgb(picture.raster) };
    if output.format.alpha() {
        if picture.premultiplied {
            divide(&mut raster);
        }
        return with_alpha(raster);
    }
    flatten(raster, &background_colors(output), picture.premultiplied)
}

fn with_alpha(raster: Raster) -> Raster {
    let layout = raster.layout();
    if layout.alpha {
        return raster;
    }
    let alpha = Plane::filled(raster.size(), 255);
    let planes = raster.into_planes().into_iter().chain([alpha]).collect();
    Raster::from_planes(planes, layout.with_alpha(true))
}

/// Alpha as a gray picture.
fn alpha_of(raster: Raster) -> Raster {
    let alpha = with_alpha(raster).into_planes().pop();
    Raster::from_planes(alpha.into_iter().collect(), Layout::GRAY)
}

/// The background in the components that are drawn in: gray or RGB.
fn background_colors(output: &Output) -> Vec<u8> {
    match output.pixels {
        // Nothing is there to be seen around a mask.
        _ if output.mask => vec![0],
        PixelType::Gray => vec![output.background.gray()],
        PixelType::Rgb | PixelType::Cmyk => output.background.rgb().to_vec(),
    }
}

/// A reply that shows nothing of the picture: the background, or transparency.
fn background(size: Size, output: &Output) -> Raster {
    let colors = background_colors(output);
    let layout = if colors.len() == 1 { Layout::GRAY } else { Layout::RGB };
    if output.format.alpha() && !output.mask {
        return Raster::zeroed(size, layout.with_alpha(true));
    }
    let planes = colors.into_iter().map(|value| Plane::filled(size, value)).collect();
    Raster::from_planes(planes, layout)
}

/// Puts the part that is delivered in its place on the reply.
fn placed(raster: Raster, at: Rect, reply: Size, drawing: &Drawing, output: &Output) -> Raster {
    let delivered = drawing.delivered;
    if at == delivered && delivered.size() == reply {
        return raster;
    }
    let mut out = background(reply, output);
    // `delivered` lies inside `at`, and at its place inside the reply.
    let (left, top) = ((delivered.x - at.x) as usize, (delivered.y - at.y) as usize);
    let (column, row) = (drawing.at.0 as usize, drawing.at.1 as usize);
    let width = delivered.width as usize;
    for (to, from) in out.planes_mut().iter_mut().zip(raster.planes()) {
        for y in 0..delivered.height as usize {
            to.row_mut(row + y)[column..column + width].copy_from_slice(&from.row(top + y)[left..left + width]);
        }
    }
    out
}

/// The pixel type of the reply. Gray and RGB are drawn as such; inks are made at the end, and so is the gray of a mask.
fn typed(raster: Raster, pixels: PixelType) -> Raster {
    match pixels {
        PixelType::Gray => raster,
        PixelType::Rgb => to_rgb(raster),
        PixelType::Cmyk => to_cmyk(raster),
    }
}
