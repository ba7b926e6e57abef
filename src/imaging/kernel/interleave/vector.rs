//! Sixteen pixels at a time, by byte shuffles.

use crate::imaging::kernel::isa::simd::Simd;

/// Splits as many groups of sixteen RGB pixels as there are; returns the number of pixels split.
#[inline(always)]
pub(super) fn split_rgb<S: Simd>(s: S, pixels: &[u8], [red, green, blue]: [&mut [u8]; 3]) -> usize {
    let planes =
        red.as_chunks_mut::<16>().0.iter_mut().zip(green.as_chunks_mut::<16>().0).zip(blue.as_chunks_mut::<16>().0);
    let mut done = 0;
    for (group, ((red, green), blue)) in pixels.as_chunks::<48>().0.iter().zip(planes) {
        [*red, *green, *blue] = s.split_rgb(group);
        done += 16;
    }
    done
}

/// The same for pixels of four components.
#[inline(always)]
pub(super) fn split_rgba<S: Simd>(s: S, pixels: &[u8], planes: [&mut [u8]; 4]) -> usize {
    let [red, green, blue, alpha] = planes.map(|plane| plane.as_chunks_mut::<16>().0);
    let planes = red.iter_mut().zip(green).zip(blue).zip(alpha);
    let mut done = 0;
    for (group, (((red, green), blue), alpha)) in pixels.as_chunks::<64>().0.iter().zip(planes) {
        [*red, *green, *blue, *alpha] = s.split_rgba(group);
        done += 16;
    }
    done
}
