//! Decoding, and what files say of themselves.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Shrink, Size, Window};
use crate::base::pool::Pool;
use crate::imaging::codec::{
    Buffers, Job, Sidecar, check, decode, read_header, read_metadata, rights_packet, upright_xmp, with_rights,
};
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::raster::{Row, RowSink};

/// What a file's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading {
    /// Width and height as stored.
    pub size: [u32; 2],
    /// Components without alpha; four are inks.
    pub colors: u8,
    /// There is alpha.
    pub alpha: bool,
    /// To be turned upright: axes exchanged, then mirrored across, then down.
    pub turned: [bool; 3],
}

/// The header of a picture; `None` if it is refused.
#[must_use]
pub fn heading(bytes: &[u8]) -> Option<Heading> {
    let header = read_header(bytes).ok()?;
    let (size, layout, turned) = (header.stored, header.layout, header.orientation);
    Some(Heading {
        size: [size.width, size.height],
        colors: layout.colors,
        alpha: layout.alpha,
        turned: [turned.swap, turned.reverse_x, turned.reverse_y],
    })
}

/// A file's metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// The XMP packet.
    pub xmp: Result<Option<String>>,
    /// The description of an embedded profile.
    pub profile: Option<String>,
    /// Names of paths.
    pub path_names: Vec<String>,
    /// Thousandths of a dot per inch.
    pub milli_dpi: Option<u32>,
    /// The XMP packet with the rights in the picture and nothing else.
    pub rights: Option<String>,
    /// The XMP packet with the rights that it does not say added to it.
    pub full: Option<String>,
}

/// Reads a file's metadata within a limit of bytes.
#[must_use]
pub fn metadata(bytes: &[u8], limit: usize) -> Told {
    let metadata = read_metadata(bytes, limit);
    let profile = metadata.icc.map(|icc| icc.description);
    let packet = metadata.xmp.as_ref().ok().and_then(Option::as_ref);
    Told {
        rights: rights_packet(&metadata.rights),
        full: packet.map(|packet| with_rights(packet.clone(), &metadata.rights)),
        xmp: metadata.xmp,
        profile,
        path_names: metadata.path_names,
        milli_dpi: metadata.milli_dpi,
    }
}

/// An XMP packet of a picture that has been turned upright.
#[must_use]
pub fn upright_packet(packet: &str) -> String {
    upright_xmp(packet)
}

/// Decodes a whole picture at a CPU level; planes one after the other. `None` if it is refused.
#[must_use]
pub fn decode_whole(bytes: &[u8], level: CpuLevel, max_pixels: u64) -> Option<Vec<u8>> {
    decode_shrunk(bytes, level, 1, None, max_pixels).map(|(_, planes)| planes)
}

/// Decodes a picture at a CPU level and a shrink of 1, 2, 4 or 8; all of it or a window (left, top, width, height) at
/// the shrink. Returns its width and height, and the planes one after the other; `None` if it is refused.
#[must_use]
pub fn decode_shrunk(
    bytes: &[u8],
    level: CpuLevel,
    factor: u32,
    window: Option<[u32; 4]>,
    max_pixels: u64,
) -> Option<([u32; 2], Vec<u8>)> {
    decode_by(bytes, level, factor, window, max_pixels, Manner::default())
}

/// The same without any fast path of the decoder, at the scalar level. The fast paths are compared with it.
#[must_use]
pub fn decode_reference(
    bytes: &[u8],
    factor: u32,
    window: Option<[u32; 4]>,
    max_pixels: u64,
) -> Option<([u32; 2], Vec<u8>)> {
    let manner = Manner { reference: true, ..Manner::default() };
    decode_by(bytes, CpuLevel::Scalar, factor, window, max_pixels, manner)
}

/// What decoders have learned of a picture.
#[derive(Debug, Default)]
pub struct Known(Sidecar);

/// The same with what earlier calls have learned of these bytes, to which this one adds.
#[must_use]
pub fn decode_known(
    bytes: &[u8],
    level: CpuLevel,
    factor: u32,
    window: Option<[u32; 4]>,
    max_pixels: u64,
    known: Option<&mut Known>,
) -> Option<([u32; 2], Vec<u8>)> {
    decode_by(bytes, level, factor, window, max_pixels, Manner { known, ..Manner::default() })
}

/// The whole picture, by the threads of a pool.
#[cfg(feature = "rayon")]
#[must_use]
pub fn decode_pooled(
    bytes: &[u8],
    level: CpuLevel,
    factor: u32,
    max_pixels: u64,
    pool: std::sync::Arc<rayon::ThreadPool>,
) -> Option<([u32; 2], Vec<u8>)> {
    decode_by(bytes, level, factor, None, max_pixels, Manner { pool: Pool::of(pool), ..Manner::default() })
}

/// A picture of which the whole file has been looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The file is damaged, and was decoded as far as it goes.
    pub damaged: bool,
    /// Width and height of what was decoded.
    pub size: [u32; 2],
    /// Planes one after the other.
    pub planes: Vec<u8>,
}

/// The same as [`decode_shrunk`], of damaged files as far as they go; `None` if nothing of it can be shown.
#[must_use]
pub fn decode_checked(
    bytes: &[u8],
    level: CpuLevel,
    factor: u32,
    window: Option<[u32; 4]>,
    max_pixels: u64,
) -> Option<Shown> {
    let manner = Manner { checked: true, ..Manner::default() };
    decode_shown(bytes, level, factor, window, max_pixels, manner)
}

