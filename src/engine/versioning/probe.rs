//! Probes: what each stage that decides bytes makes of small but rich inputs.
//!
//! A probe detects a change without a raised epoch: the host's dependency graph has another version or configuration of
//! a codec crate. It cannot see every change of a dependency, only those that show on its inputs. All inputs stand in
//! the source: no probe reads what another stage has made, so that a change of one stage shows in its own probe alone.
//! The files in `probes/` were written once by other encoders and must not be changed.

mod inputs;

use std::sync::{Arc, OnceLock};

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::affine::{Affine, Angle};
use crate::base::geom::{Axis, Filter, Orientation, Rect, Shrink, Size, Window};
use crate::base::pool::Pool;
use crate::base::stage::ByteStage;
use crate::base::version::{CanonicalHasher, Domain, Version};
use crate::imaging::codec::{
    self, Buffers, Encoding, IndexedEncoding, Job, Sidecar, read_metadata, rights_packet, upright_xmp, with_rights,
};
use crate::imaging::color::{Profile, Transform};
use crate::imaging::kernel::alpha::{divide, flatten, with_alpha};
use crate::imaging::kernel::alpha_wide::{self, flattened, multiplied, rounded};
use crate::imaging::kernel::blend::over;
use crate::imaging::kernel::color::{from_cmyk, to_cmyk, to_gray, to_rgb};
use crate::imaging::kernel::interleave::join;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::kernel::operate::histogram::Histogram;
use crate::imaging::kernel::operate::operate;
use crate::imaging::kernel::picture::{AnyPicture, Depth, Picture};
use crate::imaging::kernel::placement::fill::{Coverage, under};
use crate::imaging::kernel::placement::orient::orient;
use crate::imaging::kernel::placement::warp::warp;
use crate::imaging::kernel::quantize::quantize;
use crate::imaging::kernel::resample::alpha::AlphaResampler;
use crate::imaging::kernel::resample::linear::LinearResampler;
use crate::imaging::kernel::resample::whole::{Components, resized};
use crate::imaging::kernel::resample::{Resampler, coverage};
use crate::imaging::kernel::sink::mask::{MaskCollector, Masked};
use crate::imaging::pixel::operation::{Blur, Colorize, MaskUse, Noise, Operation, SIGMA_STEPS, Unsharp};
use crate::imaging::pixel::palette::{Indexed, PaletteKind, Quantize, Transparency};
use crate::imaging::pixel::raster::{AnyRaster, Here, Raster, Row, RowSink, WideRow};
use crate::imaging::pixel::space::{Curve, Intent, Primaries, Stated};

use inputs::{
    BMP_FILES, GIF_FILES, JPEG_FILES, PACKET, PNG_FILES, RIGHTS_FILE, TIFF_FILES, WEBP_FILES, few_colors, gray, inks,
    opaque, picture,
};

/// The hash of what a stage makes of its probe; computed at the first call in a process.
pub(crate) fn probe(stage: ByteStage) -> Version {
    static PROBES: [OnceLock<Version>; ByteStage::ALL.len()] = [const { OnceLock::new() }; ByteStage::ALL.len()];
    *PROBES[stage as usize].get_or_init(|| compute(stage, Cpu::detect(CpuLevel::default())))
}

fn compute(stage: ByteStage, cpu: Cpu) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::Engine);
    // Nothing stops a probe.
    let _ = feed(stage, cpu, &mut |name, bytes| {
        hasher.field(name, bytes);
    });
    hasher.finish()
}

type Sink<'a> = dyn FnMut(&str, &[u8]) + 'a;

