//! Entry points for this repository's benches and fuzz targets. Not part of the API: no promise is made about it.

use std::fmt::Write as _;
use std::ops::Range;

use crate::catalog::Catalogs;
use crate::decode::{Buffers, Job, Sidecar, decode, read_header, read_metadata, upright_xmp};
use crate::encode::{Encoding, Extras, JpegSettings, encode, encode_within};
use crate::error::{Error, Result};
use crate::geometry::{Axis, Filter, Shrink, Size, Window};
use crate::kernel::cpu::{Cpu, CpuLevel};
use crate::kernel::interleave::{join, split};
use crate::kernel::resample::Resampler;
use crate::raster::{Layout, Plane, Raster, Row, RowSink};
use crate::request::{Commands, Modifier, RawRequest, parse_modifiers, sealed, unlocked, without_command};
use crate::version::{CanonicalHasher, Domain, Version};
use crate::watch::Watch;

/// Filters by their number in [`resample`].
const FILTERS: [Filter; 4] = Filter::ALL;

/// Resamples interleaved pixels of 1 or 3 components to another size, as a decoder's rows would be.
///
/// # Panics
///
/// The number of components or of the filter is none of the above, or the pixels are not as many as the size says.
#[must_use]
pub fn resample(
    level: CpuLevel,
    pixels: &[u8],
    components: u8,
    (width, height): (u32, u32),
    (to_width, to_height): (u32, u32),
    filter: usize,
) -> Vec<u8> {
    assert!(matches!(components, 1 | 3));
    assert_eq!(pixels.len(), width as usize * height as usize * usize::from(components));
    let cpu = Cpu::detect(level);
    let layout = Layout { colors: components, alpha: false };
    let axis = |to: u32, from: u32| {
        let from_len = i64::from(from);
        let whole = 0..from_len;
        Axis {
            len: to,
            first: from_len,
            step: 2 * from_len,
            den: 2 * i64::from(to),
            bounds: whole.clone(),
            exists: whole,
        }
    };
    let window = Window { x: 0, y: 0, width, height };
    let axes = (&axis(to_width, width), &axis(to_height, height));
    let mut resampler = Resampler::new(cpu, axes, FILTERS[filter], window, layout, false);
    let mut row = Row::new(width, layout);
    for line in pixels.chunks_exact(width as usize * usize::from(components)) {
        split(cpu, line, &mut row.planes_mut()[..layout.planes()]);
        // A resampler takes any row.
        let _ = resampler.row(&mut row);
    }
    interleaved(&resampler.finish())
}

/// Where the samples along one axis lie: sample `t` is centred at `(first + t · step) / den` pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// How many there are.
    pub len: u32,
    /// See above.
    pub first: i64,
    /// Greater than 0.
    pub step: i64,
    /// Greater than 0.
    pub den: i64,
    /// Pixels over which weights are normalised; not empty.
    pub bounds: Range<i64>,
    /// Pixels that there are, a part of the picture.
    pub exists: Range<i64>,
}

impl Samples {
    fn axis(&self) -> Axis {
        let Self { len, first, step, den, bounds, exists } = self.clone();
        Axis { len, first, step, den, bounds, exists }
    }

    /// The pixels that any sample reads with a filter by its number; `None` if there are none.
    #[must_use]
    pub fn span(&self, filter: usize) -> Option<Range<u32>> {
        self.axis().span(FILTERS[filter])
    }
}

/// A picture: its components as planes, one after the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planes {
    /// Width and height.
    pub size: [u32; 2],
    /// 1, 3 or 4 components.
    pub colors: u8,
    /// One more component behind them.
    pub alpha: bool,
    /// Samples of the planes.
    pub samples: Vec<u8>,
}

impl Planes {
    fn layout(&self) -> Layout {
        Layout { colors: self.colors, alpha: self.alpha }
    }

    fn raster(&self) -> Raster {
        let [width, height] = self.size;
        let mut planes = vec![Plane::filled(Size::new(width, height), 0); self.layout().planes()];
        for (plane, samples) in planes.iter_mut().zip(self.samples.chunks_exact(width as usize * height as usize)) {
            plane.samples_mut().copy_from_slice(samples);
        }
        Raster::from_planes(planes, self.layout())
    }

