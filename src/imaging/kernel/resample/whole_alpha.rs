//! Whole pictures with alpha: colours are multiplied by it, resized and divided by it, with 16 bits in between.
//!
//! With 8 bits a colour of low alpha would come back with few of its levels. The arithmetic that `fast_image_resize` has for
//! alpha is not used: it rounds to the bits of its pixels in between.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Filter, Size};
use crate::base::limits::{with_room, zeros};
use crate::base::work::{Kind, count};
use crate::imaging::kernel::isa::cpu::Cpu;

use super::whole::resized_wide;

/// Resizes rows of RGB with alpha, whose colours are not premultiplied, from `from` pixels to `to` pixels. No side is 0.
///
/// # Errors
///
/// The rows have not the size, or the work is to be given up.
pub(crate) fn resized_rgba<'p>(
    cpu: Cpu,
    rows: &(impl Iterator<Item = &'p [u8]> + Clone),
    from: Size,
    to: Size,
    filter: Filter,
    cancel: Cancel<'_>,
) -> Result<Vec<u8>> {
    let component = |sample: &dyn Fn(&[u8; 4]) -> u16| {
        let len = from.area() as usize;
        count(Kind::Multiply, len);
        let mut samples = with_room(2 * len, || Vec::with_capacity(len));
        cancel.each(rows.clone(), |row| samples.extend(row.as_chunks::<4>().0.iter().map(sample)))?;
        resized_wide(cpu, &samples, from, to, filter, cancel)
    };
    let alpha = component(&|pixel| u16::from(pixel[3]) * 257)?;
    let mut out: Vec<u8> = zeros(4 * alpha.len());
    for color in 0..3 {
        let colors = component(&|pixel| premultiplied(pixel[color], pixel[3]))?;
        count(Kind::Divide, colors.len());
        let pixels = out.as_chunks_mut::<4>().0.iter_mut().zip(colors.iter().zip(&alpha));
        pixels.for_each(|(pixel, (&color_in, &alpha))| pixel[color] = quotient(color_in, alpha));
    }
    for (pixel, &alpha) in out.as_chunks_mut::<4>().0.iter_mut().zip(&alpha) {
        pixel[3] = narrow(alpha);
    }
    Ok(out)
}

/// `round(c · a · 65535 / 255²)`, which has no ties.
fn premultiplied(color: u8, alpha: u8) -> u16 {
    // At most 65535, as 65535 / 255 is 257.
    ((u32::from(color) * u32::from(alpha) * 514 + 255) / 510) as u16
}

/// `round(c · 255 / a)`, halves up, at most 255; 0 where alpha rounds to 0.
fn quotient(color: u16, alpha: u16) -> u8 {
    if narrow(alpha) == 0 {
        return 0;
    }
    // Filters that ring can leave a colour above its alpha.
    let (color, alpha) = (u32::from(color.min(alpha)), u32::from(alpha));
    ((color * 510 + alpha) / (2 * alpha)) as u8
}

/// `round(v / 257)`.
fn narrow(sample: u16) -> u8 {
    ((u32::from(sample) + 128) / 257) as u8
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::base::geom::{Axis, Window};
    use crate::imaging::kernel::resample::wide::WideResampler;
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
    fn modelled(samples: &[f64], from: Size, to: Size, filter: Filter) -> Vec<f64> {
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

        /// The rows of the resampler, and a model in floating point: a level at most, and less where alpha is not low.
        #[test]
        fn alpha_is_weighed(
            (sw, sh) in (1u32..60, 1u32..40), (vw, vh) in (1u32..60, 1u32..40), pick in 0usize..4, seed: u64,
        ) {
            let (from, to, filter) = (Size::new(sw, sh), Size::new(vw, vh), Filter::ALL[pick]);
            let pixels = picture(from, seed);
            let rows = pixels.chunks(4 * sw as usize);
            let axes = (&Axis::resizing(sw, vw), &Axis::resizing(sh, vh));
            let by_rows = |samples: Vec<u16>| {
                let window = Window { x: 0, y: 0, width: sw, height: sh };
                let mut resampler = WideResampler::new(axes, filter, window, Cancel::ALWAYS);
                samples.chunks(sw as usize).for_each(|row| resampler.row(row).unwrap());
                resampler.finish()
            };
            let of = |component: usize| -> Vec<(u16, f64)> {
                let samples = pixels.chunks(4).map(|pixel| {
                    let value = u32::from(pixel[component]) * if component < 3 { u32::from(pixel[3]) } else { 255 };
                    f64::from(value) * 65535.0 / 65025.0
                });
                let exact: Vec<f64> = samples.collect();
                let rows = by_rows(exact.iter().map(|sample| sample.round() as u16).collect());
                rows.into_iter().zip(modelled(&exact, from, to, filter)).collect()
            };
            let components: Vec<_> = (0..4).map(of).collect();
            for cpu in Cpu::all() {
                let found = resized_rgba(cpu, &rows, from, to, filter, Cancel::ALWAYS).unwrap();
                for (i, pixel) in found.chunks(4).enumerate() {
                    let (alpha, model_alpha) = components[3][i];
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
    fn every_color_comes_back_from_every_alpha() {
        for (color, alpha) in (0..=255u8).flat_map(|color| (1..=255u8).map(move |alpha| (color, alpha))) {
            let product = f64::from(color) * f64::from(alpha) * 65535.0 / 65025.0;
            let premultiplied = premultiplied(color, alpha);
            assert_eq!(f64::from(premultiplied), product.round());
            assert_eq!(quotient(premultiplied, u16::from(alpha) * 257), color, "{color} {alpha}");
            assert_eq!(narrow(u16::from(alpha) * 257), alpha);
        }
        assert_eq!([quotient(9, 0), quotient(128, 128), quotient(900, 129)], [0, 0, 255]);
    }

    #[test]
    fn rows_must_be_as_many_as_the_size_says() {
        let (pixels, cpu) = ([9; 16], Cpu::detect(crate::CpuLevel::Scalar));
        let of = |from| resized_rgba(cpu, &pixels.chunks(8), from, Size::new(1, 1), Filter::Bicub, Cancel::ALWAYS);
        assert_eq!(of(Size::new(2, 2)).unwrap(), [9; 4]);
        assert!(of(Size::new(2, 3)).is_err());
        let cancel = Cancel::new(&|| false);
        let from = Size::new(2, 2);
        assert!(resized_rgba(cpu, &pixels.chunks(8), from, Size::new(1, 1), Filter::Bicub, cancel).is_err());
    }
}