/// Feeds `sink` with what a stage makes of its inputs.
///
/// # Errors
///
/// There are none: the work is never to be given up.
fn feed(stage: ByteStage, cpu: Cpu, sink: &mut Sink<'_>) -> Result<()> {
    match stage {
        // No dependency decides what they do: their epochs stand for them.
        ByteStage::Request | ByteStage::Plan => {}
        ByteStage::DecodeBmp => BMP_FILES.iter().for_each(|file| put_decoded(cpu, sink, file)),
        ByteStage::DecodeGif => GIF_FILES.iter().for_each(|file| put_decoded(cpu, sink, file)),
        ByteStage::DecodeJpeg => JPEG_FILES.iter().for_each(|file| put_decoded(cpu, sink, file)),
        ByteStage::DecodePng => PNG_FILES.iter().for_each(|file| put_decoded(cpu, sink, file)),
        ByteStage::DecodeWebp => WEBP_FILES.iter().for_each(|file| put_decoded(cpu, sink, file)),
        ByteStage::DecodeTiff => TIFF_FILES.iter().for_each(|file| put_decoded(cpu, sink, file)),
        ByteStage::Xmp => put_packets(sink),
        ByteStage::Mask => put_masked(sink),
        ByteStage::Resample => {
            put_resampled(cpu, sink);
            put_resized(cpu, sink)?;
        }
        ByteStage::Linear => put_linear(cpu, sink)?,
        ByteStage::Orient => {
            for tag in 1..=8 {
                put_raster(sink, "orient", &orient(picture(), Orientation::from_exif(tag), Cancel::ALWAYS)?);
            }
        }
        ByteStage::Blur
        | ByteStage::Brightness
        | ByteStage::Contrast
        | ByteStage::ColorBalance
        | ByteStage::Hue
        | ByteStage::Saturation
        | ByteStage::Colorize
        | ByteStage::Invert
        | ByteStage::Noise
        | ByteStage::Sharpen
        | ByteStage::Unsharp => put_operated(stage, cpu, sink),
        ByteStage::Fill => put_filled(sink)?,
        ByteStage::Warp => put_warped(sink)?,
        ByteStage::Blend => put_blended(sink)?,
        ByteStage::Flatten => {
            let mut divided = picture();
            divide(&mut divided, Cancel::ALWAYS)?;
            put_raster(sink, "divide", &divided);
            for premultiplied in [false, true] {
                let flat = flatten(picture(), &[200, 100, 50], premultiplied, Cancel::ALWAYS)?;
                put_raster(sink, "flatten", &flat);
                let wide = multiplied(&picture(), premultiplied, Cancel::ALWAYS)?;
                put_wide(sink, "multiply", &wide);
                put_raster(sink, "divide wide", &alpha_wide::divided(&wide, Cancel::ALWAYS)?);
                put_raster(sink, "round wide", &rounded(&wide, Cancel::ALWAYS)?);
                put_raster(sink, "flatten wide", &flattened(&wide, &[200, 100, 50], Cancel::ALWAYS)?);
            }
        }
        ByteStage::Color => {
            let cancel = Cancel::ALWAYS;
            for raster in [
                to_gray(opaque(), cancel),
                to_cmyk(opaque(), cancel),
                to_rgb(gray(), cancel),
                to_gray(picture(), cancel),
                from_cmyk(inks(false), false, cancel),
                from_cmyk(inks(true), true, cancel),
            ] {
                put_raster(sink, "color", &raster?);
            }
            put_converted(cpu, sink);
        }
        ByteStage::EncodeJpeg => {
            for raster in [opaque(), gray(), inks(false)] {
                put_encoded(cpu, sink, &raster, |encoding| matches!(encoding, Encoding::Jpeg(_)));
            }
        }
        ByteStage::EncodePng => {
            for raster in [opaque(), gray(), picture(), with_alpha(gray())] {
                put_encoded(cpu, sink, &raster, |encoding| encoding == Encoding::Png);
            }
        }
        ByteStage::EncodePngZip => {
            for raster in [opaque(), gray(), picture(), with_alpha(gray())] {
                put_encoded(cpu, sink, &raster, |encoding| encoding == Encoding::PngZip);
            }
        }
        ByteStage::EncodeWebP if cfg!(feature = "webp") => {
            for raster in [opaque(), gray(), picture(), few_colors()] {
                put_encoded(cpu, sink, &raster, |encoding| matches!(encoding, Encoding::WebP(_)));
            }
        }
        ByteStage::EncodeWebP => sink("webp", b"has no encoder"),
        ByteStage::EncodeAvif if cfg!(feature = "avif") => {
            for raster in [opaque(), picture()] {
                put_encoded(cpu, sink, &raster, |encoding| matches!(encoding, Encoding::Avif(_)));
            }
        }
        ByteStage::EncodeAvif => sink("avif", b"has no encoder"),
        ByteStage::Quantize => put_quantized(sink)?,
        ByteStage::EncodePng8 => put_indexed(IndexedEncoding::Png, sink),
        ByteStage::EncodeGif => put_indexed(IndexedEncoding::Gif, sink),
        ByteStage::EncodeTif if cfg!(feature = "tiff") => {
            for raster in [opaque(), gray(), inks(false), picture()] {
                // JPEG cannot hold alpha.
                let alpha = raster.layout().alpha;
                put_encoded(cpu, sink, &raster, |encoding| match encoding {
                    Encoding::Tiff(settings) => {
                        !(alpha && matches!(settings.compression, codec::TiffCompression::Jpeg { .. }))
                    }
                    _ => false,
                });
            }
        }
        ByteStage::EncodeTif => sink("tif", b"has no encoder"),
    }
    Ok(())
}

