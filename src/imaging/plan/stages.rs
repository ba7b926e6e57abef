//! Which of the stages that decide bytes a reply passes.

use crate::base::geom::Orientation;
use crate::base::stage::{ByteStage, ByteStages};
use crate::imaging::pixel::header::Format;
use crate::imaging::pixel::operation::{MaskUse, Operation};
use crate::imaging::scene::{Compression, InputId, Output, OutputFormat};

use super::drawing::{Drawing, LayerDrawing, Operations, Pixels, Plan};
use super::geometry::Headers;

impl Plan {
    /// The stages that the reply may pass: every stage that decides one of its bytes, and possibly others. `headers` are
    /// those that the plan was made with.
    pub(crate) fn stages(&self, headers: Headers<'_>) -> ByteStages {
        let mut passed: ByteStages =
            [ByteStage::Request, ByteStage::Plan, ByteStage::Flatten, ByteStage::Color].into_iter().collect();
        self.add_stages(headers, &mut passed);
        if self.described.is_some() {
            passed.insert(ByteStage::Xmp);
        }
        passed.insert(self.output.stage());
        if self.output.profile && self.output.format.mime() == OutputFormat::Png.mime() {
            // It compresses the profiles of all kinds of PNG.
            passed.insert(ByteStage::EncodePng);
        }
        if self.output.format.has_palette() {
            passed.insert(ByteStage::Quantize);
        }
        if self.output.compression == Some(Compression::Jpeg) {
            passed.insert(ByteStage::EncodeJpeg);
        }
        passed
    }

    /// Adds the stages that drawing passes.
    fn add_stages(&self, headers: Headers<'_>, passed: &mut ByteStages) {
        if let Some(drawing) = &self.drawing {
            drawing.add_stages(headers, passed);
        }
    }
}

impl Drawing {
    fn add_stages(&self, headers: Headers<'_>, passed: &mut ByteStages) {
        for layer in &self.layers {
            layer.add_stages(headers, passed);
        }
        if self.layers.len() > 1 {
            passed.insert(ByteStage::Blend);
        }
        self.operations.add_stages(headers, passed);
    }
}

impl LayerDrawing {
    fn add_stages(&self, headers: Headers<'_>, passed: &mut ByteStages) {
        passed.insert(ByteStage::Resample);
        if self.linear {
            passed.insert(ByteStage::Linear);
        }
        add_pixels(&self.pixels, headers, passed);
        if let Some(mask) = &self.mask {
            add_pixels(mask, headers, passed);
        }
        // Without a mask file, `maskUse` acts on the alpha of the content.
        if self.mask.is_some() || self.mask_use != MaskUse::Normal {
            passed.insert(ByteStage::Mask);
        }
        let stored = |pixels: &Pixels| orientation(pixels, headers);
        let mask_is_turned = self.mask.as_ref().is_some_and(|mask| stored(mask) != stored(&self.pixels));
        if self.samples.orientation != Orientation::default() || mask_is_turned {
            passed.insert(ByteStage::Orient);
        }
        self.operations.add_stages(headers, passed);
        if self.color.is_some() || self.bg_color.is_some() {
            passed.insert(ByteStage::Fill);
        }
        if self.warp.is_some() {
            passed.insert(ByteStage::Warp);
        }
    }
}

impl Operations {
    fn add_stages(&self, headers: Headers<'_>, passed: &mut ByteStages) {
        self.list.iter().for_each(|operation| passed.insert(operation.stage()));
        if let Some(tones) = &self.tones {
            tones.add_stages(headers, passed);
        }
    }
}

impl Operation {
    /// The stage that carries the operation out.
    pub(crate) const fn stage(&self) -> ByteStage {
        match self {
            Self::Blur(_) => ByteStage::Blur,
            Self::Brightness(_) => ByteStage::Brightness,
            Self::Contrast(_) => ByteStage::Contrast,
            Self::ColorBalance(_) => ByteStage::ColorBalance,
            Self::Hue(_) => ByteStage::Hue,
            Self::Saturation(_) => ByteStage::Saturation,
            Self::Colorize(_) => ByteStage::Colorize,
            Self::Invert => ByteStage::Invert,
            Self::Noise(_) => ByteStage::Noise,
            Self::Sharpen => ByteStage::Sharpen,
            Self::Unsharp(_) => ByteStage::Unsharp,
        }
    }
}

impl Format {
    /// The stages that decode files of the format, its own first.
    pub(crate) const fn stages(self) -> &'static [ByteStage] {
        match self {
            Self::Bmp => &[ByteStage::DecodeBmp],
            Self::Gif => &[ByteStage::DecodeGif],
            Self::Jpeg => &[ByteStage::DecodeJpeg],
            Self::Png => &[ByteStage::DecodePng],
            Self::Raw => &[],
            // Chunks may be JPEGs.
            Self::Tiff => &[ByteStage::DecodeTiff, ByteStage::DecodeJpeg],
            Self::Webp => &[ByteStage::DecodeWebp],
        }
    }
}

impl Output {
    /// The stage that writes the file.
    pub(crate) fn stage(&self) -> ByteStage {
        match self.format.stage() {
            ByteStage::EncodePng if self.compression == Some(Compression::Zip) => ByteStage::EncodePngZip,
            stage => stage,
        }
    }
}

impl OutputFormat {
    /// The stage that writes files of the format.
    const fn stage(self) -> ByteStage {
        match self {
            Self::Jpeg | Self::ProgressiveJpeg => ByteStage::EncodeJpeg,
            Self::Png | Self::PngAlpha => ByteStage::EncodePng,
            Self::Png8 | Self::Png8Alpha => ByteStage::EncodePng8,
            Self::WebP | Self::WebPAlpha => ByteStage::EncodeWebP,
            Self::Avif | Self::AvifAlpha => ByteStage::EncodeAvif,
            Self::Gif | Self::GifAlpha => ByteStage::EncodeGif,
            Self::Tif | Self::TifAlpha => ByteStage::EncodeTif,
        }
    }
}

/// How pixels are stored.
fn orientation(pixels: &Pixels, headers: Headers<'_>) -> Orientation {
    match pixels {
        Pixels::File(InputId(file)) => {
            headers.get(*file).copied().flatten().map_or_else(Orientation::default, |header| header.orientation)
        }
        Pixels::Plan(_) => Orientation::default(),
    }
}

fn add_pixels(pixels: &Pixels, headers: Headers<'_>, passed: &mut ByteStages) {
    match pixels {
        Pixels::File(file) => add_file(*file, headers, passed),
        Pixels::Plan(plan) => {
            plan.add_stages(headers, passed);
            passed.insert(ByteStage::Flatten);
            passed.insert(ByteStage::Color);
        }
    }
}

fn add_file(InputId(file): InputId, headers: Headers<'_>, passed: &mut ByteStages) {
    if let Some(Some(header)) = headers.get(file) {
        header.format.stages().iter().for_each(|stage| passed.insert(*stage));
    }
}
