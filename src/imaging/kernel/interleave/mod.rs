//! Between pixels whose components lie side by side and rows of planes.

#[cfg(any(target_arch = "aarch64", target_arch = "x86_64"))]
mod vector;

use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::isa::level::at_level;

/// Splits pixels of as many components as there are planes; each plane takes one sample per pixel.
pub(crate) fn split(cpu: Cpu, pixels: &[u8], planes: &mut [&mut [u8]]) {
    let count = planes.len();
    if let [gray] = planes {
        return gray.copy_from_slice(&pixels[..gray.len()]);
    }
    let done = split_groups(cpu, pixels, planes);
    for (i, plane) in planes.iter_mut().enumerate() {
        for (sample, pixel) in plane[done..].iter_mut().zip(pixels[count * done..].chunks_exact(count)) {
            *sample = pixel[i];
        }
    }
}

/// Splits as many pixels as whole vectors hold; says how many that were.
fn split_groups(cpu: Cpu, pixels: &[u8], planes: &mut [&mut [u8]]) -> usize {
    at_level!(
        cpu,
        |simd| match planes {
            [red, green, blue] => vector::split_rgb(simd, pixels, [red, green, blue]),
            [red, green, blue, alpha] => vector::split_rgba(simd, pixels, [red, green, blue, alpha]),
            _ => 0,
        },
        else {
            let _ = (pixels, planes);
            0
        }
    )
}

/// Joins planes to pixels: appends one pixel per sample. No code for levels: the pixels go to a PNG, whose compression takes
/// many times as long, or to a caller of the direct API.
pub(crate) fn join(planes: &[&[u8]], pixels: &mut Vec<u8>) {
    match planes {
        [gray] => pixels.extend_from_slice(gray),
        [red, green, blue] => {
            pixels.extend(red.iter().zip(*green).zip(*blue).flat_map(|((&r, &g), &b)| [r, g, b]));
        }
        [red, green, blue, alpha] => {
            let rgba = red.iter().zip(*green).zip(*blue).zip(*alpha);
            pixels.extend(rgba.flat_map(|(((&r, &g), &b), &a)| [r, g, b, a]));
        }
        planes => {
            let width = planes.first().map_or(0, |plane| plane.len());
            pixels.extend((0..width).flat_map(|x| planes.iter().map(move |plane| plane[x])));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::imaging::kernel::isa::twin::each_level_equals;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn splitting_and_joining_are_inverses(pixels in prop::collection::vec(any::<u8>(), 0..600), count in 1usize..5) {
            let width = pixels.len() / count;
            let pixels = &pixels[..width * count];
            let component = |i: usize| pixels.chunks_exact(count).map(|pixel| pixel[i]).collect();
            let planes: Vec<Vec<u8>> = (0..count).map(component).collect();
            each_level_equals(&planes, |cpu| {
                let mut planes = vec![vec![0; width]; count];
                split(cpu, pixels, &mut planes.iter_mut().map(Vec::as_mut_slice).collect::<Vec<_>>());
                planes
            });
            let mut joined = Vec::new();
            join(&planes.iter().map(Vec::as_slice).collect::<Vec<_>>(), &mut joined);
            prop_assert_eq!(&joined, pixels);
        }
    }
}