/// Converts pictures between profiles: by curves and matrices, and through tables, of which the file is read first.
fn put_converted(cpu: Cpu, sink: &mut Sink<'_>) {
    let stated = |primaries: Primaries, curve: Curve| Profile::stated(&Stated { primaries, curve }, false);
    let press = Profile::read(include_bytes!("probes/press.icc")).ok();
    let (p3, wide) = (stated(Primaries::P3, Curve::Srgb), stated(Primaries::REC2020, Curve::Power(219_922)));
    let [srgb, gray_srgb, gray22] = [Profile::srgb(), Profile::gray_srgb(), Profile::gray22()].map(Some);
    let pairs = [
        (&p3, &srgb, opaque()),
        (&wide, &srgb, opaque()),
        (&gray22, &gray_srgb, gray()),
        (&gray22, &p3, gray()),
        (&srgb, &gray22, opaque()),
        (&press, &srgb, inks(false)),
        (&srgb, &press, opaque()),
    ];
    for (from, to, picture) in pairs {
        for (intent, black_point) in [(Intent::Perceptual, false), (Intent::Relative, true), (Intent::Absolute, false)]
        {
            let pair = from.as_ref().zip(to.as_ref());
            // A profile that this build does not read leaves its mark as well.
            let Some(Ok(transform)) = pair.map(|(from, to)| Transform::new(from, to, intent, black_point)) else {
                sink("convert", b"failed");
                continue;
            };
            let width = picture.size().width as usize;
            let planes =
                |y: usize| std::array::from_fn(|plane| picture.planes().get(plane).map_or(&[][..], |p| p.row(y)));
            for y in 0..picture.size().height as usize {
                let mut out = [(); 4].map(|()| vec![0; width]);
                transform.row(cpu, planes(y), out.each_mut().map(Vec::as_mut_slice));
                out.iter().take(transform.to().count()).for_each(|row| sink("convert", row));
            }
        }
    }
}

/// Writes a picture in every way that an encoder is asked for.
fn put_encoded(cpu: Cpu, sink: &mut Sink<'_>, raster: &Raster, is_wanted: impl Fn(Encoding) -> bool) {
    for &encoding in codec::PROBES.iter().filter(|encoding| is_wanted(**encoding)) {
        // Nothing limits the file, and the layout fits. If the encoder fails all the same, the mark of that is the probe.
        let file = codec::encode(cpu, raster, encoding, codec::Extras::dpi(72), usize::MAX);
        sink("encode", &file.unwrap_or_default());
    }
}

