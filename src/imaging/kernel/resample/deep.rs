//! Pictures of 16 bits, row by row. With alpha, colours are multiplied by it before they are weighed.
//!
//! All samples keep 16 bits through both passes, of which the horizontal one comes first. What a sample is depends on nothing
//! but the pixels that it reads, so that tiles join.

use crate::base::cancel::Cancel;
use crate::base::error::Result;
use crate::base::geom::{Axis, Filter, Size, Window};
use crate::base::limits::zeros;
use crate::base::work::{Kind, count};
use crate::imaging::kernel::isa::cpu::Cpu;
use crate::imaging::kernel::taps::WideTaps;
use crate::imaging::pixel::raster::{Layout, Raster, Row, RowStage, Sample, WideRow};

use super::wide::{Pixel, across, down};

/// Resamples the wide rows of a window, whose colours are not multiplied by their alpha.
#[derive(Debug)]
pub(crate) struct DeepResampler {
    cpu: Cpu,
    x: WideTaps,
    y: WideTaps,
    /// The pixels of a row.
    pixels: Vec<Pixel>,
    /// Rows between the passes, each in the place of an older one.
    ring: Vec<Vec<Pixel>>,
    /// A row of the result.
    made: Vec<Pixel>,
    window_x: usize,
    next_in: usize,
    next_out: usize,
    out: Raster<u16>,
}

impl DeepResampler {
    /// Samples at `x` and `y`, in the pixels of the whole decoded source, from rows of `window` of gray or RGB. With `add_alpha`
    /// an alpha component is added to a source that has none.
    pub(crate) fn new(
        cpu: Cpu,
        (x, y): (&Axis, &Axis),
        filter: Filter,
        window: Window,
        incoming: Layout,
        add_alpha: bool,
    ) -> Self {
        debug_assert!(incoming.colors <= 3);
        let size = Size::new(x.len, y.len);
        let (x, y) = (WideTaps::new(x, filter), WideTaps::new(y, filter));
        // A sample waits for the latest row that it or one before it needs; all its rows must still be there.
        let (mut latest, mut rows) = (0, 1);
        for pixels in (0..y.len()).map(|t| y.pixels(t)).filter(|pixels| !pixels.is_empty()) {
            latest = latest.max(pixels.end);
            rows = rows.max(latest - pixels.start);
        }
        let mut resampler = Self {
            cpu,
            made: zeros(x.len()),
            x,
            y,
            pixels: Vec::new(),
            ring: (0..rows).map(|_| Vec::new()).collect(),
            window_x: window.x as usize,
            next_in: window.y as usize,
            next_out: 0,
            out: Raster::zeroed(size, incoming.with_alpha(incoming.alpha || add_alpha)),
        };
        resampler.skip_empty();
        resampler
    }

    /// The samples, once all rows have come: colours are multiplied by alpha, if there is any.
    pub(crate) fn finish(self) -> Raster<u16> {
        debug_assert_eq!(self.next_out, self.y.len(), "a decoder delivers every row of its window");
        self.out
    }

    /// Takes one row.
    ///
    /// # Errors
    ///
    /// The work is to be given up.
    pub(super) fn take(&mut self, row: &WideRow, cancel: Cancel<'_>) -> Result<()> {
        count(Kind::Row, 1);
        interleave(row, &mut self.pixels);
        let place = self.next_in % self.ring.len();
        let slot = &mut self.ring[place];
        if slot.is_empty() {
            *slot = zeros(self.x.len());
        }
        across(self.cpu, &self.x, 0..self.x.len(), (&self.pixels, self.window_x), slot);
        self.next_in += 1;
        while self.next_out < self.y.len() && self.y.pixels(self.next_out).end <= self.next_in {
            self.put_row(cancel)?;
            self.next_out += 1;
            self.skip_empty();
        }
        Ok(())
    }

    /// Makes the next row of the result.
    fn put_row(&mut self, cancel: Cancel<'_>) -> Result<()> {
        cancel.check()?;
        let Self { cpu, y, ring, made, next_out, out, .. } = self;
        let rows: Vec<&[Pixel]> = y.pixels(*next_out).map(|row| &ring[row % ring.len()][..]).collect();
        down(*cpu, (y.coefs(*next_out), y.bits(*next_out)), &rows, made);
        let colors = usize::from(out.layout().colors);
        for (plane, out) in out.planes_mut().iter_mut().enumerate() {
            let component = if plane == colors { ALPHA } else { plane };
            out.row_mut(*next_out).iter_mut().zip(&*made).for_each(|(out, pixel)| *out = pixel[component]);
        }
        Ok(())
    }

    /// Rows that see nothing of the source stay zero.
    fn skip_empty(&mut self) {
        while self.next_out < self.y.len() && self.y.pixels(self.next_out).is_empty() {
            self.next_out += 1;
        }
    }
}

/// The component of a pixel that holds alpha.
const ALPHA: usize = 3;

/// The pixels of a row, with colours multiplied by alpha.
fn interleave(row: &WideRow, pixels: &mut Vec<Pixel>) {
    let layout = row.layout();
    count(Kind::Multiply, 4 * row.width());
    pixels.clear();
    pixels.resize(row.width(), [0, 0, 0, u16::MAX]);
    for color in 0..usize::from(layout.colors) {
        pixels.iter_mut().zip(row.plane(color)).for_each(|(pixel, &sample)| pixel[color] = sample);
    }
    if layout.alpha {
        for (pixel, &alpha) in pixels.iter_mut().zip(row.plane(usize::from(layout.colors))) {
            let [red, green, blue, _] = *pixel;
            *pixel = [red.times(alpha), green.times(alpha), blue.times(alpha), alpha];
        }
    }
}

