//! Colour spaces as code points (ITU-T H.273), which PNG files hold.

use crate::base::error::{Error, ErrorKind, Result};
use crate::imaging::pixel::space::{Curve, Primaries, Space, Stated};

/// The colour space of these code points: primaries, transfer, matrix, and 1 for the full range of samples. `None`: they have
/// no meaning for RGB of the full range, or one that is not supported.
///
/// # Errors
///
/// The transfer is one of high dynamic range. Samples of it that are taken for others are much too dark or too pale.
pub(in crate::imaging::codec) fn space([primaries, transfer, matrix, full]: [u8; 4]) -> Result<Option<Space>> {
    if matrix != 0 {
        return Ok(None);
    }
    let refused = |what| Err(Error::new(ErrorKind::Source, what));
    match transfer {
        16 => return refused("is in PQ, which is high dynamic range and not supported"),
        18 => return refused("is in HLG, which is high dynamic range and not supported"),
        _ => {}
    }
    let stated = self::primaries(primaries).zip(curve(transfer)).filter(|_| full == 1);
    Ok(stated.map(|(primaries, curve)| match (primaries, curve) {
        (Primaries::SRGB, Curve::Srgb) => Space::Srgb,
        (primaries, curve) => Space::Stated(Stated { primaries, curve }),
    }))
}

/// H.273, table 2.
const fn primaries(code: u8) -> Option<Primaries> {
    const D65: [u32; 2] = [31270, 32900];
    Some(match code {
        1 => Primaries::SRGB,
        4 => Primaries { white: [31000, 31600], red: [67000, 33000], green: [21000, 71000], blue: [14000, 8000] },
        5 => Primaries { white: D65, red: [64000, 33000], green: [29000, 60000], blue: [15000, 6000] },
        6 | 7 => Primaries { white: D65, red: [63000, 34000], green: [31000, 59500], blue: [15500, 7000] },
        9 => Primaries::REC2020,
        11 => Primaries { white: [31400, 35100], ..Primaries::P3 },
        12 => Primaries::P3,
        22 => Primaries { white: D65, red: [63000, 34000], green: [29500, 60500], blue: [15500, 7700] },
        _ => return None,
    })
}

/// H.273, table 3.
const fn curve(code: u8) -> Option<Curve> {
    Some(match code {
        1 | 6 | 14 | 15 => Curve::Rec709,
        4 => Curve::Power(220_000),
        5 => Curve::Power(280_000),
        8 => Curve::Linear,
        13 => Curve::Srgb,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stated(primaries: Primaries, curve: Curve) -> Option<Space> {
        Some(Space::Stated(Stated { primaries, curve }))
    }

    #[test]
    fn code_points_name_primaries_and_curves() {
        for (code, expected) in [
            ([1, 13, 0, 1], Some(Space::Srgb)),
            ([12, 13, 0, 1], stated(Primaries::P3, Curve::Srgb)),
            ([9, 14, 0, 1], stated(Primaries::REC2020, Curve::Rec709)),
            ([9, 15, 0, 1], stated(Primaries::REC2020, Curve::Rec709)),
            ([1, 1, 0, 1], stated(Primaries::SRGB, Curve::Rec709)),
            ([1, 6, 0, 1], stated(Primaries::SRGB, Curve::Rec709)),
            ([1, 8, 0, 1], stated(Primaries::SRGB, Curve::Linear)),
            ([1, 4, 0, 1], stated(Primaries::SRGB, Curve::Power(220_000))),
            ([1, 5, 0, 1], stated(Primaries::SRGB, Curve::Power(280_000))),
            // Unspecified, unknown, of a matrix, of a part of the range.
            ([2, 13, 0, 1], None),
            ([1, 2, 0, 1], None),
            ([1, 99, 0, 1], None),
            ([1, 13, 1, 1], None),
            ([9, 16, 9, 1], None),
            ([1, 13, 0, 0], None),
            ([1, 13, 0, 2], None),
        ] {
            assert_eq!(space(code), Ok(expected), "{code:?}");
        }
        let Some(Space::Stated(cinema)) = space([11, 13, 0, 1]).unwrap() else { panic!("P3 of cinemas is stated") };
        assert_eq!((cinema.primaries.red, cinema.primaries.white), (Primaries::P3.red, [31400, 35100]));
    }

    #[test]
    fn high_dynamic_range_is_refused_by_name() {
        for (code, name) in [([9, 16, 0, 1], "PQ"), ([9, 18, 0, 1], "HLG"), ([9, 16, 0, 0], "PQ")] {
            let error = space(code).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Source);
            assert_eq!(error.to_string(), format!("is in {name}, which is high dynamic range and not supported"));
        }
    }
}