/// Chooses palettes of every kind.
fn put_quantized(sink: &mut Sink<'_>) -> Result<()> {
    let list = Arc::from([[255, 0, 0], [1, 2, 3]]);
    let adaptive = Quantize { kind: PaletteKind::Adaptive, diffuse: true, colors: 16, list };
    let plain = Quantize { diffuse: false, colors: 64, ..Quantize::default() };
    let web = Quantize { kind: PaletteKind::Web, ..Quantize::default() };
    let mac = Quantize { kind: PaletteKind::Mac, ..plain.clone() };
    let key = Transparency::Key([200, 100, 50]);
    for (raster, settings, transparency) in [
        (opaque(), &adaptive, Transparency::Entries),
        (opaque(), &plain, Transparency::Entries),
        (opaque(), &web, Transparency::Entries),
        (opaque(), &mac, Transparency::Entries),
        (gray(), &adaptive, Transparency::Entries),
        (picture(), &adaptive, Transparency::Entries),
        (picture(), &plain, Transparency::Entries),
        (picture(), &adaptive, key),
        (picture(), &web, key),
    ] {
        let Indexed { palette, indices } = quantize(&raster, settings, transparency, Cancel::ALWAYS)?;
        sink("palette", palette.as_flattened());
        sink("indices", indices.samples());
    }
    Ok(())
}

/// Writes pictures with palettes of some lengths, with and without alpha.
fn put_indexed(encoding: IndexedEncoding, sink: &mut Sink<'_>) {
    for entries in [2u8, 4, 16, 250] {
        let mut planes = gray().into_planes();
        let Some(mut indices) = planes.pop() else { return };
        indices.samples_mut().iter_mut().for_each(|sample| *sample %= entries);
        let entry = |entry: u8| [entry, entry.wrapping_mul(7), 255 - entry, if entry == 1 { 0 } else { 255 }];
        let indexed = Indexed { palette: (0..entries).map(entry).collect(), indices };
        let file = codec::encode_indexed(&indexed, encoding, codec::Extras::dpi(72), usize::MAX.into());
        // Nothing limits the file; a format that is not built in leaves its mark.
        sink("encode", &file.unwrap_or_else(|_| b"has no encoder".to_vec()));
    }
}

/// An operation on a part that lies somewhere in a larger view.
fn put_operated(stage: ByteStage, cpu: Cpu, sink: &mut Sink<'_>) {
    let raster = picture();
    let at = Rect { x: 7, y: -3, ..Rect::at_origin(raster.size()) };
    let tones = Histogram::of(&raster, true);
    for operation in operations().iter().filter(|operation| operation.stage() == stage) {
        for depth in [Depth::Bytes, Depth::Wide] {
            let picture = AnyPicture::Bytes(Picture { raster: raster.clone(), at, visible: at, premultiplied: true });
            // Nothing gives the probe up.
            match operate(cpu, picture, depth, operation, Some(&tones), Cancel::ALWAYS) {
                Ok(AnyPicture::Bytes(done)) => put_raster(sink, "operate", &done.raster),
                Ok(AnyPicture::Wide(done)) => put_wide(sink, "operate wide", &done.raster),
                Err(_) => {}
            }
        }
    }
}

fn operations() -> Vec<Operation> {
    let sigma = SIGMA_STEPS * 3 / 2;
    let usm = Unsharp { amount: 90_000, sigma_x: sigma, sigma_y: sigma, threshold: 3, mono: false };
    let noise = |gaussian, mono| Operation::Noise(Noise { amount: 40, gaussian, mono });
    vec![
        Operation::Blur(Blur { sigma_x: sigma, sigma_y: 3 * sigma }),
        Operation::Brightness(-30),
        Operation::Contrast(45),
        Operation::Contrast(-45),
        Operation::ColorBalance([10, -20, 30]),
        Operation::Hue(100),
        Operation::Saturation(50),
        Operation::Colorize(Colorize { color: [200, 120, 30], tone: None }),
        Operation::Colorize(Colorize { color: [30, 120, 200], tone: Some(50) }),
        Operation::Invert,
        noise(false, false),
        noise(true, false),
        noise(true, true),
        Operation::Sharpen,
        Operation::Unsharp(usm),
        Operation::Unsharp(Unsharp { mono: true, ..usm }),
    ]
}

