//! From the quality of a request to that of the crate.

/// The least quality of alpha, on the scale of the crate: what is transparent to the eye stays so.
pub(super) const ALPHA: f32 = 85.0;

/// Qualities of a request, and those of the crate. Between them lies a line.
///
/// Ten photographs, 480 pixels wide, were written as JPEG (4:2:0) at these qualities and as AVIF at eleven of the crate's, and
/// their brightness was compared with that of the original by the mean structural similarity (SSIM) of 8 × 8 pixels. The
/// quality of the crate is the median of those at which a photograph has the SSIM of the JPEG. The AVIF then takes 0.72 to 0.91
/// of the JPEG's bytes at qualities of 5 to 90.
const POINTS: [(u16, u16); 15] = [
    (1, 10),
    (5, 10),
    (10, 15),
    (20, 34),
    (30, 47),
    (40, 54),
    (50, 61),
    (60, 68),
    (70, 72),
    (75, 79),
    (80, 82),
    (85, 85),
    (90, 88),
    (95, 94),
    (100, 100),
];

/// The quality of the crate for a quality of 1 to 100, a whole number.
pub(super) fn of_crate(quality: u8) -> f32 {
    let quality = u16::from(quality.clamp(1, 100));
    let between = POINTS.windows(2).find(|pair| quality <= pair[1].0).unwrap_or(&POINTS[..2]);
    let [(from, low), (to, high)] = [between[0], between[1]];
    let place = low + ((quality - from) * (high - low) + (to - from) / 2) / (to - from);
    f32::from(place)
}