    fn of(raster: &Raster) -> Self {
        let (Size { width, height }, Layout { colors, alpha }) = (raster.size(), raster.layout());
        let samples = raster.planes().iter().flat_map(|plane| plane.samples().iter().copied()).collect();
        Self { size: [width, height], colors, alpha, samples }
    }
}

/// Resamples a picture at axes, across and down; `None` if they see nothing of it. If the result has alpha its colours
/// are premultiplied.
#[must_use]
pub fn resample_at(
    level: CpuLevel,
    source: &Planes,
    [x, y]: [&Samples; 2],
    filter: usize,
    add_alpha: bool,
) -> Option<Planes> {
    let (columns, rows) = (x.span(filter)?, y.span(filter)?);
    let (width, height) = (columns.end - columns.start, rows.end - rows.start);
    let window = Window { x: columns.start, y: rows.start, width, height };
    let (raster, layout) = (source.raster(), source.layout());
    let (x, y) = (x.axis(), y.axis());
    let mut resampler = Resampler::new(Cpu::detect(level), (&x, &y), FILTERS[filter], window, layout, add_alpha);
    let mut row = Row::new(width, layout);
    for y in rows {
        for (plane, samples) in row.planes_mut().into_iter().zip(raster.planes()) {
            plane.copy_from_slice(&samples.row(y as usize)[columns.start as usize..columns.end as usize]);
        }
        // A resampler takes any row.
        let _ = resampler.row(&mut row);
    }
    Some(Planes::of(&resampler.finish()))
}

/// How a JPEG is to be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct JpegOrder<'a> {
    /// 1 to 100.
    pub quality: u8,
    /// Chroma as fine as luma.
    pub full_chroma: bool,
    /// In several scans.
    pub progressive: bool,
    /// So many, 3 to 5.
    pub scans: Option<u8>,
    /// Dots per inch.
    pub dpi: u16,
    /// A packet to be written along.
    pub xmp: Option<&'a str>,
    /// The quality may be lowered to stay within so many bytes.
    pub max_bytes: Option<usize>,
    /// More bytes are refused.
    pub limit: usize,
}

/// Writes a JPEG; returns the quality, too.
///
/// # Errors
///
/// JPEG cannot hold it, or a limit is exceeded.
pub fn encode_jpeg(level: CpuLevel, picture: &Planes, order: JpegOrder<'_>) -> Result<(Vec<u8>, u8)> {
    let JpegOrder { quality, full_chroma, progressive, scans, dpi, xmp, max_bytes, limit } = order;
    let (cpu, raster) = (Cpu::detect(level), picture.raster());
    let settings = JpegSettings { quality, full_chroma, progressive, scans };
    let extras = Extras { dpi, xmp };
    match max_bytes {
        Some(max_bytes) => encode_within(cpu, &raster, settings, extras, max_bytes, limit, Watch::ALWAYS),
        None => encode(cpu, &raster, Encoding::Jpeg(settings), extras, limit).map(|file| (file, quality)),
    }
}

/// Writes a PNG.
///
/// # Errors
///
/// The limit of bytes is exceeded.
pub fn encode_png(level: CpuLevel, picture: &Planes, dpi: u16, limit: usize) -> Result<Vec<u8>> {
    encode(Cpu::detect(level), &picture.raster(), Encoding::Png, Extras { dpi, xmp: None }, limit)
}

/// What a file's header says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Heading {
    /// Width and height as stored.
    pub size: [u32; 2],
    /// Components without alpha.
    pub colors: u8,
    /// There is alpha.
    pub alpha: bool,
    /// The file holds inks, which are decoded to RGB.
    pub cmyk: bool,
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
        cmyk: header.cmyk,
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
}

/// Reads a file's metadata within a limit of bytes.
#[must_use]
pub fn metadata(bytes: &[u8], limit: usize) -> Told {
    let metadata = read_metadata(bytes, limit);
    let profile = metadata.icc.map(|icc| icc.description);
    Told { xmp: metadata.xmp, profile, path_names: metadata.path_names, milli_dpi: metadata.milli_dpi }
}

/// An XMP packet of a picture that has been turned upright.
#[must_use]
pub fn upright_packet(packet: &str) -> String {
    upright_xmp(packet)
}