fn put_warped(sink: &mut Sink<'_>) -> Result<()> {
    let picture = picture();
    let (size, at) = (picture.size(), Rect::at_origin(picture.size()));
    let angle = Angle::new(33_300_000_000);
    let map = Affine::rotation(angle, size, angle.bounding_box(size));
    for filter in [Filter::Bilin, Filter::Bicub] {
        put_raster(sink, "warp", &warp(&picture, (0, 0), size, &map, at, filter, Cancel::ALWAYS)?);
        let wide = multiplied(&picture, false, Cancel::ALWAYS)?;
        put_wide(sink, "warp wide", &warp(&wide, (0, 0), size, &map, at, filter, Cancel::ALWAYS)?);
    }
    Ok(())
}

/// What is kept of a packet, and of metadata that a JPEG file holds in three ways.
fn put_packets(sink: &mut Sink<'_>) {
    sink("packet", upright_xmp(PACKET).as_bytes());
    let read = read_metadata(RIGHTS_FILE, usize::MAX);
    sink("rights", rights_packet(&read.rights).unwrap_or_default().as_bytes());
    sink("added", with_rights(PACKET.to_owned(), &read.rights).as_bytes());
    sink("read", read.xmp.ok().flatten().unwrap_or_default().as_bytes());
}

fn put_masked(sink: &mut Sink<'_>) {
    let picture = picture();
    let size = picture.size();
    let mut mask = MaskCollector::new(size);
    put_rows(&picture, &mut mask);
    let mask = mask.finish();
    sink("mask", mask.samples());
    for mask_use in [MaskUse::Normal, MaskUse::Invert, MaskUse::Off] {
        let mut put = Put(&mut *sink, "masked");
        put_rows(&picture, &mut Masked::new(&mut put, Some(mask.clone()), mask_use, size.width, picture.layout()));
    }
}

fn put_filled(sink: &mut Sink<'_>) -> Result<()> {
    let mut filled = picture();
    let size = filled.size();
    let cover = |len: u32| {
        let whole = i64::from(len);
        let axis = Axis { len, first: 5, step: 9, den: 7, bounds: 0..whole, exists: whole / 3..whole };
        coverage(&axis, Filter::Bicub)
    };
    let cover = Coverage { columns: cover(size.width), rows: cover(size.height) };
    let mut wide = multiplied(&filled, false, Cancel::ALWAYS)?;
    under(&mut filled, &[200, 100, 50], 180, Some(&cover), Cancel::ALWAYS)?;
    put_raster(sink, "fill", &filled);
    under(&mut wide, &[200, 100, 50], 180, Some(&cover), Cancel::ALWAYS)?;
    put_wide(sink, "fill wide", &wide);
    Ok(())
}

fn put_blended(sink: &mut Sink<'_>) -> Result<()> {
    let at = Rect::at_origin(picture().size());
    let layer = |raster, premultiplied| Picture { raster, at, visible: at, premultiplied };
    let cancel = Cancel::ALWAYS;
    let above = layer(orient(picture(), Orientation::from_exif(3), cancel)?, false);
    put_raster(sink, "over alpha", &over(layer(picture(), false), above.clone(), cancel)?.raster);
    put_raster(sink, "over opaque", &over(layer(opaque(), true), above, cancel)?.raster);
    Ok(())
}

