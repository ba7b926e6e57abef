//! Parts of rows whose bounds are checked for several loads at once. A check for each load takes 4 to 25 % of a pass of the
//! resampler.
#![allow(unsafe_code, reason = "slices whose bounds have been checked together with those of others")]

/// The bytes that a group of loads reads.
const GROUP: usize = 16;

/// Where each of four samples reads `GROUPS` groups of bytes of a row.
#[derive(Debug, Clone, Copy)]
pub(in crate::imaging::kernel) struct Places<const GROUPS: usize> {
    /// None lies behind `end` less the groups.
    first: [usize; 4],
    end: usize,
}

impl<const GROUPS: usize> Places<GROUPS> {
    /// From these pixels on, in a row that starts at pixel `origin`; `None` if one of them lies before it.
    #[inline(always)]
    pub(in crate::imaging::kernel) fn new(first: &[u32; 4], origin: usize) -> Option<Self> {
        let [a, b, c, d] = first.map(|first| first as usize);
        let (least, most) = (a.min(b).min(c.min(d)), a.max(b).max(c.max(d)));
        if least < origin {
            return None;
        }
        let first = [a - origin, b - origin, c - origin, d - origin];
        Some(Self { first, end: most - origin + GROUPS * GROUP })
    }

    /// The groups of each sample; `None` if the row ends before one of them does.
    #[inline(always)]
    pub(in crate::imaging::kernel) fn of<'r>(&self, row: &'r [u8]) -> Option<[&'r [[u8; GROUP]; GROUPS]; 4]> {
        if self.end > row.len() {
            return None;
        }
        let mut groups: [&[[u8; GROUP]; GROUPS]; 4] = [&[[0; GROUP]; GROUPS]; 4];
        for (groups, &first) in groups.iter_mut().zip(&self.first) {
            // SAFETY: from `first` on there are GROUPS groups before `end`, and the row has as many bytes.
            let bytes = unsafe { row.get_unchecked(first..first + GROUPS * GROUP) };
            *groups = bytes.as_chunks().0.first_chunk()?;
        }
        Some(groups)
    }
}

/// Rows that have been checked to have a number of bytes.
#[derive(Debug, Clone, Copy)]
pub(in crate::imaging::kernel) struct Rows<'a> {
    rows: &'a [&'a [u8]],
    len: usize,
}

impl<'a> Rows<'a> {
    /// # Panics
    ///
    /// A row has fewer than `len` bytes.
    #[inline(always)]
    pub(in crate::imaging::kernel) fn new(rows: &'a [&'a [u8]], len: usize) -> Self {
        assert!(rows.iter().all(|row| row.len() >= len), "rows are as long as the caller says");
        Self { rows, len }
    }

    pub(in crate::imaging::kernel) const fn count(&self) -> usize {
        self.rows.len()
    }

    /// `count` bytes from `at` on of each two rows that follow each other; an odd last row is paired with itself.
    ///
    /// # Panics
    ///
    /// The rows end before that.
    #[inline(always)]
    pub(in crate::imaging::kernel) fn pairs(&self, at: usize, count: usize) -> impl Iterator<Item = [&'a [u8]; 2]> {
        assert!(at <= self.len && count <= self.len - at, "the part lies inside the rows");
        self.rows.chunks(2).map(
            #[inline(always)]
            move |pair| {
                let last = pair.len() - 1;
                // SAFETY: each row has `len` bytes, which `at` and `count` do not exceed together.
                [0, last].map(|i| unsafe { pair[i].get_unchecked(at..at + count) })
            },
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_are_those_of_the_row() {
        let row: Vec<u8> = (0..100).collect();
        let starts = |first: [u32; 4], origin: usize, len: usize| {
            let groups = Places::<2>::new(&first, origin)?.of(&row[..len])?;
            Some(groups.map(|groups| [groups[0][0], groups[1][15]]))
        };
        assert_eq!(starts([10, 12, 30, 11], 10, 52), Some([[0, 31], [2, 33], [20, 51], [1, 32]]));
        assert_eq!(starts([10, 12, 30, 11], 10, 51), None, "the row is a byte too short");
        assert_eq!(starts([10, 9, 30, 11], 10, 100), None, "the row starts too late");
        assert_eq!(starts([u32::MAX; 4], 0, 100), None);
    }

    #[test]
    fn rows_come_in_pairs() {
        let (a, b, c) = ([1, 2, 3], [4, 5, 6, 7], [8, 9, 10]);
        let list: [&[u8]; 3] = [&a, &b, &c];
        let rows = Rows::new(&list, 3);
        assert_eq!(rows.count(), 3);
        assert_eq!(rows.pairs(1, 2).collect::<Vec<_>>(), [[&[2, 3][..], &[5, 6]], [&[9, 10], &[9, 10]]]);
        assert_eq!(rows.pairs(3, 0).count(), 2);
    }

    #[test]
    #[should_panic(expected = "inside the rows")]
    fn parts_lie_inside_the_rows() {
        let _ = Rows::new(&[&[1, 2, 3, 4]], 3).pairs(2, 2).count();
    }

    #[test]
    #[should_panic(expected = "as long as the caller says")]
    fn short_rows_are_noticed() {
        let _ = Rows::new(&[&[1, 2, 3], &[1, 2]], 3);
    }
}
