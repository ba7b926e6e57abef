//! Whole pictures with alpha: colours are multiplied by it, resized and divided by it.
//!
//! They go through the resampler of rows, which makes nothing of products where all is opaque or transparent.
//! `fast_image_resize` would weigh all of them, and needs the products of the whole picture in memory. The arithmetic that it
//! has for alpha is not used: it rounds to the bits of its pixels in between.

use crate::base::cancel::Cancel;
use crate::base::error::{Error, ErrorKind, Result};
use crate::base::geom::{Axis, Filter, Size, Window};
use crate::base::limits::with_room;
use crate::imaging::kernel::alpha_wide::divided;
use crate::imaging::kernel::interleave::{join, split};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::pixel::raster::{AnyRaster, Layout, Row, RowStage};

use super::alpha::AlphaResampler;

/// Resizes rows of RGB with alpha, whose colours are not premultiplied, from `from` pixels to `to` pixels. No side is 0.
///
/// # Errors
///
/// The rows have not the size, or the work is to be given up.
pub(crate) fn resized_rgba<'p>(
    cpu: Cpu,
    rows: impl Iterator<Item = &'p [u8]>,
    from: Size,
    to: Size,
    filter: Filter,
    cancel: Cancel<'_>,
) -> Result<Vec<u8>> {
    let layout = Layout::RGB.with_alpha(true);
    let axes = (Axis::resizing(from.width, to.width), Axis::resizing(from.height, to.height));
    let window = Window { x: 0, y: 0, width: from.width, height: from.height };
    let mut resampler = AlphaResampler::new(cpu, (&axes.0, &axes.1), filter, window, layout);
    let mut row = Row::new(from.width, layout);
    let mut missing = from.height;
    for line in rows {
        if line.len() != 4 * from.width as usize || missing == 0 {
            return Err(not_as_said());
        }
        split(cpu, line, &mut row.planes_mut()[..layout.planes()]);
        resampler.row(&mut row, cancel)?;
        missing -= 1;
    }
    if missing > 0 {
        return Err(not_as_said());
    }
    let raster = match resampler.finish(cancel)? {
        AnyRaster::Bytes(raster) => raster,
        AnyRaster::Wide(raster) => divided(&raster, cancel)?,
    };
    let len = 4 * to.area() as usize;
    let mut out = with_room(len, || Vec::with_capacity(len));
    for y in 0..to.height as usize {
        join(&raster.planes().iter().map(|plane| plane.row(y)).collect::<Vec<_>>(), &mut out);
    }
    Ok(out)
}