/// The tag of a list of fields, in one of five domains by its number.
#[must_use]
pub fn tag(domain: usize, fields: &[(&str, &[u8])]) -> Version {
    let domains = [Domain::Image, Domain::Metadata, Domain::StrongTag, Domain::WeakTag, Domain::Engine];
    let mut hasher = CanonicalHasher::new(domains[domain]);
    for (name, value) in fields {
        hasher.field(name, value);
    }
    hasher.finish()
}

/// A number in base 62.
#[must_use]
pub fn base62(value: u128) -> [u8; 22] {
    crate::digest::base62(value)
}

/// The number that [`base62`] prints as this text.
#[must_use]
pub fn from_base62(text: &[u8]) -> Option<u128> {
    crate::digest::from_base62(text)
}

/// The path of a request target and the plain commands and variables of its query; `None` if it is refused.
#[must_use]
pub fn pieces(target: &str) -> Option<(String, Vec<(String, String)>)> {
    let request = RawRequest::parse(target).ok()?;
    let modifiers = parse_modifiers(&request.query).ok()?;
    let named = modifiers.into_iter().map(|modifier| match modifier {
        Modifier::Command { name, value } | Modifier::Nested { name, value } => (name, value),
        Modifier::Macro(name) => (format!("${name}$"), String::new()),
        Modifier::Variable { name, value } => (format!("${name}"), value),
    });
    Some((request.object.text(), named.collect()))
}

/// A query locked and obfuscated, and what is made of that.
#[must_use]
pub fn sealed_and_opened(query: &str, locked: bool, obfuscated: bool) -> (String, Option<String>) {
    let sealed = sealed(query, locked, obfuscated);
    let opened = unlocked(&sealed, locked, obfuscated).ok().map(std::borrow::Cow::into_owned);
    (sealed, opened)
}

/// Opens a query that a catalog wants locked or obfuscated; `None` if it is refused.
#[must_use]
pub fn opened(query: &str, locked: bool, obfuscated: bool) -> Option<String> {
    unlocked(query, locked, obfuscated).ok().map(std::borrow::Cow::into_owned)
}

/// A query without a command; `None` if it is refused.
#[must_use]
pub fn without(query: &str, command: &str) -> Option<String> {
    without_command(query, command).ok()
}

fn interleaved(raster: &Raster) -> Vec<u8> {
    let Size { width, height } = raster.size();
    let mut pixels = Vec::with_capacity((width * height) as usize * raster.planes().len());
    for y in 0..height as usize {
        join(&raster.planes().iter().map(|plane| plane.row(y)).collect::<Vec<_>>(), &mut pixels);
    }
    pixels
}

/// The canonical form of a request, or `None` if it is refused. Reading the form again must give the form.
///
/// # Panics
///
/// It does not.
#[must_use]
pub fn canonical_request(target: &str) -> Option<String> {
    let request = RawRequest::parse(target).ok()?;
    let canonical = Commands::parse(&parse_modifiers(&request.query).ok()?).ok()?.canonical();
    let again = parse_modifiers(&canonical).and_then(|modifiers| Commands::parse(&modifiers));
    assert_eq!(again.map(|commands| commands.canonical()).as_ref(), Ok(&canonical));
    Some(canonical)
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
    decode_by(bytes, level, factor, window, max_pixels, (None, 1))
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
    decode_by(bytes, level, factor, window, max_pixels, (known, 1))
}

/// The whole picture, by several threads.
#[must_use]
pub fn decode_threaded(
    bytes: &[u8],
    level: CpuLevel,
    factor: u32,
    max_pixels: u64,
    threads: usize,
) -> Option<([u32; 2], Vec<u8>)> {
    decode_by(bytes, level, factor, None, max_pixels, (None, threads))
}

