//! From the commands of an edit to the scene of a picture.

use crate::base::error::{Error, Result};
use crate::base::geom::{Filter, Size, SizeLimit};
use crate::base::num::decimal::Decimal;
use crate::imaging::pixel::color::Ink;
use crate::imaging::scene::{
    Adjustment, Align, Content, FileFormat, Fit, Frame, InputId, Layer, LayerSize, Output, OutputFormat, Point, Qlt,
    RadiusUnit, Scene, SizeCap, View,
};

use super::profile::rules;
use super::slots::Slots;

/// The only input of a scene.
const SOURCE: InputId = InputId(0);

/// What a view is not limited by.
const UNLIMITED: SizeLimit = SizeLimit { width: 0, height: 0 };

/// The scene of an edit. What the edit does not say is as in a request whose catalog says nothing and limits no size.
///
/// # Errors
///
/// Two commands contradict each other.
pub(super) fn scene(slots: &Slots) -> Result<Scene> {
    if slots.fit.is_some() && slots.width.is_none() && slots.height.is_none() {
        return Err(Error::request("fit", "needs wid or hei"));
    }
    if let Some(reason) = slots.format.and_then(FileFormat::refusal) {
        return Err(Error::request("fmt", reason));
    }
    let format = slots.format.unwrap_or(FileFormat::DEFAULT).format;
    if let Some(reason) = slots.quantize.as_ref().and_then(|quantize| format.refuses(quantize)) {
        return Err(Error::request("quantize", reason));
    }
    let layer = Layer {
        mask_use: slots.mask_use.unwrap_or_default(),
        crop: slots.crop,
        size: layer_size(slots),
        color: slots.color,
        rotate: slots.rotate.unwrap_or(Decimal::ZERO),
        extend: slots.extend,
        bg_color: slots.bg_color,
        origin: slots.origin,
        position: slots.position.unwrap_or(Point::Pixels([0, 0])),
        ..Layer::of(Content::File(SOURCE))
    };
    Ok(Scene {
        layers: vec![layer],
        operations: operations(slots),
        flip: slots.flip.unwrap_or_default(),
        view: view(slots),
        colors: rules(slots.icc.as_ref()),
        output: output(slots),
    })
}

/// `size`, else `scale`, else `res` (`protocol.md` §3.2, step 2).
fn layer_size(slots: &Slots) -> LayerSize {
    match slots.size {
        Some([0, 0]) | None => {}
        Some([width, 0]) => return LayerSize::Width(width),
        Some([0, height]) => return LayerSize::Height(height),
        Some([width, height]) => return LayerSize::Box(Size::new(width, height)),
    }
    match (slots.scale, slots.res) {
        (Some(scale), _) => LayerSize::Scale(scale),
        (None, Some(wanted)) => LayerSize::Resolution { wanted, of_content: Decimal::from_int(1) },
        (None, None) => LayerSize::Natural,
    }
}

/// The operations that change anything, in the order of `protocol.md` §8.
fn operations(slots: &Slots) -> Vec<Adjustment> {
    let list = [
        slots.blur.map(Adjustment::Blur),
        slots.brightness.filter(|value| *value != 0).map(Adjustment::Brightness),
        slots.contrast.filter(|value| *value != 0).map(Adjustment::Contrast),
        slots.color_balance.filter(|value| *value != [0; 3]).map(Adjustment::ColorBalance),
        slots.hue.filter(|value| *value != 0).map(Adjustment::Hue),
        slots.saturation.filter(|value| *value != 0).map(Adjustment::Saturation),
        slots.colorize.map(Adjustment::Colorize),
        slots.invert.filter(|on| *on).map(|_| Adjustment::Invert),
        slots.noise.filter(|noise| noise.amount > 0).map(Adjustment::Noise),
        slots.sharpen.filter(|on| *on).map(|_| Adjustment::Sharpen),
        slots.usm.map(|usm| Adjustment::Unsharp(usm, RadiusUnit::Full)),
        slots.view_usm.map(|usm| Adjustment::Unsharp(usm, RadiusUnit::View)),
    ];
    list.into_iter().flatten().collect()
}

fn view(slots: &Slots) -> View {
    View {
        region: slots.region,
        frame: Frame::Image(UNLIMITED),
        width: slots.width,
        height: slots.height,
        fit: slots.fit.unwrap_or(Fit::DEFAULT),
        scl: slots.scl,
        align: slots.align.unwrap_or(Align::CENTER),
        tile: slots.tile,
        dpr: slots.dpr,
        max: SizeCap { size: UNLIMITED, exceeded: "" },
        filter: slots.filter.unwrap_or(Filter::Sharp2),
        linear: slots.linear.unwrap_or(false),
    }
}

fn output(slots: &Slots) -> Output {
    let file = slots.format.unwrap_or(FileFormat::DEFAULT);
    let format = file.format;
    let jpeg = format.is_jpeg();
    Output {
        format,
        compression: file.compression,
        pixels: file.pixels(false),
        mask: false,
        background: slots.background.unwrap_or(Ink::Rgb([255; 3])),
        quantize: slots.quantize.clone().unwrap_or_default(),
        qlt: slots.qlt.unwrap_or(Qlt { quality: QUALITY, full_chroma: false }),
        max_bytes: slots.jpeg_size.filter(|size| jpeg && *size > 0).map(|size| u64::from(size) * 1024),
        scans: slots.scans.flatten().filter(|_| format == OutputFormat::ProgressiveJpeg),
        dpi: slots.dpi.unwrap_or(72),
        keep: format.keeping(slots.keep.unwrap_or_default(), slots.xmp),
        profile: format.holds_profile() && slots.icc_embed.unwrap_or(false),
    }
}

/// The quality of a JPEG where an edit does not say it.
pub(super) const QUALITY: u8 = 80;
