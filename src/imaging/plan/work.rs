//! What a picture costs, foretold from the numbers of its plan and the headers of its files: what each stage of the
//! renderer goes through, in the order of the stages.

use std::ops::Range;

use crate::base::geom::{Filter, Orientation, Rect};
use crate::base::work::{Kind, Work};
use crate::imaging::pixel::color::{Color, Ink};
use crate::imaging::pixel::operation::{MaskUse, Operation, Unsharp, blur_radius};
use crate::imaging::pixel::raster::Layout;
use crate::imaging::pixel::space::Channels;
use crate::imaging::scene::{Compression, InputId, OutputFormat, PixelType};

use super::coded::decoded;
use super::color::Conversion;
use super::drawing::{Drawing, Fill, LayerDrawing, Operations, Pixels, Plan, Samples};
use super::geometry::Headers;
use super::reading::Reading;

/// Halves of attempts at a file that must not be longer than asked for. There are one to nine, of which some end early.
const ATTEMPTS: u64 = 5;

impl Plan {
    /// What the picture costs. `headers` are those that the plan was made with.
    pub(crate) fn work(&self, headers: Headers<'_>) -> Work {
        let mut estimate = Estimate { headers, work: Work::default() };
        estimate.add(Kind::Picture, 1);
        let gray = self.output.pixels == PixelType::Gray;
        let picture = self.drawing.as_ref().map(|drawing| (estimate.composite(drawing, gray), drawing));
        estimate.finished(self, picture);
        estimate.encoded(self);
        estimate.work
    }
}

/// A picture on its way through the stages.
#[derive(Clone, Copy)]
struct Form {
    layout: Layout,
    at: Rect,
    whole: Rect,
    premultiplied: bool,
    /// Premultiplied colours have 16 bits.
    wide: bool,
}

impl Form {
    const fn area(&self) -> u64 {
        self.at.size().area()
    }

    /// All samples.
    const fn samples(&self) -> u64 {
        self.area() * self.layout.planes() as u64
    }

    /// Those of colours.
    const fn colors(&self) -> u64 {
        self.area() * self.layout.colors as u64
    }
}

struct Estimate<'a> {
    headers: Headers<'a>,
    work: Work,
}

