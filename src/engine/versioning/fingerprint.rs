//! The engine's fingerprint: the part of `image.version` that stands for the code.
//!
//! It is [`EPOCH`], raised by hand when any request that succeeded before may now give other bytes, and a hash of what
//! every stage that decides bytes makes of small but rich inputs. The second part notices what nobody raised the epoch
//! for: a codec crate that the host's dependency graph bumped or configured otherwise. It cannot see every change of a
//! dependency, only those that show on the inputs.

use std::sync::OnceLock;

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::affine::{Affine, Angle};
use crate::base::geom::{Axis, Filter, Rect, Shrink, Size, Window};
use crate::base::version::{CanonicalHasher, Domain, Version};
use crate::imaging::codec::{self, Buffers, Encoding, Job, Sidecar};
use crate::imaging::kernel::alpha::{divide, flatten, premultiply};
use crate::imaging::kernel::color::{to_cmyk, to_gray};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::kernel::operate::histogram::Histogram;
use crate::imaging::kernel::operate::operate;
use crate::imaging::kernel::picture::Picture;
use crate::imaging::kernel::placement::fill::{Coverage, under};
use crate::imaging::kernel::placement::warp::warp;
use crate::imaging::kernel::resample::{Resampler, coverage};
use crate::imaging::kernel::sink::mask::{MaskCollector, Masked};
use crate::imaging::pixel::operation::{Blur, Colorize, MaskUse, Noise, Operation, SIGMA_STEPS, Unsharp};
use crate::imaging::pixel::raster::{Layout, Raster, Row, RowSink};

/// The generation of the engine's output: raised when any request that succeeded before may now give other bytes, which
/// changes every `image.version`.
///
/// Codec crates that change without it being raised are noticed by a probe of every stage that decides bytes, as far as
/// the change shows on small pictures of noise, gradients and edges.
pub const EPOCH: u32 = 4;

/// The fingerprint, computed at the first call in a process.
pub(in crate::engine) fn fingerprint() -> Version {
    static FINGERPRINT: OnceLock<Version> = OnceLock::new();
    *FINGERPRINT.get_or_init(|| compute(Cpu::detect(CpuLevel::default())))
}

fn compute(cpu: Cpu) -> Version {
    let mut hasher = CanonicalHasher::new(Domain::Engine);
    hasher.field("epoch", &EPOCH.to_le_bytes());
    probe(cpu, &mut |name, bytes| {
        hasher.field(name, bytes);
    });
    hasher.finish()
}

type Sink<'a> = dyn FnMut(&str, &[u8]) + 'a;

/// Feeds `sink` with what every stage makes of the probe picture.
fn probe(cpu: Cpu, sink: &mut Sink<'_>) {
    let picture = picture();
    for filter in Filter::ALL {
        for (width, height) in [(20, 17), (90, 61)] {
            put_raster(sink, "resample", &resampled(cpu, &picture, filter, width, height));
        }
    }
    put_operations(cpu, sink, &picture);
    put_layers(sink, &picture);
    let mut divided = picture.clone();
    divide(&mut divided);
    put_raster(sink, "divide", &divided);
    let opaque = flatten(picture.clone(), &[200, 100, 50], true);
    put_raster(sink, "flatten", &flatten(picture.clone(), &[200, 100, 50], false));

    for pixels in [opaque.clone(), to_gray(opaque.clone()), to_cmyk(opaque), picture] {
        for encoding in codec::PROBES {
            let fits = match encoding {
                Encoding::Jpeg(_) => !pixels.layout().alpha,
                Encoding::Png => pixels.layout().colors != 4,
            };
            if fits {
                // Nothing limits it and every layout fits, so it succeeds; if not, that it fails is the fingerprint.
                let file = codec::encode(cpu, &pixels, encoding, codec::Extras::dpi(72), usize::MAX);
                let file = file.unwrap_or_default();
                sink("encode", &file);
                put_decoded(cpu, sink, &file);
            }
        }
    }
}

