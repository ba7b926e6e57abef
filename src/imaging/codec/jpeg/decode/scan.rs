//! Scan headers, and the way from one scan to the next (T.81 B.2.3).

use crate::base::cancel::Cancel;
use crate::base::error::Result;

use super::frame::Frame;
use super::huffman::Code;
use super::marker::{DAC, EOI, SEGMENTS, SOS, after_entropy, next_marker, payload};
use super::tables::Tables;
use crate::imaging::codec::fault::damaged;

/// A scan header and where its data starts.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    /// One for each component of the scan.
    pub(super) parts: Vec<Part>,
    /// The first and last coefficient, in the order of the file.
    pub(super) first: u32,
    pub(super) last: u32,
    /// The bit below which earlier scans left the coefficients undecided; 0 for a first scan.
    pub(super) high: u32,
    /// The bit below which this scan leaves them undecided.
    pub(super) low: u32,
    /// From the first byte of its data to the file's end.
    pub(super) data: &'a [u8],
}

/// What a scan says of a component.
#[derive(Debug, Clone, Copy)]
pub(super) struct Part {
    /// Its place in the frame.
    pub(super) component: usize,
    /// The numbers of its codes.
    pub(super) dc: usize,
    pub(super) ac: usize,
}

/// Walks through a file from scan to scan and keeps the tables.
#[derive(Debug)]
pub(super) struct Scans<'a, 'f> {
    rest: &'a [u8],
    frame: &'f Frame,
    pub(super) tables: Tables,
    cancel: Cancel<'f>,
    /// Segments so far.
    count: u64,
}

impl<'a, 'f> Scans<'a, 'f> {
    pub(super) fn new(bytes: &'a [u8], frame: &'f Frame, cancel: Cancel<'f>) -> Self {
        Self { rest: bytes.get(2..).unwrap_or(&[]), frame, tables: Tables::default(), cancel, count: 0 }
    }

    /// The next scan; `None` at the end of the picture.
    ///
    /// # Errors
    ///
    /// The file ends before the picture does, a segment is malformed, or the work is to be given up.
    pub(super) fn next(&mut self) -> Result<Option<Scan<'a>>> {
        loop {
            if self.count.is_multiple_of(SEGMENTS) {
                self.cancel.check()?;
            }
            self.count += 1;
            let (marker, rest) = next_marker(self.rest).ok_or_else(|| cut_off("no end of image"))?;
            match marker {
                EOI => return Ok(None),
                0x01 | 0xd0..=0xd8 => self.rest = rest,
                _ => {
                    let (payload, rest) = payload(rest).ok_or_else(|| cut_off("a segment is cut off"))?;
                    self.rest = rest;
                    if marker == SOS {
                        return self.scan(payload).map(Some);
                    }
                    if marker != DAC || self.frame.arithmetic {
                        self.tables.segment(marker, payload)?;
                    }
                }
            }
        }
    }

    /// Bytes that have not been passed yet.
    pub(super) const fn left(&self) -> usize {
        self.rest.len()
    }

    /// Passes over the data of the scan just returned.
    pub(super) fn pass_data(&mut self) {
        self.rest = after_entropy(self.rest);
    }

    fn scan(&self, payload: &[u8]) -> Result<Scan<'a>> {
        let scan = Scan::read(payload, self.frame, self.rest);
        scan.ok_or_else(|| damaged("is a damaged JPEG", &"malformed scan header"))
    }
}

impl<'a> Scan<'a> {
    /// A scan header, behind which its data starts; `None`: the header is malformed.
    pub(super) fn read(payload: &[u8], frame: &Frame, data: &'a [u8]) -> Option<Self> {
        let (&count, rest) = payload.split_first()?;
        let (specs, rest) = rest.split_at_checked(2 * usize::from(count))?;
        let &[first, last, bits] = rest.first_chunk::<3>()?;
        let mut parts: Vec<Part> = Vec::new();
        for &[id, codes] in specs.as_chunks().0 {
            let components = frame.components.iter().enumerate();
            let unused = |&(index, _): &(usize, _)| !parts.iter().any(|part| part.component == index);
            let (component, _) = components.filter(unused).find(|(_, component)| component.id == id)?;
            parts.push(Part { component, dc: usize::from(codes >> 4), ac: usize::from(codes & 15) });
        }
        let blocks = |part: &Part| frame.components[part.component].h * frame.components[part.component].v;
        if parts.is_empty() || parts.len() > 1 && parts.iter().map(blocks).sum::<u32>() > 10 {
            return None;
        }
        let (first, last, high, low) = (u32::from(first), u32::from(last), u32::from(bits >> 4), u32::from(bits & 15));
        Some(Self { parts, first, last, high, low, data })
    }
}

/// The code of a number, if it has been defined.
pub(super) fn defined(codes: &[Option<Code>; 4], number: usize) -> Result<&Code> {
    codes.get(number).and_then(Option::as_ref).ok_or_else(|| damaged("is a damaged JPEG", &"a code is not defined"))
}

pub(super) fn cut_off(what: &'static str) -> crate::base::error::Error {
    damaged("is a damaged JPEG", &what)
}

pub(super) fn broken() -> crate::base::error::Error {
    damaged("is a damaged JPEG", &"entropy-coded data is damaged or cut off")
}
