use proptest::prelude::*;

use super::color::{Color, TRANSPARENT, multiplied};
use super::histogram::{Bin, Histogram};
use super::*;
use crate::base::error::ErrorKind;
use crate::base::geom::Size;
use crate::imaging::pixel::raster::Layout;
use crate::test_support::Dice;

/// A picture of these colours, in rows of 16.
fn picture(colors: &[Color], layout: Layout) -> Raster {
    let size = Size::new(16, colors.len().div_ceil(16) as u32);
    let mut raster = Raster::zeroed(size, layout);
    for (component, plane) in raster.planes_mut().iter_mut().enumerate() {
        let component = if layout.colors == 1 && component == 1 { 3 } else { component };
        for (sample, color) in plane.samples_mut().iter_mut().zip(colors.iter().cycle()) {
            *sample = color[component];
        }
    }
    raster
}

/// As many colours by chance, of which some are alike; every third is opaque if there is alpha, every fifth transparent.
fn colors(count: usize, alpha: bool, seed: u64) -> Vec<Color> {
    let mut dice = Dice::new(seed);
    let mut byte = || dice.below(256) as u8;
    (0..count)
        .map(|place| {
            let base = byte();
            let [r, g, b] = [base, base.saturating_add(byte() / 4), base.saturating_sub(byte() / 4)];
            let alpha = match place {
                _ if !alpha => 255,
                place if place % 3 == 0 => 255,
                place if place % 5 == 0 => 0,
                _ => byte(),
            };
            [r, g, b, alpha]
        })
        .collect()
}

fn settings(kind: PaletteKind, diffuse: bool, colors: u16, list: &[[u8; 3]]) -> Quantize {
    Quantize { kind, diffuse, colors, list: list.into() }
}

fn adaptive(diffuse: bool, colors: u16) -> Quantize {
    settings(PaletteKind::Adaptive, diffuse, colors, &[])
}

fn quantized(raster: &Raster, settings: &Quantize, transparency: Transparency) -> Indexed {
    let indexed = quantize(raster, settings, transparency, Cancel::ALWAYS).unwrap();
    assert_eq!(indexed.indices.size(), raster.size());
    assert!(!indexed.palette.is_empty() && indexed.palette.len() <= 256);
    let most = indexed.indices.samples().iter().max().unwrap();
    assert!(usize::from(*most) < indexed.palette.len());
    indexed
}

/// The colours of a picture with a palette.
fn shown(indexed: &Indexed) -> Vec<Color> {
    indexed.indices.samples().iter().map(|&index| indexed.palette[usize::from(index)]).collect()
}

/// The squared differences of colours that are multiplied by alpha.
fn distance(a: Color, b: Color) -> i32 {
    let both = multiplied(a).into_iter().zip(multiplied(b));
    both.map(|(a, b)| (i32::from(a) - i32::from(b)).pow(2)).sum()
}

const LAYOUT: Layout = Layout::RGB.with_alpha(true);