fn not_as_said() -> Error {
    Error::new(ErrorKind::Internal, "has not the pixels that it says").at("picture")
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::imaging::kernel::resample::whole::{Components, resized, resized_wide};
    use crate::imaging::kernel::taps::filters;
    use crate::test_support::Dice;

    /// Noise, with areas that are transparent, nearly transparent and opaque.
    fn picture(size: Size, seed: u64) -> Vec<u8> {
        let mut dice = Dice::new(seed | 1);
        let mut pixel = |x: u32, y: u32| {
            let alpha = [0, 3, 255, dice.byte()][((x / 5 + y / 3) % 4) as usize];
            [dice.byte(), 200, (x * 9) as u8, alpha]
        };
        let places = (0..size.height).flat_map(|y| (0..size.width).map(move |x| (x, y)));
        places.flat_map(|(x, y)| pixel(x, y)).collect()
    }

    /// One pass of a filter over lines, in floating point.
    fn pass(lines: &[Vec<f64>], len: u32, filter: Filter, reduces: bool) -> Vec<Vec<f64>> {
        let axis = Axis::resizing(lines[0].len() as u32, len);
        let function = filters::function(filter, reduces);
        let scale = (axis.step as f64 / axis.den as f64).max(1.0);
        let weights: Vec<Vec<(usize, f64)>> = (0..len)
            .map(|t| {
                let center = axis.center(t) as f64 / axis.den as f64;
                let of = |i: i64| (i as usize, function((i as f64 + 0.5 - center) / scale));
                let taps: Vec<_> =
                    if axis.is_identity() { vec![(t as usize, 1.0)] } else { axis.taps(t, filter).map(of).collect() };
                let sum: f64 = taps.iter().map(|(_, weight)| weight).sum();
                taps.into_iter().map(|(i, weight)| (i, weight / sum)).collect()
            })
            .collect();
        let sample = |line: &[f64], taps: &[(usize, f64)]| {
            taps.iter().map(|&(i, weight)| line[i] * weight).sum::<f64>().clamp(0.0, 65535.0)
        };
        lines.iter().map(|line| weights.iter().map(|taps| sample(line, taps)).collect()).collect()
    }

    fn turned(lines: &[Vec<f64>]) -> Vec<Vec<f64>> {
        (0..lines[0].len()).map(|x| lines.iter().map(|line| line[x]).collect()).collect()
    }

    /// One component in floating point.
    pub(in crate::imaging::kernel::resample) fn modelled(
        samples: &[f64],
        from: Size,
        to: Size,
        filter: Filter,
    ) -> Vec<f64> {
        let lines: Vec<Vec<f64>> = samples.chunks(from.width as usize).map(<[f64]>::to_vec).collect();
        let is_sharper = filter == Filter::Bisharp;
        let (across, down) = (to.width < from.width, to.height < from.height);
        // The function of a filter that has two is chosen for each pass.
        let (across, down) = if is_sharper { (across, down) } else { (true, true) };
        let lines = turned(&pass(&lines, to.width, filter, across));
        turned(&pass(&lines, to.height, filter, down)).concat()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        /// What `fast_image_resize` makes of products, or of bytes where all is opaque, and a model in floating point: a level
        /// at most, and less where alpha is not low.
        #[test]
        fn alpha_is_weighed(
            (sw, sh) in (1u32..60, 1u32..40), (vw, vh) in (1u32..60, 1u32..40), pick in 0usize..4, seed: u64,
        ) {
            let (from, to, filter) = (Size::new(sw, sh), Size::new(vw, vh), Filter::ALL[pick]);
            let pixels = picture(from, seed);
            let rows = pixels.chunks(4 * sw as usize);
            let axes = (&Axis::resizing(sw, vw), &Axis::resizing(sh, vh));
            let colors: Vec<u8> = pixels.as_chunks::<4>().0.iter().flat_map(|pixel| pixel[..3].to_vec()).collect();
            let of = |component: usize| -> Vec<(u16, f64)> {
                let samples = pixels.chunks(4).map(|pixel| {
                    let value = u32::from(pixel[component]) * if component < 3 { u32::from(pixel[3]) } else { 255 };
                    f64::from(value) * 65535.0 / 65025.0
                });
                let exact: Vec<f64> = samples.collect();
                let rounded: Vec<u16> = exact.iter().map(|sample| sample.round() as u16).collect();
                let rows = resized_wide(Cpu::all()[0], &rounded, from, to, filter, Cancel::ALWAYS).unwrap();
                rows.into_iter().zip(modelled(&exact, from, to, filter)).collect()
            };
            let components: Vec<_> = (0..4).map(of).collect();
            for cpu in Cpu::all() {
                let found = resized_rgba(cpu, rows.clone(), from, to, filter, Cancel::ALWAYS).unwrap();
                let bytes = resized(cpu, (&colors, Components::Three), from, to, filter, Cancel::ALWAYS).unwrap();
                for (i, pixel) in found.chunks(4).enumerate() {
                    let (alpha, model_alpha) = components[3][i];
                    let (column, line) = (i as u32 % vw, i as u32 / vw);
                    let opaque = axes.1.taps(line, filter).all(|y| {
                        let row = &pixels[4 * (y as u32 * sw) as usize..];
                        axes.0.taps(column, filter).all(|x| row[4 * x as usize + 3] == 255)
                    });
                    if opaque {
                        // With 8 bits between the passes.
                        prop_assert_eq!((&pixel[..3], pixel[3]), (&bytes[3 * i..][..3], 255));
                        continue;
                    }
                    prop_assert_eq!(pixel[3], (f64::from(alpha) / 257.0).round() as u8);
                    for (color, &value) in pixel[..3].iter().enumerate() {
                        let (sum, model) = components[color][i];
                        if pixel[3] == 0 {
                            prop_assert_eq!(value, 0);
                            continue;
                        }
                        let exact = (f64::from(sum.min(alpha)) * 255.0 / f64::from(alpha) + 0.5).floor();
                        prop_assert_eq!(f64::from(value), exact);
                        let model = 255.0 * (model / model_alpha).min(1.0);
                        let off = (f64::from(value) - model).abs();
                        prop_assert!(off <= 0.5 + 255.0 * 6.0 / model_alpha, "{off} at alpha {model_alpha}");
                    }
                }
            }
        }
    }

    #[test]
    fn rows_must_be_as_many_as_the_size_says() {
        let (pixels, cpu) = ([9; 16], Cpu::detect(crate::CpuLevel::Scalar));
        let of = |from| resized_rgba(cpu, pixels.chunks(8), from, Size::new(1, 1), Filter::Bicub, Cancel::ALWAYS);
        assert_eq!(of(Size::new(2, 2)).unwrap(), [9; 4]);
        assert!(of(Size::new(2, 3)).is_err());
        let cancel = Cancel::new(&|| false);
        let from = Size::new(2, 2);
        assert!(resized_rgba(cpu, pixels.chunks(8), from, Size::new(1, 1), Filter::Bicub, cancel).is_err());
    }
}
