//! Filters of rows before they are compressed (PNG, third edition, section 9).
//!
//! Which filter a row gets is what the `png` crate chooses: of the four that look at neighbors the one whose bytes, taken
//! as signed numbers, are nearest to zero; of equal ones the last.

/// A filter type, as it stands before a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Filter {
    Sub = 1,
    Up = 2,
    Average = 3,
    Paeth = 4,
}

/// Filters a row of pixels of `per_pixel` bytes below another row: the type of the filter, then the filtered bytes. All
/// are as long, but for the type.
pub(super) fn filtered(per_pixel: usize, above: &[u8], row: &[u8], out: &mut [u8]) {
    let Some((kind, out)) = out.split_first_mut() else { return };
    let (mut least, mut best) = (u64::MAX, Filter::Up);
    for filter in [Filter::Up, Filter::Sub, Filter::Average, Filter::Paeth] {
        filter.apply(per_pixel, above, row, out);
        let cost = cost(out);
        if cost <= least {
            (least, best) = (cost, filter);
        }
        if cost == 0 {
            break;
        }
    }
    // What was tried last is there already.
    if best != Filter::Paeth && least > 0 {
        best.apply(per_pixel, above, row, out);
    }
    *kind = best as u8;
}

impl Filter {
    fn apply(self, per_pixel: usize, above: &[u8], row: &[u8], out: &mut [u8]) {
        let len = row.len().min(above.len()).min(out.len());
        let first = per_pixel.min(len);
        let (left, above_left) = (&row[..len - first], &above[..len - first]);
        let (row, above, out) = (&row[..len], &above[..len], &mut out[..len]);
        // The first pixel of a row has nothing on its left.
        let (start, rest) = out.split_at_mut(first);
        let (start, rest) = (
            start.iter_mut().zip(row).zip(above),
            rest.iter_mut().zip(&row[first..]).zip(&above[first..]).zip(left).zip(above_left),
        );
        match self {
            Self::Sub => {
                start.for_each(|((out, &own), _)| *out = own);
                rest.for_each(|((((out, &own), _), &left), _)| *out = own.wrapping_sub(left));
            }
            Self::Up => {
                start.for_each(|((out, &own), &above)| *out = own.wrapping_sub(above));
                rest.for_each(|((((out, &own), &above), _), _)| *out = own.wrapping_sub(above));
            }
            Self::Average => {
                start.for_each(|((out, &own), &above)| *out = own.wrapping_sub(above / 2));
                // The mean of two bytes, rounded down, without a ninth bit.
                let mean = |a: u8, b: u8| (a & b) + ((a ^ b) >> 1);
                rest.for_each(|((((out, &own), &above), &left), _)| *out = own.wrapping_sub(mean(left, above)));
            }
            Self::Paeth => {
                start.for_each(|((out, &own), &above)| *out = own.wrapping_sub(paeth(0, above, 0)));
                rest.for_each(|((((out, &own), &above), &left), &above_left)| {
                    *out = own.wrapping_sub(paeth(left, above, above_left));
                });
            }
        }
    }
}

/// Of the left byte, that above and that between them the one that is nearest to `left + above − above_left`; of equal
/// ones the first (PNG, third edition, section 9.4).
///
/// In bytes: the distances of the first two are |above − above_left| and |left − above_left|. That of the third is the sum
/// of the two differences. It counts only if they have opposite signs; then it is the difference of those distances.
#[inline]
fn paeth(left: u8, above: u8, above_left: u8) -> u8 {
    let of_left = above.abs_diff(above_left);
    let of_above = left.abs_diff(above_left);
    let opposite = (left < above_left) == (above_left < above);
    let of_above_left = if opposite { of_left.abs_diff(of_above) } else { 255 };
    if of_left <= of_above && of_left <= of_above_left {
        left
    } else if of_above <= of_above_left {
        above
    } else {
        above_left
    }
}

/// How far the bytes are from zero, as signed numbers, in all.
fn cost(bytes: &[u8]) -> u64 {
    // At most 32 · 128 for each piece.
    let of = |piece: &[u8]| piece.iter().map(|&byte| u16::from((byte as i8).unsigned_abs())).sum::<u16>();
    let (pieces, rest) = bytes.as_chunks::<32>();
    pieces.iter().map(|piece| u64::from(of(piece))).sum::<u64>() + u64::from(of(rest))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The words of the standard.
    fn plain(left: u8, above: u8, above_left: u8) -> u8 {
        let [a, b, c] = [left, above, above_left].map(i32::from);
        let estimate = a + b - c;
        let [of_a, of_b, of_c] = [a, b, c].map(|value| (estimate - value).abs());
        if of_a <= of_b && of_a <= of_c {
            left
        } else if of_b <= of_c {
            above
        } else {
            above_left
        }
    }

    #[test]
    fn every_byte_has_the_neighbor_of_the_standard() {
        for left in 0..=255 {
            for above in 0..=255 {
                for above_left in 0..=255 {
                    assert_eq!(paeth(left, above, above_left), plain(left, above, above_left));
                }
            }
        }
    }

    #[test]
    fn rows_get_the_filter_that_leaves_least() {
        let of = |above: &[u8], row: &[u8]| {
            let mut out = vec![9; row.len() + 1];
            filtered(1, above, row, &mut out);
            out
        };
        assert_eq!(of(&[10, 20, 30], &[10, 20, 30]), [2, 0, 0, 0], "the row above");
        assert_eq!(of(&[0, 200, 0], &[1, 2, 3]), [1, 1, 1, 1], "a ramp");
        assert_eq!(of(&[0, 0], &[0, 0]), [2, 0, 0]);
    }
}
