//! Curves: tags of types `curv` and `para`, alone or one after the other.
//!
//! `moxcms` has them too. It does not step over one without points, of which tables of version 4 are full, and so reads the
//! first one in place of those behind it.

use crate::base::error::Result;

use super::super::curve::{Curve, Parametric};
use super::table::{long, malformed, word};

/// The most points of a curve.
const MAX_POINTS: usize = 1 << 16;

/// Reads a curve: it and its length. `None` is the identity.
///
/// # Errors
///
/// The curve is malformed, or has more points than the limit.
pub(super) fn curve(tag: &[u8]) -> Result<(Option<Curve>, usize)> {
    let broken = || malformed("a curve of the colour profile is malformed");
    match word(tag, 0).as_ref() {
        Some(b"curv") => {
            let count = long(tag, 8).ok_or_else(broken)?;
            if count > MAX_POINTS {
                return Err(malformed("a curve of the colour profile has more than 65,536 points"));
            }
            let points = tag[12..].get(..2 * count).ok_or_else(broken)?.as_chunks::<2>().0;
            let values = points.iter().map(|&point| u16::from_be_bytes(point));
            let curve = match points {
                [] => None,
                // An exponent with 8 bits behind the point.
                [power] => Curve::power(f64::from(u16::from_be_bytes(*power)) / 256.0),
                _ => Curve::table(values.collect()),
            };
            Ok((curve, 12 + 2 * count))
        }
        Some(b"para") => {
            let kind =
                usize::from(u16::from_be_bytes([*tag.get(8).ok_or_else(broken)?, *tag.get(9).ok_or_else(broken)?]));
            let count = *[1, 3, 4, 5, 7].get(kind).ok_or_else(broken)?;
            let mut parameters = [0.0; 7];
            for (i, parameter) in parameters.iter_mut().enumerate().take(count) {
                let fixed = i32::from_be_bytes(word(tag, 12 + 4 * i).ok_or_else(broken)?);
                *parameter = f64::from(fixed) / 65536.0;
            }
            let [g, a, b, c, d, e, f] = parameters;
            let curve = match kind {
                0 => Curve::power(g),
                1 | 2 => Some(Curve::Parametric(Parametric::Offset { g, a, b, c })),
                _ => Some(Curve::Parametric(Parametric::Linear { g, a, b, c, d, e, f })),
            };
            Ok((curve, 12 + 4 * count))
        }
        _ => Err(broken()),
    }
}

/// Reads curves that lie one after the other, each at a multiple of four.
///
/// # Errors
///
/// As for [`curve`].
pub(super) fn curves(tag: &[u8], mut at: usize, count: usize) -> Result<Vec<Option<Curve>>> {
    let mut curves = Vec::with_capacity(count);
    for _ in 0..count {
        let (curve, len) = curve(tag.get(at..).unwrap_or_default())?;
        curves.push(curve);
        at += len.next_multiple_of(4);
    }
    Ok(curves)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn curv(points: &[u16]) -> Vec<u8> {
        let mut tag = b"curv\0\0\0\0".to_vec();
        tag.extend((points.len() as u32).to_be_bytes());
        tag.extend(points.iter().flat_map(|point| point.to_be_bytes()));
        tag.resize(tag.len().next_multiple_of(4), 0);
        tag
    }

    #[test]
    fn curves_without_points_are_stepped_over() {
        let tag = [curv(&[]), curv(&[0x0233]), curv(&[0, 9, 65535])].concat();
        let read = curves(&tag, 0, 3).unwrap();
        assert_eq!(read[0], None);
        assert_eq!(read[1], Curve::power(2.199_218_75));
        assert_eq!(read[2], Curve::table(vec![0, 9, 65535]));
        assert!(curves(&tag, 0, 4).is_err());
        assert!(curves(&tag, usize::MAX, 1).is_err());
    }

    #[test]
    fn limits_hold_before_anything_is_read() {
        let mut tag = curv(&[0, 1]);
        tag[8..12].copy_from_slice(&70_000u32.to_be_bytes());
        assert_eq!(curve(&tag).unwrap_err().to_string(), "a curve of the colour profile has more than 65,536 points");
        tag[8..12].copy_from_slice(&3u32.to_be_bytes());
        assert!(curve(&tag[..16]).is_err());
        assert!(curve(b"para\0\0\0\0\0\x05\0\0").is_err());
        assert!(curve(b"para\0\0\0\0\0\0").is_err());
        assert!(curve(b"").is_err());
    }
}
