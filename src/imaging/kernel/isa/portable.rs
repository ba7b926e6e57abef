//! What portable kernels share.
//!
//! The compiler makes vectors, of what every CPU of the architecture has, of a loop over the columns of arrays of known size
//! whose body it does not unroll. It makes none of the same arithmetic that is written lane by lane, because the unrolled
//! lanes are no loop any more.

/// Rows of words as columns.
#[inline(always)]
pub(crate) fn transposed<const ROWS: usize, const COLUMNS: usize>(
    rows: &[[i16; COLUMNS]; ROWS],
) -> [[i16; ROWS]; COLUMNS] {
    let mut out = [[0; ROWS]; COLUMNS];
    for (y, row) in rows.iter().enumerate() {
        for (column, &word) in out.iter_mut().zip(row) {
            column[y] = word;
        }
    }
    out
}
