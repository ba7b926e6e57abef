//! Entry points for this repository's benches and fuzz targets. Not part of the API: no promise is made about it.

use crate::catalog::Catalogs;
use crate::decode::{Buffers, Job, Sidecar, decode, read_header};
use crate::error::Result;
use crate::geometry::{Axis, Filter, Shrink, Size, Window};
use crate::kernel::cpu::{Cpu, CpuLevel};
use crate::kernel::interleave::{join, split};
use crate::kernel::resample::Resampler;
use crate::raster::{Layout, Raster, Row, RowSink};
use crate::request::{Commands, RawRequest, parse_modifiers};
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
    decode_known(bytes, level, factor, window, max_pixels, None)
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
        Job { window, shrink, cpu, threads: 1, decoded_bytes, scratch, sidecar, sidecar_bytes, watch: Watch::ALWAYS };
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
        Catalogs::load(folder, folder).ok().map(Self)
    }

    /// The length of the path of the record with this id in the default catalog.
    #[must_use]
    pub fn find(&self, id: &str) -> Option<usize> {
        self.0.default_catalog().records.find(id).map(|record| record.path.len())
    }
}
