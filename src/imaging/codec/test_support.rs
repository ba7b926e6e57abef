use super::{Buffers, Job, Sidecar, decode, read_header};
use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Shrink, Window};
use crate::base::pool::Pool;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::{Row, RowSink};
use crate::test_support::pooled;

/// Planes as they came out, packed.
#[derive(Debug, Default, PartialEq, Eq, Clone)]
pub(super) struct Picture {
    pub(super) width: usize,
    pub(super) planes: Vec<Vec<u8>>,
}

impl RowSink for Picture {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        self.width = row.width();
        self.planes.resize(row.layout().planes(), Vec::new());
        for (i, plane) in self.planes.iter_mut().enumerate() {
            plane.extend_from_slice(row.plane(i));
        }
        Ok(())
    }
}

impl Picture {
    pub(super) fn cut(&self, window: Window) -> Self {
        let columns = window.x as usize..(window.x + window.width) as usize;
        let rows = |plane: &Vec<u8>| {
            let rows = plane.chunks_exact(self.width).skip(window.y as usize).take(window.height as usize);
            rows.flat_map(|row| row[columns.clone()].to_vec()).collect()
        };
        Self { width: columns.len(), planes: self.planes.iter().map(rows).collect() }
    }
}

/// One of the ways to decode, which must all give the same.
#[derive(Debug, Clone, Copy)]
pub(super) enum By {
    /// The plain way that the others are compared with.
    Reference,
    /// The fast way at a CPU level.
    Level(Cpu),
}

impl By {
    /// The reference first.
    pub(super) fn all() -> Vec<Self> {
        std::iter::once(Self::Reference).chain(Cpu::all().into_iter().map(Self::Level)).collect()
    }
}

/// Decodes a window, or everything, at a shrink.
pub(super) fn run(bytes: &[u8], header: &Header, shrink: Shrink, window: Option<Window>, by: By) -> Result<Picture> {
    run_with(bytes, header, shrink, window, by, (&mut Sidecar::default(), 0))
}

/// The same with what is known beforehand, which may grow to so many bytes.
pub(super) fn run_with(
    bytes: &[u8],
    header: &Header,
    shrink: Shrink,
    window: Option<Window>,
    by: By,
    (sidecar, sidecar_bytes): (&mut Sidecar, u64),
) -> Result<Picture> {
    let (cpu, reference) = match by {
        By::Reference => (Cpu::detect(CpuLevel::Scalar), true),
        By::Level(cpu) => (cpu, false),
    };
    let size = shrink.of(header.stored);
    let window = window.unwrap_or(Window { x: 0, y: 0, width: size.width, height: size.height });
    let mut picture = Picture::default();
    // A dirty buffer: nothing of it may show.
    let mut scratch = Buffers::with_pixels(vec![0xa5; 4096]);
    let three = pooled(3);
    let mut job = Job {
        window,
        shrink,
        cpu,
        // Of what is read with a sidecar; what comes out is compared with what came without.
        pool: if sidecar_bytes > 0 { &three } else { &Pool::NONE },
        decoded_bytes: 1 << 30,
        scratch: &mut scratch,
        sidecar,
        sidecar_bytes,
        cancel: Cancel::ALWAYS,
        reference,
    };
    decode(bytes, header, &mut job, &mut picture)?;
    assert_eq!(picture.planes[0].len(), (window.width * window.height) as usize);
    Ok(picture)
}

/// Decodes a window, or everything, in every way, which must agree.
pub(super) fn try_collect(bytes: &[u8], header: &Header, window: Option<Window>) -> Result<Picture> {
    let mut pictures = Vec::new();
    for by in By::all() {
        pictures.push(run(bytes, header, Shrink::Full, window, by)?);
    }
    assert!(pictures.windows(2).all(|pair| pair[0] == pair[1]));
    Ok(pictures.swap_remove(0))
}

pub(super) fn collect(bytes: &[u8], window: Option<Window>) -> Picture {
    try_collect(bytes, &read_header(bytes).unwrap(), window).unwrap()
}

pub(super) fn shrunk(bytes: &[u8], header: &Header, shrink: Shrink, window: Window) -> Picture {
    let mut pictures = By::all().into_iter().map(|by| run(bytes, header, shrink, Some(window), by).unwrap());
    let first = pictures.next().unwrap();
    assert!(pictures.all(|picture| picture == first));
    first
}