impl Estimate<'_> {
    fn add(&mut self, kind: Kind, quantity: u64) {
        self.work.add(kind, quantity);
    }

    fn composite(&mut self, drawing: &Drawing, gray: bool) -> Form {
        self.tones(&drawing.operations);
        let area = drawing.sampled.size().area();
        let layout = Layout { colors: if gray { 1 } else { 3 }, alpha: true };
        let mut below = Form { layout, at: drawing.sampled, whole: drawing.visible, premultiplied: true, wide: false };
        for (i, layer) in drawing.layers.iter().enumerate() {
            let above = self.layer(layer, drawing, gray);
            if i == 0 {
                below = above;
            } else if above.layout.alpha {
                let (form, above) = (self.premultiplied(below, true), self.premultiplied(above, true));
                let colors = form.layout.colors.max(above.layout.colors);
                below = Form { layout: Layout { colors, ..form.layout }, ..form };
                self.add(Kind::Point, area * below.layout.planes() as u64);
            } else {
                below = above;
            }
        }
        let form = self.operated(below, &drawing.operations);
        self.converted(form, drawing.conversion.as_ref())
    }

    fn converted(&mut self, form: Form, conversion: Option<&Conversion>) -> Form {
        let applies = |conversion: &&Conversion| usize::from(form.layout.colors) == conversion.channels.count();
        let Some(conversion) = conversion.filter(applies) else { return form };
        let form = self.premultiplied(form, false);
        self.add(Kind::Convert, form.area());
        Form { layout: Layout { colors: conversion.to_channels.count() as u8, ..form.layout }, wide: false, ..form }
    }

    fn tones(&mut self, operations: &Operations) {
        if let Some(tones) = &operations.tones {
            let form = self.composite(tones, false);
            self.add(Kind::Mix, form.area());
        }
    }

    fn layer(&mut self, layer: &LayerDrawing, drawing: &Drawing, gray: bool) -> Form {
        self.tones(&layer.operations);
        let stored = self.source(&layer.pixels);
        let form = self.sampled(layer, stored, drawing.filter);
        let is_first = form.layout.is_cmyk() || layer.operations.is_empty();
        let form = if is_first { self.converted(form, layer.conversion.as_ref()) } else { form };
        let form = self.without_inks(form);
        if layer.samples.orientation != Orientation::default() {
            self.add(Kind::Copy, 8 * form.samples());
        }
        let form = self.operated(form, &layer.operations);
        let mut form = if is_first { form } else { self.converted(form, layer.conversion.as_ref()) };
        if layer.warp.is_none() && form.at != drawing.sampled {
            form.at = drawing.sampled;
            self.add(Kind::Copy, form.samples());
        }
        let form = self.filled(form, layer.color.as_ref(), gray);
        let form = self.warped(form, layer, drawing);
        self.filled(form, layer.bg_color.as_ref(), gray)
    }

    /// What is done before rows are sampled; returns their layout.
    fn source(&mut self, pixels: &Pixels) -> Layout {
        match pixels {
            Pixels::File(InputId(file)) => {
                self.headers.get(*file).copied().flatten().map_or(Layout::RGB, |header| header.layout)
            }
            Pixels::Plan(plan) => {
                let form = plan.drawing.as_ref().map(|drawing| (self.composite(drawing, false), drawing));
                let Some((form, drawing)) = form else { return Layout::RGB.with_alpha(true) };
                let form = self.premultiplied(Form { at: drawing.delivered, ..form }, false);
                let inside = drawing.delivered.size() != plan.reply;
                self.add(Kind::Copy, 2 * form.samples());
                Layout::RGB.with_alpha(form.layout.alpha || inside)
            }
        }
    }

    /// Hands the rows of a window on.
    fn rows(&mut self, pixels: &Pixels, samples: &Samples) {
        let Some(window) = samples.window else { return };
        match pixels {
            Pixels::File(InputId(file)) => {
                if let Some(header) = self.headers.get(*file).and_then(Option::as_ref) {
                    decoded(&mut self.work, header, window, samples.shrink);
                }
            }
            Pixels::Plan(_) => {
                self.add(Kind::Copy, 4 * u64::from(window.width) * u64::from(window.height));
                self.add(Kind::Row, u64::from(window.height));
            }
        }
    }

    fn sampled(&mut self, layer: &LayerDrawing, stored: Layout, filter: Filter) -> Form {
        let samples = &layer.samples;
        let (at, whole) = (layer.sampled, layer.whole);
        let Some(window) = samples.window else {
            let layout = Layout { colors: layer.colors, alpha: true };
            return Form { layout, at, whole, premultiplied: true, wide: layer.alpha };
        };
        let area = u64::from(window.width) * u64::from(window.height);
        let mask = layer.mask.as_ref().filter(|_| layer.mask_use != MaskUse::Off);
        if let Some(mask) = mask {
            let layout = self.source(mask);
            self.rows(mask, samples);
            let factor = if samples.shrink.factor() > 1 && !self.shrinks(mask) { 2 } else { 0 };
            let full = u64::from(samples.shrink.factor()).pow(2);
            self.add(Kind::Copy, area * layout.planes() as u64 * (1 + factor * full));
        }
        self.rows(&layer.pixels, samples);
        let layout = layer.mask_use.layout(stored, mask.is_some());
        if mask.is_some() || layer.mask_use != MaskUse::Normal {
            self.add(Kind::Copy, area * (u64::from(layout.colors) + 1));
        }
        let out = layout.with_alpha(layout.alpha || samples.margins);
        let unscaled = samples.x.is_identity() && samples.y.is_identity();
        if unscaled {
            self.add(Kind::Row, u64::from(window.height));
            self.add(Kind::Copy, area * out.planes() as u64 * if layer.wide { 2 } else { 1 });
            if layer.wide && out.alpha {
                self.add(Kind::Multiply, area * layout.planes() as u64);
            }
        } else if layer.wide || layer.linear {
            let axes = (Reading::of(&samples.x, filter), Reading::of(&samples.y, filter));
            self.resampled_deep(&Passes { axes, side: (window.width, window.height), planes: out.planes() });
        } else {
            let axes = (Reading::of(&samples.x, filter), Reading::of(&samples.y, filter));
            let passes = Passes { axes, side: (window.width, window.height), planes: out.planes() };
            self.table(&axes.0);
            self.table(&axes.1);
            // All is hidden: the resampler looks at the alpha of each row and makes nothing of it.
            let is_hidden = layout.alpha && !stored.alpha && mask.is_none();
            if is_hidden {
                self.add(Kind::Row, u64::from(window.height));
                self.add(Kind::Copy, area);
            } else {
                self.resampled(&passes);
                if layout.alpha {
                    self.resampled_wide(&passes);
                }
                if layout.alpha && layout.is_cmyk() {
                    // Black, and alpha once more.
                    self.add(Kind::Copy, 6 * area);
                    self.table(&axes.0);
                    self.table(&axes.1);
                    self.resampled(&Passes { planes: 1, ..passes });
                    self.resampled_wide(&Passes { planes: 2, ..passes });
                }
            }
        }
        if layer.linear {
            // To light and back.
            self.add(Kind::Multiply, area * layout.planes() as u64);
            let back = if out.alpha { Kind::Divide } else { Kind::Multiply };
            self.add(back, at.size().area() * out.planes() as u64);
        }
        let premultiplied = !unscaled && !layer.linear;
        let form = Form { layout: out, at, whole, premultiplied, wide: layout.alpha };
        if layer.wide && !layout.alpha && (premultiplied || !out.alpha) {
            // To bytes.
            self.add(Kind::Multiply, form.samples());
        }
        form
    }

    /// From native components to gray or RGB.
    fn without_inks(&mut self, form: Form) -> Form {
        if !form.layout.is_cmyk() {
            return form;
        }
        self.add(Kind::Mix, form.area());
        Form { layout: Layout { colors: 3, ..form.layout }, ..form }
    }

    /// The decoder of a mask can shrink.
    fn shrinks(&self, mask: &Pixels) -> bool {
        match mask {
            Pixels::File(InputId(file)) => {
                self.headers.get(*file).copied().flatten().is_some_and(|header| header.format.shrinks())
            }
            Pixels::Plan(_) => false,
        }
    }

    fn table(&mut self, axis: &Reading) {
        let computed = axis.lists.saturating_add(axis.compared);
        self.add(Kind::Weight, computed.saturating_mul(axis.weighed).saturating_add(axis.len));
        self.add(Kind::Copy, 2 * axis.coefs());
    }

    fn resampled(&mut self, Passes { axes: (x, y), side, planes }: &Passes) {
        let (width, height, planes) = (u64::from(side.0), u64::from(side.1), *planes as u64);
        self.add(Kind::Row, height);
        self.add(Kind::Tap, planes * y.total);
        // Vectors are whole.
        self.add(Kind::Down, planes * y.total * width.next_multiple_of(32));
        self.add(Kind::Across, planes * y.seeing * x.len);
        self.add(Kind::AcrossTap, planes * y.seeing * x.filled_up());
    }

    /// What pixels with alpha take beside the passes of bytes. Half of them are taken for neither opaque nor transparent.
    fn resampled_wide(&mut self, Passes { axes: (x, y), side, planes }: &Passes) {
        let (width, height) = (u64::from(side.0), u64::from(side.1));
        self.add(Kind::Copy, width * height + 10 * width * y.seeing);
        self.add(Kind::Down, y.total * width);
        self.add(Kind::Multiply, width * height * *planes as u64 / 2);
        self.add(Kind::Weight, (x.seeing * x.weighed).saturating_add(y.seeing * y.weighed));
        self.add(Kind::WidePixel, (height * x.seeing + y.seeing * x.len) / 2);
        self.add(Kind::WideTap, (height * x.total + y.total * x.len) / 2);
    }

    /// What pictures of 16 bits take.
    fn resampled_deep(&mut self, Passes { axes: (x, y), side, .. }: &Passes) {
        let (width, height) = (u64::from(side.0), u64::from(side.1));
        self.add(Kind::Row, height);
        self.add(Kind::Multiply, 4 * width * height);
        let table = |axis: &Reading| (axis.seeing + axis.compared).saturating_mul(axis.weighed);
        self.add(Kind::Weight, table(x).saturating_add(table(y)));
        self.add(Kind::WidePixel, height * x.len + y.seeing * x.len);
        self.add(Kind::WideTap, height * x.total + y.total * x.len);
    }

    fn premultiplied(&mut self, form: Form, premultiplied: bool) -> Form {
        if form.layout.alpha && form.premultiplied != premultiplied {
            self.add(if premultiplied { Kind::Multiply } else { Kind::Divide }, form.colors());
        }
        Form { premultiplied, ..form }
    }

    fn colorful(&mut self, form: Form) -> Form {
        if form.layout.colors == 1 {
            self.add(Kind::Copy, 2 * form.area());
        }
        Form { layout: Layout { colors: 3, ..form.layout }, ..form }
    }

    fn operated(&mut self, form: Form, operations: &Operations) -> Form {
        operations.list.iter().fold(form, |form, operation| self.operation(form, operation))
    }

    fn operation(&mut self, form: Form, operation: &Operation) -> Form {
        let of_neighbors = matches!(operation, Operation::Blur(_) | Operation::Sharpen | Operation::Unsharp(_));
        let form = self.premultiplied(form, of_neighbors);
        match operation {
            Operation::Blur(blur) => {
                self.blurred(&form, (blur.sigma_x, blur.sigma_y), form.layout.planes() as u64);
                self.operated_wide(&form, operation);
            }
            Operation::Unsharp(usm @ Unsharp { sigma_x, sigma_y, .. }) => {
                let mono = usm.mono && form.layout.colors > 1;
                let planes = if mono { 1 + u64::from(form.layout.alpha) } else { form.layout.planes() as u64 };
                self.blurred(&form, (*sigma_x, *sigma_y), planes);
                self.add(Kind::Point, if mono { form.area() } else { 0 });
                self.add(Kind::Amplify, inside(&form, operation).size().area() * form.layout.planes() as u64);
                self.operated_wide(&form, operation);
            }
            Operation::Sharpen => {
                let samples = inside(&form, operation).size().area() * form.layout.planes() as u64;
                self.add(Kind::Sharpen, samples);
                self.operated_wide(&form, operation);
            }
            Operation::Brightness(_) | Operation::Contrast(_) | Operation::Invert => {
                self.add(Kind::Point, form.colors());
            }
            Operation::ColorBalance(_) => {
                let form = self.colorful(form);
                self.add(Kind::Point, form.colors());
                return form;
            }
            Operation::Noise(_) => self.add(Kind::Noise, form.colors()),
            Operation::Colorize(_) => {
                self.add(Kind::Mix, form.area());
                return Form { layout: Layout { colors: 3, ..form.layout }, ..form };
            }
            Operation::Hue(_) | Operation::Saturation(_) => self.add(Kind::Mix, form.area()),
        }
        Form { at: inside(&form, operation), ..form }
    }

    /// What an operation on neighbours does beside that with 8 bits.
    fn operated_wide(&mut self, form: &Form, operation: &Operation) {
        if !form.wide {
            return;
        }
        let samples = inside(form, operation).size().area() * form.layout.planes() as u64;
        // It is compared which pixels are opaque; what is not is put in its place.
        self.add(Kind::Copy, 8 * form.area() + samples);
        self.add(Kind::Multiply, 2 * form.samples());
        let (sigma_x, sigma_y) = match operation {
            Operation::Blur(blur) => (blur.sigma_x, blur.sigma_y),
            Operation::Unsharp(usm) => {
                self.add(Kind::Amplify, samples);
                (usm.sigma_x, usm.sigma_y)
            }
            _ => return self.add(Kind::Sharpen, samples),
        };
        let radii = (blur_radius(sigma_x), blur_radius(sigma_y));
        let out = shrunk(form, radii);
        let x = Reading::of_blur(radii.0, out.width, form.at.width);
        let y = Reading::of_blur(radii.1, out.height, form.at.height);
        let height = u64::from(form.at.height);
        self.add(Kind::Copy, form.samples());
        self.add(Kind::Weight, x.total.saturating_add(y.total));
        self.add(Kind::WidePixel, height * x.len + y.len * x.len);
        self.add(Kind::WideTap, height * x.total + y.total * x.len);
    }

    fn blurred(&mut self, form: &Form, (sigma_x, sigma_y): (u32, u32), planes: u64) {
        let radii = (blur_radius(sigma_x), blur_radius(sigma_y));
        let out = shrunk(form, radii);
        let x = Reading::of_blur(radii.0, out.width, form.at.width);
        let y = Reading::of_blur(radii.1, out.height, form.at.height);
        self.table(&x);
        self.table(&y);
        self.add(Kind::Copy, planes * form.area());
        for _ in 0..planes {
            self.resampled(&Passes { axes: (x, y), side: (form.at.width, form.at.height), planes: 1 });
        }
    }

    fn filled(&mut self, form: Form, fill: Option<&Fill>, gray: bool) -> Form {
        let Some(Fill { color: Color { ink, alpha, .. }, .. }) = fill else { return form };
        self.add(Kind::Weight, 2 * u64::from(form.at.width) + 2 * u64::from(form.at.height));
        if !form.layout.alpha || *alpha == 0 {
            return form;
        }
        let form = self.premultiplied(form, true);
        let form = if gray || matches!(ink, Ink::Gray(_)) { form } else { self.colorful(form) };
        self.add(Kind::Fill, form.area());
        form
    }

    fn warped(&mut self, form: Form, layer: &LayerDrawing, drawing: &Drawing) -> Form {
        let Some(warp) = &layer.warp else { return form };
        let form = self.premultiplied(form, true);
        let layout = form.layout.with_alpha(true);
        // Points lie as densely on the samples as the map says.
        let map = &warp.map;
        let density = i128::from(map.xx) * i128::from(map.yy) - i128::from(map.xy) * i128::from(map.yx);
        let on_samples = (u128::from(form.area()) << 64) / density.unsigned_abs().max(1);
        let points = u64::try_from(on_samples).unwrap_or(u64::MAX).min(drawing.sampled.size().area());
        let taps = if drawing.filter == Filter::Bilin { 4 } else { 16 };
        self.add(Kind::Place, points);
        self.add(Kind::PlaceTap, points * taps * layout.planes() as u64);
        Form { layout, at: drawing.sampled, whole: drawing.visible, premultiplied: true, wide: form.wide }
    }

    /// From the composite to the pixels of the reply.
    fn finished(&mut self, plan: &Plan, picture: Option<(Form, &Drawing)>) {
        let Some((form, drawing)) = picture else { return };
        let last = plan.conversion.as_ref();
        let gray = last.map_or(plan.output.pixels == PixelType::Gray, |last| last.channels == Channels::Gray);
        let form = match (gray, form.layout.colors) {
            _ if plan.output.mask => form,
            (true, 3) => {
                self.add(Kind::Point, form.area());
                Form { layout: Layout { colors: 1, ..form.layout }, ..form }
            }
            (true, _) => form,
            (false, _) => self.colorful(form),
        };
        if plan.output.format.alpha() && !plan.output.mask {
            self.premultiplied(form, false);
        } else if form.layout.alpha && !plan.output.mask {
            self.add(Kind::Point, form.colors());
        }
        if form.at != drawing.delivered || drawing.delivered.size() != plan.drawn() {
            self.add(Kind::Copy, drawing.delivered.size().area() * form.layout.planes() as u64);
        }
        if last.is_some() {
            self.add(Kind::Convert, plan.drawn().area());
        }
    }

    fn encoded(&mut self, plan: &Plan) {
        let (area, output) = (plan.reply.area(), &plan.output);
        if output.pixels == PixelType::Cmyk && plan.conversion.is_none() {
            self.add(Kind::Mix, area);
        }
        let colors = if output.pixels == PixelType::Gray { 1 } else { 3 };
        let unit = if colors == 3 && !output.qlt.full_chroma { 16 } else { 8 };
        let padded = |side: u32| u64::from(side).next_multiple_of(unit);
        let padded = padded(plan.reply.width) * padded(plan.reply.height);
        let attempts = if output.max_bytes.is_some() { ATTEMPTS } else { 2 };
        if output.format.has_palette() {
            self.add(Kind::Quantize, plan.drawn().area());
            self.add(Kind::Copy, if plan.cut.is_some() { area } else { 0 });
        }
        match output.format {
            OutputFormat::Jpeg if output.pixels != PixelType::Cmyk => self.add(Kind::EncodeJpeg, attempts * padded / 2),
            OutputFormat::Jpeg | OutputFormat::ProgressiveJpeg => self.add(Kind::EncodeScans, attempts * padded / 2),
            OutputFormat::Png | OutputFormat::PngAlpha => {
                let planes = colors + u64::from(output.format.alpha() && !output.mask);
                let is_short = output.compression == Some(Compression::Zip);
                self.add(if is_short { Kind::EncodePngZip } else { Kind::EncodePng }, area * planes);
                self.add(Kind::Row, u64::from(plan.reply.height));
            }
            OutputFormat::WebP | OutputFormat::WebPAlpha => {
                let lossy = output.compression.is_none();
                if lossy {
                    let padded = |side: u32| u64::from(side).next_multiple_of(16);
                    self.add(Kind::EncodeWebP, padded(plan.reply.width) * padded(plan.reply.height));
                }
                if !lossy || output.format.alpha() && !output.mask {
                    self.add(Kind::EncodeLossless, area);
                }
            }
            OutputFormat::Avif | OutputFormat::AvifAlpha => self.add(Kind::EncodeAvif, area),
            OutputFormat::Png8 | OutputFormat::Png8Alpha => self.add(Kind::EncodePng8, area),
            OutputFormat::Gif | OutputFormat::GifAlpha => self.add(Kind::EncodeGif, area),
            OutputFormat::Tif | OutputFormat::TifAlpha => {
                let planes = output.pixels.channels().count() + usize::from(output.format.alpha() && !output.mask);
                self.add(Kind::EncodeTif, area * planes as u64);
                self.add(Kind::Row, u64::from(plan.reply.height));
            }
        }
    }
}

/// Two passes over the rows of a picture.
struct Passes {
    axes: (Reading, Reading),
    /// Width and height of what comes in.
    side: (u32, u32),
    /// Planes that come out.
    planes: usize,
}

/// What an operation leaves.
fn inside(form: &Form, operation: &Operation) -> Rect {
    shrunk(form, operation.reach())
}

/// A picture less its borders, except where it ends with the whole.
fn shrunk(form: &Form, reach: (u32, u32)) -> Rect {
    let side = |range: Range<i64>, whole: Range<i64>, border: u32| {
        let start = if range.start == whole.start { range.start } else { range.start + i64::from(border) };
        let end = if range.end == whole.end { range.end } else { range.end - i64::from(border) };
        (start, u32::try_from(end - start).unwrap_or(0))
    };
    let (x, width) = side(form.at.columns(), form.whole.columns(), reach.0);
    let (y, height) = side(form.at.rows(), form.whole.rows(), reach.1);
    Rect::new(x, y, width, height)
}