/// How a picture is decoded. It never changes a pixel of a sound file.
struct Manner<'a> {
    known: Option<&'a mut Known>,
    pool: Pool,
    reference: bool,
    checked: bool,
}

impl Default for Manner<'_> {
    fn default() -> Self {
        Self { known: None, pool: Pool::NONE, reference: false, checked: false }
    }
}

fn decode_by(
    bytes: &[u8],
    level: CpuLevel,
    factor: u32,
    window: Option<[u32; 4]>,
    max_pixels: u64,
    manner: Manner<'_>,
) -> Option<([u32; 2], Vec<u8>)> {
    decode_shown(bytes, level, factor, window, max_pixels, manner).map(|shown| (shown.size, shown.planes))
}

fn decode_shown(
    bytes: &[u8],
    level: CpuLevel,
    factor: u32,
    window: Option<[u32; 4]>,
    max_pixels: u64,
    Manner { known, pool, reference, checked }: Manner<'_>,
) -> Option<Shown> {
    struct Collect(Vec<Vec<u8>>);
    impl RowSink for Collect {
        fn row(&mut self, row: &mut Row) -> Result<()> {
            self.0.resize(row.layout().planes(), Vec::new());
            for (i, plane) in self.0.iter_mut().enumerate() {
                plane.extend_from_slice(row.plane(i));
            }
            Ok(())
        }
    }
    let header = read_header(bytes).ok().filter(|header| header.stored.area() <= max_pixels)?;
    let shrink = Shrink::STRONGEST_FIRST.into_iter().find(|shrink| shrink.factor() == factor)?;
    let Size { width, height } = shrink.of(header.stored);
    let whole = [0, 0, width, height];
    // As far as the picture has it.
    let [left, top, across, down] = window.unwrap_or(whole);
    let (x, y) = (left.min(width - 1), top.min(height - 1));
    let window = Window { x, y, width: across.clamp(1, width - x), height: down.clamp(1, height - y) };
    let mut scratch = Buffers::with_pixels(vec![0xa5; 1000]);
    let mut unused = Sidecar::default();
    let (sidecar, sidecar_bytes) = known.map_or((&mut unused, 0), |known| (&mut known.0, 1 << 30));
    let (cpu, decoded_bytes, scratch) = (Cpu::detect(level), max_pixels * 16, &mut scratch);
    let mut job = Job {
        window,
        shrink,
        cpu,
        pool: &pool,
        decoded_bytes,
        scratch,
        sidecar,
        sidecar_bytes,
        cancel: Cancel::ALWAYS,
        reference,
    };
    let header = if checked {
        let Size { width, height } = header.stored;
        (job.window, job.shrink) = (Window { x: 0, y: 0, width, height }, Shrink::Full);
        let header = check(bytes, &header, &mut job).ok()?;
        (job.window, job.shrink) = (window, shrink);
        header
    } else {
        header
    };
    let mut planes = Collect(Vec::new());
    let decoded = decode(bytes, &header, &mut job, &mut planes);
    let is_limit = |error: &crate::Error| error.kind() == crate::ErrorKind::Limit;
    let is_allowed = !checked || decoded.as_ref().err().is_none_or(is_limit);
    assert!(is_allowed, "a file that was checked is refused: {decoded:?}");
    decoded.ok()?;
    let area = window.width as usize * window.height as usize;
    assert!(planes.0.iter().all(|plane| plane.len() == area));
    Some(Shown { damaged: header.damaged, size: [window.width, window.height], planes: planes.0.concat() })
}

/// What decoders work in.
#[derive(Debug, Default)]
pub struct Scratch(Buffers);

/// Decodes a picture at a CPU level and a shrink of 1, 2, 4 or 8 without keeping it; returns the sum of all samples, or
/// `None` if it is refused. The buffer is kept between calls, as the engine does.
pub fn decode_rows(bytes: &[u8], level: CpuLevel, factor: u32, scratch: &mut Scratch) -> Option<u64> {
    let scratch = &mut scratch.0;
    struct Sum(u64);
    impl RowSink for Sum {
        fn row(&mut self, row: &mut Row) -> Result<()> {
            for plane in 0..row.layout().planes() {
                // Sums of 256 samples fit, and need no wide additions.
                let sums = row.plane(plane).chunks(256).map(|part| part.iter().map(|&v| u32::from(v)).sum::<u32>());
                self.0 += sums.map(u64::from).sum::<u64>();
            }
            Ok(())
        }
    }
    let mut sum = Sum(0);
    whole(bytes, level, factor, u64::MAX, scratch, &mut sum)?;
    Some(sum.0)
}

/// Hands the rows of a whole picture to a sink; `None` if it is refused.
fn whole(
    bytes: &[u8],
    level: CpuLevel,
    factor: u32,
    max_pixels: u64,
    scratch: &mut Buffers,
    sink: &mut dyn RowSink,
) -> Option<()> {
    let header = read_header(bytes).ok().filter(|header| header.stored.area() <= max_pixels)?;
    let shrink = Shrink::STRONGEST_FIRST.into_iter().find(|shrink| shrink.factor() == factor)?;
    let Size { width, height } = shrink.of(header.stored);
    let mut job = Job {
        window: Window { x: 0, y: 0, width, height },
        shrink,
        cpu: Cpu::detect(level),
        pool: &Pool::NONE,
        decoded_bytes: u64::MAX,
        scratch,
        sidecar: &mut Sidecar::default(),
        sidecar_bytes: 0,
        cancel: Cancel::ALWAYS,
        reference: false,
    };
    decode(bytes, &header, &mut job, sink).ok()
}
