use super::{Buffers, Job, Output, Sidecar, check, decode, decode_all, read_header, read_metadata};
use crate::base::cancel::Cancel;
use crate::base::error::{ErrorKind, Result};
use crate::base::geom::{Shrink, Size, Window};
use crate::base::pool::Pool;
use crate::imaging::kernel::isa::cpu::{Cpu, CpuLevel};
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::{Row, RowSink, WideRow};
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
    /// Pixels with their components side by side.
    pub(super) fn interleaved(&self) -> Vec<u8> {
        let area = self.planes[0].len();
        (0..area).flat_map(|i| self.planes.iter().map(move |plane| plane[i])).collect()
    }

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

/// Decodes windows at full size together.
pub(super) fn together(bytes: &[u8], header: &Header, windows: &[Window], by: By) -> Result<Vec<Picture>> {
    let (cpu, reference) = match by {
        By::Reference => (Cpu::detect(CpuLevel::Scalar), true),
        By::Level(cpu) => (cpu, false),
    };
    let mut pictures = vec![Picture::default(); windows.len()];
    let mut scratch = Buffers::with_pixels(vec![0xa5; 4096]);
    let mut job = Job {
        window: windows[0],
        shrink: Shrink::Full,
        cpu,
        pool: &Pool::NONE,
        decoded_bytes: 1 << 30,
        scratch: &mut scratch,
        sidecar: &mut Sidecar::default(),
        sidecar_bytes: 0,
        cancel: Cancel::ALWAYS,
        reference,
    };
    let outputs = pictures.iter_mut().zip(windows);
    let outputs = outputs.map(|(sink, &window)| Output { window, shrink: Shrink::Full, sink }).collect();
    decode_all(bytes, header, &mut job, outputs)?;
    Ok(pictures)
}

/// A file that is decoded whole, by itself and together: windows are cuts of the whole picture.
pub(super) fn assert_windows(bytes: &[u8]) -> Picture {
    let header = read_header(bytes).unwrap();
    let whole = try_collect(bytes, &header, None).unwrap();
    let (width, height) = (header.stored.width, header.stored.height);
    let windows = [
        Window { x: 0, y: 0, width, height },
        Window { x: 0, y: 0, width: 1, height: 1 },
        Window { x: width - 1, y: height - 1, width: 1, height: 1 },
        Window { x: width / 3, y: height / 4, width: width.div_ceil(2), height: height.div_ceil(2) },
        Window { x: 0, y: height / 2, width, height: 1 },
    ];
    for window in windows {
        assert_eq!(try_collect(bytes, &header, Some(window)).unwrap(), whole.cut(window), "{window:?}");
    }
    for by in By::all() {
        let parts = together(bytes, &header, &windows, by).unwrap();
        windows.into_iter().zip(parts).for_each(|(window, part)| assert_eq!(part, whole.cut(window), "{window:?}"));
    }
    whole
}

/// The error of decoding the whole picture under a limit of decoded bytes, or with work that is given up.
pub(super) fn refused(bytes: &[u8], decoded_bytes: u64, cancel: Cancel<'_>) -> Option<ErrorKind> {
    let header = read_header(bytes).unwrap();
    let Size { width, height } = header.stored;
    let mut job = Job {
        window: Window { x: 0, y: 0, width, height },
        shrink: Shrink::Full,
        cpu: Cpu::detect(CpuLevel::default()),
        pool: &Pool::NONE,
        decoded_bytes,
        scratch: &mut Buffers::default(),
        sidecar: &mut Sidecar::default(),
        sidecar_bytes: 0,
        cancel,
        reference: false,
    };
    decode(bytes, &header, &mut job, &mut Picture::default()).err().map(|error| error.kind())
}

/// Every beginning of a file, and the file with each byte changed in some ways, is decoded, shown as far as it goes, or
/// refused as a damaged file; nothing panics.
pub(super) fn assert_hostile(file: &[u8]) {
    for len in 0..file.len() {
        try_all(&file[..len]);
    }
    for at in 0..file.len() {
        for change in [0xff, 0x80, 0x01, 0x10] {
            let mut changed = file.to_vec();
            changed[at] ^= change;
            try_all(&changed);
        }
    }
}

fn try_all(bytes: &[u8]) {
    let _ = read_metadata(bytes, 1 << 20);
    let Ok(header) = read_header(bytes) else { return };
    // Others are refused by the limit of pixels.
    let is_small = header.stored.area() <= 1 << 16;
    if !is_small {
        return;
    }
    let Size { width, height } = header.stored;
    let window = Window { x: 0, y: 0, width, height };
    let mut scratch = Buffers::default();
    let mut job = Job {
        window,
        shrink: Shrink::Full,
        cpu: Cpu::detect(CpuLevel::default()),
        pool: &Pool::NONE,
        decoded_bytes: 1 << 24,
        scratch: &mut scratch,
        sidecar: &mut Sidecar::default(),
        sidecar_bytes: 0,
        cancel: Cancel::ALWAYS,
        reference: false,
    };
    let decoded = decode(bytes, &header, &mut job, &mut Picture::default());
    match check(bytes, &header, &mut job) {
        Ok(shown) => {
            assert_eq!(shown.damaged, decoded.is_err());
            decode(bytes, &shown, &mut job, &mut Picture::default()).unwrap();
        }
        Err(error) => {
            assert!(matches!(error.kind(), ErrorKind::Source | ErrorKind::Limit), "{error}");
            assert!(decoded.is_err());
        }
    }
}

/// Samples of 16 bits as they come out, plane by plane.
#[derive(Default)]
struct Wide(Vec<Vec<u16>>);

impl RowSink for Wide {
    fn row(&mut self, _: &mut Row) -> Result<()> {
        panic!("a wide sink gets wide rows")
    }

    fn takes_wide(&self) -> bool {
        true
    }

    fn wide_row(&mut self, row: &mut WideRow) -> Result<()> {
        self.0.resize(row.layout().planes(), Vec::new());
        self.0.iter_mut().enumerate().for_each(|(i, plane)| plane.extend_from_slice(row.plane(i)));
        Ok(())
    }
}

/// The planes of a window of a picture whose samples have 16 bits.
pub(super) fn wide_planes(file: &[u8], window: Window) -> Vec<Vec<u16>> {
    let header = read_header(file).unwrap();
    assert!(header.wide);
    let mut wide = Wide::default();
    let mut job = Job {
        window,
        shrink: Shrink::Full,
        cpu: Cpu::all()[0],
        pool: &Pool::NONE,
        decoded_bytes: 1 << 20,
        scratch: &mut Buffers::default(),
        sidecar: &mut Sidecar::default(),
        sidecar_bytes: 0,
        cancel: Cancel::ALWAYS,
        reference: false,
    };
    let header = check(file, &header, &mut job).unwrap();
    decode(file, &header, &mut job, &mut wide).unwrap();
    wide.0
}