fn decode_by(
    bytes: &[u8],
    level: CpuLevel,
    factor: u32,
    window: Option<[u32; 4]>,
    max_pixels: u64,
    (known, threads): (Option<&mut Known>, usize),
) -> Option<([u32; 2], Vec<u8>)> {
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
    let mut job =
        Job { window, shrink, cpu, threads, decoded_bytes, scratch, sidecar, sidecar_bytes, watch: Watch::ALWAYS };
    let mut planes = Collect(Vec::new());
    decode(bytes, &header, &mut job, &mut planes).ok()?;
    let area = window.width as usize * window.height as usize;
    assert!(planes.0.iter().all(|plane| plane.len() == area));
    Some(([window.width, window.height], planes.0.concat()))
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
    let header = read_header(bytes).ok()?;
    let shrink = Shrink::STRONGEST_FIRST.into_iter().find(|shrink| shrink.factor() == factor)?;
    let Size { width, height } = shrink.of(header.stored);
    let window = Window { x: 0, y: 0, width, height };
    let (cpu, sidecar) = (Cpu::detect(level), &mut Sidecar::default());
    let mut job = Job {
        window,
        shrink,
        cpu,
        threads: 1,
        decoded_bytes: u64::MAX,
        scratch,
        sidecar,
        sidecar_bytes: 0,
        watch: Watch::ALWAYS,
    };
    let mut sum = Sum(0);
    decode(bytes, &header, &mut job, &mut sum).ok()?;
    Some(sum.0)
}

/// Decodes a whole picture at a CPU level to interleaved pixels; `None` if it is refused.
#[must_use]
pub fn decode_pixels(bytes: &[u8], level: CpuLevel, max_pixels: u64) -> Option<Vec<u8>> {
    struct Interleave(Vec<u8>);
    impl RowSink for Interleave {
        fn row(&mut self, row: &mut Row) -> Result<()> {
            let planes: Vec<&[u8]> = (0..row.layout().planes()).map(|i| row.plane(i)).collect();
            join(&planes, &mut self.0);
            Ok(())
        }
    }
    let header = read_header(bytes).ok().filter(|header| header.stored.area() <= max_pixels)?;
    let Size { width, height } = header.stored;
    let window = Window { x: 0, y: 0, width, height };
    let (shrink, cpu) = (Shrink::Full, Cpu::detect(level));
    let (scratch, sidecar) = (&mut Buffers::default(), &mut Sidecar::default());
    let mut job = Job {
        window,
        shrink,
        cpu,
        threads: 1,
        decoded_bytes: u64::MAX,
        scratch,
        sidecar,
        sidecar_bytes: 0,
        watch: Watch::ALWAYS,
    };
    let mut pixels = Interleave(Vec::with_capacity(header.stored.area() as usize * header.layout.planes()));
    decode(bytes, &header, &mut job, &mut pixels).ok()?;
    Some(pixels.0)
}

/// The catalogs of a folder.
#[derive(Debug)]
pub struct CatalogFolder(Catalogs);

impl CatalogFolder {
    /// Reads a folder whose roots are relative to itself; `None` if it is refused.
    #[must_use]
    pub fn load(folder: &std::path::Path) -> Option<Self> {
        Self::read(folder).ok()
    }

    /// The same, with the reason.
    ///
    /// # Errors
    ///
    /// The folder is refused.
    pub fn read(folder: &std::path::Path) -> std::result::Result<Self, Error> {
        Catalogs::load(folder, folder).map(Self)
    }

    /// Everything that the catalogs say, and what was odd about their files.
    ///
    /// # Panics
    ///
    /// An id that is listed leads to no record or to that of another.
    #[must_use]
    pub fn report(&self) -> String {
        let mut report = String::new();
        // Writing to a string cannot fail.
        for catalog in self.0.iter() {
            let _ = writeln!(report, "catalog {:?} of {:?}", catalog.root_id, catalog.time_stamp());
            catalog.attributes.each(&mut |name, _, value| {
                let _ = writeln!(report, "{name}={value}");
            });
            let mut count = 0;
            for id in catalog.records.ids() {
                let record = catalog.records.find(&id);
                assert!(
                    catalog.records.contains(&id) && record.as_ref().is_some_and(|record| record.id == id),
                    "{id:?}"
                );
                let _ = writeln!(report, "{record:?}");
                count += 1;
            }
            assert!(count <= catalog.records.count());
            for id in catalog.statics.ids() {
                let record = catalog.statics.find(&id);
                assert!(
                    catalog.statics.contains(&id) && record.as_ref().is_some_and(|record| record.id == id),
                    "{id:?}"
                );
                let _ = writeln!(report, "{record:?}");
            }
        }
        for warning in &self.0.warnings {
            let _ = writeln!(report, "{warning}");
        }
        report
    }

    /// The length of the path of the record with this id in the default catalog.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<usize> {
        self.0.default_catalog().records.find(id).map(|record| record.path.len())
    }
}
