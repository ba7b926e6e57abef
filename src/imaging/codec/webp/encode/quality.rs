//! From the quality of a request to the quantizer of a lossy frame.

/// Quantizers, 0 the finest and 127 the coarsest, by quality from 1 on.
///
/// Thirteen photographs, 480 pixels wide, were written as JPEG (4:2:0) at 30 qualities and as WebP with every third quantizer,
/// and their brightness was compared with that of the original by the mean structural similarity (SSIM) of 8 × 8 pixels. For
/// each quality and photograph there is a quantizer with the SSIM of the JPEG; the median of the thirteen is taken, and a line
/// between the qualities that were tried. The WebP then takes 0.84 to 0.91 of the JPEG's bytes at qualities of 15 to 90. From
/// 96 on no quantizer is as fine as the JPEG's, up to 10 none as coarse.
#[rustfmt::skip]
const QUANTIZERS: [u8; 100] = [
    127, 127, 127, 127, 127, 127, 127, 127, 127, 127, 122, 118, 113, 108, 104, 100, 97, 93, 90, 87,
    84, 81, 78, 75, 72, 71, 69, 68, 67, 65, 64, 63, 62, 61, 60, 59, 59, 58, 58, 57,
    56, 55, 55, 54, 53, 53, 52, 51, 50, 50, 49, 49, 48, 47, 47, 46, 45, 45, 44, 43,
    42, 41, 40, 39, 38, 37, 37, 36, 35, 34, 33, 33, 32, 31, 30, 29, 28, 27, 26, 25,
    24, 23, 21, 20, 19, 18, 16, 15, 14, 12, 11, 9, 7, 5, 3, 0, 0, 0, 0, 0,
];

/// The quantizer for a quality of 1 to 100.
pub(super) fn quantizer(quality: u8) -> u8 {
    let place = usize::from(quality.clamp(1, 100)) - 1;
    QUANTIZERS[place]
}
