//! How much of a picture has which luminance.
//!
//! No code for levels: each pixel adds to a place of its own, which vectors cannot do.

use crate::imaging::pixel::color::gray_of_rgb;
use crate::imaging::pixel::raster::Raster;

use crate::imaging::kernel::alpha::Divider;

/// Per luminance of the true (not premultiplied) colour, the sum of the alphas of its pixels.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Histogram(pub(crate) [u64; 256]);

impl Histogram {
    /// Counts the pixels of a picture; `premultiplied` says what its colours are. Those of a picture without alpha
    /// weigh 255 each.
    pub(crate) fn of(raster: &Raster, premultiplied: bool) -> Self {
        let divider = Divider::new();
        let (colors, alpha) = raster.split_alpha();
        let mut sums = [0; 256];
        for i in 0..colors[0].samples().len() {
            let weight = alpha.map_or(255, |alpha| alpha.samples()[i]);
            let color = |plane: usize| {
                let value = colors[plane].samples()[i];
                if premultiplied { divider.quotient(value, weight) } else { value }
            };
            let luminance = if colors.len() < 3 { color(0) } else { gray_of_rgb([color(0), color(1), color(2)]) };
            sums[usize::from(luminance)] += u64::from(weight);
        }
        Self(sums)
    }

    /// The lowest luminance that, with all below it, holds at least `permille` thousandths of the picture; `None` if
    /// there is nothing to be seen.
    pub(crate) fn quantile(&self, permille: u32) -> Option<u8> {
        let total: u128 = self.0.iter().copied().map(u128::from).sum();
        let mut running = 0;
        (0..=255).zip(self.0).find_map(|(luminance, sum)| {
            running += u128::from(sum);
            (running > 0 && running * 1000 >= total * u128::from(permille)).then_some(luminance)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::base::geom::Size;
    use crate::imaging::pixel::raster::{Layout, Plane};

    fn of_planes(planes: &[&[u8]], alpha: bool) -> Raster {
        let layout = Layout { colors: planes.len() as u8 - u8::from(alpha), alpha };
        let mut raster = Raster::zeroed(Size::new(planes[0].len() as u32, 1), layout);
        for (plane, samples) in raster.planes_mut().iter_mut().zip(planes) {
            plane.samples_mut().copy_from_slice(samples);
        }
        raster
    }

    #[test]
    fn luminance_is_weighed_by_alpha() {
        let premultiplied = of_planes(&[&[100, 50, 9], &[255, 128, 0]], true);
        let divided = of_planes(&[&[100, 100, 7], &[255, 128, 0]], true);
        let histogram = Histogram::of(&premultiplied, true);
        assert_eq!(histogram, Histogram::of(&divided, false));
        assert_eq!((histogram.0[100], histogram.0.iter().sum::<u64>()), (383, 383));
        let red = Histogram::of(&of_planes(&[&[255], &[0], &[0]], false), true);
        assert_eq!(red.0[76], 255);
    }

    #[test]
    fn quantiles_count_from_the_dark_end() {
        let values: Vec<u8> = (0..200).map(|i| i / 2 + 10).collect();
        let histogram = Histogram::of(&of_planes(&[&values], false), false);
        let at = |permille| histogram.quantile(permille).unwrap();
        assert_eq!([0, 5, 10, 11, 500, 995, 1000].map(at), [10, 10, 10, 11, 59, 109, 109]);
        let empty = Raster::from_planes(vec![Plane::filled(Size::new(3, 3), 0); 2], Layout::GRAY.with_alpha(true));
        assert_eq!(Histogram::of(&empty, true).quantile(500), None);
    }
}