proptest! {
    /// No more colours than there is room for, in any order and with alpha: none is changed, with diffusion or without.
    #[test]
    fn few_colors_are_kept(count in 2usize..60, alpha: bool, diffuse: bool, seed: u64) {
        let mut few = colors(count, alpha, seed);
        let mut dice = Dice::new(seed ^ 1);
        let many: Vec<Color> = (0..400).map(|_| few[dice.below(count)]).collect();
        let raster = picture(&many, if alpha { LAYOUT } else { Layout::RGB });
        few.iter_mut().for_each(|color| if color[3] == 0 { *color = TRANSPARENT });
        few.sort_unstable();
        few.dedup();
        let indexed = quantized(&raster, &adaptive(diffuse, few.len().max(2) as u16), Transparency::Entries);
        let kept = many.iter().map(|color| if color[3] == 0 { TRANSPARENT } else { *color });
        prop_assert_eq!(shown(&indexed), kept.collect::<Vec<_>>());
        prop_assert!(indexed.palette.len() <= few.len());
    }

    #[test]
    fn many_colors_become_as_many_as_asked_for(
        most in 2u16..257,
        list in proptest::collection::vec(any::<[u8; 3]>(), 0..5),
        alpha: bool,
        diffuse: bool,
        seed: u64,
    ) {
        let list = &list[..list.len().min(usize::from(most))];
        let raster = picture(&colors(2000, alpha, seed), if alpha { LAYOUT } else { Layout::RGB });
        let settings = settings(PaletteKind::Adaptive, diffuse, most, list);
        let indexed = quantized(&raster, &settings, Transparency::Entries);
        let forced = usize::from(most).max(list.len() + usize::from(alpha));
        prop_assert!(indexed.palette.len() <= forced, "{} of {most}", indexed.palette.len());
        for (entry, [r, g, b]) in indexed.palette.iter().zip(list) {
            prop_assert_eq!(*entry, [*r, *g, *b, 255]);
        }
        // What is wholly transparent stays so.
        let is_transparent = |color: &Color| color[3] == 0;
        let transparent = raster.planes().last().unwrap().samples();
        for (color, &alpha) in shown(&indexed).iter().zip(transparent).filter(|_| raster.layout().alpha) {
            prop_assert!(alpha > 0 || is_transparent(color));
        }
    }

    /// Each pixel gets the entry that is nearest, and of equally near ones the first.
    #[test]
    fn entries_are_the_nearest(entries in 1usize..257, alpha: bool, seed: u64) {
        let mut palette = colors(entries, alpha, seed);
        palette.iter_mut().for_each(|color| *color = multiplied(*color));
        let mut nearest = Nearest::new(&palette, None, alpha);
        for color in colors(300, alpha, seed ^ 7).into_iter().map(multiplied) {
            let own = |entry: &Color| -> i32 {
                entry.iter().zip(color).map(|(a, b)| (i32::from(*a) - i32::from(b)).pow(2)).sum()
            };
            let expected = (0..entries).min_by_key(|&entry| own(&palette[entry])).unwrap();
            prop_assert_eq!(usize::from(nearest.of(color.map(i32::from))), expected);
        }
    }

    /// One entry takes all that is less than half opaque, and nothing else; all other entries are opaque.
    #[test]
    fn a_key_takes_what_is_less_than_half_opaque(most in 2u16..257, kind in 0usize..2, diffuse: bool, seed: u64) {
        let all = colors(800, true, seed);
        let kind = [PaletteKind::Adaptive, PaletteKind::Web][kind];
        let settings = settings(kind, diffuse, most, &[]);
        let indexed = quantized(&picture(&all, LAYOUT), &settings, Transparency::Key([9, 99, 199]));
        for (color, alpha) in shown(&indexed).into_iter().zip(all.iter().map(|color| color[3])) {
            prop_assert_eq!(color[3], if alpha < 128 { 0 } else { 255 });
        }
        let most = if kind == PaletteKind::Web { 217 } else { usize::from(most.min(255)) + 1 };
        prop_assert!(indexed.palette.len() <= most);
    }
}

#[test]
fn colors_are_laid_on_the_background_of_a_key() {
    let all = [[200, 100, 0, 255], [200, 100, 0, 128], [200, 100, 0, 127], [0, 0, 0, 0]];
    let indexed = quantized(&picture(&all, LAYOUT), &adaptive(false, 256), Transparency::Key([0, 255, 255]));
    assert_eq!(shown(&indexed)[..4], [[200, 100, 0, 255], [100, 177, 127, 255], TRANSPARENT, TRANSPARENT]);
    assert_eq!(indexed.key(), Some(0));
}

/// Dark colours are as near to transparent black as to the nearest entry of a palette that has no dark one.
#[test]
fn opaque_colors_never_become_the_key() {
    let all: Vec<Color> = (0..=255).map(|value| [value / 8, 0, 0, if value % 7 == 0 { 0 } else { 255 }]).collect();
    let settings = settings(PaletteKind::Adaptive, true, 2, &[[255, 255, 255], [255, 250, 255]]);
    let indexed = quantized(&picture(&all, LAYOUT), &settings, Transparency::Key([0; 3]));
    for (color, alpha) in shown(&indexed).into_iter().zip(all.iter().map(|color| color[3])) {
        assert_eq!(color[3], alpha);
    }
}