/// Every operation on a part that lies somewhere in a larger view.
fn put_operations(cpu: Cpu, sink: &mut Sink<'_>, picture: &Raster) {
    let at = Rect { x: 7, y: -3, ..Rect::at_origin(picture.size()) };
    let picture = Picture { raster: picture.clone(), at, visible: at, premultiplied: true };
    let tones = Histogram::of(&picture.raster, true);
    for operation in operations() {
        // Nothing gives the probe up.
        if let Ok(done) = operate(cpu, picture.clone(), &operation, Some(&tones), Cancel::ALWAYS) {
            put_raster(sink, "operate", &done.raster);
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

/// What layers are made with besides: rotation, masks and fills.
fn put_layers(sink: &mut Sink<'_>, picture: &Raster) {
    let (size, at) = (picture.size(), Rect::at_origin(picture.size()));
    let angle = Angle::new(33_300_000_000);
    let map = Affine::rotation(angle, size, angle.bounding_box(size));
    for filter in [Filter::Bilin, Filter::Bicub] {
        put_raster(sink, "warp", &warp(picture, (0, 0), size, &map, at, filter));
    }
    let mut mask = MaskCollector::new(size);
    put_rows(picture, &mut mask);
    let mask = mask.finish();
    for mask_use in [MaskUse::Normal, MaskUse::Invert, MaskUse::Off] {
        let mut put = Put(&mut *sink, "mask");
        put_rows(picture, &mut Masked::new(&mut put, Some(mask.clone()), mask_use, size.width, picture.layout()));
    }
    let cover = |len: u32| {
        let whole = i64::from(len);
        let axis = Axis { len, first: 5, step: 9, den: 7, bounds: 0..whole, exists: whole / 3..whole };
        coverage(&axis, Filter::Bicub)
    };
    let mut filled = picture.clone();
    let cover = Coverage { columns: cover(size.width), rows: cover(size.height) };
    under(&mut filled, &[200, 100, 50], 180, Some(&cover));
    put_raster(sink, "fill", &filled);
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
            threads: 1,
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
}

fn put_raster(sink: &mut Sink<'_>, name: &str, raster: &Raster) {
    for plane in raster.planes() {
        sink(name, plane.samples());
    }
}

fn resampled(cpu: Cpu, picture: &Raster, filter: Filter, width: u32, height: u32) -> Raster {
    let size = picture.size();
    let axis = |len: u32, source: u32| {
        let (source_len, den) = (i64::from(source), 2 * i64::from(len));
        Axis { len, first: source_len, step: 2 * source_len, den, bounds: 0..source_len, exists: 0..source_len }
    };
    let window = Window { x: 0, y: 0, width: size.width, height: size.height };
    let axes = (&axis(width, size.width), &axis(height, size.height));
    let mut resampler = Resampler::new(cpu, axes, filter, window, picture.layout(), false);
    let mut row = Row::new(size.width, picture.layout());
    for y in 0..size.height as usize {
        for (samples, plane) in row.planes_mut().into_iter().zip(picture.planes()) {
            samples.copy_from_slice(plane.row(y));
        }
        premultiply(&mut row);
        // A resampler takes any row.
        let _ = resampler.row(&mut row);
    }
    resampler.finish()
}

/// Noise, gradients and edges in four planes of odd size.
fn picture() -> Raster {
    let size = Size::new(61, 43);
    let mut raster = Raster::zeroed(size, Layout::RGB.with_alpha(true));
    let mut state = 0x9e37_79b9_7f4a_7c15u64;
    for (p, plane) in raster.planes_mut().iter_mut().enumerate() {
        for y in 0..size.height as usize {
            for (x, sample) in plane.row_mut(y).iter_mut().enumerate() {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let edge = if (x / 9 + y / 7 + p) % 2 == 0 { 0 } else { 255 };
                *sample = match (x / 16 + y / 12 + p) % 3 {
                    0 => (state >> 56) as u8,
                    1 => (4 * x + 5 * y * (p + 1) / 2) as u8,
                    _ => edge,
                };
            }
        }
    }
    raster
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_level_has_one_fingerprint() {
        for cpu in Cpu::all() {
            assert_eq!(compute(cpu), fingerprint());
        }
    }

    #[test]
    fn every_stage_contributes() {
        let mut seen = std::collections::BTreeMap::<String, usize>::new();
        probe(Cpu::detect(CpuLevel::Scalar), &mut |name, bytes| {
            assert!(bytes != b"refused" && bytes != b"failed" && !bytes.is_empty());
            *seen.entry(name.to_owned()).or_default() += 1;
        });
        let names: Vec<_> = seen.keys().map(String::as_str).collect();
        assert_eq!(names, ["divide", "encode", "fill", "flatten", "mask", "operate", "resample", "row", "warp"]);
        assert_eq!(seen["encode"], 3 + 1 + 3 + 1 + 3 + 1);
    }
}