/// Resamples a picture with every filter, smaller and larger.
fn put_resampled(cpu: Cpu, sink: &mut Sink<'_>) {
    for filter in Filter::ALL {
        for (width, height) in [(20, 17), (90, 61)] {
            match resampled(cpu, &opaque(), filter, width, height) {
                AnyRaster::Bytes(raster) => put_raster(sink, "resample", &raster),
                AnyRaster::Wide(raster) => put_wide(sink, "resample", &raster),
            }
            match resampled(cpu, &picture(), filter, width, height) {
                AnyRaster::Bytes(raster) => put_raster(sink, "resample alpha", &raster),
                AnyRaster::Wide(raster) => put_wide(sink, "resample alpha", &raster),
            }
        }
    }
}

/// Resamples pictures in linear light, of 8 and 16 bits, smaller and larger.
fn put_linear(cpu: Cpu, sink: &mut Sink<'_>) -> Result<()> {
    for picture in [opaque(), picture(), gray()] {
        let (size, layout) = (picture.size(), picture.layout());
        let window = Window { x: 0, y: 0, width: size.width, height: size.height };
        for (is_wide, (width, height)) in [(false, (20, 17)), (false, (90, 61)), (true, (20, 17))] {
            let axes = (&Axis::resizing(size.width, width), &Axis::resizing(size.height, height));
            let mut resampler = LinearResampler::new(cpu, axes, Filter::Sharp2, window, (layout, is_wide), false);
            let mut stage = Here { stage: &mut resampler, cancel: Cancel::ALWAYS };
            if is_wide {
                put_wide_rows(&picture, &mut stage);
            } else {
                put_rows(&picture, &mut stage);
            }
            match resampler.finish(Cancel::ALWAYS)? {
                AnyRaster::Bytes(raster) => put_raster(sink, "linear", &raster),
                AnyRaster::Wide(raster) => put_wide(sink, "linear wide", &raster),
            }
        }
    }
    Ok(())
}

/// Resizes whole pictures of interleaved pixels in the same way.
fn put_resized(cpu: Cpu, sink: &mut Sink<'_>) -> Result<()> {
    for (raster, components) in [(opaque(), Components::Three), (gray(), Components::One)] {
        let mut pixels = Vec::new();
        for y in 0..raster.size().height as usize {
            join(&raster.planes().iter().map(|plane| plane.row(y)).collect::<Vec<_>>(), &mut pixels);
        }
        for filter in Filter::ALL {
            for to in [Size::new(20, 17), Size::new(90, 61), Size::new(40, 50)] {
                let resized = resized(cpu, (&pixels, components), raster.size(), to, filter, Cancel::ALWAYS)?;
                sink("resize", &resized);
            }
        }
    }
    Ok(())
}

fn resampled(cpu: Cpu, picture: &Raster, filter: Filter, width: u32, height: u32) -> AnyRaster {
    let size = picture.size();
    let axis = |len: u32, source: u32| {
        let (source_len, den) = (i64::from(source), 2 * i64::from(len));
        Axis { len, first: source_len, step: 2 * source_len, den, bounds: 0..source_len, exists: 0..source_len }
    };
    let window = Window { x: 0, y: 0, width: size.width, height: size.height };
    let axes = (&axis(width, size.width), &axis(height, size.height));
    if picture.layout().alpha {
        let mut resampler = AlphaResampler::new(cpu, axes, filter, window, picture.layout());
        put_rows(picture, &mut Here { stage: &mut resampler, cancel: Cancel::ALWAYS });
        // Nothing stops it.
        return resampler.finish(Cancel::ALWAYS).unwrap_or_else(|_| AnyRaster::Bytes(picture.clone()));
    }
    let mut resampler = Resampler::new(cpu, axes, filter, window, picture.layout(), false, Cancel::ALWAYS);
    put_rows(picture, &mut resampler);
    AnyRaster::Bytes(resampler.finish())
}

/// Hands on a picture as a decoder would.
fn put_rows(picture: &Raster, to: &mut dyn RowSink) {
    let mut row = Row::new(picture.size().width, picture.layout());
    for y in 0..picture.size().height as usize {
        for (samples, plane) in row.planes_mut().into_iter().zip(picture.planes()) {
            samples.copy_from_slice(plane.row(y));
        }
        // These take any row.
        let _ = to.row(&mut row);
    }
}

