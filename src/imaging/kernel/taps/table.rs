//! A table, as kernels read it.

use std::ops::Range;

/// Coefficients come in groups of this many, the last one filled up with zeros.
pub(in crate::imaging::kernel) const GROUP: usize = 16;

/// The most groups per sample of a table that holds the coefficients of each sample in its place, for kernels of known length.
pub(in crate::imaging::kernel) const SHORT: usize = 6;

/// The most fraction bits of a coefficient. With them a sum of |weights| up to 4 times 255 stays inside `i32`.
pub(super) const MAX_BITS: u32 = 21;

/// The weights of the samples along one axis.
///
/// All samples of a [whole view](crate::base::geom::Axis::whole) have the same number of fraction bits. On other axes each
/// has its own, the most that its own weights allow. Nothing of a sample depends on which others the table has, so that the
/// table of a tile is a slice of the table of the whole view.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Taps {
    pub(super) len: usize,
    /// Coefficients of all samples, in whole groups.
    pub(super) total: usize,
    /// Coefficients per sample: room for the longest, a multiple of [`GROUP`].
    pub(super) stride: usize,
    /// `stride` coefficients per sample, zeros behind the sample's own. In long tables samples with equal weights share them.
    pub(super) coefs: Vec<i16>,
    /// For each sample the place of its coefficients, in strides; empty: its own number.
    pub(super) shared: Vec<u32>,
    /// Per sample: the first pixel, the number of pixels, the fraction bits. Filled up to whole [quartets](Quartet) with
    /// samples without pixels.
    pub(super) first: Vec<u32>,
    pub(super) count: Vec<u32>,
    pub(super) bits: Vec<u32>,
}

/// Four samples, as kernels take them.
#[derive(Debug, Clone, Copy)]
pub(in crate::imaging::kernel) struct Quartet<'a> {
    pub(in crate::imaging::kernel) first: &'a [u32; 4],
    // Portable code goes by the groups of coefficients.
    #[cfg_attr(not(any(target_arch = "x86_64", target_arch = "aarch64")), expect(dead_code))]
    pub(in crate::imaging::kernel) count: &'a [u32; 4],
    pub(in crate::imaging::kernel) bits: &'a [u32; 4],
    /// A quarter for each sample; none in a table whose samples [share](Taps::groups) theirs.
    pub(in crate::imaging::kernel) coefs: &'a [i16],
}

impl Taps {
    pub(in crate::imaging::kernel) fn len(&self) -> usize {
        self.len
    }

    /// Coefficients of all samples, in whole groups.
    pub(in crate::imaging::kernel) const fn total(&self) -> usize {
        self.total
    }

    /// The pixels of sample `t`; empty if all its weights are zero or of pixels that do not exist.
    #[inline]
    pub(in crate::imaging::kernel) fn pixels(&self, t: usize) -> Range<usize> {
        let first = self.first[t] as usize;
        first..first + self.count[t] as usize
    }

    /// The coefficients of sample `t`, filled up with zeros to whole groups.
    #[inline]
    pub(in crate::imaging::kernel) fn coefs(&self, t: usize) -> &[i16] {
        let groups = (self.count[t] as usize).div_ceil(GROUP);
        let place = self.shared.get(t).map_or(t, |&place| place as usize);
        &self.coefs[place * self.stride..][..groups * GROUP]
    }

    /// Fraction bits of the coefficients of sample `t`: 1 to 21.
    #[inline]
    pub(in crate::imaging::kernel) fn bits(&self, t: usize) -> u32 {
        self.bits[t]
    }

    /// Groups of coefficients per sample, if each has its own: always where there are at most [`SHORT`].
    pub(in crate::imaging::kernel) fn groups(&self) -> Option<usize> {
        self.shared.is_empty().then_some(self.stride / GROUP)
    }

    /// All samples, four at a time; the last four may contain some beyond the table, which have no pixels.
    pub(in crate::imaging::kernel) fn quartets(&self) -> impl Iterator<Item = Quartet<'_>> {
        let (first, count, bits) = (self.first.as_chunks().0, self.count.as_chunks().0, self.bits.as_chunks().0);
        let own = if self.shared.is_empty() { &self.coefs[..] } else { &[] };
        let len = 4 * self.stride;
        let samples = first.iter().zip(count).zip(bits).enumerate();
        samples.map(move |(number, ((first, count), bits))| Quartet {
            first,
            count,
            bits,
            coefs: own.get(number * len..(number + 1) * len).unwrap_or(&[]),
        })
    }
}
