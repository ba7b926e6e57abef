//! Tables against what they promise.

use proptest::prelude::*;

use super::filters::{cubic, lanczos3, sharp_cubic, triangle};
use super::table::GROUP;
use super::*;
use crate::imaging::pixel::operation::SIGMA_STEPS;

fn whole_axis(len: u32, source: u32) -> Axis {
    let (len_i, source_i) = (i64::from(len), i64::from(source));
    Axis { len, first: source_i, step: 2 * source_i, den: 2 * len_i, bounds: 0..source_i, exists: 0..source_i }
}

#[test]
fn kernels_interpolate() {
    for kernel in [triangle, cubic, sharp_cubic, lanczos3] {
        assert_eq!(kernel(0.0), 1.0);
        for n in 1..4 {
            assert!(kernel(f64::from(n)).abs() < 1e-15 && kernel(-f64::from(n)).abs() < 1e-15);
        }
    }
    assert!((lanczos3(0.5) - 0.607_927_1).abs() < 1e-6, "{}", lanczos3(0.5));
    assert_eq!(cubic(0.5), 0.5625);
    assert_eq!(cubic(1.5), -0.0625);
}

#[test]
fn an_unscaled_axis_copies() {
    for filter in Filter::ALL {
        let taps = Taps::new(&whole_axis(5, 5), filter);
        for t in 0..5 {
            assert_eq!((taps.pixels(t), taps.coefs(t)[0], taps.bits(t)), (t..t + 1, 1 << 14, 14), "{filter:?}");
        }
    }
}

#[test]
fn extreme_reductions_keep_their_sum() {
    let taps = Taps::new(&whole_axis(1, 3_000_000), Filter::Sharp2);
    let sum: i64 = taps.coefs(0).iter().map(|&c| i64::from(c)).sum();
    assert_eq!(sum, 1 << taps.bits(0));
}

#[test]
fn pixels_that_do_not_exist_weigh_nothing() {
    let axis = Axis { len: 8, first: -7, step: 2, den: 2, bounds: -4..4, exists: 0..2 };
    // Unscaled samples of pixels −4..4: only 0 and 1 exist.
    let taps = Taps::new(&axis, Filter::Bicub);
    let used: Vec<_> = (0..8).map(|t| taps.pixels(t)).collect();
    assert_eq!(used, [0..0, 0..0, 0..0, 0..0, 0..1, 1..2, 0..0, 0..0]);
}

#[test]
fn what_is_empty_takes_neither_time_nor_memory() {
    // 2,000 samples of 16 million pixels, of which ten exist.
    let axis = Axis { exists: 8_000_000..8_000_010, ..whole_axis(2000, 16_000_000) };
    let taps = Taps::new(&axis, Filter::Sharp2);
    let seeing: Vec<usize> = (0..2000).filter(|&t| !taps.pixels(t).is_empty()).collect();
    assert_eq!(seeing, [997, 998, 999, 1000, 1001, 1002]);
    assert_eq!(taps.coefs.len(), 2000 * GROUP);
    // However many samples see nothing, those that see much have the memory to themselves: eight, beside the list of all others.
    let axis = Axis { exists: 8_000_000..8_020_000, ..axis };
    let taps = Taps::new(&axis, Filter::Sharp2);
    assert_eq!((taps.stride, taps.coefs.len()), (20_000, 9 * 20_000));
}

#[test]
fn samples_of_a_wide_blur_share_their_weights() {
    let sigma = 250 * SIGMA_STEPS;
    let taps = Taps::gaussian(0..65_535, 0..65_535, sigma);
    // One list for the samples inside, one for each of the 750 at either end.
    assert_eq!((taps.stride, taps.coefs.len()), (1504, 1501 * 1504));
    let alone = |t: i64| Taps::gaussian(t..t + 1, 0..65_535, sigma);
    for t in [0, 1, 749, 750, 751, 30_000, 64_784, 64_785, 65_534] {
        let (place, alone) = (t as usize, alone(t));
        assert_eq!(taps.pixels(place), alone.pixels(0), "{t}");
        assert_eq!((taps.coefs(place), taps.bits(place)), (alone.coefs(0), alone.bits(0)), "{t}");
    }
    let short = Taps::gaussian(0..1000, 0..1000, 15 * SIGMA_STEPS);
    assert!(short.shared.is_empty() && short.coefs.len() == 1000 * short.stride, "{}", short.stride);
}

