use proptest::prelude::*;

use super::*;
use crate::imaging::kernel::isa::twin::each_level_equals;

/// The weighted sum of pixels, component by component.
fn naive(coefs: &[i32], pixels: &[Pixel], bits: u32) -> Pixel {
    std::array::from_fn(|component| {
        let products = coefs.iter().zip(pixels).map(|(&coef, pixel)| i128::from(coef) * i128::from(pixel[component]));
        ((products.sum::<i128>() + (1 << (bits - 1))) >> bits).clamp(0, 65535) as u16
    })
}

/// Noise, and pixels whose components are 0 or 65535.
fn pixels(count: impl Into<prop::collection::SizeRange>) -> impl Strategy<Value = Vec<Pixel>> {
    let extreme = prop_oneof![Just(0u16), Just(65535)];
    prop::collection::vec(prop_oneof![any::<Pixel>(), prop::array::uniform4(extreme)], count)
}

proptest! {
    #[test]
    fn each_level_weighs_pixels_side_by_side(
        (row, to) in (pixels(1..200), 1u32..250), pick in 0usize..4, span in (0usize..250, 0usize..250),
    ) {
        let taps = WideTaps::new(&Axis::resizing(row.len() as u32, to), Filter::ALL[pick]);
        let (start, end) = (span.0 % taps.len(), span.1 % taps.len() + 1);
        let span = start.min(end - 1)..end;
        let twin: Vec<Pixel> =
            span.clone().map(|t| naive(taps.coefs(t), &row[taps.pixels(t)], taps.bits(t))).collect();
        each_level_equals(&twin, |cpu| {
            let mut out = vec![[1; 4]; span.len()];
            across(cpu, &taps, span.clone(), (&row, 0), &mut out);
            out
        });
    }

    #[test]
    fn each_level_weighs_pixels_below_each_other(
        (from, to, width) in (1usize..60, 1u32..40, 1usize..40), noise in pixels(2400), pick in 0usize..4, t in 0usize..40,
    ) {
        let taps = WideTaps::new(&Axis::resizing(from as u32, to), Filter::ALL[pick]);
        let t = t % taps.len();
        let rows: Vec<&[Pixel]> = taps.pixels(t).map(|row| &noise[row * width..][..width]).collect();
        let column = |x: usize| rows.iter().map(|row| row[x]).collect::<Vec<_>>();
        let twin: Vec<Pixel> = (0..width).map(|x| naive(taps.coefs(t), &column(x), taps.bits(t))).collect();
        each_level_equals(&twin, |cpu| {
            let mut out = vec![[1; 4]; width];
            down(cpu, (taps.coefs(t), taps.bits(t)), &rows, &mut out);
            out
        });
    }
}