impl RowStage for DeepResampler {
    /// Of bytes: what they are in 16 bits.
    fn row(&mut self, row: &mut Row, cancel: Cancel<'_>) -> Result<()> {
        let mut wide = WideRow::new(row.width() as u32, row.layout());
        for (to, from) in wide.planes_mut().into_iter().zip(row.planes()) {
            to.iter_mut().zip(from).for_each(|(to, &from)| *to = u16::of_byte(from));
        }
        self.take(&wide, cancel)
    }

    fn takes_wide(&self) -> bool {
        true
    }

    fn wide_row(&mut self, row: &mut WideRow, cancel: Cancel<'_>) -> Result<()> {
        self.take(row, cancel)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::imaging::kernel::resample::whole::resized_wide;
    use crate::test_support::Dice;

    fn noise(len: u32, dice: &mut Dice) -> Vec<u16> {
        (0..len).map(|_| u16::from_be_bytes([dice.byte(), dice.byte()])).collect()
    }

    /// Planes, of which the last may be alpha, through the resampler.
    fn resampled(
        cpu: Cpu,
        planes: &[Vec<u16>],
        layout: Layout,
        (from, axes, filter): (Size, (&Axis, &Axis), Filter),
        add_alpha: bool,
    ) -> Raster<u16> {
        let window = Window { x: 0, y: 0, width: from.width, height: from.height };
        let mut resampler = DeepResampler::new(cpu, axes, filter, window, layout, add_alpha);
        let mut row = WideRow::new(from.width, layout);
        for y in 0..from.height as usize {
            for (to, plane) in row.planes_mut().into_iter().zip(planes) {
                to.copy_from_slice(&plane[y * from.width as usize..][..from.width as usize]);
            }
            resampler.wide_row(&mut row, Cancel::ALWAYS).unwrap();
        }
        resampler.finish()
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        /// Each component is what `fast_image_resize` makes of it, multiplied by alpha before.
        #[test]
        fn components_are_resized(
            (sw, sh) in (1u32..50, 1u32..40), (vw, vh) in (1u32..50, 1u32..40), pick in 0usize..4, seed: u64,
        ) {
            let (from, to, filter) = (Size::new(sw, sh), Size::new(vw, vh), Filter::ALL[pick]);
            let axes = (&Axis::resizing(sw, vw), &Axis::resizing(sh, vh));
            let mut dice = Dice::new(seed | 1);
            let planes: Vec<Vec<u16>> = (0..4).map(|_| noise(sw * sh, &mut dice)).collect();
            for cpu in Cpu::all() {
                let expected = |samples: &[u16]| resized_wide(cpu, samples, from, to, filter, Cancel::ALWAYS).unwrap();
                for colors in [1, 3] {
                    let layout = Layout { colors: colors as u8, alpha: false };
                    let opaque = resampled(cpu, &planes[..colors], layout, (from, axes, filter), false);
                    for (plane, samples) in opaque.planes().iter().zip(&planes) {
                        prop_assert_eq!(plane.samples(), expected(samples));
                    }
                    let alpha = &planes[3];
                    let mut given = planes[..colors].to_vec();
                    given.push(alpha.clone());
                    let seen = resampled(cpu, &given, layout.with_alpha(true), (from, axes, filter), false);
                    for (plane, samples) in seen.planes().iter().zip(&planes[..colors]) {
                        let products: Vec<u16> = samples.iter().zip(alpha).map(|(&s, &a)| s.times(a)).collect();
                        prop_assert_eq!(plane.samples(), expected(&products));
                    }
                    prop_assert_eq!(seen.planes()[colors].samples(), expected(alpha));
                }
            }
        }
    }

    #[test]
    fn flat_pictures_stay_flat_and_opaque() {
        let (from, cpu) = (Size::new(300, 7), Cpu::all()[0]);
        for value in [0, 1, 12_345, 32_768, 65_534, 65_535] {
            for (vw, vh) in [(7, 3), (299, 7), (301, 20), (1, 1)] {
                for filter in Filter::ALL {
                    let axes = (&Axis::resizing(300, vw), &Axis::resizing(7, vh));
                    let planes = [vec![value; 2100], vec![u16::MAX; 2100]];
                    let layout = Layout::GRAY.with_alpha(true);
                    let raster = resampled(cpu, &planes, layout, (from, axes, filter), false);
                    assert!(
                        raster.planes()[0].samples().iter().all(|&sample| sample == value),
                        "{value} {vw} {filter:?}"
                    );
                    assert!(raster.planes()[1].samples().iter().all(|&sample| sample == u16::MAX));
                }
            }
        }
    }

    /// Beyond the picture there is transparency, as it is for bytes.
    #[test]
    fn margins_are_transparent() {
        // Pixels −4..12 of a source of 8×1, two for each sample.
        let axis = Axis { len: 8, first: -6, step: 4, den: 2, bounds: -4..12, exists: 0..8 };
        let one = Axis { len: 1, first: 1, step: 2, den: 2, bounds: 0..1, exists: 0..1 };
        let planes = [vec![40_000; 8]];
        let from = Size::new(8, 1);
        let raster = resampled(Cpu::all()[0], &planes, Layout::GRAY, (from, (&axis, &one), Filter::Bilin), true);
        assert_eq!(raster.layout(), Layout::GRAY.with_alpha(true));
        let [gray, alpha] = [0, 1].map(|plane| raster.planes()[plane].samples());
        assert_eq!((gray[0], alpha[0], gray[3], alpha[3], gray[7], alpha[7]), (0, 0, 40_000, 65_535, 0, 0));
        for (gray, alpha) in gray.iter().zip(alpha) {
            assert!(gray.abs_diff(40_000u16.times(*alpha)) <= 1);
        }
    }
}
