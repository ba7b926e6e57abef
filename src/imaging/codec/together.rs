//! One decode for several sinks.

use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Shrink, Window};
use crate::base::work::{Kind, count};
use crate::imaging::pixel::header::Header;
use crate::imaging::pixel::raster::{Row, RowOf, RowSink, Sample, WideRow};

use super::job::Job;

/// A window of a picture, at a shrink, and the sink that takes its rows.
pub(crate) struct Output<'a> {
    pub(crate) window: Window,
    pub(crate) shrink: Shrink,
    pub(crate) sink: &'a mut dyn RowSink,
}

impl Output<'_> {
    /// The job of this output alone.
    pub(super) fn job<'j>(&self, job: &'j mut Job<'_>) -> Job<'j> {
        let (window, shrink) = (self.window, self.shrink);
        Job { window, shrink, scratch: &mut *job.scratch, sidecar: &mut *job.sidecar, ..*job }
    }
}

/// What decodes a window.
type Decode = fn(&[u8], &Header, &mut Job<'_>, &mut dyn RowSink) -> Result<()>;

/// Sinks that take the rows of the same window.
pub(super) struct Fan<'a> {
    window: Window,
    shrink: Shrink,
    sinks: Vec<&'a mut dyn RowSink>,
    spare: Row,
    /// Of 16 bits, from the first wide row on.
    wide_spare: Option<WideRow>,
}

impl<'a> Fan<'a> {
    /// Brings those outputs together that ask for the same.
    pub(super) fn all(header: &Header, outputs: Vec<Output<'a>>) -> Vec<Self> {
        let mut fans: Vec<Self> = Vec::new();
        for Output { window, shrink, sink } in outputs {
            match fans.iter_mut().find(|fan| (fan.window, fan.shrink) == (window, shrink)) {
                Some(fan) => fan.sinks.push(sink),
                None => {
                    let spare = Row::new(window.width, header.layout);
                    fans.push(Self { window, shrink, sinks: vec![sink], spare, wide_spare: None });
                }
            }
        }
        fans
    }

    /// All of them as one.
    pub(super) fn output(&mut self) -> Output<'_> {
        Output { window: self.window, shrink: self.shrink, sink: self }
    }
}

impl RowSink for Fan<'_> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        let Some((last, others)) = self.sinks.split_last_mut() else { return Ok(()) };
        for sink in others {
            // A sink may change the row that it takes.
            self.spare.copy(row, 0);
            sink.row(&mut self.spare)?;
        }
        last.row(row)
    }

    fn takes_wide(&self) -> bool {
        self.sinks.iter().all(|sink| sink.takes_wide())
    }

    fn wide_row(&mut self, row: &mut WideRow) -> Result<()> {
        let Some((last, others)) = self.sinks.split_last_mut() else { return Ok(()) };
        for sink in others {
            let spare = self.wide_spare.get_or_insert_with(|| WideRow::new(row.width() as u32, row.layout()));
            spare.copy(row, 0);
            sink.wide_row(spare)?;
        }
        last.wide_row(row)
    }
}

/// Decodes outputs one after the other, where a decoder begins at any row.
pub(super) fn one_by_one(
    decode: Decode,
    bytes: &[u8],
    header: &Header,
    job: &mut Job<'_>,
    outputs: &mut [Output<'_>],
) -> Result<()> {
    outputs.iter_mut().try_for_each(|output| decode(bytes, header, &mut output.job(job), output.sink))
}

/// Decodes the smallest window that holds those of all outputs, where a decoder reads all rows from the first on and does not
/// shrink.
pub(super) fn of_union(
    decode: Decode,
    bytes: &[u8],
    header: &Header,
    job: &mut Job<'_>,
    outputs: &mut [Output<'_>],
) -> Result<()> {
    let Some(first) = outputs.first() else { return Ok(()) };
    if outputs.iter().any(|output| output.shrink != Shrink::Full) {
        return Err(Error::new(ErrorKind::Internal, "shrinks what cannot be shrunk").at("plan"));
    }
    let union = outputs.iter().map(|output| output.window).fold(first.window, |a, b| {
        let (x, y) = (a.x.min(b.x), a.y.min(b.y));
        let right = (a.x + a.width).max(b.x + b.width);
        let bottom = (a.y + a.height).max(b.y + b.height);
        Window { x, y, width: right - x, height: bottom - y }
    });
    let rows = outputs.iter().map(|output| Row::new(output.window.width, header.layout)).collect();
    let cut = &mut Cut { union, next: union.y, outputs, rows, wide_rows: Vec::new() };
    let whole = Output { window: union, shrink: Shrink::Full, sink: cut };
    decode(bytes, header, &mut whole.job(job), whole.sink)
}

/// Cuts the rows of a window to those of smaller ones.
struct Cut<'a, 'o> {
    union: Window,
    /// The next row.
    next: u32,
    outputs: &'a mut [Output<'o>],
    /// A row for each output.
    rows: Vec<Row>,
    /// The same of 16 bits, from the first wide row on.
    wide_rows: Vec<WideRow>,
}

impl RowSink for Cut<'_, '_> {
    fn row(&mut self, row: &mut Row) -> Result<()> {
        for (Output { window, sink, .. }, part) in self.outputs.iter_mut().zip(&mut self.rows) {
            if (window.y..window.y + window.height).contains(&self.next) {
                part.copy(row, (window.x - self.union.x) as usize);
                sink.row(part)?;
            }
        }
        self.next += 1;
        Ok(())
    }

    fn takes_wide(&self) -> bool {
        self.outputs.iter().all(|output| output.sink.takes_wide())
    }

    fn wide_row(&mut self, row: &mut WideRow) -> Result<()> {
        if self.wide_rows.is_empty() {
            let rows = self.outputs.iter().map(|output| WideRow::new(output.window.width, row.layout()));
            self.wide_rows = rows.collect();
        }
        for (Output { window, sink, .. }, part) in self.outputs.iter_mut().zip(&mut self.wide_rows) {
            if (window.y..window.y + window.height).contains(&self.next) {
                part.copy(row, (window.x - self.union.x) as usize);
                sink.wide_row(part)?;
            }
        }
        self.next += 1;
        Ok(())
    }
}

impl<S: Sample> RowOf<S> {
    /// Takes the samples of another row of the same layout, from a column on.
    fn copy(&mut self, from: &Self, column: usize) {
        let width = self.width();
        count(Kind::Copy, self.layout().planes() * width);
        for (plane, to) in self.planes_mut().into_iter().enumerate().take(from.layout().planes()) {
            to.copy_from_slice(&from.plane(plane)[column..][..width]);
        }
    }
}
