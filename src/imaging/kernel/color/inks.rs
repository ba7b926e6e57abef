//! Inks to RGB and to brightness, by what they leave of the light (`protocol.md` §2.1): no profile involved.

use crate::base::cancel::{Cancel, STRIDE};
use crate::base::error::Result;
use crate::base::work::{Kind, count};
use crate::imaging::pixel::color::{gray_of_rgb, rgb_of_cmyk};
use crate::imaging::pixel::raster::{Layout, Raster, Sample};

/// CMYK to RGB; alpha is kept. Other pictures stay as they are. `premultiplied` says what the colours are, and are then.
///
/// # Errors
///
/// The work is to be given up.
pub(crate) fn from_cmyk<S: Sample>(raster: Raster<S>, premultiplied: bool, cancel: Cancel<'_>) -> Result<Raster<S>> {
    let layout = raster.layout();
    if !layout.is_cmyk() {
        return Ok(raster);
    }
    count(Kind::Mix, raster.size().area() as usize);
    let mut planes = raster.into_planes();
    let alpha = layout.alpha.then(|| planes.pop()).flatten();
    let black = planes.pop();
    let whole = alpha.as_ref().filter(|_| premultiplied);
    for ink in &mut planes {
        let Some(black) = &black else { continue };
        let pieces = ink.samples_mut().chunks_mut(STRIDE).zip(black.samples().chunks(STRIDE));
        match whole {
            Some(whole) => cancel.each(pieces.zip(whole.samples().chunks(STRIDE)), |((ink, black), whole)| {
                for ((ink, &black), &whole) in ink.iter_mut().zip(black).zip(whole) {
                    // Inks of transparent pixels leave nothing of what is not there.
                    *ink = whole.less(*ink).part(whole.less(black), whole);
                }
            })?,
            None => cancel.each(pieces, |(ink, black)| {
                let all = S::of_byte(255);
                for (ink, &black) in ink.iter_mut().zip(black) {
                    *ink = all.less(*ink).times(all.less(black));
                }
            })?,
        }
    }
    planes.extend(alpha);
    Ok(Raster::from_planes(planes, Layout::RGB.with_alpha(layout.alpha)))
}

/// The luma of rows of cyan, magenta, yellow and black.
pub(in super::super) fn brightness_of_inks([c, m, y, k]: [&[u8]; 4], out: &mut [u8]) {
    for (out, (((&c, &m), &y), &k)) in out.iter_mut().zip(c.iter().zip(m).zip(y).zip(k)) {
        *out = gray_of_rgb(rgb_of_cmyk([c, m, y, k]));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Size;
    use crate::imaging::kernel::alpha::{divide, multiply};
    use crate::imaging::kernel::alpha_wide;
    use crate::imaging::pixel::color::mul_255;
    use crate::imaging::pixel::raster::Plane;
    use crate::test_support::Dice;

    /// Noise in this number of planes.
    fn noise(layout: Layout, alpha: impl Fn(&mut Dice) -> u8) -> Raster {
        let mut dice = Dice::new(7);
        let mut raster = Raster::zeroed(Size::new(300, 40), layout);
        for plane in raster.planes_mut() {
            plane.samples_mut().fill_with(|| dice.byte());
        }
        if let (_, Some(plane)) = raster.split_alpha_mut() {
            plane.samples_mut().fill_with(|| alpha(&mut dice));
        }
        raster
    }

    fn pixel<S: Sample>(raster: &Raster<S>, i: usize) -> Vec<S> {
        raster.planes().iter().map(|plane| plane.samples()[i]).collect()
    }

    fn rgb<S: Sample>(raster: Raster<S>, premultiplied: bool) -> Raster<S> {
        from_cmyk(raster, premultiplied, Cancel::ALWAYS).unwrap()
    }

    #[test]
    fn inks_leave_light() {
        for premultiplied in [false, true] {
            for layout in [Layout::CMYK, Layout::CMYK.with_alpha(true)] {
                let inks = noise(layout, |_| 255);
                let done = rgb(inks.clone(), premultiplied);
                assert_eq!(done.layout(), Layout::RGB.with_alpha(layout.alpha));
                for i in 0..12_000 {
                    let (ink, done) = (pixel(&inks, i), pixel(&done, i));
                    assert_eq!(done[..3], rgb_of_cmyk([ink[0], ink[1], ink[2], ink[3]]));
                    assert_eq!(done[3..], ink[4..]);
                }
            }
        }
        let plain = noise(Layout::RGB, |_| 255);
        assert_eq!(rgb(plain.clone(), true), plain);
    }

    /// Dividing by alpha before or after makes no difference but for what 8 bits round.
    #[test]
    fn inks_under_alpha_are_those_of_true_colors() {
        let inks = noise(Layout::CMYK.with_alpha(true), Dice::byte);
        let straight = rgb(inks.clone(), false);
        let mut narrow = inks.clone();
        multiply(&mut narrow, Cancel::ALWAYS).unwrap();
        let narrow = rgb(narrow, true);
        let wide = rgb(alpha_wide::multiplied(&inks, false, Cancel::ALWAYS).unwrap(), true);
        let back = alpha_wide::divided(&wide, Cancel::ALWAYS).unwrap();
        let mut divided = narrow.clone();
        divide(&mut divided, Cancel::ALWAYS).unwrap();
        for i in 0..12_000 {
            let (exact, narrow, back) = (pixel(&straight, i), pixel(&narrow, i), pixel(&back, i));
            let alpha = exact[3];
            assert_eq!((narrow[3], back[3]), (alpha, alpha));
            for c in 0..3 {
                assert!(narrow[c] <= alpha);
                assert!(narrow[c].abs_diff(mul_255(exact[c], alpha)) <= 2);
                if alpha > 8 {
                    assert!(back[c].abs_diff(exact[c]) <= 1, "{} {} {alpha}", back[c], exact[c]);
                }
            }
        }
    }

    /// What is opaque has the bytes of 8 bits.
    #[test]
    fn opaque_inks_of_16_bits_are_those_of_8() {
        let inks = noise(Layout::CMYK.with_alpha(true), |_| 255);
        let wide = alpha_wide::multiplied(&inks, true, Cancel::ALWAYS).unwrap();
        let back = alpha_wide::divided(&rgb(wide, true), Cancel::ALWAYS).unwrap();
        assert_eq!(back, rgb(inks, false));
    }

    #[test]
    fn brightness_is_that_of_the_light() {
        let inks = noise(Layout::CMYK, |_| 255);
        let mut gray = vec![0; 12_000];
        let planes: Vec<&[u8]> = inks.planes().iter().map(Plane::samples).collect();
        brightness_of_inks([planes[0], planes[1], planes[2], planes[3]], &mut gray);
        for (i, gray) in gray.into_iter().enumerate() {
            let ink = pixel(&inks, i);
            assert_eq!(gray, gray_of_rgb(rgb_of_cmyk([ink[0], ink[1], ink[2], ink[3]])));
        }
    }
}