/// The same with 16 bits.
fn put_wide_rows(picture: &Raster, to: &mut dyn RowSink) {
    let mut row = WideRow::new(picture.size().width, picture.layout());
    for y in 0..picture.size().height as usize {
        for (samples, plane) in row.planes_mut().into_iter().zip(picture.planes()) {
            // Of 255 the largest, else mostly none of 8 bits.
            let wide = |sample: u8| 256 * u16::from(sample) + u16::from(sample / 2) * 2 + u16::from(sample == 255);
            samples.iter_mut().zip(plane.row(y)).for_each(|(to, &from)| *to = wide(from));
        }
        let _ = to.wide_row(&mut row);
    }
}

/// Decodes a file whole and shrunk; a failure leaves its mark as well.
fn put_decoded(cpu: Cpu, sink: &mut Sink<'_>, file: &[u8]) {
    let Ok(header) = codec::read_header(file) else {
        return sink("decode", b"refused");
    };
    let shrinks = if header.format.shrinks() { &Shrink::STRONGEST_FIRST[..] } else { &[Shrink::Full] };
    for &shrink in shrinks {
        let size = shrink.of(header.stored);
        let window = Window { x: 0, y: 0, width: size.width, height: size.height };
        let (scratch, sidecar) = (&mut Buffers::default(), &mut Sidecar::default());
        let mut job = Job {
            window,
            shrink,
            cpu,
            pool: &Pool::NONE,
            decoded_bytes: 1 << 20,
            scratch,
            sidecar,
            sidecar_bytes: 0,
            cancel: Cancel::ALWAYS,
            reference: false,
        };
        let outcome = codec::decode(file, &header, &mut job, &mut Put(sink, "row"));
        if outcome.is_err() {
            sink("decode", b"failed");
        }
    }
}

/// Passes rows on as they come.
struct Put<'a, 'b>(&'a mut Sink<'b>, &'static str);

impl RowSink for Put<'_, '_> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        for plane in 0..row.layout().planes() {
            (self.0)(self.1, row.plane(plane));
        }
        Ok(())
    }

    fn takes_wide(&self) -> bool {
        true
    }

    fn wide_row(&mut self, row: &mut WideRow) -> Result<()> {
        for plane in 0..row.layout().planes() {
            (self.0)(self.1, &little_endian(row.plane(plane)));
        }
        Ok(())
    }
}

fn put_raster(sink: &mut Sink<'_>, name: &str, raster: &Raster) {
    for plane in raster.planes() {
        sink(name, plane.samples());
    }
}

fn put_wide(sink: &mut Sink<'_>, name: &str, raster: &Raster<u16>) {
    for plane in raster.planes() {
        sink(name, &little_endian(plane.samples()));
    }
}

fn little_endian(samples: &[u16]) -> Vec<u8> {
    samples.iter().flat_map(|sample| sample.to_le_bytes()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_the_same_probes() {
        for cpu in Cpu::all() {
            for &stage in ByteStage::ALL {
                assert_eq!(compute(stage, cpu), probe(stage), "{stage:?}");
            }
        }
    }

    #[test]
    fn every_stage_that_touches_pixels_has_a_probe() {
        for &stage in ByteStage::ALL {
            let mut seen = 0;
            feed(stage, Cpu::detect(CpuLevel::Scalar), &mut |_, bytes| {
                assert!(bytes != b"refused" && bytes != b"failed" && !bytes.is_empty(), "{stage:?}");
                seen += 1;
            })
            .unwrap();
            assert_eq!(seen > 0, !matches!(stage, ByteStage::Request | ByteStage::Plan), "{stage:?}");
        }
        let mut probes: Vec<_> = ByteStage::ALL.iter().map(|stage| probe(*stage)).collect();
        probes.sort_unstable();
        probes.dedup();
        assert_eq!(probes.len(), ByteStage::ALL.len() - 1, "all but those of request and plan differ");
    }
}