#[test]
fn entries_stand_in_their_order() {
    let all = [[9, 9, 9, 255], [1, 1, 1, 255], [5, 5, 5, 100], [0, 0, 0, 0], [7, 0, 0, 255]];
    let settings = settings(PaletteKind::Adaptive, true, 7, &[[8, 8, 8], [9, 9, 9]]);
    let indexed = quantized(&picture(&all, LAYOUT), &settings, Transparency::Entries);
    let forced = [[8, 8, 8, 255], [9, 9, 9, 255], TRANSPARENT];
    assert_eq!(indexed.palette, [&forced[..], &[[5, 5, 5, 100], [1, 1, 1, 255], [7, 0, 0, 255]]].concat());
}

#[test]
fn fixed_palettes_are_those_of_the_protocol() {
    let web = fixed::web();
    assert_eq!((web.len(), web[0], web[1], web[215]), (216, [0, 0, 0, 255], [0, 0, 51, 255], [255; 4]));
    let mac = fixed::mac();
    assert_eq!((mac.len(), mac[0], mac[1], mac[255]), (256, [255; 4], [255, 255, 204, 255], [0, 0, 0, 255]));
    assert_eq!(
        [mac[214], mac[215], mac[225], mac[244], mac[254]].map(|[r, g, b, _]| [r, g, b]),
        [[0, 0, 51], [238, 0, 0], [0, 238, 0], [0, 0, 17], [17, 17, 17],]
    );
    for mut palette in [web, mac] {
        let len = palette.len();
        palette.sort_unstable();
        palette.dedup();
        assert_eq!(palette.len(), len);
    }
    let all = colors(500, false, 3);
    for (kind, palette) in [(PaletteKind::Web, fixed::web()), (PaletteKind::Mac, fixed::mac())] {
        let indexed = quantized(&picture(&all, Layout::RGB), &settings(kind, false, 256, &[]), Transparency::Entries);
        for (found, color) in shown(&indexed).into_iter().zip(&all) {
            let least = palette.iter().map(|entry| distance(*entry, *color)).min().unwrap();
            assert_eq!(distance(found, *color), least);
        }
        assert!(indexed.palette.iter().all(|entry| palette.contains(entry)));
    }
}

/// A gray in black and white: the mean stays, and no two rows are alike for long.
#[test]
fn what_is_missed_is_handed_on() {
    for level in [1, 20, 85, 128, 200, 254] {
        let size = Size::new(64, 64);
        let mut gray = Raster::zeroed(size, Layout::GRAY);
        gray.planes_mut()[0].samples_mut().fill(level);
        let settings = settings(PaletteKind::Adaptive, true, 2, &[[0; 3], [255; 3]]);
        let shown = shown(&quantized(&gray, &settings, Transparency::Entries));
        let sum: u32 = shown.iter().map(|color| u32::from(color[0])).sum();
        let off = (f64::from(sum) / 4096.0 - f64::from(level)).abs();
        assert!(off < 4.0, "{level}: {off}");
    }
}

/// By hand: of 100, black misses 100, of which the right neighbor gets 7/16, 44, and those below 3/16, 5/16 and 1/16.
#[test]
fn the_weights_are_those_of_floyd_and_steinberg() {
    let size = Size::new(3, 2);
    let mut gray = Raster::zeroed(size, Layout::GRAY);
    gray.planes_mut()[0].samples_mut().copy_from_slice(&[0, 100, 84, 108, 96, 0]);
    let settings = settings(PaletteKind::Adaptive, true, 2, &[[0; 3], [255; 3]]);
    let indexed = quantized(&gray, &settings, Transparency::Entries);
    // 100 → black; 84 + 44 = 128 → white, misses −127; 108 + 19 = 127 → black, misses 127;
    // 96 + (5 · 100 − 3 · 127 + 7 · 127 + 8) / 16 = 159 → white; 0 + (100 − 5 · 127 − 7 · 96) / 16 < 0 → black.
    assert_eq!(indexed.indices.samples(), [0, 0, 1, 0, 1, 0]);
}

#[test]
fn adaptive_palettes_are_nearer_than_fixed_ones() {
    let all: Vec<Color> = (0..4096u32)
        .map(|place| {
            let (x, y) = (place % 64, place / 64);
            [(60 + x * 2) as u8, (40 + y * 3) as u8, (200 - x - y) as u8, 255]
        })
        .collect();
    let raster = picture(&all, Layout::RGB);
    let missed = |settings: &Quantize| -> i64 {
        let shown = shown(&quantized(&raster, settings, Transparency::Entries));
        shown.iter().zip(&all).map(|(a, b)| i64::from(distance(*a, *b))).sum()
    };
    let [two, sixteen, all] = [2, 16, 256].map(|colors| missed(&adaptive(false, colors)));
    let web = missed(&settings(PaletteKind::Web, false, 256, &[]));
    assert!(all * 3 < sixteen && sixteen * 3 < two && all * 20 < web, "{all} {sixteen} {two} {web}");
}

