//! What a decoder learns of a picture and leaves behind, so that the next one is spared the work. It never changes bytes.
//!
//! Sequential files leave where MCUs begin and the means of all blocks, as far down as they have been read: tiles then
//! read nothing but their own MCUs, and pictures at an eighth nothing at all. Progressive files leave the means too, but
//! their blocks are spread over the file; where a part is asked for, all samples at its shrink are kept. A picture that
//! was decoded whole at a quarter leaves its samples, so that later thumbnails cost their resampling alone.

use std::sync::Arc;

use crate::base::geom::Shrink;
use crate::base::limits::zeros;

use super::frame::{Component, Frame};
use super::inverse::mean;

/// MCUs between two entries of an index.
pub(super) const SPACING: u32 = 16;

/// What is known of a picture besides its file. Clones share everything.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sidecar {
    pub(super) walked: Option<Arc<Walked>>,
    /// All samples at a quarter.
    pub(super) preview: Option<Arc<Samples>>,
    /// All samples at a finer shrink.
    pub(super) level: Option<(Shrink, Arc<Samples>)>,
}

impl Sidecar {
    /// Bytes that it takes.
    pub(crate) fn bytes(&self) -> usize {
        self.walked.as_ref().map_or(0, |walked| walked.bytes()) + self.sample_bytes()
    }

    /// Bytes that samples take.
    pub(super) fn sample_bytes(&self) -> usize {
        let kept = self.preview.iter().chain(self.level.as_ref().map(|(_, samples)| samples));
        kept.map(|samples| samples.bytes()).sum()
    }

    /// Keeps all samples of the picture at a shrink.
    pub(super) fn keep(&mut self, shrink: Shrink, samples: Samples) {
        match shrink {
            Shrink::Quarter => self.preview = Some(Arc::new(samples)),
            _ => self.level = Some((shrink, Arc::new(samples))),
        }
    }

    /// There is more in it than in another one, or something else.
    pub(crate) fn differs(&self, other: &Self) -> bool {
        let rows = |sidecar: &Self| sidecar.walked.as_ref().map_or(0, |walked| walked.rows);
        rows(self) != rows(other) || self.bytes() != other.bytes()
    }

    /// What it and another one of the same bytes know together; what both know is taken from it, or from the one that knows
    /// more rows.
    pub(crate) fn with(self, other: &Self) -> Self {
        let rows = |sidecar: &Self| sidecar.walked.as_ref().map_or(0, |walked| walked.rows);
        let walked = if rows(other) > rows(&self) { other.walked.clone() } else { self.walked };
        let preview = self.preview.or_else(|| other.preview.clone());
        Self { walked, preview, level: self.level.or_else(|| other.level.clone()) }
    }

    /// The samples at a shrink, as far as the first rows of MCUs go.
    pub(super) fn samples(&self, shrink: Shrink, rows: u32) -> Option<Arc<Samples>> {
        let means = || self.walked.as_ref().filter(|walked| walked.rows >= rows).map(|walked| &walked.means);
        let level = || self.level.as_ref().filter(|(level, _)| *level == shrink).map(|(_, samples)| samples);
        let samples = match shrink {
            Shrink::Eighth => means(),
            Shrink::Quarter => self.preview.as_ref(),
            Shrink::Half | Shrink::Full => level(),
        };
        samples.map(Arc::clone)
    }
}

/// What is known of the first rows of MCUs.
#[derive(Debug, Clone)]
pub(super) struct Walked {
    /// How many these are.
    pub(super) rows: u32,
    /// For each scan where every [`SPACING`]th MCU begins; empty for progressive files.
    pub(super) index: Vec<Vec<Entry>>,
    /// A sample for each block.
    pub(super) means: Arc<Samples>,
}

impl Walked {
    /// Nothing is known yet of a picture of so many scans.
    pub(super) fn new(frame: &Frame, scans: usize) -> Self {
        Self { rows: 0, index: vec![Vec::new(); scans], means: Arc::new(Samples::new(frame, |_| 1)) }
    }

    fn bytes(&self) -> usize {
        self.means.bytes() + self.index.iter().map(|index| size_of_val(&index[..])).sum::<usize>()
    }

    /// Bytes that all of a picture takes, at most.
    pub(super) fn most_bytes(frame: &Frame) -> u64 {
        let entries = |blocks: u64| (blocks / u64::from(SPACING) + 1) * size_of::<Entry>() as u64;
        // A scan of one component has an MCU for each block.
        frame.components.iter().map(|component| all_blocks(frame, component)).map(|n| n + entries(n)).sum()
    }
}

/// Where an MCU begins.
#[derive(Debug, Clone, Copy)]
pub(super) struct Entry {
    /// The bit of the file.
    pub(super) place: u64,
    /// For each component of the scan the last DC coefficient before it.
    pub(super) last: [i16; 4],
}

impl Entry {
    pub(super) const fn new(place: u64, last: [i16; 4]) -> Self {
        Self { place, last }
    }
}

/// Blocks of a component with those that only fill the last MCUs.
fn all_blocks(frame: &Frame, component: &Component) -> u64 {
    let (across, down) = frame.mcus();
    u64::from(across * component.h) * u64::from(down * component.v)
}

/// Samples of a picture at a shrink, with those that only fill the last MCUs.
#[derive(Debug, Clone)]
pub(super) struct Samples(Vec<Plane>);

/// Those of a component.
#[derive(Debug, Clone)]
struct Plane {
    stride: usize,
    samples: Vec<u8>,
}

impl Samples {
    /// `side` is how many samples a block of a component has across and down.
    pub(super) fn new(frame: &Frame, side: impl Fn(&Component) -> u32) -> Self {
        let plane = |component: &Component| {
            let side = side(component);
            let len = all_blocks(frame, component) * u64::from(side * side);
            Plane { stride: (frame.mcus().0 * component.h * side) as usize, samples: zeros(len as usize) }
        };
        Self(frame.components.iter().map(plane).collect())
    }

    /// Bytes of such samples.
    pub(super) fn bytes_of(frame: &Frame, side: impl Fn(&Component) -> u32) -> u64 {
        frame.components.iter().map(|c| all_blocks(frame, c) * u64::from(side(c) * side(c))).sum()
    }

    pub(super) fn bytes(&self) -> usize {
        self.0.iter().map(|plane| plane.samples.len()).sum()
    }

    /// A component's samples from a row on, and how far its rows are apart.
    pub(super) fn rows(&self, component: usize, row: u32) -> (&[u8], usize) {
        let plane = &self.0[component];
        (plane.samples.get(row as usize * plane.stride..).unwrap_or(&[]), plane.stride)
    }

    pub(super) fn rows_mut(&mut self, component: usize, row: u32) -> (&mut [u8], usize) {
        let plane = &mut self.0[component];
        (plane.samples.get_mut(row as usize * plane.stride..).unwrap_or(&mut []), plane.stride)
    }

    /// Puts the means of rows of blocks, of which the DC coefficients are given.
    pub(super) fn put_means<'c>(
        &mut self,
        component: usize,
        row: u32,
        coefficients: impl Iterator<Item = &'c [i16]>,
        step: u16,
    ) {
        let (samples, stride) = self.rows_mut(component, row);
        for (samples, coefficients) in samples.chunks_exact_mut(stride).zip(coefficients) {
            for (sample, &dc) in samples.iter_mut().zip(coefficients) {
                *sample = mean(dc, step);
            }
        }
    }
}