/// The precision that the samples of a whole view allow, each of them looked at.
fn precision(axis: &Axis, filter: Filter) -> u32 {
    let view = Resized::new(axis.whole(filter).unwrap(), filter);
    let (mut largest, mut weights) = (0.0f64, Vec::new());
    for t in 0..axis.len {
        view.weigh(i64::from(t), &mut weights);
        largest = weights.iter().copied().fold(largest, f64::max);
    }
    // As `fast_image_resize` looks for it.
    let mut precision = 0;
    for bits in 0..22 {
        precision = bits;
        if (largest * f64::from(1 << (bits + 1))).round() >= 32768.0 {
            break;
        }
    }
    precision
}

#[test]
fn a_few_samples_tell_the_precision_of_all() {
    for filter in Filter::ALL {
        for source in 1..=70 {
            for len in (1..=70).filter(|&len| len != source) {
                let axis = whole_axis(len, source);
                let taps = Taps::new(&axis, filter);
                let expected = precision(&axis, filter);
                assert!((0..taps.len()).all(|t| taps.bits(t) == expected), "{source} to {len}, {filter:?}: {expected}");
            }
        }
    }
}

/// A tile of a view of millions of samples costs a few samples more than its own.
#[test]
fn a_tile_of_a_wide_view_is_cheap() {
    let axis = Axis { len: 256, ..whole_axis(9_999_991, 16_777_213) };
    let taps = Taps::new(&axis, Filter::Sharp2);
    // 16777213 / 9999991 = 1.68: the most central sample, which has its centre on that of a pixel, weighs it 0.59.
    assert_eq!((taps.bits(0), taps.bits(255)), (15, 15));
}

proptest! {
    /// Sums stay inside `i32`, and one colour stays that colour.
    #[test]
    fn weights_add_up_and_never_overflow(len in 1u32..400, source in 1u32..400_000, pick in 0usize..4) {
        let axis = whole_axis(len, source);
        let taps = Taps::new(&axis, Filter::ALL[pick]);
        for t in 0..taps.len() {
            let (coefs, one) = (taps.coefs(t), 1i64 << taps.bits(t));
            let off = coefs.iter().map(|&c| i64::from(c)).sum::<i64>() - one;
            if axis.whole(Filter::ALL[pick]).is_none() {
                prop_assert_eq!(off, 0);
            }
            prop_assert!(255 * off.abs() < one / 2, "{} of {}", off, one);
            let worst: i64 = coefs.iter().map(|&c| i64::from(c).abs()).sum::<i64>() * 255 + one;
            prop_assert!(worst <= i64::from(i32::MAX));
            prop_assert!(taps.pixels(t).end <= source as usize);
        }
    }

    #[test]
    fn a_slice_of_an_axis_has_a_slice_of_the_table(
        len in 2u32..300, source in 1u32..3000, pick in 0usize..4, from in 0u32..300, count in 1u32..300,
    ) {
        let whole = whole_axis(len, source);
        let from = from % len;
        let count = count.min(len - from);
        let part = Axis { len: count, first: whole.first + i64::from(from) * whole.step, ..whole.clone() };
        let (whole, part) = (Taps::new(&whole, Filter::ALL[pick]), Taps::new(&part, Filter::ALL[pick]));
        for t in 0..count as usize {
            let of_whole = t + from as usize;
            prop_assert_eq!(part.pixels(t), whole.pixels(of_whole));
            prop_assert_eq!(part.coefs(t), whole.coefs(of_whole));
            prop_assert_eq!(part.bits(t), whole.bits(of_whole));
        }
    }

    #[test]
    fn a_few_samples_tell_the_precision_of_many(len in 1u32..3000, source in 1u32..30_000, pick in 0usize..4) {
        let (axis, filter) = (whole_axis(len, source), Filter::ALL[pick]);
        prop_assume!(axis.whole(filter).is_some());
        let first = Taps::new(&Axis { len: 1, ..axis.clone() }, filter);
        prop_assert_eq!(first.bits(0), precision(&axis, filter));
    }
}