/// Which bits tell bins apart depends on the colours, not on their order.
#[test]
fn histograms_are_as_fine_as_their_number_allows() {
    let mut histogram = Histogram::new();
    let mut dice = Dice::new(5);
    let mut all: Vec<Color> = (0..40_000).map(|_| [(); 4].map(|()| dice.below(256) as u8)).collect();
    all.iter_mut().for_each(|color| color[3] = 255);
    all.iter().for_each(|&color| histogram.add(color));
    let bins = histogram.finish();
    assert!((4096..=32768).contains(&bins.len()), "{}", bins.len());
    assert_eq!(bins.iter().map(|bin| bin.weight).sum::<u64>(), 40_000);
    let sum: u64 = all.iter().map(|color| u64::from(color[1])).sum();
    assert_eq!(bins.iter().map(|bin| bin.sums[1]).sum::<u64>(), sum);
    // Backwards the bins are the same.
    let mut backwards = Histogram::new();
    all.iter().rev().for_each(|&color| backwards.add(color));
    let sorted = |bins: Vec<Bin>| {
        let mut bins: Vec<_> = bins.into_iter().map(|bin| (bin.sums, bin.weight)).collect();
        bins.sort_unstable();
        bins
    };
    assert_eq!(sorted(backwards.finish()), sorted(bins));
}

#[test]
fn parts_are_cut_out_and_reach_beyond() {
    let all: Vec<Color> = (0..48).map(|place| [place, 0, 0, 255]).collect();
    let indexed = quantized(&picture(&all, Layout::RGB), &adaptive(true, 256), Transparency::Entries);
    let whole = shown(&indexed);
    let outside = [1, 200, 3, 255];
    for (at, size) in [((3, 1), (5, 2)), ((-2, -1), (4, 3)), ((14, 2), (4, 4)), ((-9, 0), (3, 3)), ((0, 0), (16, 3))] {
        let size = Size::new(size.0, size.1);
        let part = cut_out(indexed.clone(), at, size, outside, Cancel::ALWAYS).unwrap();
        let expected: Vec<Color> = (0..i64::from(size.height))
            .flat_map(|y| (0..i64::from(size.width)).map(move |x| (at.0 + x, at.1 + y)))
            .map(|(x, y)| {
                let is_inside = (0..16).contains(&x) && (0..3).contains(&y);
                if is_inside { whole[(16 * y + x) as usize] } else { outside }
            })
            .collect();
        assert_eq!(shown(&part), expected, "{at:?}");
    }
    // Without room the nearest colour stands for it.
    let palette: Vec<Color> = (0..=255).map(|level| [level, level, level, 255]).collect();
    let full = Indexed { palette: palette.clone(), indices: Plane::filled(Size::new(1, 1), 7) };
    let part = cut_out(full, (-1, 0), Size::new(2, 1), [101, 100, 99, 255], Cancel::ALWAYS).unwrap();
    assert_eq!((part.palette, part.indices.samples()), (palette, &[100, 7][..]));
}

#[test]
fn the_work_can_be_given_up_at_each_row() {
    let raster = picture(&colors(1600, true, 8), LAYOUT);
    for settings in [adaptive(true, 64), adaptive(false, 64), settings(PaletteKind::Web, true, 256, &[])] {
        let asked = std::cell::Cell::new(0);
        let count = || {
            asked.set(asked.get() + 1);
            true
        };
        quantize(&raster, &settings, Transparency::Entries, Cancel::new(&count)).unwrap();
        let all = asked.get();
        assert!(all > 200, "{all}");
        for most in (0..all).step_by(17) {
            asked.set(0);
            let some = || asked.replace(asked.get() + 1) < most;
            let error = quantize(&raster, &settings, Transparency::Entries, Cancel::new(&some)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Stopped);
        }
    }
}
